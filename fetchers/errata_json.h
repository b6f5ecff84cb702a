/* SPDX-License-Identifier: Apache-2.0 */
/*
 * errata_json - what the two files of this driver share: errata_json.c reads a document,
 * errata_emit.c makes records of it.
 */
#ifndef FETCHERS_ERRATA_JSON_H
#define FETCHERS_ERRATA_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fetchers/emit.h"
#include "fetchers/scores.h"

/* One package, as it stands there: by its parts, or as a NEVRA with the rest. */
struct rpm {
	const char *name, *epoch, *version, *release, *arch;
	const char *nevra;   /* "delve-0:1.25.2-1.el10_1.aarch64.rpm" */
	const char *module;  /* "mariadb:10.3", and more behind it; NULL = none said */
	const char *product; /* "Rocky Linux 10 aarch64" */
};

/* One erratum, as it stands there. */
struct erratum {
	const char *id, *type, *severity, *title, *description;
	const char *module; /* said once for all packages; NULL = none */
	int64_t issued, updated;
	struct texts cves, links, cwes;
	struct said_scores scores;
	struct {
		struct rpm *at;
		size_t n, cap;
	} packages;
	bool has_packages;
};

/*
 * Hand over the record of X if it is about security; PLACE names it in the document where
 * it has no id.
 */
enum err_code errata_emit(
    struct emitter *em, struct erratum *x, const char *place, struct err *e);

#endif
