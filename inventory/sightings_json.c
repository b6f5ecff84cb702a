/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON listings.  A cluster's pods are a hundred megabytes, so the items of the outermost
 * list are read one at a time into a tree that is thrown away after each.
 */
#include <string.h>

#include "core/arena.h"
#include "core/json_read.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/stream.h"
#include "inventory/sightings_private.h"

/* Nodes of one item: a pod has some thousand. */
#define MAX_ITEM_NODES 1000000

struct walk {
	struct sightings *out;
	struct json_reader *r;
	struct arena *keep; /* what is found */
	struct arena *item; /* the tree of one item */
	size_t nodes;
};

struct growing {
	struct {
		const char **at;
		size_t n, cap;
	} keys;
	struct {
		struct yaml **at;
		size_t n, cap;
	} values;
};

static enum err_code read_node(
    struct walk *w, const struct json_value *v, struct yaml **ret, struct err *e);

static enum err_code
read_children(struct walk *w, struct yaml *y, enum json_token end, struct err *e)
{
	struct growing g = { .keys = { .n = 0 } };
	struct json_value v;
	enum err_code rc;

	while ((rc = json_next(w->r, &v, e)) == ERR_OK && v.token != end) {
		struct yaml *child = NULL;

		if (v.token == JSON_KEY) {
			*ARENA_PUSH(w->item, &g.keys) =
			    arena_strndup(w->item, v.text, v.len);
			if ((rc = json_next(w->r, &v, e)) != ERR_OK)
				return rc;
		}
		if ((rc = read_node(w, &v, &child, e)) != ERR_OK)
			return rc;
		*ARENA_PUSH(w->item, &g.values) = child;
	}
	y->keys = g.keys.at;
	y->values = g.values.at;
	y->n = g.values.n;
	return rc;
}

/* The value that begins with V, as a tree.  The reader has capped the depth. */
static enum err_code
read_node(struct walk *w, const struct json_value *v, struct yaml **ret, struct err *e)
{
	struct yaml *y = arena_zalloc(w->item, sizeof(*y));

	if (++w->nodes > MAX_ITEM_NODES)
		return err_set(e, ERR_LIMIT, "one item of the listing is too large");
	*ret = y;
	if (v->token == JSON_OBJECT) {
		y->kind = YAML_MAP;
		return read_children(w, y, JSON_OBJECT_END, e);
	}
	if (v->token == JSON_ARRAY) {
		y->kind = YAML_LIST;
		return read_children(w, y, JSON_ARRAY_END, e);
	}
	y->kind = YAML_TEXT;
	y->plain = v->token == JSON_NULL;
	y->text = v->token == JSON_STRING || v->token == JSON_NUMBER
		      ? arena_strndup(w->item, v->text, v->len)
		  : v->token == JSON_NULL ? "null"
		  : v->token == JSON_TRUE ? "true"
					  : "false";
	return ERR_OK;
}

static enum err_code
read_item(struct walk *w, const struct json_value *v, struct err *e)
{
	struct yaml *tree = NULL;
	enum err_code rc;

	arena_reset(w->item);
	w->nodes = 0;
	rc = read_node(w, v, &tree, e);
	if (rc == ERR_OK)
		sightings_of_tree(w->out, tree, w->keep);
	if (rc == ERR_OK && w->out->n > MAX_SIGHTINGS)
		rc = err_set(e, ERR_LIMIT, "more than %zu images", MAX_SIGHTINGS);
	return rc;
}

static enum err_code
read_items(struct walk *w, struct err *e)
{
	struct json_value v;
	enum err_code rc;

	while ((rc = json_next(w->r, &v, e)) == ERR_OK && v.token != JSON_ARRAY_END)
		if ((rc = read_item(w, &v, e)) != ERR_OK)
			return rc;
	return rc;
}

/* An object: a long list inside is streamed, the rest is a tree of its own. */
static enum err_code
read_object(struct walk *w, struct err *e)
{
	struct arena *a = arena_new();
	struct yaml rest = { .kind = YAML_MAP };
	struct growing g = { .keys = { .n = 0 } };
	struct arena *items = w->item;
	struct json_value v;
	enum err_code rc;

	while ((rc = json_next(w->r, &v, e)) == ERR_OK && v.token == JSON_KEY) {
		char key[32] = "";
		bool is_list;

		if (v.len < sizeof(key))
			memcpy(key, v.text, v.len + 1);
		is_list = str_eq(key, "items") || str_eq(key, "images") ||
			  str_eq(key, "containers");
		if (!is_list)
			*ARENA_PUSH(a, &g.keys) = arena_strndup(a, v.text, v.len);
		if ((rc = json_next(w->r, &v, e)) != ERR_OK)
			break;
		if (is_list && v.token == JSON_ARRAY) {
			rc = read_items(w, e);
		} else {
			struct yaml *child = NULL;

			if (is_list)
				*ARENA_PUSH(a, &g.keys) = arena_strdup(a, key);
			w->item = a;
			w->nodes = 0;
			rc = read_node(w, &v, &child, e);
			w->item = items;
			*ARENA_PUSH(a, &g.values) = child;
		}
		if (rc != ERR_OK)
			break;
	}
	rest.keys = g.keys.at;
	rest.values = g.values.at;
	rest.n = g.values.n;
	if (rc == ERR_OK)
		sightings_of_tree(w->out, &rest, w->keep);
	arena_free(a);
	return rc;
}

/* One document; of several (a line each, as docker prints them) the next begins at
 * *RET_LEN. */
static enum err_code
read_document(struct walk *w, const char *text, size_t len, struct err *e)
{
	struct stream *in = NULL;
	struct json_value v;
	enum err_code rc;

	if ((rc = stream_open_memory(&in, text, len, MAX_LISTING_BYTES, e)) != ERR_OK)
		return rc;
	w->r = json_reader_new(in);
	rc = json_next(w->r, &v, e);
	if (rc == ERR_OK && v.token == JSON_ARRAY)
		rc = read_items(w, e);
	else if (rc == ERR_OK && v.token == JSON_OBJECT)
		rc = read_object(w, e);
	if (rc == ERR_OK)
		rc = json_next(w->r, &v, e);
	json_reader_free(w->r);
	stream_close(in);
	return rc;
}

/* Does a second object begin on a later line? */
static bool
is_line_by_line(const char *text, size_t len)
{
	const char *lf = memchr(text, '\n', len);
	size_t i = lf != NULL ? (size_t)(lf - text) : len;

	while (i > 0 && (text[i - 1] == '\r' || text[i - 1] == ' '))
		i--;
	if (lf == NULL || i == 0 || text[0] != '{' || text[i - 1] != '}')
		return false;
	for (const char *p = lf; p < text + len; p++)
		if (*p == '{')
			return true;
		else if (*p != '\n' && *p != '\r' && *p != ' ')
			return false;
	return false;
}

enum err_code
sightings_of_json(
    struct sightings *out, const char *text, size_t len, struct arena *a, struct err *e)
{
	struct walk w = { .out = out, .keep = a, .item = arena_new() };
	const char *end = text + len;
	enum err_code rc = ERR_OK;

	while (text < end && strchr(" \t\r\n", *text) != NULL)
		text++;
	if (!is_line_by_line(text, (size_t)(end - text)))
		rc = read_document(&w, text, (size_t)(end - text), e);
	else
		while (text < end && rc == ERR_OK) {
			const char *lf = memchr(text, '\n', (size_t)(end - text));
			size_t n = (size_t)((lf != NULL ? lf : end) - text);

			if (n > strspn(text, " \t\r"))
				rc = read_document(&w, text, n, e);
			text += n + (lf != NULL);
		}
	arena_free(w.item);
	return rc;
}
