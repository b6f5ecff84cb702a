/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ecosystem_private - the table as ecosystem.c reads it from config/ecosystems.tsv, for
 * ecosystem_os.c and ecosystem_osv.c.  The file itself explains its rows.
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

enum name_form { NAME_FORM_LOWER, NAME_FORM_PEP503, NAME_FORM_COUNT };

struct name_rule {
	const char *family;
	enum name_form form;
};

enum osv_rule_kind {
	OSV_RULE_ROLLING,
	OSV_RULE_RELEASE,
	OSV_RULE_MAJOR,
	OSV_RULE_MINOR,
	OSV_RULE_UBUNTU,
	OSV_RULE_REDHAT,
	OSV_RULE_SUSE,
	OSV_RULE_PRODUCT,
	OSV_RULE_COUNT
};

struct osv_rule {
	const char *name, *family;
	enum osv_rule_kind kind;
	enum package_kind packages;
	const char *stream; /* NULL = the base stream */
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
	struct {
		struct name_rule *at;
		size_t n, cap;
	} name_rules;
	struct {
		struct osv_rule *at;
		size_t n, cap;
	} osv_rules;
	struct {
		struct product_rule {
			const char *product, *family;
			bool extended;
		} * at;
		size_t n, cap;
	} product_rules;
	struct strmap *names;        /* "debian:12" to its row */
	struct strmap *family_names; /* "debian" to its family */
	struct strmap *codenames;    /* "debian/bookworm" to its row */
};

const struct ecosystem_table *ecosystem_table_(void);
/* What the map rows make of RELEASE of ID; NULL = nothing. */
const char *ecosystem_mapped_(const char *id, const char *release);

#endif
