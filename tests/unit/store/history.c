/* SPDX-License-Identifier: Apache-2.0 */
/* Histories written row by row, as apply and decide would have left them. */
#include "unit/store/history.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/digest.h"
#include "core/mem.h"

#define START_AT 1700000000

static void run(struct history *h, const char *fmt, ...)
    __attribute__((__format__(__printf__, 2, 3)));

static void
run(struct history *h, const char *fmt, ...)
{
	struct err e = ERR_INIT;
	va_list ap;
	char *sql;

	va_start(ap, fmt);
	sql = arena_vprintf(h->a, fmt, ap);
	va_end(ap);
	if (h->st->engine->script(h->st, sql, &e) != ERR_OK)
		fail_msg("%s: %s", sql, e.text);
}

static int64_t
next(struct history *h, const char *line, int64_t n)
{
	struct err e = ERR_INIT;
	int64_t first = 0;
	enum err_code rc = tx_begin(h->st, &e);

	if (rc == ERR_OK)
		rc = tx_end(h->st, seq_take(h->st, line, n, &first, &e), &e);
	if (rc != ERR_OK)
		fail_msg("number of %s: %s", line, e.text);
	return first;
}

int
history_setup(void **state)
{
	const struct store_options o = { .keyer = NULL };
	struct history *h = mem_zalloc(sizeof(*h));
	struct err e = ERR_INIT;

	h->a = arena_new();
	h->now_at = START_AT;
	if (store_open(&h->st, "sqlite::memory:", &o, &e) != ERR_OK) {
		print_error("%s\n", e.text);
		return -1;
	}
	*state = h;
	h->team_id = h_team(h, "red");
	h->list_id = h_list(h, h->team_id, "web");
	return 0;
}

int
history_teardown(void **state)
{
	struct history *h = *state;

	store_close(h->st);
	arena_free(h->a);
	free(h);
	return 0;
}

int64_t
h_seq(struct history *h)
{
	struct err e = ERR_INIT;
	int64_t seq = 0;

	if (store_now_seq(h->st, &seq, &e) != ERR_OK)
		fail_msg("%s", e.text);
	return seq;
}

/* ---- what there is ---- */

int64_t
h_team(struct history *h, const char *name)
{
	int64_t id = next(h, "team", 1) + 100;

	run(h, "INSERT INTO team(id, name) VALUES (%lld, '%s')", (long long)id, name);
	return id;
}

int64_t
h_list(struct history *h, int64_t team_id, const char *name)
{
	int64_t id = next(h, "list", 1);

	run(h,
	    "INSERT INTO list(id, team_id, name, created_at)"
	    " VALUES (%lld, %lld, '%s', %lld)",
	    (long long)id, (long long)team_id, name, (long long)h->now_at);
	return id;
}

int64_t
h_component(
    struct history *h, const char *ecosystem, const char *name, const char *version)
{
	int64_t id = next(h, "component", 1), package_id = next(h, "package", 1);
	int64_t ecosystem_id = next(h, "ecosystem", 1);

	run(h,
	    "INSERT INTO ecosystem(id, name, scheme, key_format) VALUES (%lld, '%s', "
	    "'test', 0)"
	    " ON CONFLICT DO NOTHING;"
	    "INSERT INTO package(id, ecosystem_id, name) SELECT %lld, id, '%s'"
	    " FROM ecosystem WHERE name = '%s' ON CONFLICT DO NOTHING;"
	    "INSERT INTO trait(id, arch, module, vendor, streams, flags)"
	    " VALUES (1, '', '', 0, '', 0) ON CONFLICT DO NOTHING;"
	    "INSERT INTO component(id, package_id, version, version_key, exact, "
	    "parsable,"
	    " trait_id) SELECT %lld, p.id, '%s', CAST('%s' AS BLOB), 1, 1, 1"
	    " FROM package p JOIN ecosystem c ON c.id = p.ecosystem_id"
	    " WHERE c.name = '%s' AND p.name = '%s'",
	    (long long)ecosystem_id, ecosystem, (long long)package_id, name, ecosystem,
	    (long long)id, version, version, ecosystem, name);
	return id;
}

int64_t
h_vulnerability(struct history *h, const char *name)
{
	int64_t id = next(h, "vulnerability", 1);

	run(h,
	    "INSERT INTO vulnerability(id, name, kind, severity)"
	    " VALUES (%lld, '%s', %d, 0)",
	    (long long)id, name, strncmp(name, "TEMP-", 5) == 0);
	return id;
}

int64_t
h_feed(struct history *h, const char *source, bool enriches)
{
	int64_t id = next(h, "feed", 1);

	run(h,
	    "INSERT INTO source(id, name, rank) VALUES (%lld, '%s', %d)"
	    " ON CONFLICT DO NOTHING;"
	    "INSERT INTO feed(id, source_id, name, driver, driver_revision, url,"
	    " interval_ms, enabled, enriches, ecosystems) SELECT %lld, id, '%s-%lld',"
	    " 'none', 1, '', 1000, 1, %d, '' FROM source WHERE name = '%s'",
	    (long long)id, source, enriches ? 2 : 0, (long long)id, source,
	    (long long)id, enriches, source);
	return id;
}

int64_t
h_record(struct history *h, int64_t feed_id, int64_t vulnerability_id,
    const char *title, const char *fixed_version)
{
	int64_t id = next(h, "record", 1);
	CLEANUP_BUF struct buf body = BUF_INIT(65536);
	CLEANUP_BUF struct buf json = BUF_INIT(65536);
	char *hex;

	buf_printf(&json,
	    "{\"source\":\"s\",\"id\":\"A-%lld\",\"record\":\"k%lld\","
	    "\"vulnerabilities\":[\"CVE-2024-1\"],\"title\":\"%s\",\"affected\":[]}",
	    (long long)id, (long long)id, title);
	body_deflate(json.data, json.len, &body);
	hex = arena_alloc(h->a, 2 * body.len + 1);
	hex_encode(body.data, body.len, hex);
	run(h,
	    "INSERT INTO advisory(id, source_id, name) SELECT %lld, source_id, 'A-%lld'"
	    " FROM feed WHERE id = %lld;"
	    "INSERT INTO record(id, feed_id, record_key, advisory_id, match_hash,"
	    " content_hash, revision, learned_at, has_denials, severity, body)"
	    " VALUES (%lld, %lld, 'k%lld', %lld, x'00', x'00', 1, 0, 0, 0, x'%s');"
	    "INSERT INTO record_vulnerability VALUES (%lld, %lld);"
	    "INSERT INTO affected(id, record_id, package_id, kind, condition_id, lo, "
	    "hi,"
	    " exact, bound, fixed_version, status, severity, vendor_word)"
	    " VALUES (%lld, %lld, 1, 0, 1, x'', x'ffffff', 1, 0, '%s', 2, 0, 'word')",
	    (long long)id, (long long)id, (long long)feed_id, (long long)id,
	    (long long)feed_id, (long long)id, (long long)id, hex, (long long)id,
	    (long long)vulnerability_id, (long long)id, (long long)id, fixed_version);
	return id;
}

/* ---- images ---- */

static int
by_id(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The set blob of COMPONENTS, appended to SET; how many they are. */
static size_t
encode_sorted(struct history *h, const int64_t *components, struct buf *set)
{
	int64_t *ids;
	size_t n = 0;

	while (components[n] != 0)
		n++;
	ids = arena_memdup(h->a, components, n * sizeof(*ids));
	if (n > 0)
		qsort(ids, n, sizeof(*ids), by_id);
	set_encode(ids, n, set);
	return n;
}

/* The same in hexadecimal. */
static const char *
set_hex(struct history *h, const int64_t *components, size_t *ret_n)
{
	CLEANUP_BUF struct buf set = BUF_INIT(1 << 20);
	char *hex;

	*ret_n = encode_sorted(h, components, &set);
	hex = arena_alloc(h->a, 2 * set.len + 1);
	hex_encode(set.data, set.len, hex);
	return hex;
}

/* The id of the inventory with these components; 0 = of no components. */
static int64_t
inventory_of(struct history *h, const int64_t *components)
{
	size_t n;
	const char *hex = set_hex(h, components, &n);
	int64_t id;

	for (size_t i = 0; i < h->inventories.n; i++)
		if (strcmp(h->inventories.at[i], hex) == 0)
			return (int64_t)i + 1;
	*ARENA_PUSH(h->a, &h->inventories) = hex;
	id = next(h, "inventory", 1);
	run(h,
	    "INSERT INTO inventory(id, hash, state, n_components)"
	    " VALUES (%lld, CAST('%s' AS BLOB), 1, %zu);"
	    "INSERT INTO inventory_set VALUES (%lld, x'%s')",
	    (long long)id, hex, n, (long long)id, hex);
	for (size_t i = 0; i < n; i++)
		run(h, "INSERT INTO posting_tail VALUES (%lld, %lld)",
		    (long long)components[i], (long long)id);
	return id;
}

static void
count_fleet(struct history *h)
{
	run(h,
	    "UPDATE team SET fleet_version = fleet_version + 1;"
	    "DELETE FROM team_inventory;"
	    "INSERT INTO team_inventory SELECT team_id, inventory_id, count(*)"
	    " FROM image WHERE state <> 1 AND inventory_id IS NOT NULL GROUP BY 1, 2");
}

int64_t
h_event(struct history *h, struct event_new ev)
{
	struct err e = ERR_INIT;
	int64_t seq = 0;
	enum err_code rc = tx_begin(h->st, &e);

	ev.at = h->now_at++;
	if (rc == ERR_OK) {
		rc = seq_take(h->st, "event", 1, &seq, &e);
		if (rc == ERR_OK)
			rc = event_add(h->st, &ev, seq, &e);
		rc = tx_end(h->st, rc, &e);
	}
	if (rc != ERR_OK)
		fail_msg("event: %s", e.text);
	return seq;
}

static int64_t
image_event(struct history *h, enum event_kind kind, int64_t image_id)
{
	struct event_new ev = EVENT_NEW((int)kind, 0);

	ev.team_id = h->team_id;
	ev.image_id = image_id;
	return h_event(h, ev);
}

void
h_list_add(struct history *h, int64_t list_id, int64_t image_id)
{
	/* As an audit row does, it takes a number of its own. */
	run(h, "INSERT INTO list_image VALUES (%lld, %lld, %lld, %lld, 1)",
	    (long long)list_id, (long long)image_id, (long long)next(h, "event", 1),
	    (long long)SEQ_OPEN);
}

void
h_list_remove(struct history *h, int64_t list_id, int64_t image_id)
{
	run(h,
	    "UPDATE list_image SET to_seq = %lld WHERE list_id = %lld AND image_id = "
	    "%lld"
	    " AND to_seq = %lld",
	    (long long)next(h, "event", 1), (long long)list_id, (long long)image_id,
	    (long long)SEQ_OPEN);
}

int64_t
h_image(struct history *h, const char *name, const int64_t *components)
{
	int64_t id = next(h, "image", 1), inventory_id = inventory_of(h, components);
	int64_t seq = image_event(h, EVENT_IMAGE_REGISTERED, id);

	run(h,
	    "INSERT INTO image(id, team_id, name, ref, state, coverage, digest,"
	    " inventory_id, registered_seq, period_seq, registered_at, updated_at, "
	    "owner)"
	    " VALUES (%lld, %lld, '%s', 'ref/%s', 0, 0, 'sha256:%s', %lld, %lld, %lld,"
	    " %lld, %lld, '{\"name\":\"owner of %s\"}');"
	    "INSERT INTO list_image VALUES (%lld, %lld, %lld, %lld, 1)",
	    (long long)id, (long long)h->team_id, name, name, name,
	    (long long)inventory_id, (long long)seq, (long long)seq,
	    (long long)h->now_at, (long long)h->now_at, name, (long long)h->list_id,
	    (long long)id, (long long)seq, (long long)SEQ_OPEN);
	count_fleet(h);
	return id;
}

/* What the image row says goes into the past until SEQ. */
static void
close_period(struct history *h, int64_t image_id, int64_t seq)
{
	run(h,
	    "INSERT INTO image_past SELECT id, period_seq, %lld, inventory_id, ref, "
	    "digest"
	    " FROM image WHERE id = %lld",
	    (long long)seq, (long long)image_id);
}

void
h_move(
    struct history *h, int64_t image_id, const char *digest, const int64_t *components)
{
	int64_t inventory_id = inventory_of(h, components);
	int64_t seq = image_event(h, EVENT_IMAGE_MOVED, image_id);

	close_period(h, image_id, seq);
	run(h,
	    "UPDATE image SET inventory_id = %lld, digest = '%s', period_seq = %lld"
	    " WHERE id = %lld",
	    (long long)inventory_id, digest, (long long)seq, (long long)image_id);
	count_fleet(h);
}

void
h_delete(struct history *h, int64_t image_id)
{
	int64_t seq = image_event(h, EVENT_IMAGE_DELETED, image_id);

	close_period(h, image_id, seq);
	run(h,
	    "UPDATE image SET state = 1, inventory_id = NULL, period_seq = %lld"
	    " WHERE id = %lld;"
	    "UPDATE list_image SET to_seq = %lld WHERE image_id = %lld AND to_seq = "
	    "%lld",
	    (long long)seq, (long long)image_id, (long long)seq, (long long)image_id,
	    (long long)SEQ_OPEN);
	count_fleet(h);
}

void
h_register_again(struct history *h, int64_t image_id, const int64_t *components)
{
	int64_t inventory_id = inventory_of(h, components);
	int64_t seq = image_event(h, EVENT_IMAGE_REGISTERED, image_id);

	run(h,
	    "UPDATE image SET state = 0, inventory_id = %lld, period_seq = %lld,"
	    " registered_seq = %lld WHERE id = %lld;"
	    "INSERT INTO list_image VALUES (%lld, %lld, %lld, %lld, 1)",
	    (long long)inventory_id, (long long)seq, (long long)seq,
	    (long long)image_id, (long long)h->list_id, (long long)image_id,
	    (long long)seq, (long long)SEQ_OPEN);
	count_fleet(h);
}

/* ---- matches ---- */

static const char *
quoted(struct history *h, const char *text)
{
	return text == NULL ? "NULL" : arena_printf(h->a, "'%s'", text);
}

/* A finding.* event with these components; n is counted. */
static int64_t
finding_event(struct history *h, enum event_kind kind, int64_t vulnerability_id,
    const int64_t *components, const struct stand *s, int64_t run_id, bool quiet)
{
	CLEANUP_BUF struct buf set = BUF_INIT(1 << 20);
	struct event_new ev = EVENT_NEW((int)kind, 0);
	int64_t seq;

	ev.vulnerability_id = vulnerability_id;
	ev.run_id = run_id;
	ev.state = (int)s->state;
	ev.severity = (int)s->severity;
	ev.severity_before = 0;
	ev.flags = (s->state == STATUS_FIXED ? EVENT_FIXABLE : 0u) |
		   (quiet ? EVENT_QUIET : 0u);
	if (components != NULL) {
		ev.n = (int64_t)encode_sorted(h, components, &set);
		ev.components = set.data;
		ev.components_len = set.len;
	}
	seq = h_event(h, ev);
	return seq;
}

static void
add_matches(struct history *h, int64_t vulnerability_id, const int64_t *components,
    const struct stand *s, int64_t seq)
{
	for (size_t i = 0; components[i] != 0; i++)
		run(h,
		    "INSERT INTO match(component_id, vulnerability_id, affected_id,"
		    " record_id, revision, state, severity, severity_source,"
		    " fixed_version, since_seq, changed_seq)"
		    " VALUES (%lld, %lld, %lld, %lld, 1, %d, %d, %d, %s, %lld, %lld)",
		    (long long)components[i], (long long)vulnerability_id,
		    (long long)s->affected_id, (long long)s->affected_id, (int)s->state,
		    (int)s->severity, SPEAKER_STATEMENT, quoted(h, s->fixed_version),
		    (long long)seq, (long long)seq);
}

int64_t
h_open(struct history *h, int64_t vulnerability_id, const int64_t *components,
    struct stand s, int64_t run_id, bool quiet)
{
	int64_t seq = finding_event(
	    h, EVENT_FINDING_OPENED, vulnerability_id, components, &s, run_id, quiet);

	add_matches(h, vulnerability_id, components, &s, seq);
	return seq;
}

static void
end_periods(struct history *h, int64_t vulnerability_id, const int64_t *components,
    enum past_reason reason, int64_t seq)
{
	for (size_t i = 0; components[i] != 0; i++)
		run(h,
		    "INSERT INTO match_past(component_id, vulnerability_id, to_seq,"
		    " from_seq, state, severity, severity_source, fixed_version,"
		    " record_id, revision, reason) SELECT component_id,"
		    " vulnerability_id, %lld, changed_seq, state, severity,"
		    " severity_source, fixed_version, record_id, 1, %d FROM match"
		    " WHERE vulnerability_id = %lld AND component_id = %lld",
		    (long long)seq, (int)reason, (long long)vulnerability_id,
		    (long long)components[i]);
}

int64_t
h_change(struct history *h, enum event_kind kind, int64_t vulnerability_id,
    const int64_t *components, struct stand s)
{
	int64_t seq =
	    finding_event(h, kind, vulnerability_id, components, &s, 0, false);

	end_periods(h, vulnerability_id, components, PAST_CHANGED, seq);
	for (size_t i = 0; components[i] != 0; i++)
		run(h,
		    "UPDATE match SET state = %d, severity = %d, fixed_version = %s,"
		    " affected_id = %lld, record_id = affected_id, changed_seq = %lld"
		    " WHERE vulnerability_id = %lld AND component_id = %lld",
		    (int)s.state, (int)s.severity, quoted(h, s.fixed_version),
		    (long long)s.affected_id, (long long)seq,
		    (long long)vulnerability_id, (long long)components[i]);
	return seq;
}

int64_t
h_close(struct history *h, int64_t vulnerability_id, const int64_t *components,
    enum past_reason reason)
{
	const struct stand none = { .state = STATUS_AFFECTED };
	int64_t seq = finding_event(
	    h, EVENT_FINDING_RESOLVED, vulnerability_id, components, &none, 0, false);

	end_periods(h, vulnerability_id, components, reason, seq);
	for (size_t i = 0; components[i] != 0; i++)
		run(h,
		    "DELETE FROM match WHERE vulnerability_id = %lld AND component_id "
		    "= %lld",
		    (long long)vulnerability_id, (long long)components[i]);
	return seq;
}

int64_t
h_exploited(struct history *h, int64_t vulnerability_id)
{
	const struct stand none = { .state = STATUS_AFFECTED };

	run(h, "UPDATE vulnerability SET kev_at = %lld WHERE id = %lld",
	    (long long)h->now_at, (long long)vulnerability_id);
	return finding_event(
	    h, EVENT_FINDING_EXPLOITED, vulnerability_id, NULL, &none, 0, false);
}

int64_t
h_baseline(struct history *h, const char *ecosystem, int64_t vulnerability_id,
    const int64_t *components, struct stand s)
{
	struct event_new ev = EVENT_NEW(EVENT_FEED_BASELINE, 0);
	int64_t seq;

	seq = h_event(h, ev);
	run(h,
	    "UPDATE event SET ecosystem_id = (SELECT id FROM ecosystem WHERE name = "
	    "'%s')"
	    " WHERE seq = %lld",
	    ecosystem, (long long)seq);
	add_matches(h, vulnerability_id, components, &s, seq);
	return seq;
}

int64_t
h_announce(struct history *h, int64_t run_id)
{
	struct event_new ev = EVENT_NEW(EVENT_FEED_ANNOUNCED, 0);

	ev.run_id = run_id;
	return h_event(h, ev);
}

/* ---- asking ---- */

struct changes
h_changes_since(struct history *h, int64_t start_seq, int64_t from_seq, int64_t to_seq)
{
	struct err e = ERR_INIT;
	struct log_entry *entries = NULL;
	struct changes c = { 0 };
	int64_t *seqs;
	size_t n = 0;

	if (store_log(h->st, h->team_id, from_seq, to_seq, 1000, h->a, &entries, &n,
		&e) != ERR_OK)
		fail_msg("log: %s", e.text);
	seqs = arena_array(h->a, n, sizeof(*seqs));
	for (size_t i = 0; i < n; i++)
		seqs[i] = entries[i].seq;
	if (store_changes(h->st, h->team_id, h->list_id, start_seq, from_seq, to_seq,
		seqs, n, h->a, &c, &e) != ERR_OK)
		fail_msg("changes: %s", e.text);
	return c;
}

struct changes
h_changes(struct history *h, int64_t from_seq, int64_t to_seq)
{
	return h_changes_since(h, 0, from_seq, to_seq);
}

const struct change_row *
h_row(const struct changes *c, int64_t vulnerability_id, enum change_kind kind)
{
	for (size_t i = 0; i < c->n_rows; i++)
		if (c->rows[i].vulnerability_id == vulnerability_id &&
		    c->rows[i].kind == kind)
			return &c->rows[i];
	return NULL;
}

void
h_expect_row(const struct changes *c, int64_t vulnerability_id, enum change_kind kind,
    const char *images)
{
	const struct change_row *row = h_row(c, vulnerability_id, kind);
	CLEANUP_BUF struct buf got = BUF_INIT(65536);

	if (row == NULL)
		fail_msg("no row \"%s\" of vulnerability %lld", change_kind_name(kind),
		    (long long)vulnerability_id);
	for (size_t i = 0; i < row->n_listed; i++)
		buf_printf(&got, "%s%s", i > 0 ? " " : "", row->images[i].name);
	assert_string_equal(buf_str(&got), images);
}

const char *
h_text(struct history *h, const struct changes *c)
{
	CLEANUP_BUF struct buf b = BUF_INIT(1 << 20);

	for (size_t i = 0; i < c->n_rows; i++) {
		const struct change_row *r = &c->rows[i];

		buf_printf(&b,
		    "%s %s %s severity %d before %d by %s exploited %lld images %lld\n",
		    change_kind_name(r->kind), r->vulnerability, r->reason,
		    (int)r->severity, (int)r->severity_before,
		    r->severity_by != NULL ? r->severity_by : "-",
		    (long long)r->exploited, (long long)r->n_images);
		for (size_t k = 0; k < r->n_listed; k++)
			buf_printf(&b, "  image %s %s %s\n", r->images[k].name,
			    r->images[k].ref, r->images[k].digest);
		for (size_t k = 0; k < r->n_packages; k++)
			buf_printf(&b, "  package %s %s %s fix %d %s\n",
			    r->packages[k].ecosystem, r->packages[k].name,
			    r->packages[k].version, (int)r->packages[k].fix,
			    r->packages[k].fix_version != NULL
				? r->packages[k].fix_version
				: "-");
	}
	for (size_t i = 0; i < c->n_images; i++)
		buf_printf(&b, "%s %s +%lld -%lld was %s\n",
		    event_kind_name(c->images[i].kind), c->images[i].image.name,
		    (long long)c->images[i].gained, (long long)c->images[i].lost,
		    c->images[i].previous_digest != NULL ? c->images[i].previous_digest
							 : "-");
	buf_printf(&b,
	    "baseline %d images %lld ecosystems %zu total %lld exploited %zu\n",
	    c->has_baseline, (long long)c->n_baseline_images, c->n_baseline_ecosystems,
	    (long long)c->baseline_counts.total, c->n_baseline_exploited);
	return arena_strdup(h->a, buf_str(&b));
}
