/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin inventory, scan, vercmp: without a server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "core/arena.h"
#include "core/clock.h"
#include "core/component.h"
#include "core/limits.h"
#include "core/str.h"
#include "inventory/inventory.h"
#include "match/match.h"
#include "server/cli.h"
#include "server/cli_client.h"
#include "server/render.h"
#include "server/service.h"

#define MAX_OUTPUT (1u << 30)

static enum err_code
read_inventory(const char *path, const char *os, struct arena *a,
    struct inventory **ret, struct err *e)
{
	const struct inventory_hints hints = {
		.os = os,
		.now_at = clock_now_s(clock_system()),
		.keyer = &match_keyer,
	};

	return inventory_read_path(
	    str_eq(path, "-") ? "/dev/stdin" : path, &hints, a, ret, e);
}

static bool
output_ok(const char *output)
{
	if (output == NULL || str_eq(output, "json") || str_eq(output, "table"))
		return true;
	fprintf(stderr, "tocsin: -o can be json or table\n");
	return false;
}

static void
print_buf(struct buf *text)
{
	(void)fwrite(buf_str(text), 1, text->len, stdout);
	(void)fputc('\n', stdout);
	buf_done(text);
}

/* ---- inventory ---- */

static void
inventory_table(const struct inventory *inv)
{
	static const char *const heads[] = { "PACKAGE", "VERSION", "SOURCE",
		"SOURCE VERSION", "ECOSYSTEM" };
	struct table *t = table_new(heads, 5);

	for (size_t i = 0; i < inv->n; i++) {
		const struct component *c = &inv->components[i];
		const char *cells[] = { c->name, c->version, c->source_package,
			c->source_version, c->ecosystem };

		table_row(t, cells);
	}
	table_print(t);
	for (size_t i = 0; i < inv->n_warnings; i++)
		fprintf(stderr, "warning: %s\n", inv->warnings[i]);
	fprintf(stderr, "%zu packages, system %s (%s), read as %s\n", inv->n,
	    inv->os.ecosystem != NULL ? inv->os.ecosystem : "not known",
	    coverage_state_name(inv->os.state), inv->reader);
}

static int
inventory(int argc, char **argv)
{
	const char *os = NULL, *output = NULL;
	const struct option_def options[] = {
		{ "--os", OPTION_TEXT, &os },
		{ "-o", OPTION_TEXT, &output },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct buf text = BUF_INIT(MAX_OUTPUT);
	struct inventory *inv = NULL;
	struct render r = { 0 };
	struct err e = ERR_INIT;
	struct arena *a;

	if (!options_read(&argc, argv, options) || !output_ok(output))
		return CLI_USAGE;
	if (argc != 2)
		return cli_usage(&command_inventory);
	a = arena_new();
	if (read_inventory(argv[1], os, a, &inv, &e) != ERR_OK) {
		arena_free(a);
		return cli_fail(CLI_ERROR, &e);
	}
	if (str_eq(output, "json")) {
		jw_init(&r.w, &text);
		render_inventory(&r, inv);
		print_buf(&text);
	} else {
		inventory_table(inv);
	}
	arena_free(a);
	return CLI_OK;
}

const struct command command_inventory = {
	.name = "inventory",
	.usage = "FILE|DIR|- [--os debian:12] [-o json]",
	.summary = "what a document says is installed",
	.run = inventory,
};

/* ---- scan ---- */

struct scan {
	const char *db, *os, *output, *fail_on, *exit_code;
	enum severity limit;
	int found_status;
	struct arena *arena;
	struct finding_row *rows;
	size_t n;
	struct coverage coverage;
};

static void
scan_json(const struct scan *s)
{
	struct buf text = BUF_INIT(MAX_OUTPUT);
	struct render r = { .now_at = clock_now_s(clock_system()) };

	jw_init(&r.w, &text);
	jw_object(&r.w);
	jw_key(&r.w, "coverage");
	render_coverage(&r, &s->coverage);
	jw_key(&r.w, "findings");
	jw_array(&r.w);
	for (size_t i = 0; i < s->n; i++)
		render_finding(&r, &s->rows[i], false);
	jw_array_end(&r.w);
	jw_object_end(&r.w);
	print_buf(&text);
}

static void
scan_table(const struct scan *s)
{
	static const char *const heads[] = { "VULNERABILITY", "SEVERITY", "EXPLOITED",
		"PACKAGE", "INSTALLED", "FIX" };
	struct table *t = table_new(heads, 6);
	size_t shown = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct finding_row *f = &s->rows[i];
		const char *cells[] = { f->vulnerability, severity_name(f->severity),
			f->exploited != 0 ? "yes" : "", f->package, f->version,
			f->fix_version != NULL ? f->fix_version
					       : fix_state_name(f->fix) };

		if (f->severity == SEVERITY_NEGLIGIBLE)
			continue;
		table_row(t, cells);
		shown++;
	}
	table_print(t);
	fprintf(stderr, "%zu findings (%zu negligible not shown), coverage %s\n", shown,
	    s->n - shown, coverage_state_name(s->coverage.state));
}

/* 0 pass, 1 found, 2 could not judge; without --fail-on a scan only reports. */
static int
scan_status(const struct scan *s)
{
	if (s->fail_on == NULL)
		return CLI_OK;
	for (size_t i = 0; i < s->n; i++)
		if (s->rows[i].severity >= s->limit)
			return s->found_status;
	return s->coverage.state == COVERAGE_COMPLETE ? CLI_OK : CLI_ERROR;
}

static enum err_code
scan_run(struct scan *s, const char *path, struct err *e)
{
	const struct store_options options = { .keyer = &match_keyer,
		.read_only = true };
	struct config *config = NULL;
	struct worker w = { .clock = clock_system() };
	struct inventory *inv = NULL;
	enum err_code rc;

	if ((rc = config_load(&config, NULL, NULL, e)) != ERR_OK)
		return rc;
	rc = store_open(&w.store, s->db != NULL ? s->db : config->db, &options, e);
	if (rc == ERR_OK)
		rc = read_inventory(path, s->os, s->arena, &inv, e);
	if (rc == ERR_OK)
		rc = service_scan(&w, inv, s->arena, &s->rows, &s->n, &s->coverage, e);
	store_close(w.store);
	config_free(config);
	return rc;
}

static int
scan(int argc, char **argv)
{
	struct scan s = { .found_status = CLI_FOUND };
	const struct option_def options[] = {
		{ "--db", OPTION_TEXT, &s.db },
		{ "--os", OPTION_TEXT, &s.os },
		{ "--fail-on", OPTION_TEXT, &s.fail_on },
		{ "--exit-code", OPTION_TEXT, &s.exit_code },
		{ "-o", OPTION_TEXT, &s.output },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct err e = ERR_INIT;
	uint64_t status;
	int rc;

	if (!options_read(&argc, argv, options) || !output_ok(s.output))
		return CLI_USAGE;
	if (argc != 2)
		return cli_usage(&command_scan);
	if (s.fail_on != NULL && !severity_from_name(s.fail_on, &s.limit)) {
		fprintf(stderr, "tocsin: --fail-on takes negligible, low, medium, "
				"high, critical\n");
		return CLI_USAGE;
	}
	if (s.exit_code != NULL) {
		if (!str_u64(s.exit_code, &status) || status > 255) {
			fprintf(stderr, "tocsin: --exit-code takes 0 to 255\n");
			return CLI_USAGE;
		}
		s.found_status = (int)status;
	}
	s.arena = arena_new();
	if (scan_run(&s, argv[1], &e) != ERR_OK) {
		arena_free(s.arena);
		return cli_fail(CLI_ERROR, &e);
	}
	if (str_eq(s.output, "json"))
		scan_json(&s);
	else
		scan_table(&s);
	rc = scan_status(&s);
	arena_free(s.arena);
	return rc;
}

const struct command command_scan = {
	.name = "scan",
	.usage =
	    "FILE|DIR|- [--db STORE] [--os debian:12] [--fail-on high] [--exit-code N] "
	    "[-o json]",
	.summary = "findings of a document, from a store, nothing kept",
	.run = scan,
};

/* ---- vercmp ---- */

static void
compare(const char *scheme, const char *a, const char *b)
{
	int order;

	if (match_version_compare(scheme, a, b, &order))
		printf("%d\n", order);
	else
		printf("unparsable\n");
}

static int
compare_lines(const char *scheme)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, stdin)) > 0) {
		char *a = line + strspn(line, " \t"), *b;
		size_t len;

		line[strcspn(line, "\r\n")] = '\0';
		len = strcspn(a, " \t");
		b = a + len + strspn(a + len, " \t");
		a[len] = '\0';
		b[strcspn(b, " \t")] = '\0';
		if (*a == '\0' || *b == '\0')
			printf("unparsable\n");
		else
			compare(scheme, a, b);
	}
	free(line);
	return CLI_OK;
}

static int
vercmp(int argc, char **argv)
{
	bool list = false;
	const struct option_def options[] = {
		{ "--list", OPTION_FLAG, &list },
		{ NULL, OPTION_FLAG, NULL },
	};

	if (!options_read(&argc, argv, options))
		return CLI_USAGE;
	for (size_t i = 0; list && match_scheme_at(i) != NULL; i++)
		printf("%-10s %s\n", match_scheme_at(i)->name,
		    match_scheme_at(i)->summary);
	if (list)
		return CLI_OK;
	if (argc != 2 && argc != 4)
		return cli_usage(&command_vercmp);
	if (match_scheme(argv[1]) == NULL) {
		fprintf(
		    stderr, "tocsin: no scheme \"%s\"; --list prints them\n", argv[1]);
		return CLI_USAGE;
	}
	if (argc == 2)
		return compare_lines(argv[1]);
	compare(argv[1], argv[2], argv[3]);
	return CLI_OK;
}

const struct command command_vercmp = {
	.name = "vercmp",
	.usage = "SCHEME A B\nSCHEME   (reads lines \"A B\")\n--list",
	.summary = "which version is older: prints -1, 0 or 1",
	.run = vercmp,
};
