/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk - the two loops that documents with many small objects are read with: an object by
 * a table of keys and readers, and a list of objects one by one.  What is of another type
 * than expected is as good as missing, and keys that are not in the table are skipped.
 *
 * For the files of this room only.
 */
#ifndef FETCHERS_WALK_H
#define FETCHERS_WALK_H

#include <stdbool.h>

#include "core/err.h"
#include "core/json_read.h"

/* Reads one value (or, as told below, the rest of an object) into ARG. */
typedef enum err_code (*walk_reader)(void *arg, struct err *e);

struct walk_field {
	const char *key; /* NULL ends the table */
	walk_reader read;
};

/* The members of an object whose beginning has been read. */
enum err_code walk_members(
    struct json_reader *r, const struct walk_field *fields, void *arg, struct err *e);
/* The next value, an object; *RET_IS_OBJECT, which may be NULL, says whether it is. */
enum err_code walk_object(struct json_reader *r, const struct walk_field *fields,
    void *arg, bool *ret_is_object, struct err *e);
/* The next value, a list: EACH for every object in it, whose beginning has been read. */
enum err_code walk_objects(
    struct json_reader *r, walk_reader each, void *arg, struct err *e);

#endif
