/* SPDX-License-Identifier: Apache-2.0 */
/*
 * osv - what the files of this driver share: osv.c reads a document, osv_names.c says
 * which vulnerabilities a record is about, osv_entries.c what it says of packages.
 */
#ifndef FETCHERS_OSV_H
#define FETCHERS_OSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fetchers/emit.h"

enum osv_bound { OSV_INTRODUCED, OSV_FIXED, OSV_LAST_AFFECTED };

struct osv_event {
	enum osv_bound bound;
	const char *version;
};

struct osv_range {
	const char *type;
	struct {
		struct osv_event *at;
		size_t n, cap;
	} events;
};

/* One item of "affected", as it stands there. */
struct osv_package {
	const char *ecosystem, *name, *purl;
	struct {
		struct osv_range *at;
		size_t n, cap;
	} ranges;
	struct {
		const char **at;
		size_t n, cap;
	} versions;
	const char *word;          /* of severity, for this package alone */
	const char *informational; /* RustSec: "unmaintained", "unsound", "notice" */
	const char *availability; /* Ubuntu: "Available with Ubuntu Pro: https://..." */
	const char *last_known;   /* GitHub: "<= 1.2.3", where no fix is known */
	bool is_livepatch; /* Ubuntu: of a kernel's patch module, not of packages */
};

/* One record, as it stands there. */
struct osv_record {
	const char *id, *summary, *details, *word;
	int64_t published, modified, withdrawn;
	bool has_modified; /* also where it is no time that can be */
	struct texts aliases, upstream, related, links, cwes, vectors;
	struct {
		struct osv_package *at;
		size_t n, cap;
	} packages;
};

/* ---- osv_names.c ---- */

struct osv_names {
	struct texts vulnerabilities, aliases;
	bool is_distro; /* an advisory of a distribution */
	bool is_malware;
	bool is_no_flaw; /* mends or adds something, and names no vulnerability */
};

/* False if the record has no id that can be kept. */
bool osv_names(struct arena *a, const struct osv_record *rec, struct osv_names *ret);

/* ---- osv_entries.c ---- */

struct osv_entries {
	struct affected *at;
	size_t n, cap;
};

/*
 * Entries of everything in REC that is about a package of a known ecosystem.  What could
 * not be used is told to EM, but for a record of which nothing could: then *RET_WHY says
 * why.
 */
enum err_code osv_entries(struct emitter *em, const struct osv_record *rec,
    const struct osv_names *names, struct osv_entries *ret, const char **ret_why,
    struct err *e);

#endif
