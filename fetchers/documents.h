/* SPDX-License-Identifier: Apache-2.0 */
/* documents - a saved file as the documents it holds.  For the files of this room only. */
#ifndef FETCHERS_DOCUMENTS_H
#define FETCHERS_DOCUMENTS_H

#include <stdint.h>

#include "core/err.h"
#include "fetchers/fetchers.h"

struct documents {
	uint64_t n;      /* read */
	uint64_t unread; /* members of an archive that could not be, told as skipped */
};

/*
 * Parse the file at PATH with D: a document, or an archive of them if D has 'member'.
 * *RET is written only if at least one document was read.
 */
enum err_code documents_parse(const struct driver *d, const struct parse_env *env,
    const char *path, struct record_sink *sink, struct documents *ret, struct err *e);

#endif
