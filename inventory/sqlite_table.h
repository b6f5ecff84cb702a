/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sqlite_table - the rows of one table of an SQLite file that lies in memory: rpm's and
 * dnf's databases are such files.
 *
 * The file comes out of an image and may have been made to hurt, so the library that could
 * read it is not asked: no SQL, view, trigger, index or extension of the file is ever
 * looked at.  What is read is the table's own tree, and every page at most once: whatever
 * the file says, reading it costs no more than its length.
 */
#ifndef INVENTORY_SQLITE_TABLE_H
#define INVENTORY_SQLITE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct arena;

#define SQLITE_TABLE_COLUMNS 8 /* most that can be asked for at once */

enum sqlite_kind { SQLITE_NULL_VALUE, SQLITE_INTEGER, SQLITE_BYTES };

struct sqlite_value {
	enum sqlite_kind kind;
	int64_t integer;
	const unsigned char *bytes; /* of a text or a blob; borrowed for one call */
	size_t len;
};

struct sqlite_query {
	const char *table;
	const char *columns[SQLITE_TABLE_COLUMNS]; /* NULL = no more */
	/* A row: one value for each of COLUMNS.  Anything but ERR_OK ends the reading. */
	enum err_code (*row)(
	    void *arg, const struct sqlite_value *values, struct err *e);
	void *arg;
};

/* Do these first bytes begin an SQLite file? */
bool sqlite_table_is_file(const void *p, size_t n);

/*
 * Hand every row of the table to Q.
 * ERR_NOTFOUND  no such table, or none with such columns
 * ERR_INPUT     the file is damaged or cut short; rows before may have been handed over
 */
enum err_code sqlite_table_read(const void *p, size_t n, const struct sqlite_query *q,
    struct arena *a, struct err *e);

#endif
