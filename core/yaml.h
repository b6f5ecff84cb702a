/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml - small YAML documents as trees in an arena; libyaml stays behind this header.
 * Nodes carry their line for messages.  Aliases are expanded, and the expanded tree is
 * capped, so that ten lines cannot become a billion nodes.
 */
#ifndef CORE_YAML_H
#define CORE_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

struct arena;

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP };

struct yaml {
	enum yaml_kind kind;
	size_t line, column;  /* counted from 1 */
	const char *text;     /* of a YAML_TEXT */
	bool plain;           /* written without quotes: "null" and "~" mean nothing */
	size_t n;             /* items of a list, pairs of a map */
	const char **keys;    /* of a map */
	struct yaml **values; /* of a list or map */
};

/* The one document in TEXT, at most 1 MiB; *RET NULL if it is empty. */
enum err_code yaml_read(
    struct yaml **ret, const char *text, size_t len, struct arena *a, struct err *e);
/*
 * All documents of TEXT ("---" between them), at most MAX_BYTES and MAX_NODES nodes in one.
 * Tags and aliases are as in yaml_read().
 */
enum err_code yaml_read_all(struct yaml ***ret, size_t *ret_n, const char *text,
    size_t len, size_t max_bytes, size_t max_nodes, struct arena *a, struct err *e);
/* A map's value, or NULL. */
const struct yaml *yaml_get(const struct yaml *y, const char *key);
/* Text of a scalar; NULL for no node, null and ~. */
const char *yaml_text(const struct yaml *y);

#endif
