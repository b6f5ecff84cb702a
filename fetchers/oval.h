/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oval - what the files of this driver share.
 *
 * oval.c             the document and its sections
 * oval_definition.c  a definition: read, laid aside, taken back
 * oval_tables.c      what definitions refer to: tests, objects, states, variables
 * oval_home.c        whose packages: products and release packages
 * oval_criteria.c    from a tree of criteria to entries about packages (oval_criteria.h)
 * oval_record.c      from a definition to records
 */
#ifndef FETCHERS_OVAL_H
#define FETCHERS_OVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fetchers/emit.h"
#include "fetchers/fetchers.h"

struct buf;
struct xml_value;

/* An id as it is kept: 64 bits of it.  Ids of one document differ in their digits. */
uint64_t oval_id(const char *text); /* 0 for NULL */

/* Attribute NAME of V, in the arena; NULL = absent or empty. */
const char *oval_attribute(
    struct emitter *em, const struct xml_value *v, const char *name);

/* ---- what definitions refer to ---- */

enum oval_op {
	OVAL_NOTHING, /* the state does not speak of it */
	OVAL_LESS,
	OVAL_LESS_EQUAL,
	OVAL_GREATER,
	OVAL_GREATER_EQUAL,
	OVAL_EQUALS,
	OVAL_MATCH, /* a pattern */
	OVAL_UNKNOWN
};

/* What a test asks of a package.  Texts "" where nothing is asked. */
struct oval_leaf {
	bool is_package; /* of installed packages; else of anything */
	bool is_broken;  /* it refers to what the document does not have */
	bool has_state;
	bool none_satisfies, none_exists;
	const uint32_t *names; /* n_names; oval_name() */
	size_t n_names;
	uint32_t one_name;
	enum oval_op evr_op, version_op, arch_op;
	const char *evr, *version, *arch;
};

struct oval_tables; /* opaque here; oval_tables.c */

struct oval_tables *oval_tables_new(void);
void oval_tables_free(struct oval_tables *t);
/* Read the section whose element V was entered last, if it is one of them. */
enum err_code oval_tables_read(struct oval_tables *t, struct emitter *em,
    struct xml_reader *r, const struct xml_value *v, struct err *e);
/* False if there is no test ID.  *RET is borrowed until the next section is read. */
bool oval_tables_find(struct oval_tables *t, uint64_t id, struct oval_leaf *ret);
/* The I-th name of a leaf, maybe inside a pattern for lines of a manifest. */
const char *oval_name(const struct oval_tables *t, const struct oval_leaf *l, size_t i);
/* "^libssh-4(?::\\w+|)\\s+(.*)$" without what is around the name, in the arena. */
const char *oval_bare_name(struct arena *a, const char *name);

/* ---- a definition ---- */

enum oval_node_kind { OVAL_AND, OVAL_OR, OVAL_TEST };

struct oval_node {
	enum oval_node_kind kind;
	bool negate;
	size_t end;          /* behind the last node below this one */
	uint64_t test;       /* 0: a definition that is extended */
	const char *comment; /* NULL = none */
};

struct oval_cve {
	const char *id, *scorer; /* "CVE-2019-1", "NVD"; scorer NULL = the publisher */
	const char *impact;
	const char *cvss2, *cvss3, *cvss4; /* "7.5/CVSS:3.1/AV:N/..." */
	const char *score, *vector;        /* said apart */
	const char *cwe;
	uint64_t test; /* the one test this is about; 0 = all of the definition */
};

struct oval_resolution {
	const char *state, *component;
};

struct oval_definition {
	const char *id, *title, *description, *severity, *notice;
	const char *patchable; /* Azure: "true", "false", "Not Applicable" */
	const char *stream;    /* Red Hat: of the products; NULL = none of its own */
	bool is_patch;
	int64_t published, modified;
	struct texts cves, links, platforms;
	struct {
		struct oval_cve *at;
		size_t n, cap;
	} scored;
	struct {
		struct oval_resolution *at;
		size_t n, cap;
	} resolutions;
	struct {
		struct oval_node *at;
		size_t n, cap;
	} nodes;
};

/*
 * Read the definition whose element V was entered last, into the arena of EM.
 * *RET_USED is false for one that is not about a vulnerability.
 */
enum err_code oval_definition_read(struct emitter *em, struct xml_reader *r,
    const struct xml_value *v, struct oval_definition *ret, bool *ret_used,
    struct err *e);
void oval_definition_pack(struct oval_definition *d, struct buf *out);
/* Texts point into P; lists lie in A. */
void oval_definition_unpack(
    struct oval_definition *ret, const void *p, size_t len, struct arena *a);

/* ---- whose packages ---- */

struct oval_home {
	const char *ecosystem, *stream;
};

/* "SUSE Linux Enterprise Server 15 SP4", "Ubuntu Pro FIPS-updates 22.04 LTS". */
bool oval_home_of_product(struct arena *a, const char *product, struct oval_home *ret);
/* "Oracle Linux 8 is installed": a product, known or not; NULL if it says no such thing. */
const char *oval_product_of_comment(struct arena *a, const char *comment);
/* What the package NAME of release VERSION stands for: "sles-release", "15.4". */
bool oval_home_of_release(
    struct arena *a, const char *name, const char *version, struct oval_home *ret);
/* By the tag of a version, ".azl3". */
bool oval_home_of_version(struct arena *a, const char *version, struct oval_home *ret);

/* ---- entries and records ---- */

struct oval_publisher {
	const char *prefix;     /* of the ids of its definitions */
	enum package_kind kind; /* what its names of packages mean */
	bool needs_arch;        /* entries without one are mistakes */
	bool has_flavours;      /* builds side by side, told apart by their versions */
	bool says_in_comments;  /* the status stands in comments only */
	bool has_bare_tags;     /* ".cm2" also behind versions without a release */
	const char *unaffected; /* ids that begin so deny; NULL = none */
};

struct oval_entries {
	struct affected *at;
	size_t n, cap;
	const char *fault; /* why something of the definition was left out; NULL = no */
	bool is_elsewhere; /* something was about systems that are not known here */
};

/*
 * What D says, in the arena of EM.  ONLY, if it is not NULL, is the one CVE whose test
 * counts.  KNOWN is the ecosystem where neither D nor its versions name one.
 */
enum err_code oval_entries_of(struct emitter *em, struct oval_tables *t,
    const struct oval_publisher *who, const struct oval_definition *d,
    const struct oval_cve *only, const char *known, struct oval_entries *ret,
    struct err *e);

enum err_code oval_emit(struct emitter *em, struct oval_tables *t,
    struct oval_definition *d, const char *known, struct err *e);

#endif
