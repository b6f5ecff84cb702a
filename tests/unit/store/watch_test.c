/* SPDX-License-Identifier: Apache-2.0 */
/* References that are pulled again and again, and where images are seen. */
#include "world.h"

#include <string.h>

#include "core/str.h"
#include "store/watches.h"

static struct scope
team(struct world *w)
{
	return (struct scope){ .team_id = w->team_id };
}

static int64_t
add(struct world *w, const char *name, const char *ref)
{
	const struct watch_new row = {
		.name = name, .ref = ref, .put_json = "{\"lists\":[\"web\"]}"
	};
	int64_t id = 0;

	assert_ok(
	    store_watch_add(w->st, team(w), &row, 1, "anna", w->now_at, &id, &w_err));
	return id;
}

static enum err_code
take(struct world *w, struct watch_row *ret)
{
	int64_t next_at = 0;

	return store_watch_take(w->st, w->now_at, w->a, ret, &next_at, &w_err);
}

static void
result(struct world *w, int64_t id, enum watch_state state, const char *digest,
    const char *error)
{
	assert_ok(store_watch_result(w->st,
	    &(struct watch_result){ .watch_id = id,
		.state = state,
		.digest = digest,
		.error = error,
		.pulled = digest != NULL,
		.now_at = w->now_at,
		.next_at = w->now_at + 3600 },
	    &w_err));
}

static struct watch_row
watch(struct world *w, const char *name)
{
	struct watch_row row;

	assert_ok(store_watch(w->st, team(w), name, w->a, &row, &w_err));
	return row;
}

static void
a_watch_is_due_at_once_and_taken_by_one(void **state)
{
	struct world *w = *state;
	struct watch_row row;
	int64_t next_at = 0;

	(void)add(w, "web", "docker.io/library/nginx:1.27");
	assert_ok(take(w, &row));
	assert_string_equal(row.ref, "docker.io/library/nginx:1.27");
	assert_string_equal(row.put_json, "{\"lists\":[\"web\"]}");
	assert_int_equal(take(w, &row), ERR_NOTFOUND);
	result(w, row.id, WATCH_OK, "sha256:1", NULL);
	assert_int_equal(
	    store_watch_take(w->st, w->now_at, w->a, &row, &next_at, &w_err),
	    ERR_NOTFOUND);
	assert_true(next_at == w->now_at + 3600);
	assert_int_equal(watch(w, "web").state, WATCH_OK);
	assert_string_equal(watch(w, "web").digest, "sha256:1");
	assert_true(watch(w, "web").pulled_at == w->now_at);
	/* one that was only looked at keeps its digest */
	w->now_at += 3600;
	assert_ok(take(w, &row));
	result(w, row.id, WATCH_OK, NULL, NULL);
	assert_string_equal(watch(w, "web").digest, "sha256:1");
	assert_true(watch(w, "web").pulled_at == w->now_at - 3600);
}

static void
failures_are_counted_until_it_works_again(void **state)
{
	struct world *w = *state;
	struct watch_row row;

	(void)add(w, "web", "x");
	for (int i = 1; i <= 3; i++) {
		assert_ok(take(w, &row));
		result(w, row.id, WATCH_FAILED, NULL, "no connection");
		assert_int_equal(watch(w, "web").failures, i);
		w->now_at += 3600;
	}
	assert_string_equal(watch(w, "web").last_error, "no connection");
	assert_ok(take(w, &row));
	result(w, row.id, WATCH_OK, "sha256:1", NULL);
	assert_int_equal(watch(w, "web").failures, 0);
	assert_null(watch(w, "web").last_error);
}

static void
another_reference_is_a_new_wish(void **state)
{
	struct world *w = *state;
	struct watch_row row;

	(void)add(w, "web", "nginx:1");
	assert_ok(take(w, &row));
	/* while it is being pulled: what comes of that is not wanted any more */
	(void)add(w, "web", "nginx:2");
	result(w, row.id, WATCH_OK, "sha256:old", NULL);
	assert_null(watch(w, "web").digest);
	assert_int_equal(watch(w, "web").state, WATCH_WAITING);
	assert_ok(take(w, &row));
	assert_string_equal(row.ref, "nginx:2");
	result(w, row.id, WATCH_OK, "sha256:new", NULL);
	/* the same wish again is looked at again, and keeps what is known */
	(void)add(w, "web", "nginx:2");
	assert_string_equal(watch(w, "web").digest, "sha256:new");
	assert_ok(take(w, &row));
}

static void
a_lease_ends_by_time_or_with_its_process(void **state)
{
	struct world *w = *state;
	struct watch_row row;

	(void)add(w, "web", "x");
	assert_ok(take(w, &row));
	w->now_at += WATCH_LEASE_S - 1;
	assert_int_equal(take(w, &row), ERR_NOTFOUND);
	w->now_at += 1;
	assert_ok(take(w, &row));
	assert_ok(store_watches_release(w->st, &w_err));
	assert_ok(take(w, &row));
}

static void
an_import_tells_how_far_it_is(void **state)
{
	static const struct watch_new rows[] = {
		{ .name = "a", .ref = "a", .put_json = "{}" },
		{ .name = "b", .ref = "b", .put_json = "{}" },
		{ .name = "c", .ref = "c", .put_json = "{}" },
	};
	const struct scope other = { .team_id = w_int(*state, "SELECT 99") };
	struct world *w = *state;
	struct watch_row row, *items = NULL;
	struct import_row import;
	int64_t id = 0;
	size_t n = 0;

	assert_ok(
	    store_watch_add(w->st, team(w), rows, 3, "anna", w->now_at, &id, &w_err));
	assert_ok(take(w, &row));
	result(w, row.id, WATCH_OK, "sha256:1", NULL);
	assert_ok(take(w, &row));
	result(w, row.id, WATCH_GONE, NULL, "no such image");
	assert_ok(store_import(w->st, team(w), id, &import, &w_err));
	assert_int_equal(import.n, 3);
	assert_int_equal(import.ok, 1);
	assert_int_equal(import.gone, 1);
	assert_int_equal(import.waiting, 1);
	assert_ok(
	    store_import_items(w->st, team(w), id, 0, 2, w->a, &items, &n, &w_err));
	assert_int_equal(n, 2);
	assert_string_equal(items[1].last_error, "no such image");
	assert_ok(store_import_items(
	    w->st, team(w), id, items[1].id, 2, w->a, &items, &n, &w_err));
	assert_int_equal(n, 1);
	/* another team's is none of anybody's business */
	assert_int_equal(store_import(w->st, other, id, &import, &w_err), ERR_NOTFOUND);
	assert_int_equal(
	    store_watch(w->st, other, "a", w->a, &row, &w_err), ERR_NOTFOUND);
	assert_int_equal(
	    store_watch_delete(w->st, other, "a", "eve", w->now_at, &w_err),
	    ERR_NOTFOUND);
}

/* ---- places ---- */

#define SEEN(...) ((const struct sighting_new[]){ __VA_ARGS__, { .name = NULL } })

static struct sync_counts
sync(struct world *w, const char *place, bool dry_run, const struct sighting_new *s)
{
	struct sync_counts counts;
	size_t n = 0;

	while (s[n].name != NULL)
		n++;
	assert_ok(store_place_sync(w->st, team(w), place, 1000, s, n, dry_run, "cron",
	    w->now_at, &counts, &w_err));
	return counts;
}

static void
a_listing_adds_keeps_and_ends(void **state)
{
	struct world *w = *state;
	struct sync_counts c;
	struct place_row *places = NULL;
	size_t n = 0;

	c = sync(w, "prod", true, SEEN({ "web", NULL, "shop", "Deployment/web" }));
	assert_int_equal(c.added, 1);
	assert_int_equal(w_int(w, "SELECT count(*) FROM place"), 0);

	c = sync(w, "prod", false,
	    SEEN({ "web", "sha256:1", "shop", "Deployment/web" },
		{ "web", NULL, "ops", "" }, { "db", NULL, "shop", "" }));
	assert_int_equal(c.seen, 2);
	assert_int_equal(c.added, 2);
	w->now_at += 100;
	c = sync(
	    w, "prod", false, SEEN({ "web", "sha256:2", "shop", "Deployment/web" }));
	assert_int_equal(c.seen, 1);
	assert_int_equal(c.added, 0);
	assert_int_equal(c.gone, 2);
	assert_ok(store_image_places(
	    w->st, team(w), w->team_id, "web", w->a, &places, &n, &w_err));
	assert_int_equal(n, 2);
	assert_string_equal(places[0].digest, "sha256:2");
	assert_string_equal(places[0].workload, "Deployment/web");
	assert_true(places[0].first_seen_at == w->now_at - 100);
	assert_string_equal(places[1].namespace, "ops");
	assert_true(places[1].gone_at == w->now_at);
	c = sync(w, "prod", false, SEEN({ "db", NULL, "shop", "" }));
	assert_int_equal(c.back, 1);
	assert_int_equal(c.gone, 1);
}

static void
an_image_gone_from_everywhere_is_retired_after_its_grace(void **state)
{
	struct world *w = *state;
	const char *name = NULL;
	int64_t team_id = 0;

	(void)sync(w, "prod", false, SEEN({ "web", NULL, "", "" }));
	(void)sync(w, "test", false, SEEN({ "web", NULL, "", "" }));
	(void)sync(w, "prod", false, SEEN({ NULL, NULL, NULL, NULL }));
	w->now_at += 2000;
	/* it is still seen in the other place */
	assert_int_equal(
	    store_retire_next(w->st, w->now_at, w->a, &team_id, &name, &w_err),
	    ERR_NOTFOUND);
	(void)sync(w, "test", false, SEEN({ NULL, NULL, NULL, NULL }));
	w->now_at += 999;
	assert_int_equal(
	    store_retire_next(w->st, w->now_at, w->a, &team_id, &name, &w_err),
	    ERR_NOTFOUND);
	w->now_at += 1;
	assert_ok(store_retire_next(w->st, w->now_at, w->a, &team_id, &name, &w_err));
	assert_string_equal(name, "web");
	assert_int_equal(team_id, w->team_id);
	/* not yet done: it comes again */
	assert_ok(store_retire_next(w->st, w->now_at, w->a, &team_id, &name, &w_err));
	assert_ok(store_retired(w->st, team_id, name, &w_err));
	assert_int_equal(
	    store_retire_next(w->st, w->now_at, w->a, &team_id, &name, &w_err),
	    ERR_NOTFOUND);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

/* How a look at the watch NAME ends, an hour after the last. */
static void
look(struct world *w, enum watch_state state, const char *digest, const char *error)
{
	struct watch_row row;

	w->now_at += 3600;
	assert_ok(take(w, &row));
	result(w, row.id, state, digest, error);
}

static void
what_its_registry_lost_is_told_once_until_it_is_back(void **state)
{
	struct world *w = *state;

	(void)w_put(w, "web", "sha256:1", PKGS(PKG(DEBIAN, "zlib", "1")), NULL);
	(void)add(w, "web", "r.test/web:1");
	look(w, WATCH_OK, "sha256:1", NULL);
	look(w, WATCH_GONE, NULL, "no such image");
	/* a registry that cannot answer says nothing, and what it said before is old */
	look(w, WATCH_FAILED, NULL, "status 401");
	look(w, WATCH_GONE, NULL, "no such image");
	assert_int_equal(w_events(w, EVENT_IMAGE_UNREACHABLE, true), 0);
	look(w, WATCH_GONE, NULL, "no such image");
	look(w, WATCH_GONE, NULL, "no such image");
	assert_int_equal(w_events(w, EVENT_IMAGE_UNREACHABLE, true), 1);
	assert_string_equal(
	    w_text(w, "SELECT detail FROM event ORDER BY seq DESC LIMIT 1"),
	    "{\"ref\":\"r.test/web:1\",\"error\":\"no such image\"}");
	/* another build under the name does not bring the reference back */
	(void)w_put(w, "web", "sha256:2", PKGS(PKG(DEBIAN, "zlib", "2")), NULL);
	look(w, WATCH_FAILED, NULL, "status 503");
	assert_int_equal(w_events(w, EVENT_IMAGE_REACHABLE, true), 0);
	look(w, WATCH_OK, "sha256:1", NULL);
	look(w, WATCH_OK, NULL, NULL);
	assert_int_equal(w_events(w, EVENT_IMAGE_REACHABLE, true), 1);
	look(w, WATCH_GONE, NULL, "no such image");
	look(w, WATCH_GONE, NULL, "no such image");
	assert_int_equal(w_events(w, EVENT_IMAGE_UNREACHABLE, true), 2);
	w_check_log(w);
}

static void
what_was_never_registered_is_not_missed(void **state)
{
	struct world *w = *state;

	(void)add(w, "typo", "r.test/tyop:1");
	for (int i = 0; i < 3; i++)
		look(w, WATCH_GONE, NULL, "no such image");
	assert_int_equal(w_events(w, EVENT_IMAGE_UNREACHABLE, true), 0);
}

static void
an_image_nobody_watches_any_more_is_not_out_of_reach(void **state)
{
	struct world *w = *state;

	(void)w_put(w, "web", "sha256:1", PKGS(PKG(DEBIAN, "zlib", "1")), NULL);
	(void)add(w, "web", "r.test/web:1");
	look(w, WATCH_GONE, NULL, "no such image");
	look(w, WATCH_GONE, NULL, "no such image");
	assert_int_equal(w_int(w, "SELECT state FROM image"), IMAGE_UNREACHABLE);
	assert_ok(store_watch_delete(w->st, team(w), "web", "anna", w->now_at, &w_err));
	assert_int_equal(w_int(w, "SELECT state FROM image"), IMAGE_LIVE);
	assert_int_equal(w_events(w, EVENT_IMAGE_REACHABLE, true), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_watch_is_due_at_once_and_taken_by_one),
		TEST(failures_are_counted_until_it_works_again),
		TEST(another_reference_is_a_new_wish),
		TEST(a_lease_ends_by_time_or_with_its_process),
		TEST(an_import_tells_how_far_it_is),
		TEST(a_listing_adds_keeps_and_ends),
		TEST(an_image_gone_from_everywhere_is_retired_after_its_grace),
		TEST(what_its_registry_lost_is_told_once_until_it_is_back),
		TEST(what_was_never_registered_is_not_missed),
		TEST(an_image_nobody_watches_any_more_is_not_out_of_reach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
