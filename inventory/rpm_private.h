/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm_private - an rpm database is a container (SQLite, ndb or a Berkeley DB hash) full of
 * header blobs, one for each installed package.  Containers know nothing of headers and
 * headers nothing of containers.
 */
#ifndef INVENTORY_RPM_PRIVATE_H
#define INVENTORY_RPM_PRIVATE_H

#include "inventory/inventory_private.h"
#include "inventory/rpm_files.h"

/* ---- headers: rpm_header.c ---- */

/* What a package says of itself.  Texts in the arena; NULL = it does not say. */
struct rpm_header {
	const char *name, *version, *release, *arch;
	const char *vendor, *packager;
	const char *sourcerpm; /* "bash-5.1.8-6.el9.src.rpm" */
	const char *module;    /* the label: "nodejs:18:9020...:rhel9" */
	uint32_t epoch;        /* 0 = none */
};

/*
 * Read the blob P[0..LEN), as databases hold it.  False if it is none, *RET_WHY then says
 * what is wrong with it.
 */
bool rpm_header_read(const unsigned char *p, size_t len, struct arena *a,
    struct rpm_header *ret, const char **ret_why);

/*
 * Hand the files of the blob's package to SINK, MOST at most.  False if it is no header, or
 * its lists do not fit each other; what was handed over until then stands.
 */
bool rpm_header_files(const unsigned char *p, size_t len, struct arena *a, size_t most,
    const struct rpm_file_sink *sink);

/* ---- containers: rpm_sqlite.c rpm_ndb.c rpm_bdb.c ---- */

/* Who is handed what a container holds. */
struct rpm_sink {
	struct arena *arena;
	/* A blob, borrowed for the call. */
	enum err_code (*blob)(
	    void *arg, const unsigned char *p, size_t len, struct err *e);
	/* One blob could not be read, and why. */
	void (*broken)(void *arg, const char *why);
	void *arg;
};

struct rpm_container {
	const char *name; /* MUST: "ndb", for messages */
	/* MUST.  Do the first N bytes begin such a container? */
	bool (*is)(const unsigned char *p, size_t n);
	/*
	 * MUST.  Hand every blob of P[0..LEN) to S.  ERR_INPUT: the container itself is
	 * damaged.  Time and memory are bounded by LEN, whatever the bytes say.
	 */
	enum err_code (*read)(const unsigned char *p, size_t len,
	    const struct rpm_sink *s, struct err *e);
};

extern const struct rpm_container rpm_sqlite, rpm_ndb, rpm_bdb;
/* Which of them begins with these N bytes; NULL = none.  rpm.c */
const struct rpm_container *rpm_container_of(const unsigned char *p, size_t n);

/* ---- packages: rpm_package.c ---- */

/*
 * Append the package of H to INV: names, versions, module, and whose package it is.  What
 * is no package (a key, a package without a name) is passed over or warned of.
 */
enum err_code rpm_package_add(
    struct inventory *inv, const struct rpm_header *h, struct arena *a, struct err *e);
/*
 * Headers name their source without its epoch.  Once all are there, a package whose
 * version is its source's tells it to the others that were built with it.  From component
 * FIRST on.
 */
void rpm_package_epochs(struct inventory *inv, size_t first, struct arena *a);
/* "0:1.2-3" and "1.2-3" are one version: without an epoch of 0. */
const char *rpm_package_evr(
    struct arena *a, uint32_t epoch, const char *version, const char *release);
/* "bash-5.1.8-6.el9.src.rpm": false, and nothing touched, if TEXT is no such name. */
bool rpm_package_source(
    const char *text, struct arena *a, const char **ret_name, const char **ret_version);
/* "nodejs:18:9020...:rhel9" to "nodejs:18"; NULL if it is no label. */
const char *rpm_package_module(const char *label, struct arena *a);

/* ---- lists: rpm_list.c ---- */

/* An rpm in one line of a list, into which *RET points; false if it is none. */
bool rpm_list_line(char *line, struct rpm_header *ret);

/* ---- whose: rpm_vendor.c ---- */

/* Whose package C is, who calls itself VENDOR (NULL = the document has no vendors):
 * vendor and, of a repository that is its own ecosystem, ecosystem. */
void rpm_vendor(struct component *c, const char *vendor, struct arena *a);

#endif
