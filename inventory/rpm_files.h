/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm_files - whose files are whose on an rpm system, by its database: a library in a file of
 * the distribution's own package is spoken of by the distribution's advisories, not by those
 * of the language it is written in.
 */
#ifndef INVENTORY_RPM_FILES_H
#define INVENTORY_RPM_FILES_H

#include <stddef.h>

#include "core/err.h"

struct rpm_file_sink {
	/*
	 * A file, folder or link of PACKAGE: FOLDER[0..FOLDER_LEN) from the root without a
	 * slash at its end ("/usr/lib"), then NAME.  Texts are borrowed for the call.
	 */
	void (*file)(void *arg, const char *package, const char *folder,
	    size_t folder_len, const char *name, size_t name_len);
	void *arg;
};

/*
 * Hand every file that the database P[0..N) lists to SINK.  A package whose lists are
 * damaged costs itself: the worst is that a library counts as not owned.
 * ERR_INPUT  this is no rpm database, or a damaged one
 */
enum err_code rpm_files_read(
    const void *p, size_t n, const struct rpm_file_sink *sink, struct err *e);

#endif
