/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers share: lines of a stream, components, warnings. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/str.h"
#include "core/stream.h"
#include "inventory/databases.h"
#include "inventory/inventory_private.h"
#include "inventory/streams.h"

#define MAX_WARNINGS 50

/* ---- lines ---- */

struct lines {
	struct stream *in;
	struct arena *a;
	const char *p, *end;
	char *line; /* in the arena, grown by doubling */
	size_t cap;
	bool at_end;
};

struct lines *
lines_new(struct stream *in, struct arena *a)
{
	struct lines *l = arena_zalloc(a, sizeof(*l));

	l->in = in;
	l->a = a;
	l->cap = 1024;
	l->line = arena_alloc(a, l->cap);
	return l;
}

static enum err_code
append(struct lines *l, size_t len, const char *p, size_t n, struct err *e)
{
	if (len + n > MAX_LINE)
		return err_set(
		    e, ERR_LIMIT, "a line is longer than %zu bytes", MAX_LINE);
	if (memchr(p, 0, n) != NULL)
		return err_set(e, ERR_INPUT, "a NUL byte: this is no text");
	while (len + n + 1 > l->cap) {
		char *wider = arena_alloc(l->a, l->cap * 2);

		memcpy(wider, l->line, len);
		l->line = wider;
		l->cap *= 2;
	}
	memcpy(l->line + len, p, n);
	return ERR_OK;
}

enum err_code
lines_next(struct lines *l, char **ret, struct err *e)
{
	size_t len = 0;
	enum err_code rc;

	*ret = NULL;
	for (;;) {
		const char *stop;
		size_t n;

		if (l->p == l->end) {
			if (l->at_end)
				break;
			if ((rc = stream_read(l->in, &l->p, &n, e)) != ERR_OK)
				return rc;
			l->end = n > 0 ? l->p + n : l->p;
			l->at_end = n == 0;
			continue;
		}
		stop = memchr(l->p, '\n', (size_t)(l->end - l->p));
		n = (size_t)((stop != NULL ? stop : l->end) - l->p);
		if ((rc = append(l, len, l->p, n, e)) != ERR_OK)
			return rc;
		len += n;
		l->p += n + (stop != NULL);
		if (stop != NULL) {
			*ret = l->line;
			break;
		}
	}
	if (len > 0)
		*ret = l->line;
	if (len > 0 && l->line[len - 1] == '\r')
		len--;
	l->line[len] = '\0';
	return ERR_OK;
}

/* ---- components ---- */

void
inventory_warn(struct inventory *inv, struct arena *a, const char *fmt, ...)
{
	struct {
		const char **at;
		size_t n, cap;
	} list = { inv->warnings, inv->n_warnings, inv->cap_warnings };
	va_list ap;

	inv->partial = true;
	if (list.n == MAX_WARNINGS)
		return;
	va_start(ap, fmt);
	*ARENA_PUSH(a, &list) = arena_vprintf(a, fmt, ap);
	va_end(ap);
	inv->warnings = list.at;
	inv->n_warnings = list.n;
	inv->cap_warnings = list.cap;
}

static bool
is_usable(const char *text, size_t max)
{
	size_t n = text != NULL ? strlen(text) : 0;

	if (n == 0 || n > max || !utf8_valid(text, n))
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f)
			return false;
	return true;
}

enum err_code
inventory_add(
    struct inventory *inv, const struct component *c, struct arena *a, struct err *e)
{
	struct {
		struct component *at;
		size_t n, cap;
	} list = { inv->components, inv->n, inv->cap };
	struct component *new;

	if (!is_usable(c->name, MAX_NAME) ||
	    !is_usable(c->version, MAX_STORED_VERSION)) {
		const char *name = c->name != NULL ? c->name : "";

		inventory_warn(inv, a,
		    "left out %s: its name or version cannot be used",
		    utf8_clean(a, name, strlen(name), 80, true));
		return ERR_OK;
	}
	if (inv->n == MAX_COMPONENTS)
		return err_set(e, ERR_LIMIT, "more than %zu packages", MAX_COMPONENTS);
	new = ARENA_PUSH(a, &list);
	*new = *c;
	new->arch = str_or_empty(c->arch);
	new->module = str_or_empty(c->module);
	new->streams = str_or_empty(c->streams);
	/* what the whole system has enabled, its own packages have */
	if (inv->streams != NULL && c->ecosystem != NULL &&
	    str_eq(c->ecosystem, inv->os.ecosystem))
		new->streams = streams_join(inv->streams, new->streams, a);
	new->name = ecosystem_package(c->ecosystem, c->name, a);
	if (!is_usable(new->source_package, MAX_NAME) ||
	    !is_usable(new->source_version, MAX_STORED_VERSION))
		new->source_package = new->source_version = NULL;
	if (new->purl == NULL)
		new->purl = purl_of(new, &inv->os, a);
	inv->components = list.at;
	inv->n = list.n;
	inv->cap = list.cap;
	return ERR_OK;
}

enum err_code
inventory_system(struct inventory *inv, const struct inventory_hints *hints,
    struct arena *a, struct err *e)
{
	if (hints->os == NULL) {
		if (inv->os.state == COVERAGE_COMPLETE && inv->os.ecosystem == NULL)
			inv->os.state = COVERAGE_UNIDENTIFIED;
		return ERR_OK;
	}
	if (!ecosystem_of_text(hints->os, hints->now_at, a, &inv->os))
		return err_set(e, ERR_INPUT,
		    "no system \"%s\" is known; write it like debian:12 or alpine:3.20",
		    hints->os);
	return ERR_OK;
}

enum err_code
inventory_read_file(const struct reader *reader, const struct image_file *f,
    struct arena *a, struct inventory *inv, struct err *e)
{
	const struct inventory_hints hints = { 0 };
	struct err failure = ERR_INIT;
	struct stream *in = NULL;
	enum err_code rc = stream_open_memory(&in, f->bytes, f->len, f->len, &failure);

	if (rc == ERR_OK)
		rc = reader->read(in, &hints, a, inv, &failure);
	stream_close(in);
	if (rc == ERR_OK)
		return ERR_OK;
	if (inv->n == MAX_COMPONENTS)
		return err_set(e, rc, "%s", failure.text);
	inventory_warn(inv, a, "%s: %s", f->path, failure.text);
	return ERR_OK;
}

/* ---- words of package databases ---- */

void
split_source(
    const char *text, struct arena *a, const char **ret_name, const char **ret_version)
{
	size_t n = strcspn(text, " \t(");
	const char *open = strchr(text + n, '('), *close;

	*ret_name = arena_strndup(a, text, n);
	*ret_version = NULL;
	if (open == NULL || (close = strchr(open, ')')) == NULL)
		return;
	*ret_version = str_trim(a, open + 1, (size_t)(close - open - 1));
}

const char *
without_rebuild(const char *version, struct arena *a)
{
	const char *plus = strrchr(version, '+');

	if (plus == NULL || plus[1] != 'b' || plus[2] == '\0' ||
	    strspn(plus + 2, "0123456789") != strlen(plus + 2))
		return version;
	return arena_strndup(a, version, (size_t)(plus - version));
}

enum vendor
vendor_of_maintainer(const char *maintainer)
{
	static const char *const others[] = { "@docker.com", "@nvidia.com",
		"@hashicorp.com", "@microsoft.com", "@nodesource.com", "@nodesource.",
		"@elastic.co", "@gitlab.com", "@google.com", "@mongodb.com",
		"@oracle.com", "@percona.com", "@grafana.com", "@influxdata.com",
		"@datadoghq.com" };

	for (const char *at = str_or_empty(maintainer); (at = strchr(at, '@')) != NULL;
	     at++)
		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
			if (strncasecmp(at, others[i], strlen(others[i])) == 0)
				return VENDOR_THIRD_PARTY;
	return VENDOR_OWN;
}
