/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A feed is read, applied and decided and an image registered, while at every kind of
 * moment the process is killed or the disk is full.  Whoever goes on from there must end
 * exactly where an undisturbed run ends, with every event told once.
 */
#include "world.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/buf.h"
#include "shim_vfs.h"

#define KILLS  40
#define FAULTS 60

static const struct pkg web[] = { PKG(DEBIAN, "openssl", "5"), PKG(DEBIAN, "zlib", "3"),
	PKG("debian:13", "openssl", "6"), { .name = NULL } };
static const struct pkg db[] = { PKG(DEBIAN, "openssl", "6"), PKG(DEBIAN, "bash", "1"),
	{ .name = NULL } };

/* ---- the story ---- */

/* What is there before anything goes wrong. */
static void
prepare(struct world *w)
{
	(void)w_feed(w, "debian", "debian");
	(void)w_feed(w, "kev", "kev");
	(void)w_put(w, "web", "sha256:1", web, NULL);
	for (int i = 1; i <= 20; i++)
		(void)w_says(w, "openssl", arena_printf(w->a, "CVE-2024-%d", i), "7");
	(void)w_run(w, "debian");
	(void)w_run(w, "kev");
}

static enum err_code
read_feed(struct world *w, const char *feed, struct err *e)
{
	const struct feed_memory m = { .etag = "\"2\"" };
	struct feed_row row;
	struct run *run = NULL;
	enum run_state judged;
	int64_t id;
	enum err_code rc;
	bool changed;

	if ((rc = store_feed(w->st, feed, w->a, &row, e)) != ERR_OK ||
	    (rc = store_run_open(w->st, row.id, 1, w->now_at, &run, e)) != ERR_OK)
		return rc;
	for (size_t i = 0; i < w->records.n && rc == ERR_OK; i++)
		rc = store_run_record(run, w->records.at[i], &changed, e);
	memset(&w->records, 0, sizeof(w->records));
	if (rc == ERR_OK)
		return store_run_finish(
		    run, true, 10, &m, &w->limits, w->now_at, &id, &judged, e);
	(void)store_run_fail(w->st, run, row.id, e->text, w->now_at, NULL);
	return rc;
}

static enum err_code
work(struct world *w, struct err *e)
{
	bool idle = false;
	enum err_code rc = ERR_OK;

	for (int i = 0; i < 2000 && !idle && rc == ERR_OK; i++)
		rc = w_slice(w, &idle, e);
	return rc;
}

/* Every tail into its posting, however short. */
static enum err_code
fold(struct world *w, struct err *e)
{
	int64_t *ids = NULL, after = 0;
	size_t n = 0;
	enum err_code rc = sets_tails(w->st, &after, 1000, 1, w->a, &ids, &n, e);

	if (rc == ERR_OK && (rc = tx_begin(w->st, e)) == ERR_OK)
		rc = tx_end(w->st, sets_fold(w->st, ids, n, e), e);
	return rc;
}

/* All that may be interrupted; told again from the start it goes on. */
static enum err_code
play(struct world *w, struct err *e)
{
	const struct image_put put = { .name = "db",
		.ref = "db",
		.digest = "sha256:2",
		.actor = "test",
		.now_at = w->now_at };
	struct change_counts c;
	enum put_result result;
	enum err_code rc;

	memset(&w->records, 0, sizeof(w->records));
	for (int i = 1; i <= 40; i++) {
		const char *name = arena_printf(w->a, "CVE-2024-%d", i);
		struct record *r = w_says(w, "openssl", name, i % 3 == 0 ? "9" : "7");

		if (i == 7)
			r->withdrawn = 1;
		if (i == 8)
			r->severity = SEVERITY_HIGH;
		if (i > 30)
			(void)w_affects(w, r, "debian:13", "openssl", "8");
	}
	if ((rc = read_feed(w, "debian", e)) != ERR_OK)
		return rc;
	w_record(w, "kev", "kev", "CVE-2024-3")->exploited = 1600000000;
	if ((rc = read_feed(w, "kev", e)) != ERR_OK || (rc = work(w, e)) != ERR_OK ||
	    (rc = fold(w, e)) != ERR_OK ||
	    (rc = w_try_put(w, w->team_id, &put, db, &result, &c, e)) != ERR_OK ||
	    (rc = work(w, e)) != ERR_OK)
		return rc;
	return fold(w, e);
}

/* Who has which component, read back through postings and tails. */
static const char *
holders(struct world *w)
{
	int64_t last = w_int(w, "SELECT max(id) FROM component");
	const char *text = "";

	for (int64_t id = 1; id <= last; id++) {
		int64_t *inventories = NULL;
		size_t n = 0;

		assert_ok(
		    sets_inventories_of(w->st, &id, 1, w->a, &inventories, &n, &w_err));
		for (size_t i = 0; i < n; i++)
			text = arena_printf(w->a, "%s%s:%lld ", text,
			    w_text(w, arena_printf(w->a,
					  "SELECT p.name || c.version FROM component c"
					  " JOIN package p ON p.id = c.package_id"
					  " WHERE c.id = %lld",
					  (long long)id)),
			    (long long)inventories[i]);
	}
	return text;
}

/* Everything that must be equal in the end, as one text. */
static const char *
ending(struct world *w)
{
	static const char *const questions[] = {
		"SELECT c.version || v.name || m.state || m.severity ||"
		" coalesce(m.fixed_version, '-') || (m.since_seq <= m.changed_seq)"
		" FROM match m JOIN component c ON c.id = m.component_id"
		" JOIN vulnerability v ON v.id = m.vulnerability_id",
		"SELECT c.version || v.name || x.state || x.reason FROM match_past x"
		" JOIN component c ON c.id = x.component_id"
		" JOIN vulnerability v ON v.id = x.vulnerability_id",
		/* a retry may fail the feed or leave another quiet marker */
		"SELECT e.kind || coalesce(v.name, '') || coalesce(p.name, '') || e.n "
		"||"
		" e.flags || coalesce(hex(e.components), '') FROM event e"
		" LEFT JOIN vulnerability v ON v.id = e.vulnerability_id"
		" LEFT JOIN package p ON p.id = e.package_id"
		" WHERE e.kind NOT IN (12, 13) AND NOT (e.kind = 10 AND e.flags & 4)",
		"SELECT record_key || revision || (withdrawn_seq IS NULL) FROM record",
		"SELECT name || kev_at FROM vulnerability WHERE kev_at IS NOT NULL",
		"SELECT name || digest || inventory_id FROM image",
		"SELECT inventory_id || n_images FROM team_inventory",
		"SELECT coverage || ':' || n_images FROM team_coverage",
		"SELECT inventory_id || ':' || n_unknown || ':' || n_high || ':' ||"
		" n_fixable || ':' || n_exploited FROM inventory_summary",
		"SELECT n_records FROM feed",
		"SELECT count(*) FROM dirty UNION ALL SELECT count(*) FROM run_stage"
		" UNION ALL SELECT count(*) FROM component_due"
		" UNION ALL SELECT count(*) FROM run_quiet",
		"SELECT ecosystem_id || ':' || n_records FROM feed_coverage",
	};
	const char *text = "";

	for (size_t i = 0; i < ROWS(questions); i++)
		text = arena_printf(w->a, "%s%s\n", text,
		    w_text(w, arena_printf(w->a,
				  "WITH t(x) AS (%s) SELECT"
				  " coalesce(group_concat(x, ' '), '')"
				  " FROM (SELECT x FROM t ORDER BY x)",
				  questions[i])));
	return arena_printf(w->a, "%s%s\n", text, holders(w));
}

/* ---- the stage it is played on ---- */

static void
copy_file(struct world *w, const char *from, const char *to)
{
	FILE *in = fopen(arena_printf(w->a, "%s/%s", w->dir, from), "rb");
	FILE *out = fopen(arena_printf(w->a, "%s/%s", w->dir, to), "wb");
	char bytes[4096];
	size_t n;

	assert_non_null(in);
	assert_non_null(out);
	while ((n = fread(bytes, 1, sizeof(bytes), in)) > 0)
		assert_int_equal(fwrite(bytes, 1, n, out), n);
	assert_int_equal(fclose(in), 0);
	assert_int_equal(fclose(out), 0);
}

/* The prepared store under its usual name, and open. */
static void
rewind_world(struct world *w)
{
	store_close(w->st);
	w->st = NULL;
	(void)unlink(arena_printf(w->a, "%s/t.db-wal", w->dir));
	(void)unlink(arena_printf(w->a, "%s/t.db-shm", w->dir));
	copy_file(w, "prepared.db", "t.db");
	w_reopen(w);
}

static int
accident_setup(void **state)
{
	struct world *w;

	shim_install();
	shim_set(ACCIDENT_NONE, 0);
	if (world_setup_file(state) != 0)
		return -1;
	w = *state;
	w->slice_ms = 0; /* a record a slice */
	w->slice_units = 7;
	prepare(w);
	assert_ok(
	    w->st->engine->script(w->st, "PRAGMA wal_checkpoint(TRUNCATE)", &w_err));
	copy_file(w, "t.db", "prepared.db");
	return 0;
}

static int
accident_teardown(void **state)
{
	struct world *w = *state;

	shim_set(ACCIDENT_NONE, 0);
	(void)unlink(arena_printf(w->a, "%s/prepared.db", w->dir));
	return world_teardown(state);
}

/* How an undisturbed run ends, and how many writes it takes. */
static const char *
undisturbed(struct world *w, long *ret_writes)
{
	rewind_world(w);
	shim_set(ACCIDENT_NONE, 0);
	assert_ok(play(w, &w_err));
	*ret_writes = shim_count();
	assert_ok(play(w, &w_err)); /* once more is no different */
	return ending(w);
}

/* In a child: play, and die at the Nth write. */
static void
play_and_die(struct world *w, long nth)
{
	int status = 0;
	pid_t pid;

	store_close(w->st);
	w->st = NULL;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct err e = ERR_INIT;

		w_reopen(w);
		shim_set(ACCIDENT_KILL, nth);
		_exit(play(w, &e) == ERR_OK ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	w_reopen(w);
}

static void
killed_anywhere_it_ends_where_it_would_have(void **state)
{
	struct world *w = *state;
	uint64_t seed = 20;
	long writes = 0;
	const char *want = undisturbed(w, &writes);

	for (int i = 0; i < KILLS; i++) {
		const char *got;
		long nth;

		seed = seed * UINT64_C(6364136223846793005) + 1;
		nth = 1 + (long)((seed >> 33) % (uint64_t)(writes - 1));
		rewind_world(w);
		play_and_die(w, nth);
		if (i % 4 == 0) /* and again, while it recovers */
			play_and_die(w, 1 + nth % 50);
		assert_ok(play(w, &w_err));
		got = ending(w);
		if (strcmp(got, want) != 0)
			fail_msg("killed at write %ld of %ld:\nwant %s\ngot  %s", nth,
			    writes, want, got);
		w_check_log(w);
	}
}

static void
disk_that_is_full_anywhere_is_survived(void **state)
{
	struct world *w = *state;
	long writes = 0;
	const char *want = undisturbed(w, &writes);

	for (int i = 0; i < FAULTS; i++) {
		long nth = i < 20 ? i + 1 : 1 + i * (writes - 1) / FAULTS;
		const char *got;
		enum err_code rc;

		rewind_world(w);
		shim_set(i % 2 == 0 ? ACCIDENT_FULL : ACCIDENT_IO, nth);
		rc = play(w, &w_err);
		if (rc != ERR_STORAGE)
			fail_msg("write %ld failed and the answer is %s", nth,
			    err_code_name(rc));
		shim_set(ACCIDENT_NONE, 0);
		assert_ok(play(w, &w_err)); /* the same handle goes on */
		got = ending(w);
		if (strcmp(got, want) != 0)
			fail_msg("write %ld of %ld failed:\nwant %s\ngot  %s", nth,
			    writes, want, got);
		w_check_log(w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    killed_anywhere_it_ends_where_it_would_have, accident_setup,
		    accident_teardown),
		cmocka_unit_test_setup_teardown(disk_that_is_full_anywhere_is_survived,
		    accident_setup, accident_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
