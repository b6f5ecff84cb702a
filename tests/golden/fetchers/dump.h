/* SPDX-License-Identifier: Apache-2.0 */
/* dump - everything a driver makes of a document, as text. */
#ifndef GOLDEN_FETCHERS_DUMP_H
#define GOLDEN_FETCHERS_DUMP_H

#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "fetchers/fetchers.h"

struct dump {
	struct record_sink sink; /* first: drivers hand this back */
	struct buf *out;         /* borrowed */
	uint64_t records, skipped;
};

/*
 * Records of the document at PATH as lines of JSON, "skipped<TAB>KEY<TAB>WHY" in
 * between, and at the end "refused<TAB>CODE<TAB>WHY" if it was.
 */
enum err_code dump_file(struct dump *d, const struct driver *driver,
    const struct parse_env *env, const char *path, struct buf *out);

#endif
