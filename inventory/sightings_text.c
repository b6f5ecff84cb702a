/* SPDX-License-Identifier: Apache-2.0 */
/* Lines: Dockerfiles, and plain lists of references. */
#include <string.h>
#include <strings.h>

#include "core/arena.h"
#include "core/str.h"
#include "core/strmap.h"
#include "inventory/sightings_private.h"

/* The next line without its end and blanks around it, in A; NULL at the end. */
static const char *
next_line(const char **p, const char *end, struct arena *a)
{
	const char *start = *p, *lf;

	if (start >= end)
		return NULL;
	lf = memchr(start, '\n', (size_t)(end - start));
	*p = lf != NULL ? lf + 1 : end;
	return str_trim(a, start, (size_t)((lf != NULL ? lf : end) - start));
}

/* ---- Dockerfile ---- */

struct dockerfile {
	struct strmap *args; /* owned; name to index of 'values' + 1 */
	struct strmap
	    *stages; /* owned; what earlier stages are called, in small letters */
	struct {
		const char **at;
		size_t n, cap;
	} values;
	struct arena *a;
};

static const char *
value_of(const struct dockerfile *d, const char *name)
{
	const uint64_t *at = strmap_get(d->args, name);

	return at != NULL && *at > 0 ? d->values.at[*at - 1] : NULL;
}

/* $NAME, ${NAME}, ${NAME:-default}; NULL if a value is not known. */
static const char *
substitute(const struct dockerfile *d, const char *text)
{
	const char *out = "";

	while (*text != '\0') {
		size_t n = strcspn(text, "$"), len;
		const char *name, *value, *rest = NULL;

		out = arena_printf(d->a, "%s%.*s", out, (int)n, text);
		text += n;
		if (*text == '\0')
			return out;
		text++;
		if (*text == '{') {
			const char *close = strchr(++text, '}');

			if (close == NULL)
				return NULL;
			len = strcspn(text, ":-}");
			name = arena_strndup(d->a, text, len);
			if (text + len < close) {
				rest = text + len + strspn(text + len, ":-");
				rest =
				    arena_strndup(d->a, rest, (size_t)(close - rest));
			}
			text = close + 1;
		} else {
			len =
			    strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrs"
					 "tuvwxyz0123456789_");
			name = arena_strndup(d->a, text, len);
			text += len;
		}
		value = value_of(d, name);
		if (value == NULL || value[0] == '\0')
			value = rest;
		if (value == NULL)
			return NULL;
		out = arena_printf(d->a, "%s%s", out, value);
	}
	return out;
}

static void
take_arg(struct dockerfile *d, const char *rest)
{
	const char *equals = strchr(rest, '=');
	const char *value;

	if (equals == NULL)
		return;
	value = equals + 1;
	if (*value == '"' || *value == '\'')
		value = arena_strndup(d->a, value + 1, strcspn(value + 1, "\"'"));
	*ARENA_PUSH(d->a, &d->values) = value;
	*strmap_put(d->args, arena_strndup(d->a, rest, (size_t)(equals - rest)), NULL) =
	    d->values.n;
}

static const char *
in_small_letters(struct arena *a, const char *text)
{
	char *copy = arena_strdup(a, text);

	for (char *p = copy; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + ('a' - 'A'));
	return copy;
}

/* FROM [--platform=X] image [AS name] */
static void
take_from(struct dockerfile *d, const char *rest, struct sightings *out)
{
	const struct sighting s = { .ref = NULL };
	const char *image, *text;
	size_t n;

	while (str_starts(rest, "--")) {
		rest += strcspn(rest, " \t");
		rest += strspn(rest, " \t");
	}
	n = strcspn(rest, " \t");
	image = arena_strndup(d->a, rest, n);
	rest += n + strspn(rest + n, " \t");
	text = substitute(d, image);
	if (strmap_get(d->stages, in_small_letters(d->a, image)) == NULL &&
	    strcasecmp(image, "scratch") != 0)
		sighting_add(out, text != NULL ? text : image, &s, d->a);
	if (strncasecmp(rest, "AS", 2) == 0 && (rest[2] == ' ' || rest[2] == '\t'))
		(void)strmap_put(d->stages,
		    in_small_letters(d->a, rest + 2 + strspn(rest + 2, " \t")), NULL);
}

void
sightings_of_dockerfile(
    struct sightings *out, const char *text, size_t len, struct arena *a)
{
	struct dockerfile d = { .args = strmap_new(), .stages = strmap_new(), .a = a };
	const char *p = text, *line;

	out->format = "dockerfile";
	while ((line = next_line(&p, text + len, a)) != NULL) {
		size_t n = strcspn(line, " \t");
		const char *rest = line + n + strspn(line + n, " \t");

		if (n == 4 && strncasecmp(line, "FROM", 4) == 0)
			take_from(&d, rest, out);
		else if (n == 3 && strncasecmp(line, "ARG", 3) == 0)
			take_arg(&d, rest);
	}
	strmap_free(d.args);
	strmap_free(d.stages);
}

/* ---- a reference a line ---- */

void
sightings_of_lines(struct sightings *out, const char *text, size_t len, struct arena *a)
{
	const struct sighting s = { .ref = NULL };
	const char *p = text, *line;

	out->format = "list";
	while ((line = next_line(&p, text + len, a)) != NULL)
		if (line[0] != '\0' && line[0] != '#')
			sighting_add(out, line, &s, a);
}
