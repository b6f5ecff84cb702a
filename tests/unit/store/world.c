/* SPDX-License-Identifier: Apache-2.0 */
/* world - see world.h. */
#include "world.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/str.h"
#include "core/words.h"

#define NOW       1700000000
#define MAX_TURNS 10000

struct err w_err;

void
w_assert_ok_(enum err_code rc, const struct err *e, const char *file, int line)
{
	if (rc != ERR_OK) {
		print_error("%s: %s\n", err_code_name(rc), e->text);
		_fail(file, line);
	}
}

/* ---- versions ---- */

static void
encode(const char *text, struct arena *a, bool *ret_parsable, struct key *ret)
{
	unsigned char *bytes = arena_alloc(a, strlen(text) + 16);
	uint64_t number = 0;

	if ((*ret_parsable = str_u64(text, &number))) {
		bytes[0] = 1;
		for (int i = 0; i < 8; i++)
			bytes[1 + i] = (unsigned char)(number >> (56 - 8 * i));
		*ret = (struct key){ bytes, 9 };
		return;
	}
	memset(bytes, 0xff, 4);
	memcpy(bytes + 4, text, strlen(text));
	*ret = (struct key){ bytes, 4 + strlen(text) };
}

static void
key_version(
    const char *scheme, const char *version, struct arena *a, struct version_key *ret)
{
	(void)scheme;
	encode(version, a, &ret->parsable, &ret->key);
	ret->exact = true;
}

/* The least key above K. */
static struct key
above(struct key k, struct arena *a)
{
	unsigned char *bytes = arena_alloc(a, k.len + 1);

	memcpy(bytes, k.bytes, k.len);
	bytes[k.len] = 0;
	return (struct key){ bytes, k.len + 1 };
}

static void
key_ranges(const char *scheme, const struct affected *aff, struct arena *a,
    struct range **ret, size_t *ret_n, size_t *ret_bad)
{
	static const unsigned char open_end[] = { 0xff, 0xff, 0xff };
	struct range *r = arena_array(a, aff->n_versions + 1, sizeof(*r));
	bool parsable = true;

	(void)scheme;
	*ret = r;
	*ret_n = *ret_bad = 0;
	for (size_t i = 0; i < aff->n_versions; i++) {
		encode(aff->versions[i], a, &parsable, &r[i].lo);
		r[i].hi = above(r[i].lo, a);
		r[i].exact = true;
		r[i].bound = BOUND_EQUAL;
		r[i].lo_text = r[i].hi_text = aff->versions[i];
		++*ret_n;
	}
	if (aff->n_versions > 0)
		return;
	*r = (struct range){ .hi = { open_end, 3 }, .exact = true };
	r->lo_text = aff->introduced;
	if (aff->introduced != NULL && !str_eq(aff->introduced, "0"))
		encode(aff->introduced, a, &parsable, &r->lo);
	if (aff->fixed != NULL && parsable) {
		encode(aff->fixed, a, &parsable, &r->hi);
		r->bound = BOUND_FIXED;
		r->hi_text = aff->fixed;
	} else if (aff->last_affected != NULL && parsable) {
		encode(aff->last_affected, a, &parsable, &r->hi);
		r->hi = above(r->hi, a);
		r->bound = BOUND_LAST_AFFECTED;
		r->hi_text = aff->last_affected;
	}
	*ret_n = parsable;
	*ret_bad = !parsable;
}

static unsigned
key_format(const char *scheme)
{
	(void)scheme;
	return 1;
}

const struct keyer world_keyer = { key_format, key_version, key_ranges };

/* ---- decisions ---- */

static int
compare_keys(struct key a, struct key b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = n == 0 ? 0 : memcmp(a.bytes, b.bytes, n);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static bool
is_about(const struct statement *st, const struct subject *s)
{
	if (st->archs[0] != '\0' && strstr(st->archs, s->arch) == NULL)
		return false;
	return st->package_id ==
	       (st->kind == KIND_SOURCE ? s->origin_package_id : s->package_id);
}

static bool
holds(const struct statement *st, const struct subject *s)
{
	bool of_source = st->kind == KIND_SOURCE;
	struct key k = of_source ? s->origin_key : s->key;

	if (!(of_source ? s->origin_parsable : s->parsable) &&
	    st->range.bound != BOUND_EQUAL)
		return false;
	return compare_keys(k, st->range.lo) >= 0 && compare_keys(k, st->range.hi) < 0;
}

static void
rate(const struct unit *u, struct decision *d)
{
	d->severity = d->by->severity;
	d->severity_by =
	    d->severity != SEVERITY_UNKNOWN ? SPEAKER_STATEMENT : SPEAKER_NONE;
	for (size_t i = 0; i < u->n_ratings && d->severity_by == SPEAKER_NONE; i++) {
		if (u->ratings[i].severity == SEVERITY_UNKNOWN)
			continue;
		d->severity = u->ratings[i].severity;
		d->severity_by = u->ratings[i].speaker;
	}
}

/* A denial beats everything; then the first statement that holds. */
void
w_decide(const struct unit *u, const struct subject *s, struct decision *ret)
{
	const struct statement *hit = NULL, *denial = NULL, *beside = NULL;

	for (size_t i = 0; i < u->n_statements; i++) {
		const struct statement *st = &u->statements[i];

		if (!is_about(st, s))
			continue;
		if (st->status == STATUS_NOT_AFFECTED)
			denial = st;
		else if (!holds(st, s))
			beside = st;
		else if (hit == NULL)
			hit = st;
	}
	*ret = (struct decision){
		.component_id = s->component_id,
		.vulnerability_id = u->vulnerability_id,
		.reason = REASON_NO_STATEMENT,
	};
	if (denial != NULL) {
		ret->by = denial;
		ret->reason = REASON_VENDOR_NOT_AFFECTED;
	} else if (hit != NULL) {
		ret->by = hit;
		ret->is_match = true;
		ret->reason = REASON_AFFECTED;
		ret->state = hit->status;
		rate(u, ret);
	} else if (beside != NULL) {
		ret->by = beside;
		ret->reason = REASON_VERSION_HAS_FIX;
	}
}

static struct decision *
decide_all(struct world *w, const struct unit *units, size_t n)
{
	struct decision *all;
	size_t total = 0, at = 0;

	for (size_t i = 0; i < n; i++)
		total += units[i].n_subjects;
	all = arena_array(w->a, total, sizeof(*all));
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < units[i].n_subjects; j++)
			w_decide(&units[i], &units[i].subjects[j], &all[at++]);
	return all;
}

/* ---- the world ---- */

static void
open_store(struct world *w)
{
	const struct store_options o = { .keyer = &world_keyer, .no_mmap = true };

	assert_ok(store_open(&w->st, w_url(w), &o, &w_err));
}

const char *
w_url(struct world *w)
{
	return w->dir[0] == '\0' ? "sqlite::memory:"
				 : arena_printf(w->a, "%s/t.db", w->dir);
}

static int
setup(void **state, bool in_file)
{
	struct world *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return -1;
	w->a = arena_new();
	w->now_at = NOW;
	w->slice_ms = 40;
	w->slice_units = 50;
	w->limits = (struct run_limits){ .shrink_percent = 20, .shrink_least = 50 };
	if (in_file) {
		(void)snprintf(w->dir, sizeof(w->dir), "/tmp/tocsin-store-XXXXXX");
		if (mkdtemp(w->dir) == NULL)
			return -1;
	}
	open_store(w);
	assert_ok(store_team_create(w->st, "red", "test", NOW, &w->team_id, &w_err));
	*state = w;
	return 0;
}

int
world_setup(void **state)
{
	return setup(state, false);
}

int
world_setup_file(void **state)
{
	return setup(state, true);
}

int
world_teardown(void **state)
{
	static const char *const files[] = { "t.db", "t.db-wal", "t.db-shm",
		"t.db-journal", "t.db.lock" };
	struct world *w = *state;

	store_close(w->st);
	for (size_t i = 0; w->dir[0] != '\0' && i < ROWS(files); i++)
		(void)unlink(arena_printf(w->a, "%s/%s", w->dir, files[i]));
	if (w->dir[0] != '\0')
		(void)rmdir(w->dir);
	arena_free(w->a);
	free(w);
	return 0;
}

void
w_reopen(struct world *w)
{
	store_close(w->st);
	w->st = NULL;
	open_store(w);
}

int64_t
w_feed(struct world *w, const char *name, const char *source)
{
	struct feed_row row;

	*ARENA_PUSH(w->a, &w->feeds) = (struct feed_row){
		.name = name,
		.source = source,
		.driver = "fake",
		.url = "https://feeds.example.org/x",
		.ecosystems = "*",
		.driver_revision = 1,
		.source_rank = str_eq(source, "nvd") || str_eq(source, "kev") ? 2 : 0,
		.enriches = str_eq(source, "nvd") || str_eq(source, "kev"),
		.enabled = true,
		.interval_ms = 3600000,
	};
	assert_ok(store_feeds_put(w->st, w->feeds.at, w->feeds.n, &w_err));
	assert_ok(store_feed(w->st, name, w->a, &row, &w_err));
	return row.id;
}

/* ---- what the next run reads ---- */

struct record *
w_record(
    struct world *w, const char *source, const char *package, const char *vulnerability)
{
	struct record *r = arena_zalloc(w->a, sizeof(*r));

	r->key = arena_printf(w->a, "%s/%s", package, vulnerability);
	r->source = source;
	r->id = vulnerability;
	r->vulnerabilities = arena_memdup(w->a, &vulnerability, sizeof(vulnerability));
	r->n_vulnerabilities = 1;
	*ARENA_PUSH(w->a, &w->records) = r;
	return r;
}

struct affected *
w_affects(struct world *w, struct record *r, const char *ecosystem, const char *package,
    const char *fixed)
{
	struct affected *all = arena_array(w->a, r->n_affected + 1, sizeof(*all)), *aff;

	if (r->n_affected > 0)
		memcpy(all, r->affected, r->n_affected * sizeof(*all));
	r->affected = all;
	aff = &all[r->n_affected++];
	*aff = (struct affected){
		.ecosystem = ecosystem,
		.stream = "",
		.package = package,
		.kind = KIND_SOURCE,
		.module = "",
		.fixed = fixed,
		.status = fixed != NULL ? STATUS_FIXED : STATUS_AFFECTED,
	};
	return aff;
}

struct record *
w_says(
    struct world *w, const char *package, const char *vulnerability, const char *fixed)
{
	struct record *r = w_record(w, "debian", package, vulnerability);

	(void)w_affects(w, r, DEBIAN, package, fixed);
	return r;
}

void
w_alias(struct world *w, struct record *r, const char *alias)
{
	const char **all = arena_array(w->a, r->n_aliases + 1, sizeof(*all));

	if (r->n_aliases > 0)
		memcpy(all, r->aliases, r->n_aliases * sizeof(*all));
	all[r->n_aliases++] = alias;
	r->aliases = all;
}

void
w_score(struct world *w, struct record *r, enum speaker speaker, int tenths)
{
	r->cvss = arena_zalloc(w->a, sizeof(*r->cvss));
	r->n_cvss = 1;
	*r->cvss = (struct cvss){ .scorer = "scorer",
		.vector = "CVSS:3.1/AV:N",
		.score_tenths = tenths,
		.speaker = speaker };
}

/* ---- a run ---- */

struct ran
w_read_as(struct world *w, const char *feed, unsigned revision, bool complete)
{
	const struct feed_memory m = { .etag = "\"e\"" };
	struct feed_row row;
	struct run *run = NULL;
	struct ran ran = { 0 };

	w->now_at += 60;
	assert_ok(store_feed(w->st, feed, w->a, &row, &w_err));
	assert_ok(store_run_open(w->st, row.id, revision, w->now_at, &run, &w_err));
	for (size_t i = 0; i < w->records.n; i++) {
		bool changed;

		assert_ok(store_run_record(run, w->records.at[i], &changed, &w_err));
		ran.n_changed += changed;
	}
	memset(&w->records, 0, sizeof(w->records));
	assert_ok(store_run_finish(run, complete, 1000, &m, &w->limits, w->now_at,
	    &ran.run_id, &ran.state, &w_err));
	return ran;
}

struct ran
w_read(struct world *w, const char *feed)
{
	return w_read_as(w, feed, 1, true);
}

enum err_code
w_slice(struct world *w, bool *ret_idle, struct err *e)
{
	struct unit *units = NULL;
	bool applied = false, tidy = false;
	size_t n = 0, closed = 0;
	enum err_code rc;

	*ret_idle = false;
	rc = store_apply(w->st, w->now_at, w->slice_ms, &applied, e);
	if (rc != ERR_OK || !applied)
		return rc;
	if ((rc = store_due_units(w->st, w->slice_units, w->a, &units, &n, e)) !=
	    ERR_OK)
		return rc;
	if (n > 0)
		return store_decide(
		    w->st, units, n, decide_all(w, units, n), w->now_at, e);
	rc = store_runs_close(w->st, w->now_at, &closed, e);
	if (rc == ERR_OK && closed == 0) {
		rc = store_tidy(w->st, w->now_at, w->slice_ms, &tidy, e);
		*ret_idle = rc == ERR_OK && tidy;
	}
	return rc;
}

void
w_work(struct world *w)
{
	bool idle = false;

	for (int i = 0; i < MAX_TURNS && !idle; i++)
		assert_ok(w_slice(w, &idle, &w_err));
	assert_true(idle);
}

enum run_state
w_run(struct world *w, const char *feed)
{
	struct ran ran = w_read(w, feed);
	struct run_row row;

	w_work(w);
	assert_ok(store_run(w->st, ran.run_id, w->a, &row, &w_err));
	return row.state;
}

void
w_unchanged(struct world *w, const char *feed)
{
	const struct feed_memory m = { .etag = "\"e\"" };
	struct feed_row row;

	w->now_at += 60;
	assert_ok(store_feed(w->st, feed, w->a, &row, &w_err));
	assert_ok(store_run_unchanged(w->st, NULL, row.id, &m, w->now_at, &w_err));
}

void
w_fail(struct world *w, const char *feed)
{
	struct feed_row row;

	w->now_at += 60;
	assert_ok(store_feed(w->st, feed, w->a, &row, &w_err));
	assert_ok(store_run_fail(w->st, NULL, row.id, "HTTP 503", w->now_at, &w_err));
}

/* ---- images ---- */

struct inventory *
w_inventory(struct world *w, const struct pkg *packages)
{
	struct inventory *inv = arena_zalloc(w->a, sizeof(*inv));

	inv->reader = "fake";
	inv->os = (struct os){ .id = "debian",
		.version = "12",
		.ecosystem = DEBIAN,
		.state = COVERAGE_COMPLETE };
	for (size_t i = 0; packages[i].name != NULL; i++)
		inv->n++;
	inv->components = arena_array(w->a, inv->n, sizeof(*inv->components));
	for (size_t i = 0; i < inv->n; i++)
		inv->components[i] = (struct component){
			.type = "deb",
			.ecosystem = packages[i].ecosystem,
			.name = packages[i].name,
			.version = packages[i].version,
			.arch = str_or_empty(packages[i].arch),
			.source_package = packages[i].source != NULL
					      ? packages[i].source
					      : packages[i].name,
			.module = "",
			.streams = "",
			.flags = packages[i].flags,
		};
	inventory_normalize(inv);
	return inv;
}

enum err_code
w_try_put(struct world *w, int64_t team_id, const struct image_put *put,
    const struct pkg *packages, enum put_result *ret, struct change_counts *ret_changes,
    struct err *e)
{
	const struct scope scope = { .team_id = team_id };
	struct inventory *inv = w_inventory(w, packages);
	struct resolved *resolved = NULL;
	struct unit *units = NULL;
	size_t n = 0;
	int64_t image_id;
	enum err_code rc;

	rc = store_resolve(w->st, inv, w->a, &resolved, &units, &n, e);
	if (rc != ERR_OK)
		return rc;
	return store_image_put(w->st, scope, put, inv, resolved, units, n,
	    decide_all(w, units, n), &image_id, ret, ret_changes, e);
}

enum put_result
w_put(struct world *w, const char *name, const char *digest, const struct pkg *packages,
    struct change_counts *ret)
{
	const struct image_put put = { .name = name,
		.ref = name,
		.digest = digest,
		.actor = "test",
		.now_at = w->now_at };
	enum put_result result = PUT_UNCHANGED;
	struct change_counts changes = { 0, 0 };

	w->now_at += 60;
	assert_ok(w_try_put(w, w->team_id, &put, packages, &result, &changes, &w_err));
	if (ret != NULL)
		*ret = changes;
	return result;
}

/* ---- looking ---- */

static const char *
ask(struct world *w, const char *sql, int64_t *ret)
{
	sqlite3_stmt *stmt = NULL;
	const char *text = NULL;

	if (sqlite3_prepare_v2(w->st->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(w->st->db));
	if (sqlite3_step(stmt) == SQLITE_ROW &&
	    sqlite3_column_type(stmt, 0) != SQLITE_NULL) {
		*ret = sqlite3_column_int64(stmt, 0);
		text = arena_strdup(w->a, (const char *)sqlite3_column_text(stmt, 0));
	}
	(void)sqlite3_finalize(stmt);
	return text;
}

int64_t
w_int(struct world *w, const char *sql)
{
	int64_t n = -1;

	(void)ask(w, sql, &n);
	return n;
}

const char *
w_text(struct world *w, const char *sql)
{
	int64_t n;

	return ask(w, sql, &n);
}

int64_t
w_events(struct world *w, enum event_kind kind, bool quiet)
{
	return w_int(w,
	    arena_printf(w->a,
		"SELECT count(*) FROM event WHERE kind = %d AND (flags & 4 = 0 OR %d)",
		(int)kind, quiet));
}

const char *
w_matches(struct world *w)
{
	const char *text = w_text(w,
	    "SELECT group_concat(line, ' ') FROM (SELECT p.name || '-' || c.version || "
	    "':'"
	    " || v.name || ':' || m.state || ':' || m.severity AS line FROM match m"
	    " JOIN component c ON c.id = m.component_id"
	    " JOIN package p ON p.id = c.package_id"
	    " JOIN vulnerability v ON v.id = m.vulnerability_id ORDER BY line)");

	return text != NULL ? text : "";
}

void
w_check_log(struct world *w)
{
	int64_t n = w_int(w,
	    "SELECT count(*) FROM (SELECT seq FROM event UNION SELECT seq FROM audit)");

	assert_int_equal(
	    n, w_int(w, "SELECT next - 1 FROM counter WHERE name = 'event'"));
	assert_int_equal(
	    n, w_int(w, "SELECT max(seq) FROM (SELECT seq FROM event UNION ALL"
			" SELECT seq FROM audit)"));
}
