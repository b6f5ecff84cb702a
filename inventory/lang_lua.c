/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua - the rockspec of what LuaRocks installed, a program in Lua of which two lines matter:
 *
 *   package = "lpeg"
 *   version = "1.1.0-1"      behind the dash: the revision of the rockspec
 *
 * No feed speaks of rocks; that they are there is said.
 */
#include <string.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/str.h"
#include "inventory/language.h"

static bool
wants_lua(const struct image_file *f)
{
	return str_ends(f->path, ".rockspec");
}

/* The text of `NAME = "text"` at the begin of a line. */
static const char *
assigned(const char *line, size_t n, const char *name, struct arena *a)
{
	const char *text = str_trim(a, line, n), *close;
	size_t len = strlen(name);

	if (!str_starts(text, name))
		return NULL;
	text += len + strspn(text + len, " \t");
	if (*text++ != '=')
		return NULL;
	text += strspn(text, " \t");
	if ((*text != '"' && *text != '\'') ||
	    (close = strchr(text + 1, *text)) == NULL)
		return NULL;
	return arena_strndup(a, text + 1, (size_t)(close - text) - 1);
}

static enum err_code
parse_lua(const struct image_file *f, struct language_list *l, struct err *e)
{
	struct language_package p = { .type = "luarocks" };
	const char *text = f->bytes, *line;
	size_t n = f->len, len;

	(void)e;
	while (language_line(&text, &n, &line, &len)) {
		if (p.name == NULL)
			p.name = assigned(line, len, "package", l->a);
		if (p.version == NULL)
			p.version = assigned(line, len, "version", l->a);
	}
	/* a template of the tool's own has neither */
	if (p.name != NULL && p.version != NULL)
		language_push(l, &p);
	return ERR_OK;
}

static enum err_code
read_lua(
    const struct image_file *f, struct arena *a, struct inventory *inv, struct err *e)
{
	return language_read(f, MAX_LANGUAGE_FILE, parse_lua, inv, a, e);
}

const struct database database_lua = {
	.name = "lua",
	.summary = "Lua: the rockspecs of LuaRocks (no feed speaks of them)",
	.wants = wants_lua,
	.read = read_lua,
};
