/* SPDX-License-Identifier: Apache-2.0 */
/*
 * language - what the readers of language packages share.  Each is a row of databases.h in a
 * file of its own, lang_NAME.c.
 *
 * What stands in a lock file is what somebody meant to install; only what lies there
 * installed is read.  A file is taken apart before anything of it is added, in an arena of
 * its own, so a broken one costs itself.
 */
#ifndef INVENTORY_LANGUAGE_H
#define INVENTORY_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/json_read.h"
#include "inventory/databases.h"

struct arena;
struct owned_paths; /* inventory/owned.h */

extern const struct database database_python, database_npm, database_gem,
    database_dotnet, database_php, database_java, database_go, database_rust,
    database_r, database_conda, database_lua, database_erlang, database_sbom;

/* One package as a file names it; all borrowed. */
struct language_package {
	const char *ecosystem; /* "npm"; NULL = none, then TYPE says what it is */
	const char *type;      /* purl type; NULL = the ecosystem's own */
	const char *name, *version;
	unsigned flags; /* COMPONENT_... */
};

/* Packages of one file before they are added. */
struct language_list {
	struct arena *a; /* of the file: what the texts lie in */
	struct language_package *at;
	size_t n, cap;
};

void language_push(struct language_list *l, const struct language_package *p);

/*
 * Add what L holds, found in PATH, to INV: copies, with package URLs.  Only the caps of the
 * whole inventory are errors.
 */
enum err_code language_add(struct inventory *inv, const char *path,
    const struct language_list *l, struct arena *a, struct err *e);

/* PATH could not be read for the reason in WHY: a warning. */
void language_refuse(
    struct inventory *inv, const char *path, const struct err *why, struct arena *a);

/*
 * What most rows are: take F apart with PARSE into a list and add it; what PARSE fails with
 * is a warning, and nothing of F is added.  More than MAX bytes are not looked at.
 */
enum err_code language_read(const struct image_file *f, size_t max,
    enum err_code (*parse)(
	const struct image_file *f, struct language_list *l, struct err *e),
    struct inventory *inv, struct arena *a, struct err *e);

/* The same for JSON documents. */
enum err_code language_json(const struct image_file *f,
    enum err_code (*parse)(
	struct json_reader *r, struct language_list *l, struct err *e),
    struct language_list *l, struct err *e);

/* The last part of PATH: "b" of "a/b". */
const char *language_base(const char *path);
/* Is SEGMENT ("node_modules") one of the folders of PATH? */
bool language_under(const char *path, const char *segment);

/* ---- text files ---- */

/* The next line of the text P[0..N), without its end (LF, CR or both); false at the end. */
bool language_line(const char **p, size_t *n, const char **ret_line, size_t *ret_len);

/* ---- lang_sbom.c ---- */

/* Is PATH where a document about packages lies? */
bool language_is_sbom(const char *path);

/* ---- all rows read ---- */

/*
 * Last of all, when every file of an image has been read: language packages in files of the
 * system's packages are flagged (OWNED may be NULL: nothing is known of files), and what a
 * document inside the image tells is dropped where the thing itself was found.
 */
void language_settle(struct inventory *inv, struct owned_paths *owned, struct arena *a);

#endif
