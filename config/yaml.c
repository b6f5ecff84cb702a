/* SPDX-License-Identifier: Apache-2.0 */
/* A YAML document as a capped tree; see yaml.h. */
#include "config/yaml.h"

#include <string.h>
#include <yaml.h>

#include "core/arena.h"
#include "core/str.h"

#define MAX_YAML_BYTES (1u << 20)
#define MAX_YAML_DEPTH 64
#define MAX_YAML_NODES 200000

struct builder {
	yaml_document_t *doc;
	struct arena *a;
	size_t nodes;
};

static enum err_code build(
    struct builder *b, int index, unsigned depth, struct yaml **ret, struct err *e);

static enum err_code
build_list(struct builder *b, const yaml_node_t *node, unsigned depth, struct yaml *y,
    struct err *e)
{
	yaml_node_item_t *first = node->data.sequence.items.start;
	enum err_code rc;

	y->kind = YAML_LIST;
	y->n = (size_t)(node->data.sequence.items.top - first);
	y->values = arena_array(b->a, y->n, sizeof(*y->values));
	for (size_t i = 0; i < y->n; i++)
		if ((rc = build(b, first[i], depth + 1, &y->values[i], e)) != ERR_OK)
			return rc;
	return ERR_OK;
}

static bool
seen_before(const struct yaml *y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(y->keys[i], y->keys[n]))
			return true;
	return false;
}

static enum err_code
build_map(struct builder *b, const yaml_node_t *node, unsigned depth, struct yaml *y,
    struct err *e)
{
	yaml_node_pair_t *first = node->data.mapping.pairs.start;
	enum err_code rc;

	y->kind = YAML_MAP;
	y->n = (size_t)(node->data.mapping.pairs.top - first);
	y->keys = arena_array(b->a, y->n, sizeof(*y->keys));
	y->values = arena_array(b->a, y->n, sizeof(*y->values));
	for (size_t i = 0; i < y->n; i++) {
		const yaml_node_t *key = yaml_document_get_node(b->doc, first[i].key);

		if (key == NULL || key->type != YAML_SCALAR_NODE)
			return err_set(
			    e, ERR_INPUT, "line %zu: a key must be a word", y->line);
		y->keys[i] = arena_strndup(b->a, (const char *)key->data.scalar.value,
		    key->data.scalar.length);
		if (seen_before(y, i))
			return err_set(e, ERR_INPUT,
			    "line %zu: \"%s\" is written twice",
			    key->start_mark.line + 1, y->keys[i]);
		rc = build(b, first[i].value, depth + 1, &y->values[i], e);
		if (rc != ERR_OK)
			return rc;
	}
	return ERR_OK;
}

static enum err_code
build(struct builder *b, int index, unsigned depth, struct yaml **ret, struct err *e)
{
	const yaml_node_t *node = yaml_document_get_node(b->doc, index);
	struct yaml *y;

	if (node == NULL)
		return err_set(e, ERR_INPUT, "damaged YAML");
	if (depth > MAX_YAML_DEPTH || ++b->nodes > MAX_YAML_NODES)
		return err_set(e, ERR_LIMIT, "line %zu: nested too deep or too large",
		    node->start_mark.line + 1);
	y = arena_zalloc(b->a, sizeof(*y));
	y->line = node->start_mark.line + 1;
	y->column = node->start_mark.column + 1;
	*ret = y;
	if (node->type == YAML_SEQUENCE_NODE)
		return build_list(b, node, depth, y, e);
	if (node->type == YAML_MAPPING_NODE)
		return build_map(b, node, depth, y, e);
	y->kind = YAML_TEXT;
	if (memchr(node->data.scalar.value, 0, node->data.scalar.length) != NULL)
		return err_set(e, ERR_INPUT, "line %zu: a text holds a NUL", y->line);
	y->text = arena_strndup(
	    b->a, (const char *)node->data.scalar.value, node->data.scalar.length);
	y->plain = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return ERR_OK;
}

enum err_code
yaml_read(
    struct yaml **ret, const char *text, size_t len, struct arena *a, struct err *e)
{
	yaml_parser_t parser;
	yaml_document_t doc;
	struct builder b = { .doc = &doc, .a = a };
	struct yaml *root = NULL;
	enum err_code rc = ERR_OK;

	if (len > MAX_YAML_BYTES)
		return err_set(e, ERR_LIMIT, "more than 1 MiB of YAML");
	if (!yaml_parser_initialize(&parser))
		return err_set(e, ERR_BUG, "no YAML parser");
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	if (!yaml_parser_load(&parser, &doc)) {
		rc = err_set(e, ERR_INPUT, "line %zu, column %zu: %s",
		    parser.problem_mark.line + 1, parser.problem_mark.column + 1,
		    parser.problem != NULL ? parser.problem : "not YAML");
		yaml_parser_delete(&parser);
		return rc;
	}
	if (yaml_document_get_root_node(&doc) != NULL)
		rc = build(&b, 1, 0, &root, e);
	yaml_document_delete(&doc);
	yaml_parser_delete(&parser);
	if (rc == ERR_OK)
		*ret = root;
	return rc;
}

const struct yaml *
yaml_get(const struct yaml *y, const char *key)
{
	if (y == NULL || y->kind != YAML_MAP)
		return NULL;
	for (size_t i = 0; i < y->n; i++)
		if (str_eq(y->keys[i], key))
			return y->values[i];
	return NULL;
}

const char *
yaml_text(const struct yaml *y)
{
	if (y == NULL || y->kind != YAML_TEXT)
		return NULL;
	if (y->plain &&
	    (y->text[0] == '\0' || str_eq(y->text, "~") || str_eq(y->text, "null")))
		return NULL;
	return y->text;
}
