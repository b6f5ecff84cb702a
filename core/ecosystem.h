/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ecosystem - one table, one spelling: which ecosystems exist, whose version order they
 * use, which codename is which release, when a release ended, and how a system's
 * os-release words become an ecosystem.  The rows are data, config/ecosystems.tsv,
 * carried in the binary; feeds and inventories both look here, so they cannot disagree.
 *
 * Read once at first use, constant afterwards: any thread may call.
 */
#ifndef CORE_ECOSYSTEM_H
#define CORE_ECOSYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/component.h"
#include "core/words.h"

struct arena;

struct ecosystem {
	const char *name;       /* "debian:12" */
	const char *family;     /* "debian" */
	const char *scheme;     /* "dpkg" */
	const char *purl_type;  /* "deb" */
	const char *codename;   /* "bookworm"; NULL = none */
	int64_t end_of_life_at; /* start of its last day; 0 = not known or rolling */
	bool has_feed;          /* a driver exists for feeds that speak of it */
	bool is_opt_in;         /* but none that is loaded without being asked for */
};

/* A row by its name; releases not listed one by one ("alpine:3.31") answer with their
 * family's scheme.  NULL if even the family is unknown. */
const struct ecosystem *ecosystem_find(const char *name);
/* FAMILY "debian", CODENAME "bookworm" gives "debian:12"; NULL if unknown. */
const char *ecosystem_of_codename(const char *family, const char *codename);
/* The scheme of an ecosystem, or NULL. */
const char *ecosystem_scheme(const char *name);
/* The I-th listed row, NULL past the end. */
const struct ecosystem *ecosystem_at(size_t i);

/*
 * The one spelling of package NAME in ECOSYSTEM (or its family): NAME itself, or a copy
 * in A where a registry takes several spellings for the same package.
 */
const char *ecosystem_package(const char *ecosystem, const char *name, struct arena *a);

/* What OSV calls "Red Hat:rhel_eus:8.8::baseos". */
struct osv_ecosystem {
	const char *ecosystem;  /* "rhel:8" */
	const char *stream;     /* "eus:8.8"; "" = the base stream */
	enum package_kind kind; /* what the names of its packages mean */
};
/* False, and *RET untouched, if TEXT names no ecosystem that is known.  Texts in A. */
bool ecosystem_of_osv(const char *text, struct arena *a, struct osv_ecosystem *ret);

/*
 * The ecosystem that endoflife.date calls RELEASE of PRODUCT, in A; NULL if it is none.
 * *RET_EXTENDED: its feed goes on until the end of the extended support.
 */
const char *ecosystem_of_product(
    const char *product, const char *release, struct arena *a, bool *ret_extended);

/* Words of /etc/os-release (NULL = absent). */
struct os_words {
	const char *id, *id_like, *version_id, *version_codename, *ubuntu_codename;
	const char *pretty_name, *name, *platform_id;
	const char
	    *debian_version; /* /etc/debian_version, where there is no VERSION_ID */
	bool has_esm;        /* Ubuntu Pro's esm-infra is enabled */
};

/*
 * Fill *RET (texts in A).  A system that no feed can speak of is UNSUPPORTED, with its
 * ecosystem's name where the table has one; no words at all are UNIDENTIFIED; neither
 * is ever clean.  NOW_AT decides END_OF_LIFE (0 = do not judge that).
 */
void ecosystem_of_os(
    const struct os_words *w, int64_t now_at, struct arena *a, struct os *ret);
/*
 * "debian:12", "debian:bookworm" or "alpine:3.20.3" as people type it for --os / os=;
 * false, and *RET untouched, if no such system is known.
 */
bool ecosystem_of_text(
    const char *text, int64_t now_at, struct arena *a, struct os *ret);

#endif
