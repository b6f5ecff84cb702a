/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csaf - what the files of this driver share: csaf.c reads a document, csaf_product.c
 * says which package a product is, csaf_record.c makes records, csaf_fetch.c gets the
 * documents.
 */
#ifndef FETCHERS_CSAF_H
#define FETCHERS_CSAF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/record.h"
#include "fetchers/emit.h"
#include "fetchers/scores.h"

struct strmap;

/* A product, or what stands for the absence of one. */
#define CSAF_NONE UINT32_MAX

/* A system, as feeds and inventories know it. */
struct csaf_place {
	const char *ecosystem, *stream;
	const char *purl_type;
	enum package_kind bare; /* what a name alone, without an architecture, means */
	unsigned number;        /* among those of the document */
};

enum csaf_state {
	CSAF_PACKAGE,
	CSAF_FOREIGN, /* rightly left out: a container, a jar, another system */
	CSAF_BROKEN,  /* 'why' */
};

/* What a product is as a part of a system. */
struct csaf_part {
	enum csaf_state state;
	const char *why;
	const char *type; /* of its purl; NULL = the system's own */
	const char *name, *module;
	const char *version; /* NULL = of every version */
	const char *arch;    /* NULL = of every architecture */
	enum package_kind kind;
	bool is_bare;    /* a name and nothing else */
	unsigned number; /* of what it says but for the architecture */
};

/* Which package a product is. */
struct csaf_package {
	enum csaf_state state;
	const char *why;
	const struct csaf_place *place;
	const char *name, *module, *version, *arch; /* as above; module "" = none */
	enum package_kind kind;
	/* the same for two that differ in their place and architecture at most */
	unsigned number;
};

/* The name of an id, and how it came about: alone, or as a part of another product. */
struct csaf_product {
	const char *name, *cpe, *purl; /* NULL = not said */
	uint32_t component, platform;  /* CSAF_NONE unless it is the one in the other */
	bool is_known;                 /* the product tree has it */
	bool is_range;                 /* of versions, in words that nobody can order */
	bool is_placed;                /* 'place' has been looked for */
	/* found once, when they are first asked for; NULL = none */
	const struct csaf_place *place;
	const struct csaf_part *part;
};

/* Products by their number, and groups of them by theirs. */
struct csaf_numbers {
	uint32_t *at;
	size_t n, cap;
};
struct csaf_choice {
	struct csaf_numbers products, groups;
};

/* Something that is said of some products, or of all. */
struct csaf_remark {
	const char *category, *details;
	struct csaf_choice about;
};
struct csaf_remarks {
	struct csaf_remark *at;
	size_t n, cap;
};

enum csaf_list {
	CSAF_FIXED, /* "fixed", "first_fixed", "recommended": the version that has it */
	CSAF_AFFECTED,
	CSAF_LAST_AFFECTED,
	CSAF_NOT_AFFECTED,
	CSAF_INVESTIGATED,
	CSAF_LIST_COUNT
};

struct csaf_note {
	const char *category, *text;
};

/* One vulnerability, as it stands there. */
struct csaf_vulnerability {
	const char *cve, *title, *description, *summary;
	int64_t released;
	struct texts cwes, links;
	struct csaf_numbers lists[CSAF_LIST_COUNT];
	struct csaf_remarks remediations, threats, flags;
	struct said_scores scores;
};

/* One document.  What belongs to it is owned by the parse. */
struct csaf_document {
	struct arena *arena; /* of its lists */
	struct arena *texts; /* of its words */
	size_t id_bytes;     /* of the two maps */
	const char *id, *title, *severity;
	int64_t published, modified;
	bool is_csaf;             /* has a header that only such documents have */
	struct strmap *ids;       /* of products: their place in 'products' */
	struct strmap *group_ids; /* the same for 'groups' */
	struct strmap *parts;     /* what a part says: its number */
	uint32_t last;            /* the product that was asked for last */
	struct {
		struct csaf_product *at;
		size_t n, cap;
	} products;
	struct {
		struct csaf_numbers *at;
		size_t n, cap;
	} groups;
	struct {
		struct csaf_place **at;
		size_t n, cap;
	} places;
	struct {
		struct csaf_vulnerability *at;
		size_t n, cap;
	} vulnerabilities;
};

/* ---- csaf_product.c ---- */

/* Which package product NUMBER of D is; its texts belong to D. */
struct csaf_package csaf_package(struct csaf_document *d, uint32_t number);

/* ---- csaf_record.c ---- */

/* Hand over the records of D; what cannot be used is told. */
enum err_code csaf_emit(struct emitter *em, struct csaf_document *d, struct err *e);

#endif
