/* SPDX-License-Identifier: Apache-2.0 */
/* version_lines - files of lines "A OP B", OP one of < = >; '#' begins a comment. */
#ifndef UNIT_MATCH_VERSION_LINES_H
#define UNIT_MATCH_VERSION_LINES_H

#include <stddef.h>

/*
 * Compare each line of PATH both ways.  Prints what does not hold; *RET_WRONG counts
 * it.  Returns the number of lines compared, 0 if there is no such file.
 */
size_t version_lines(const char *scheme, const char *path, size_t *ret_wrong);

#endif
