/* SPDX-License-Identifier: Apache-2.0 */
/* language - from a file's own words to components with a package URL. */
#include "inventory/language.h"

#include <string.h>

#include "core/arena.h"
#include "core/ecosystem.h"
#include "core/limits.h"
#include "core/purl.h"
#include "core/str.h"
#include "core/stream.h"
#include "inventory/inventory_private.h"

#define SHOWN_PATH 200

void
language_push(struct language_list *l, const struct language_package *p)
{
	*ARENA_PUSH(l->a, l) = *p;
}

/* ---- package URLs ---- */

/* What stands between namespace and name in the ecosystems that have both. */
static char
joint_of(const char *type)
{
	if (str_eq(type, "maven"))
		return ':';
	if (str_eq(type, "npm") || str_eq(type, "golang") || str_eq(type, "composer"))
		return '/';
	return '\0';
}

static const char *
purl_of_package(
    const char *type, const char *name, const char *version, struct arena *a)
{
	struct purl p = { .type = type, .name = name, .version = version };
	char joint = joint_of(type);
	const char *at = joint != '\0' ? strrchr(name, joint) : NULL;

	if (at != NULL) {
		p.ns = arena_strndup(a, name, (size_t)(at - name));
		p.name = at + 1;
	}
	return purl_text(&p, a);
}

/* ---- adding ---- */

/* Most files tell of several packages: one copy of the path does for all. */
static const char *
keep_path(const struct inventory *inv, const char *path, struct arena *a)
{
	const char *clean = path;

	if (!utf8_valid(path, strlen(path)))
		clean = utf8_clean(a, path, strlen(path), strlen(path) * 3, true);
	if (inv->n > 0 && str_eq(inv->components[inv->n - 1].path, clean))
		return inv->components[inv->n - 1].path;
	return arena_strdup(a, clean);
}

enum err_code
language_add(struct inventory *inv, const char *path, const struct language_list *l,
    struct arena *a, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < l->n && rc == ERR_OK; i++) {
		const struct language_package *p = &l->at[i];
		const struct ecosystem *eco = ecosystem_find(p->ecosystem);
		struct component c = {
			.type = p->type != NULL ? p->type
				: eco != NULL   ? eco->purl_type
						: "generic",
			.ecosystem = eco != NULL ? eco->name : NULL,
			.name = arena_strdup(a, p->name),
			.version = arena_strdup(a, p->version),
			.flags = p->flags,
			.path = keep_path(inv, path, a),
		};

		if (c.name != NULL && c.version != NULL)
			c.purl = purl_of_package(c.type, c.name, c.version, a);
		rc = inventory_add(inv, &c, a, e);
	}
	return rc;
}

void
language_refuse(
    struct inventory *inv, const char *path, const struct err *why, struct arena *a)
{
	inventory_warn(inv, a, "%s: %s",
	    utf8_clean(a, path, strlen(path), SHOWN_PATH, true),
	    utf8_clean(a, why->text, strlen(why->text), sizeof(why->text), true));
}

enum err_code
language_read(const struct image_file *f, size_t max,
    enum err_code (*parse)(
	const struct image_file *f, struct language_list *l, struct err *e),
    struct inventory *inv, struct arena *a, struct err *e)
{
	struct language_list l = { .a = arena_new() };
	struct err why = ERR_INIT;
	enum err_code rc = ERR_OK;

	if (f->len > max)
		(void)err_set(&why, ERR_LIMIT, "more than %zu bytes", max);
	else
		(void)parse(f, &l, &why);
	if (why.code != ERR_OK)
		language_refuse(inv, f->path, &why, a);
	else
		rc = language_add(inv, f->path, &l, a, e);
	arena_free(l.a);
	return rc;
}

enum err_code
language_json(const struct image_file *f,
    enum err_code (*parse)(
	struct json_reader *r, struct language_list *l, struct err *e),
    struct language_list *l, struct err *e)
{
	struct json_value end;
	struct json_reader *r;
	struct stream *in;
	enum err_code rc;

	if ((rc = stream_open_memory(&in, f->bytes, f->len, f->len, e)) != ERR_OK)
		return rc;
	r = json_reader_new(in);
	if ((rc = parse(r, l, e)) == ERR_OK)
		rc = json_next(r, &end, e); /* nothing may follow */
	json_reader_free(r);
	stream_close(in);
	return rc;
}

/* ---- paths ---- */

const char *
language_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

bool
language_under(const char *path, const char *segment)
{
	size_t len = strlen(segment);

	for (const char *at = path; (at = strstr(at, segment)) != NULL; at++)
		if ((at == path || at[-1] == '/') && at[len] == '/')
			return true;
	return false;
}

/* ---- text files ---- */

bool
language_line(const char **p, size_t *n, const char **ret_line, size_t *ret_len)
{
	size_t len = 0, end;

	if (*n == 0)
		return false;
	while (len < *n && (*p)[len] != '\n' && (*p)[len] != '\r')
		len++;
	end = len;
	if (end < *n)
		end +=
		    (*p)[end] == '\r' && end + 1 < *n && (*p)[end + 1] == '\n' ? 2 : 1;
	*ret_line = *p;
	*ret_len = len;
	*p += end;
	*n -= end;
	return true;
}
