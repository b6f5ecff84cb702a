/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the engine goes about every statement: a table that grows with the fleet, with the
 * feeds or with time is searched by an index, never read from end to end, unless the
 * statement is listed here with the reason.
 */
#include "world.h"

#include <sqlite3.h>
#include <string.h>

#include "core/buf.h"
#include "core/str.h"

static const struct {
	enum stmt stmt;
	const char *why;
} reads_all[] = {
	{ STMT_PING, "no table" },
	{ STMT_PACKAGE_CARRIED, "no table" },
	{ STMT_COMPONENT_PLACED, "no table" },
	{ STMT_EVENT_AT, "no table" },
	{ STMT_EVENT_FIRST_LAST, "no table" },
	/* as many as are configured or named by a person */
	{ STMT_FEED_NAMES, "feeds" },
	{ STMT_FEEDS, "feeds" },
	{ STMT_FEED_DUE, "feeds" },
	{ STMT_FEEDS_WATCHED, "feeds" },
	{ STMT_RUNS_LAST, "feeds" },
	{ STMT_FEED_LEASES_END, "feeds" },
	{ STMT_COVERAGE_FEEDS, "feeds" },
	{ STMT_REKEY_FEEDS, "feeds" },
	{ STMT_REKEY_ECOSYSTEMS, "ecosystems" },
	{ STMT_ECOSYSTEMS_USED, "ecosystems" },
	{ STMT_FLEET_VERSION, "teams" },
	{ STMT_TEAMS, "teams" },
	{ STMT_COVERAGE_KINDS, "teams and kinds of coverage" },
	{ STMT_RELEASES_DUE, "teams and kinds of coverage" },
	{ STMT_TOKENS, "tokens" },
	{ STMT_TOKEN_COUNT, "tokens" },
	{ STMT_CHANNELS_ALARMED, "channels in trouble, by their own index" },
	{ STMT_CHANNELS_PLAIN, "channels, once at the start" },
	{ STMT_SUBSCRIPTIONS_DUE, "subscriptions" },
	{ STMT_LIST_USED, "subscriptions" },
	/* queues: what is read is what is to be done */
	{ STMT_REKEY_PACKAGES, "a queue" },
	{ STMT_SUMMARIES_DUE, "a queue" },
	{ STMT_COMPONENTS_DUE, "a queue, in its order" },
	{ STMT_MESSAGES_RELEASE, "messages that are leased" },
	{ STMT_WATCHES_RELEASE, "watches that are leased" },
	{ STMT_CHANNEL_RETRY_NOW, "messages still to be sent" },
	{ STMT_CHANNEL_GIVE_UP, "messages still to be sent" },
	{ STMT_OUTBOX_FIGURES, "messages that are not accepted" },
	{ STMT_CHANGES_EXPLOITED, "what is known to be exploited, by its own index" },
	{ STMT_PURGE_EVENTS_UPTO, "the slice that it makes" },
	{ STMT_PURGE_MOMENTS_DOUBLE, "a row a day" },
	/* asked for everything */
	{ STMT_IMAGES_BY_ID_OF_ALL, "every image of every team" },
	{ STMT_IMAGE_REFS_OF_ALL, "every image of every team" },
	{ STMT_IMAGES_OF_ALL_AT, "every image of every team" },
	{ STMT_RUN_EPSS_KNOWN, "once in a run that reads a new table of scores" },
	{ STMT_REKEY_ROWS, "once in the life of a key format" },
	{ STMT_MATCHES_OF_SOURCE,
	    "once in a run that opens thousands, before the lock" },
};

static bool
may_read_all(enum stmt s)
{
	for (size_t i = 0; i < ROWS(reads_all); i++)
		if (reads_all[i].stmt == s)
			return true;
	return false;
}

/* The steps of the statement's plan, a line each. */
static char *
plan_of(struct world *w, enum stmt s)
{
	const char *sql = arena_printf(w->a, "EXPLAIN QUERY PLAN %s", statements[s]);
	struct buf steps = BUF_INIT(65536);
	sqlite3_stmt *plan = NULL;
	char *text;

	if (sqlite3_prepare_v2(w->st->db, sql, -1, &plan, NULL) != SQLITE_OK)
		fail_msg("%s: %s", statements[s], sqlite3_errmsg(w->st->db));
	while (sqlite3_step(plan) == SQLITE_ROW)
		buf_printf(&steps, "%s\n", (const char *)sqlite3_column_text(plan, 3));
	(void)sqlite3_finalize(plan);
	text = arena_strdup(w->a, buf_str(&steps));
	buf_done(&steps);
	return text;
}

/* A step that reads a table or an index from end to end, or NULL.  The teams that a scope
 * stands for do not count. */
static const char *
scan_of(struct world *w, enum stmt s)
{
	char *rest = NULL;

	for (char *step = strtok_r(plan_of(w, s), "\n", &rest); step != NULL;
	     step = strtok_r(NULL, "\n", &rest))
		if (strstr(step, "AUTOMATIC") != NULL ||
		    (str_starts(step, "SCAN ") && !str_starts(step, "SCAN team USING")))
			return step;
	return NULL;
}

static void
no_statement_reads_a_growing_table_from_end_to_end(void **state)
{
	struct world *w = *state;
	int wrong = 0;

	for (int i = 0; i < STMT_COUNT; i++) {
		const char *scan = scan_of(w, (enum stmt)i);

		if (scan == NULL || may_read_all((enum stmt)i))
			continue;
		print_error("%s\n  in: %s\n", scan, statements[i]);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

static void
what_is_listed_still_reads_all(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < ROWS(reads_all); i++)
		if (scan_of(w, reads_all[i].stmt) == NULL)
			fail_msg("not needed any more (%s): %s", reads_all[i].why,
			    statements[reads_all[i].stmt]);
}

/* The planner takes the first index that fits: which one is a matter of thousands. */
static void
a_plan_begins_at_the_narrow_end(void **state)
{
	static const struct {
		enum stmt stmt;
		const char *step;
	} rows[] = {
		/* a kernel has ten thousand statements, a vulnerability a few records */
		{ STMT_AFFECTED_ELSEWHERE,
		    "vulnerability_record (vulnerability_id=?)" },
		{ STMT_UNIT_SUBJECTS, "component_origin (origin_id=?)" },
		{ STMT_RECORDS_MISSING, "record_missing (feed_id=?)" },
		{ STMT_FEED_EXPLOITED, "record_exploited (feed_id=?)" },
		{ STMT_OUTBOX_DUE, "message_due" },
		{ STMT_OUTBOX_NEXT, "message_due" },
		{ STMT_IMAGES, "image_team (team_id=? AND rowid>?)" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < ROWS(rows); i++)
		if (strstr(plan_of(w, rows[i].stmt), rows[i].step) == NULL)
			fail_msg("no \"%s\" in the plan of %s:\n%s", rows[i].step,
			    statements[rows[i].stmt], plan_of(w, rows[i].stmt));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    no_statement_reads_a_growing_table_from_end_to_end, world_setup,
		    world_teardown),
		cmocka_unit_test_setup_teardown(
		    what_is_listed_still_reads_all, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
		    a_plan_begins_at_the_narrow_end, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
