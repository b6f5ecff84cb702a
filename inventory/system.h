/* SPDX-License-Identifier: Apache-2.0 */
/*
 * system - which system a root file system is, by the files that say so.  Whoever walks the
 * file system (a directory, the layers of an image) hands over the text of those files that
 * are there; links have been resolved inside of it.
 */
#ifndef INVENTORY_SYSTEM_H
#define INVENTORY_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/component.h"
#include "core/err.h"

struct arena;

/* etc/os-release first, the more doubtful the later. */
enum system_file {
	SYSTEM_OS_RELEASE,
	SYSTEM_USR_OS_RELEASE,
	SYSTEM_DEBIAN_VERSION,
	SYSTEM_ALPINE_RELEASE,
	SYSTEM_LSB_RELEASE,
	SYSTEM_ORACLE_RELEASE,
	SYSTEM_REDHAT_RELEASE,
	SYSTEM_CENTOS_RELEASE,
	SYSTEM_RELEASE,
	SYSTEM_USR_RELEASE,
	SYSTEM_RELEASE_CPE,
	SYSTEM_SUSE_RELEASE,
	SYSTEM_ISSUE,
	SYSTEM_FILES
};

#define SYSTEM_FILE_BYTES 65536u /* more than any of them is; the rest is not read */

/* "etc/os-release", from the root, without a slash before it. */
const char *system_path(enum system_file file);

struct system_texts {
	const char *text[SYSTEM_FILES]; /* NULL = not there */
	bool has_esm;                   /* streams_has_esm() */
};

/* Fill *RET as ecosystem_of_os() does; NOW_AT 0 = do not judge the end of life. */
void system_identify(
    const struct system_texts *t, int64_t now_at, struct arena *a, struct os *ret);

/*
 * An image without a system may have been made of BusyBox alone, which says so somewhere
 * in its program, P[0..N).  The component it then is goes to INV, with the name of the
 * system; false if this is no BusyBox.
 */
bool system_is_busybox(
    const void *p, size_t n, struct arena *a, struct inventory *inv, struct err *e);

#endif
