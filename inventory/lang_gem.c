/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gem - the specifications that RubyGems writes for what it installed, a program in Ruby of
 * which two lines matter (specifications/rake-13.0.6.gemspec):
 *
 *   # stub: rake 13.0.6 ruby lib
 *   Gem::Specification.new do |s|
 *     s.name = "rake".freeze
 *     s.version = "13.0.6"
 *
 * Where name or version is computed, the comment says it, which RubyGems reads itself; else
 * the name of the file does, as a guess: a name may hold digits behind a dash.
 */
#include <string.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/str.h"
#include "inventory/language.h"

#define STUB     "# stub: "
#define FILE_END ".gemspec"

static bool
wants_gem(const struct image_file *f)
{
	return str_ends(f->path, FILE_END) && language_under(f->path, "specifications");
}

static size_t
skip_blanks(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && (s[i] == ' ' || s[i] == '\t'))
		i++;
	return i;
}

static size_t
skip_word(const char *s, size_t n)
{
	size_t i = 0;

	while (
	    i < n && (s[i] == '_' || (s[i] >= 'a' && s[i] <= 'z') ||
			 (s[i] >= 'A' && s[i] <= 'Z') || (s[i] >= '0' && s[i] <= '9')))
		i++;
	return i;
}

/* The text of `x.FIELD = "text"` or `= Gem::Version.new("text")`; NULL if LINE is not that. */
static const char *
assigned(const char *line, size_t n, const char *field, struct arena *a)
{
	static const char made[] = "Gem::Version.new(";
	size_t at = skip_blanks(line, n), len = strlen(field), word;
	const char *close;

	word = skip_word(line + at, n - at);
	at += word;
	if (word == 0 || at == n || line[at++] != '.' || n - at < len ||
	    strncmp(line + at, field, len) != 0)
		return NULL;
	at += len;
	at += skip_blanks(line + at, n - at);
	if (at == n || line[at++] != '=')
		return NULL;
	at += skip_blanks(line + at, n - at);
	if (n - at >= sizeof(made) - 1 &&
	    strncmp(line + at, made, sizeof(made) - 1) == 0)
		at += sizeof(made) - 1;
	if (at == n || (line[at] != '"' && line[at] != '\''))
		return NULL;
	close = memchr(line + at + 1, line[at], n - at - 1);
	if (close == NULL || memchr(line + at, '#', (size_t)(close - line) - at))
		return NULL; /* "#{...}" is computed */
	return arena_strndup(a, line + at + 1, (size_t)(close - line) - at - 1);
}

/* "# stub: NAME VERSION PLATFORM PATHS"; version and platform are two words here. */
static void
read_stub(const char *line, size_t n, struct language_package *ret, struct arena *a)
{
	const char *text = str_trim(a, line, n), *rest = text + strcspn(text, " ");

	if (*rest != ' ' || rest[1] == '\0')
		return;
	ret->name = arena_strndup(a, text, (size_t)(rest - text));
	rest++;
	ret->version = arena_strndup(a, rest, strcspn(rest, " "));
}

/* NAME-VERSION[-PLATFORM].gemspec: the version begins at the first "-digit". */
static void
read_file_name(const char *path, struct language_package *ret, struct arena *a)
{
	const char *base = language_base(path), *dash = base;
	const char *end = base + strlen(base) - strlen(FILE_END);

	while ((dash = memchr(dash, '-', (size_t)(end - dash))) != NULL &&
	       !(dash[1] >= '0' && dash[1] <= '9'))
		dash++;
	if (dash == NULL || dash == base)
		return;
	ret->name = arena_strndup(a, base, (size_t)(dash - base));
	base = dash + 1;
	dash = memchr(base, '-', (size_t)(end - base));
	ret->version =
	    arena_strndup(a, base, (size_t)((dash != NULL ? dash : end) - base));
	ret->flags = COMPONENT_GUESSED;
}

static enum err_code
parse_gem(const struct image_file *f, struct language_list *l, struct err *e)
{
	struct language_package p = { .ecosystem = "gem" }, stub = p;
	const char *text = f->bytes, *line;
	size_t n = f->len, len;

	while (language_line(&text, &n, &line, &len) &&
	       (p.name == NULL || p.version == NULL)) {
		if (p.name == NULL)
			p.name = assigned(line, len, "name", l->a);
		if (p.version == NULL)
			p.version = assigned(line, len, "version", l->a);
		if (stub.name == NULL && len > sizeof(STUB) - 1 &&
		    strncmp(line, STUB, sizeof(STUB) - 1) == 0)
			read_stub(line + sizeof(STUB) - 1, len - sizeof(STUB) + 1,
			    &stub, l->a);
	}
	if (stub.name == NULL)
		read_file_name(f->path, &stub, l->a);
	if (p.name == NULL || p.version == NULL)
		p = stub;
	if (p.name == NULL || p.version == NULL)
		return err_set(e, ERR_INPUT, "a specification without name or version");
	language_push(l, &p);
	return ERR_OK;
}

static enum err_code
read_gem(
    const struct image_file *f, struct arena *a, struct inventory *inv, struct err *e)
{
	return language_read(f, MAX_LANGUAGE_FILE, parse_gem, inv, a, e);
}

const struct database database_gem = {
	.name = "gem",
	.summary = "Ruby: the specifications of installed gems",
	.wants = wants_gem,
	.read = read_gem,
};
