/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin feeds: what is fetched, and parsing a saved document by hand. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/limits.h"
#include "core/net.h"
#include "core/record.h"
#include "core/str.h"
#include "fetchers/fetchers.h"
#include "fetchers/hosts.h"
#include "match/match.h"
#include "server/cli.h"
#include "server/cli_client.h"
#include "server/holder.h"
#include "server/progress.h"
#include "server/service.h"
#include "store/rekey.h"

/* ---- feeds list (server) ---- */

static bool
print_item(void *arg, const struct json *item)
{
	(void)arg;
	client_print(item);
	return true;
}

static bool
feed_row(void *arg, const struct json *item)
{
	char records[32];
	const char *cells[6] = { cell_text(item, "name"), cell_text(item, "state"),
		records, cell_text(item, "newest_record"),
		cell_text(item, "last_success"), cell_text(item, "last_error") };

	(void)snprintf(
	    records, sizeof(records), "%.0f", json_num(json_get(item, "records")));
	table_row(arg, cells);
	return true;
}

static enum err_code
feeds_list(struct client *c, struct err *e)
{
	static const char *const heads[] = { "NAME", "STATE", "RECORDS",
		"NEWEST RECORD", "LAST SUCCESS", "LAST ERROR" };
	struct table *t;
	enum err_code rc;

	if (c->json)
		return client_pages(c, "/v1/feeds", print_item, NULL, e);
	t = table_new(heads, 6);
	rc = client_pages(c, "/v1/feeds", feed_row, t, e);
	table_print(t);
	return rc;
}

/* ---- feeds show NAME ---- */

static void
show_facts(const struct json *feed)
{
	static const struct {
		const char *label, *key;
	} rows[] = {
		{ "name", "name" },
		{ "driver", "driver" },
		{ "address", "url" },
		{ "terms", "remark" },
		{ "state", "state" },
		{ "newest record", "newest_record" },
		{ "last news", "last_news" },
		{ "stale since", "stale_since" },
		{ "last success", "last_success" },
		{ "next", "next" },
		{ "last error", "last_error" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		printf("%-14s %s\n", rows[i].label, cell_text(feed, rows[i].key));
}

static const char *
cell_number(struct client *c, const struct json *item, const char *key)
{
	return arena_printf(c->arena, "%.0f", json_num(json_get(item, key)));
}

static void
show_spoken(struct client *c, const struct json *spoken)
{
	static const char *const heads[] = { "ECOSYSTEM", "RECORDS", "NEWEST RECORD" };
	struct table *t = table_new(heads, 3);

	for (size_t i = 0; i < json_count(spoken); i++) {
		const struct json *s = json_at(spoken, i);
		const char *cells[3] = { cell_text(s, "ecosystem"),
			cell_number(c, s, "records"), cell_text(s, "newest_record") };

		table_row(t, cells);
	}
	printf("\n");
	table_print(t);
}

static void
show_runs(struct client *c, const struct json *runs)
{
	static const char *const heads[] = { "RUN", "STARTED", "STATE", "CAUSE",
		"RECORDS", "ADDED", "CHANGED", "WITHDRAWN", "SKIPPED", "KIB", "SECONDS",
		"ERROR" };
	struct table *t = table_new(heads, 12);

	for (size_t i = 0; i < json_count(runs); i++) {
		const struct json *r = json_at(runs, i);
		const char *cells[12] = { cell_text(r, "id"), cell_text(r, "started"),
			cell_text(r, "state"), cell_text(r, "cause"),
			cell_number(c, r, "records"), cell_number(c, r, "added"),
			cell_number(c, r, "changed"), cell_number(c, r, "withdrawn"),
			cell_number(c, r, "skipped"),
			arena_printf(
			    c->arena, "%.0f", json_num(json_get(r, "bytes")) / 1024),
			cell_number(c, r, "duration_s"), cell_text(r, "error") };

		table_row(t, cells);
	}
	printf("\n");
	table_print(t);
}

static enum err_code
feeds_show(struct client *c, const char *name, struct err *e)
{
	struct json *j = NULL;
	enum err_code rc = client_call(
	    c, "GET", client_path(c, "/v1/feeds", name), NULL, NULL, 0, &j, e);

	if (rc == ERR_OK && c->json) {
		client_print(j);
	} else if (rc == ERR_OK) {
		show_facts(json_get(j, "feed"));
		show_spoken(c, json_get(j, "speaks_of"));
		show_runs(c, json_get(j, "runs"));
	}
	json_free(j);
	return rc;
}

static enum err_code
feeds_post(struct client *c, const char *feed, const char *verb, const char *body,
    struct err *e)
{
	struct json *j = NULL;
	enum err_code rc = client_call(c, "POST",
	    arena_printf(c->arena, "%s/%s", client_path(c, "/v1/feeds", feed), verb),
	    NULL, body, strlen(body), &j, e);

	if (rc == ERR_OK && c->json)
		client_print(j);
	json_free(j);
	return rc;
}

/* ---- feeds run NAME --config FILE (store) ---- */

static bool
show_progress(
    void *arg, const char *what, uint64_t bytes, uint64_t total, uint64_t records)
{
	progress_tell(arg, what, bytes, total, records);
	return true;
}

static enum err_code
run_and_match(
    struct worker *w, const char *name, struct feed_outcome *ret, struct err *e)
{
	enum err_code rc;

	if ((rc = service_feeds_sync(w, e)) != ERR_OK)
		return rc;
	if ((rc = service_feed_run(w, name, ret, e)) != ERR_OK)
		return rc;
	if (ret->state == RUN_HELD)
		return err_set(e, ERR_CONFLICT,
		    "feed %s: the run lost too many records and is held", name);
	return service_match_all(w, e);
}

static void
report_run(const char *name, const struct feed_outcome *o)
{
	if (o->unchanged)
		fprintf(stderr, "feed %s: unchanged\n", name);
	else
		fprintf(stderr,
		    "feed %s: %llu records, %llu skipped, %llu KiB, %lld ms\n", name,
		    (unsigned long long)o->records, (unsigned long long)o->skipped,
		    (unsigned long long)(o->bytes >> 10), (long long)o->duration_ms);
}

/* A folder of its own beside the store, whose place is there and large enough. */
static enum err_code
make_spool(const struct config *c, char *out, size_t size, struct err *e)
{
	const char *path = str_starts(c->db, "sqlite:") ? c->db + 7 : c->db;
	int n = path[0] == ':' ? snprintf(out, size, "/tmp/tocsin-spool-XXXXXX")
			       : snprintf(out, size, "%s.spool-XXXXXX", path);

	if (n < 0 || (size_t)n >= size)
		return err_set(e, ERR_LIMIT, "the store's path is too long");
	if (mkdtemp(out) == NULL)
		return err_set(e, ERR_STORAGE, "%s: %s", out, strerror(errno));
	return ERR_OK;
}

/* Only who has the store for itself may; beside a server there is nothing to do. */
static enum err_code
rekey_alone(struct store *st, struct err *e)
{
	struct rekey *r = NULL;
	enum err_code rc = store_rekey_open(st, clock_now_s(clock_system()), &r, e);

	if (rc != ERR_OK || r == NULL)
		return rc;
	store_rekey_close(r);
	if ((rc = store_claim(st, e)) != ERR_OK)
		return rc;
	fprintf(stderr, "tocsin: version keys are made anew\n");
	return service_rekey(st, clock_system(), NULL, NULL, e);
}

static enum err_code
run_with(const struct config *config, const char *name, struct feed_outcome *ret,
    struct err *e)
{
	const struct store_options options = { .keyer = &match_keyer,
		.will_rekey = true };
	struct progress progress = {
		.clock = clock_system(),
		.is_terminal = isatty(STDERR_FILENO) == 1,
	};
	char spool[600], holder[HOLDER_SIZE];
	struct worker w = {
		.clock = clock_system(),
		.config = config,
		.holder = holder,
		.progress = show_progress,
		.arg = &progress,
	};
	enum err_code rc;

	holder_write("tocsin feeds run", holder);
	if ((rc = store_open(&w.store, config->db, &options, e)) != ERR_OK)
		return rc;
	w.hosts = fetch_hosts_new((unsigned)config->per_host);
	if ((rc = rekey_alone(w.store, e)) == ERR_OK &&
	    (rc = holders_bury(w.store, e)) == ERR_OK &&
	    (rc = net_curl_new(&w.net, config->user_agent, e)) == ERR_OK &&
	    (rc = make_spool(config, spool, sizeof(spool), e)) == ERR_OK) {
		w.spool_dir = spool;
		rc = run_and_match(&w, name, ret, e);
		(void)rmdir(spool);
		progress_end(&progress);
	}
	net_free(w.net);
	fetch_hosts_free(w.hosts);
	store_close(w.store);
	return rc;
}

static enum err_code
feeds_run(const char *name, const char *config_path, const char *db, struct err *e)
{
	const char *overrides[2] = { NULL, NULL };
	struct feed_outcome outcome = { 0 };
	struct config *config = NULL;
	struct arena *a = arena_new();
	enum err_code rc;

	if (db != NULL)
		overrides[0] = arena_printf(a, "db=%s", db);
	if ((rc = config_load(&config, config_path, overrides, e)) == ERR_OK)
		rc = run_with(config, name, &outcome, e);
	if (rc == ERR_OK)
		report_run(name, &outcome);
	config_free(config);
	arena_free(a);
	return rc;
}

/* ---- feeds parse DRIVER FILE... ---- */

struct printer {
	struct record_sink sink; /* first: the driver hands this back */
	struct buf line;
	uint64_t records, skipped;
};

static enum err_code
print_record(struct record_sink *s, const struct record *r, struct err *e)
{
	struct printer *p = (struct printer *)s;

	buf_reset(&p->line);
	record_write(r, &p->line);
	if (p->line.full)
		return err_set(e, ERR_LIMIT, "record %s is too large", r->key);
	buf_addc(&p->line, '\n');
	if (fwrite(p->line.data, 1, p->line.len, stdout) != p->line.len)
		return err_set(e, ERR_STORAGE, "cannot write to standard output");
	p->records++;
	return ERR_OK;
}

static void
print_skipped(struct record_sink *s, const char *key, const char *why)
{
	((struct printer *)s)->skipped++;
	fprintf(stderr, "skipped %s: %s\n", key, why);
}

static int
feeds_parse(const char *driver_name, const struct parse_env *env, char **files, int n)
{
	const struct driver *d = driver_find(driver_name);
	struct printer p = { .sink = {
				 .record = print_record, .skipped = print_skipped } };
	int refused = 0;

	if (d == NULL) {
		fprintf(stderr, "tocsin: no driver \"%s\"; there are:", driver_name);
		for (size_t i = 0; drivers_all[i] != NULL; i++)
			fprintf(stderr, " %s", drivers_all[i]->name);
		fprintf(stderr, "\n");
		return CLI_USAGE;
	}
	p.line = BUF_INIT(MAX_RECORD_BYTES);
	for (int i = 0; i < n; i++) {
		struct err e = ERR_INIT;

		if (fetch_parse_file(d, env, files[i], &p.sink, &e) != ERR_OK) {
			fprintf(stderr, "refused: %s\n", e.text);
			refused++;
		}
	}
	buf_done(&p.line);
	fprintf(stderr, "%llu records, %llu skipped, %d of %d documents refused\n",
	    (unsigned long long)p.records, (unsigned long long)p.skipped, refused, n);
	return refused > 0 ? CLI_FOUND : CLI_OK;
}

static int
feeds(int argc, char **argv)
{
	const char *config_path = NULL, *db = NULL, *flood = NULL;
	struct parse_env env = { .source = NULL };
	struct client_options o = { 0 };
	const struct option_def options[] = {
		{ "--config", OPTION_TEXT, &config_path },
		{ "--db", OPTION_TEXT, &db },
		{ "--source", OPTION_TEXT, &env.source },
		{ "--ecosystem", OPTION_TEXT, &env.ecosystem },
		{ "--flood", OPTION_TEXT, &flood },
		{ "--url", OPTION_TEXT, &o.url },
		{ "-o", OPTION_TEXT, &o.output },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct client c;
	struct err e = ERR_INIT;
	enum err_code rc;

	if (!options_read(&argc, argv, options))
		return CLI_USAGE;
	if (argc >= 4 && str_eq(argv[1], "parse"))
		return feeds_parse(argv[2], &env, argv + 3, argc - 3);
	if (argc == 3 && str_eq(argv[1], "run") &&
	    (config_path != NULL || db != NULL)) {
		rc = feeds_run(argv[2], config_path, db, &e);
		return rc == ERR_OK ? CLI_OK : cli_fail(CLI_ERROR, &e);
	}
	rc = client_open(&c, &o, &e);
	if (rc == ERR_OK && argc == 2 && str_eq(argv[1], "list"))
		rc = feeds_list(&c, &e);
	else if (rc == ERR_OK && argc == 3 && str_eq(argv[1], "show"))
		rc = feeds_show(&c, argv[2], &e);
	else if (rc == ERR_OK && argc == 3 && str_eq(argv[1], "run"))
		rc = feeds_post(&c, argv[2], "run", "", &e);
	else if (rc == ERR_OK && argc == 3 && str_eq(argv[1], "accept"))
		rc = feeds_post(&c, argv[2], "accept",
		    flood == NULL ? ""
				  : arena_printf(c.arena, "{\"flood\":\"%s\"}",
					str_eq(flood, "announce") ? flood : "baseline"),
		    &e);
	else if (rc == ERR_OK) {
		client_close(&c);
		return cli_usage(&command_feeds);
	}
	client_close(&c);
	return rc == ERR_OK ? CLI_OK : cli_fail(CLI_ERROR, &e);
}

const struct command command_feeds = {
	.name = "feeds",
	.usage =
	    "list [-o json]\n"
	    "show NAME [-o json]           (its runs, and what it says of whom)\n"
	    "run NAME                      (ask the server)\n"
	    "run NAME --config FILE        (to the end, against the configured store)\n"
	    "accept NAME [--flood announce|baseline]\n"
	    "parse DRIVER FILE... [--source NAME] [--ecosystem NAME]\n"
	    "                              (one record a line; several may share "
	    "source "
	    "and id)",
	.summary = "where advisories come from",
	.run = feeds,
};
