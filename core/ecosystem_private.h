/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ecosystem_private - the table as ecosystem.c reads it from config/ecosystems.tsv, for
 * ecosystem_os.c.  The file itself explains its rows.
 */
#ifndef CORE_ECOSYSTEM_PRIVATE_H
#define CORE_ECOSYSTEM_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/ecosystem.h"

enum os_rule_kind {
	OS_RULE_MAJOR,
	OS_RULE_MINOR,
	OS_RULE_MAPPED,
	OS_RULE_ROLLING,
	OS_RULE_CODENAME,
	OS_RULE_DEBIAN,
	OS_RULE_ALPINE,
	OS_RULE_COUNT
};

struct os_rule {
	const char *id, *family;
	enum os_rule_kind kind;
	const char *unless; /* not if NAME contains this; NULL = always */
};

struct os_map {
	const char *id, *from, *to;
};

/* Constant once loaded. */
struct ecosystem_table {
	struct {
		struct ecosystem *at;
		size_t n, cap;
	} rows, families;
	struct {
		struct os_rule *at;
		size_t n, cap;
	} rules;
	struct {
		struct os_map *at;
		size_t n, cap;
	} maps;
	struct strmap *names;        /* "debian:12" to its row */
	struct strmap *family_names; /* "debian" to its family */
	struct strmap *codenames;    /* "debian/bookworm" to its row */
};

const struct ecosystem_table *ecosystem_table_(void);

#endif
