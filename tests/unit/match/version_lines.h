/* SPDX-License-Identifier: Apache-2.0 */
/* version_lines - files of lines "A OP B", OP one of < = >; '#' or "//" begins a comment. */
#ifndef UNIT_MATCH_VERSION_LINES_H
#define UNIT_MATCH_VERSION_LINES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Compare each line of PATH both ways.  Prints what does not hold; *RET_WRONG counts
 * it.  Returns the number of lines compared, 0 if there is no such file.
 */
size_t version_lines(const char *scheme, const char *path, size_t *ret_wrong);
/* The same but for lines with a version that IS_LEFT_OUT tells. */
size_t version_lines_but(const char *scheme, const char *path,
    bool (*is_left_out)(const char *version), size_t *ret_wrong);

#endif
