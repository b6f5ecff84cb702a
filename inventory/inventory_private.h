/* SPDX-License-Identifier: Apache-2.0 */
/* inventory_private - what the readers share. */
#ifndef INVENTORY_INVENTORY_PRIVATE_H
#define INVENTORY_INVENTORY_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/ecosystem.h"
#include "core/purl.h"
#include "inventory/inventory.h"

struct database;   /* inventory/databases.h */
struct image_file; /* the same */
struct keyer;      /* core/verdict.h */

extern const struct database database_dpkg, database_apk;
extern const struct database database_rpm, database_rpm_manifest, database_bottlerocket,
    database_pacman;
extern const struct reader reader_dpkg, reader_apk, reader_cyclonedx, reader_list;
extern const struct reader reader_cyclonedx_xml, reader_spdx, reader_spdx_tag,
    reader_syft, reader_trivy, reader_attestation;
extern const struct reader reader_rpm, reader_rpm_manifest, reader_bottlerocket,
    reader_pacman;

/* ---- all.c ---- */

#define INVENTORY_HEAD 4096 /* bytes by which a document is recognised */

/* The reader that is surest of a document that begins with HEAD; NULL = none. */
const struct reader *inventory_recognise(const char *head, size_t n);

/* ---- utf16.c ---- */

struct buf;

/* Does a document begin with UTF-16's byte order mark? */
bool utf16_is(const char *head, size_t n);
/* TEXT, which does, as UTF-8 appended to OUT.  ERR_INPUT: half a character. */
enum err_code utf16_convert(
    const char *text, size_t len, struct buf *out, struct err *e);

/* ---- read.c: lines, components, warnings ---- */

struct lines; /* lives in the arena */
struct lines *lines_new(struct stream *in, struct arena *a);
/* The next line without its end; *RET NULL at the end; borrowed until the next call.
 * ERR_LIMIT beyond MAX_LINE, ERR_INPUT for a NUL. */
enum err_code lines_next(struct lines *l, char **ret, struct err *e);

/*
 * Append *C to INV, its texts cleaned and defaults filled.  A name or version that is
 * empty or too long is left out with a warning.  ERR_LIMIT beyond MAX_COMPONENTS.
 */
enum err_code inventory_add(
    struct inventory *inv, const struct component *c, struct arena *a, struct err *e);
/* Something was left out: a warning, and the inventory is partial. */
void inventory_warn(struct inventory *inv, struct arena *a, const char *fmt, ...)
    __attribute__((__format__(__printf__, 3, 4)));

/* The system from HINTS, else UNIDENTIFIED.  ERR_INPUT: the hint names none we know. */
enum err_code inventory_system(struct inventory *inv,
    const struct inventory_hints *hints, struct arena *a, struct err *e);

/* "name (version)" as Source fields write it; VERSION NULL when there is none. */
void split_source(
    const char *text, struct arena *a, const char **ret_name, const char **ret_version);
/* The version of the source: "+b7" says that the binary was rebuilt without a change. */
const char *without_rebuild(const char *version, struct arena *a);
/* Is a maintainer one of those who ship their own packages for a distribution? */
enum vendor vendor_of_maintainer(const char *maintainer);

/* What READER finds in F, a file of an image; a file that it cannot read is a warning. */
enum err_code inventory_read_file(const struct reader *reader,
    const struct image_file *f, struct arena *a, struct inventory *inv, struct err *e);

/* ---- osrelease.c ---- */

/* Fill W from the text of an os-release file. */
void osrelease_read(const char *text, struct arena *a, struct os_words *w);
/* The value of KEY in a text of the same form; NULL = it has none. */
const char *osrelease_value(const char *text, const char *key, struct arena *a);

/* ---- superseded.c ---- */

/* Flag all but the newest of several kernels; nothing without a KEYER. */
void inventory_mark_superseded(
    struct inventory *inv, const struct keyer *keyer, struct arena *a);

#endif
