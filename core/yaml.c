/* SPDX-License-Identifier: Apache-2.0 */
/* A YAML document as a capped tree; see yaml.h. */
#include "core/yaml.h"

#include <string.h>
#include <yaml.h>

#include "core/arena.h"
#include "core/str.h"
#include "core/strmap.h"

#define MAX_YAML_BYTES (1u << 20)
#define MAX_YAML_DEPTH 64
#define MAX_YAML_NODES 200000

struct builder {
	yaml_document_t *doc;
	struct arena *a;
	size_t nodes, max_nodes;
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

/* The text of a scalar; one with a NUL inside would not be what was written. */
static enum err_code
build_text(struct builder *b, const yaml_node_t *node, const char **ret, struct err *e)
{
	const char *text = (const char *)node->data.scalar.value;

	if (memchr(text, 0, node->data.scalar.length) != NULL)
		return err_set(e, ERR_INPUT, "line %zu: a text holds a NUL",
		    node->start_mark.line + 1);
	*ret = arena_strndup(b->a, text, node->data.scalar.length);
	return ERR_OK;
}

static enum err_code
build_pairs(struct builder *b, const yaml_node_pair_t *first, unsigned depth,
    struct yaml *y, struct strmap *seen, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < y->n && rc == ERR_OK; i++) {
		const yaml_node_t *key = yaml_document_get_node(b->doc, first[i].key);
		bool is_new;

		if (key == NULL || key->type != YAML_SCALAR_NODE)
			return err_set(
			    e, ERR_INPUT, "line %zu: a key must be a word", y->line);
		if ((rc = build_text(b, key, &y->keys[i], e)) != ERR_OK)
			return rc;
		(void)strmap_put(seen, y->keys[i], &is_new);
		if (!is_new)
			return err_set(e, ERR_INPUT,
			    "line %zu: \"%s\" is written twice",
			    key->start_mark.line + 1, y->keys[i]);
		rc = build(b, first[i].value, depth + 1, &y->values[i], e);
	}
	return rc;
}

static enum err_code
build_map(struct builder *b, const yaml_node_t *node, unsigned depth, struct yaml *y,
    struct err *e)
{
	yaml_node_pair_t *first = node->data.mapping.pairs.start;
	struct strmap *seen = strmap_new();
	enum err_code rc;

	y->kind = YAML_MAP;
	y->n = (size_t)(node->data.mapping.pairs.top - first);
	y->keys = arena_array(b->a, y->n, sizeof(*y->keys));
	y->values = arena_array(b->a, y->n, sizeof(*y->values));
	rc = build_pairs(b, first, depth, y, seen, e);
	strmap_free(seen);
	return rc;
}

static enum err_code
build(struct builder *b, int index, unsigned depth, struct yaml **ret, struct err *e)
{
	const yaml_node_t *node = yaml_document_get_node(b->doc, index);
	struct yaml *y;

	if (node == NULL)
		return err_set(e, ERR_INPUT, "damaged YAML");
	if (depth > MAX_YAML_DEPTH || ++b->nodes > b->max_nodes)
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
	y->plain = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return build_text(b, node, &y->text, e);
}

/* What the parser did not like; bytes that are no text have an offset, no line. */
static enum err_code
yaml_failure(const yaml_parser_t *parser, const char *text, struct err *e)
{
	const char *problem = parser->problem != NULL ? parser->problem : "not YAML";
	size_t line = parser->problem_mark.line, column = parser->problem_mark.column;

	if (parser->error == YAML_READER_ERROR) {
		line = column = 0;
		for (size_t i = 0; i < parser->problem_offset; i++) {
			column = text[i] == '\n' ? 0 : column + 1;
			line += text[i] == '\n';
		}
	}
	return err_set(
	    e, ERR_INPUT, "line %zu, column %zu: %s", line + 1, column + 1, problem);
}

/* Load the next document and build its tree, *RET NULL if there is none. */
static enum err_code
read_document(yaml_parser_t *parser, const char *text, size_t max_nodes,
    struct arena *a, struct yaml **ret, bool *ret_end, struct err *e)
{
	yaml_document_t doc;
	struct builder b = { .doc = &doc, .a = a, .max_nodes = max_nodes };
	enum err_code rc = ERR_OK;

	if (!yaml_parser_load(parser, &doc))
		return yaml_failure(parser, text, e);
	/* without a node the stream has ended: an empty document has an empty text */
	*ret_end = yaml_document_get_root_node(&doc) == NULL;
	if (!*ret_end)
		rc = build(&b, 1, 0, ret, e);
	yaml_document_delete(&doc);
	return rc;
}

enum err_code
yaml_read(
    struct yaml **ret, const char *text, size_t len, struct arena *a, struct err *e)
{
	yaml_parser_t parser;
	struct yaml *root = NULL, *more = NULL;
	bool at_end = false;
	enum err_code rc;

	if (len > MAX_YAML_BYTES)
		return err_set(e, ERR_LIMIT, "more than 1 MiB of YAML");
	if (!yaml_parser_initialize(&parser))
		return err_set(e, ERR_BUG, "no YAML parser");
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	rc = read_document(&parser, text, MAX_YAML_NODES, a, &root, &at_end, e);
	if (rc == ERR_OK && root != NULL)
		rc = read_document(&parser, text, MAX_YAML_NODES, a, &more, &at_end, e);
	if (rc == ERR_OK && more != NULL)
		rc = err_set(
		    e, ERR_INPUT, "line %zu: a second document begins", more->line);
	yaml_parser_delete(&parser);
	if (rc == ERR_OK)
		*ret = root;
	return rc;
}

enum err_code
yaml_read_all(struct yaml ***ret, size_t *ret_n, const char *text, size_t len,
    size_t max_bytes, size_t max_nodes, struct arena *a, struct err *e)
{
	struct {
		struct yaml **at;
		size_t n, cap;
	} roots = { 0 };
	yaml_parser_t parser;
	bool at_end = false;
	enum err_code rc = ERR_OK;

	if (len > max_bytes)
		return err_set(e, ERR_LIMIT, "more than %zu bytes of YAML", max_bytes);
	if (!yaml_parser_initialize(&parser))
		return err_set(e, ERR_BUG, "no YAML parser");
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	while (rc == ERR_OK && !at_end) {
		struct yaml *root = NULL;

		rc = read_document(&parser, text, max_nodes, a, &root, &at_end, e);
		if (rc == ERR_OK && root != NULL)
			*ARENA_PUSH(a, &roots) = root;
	}
	yaml_parser_delete(&parser);
	*ret = roots.at;
	*ret_n = roots.n;
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
