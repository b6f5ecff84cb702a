/* SPDX-License-Identifier: Apache-2.0 */
/* Which kind of listing it is, and what all kinds share; see sightings.h. */
#include "inventory/sightings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/str.h"
#include "inventory/reference.h"
#include "inventory/sightings_private.h"

#define MAX_YAML_NODES 4000000

/* ---- one image ---- */

static void
warn(struct sightings *out, struct arena *a, const char *text)
{
	if (out->n_warnings == out->cap_warnings) {
		size_t cap = out->cap_warnings == 0 ? 16 : 2 * out->cap_warnings;
		const char **more = arena_array(a, cap, sizeof(*more));

		if (out->n_warnings > 0)
			memcpy(more, out->warnings, out->n_warnings * sizeof(*more));
		out->warnings = more;
		out->cap_warnings = cap;
	}
	out->warnings[out->n_warnings++] = text;
}

/* The scheme that a container runtime puts before an image it has pulled. */
static const char *
without_runtime(const char *ref)
{
	static const char *const schemes[] = { "docker-pullable://", "docker://",
		"containerd://", "cri-o://" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (str_starts(ref, schemes[i]))
			return ref + strlen(schemes[i]);
	return ref;
}

void
sighting_add(
    struct sightings *out, const char *ref, const struct sighting *s, struct arena *a)
{
	struct reference r;
	struct err why = ERR_INIT;
	struct sighting full = *s;

	if (ref == NULL || ref[0] == '\0')
		return;
	ref = without_runtime(ref);
	/* an id that only the machine knows says nothing that can be asked anywhere */
	if (str_starts(ref, "sha256:") || str_eq(ref, "<none>") ||
	    str_eq(ref, "<none>:<none>"))
		return;
	if (reference_parse(ref, a, &r, &why) != ERR_OK) {
		warn(out, a, arena_strdup(a, why.text));
		return;
	}
	if (full.digest == NULL)
		full.digest = r.digest;
	/* the tag is the name; the digest what it points to today */
	if (r.tag != NULL)
		r.digest = NULL;
	full.ref = reference_text(&r, a);
	*ARENA_PUSH(a, out) = full;
}

/* ---- all of them ---- */

static int
compare(const void *x, const void *y)
{
	const struct sighting *one = x, *other = y;
	int c = strcmp(one->ref, other->ref);

	if (c == 0)
		c = strcmp(
		    str_or_empty(one->namespace), str_or_empty(other->namespace));
	if (c == 0)
		c = strcmp(str_or_empty(one->workload), str_or_empty(other->workload));
	if (c == 0) /* one with a digest comes first, and is kept */
		c = strcmp(str_or_empty(other->digest), str_or_empty(one->digest));
	return c;
}

static bool
is_same(const struct sighting *one, const struct sighting *other)
{
	return str_eq(one->ref, other->ref) &&
	       str_eq(str_or_empty(one->namespace), str_or_empty(other->namespace)) &&
	       str_eq(str_or_empty(one->workload), str_or_empty(other->workload)) &&
	       (other->digest == NULL || str_eq(one->digest, other->digest));
}

static void
sort(struct sightings *s)
{
	size_t n = 0;

	if (s->n > 1)
		qsort(s->at, s->n, sizeof(*s->at), compare);
	for (size_t i = 0; i < s->n; i++)
		if (n == 0 || !is_same(&s->at[n - 1], &s->at[i]))
			s->at[n++] = s->at[i];
	s->n = n;
}

/* ---- which kind ---- */

/* The first line that is neither blank nor a comment. */
static const char *
first_word(const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end) {
		const char *lf = memchr(text, '\n', (size_t)(end - text));

		while (text < end && (*text == ' ' || *text == '\t'))
			text++;
		if (text < end && *text != '#' && *text != '\r' && *text != '\n')
			return text;
		if (lf == NULL)
			break;
		text = lf + 1;
	}
	return "";
}

static bool
is_dockerfile(const char *word)
{
	return strncasecmp(word, "FROM ", 5) == 0 ||
	       strncasecmp(word, "FROM\t", 5) == 0 || strncasecmp(word, "ARG ", 4) == 0;
}

/* "key:" at the start of a line, a list's dash, or the mark between documents. */
static bool
is_yaml(const char *word)
{
	size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"0123456789_-.");

	return str_starts(word, "---") || str_starts(word, "- ") ||
	       (n > 0 && word[n] == ':' &&
		   (word[n + 1] == ' ' || word[n + 1] == '\n' || word[n + 1] == '\r'));
}

static enum err_code
read_yaml(
    struct sightings *out, const char *text, size_t len, struct arena *a, struct err *e)
{
	struct yaml **roots = NULL;
	size_t n = 0;
	enum err_code rc = yaml_read_all(
	    &roots, &n, text, len, MAX_LISTING_BYTES, MAX_YAML_NODES, a, e);

	for (size_t i = 0; rc == ERR_OK && i < n; i++)
		sightings_of_tree(out, roots[i], a);
	return rc;
}

static enum err_code
read_any(
    struct sightings *out, const char *text, size_t len, struct arena *a, struct err *e)
{
	const char *word = first_word(text, len);

	if (*word == '{' || *word == '[')
		return sightings_of_json(out, text, len, a, e);
	if (is_dockerfile(word)) {
		sightings_of_dockerfile(out, text, len, a);
		return ERR_OK;
	}
	if (is_yaml(word))
		return read_yaml(out, text, len, a, e);
	sightings_of_lines(out, text, len, a);
	return ERR_OK;
}

enum err_code
sightings_read(
    const char *text, size_t len, struct arena *a, struct sightings *ret, struct err *e)
{
	enum err_code rc;

	memset(ret, 0, sizeof(*ret));
	if (len > MAX_LISTING_BYTES)
		return err_set(e, ERR_LIMIT, "more than %zu bytes of a listing",
		    MAX_LISTING_BYTES);
	if (memchr(text, 0, len) != NULL)
		return err_set(e, ERR_INPUT, "this is no text");
	/* every reader may look one byte behind the end */
	text = arena_strndup(a, text, len);
	if ((rc = read_any(ret, text, len, a, e)) != ERR_OK)
		return rc;
	if (ret->n > MAX_SIGHTINGS)
		return err_set(e, ERR_LIMIT, "more than %zu images", MAX_SIGHTINGS);
	if (ret->n == 0 && ret->n_warnings == 0 && ret->format == NULL)
		return err_set(e, ERR_UNSUPPORTED,
		    "nothing here names an image; known are kubectl, docker, podman "
		    "and "
		    "crictl listings, compose files, manifests, Dockerfiles and plain "
		    "lists");
	sort(ret);
	return ERR_OK;
}
