/* SPDX-License-Identifier: Apache-2.0 */
/* What was answered then is what is answered now about then. */
#include "world.h"

#include "core/buf.h"
#include "store/findings.h"

#define N_STEPS 120

static const char *const packages[] = { "curl", "openssl", "zlib" };
static const char *const names[] = { "api", "shop", "web" };

/* Small and the same everywhere. */
static unsigned
draw(unsigned *state, unsigned n)
{
	*state = *state * 1103515245u + 12345u;
	return (*state >> 16) % n;
}

static void
write_finding(struct buf *out, const struct finding_row *f)
{
	buf_printf(out,
	    "%s %s %s-%s state %d severity %d fix %d %s since %lld seen %lld\n",
	    f->image, f->vulnerability, f->package, f->version, (int)f->state,
	    (int)f->severity, (int)f->fix,
	    f->fix_version != NULL ? f->fix_version : "-", (long long)f->fix_since,
	    (long long)f->first_seen);
}

/* The whole answer as text. */
static const char *
answer_to(struct world *w, struct scope scope, struct finding_filter f)
{
	struct buf text = BUF_INIT(1 << 20);
	struct finding_row *rows = NULL;
	const char *copy;
	int64_t count = 0;
	size_t n = 0;

	f.limit = 1000;
	assert_ok(store_findings(w->st, scope, &f, w->a, &rows, &n, &count, &w_err));
	assert_int_equal(n, count);
	for (size_t i = 0; i < n; i++)
		write_finding(&text, &rows[i]);
	copy = arena_strdup(w->a, buf_str(&text));
	buf_done(&text);
	return copy;
}

static const char *
answer(struct world *w, struct finding_filter f)
{
	return answer_to(w, (struct scope){ .team_id = w->team_id }, f);
}

static void
feed_says_something(struct world *w, unsigned *dice)
{
	for (unsigned p = 0; p < 3; p++)
		for (unsigned v = 0; v < 3; v++) {
			unsigned fixed = draw(dice, 9);

			/* 0 = not a word, 1 = no fix yet */
			if (fixed > 0)
				(void)w_says(w, packages[p],
				    arena_printf(w->a, "CVE-2024-%u", p * 3 + v + 1),
				    fixed == 1 ? NULL
					       : arena_printf(w->a, "%u", fixed));
		}
	(void)w_run(w, "debian");
}

static void
image_is_built(struct world *w, unsigned *dice, unsigned image)
{
	struct pkg held[4] = { { .name = NULL } };
	size_t n = 0;

	for (unsigned p = 0; p < 3; p++)
		if (draw(dice, 4) > 0)
			held[n++] = (struct pkg)PKG(DEBIAN, packages[p],
			    arena_printf(w->a, "%u", 1 + draw(dice, 8)));
	if (n > 0)
		(void)w_put(w, names[image], NULL, held, NULL);
}

static int64_t
image_id(struct world *w, unsigned image)
{
	return w_int(w, arena_printf(w->a,
			    "SELECT coalesce((SELECT id FROM image WHERE state <> 1"
			    " AND name = '%s'), 0)",
			    names[image]));
}

static void
image_is_deleted(struct world *w, unsigned image)
{
	int64_t id = image_id(w, image);

	w->now_at += 60;
	if (id != 0)
		assert_ok(
		    store_image_delete(w->st, (struct scope){ .team_id = w->team_id },
			id, "test", w->now_at, &w_err));
}

static void
something_happens(struct world *w, unsigned *dice)
{
	unsigned what = draw(dice, 10), image = draw(dice, 3);

	if (what < 5)
		feed_says_something(w, dice);
	else if (what < 9)
		image_is_built(w, dice, image);
	else
		image_is_deleted(w, image);
}

static int64_t
list_of(struct world *w)
{
	const struct list_put put = { .name = "shops",
		.selector_json = "{\"refs\":[\"shop\"]}",
		.actor = "test",
		.now_at = w->now_at };
	bool created;
	int64_t id = 0;

	assert_ok(store_list_put(w->st, (struct scope){ .team_id = w->team_id }, &put,
	    &id, &created, &w_err));
	return id;
}

static void
asking_about_a_number_gives_what_was_answered_at_it(void **state)
{
	struct world *w = *state;
	const char *then[N_STEPS], *listed[N_STEPS];
	int64_t seqs[N_STEPS], list;
	unsigned dice = 7;

	(void)w_feed(w, "debian", "debian");
	list = list_of(w);
	for (int i = 0; i < N_STEPS; i++) {
		something_happens(w, &dice);
		assert_ok(store_now_seq(w->st, &seqs[i], &w_err));
		then[i] = answer(w, (struct finding_filter){ .image_id = 0 });
		listed[i] = answer(w, (struct finding_filter){ .list_id = list });
	}
	/* the test tells little unless there was much to tell */
	assert_true(w_int(w, "SELECT count(*) FROM match_past") > 100);
	assert_true(w_int(w, "SELECT count(*) FROM image_past") > 30);
	for (int i = 0; i < N_STEPS; i++) {
		const struct finding_filter all = { .as_of_seq = seqs[i] };
		const struct finding_filter of_list = { .as_of_seq = seqs[i],
			.list_id = list };

		assert_string_equal(answer(w, all), then[i]);
		assert_string_equal(
		    answer_to(w, (struct scope){ .all = true }, all), then[i]);
		assert_string_equal(answer(w, of_list), listed[i]);
	}
}

static void
an_image_that_was_not_there_yet_is_not_found(void **state)
{
	struct world *w = *state;
	struct finding_filter f = { .limit = 10 };
	struct finding_row *rows;
	struct err e = ERR_INIT;
	int64_t count;
	size_t n;

	(void)w_feed(w, "debian", "debian");
	(void)w_says(w, "zlib", "CVE-2024-1", NULL);
	(void)w_run(w, "debian");
	assert_ok(store_now_seq(w->st, &f.as_of_seq, &w_err));
	(void)w_put(w, "web", NULL, PKGS(PKG(DEBIAN, "zlib", "1")), NULL);
	f.image_id = image_id(w, 2);
	assert_int_equal(store_findings(w->st, (struct scope){ .team_id = w->team_id },
			     &f, w->a, &rows, &n, &count, &e),
	    ERR_NOTFOUND);
	assert_ok(store_now_seq(w->st, &f.as_of_seq, &w_err));
	/* and never to another team */
	assert_int_equal(
	    store_findings(w->st, (struct scope){ .team_id = w->team_id + 1 }, &f, w->a,
		&rows, &n, &count, &e),
	    ERR_NOTFOUND);
	assert_ok(store_findings(w->st, (struct scope){ .team_id = w->team_id }, &f,
	    w->a, &rows, &n, &count, &w_err));
	assert_int_equal(count, 1);
}

static void
what_retention_threw_away_may_not_be_asked(void **state)
{
	struct world *w = *state;
	const struct retention keep = { .events_s = 3600 };
	int64_t oldest = 0;
	bool done = false;

	(void)w_feed(w, "debian", "debian");
	for (int i = 0; i < 3; i++) {
		(void)w_says(w, "zlib", "CVE-2024-1", i == 1 ? "5" : NULL);
		(void)w_run(w, "debian");
		(void)w_put(w, "web", NULL,
		    PKGS(PKG(DEBIAN, "zlib", i == 1 ? "1" : "2")), NULL);
	}
	assert_ok(store_oldest_seq(w->st, &oldest, &w_err));
	assert_int_equal(oldest, 1);
	while (!done)
		assert_ok(store_purge(w->st, &keep, w->now_at + 86400, &done, &w_err));
	assert_ok(store_oldest_seq(w->st, &oldest, &w_err));
	assert_int_equal(oldest, w_int(w, "SELECT min(seq) FROM event"));
	assert_true(oldest > 1);
}

#define RULE(t) cmocka_unit_test_setup_teardown(t, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(asking_about_a_number_gives_what_was_answered_at_it),
		RULE(an_image_that_was_not_there_yet_is_not_found),
		RULE(what_retention_threw_away_may_not_be_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
