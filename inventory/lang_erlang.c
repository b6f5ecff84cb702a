/* SPDX-License-Identifier: Apache-2.0 */
/*
 * erlang - the resource file of an application, of Erlang or Elixir, one term:
 *
 *   {application, cowboy, [{description, "..."}, {vsn, "2.9.0"}, ...]}.
 *
 * in ebin/cowboy.app.  It does not say that the application came from Hex, nor under which
 * name, so that is a guess; it mostly is the same.
 */
#include <string.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/str.h"
#include "inventory/language.h"

static bool
wants_erlang(const struct image_file *f)
{
	const char *base = language_base(f->path);

	return str_ends(base, ".app") && base - f->path >= 5 &&
	       memcmp(base - 5, "ebin/", 5) == 0;
}

static const char *
skip_space(const char *s)
{
	return s + strspn(s, " \t\r\n");
}

/* Behind "{WORD," wherever it stands in TEXT; comments and texts are not told apart. */
static const char *
behind(const char *text, const char *word)
{
	for (const char *at = text; (at = strchr(at, '{')) != NULL;) {
		const char *s = skip_space(++at);

		if (!str_starts(s, word))
			continue;
		s = skip_space(s + strlen(word));
		if (*s == ',')
			return skip_space(s + 1);
	}
	return NULL;
}

static enum err_code
parse_erlang(const struct image_file *f, struct language_list *l, struct err *e)
{
	struct language_package p = { .ecosystem = "hex", .flags = COMPONENT_GUESSED };
	const char *text = arena_strndup(l->a, f->bytes, f->len), *name, *version, *end;

	name = behind(text, "application");
	version = behind(text, "vsn");
	/* a template has {vsn, git} or the like */
	if (name == NULL || version == NULL || *version != '"' ||
	    (end = strchr(version + 1, '"')) == NULL)
		return ERR_OK;
	if (*name == '\'')
		name++;
	p.name = arena_strndup(l->a, name, strcspn(name, " \t\r\n,'"));
	p.version = arena_strndup(l->a, version + 1, (size_t)(end - version) - 1);
	if (*p.name == '\0' || *p.version == '\0')
		return err_set(e, ERR_INPUT, "an application without name or version");
	language_push(l, &p);
	return ERR_OK;
}

static enum err_code
read_erlang(
    const struct image_file *f, struct arena *a, struct inventory *inv, struct err *e)
{
	return language_read(f, MAX_LANGUAGE_FILE, parse_erlang, inv, a, e);
}

const struct database database_erlang = {
	.name = "erlang",
	.summary = "Erlang and Elixir: ebin/*.app of applications",
	.wants = wants_erlang,
	.read = read_erlang,
};
