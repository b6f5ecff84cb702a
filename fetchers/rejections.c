/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rejections - what Alpine's packagers found not to apply to their packages, one document
 * per repository, for all releases:
 *
 *   # any remark
 *   openssh:
 *     - CVE-2007-2768
 *     - CVE-2023-48795 # a remark
 *   perl: [CVE-2023-47038, "CVE-2023-47100"]
 *
 * This is as much of YAML as is read: names with a list of ids, in one of its two forms.
 * Anything else is refused, for half a list of what does not apply is worse than none.
 * An id under a package is one record, "not affected" in every release that is known.
 */
#include <string.h>

#include "core/arena.h"
#include "core/ecosystem.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "core/strmap.h"
#include "fetchers/emit.h"
#include "fetchers/fetchers.h"
#include "fetchers/secdb_ids.h"
#include "fetchers/text_lines.h"

struct rejections {
	struct emitter em; /* its arena holds one line */
	struct text_lines lines;
	struct arena *kept;  /* owned: the package, the releases */
	struct strmap *seen; /* owned: keys of records */
	const char *family;  /* whose packages */
	const char *package; /* that the lines are about; NULL = none yet */
	struct texts releases;
	size_t n_packages;
};

static void
find_releases(struct rejections *d)
{
	const struct ecosystem *row;

	for (size_t i = 0; (row = ecosystem_at(i)) != NULL; i++)
		if (str_eq(row->family, d->family))
			texts_add(d->kept, &d->releases, row->name);
}

static enum err_code
emit_rejection(struct rejections *d, const char *id, struct err *e)
{
	struct arena *a = d->em.arena;
	size_t n = d->releases.n;
	struct affected *list = arena_array(a, n, sizeof(*list));
	const char *key = arena_printf(a, "%s/%s", d->package, id);
	bool is_new;

	(void)strmap_put(d->seen, key, &is_new);
	if (!is_new)
		return ERR_OK;
	for (size_t i = 0; i < n; i++)
		list[i] = (struct affected){
			.ecosystem = d->releases.at[i],
			.stream = "",
			.package = d->package,
			.kind = KIND_SOURCE,
			.module = "",
			.status = STATUS_NOT_AFFECTED,
			.vendor_state = "rejected",
		};
	return emit_record(&d->em,
	    &(struct record){
		.key = key,
		.source = d->em.source,
		.id = id,
		.vulnerabilities = &id,
		.n_vulnerabilities = 1,
		.affected = list,
		.n_affected = n,
	    },
	    e);
}

/* The ids in TEXT, an item or the inside of a list. */
static enum err_code
take_ids(struct rejections *d, const char *text, struct err *e)
{
	struct texts cves = { 0 }, others = { 0 };
	char *bare = arena_strdup(d->em.arena, text);
	enum err_code rc = ERR_OK;

	for (char *p = bare; *p != '\0'; p++)
		if (strchr("\"'[]", *p) != NULL)
			*p = ' ';
	secdb_ids(d->em.arena, bare, &cves, &others);
	for (size_t i = 0; i < cves.n && rc == ERR_OK; i++)
		rc = emit_rejection(d, cves.at[i], e);
	for (size_t i = 0; i < others.n && rc == ERR_OK; i++)
		rc = emit_rejection(d, others.at[i], e);
	if (cves.n + others.n == 0 && bare[strspn(bare, " ")] != '\0')
		emit_skipped(&d->em,
		    arena_printf(d->em.arena, "%s/%s", d->package, text),
		    "no id of a vulnerability");
	return rc;
}

static enum err_code
strange(const struct rejections *d, struct err *e)
{
	return err_set(e, ERR_INPUT,
	    "line %llu is neither the name of a package nor an id",
	    (unsigned long long)d->lines.number);
}

/* "openssh:" or "perl: [CVE-2023-47038]" */
static enum err_code
read_package(struct rejections *d, char *line, struct err *e)
{
	char *colon = strstr(line, ": "), *end = line + strlen(line);
	const char *rest = "", *name;

	if (colon != NULL) {
		*colon = '\0';
		rest = str_trim(d->em.arena, colon + 2, strlen(colon + 2));
	} else if (end > line && end[-1] == ':') {
		end[-1] = '\0';
	} else {
		return strange(d, e);
	}
	name = line;
	if (*name == '"' || *name == '\'')
		name = arena_strndup(d->em.arena, line + 1, strcspn(line + 1, "\"'"));
	if (!package_is_sane(name) || strpbrk(name, "{}[],:\"'") != NULL ||
	    (rest[0] != '\0' && (rest[0] != '[' || rest[strlen(rest) - 1] != ']')))
		return strange(d, e);
	d->package = arena_strdup(d->kept, name);
	d->n_packages++;
	return take_ids(d, rest, e);
}

static enum err_code
read_line(struct rejections *d, const char *text, size_t len, struct err *e)
{
	char *line, *remark;

	arena_reset(d->em.arena);
	line = utf8_clean(d->em.arena, text, len, MAX_TEXT, true);
	if ((remark = line[0] == '#' ? line : strstr(line, " #")) != NULL)
		*remark = '\0';
	for (size_t n = strlen(line); n > 0 && line[n - 1] == ' '; n--)
		line[n - 1] = '\0';
	if (line[0] == '\0' || str_eq(line, "---"))
		return ERR_OK;
	if (line[0] != ' ' && line[0] != '-')
		return read_package(d, line, e);
	line += strspn(line, " ");
	if (!str_starts(line, "- ") || d->package == NULL)
		return strange(d, e);
	return take_ids(d, line + 2, e);
}

static enum err_code
read_all(struct rejections *d, struct err *e)
{
	const char *line = NULL;
	size_t len = 0;
	enum err_code rc;

	while (
	    (rc = text_lines_next(&d->lines, &line, &len, e)) == ERR_OK && line != NULL)
		if ((rc = read_line(d, line, len, e)) != ERR_OK)
			return rc;
	if (rc == ERR_OK && d->lines.is_cut)
		rc = err_set(
		    e, ERR_INPUT, "the list is cut short: its last line has no end");
	if (rc == ERR_OK && d->n_packages == 0)
		rc = err_set(e, ERR_INPUT, "no package is in it");
	return rc == ERR_OK ? emit_judge(&d->em, "a list of rejections", e) : rc;
}

static enum err_code
parse(struct stream *in, const struct parse_env *env, struct record_sink *sink,
    struct err *e)
{
	struct rejections d = {
		.kept = arena_new(),
		.seen = strmap_new(),
		.family = env->source,
	};
	enum err_code rc;

	emitter_init(&d.em, env, sink);
	text_lines_init(&d.lines, in);
	find_releases(&d);
	if (d.releases.n == 0)
		rc =
		    err_set(e, ERR_INPUT, "source \"%s\" names no system", env->source);
	else
		rc = read_all(&d, e);
	text_lines_done(&d.lines);
	emitter_done(&d.em);
	strmap_free(d.seen);
	arena_free(d.kept);
	return rc;
}

const struct driver driver_rejections = {
	.name = "rejections",
	.summary = "what Alpine found not to apply to its packages (YAML)",
	.source = "alpine",
	.source_rank = 0,
	.says = SAYS_NOT_AFFECTED,
	.revision = 1,
	.parse = parse,
};
