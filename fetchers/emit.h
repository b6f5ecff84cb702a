/* SPDX-License-Identifier: Apache-2.0 */
/*
 * emit - what every driver does alike between reading a document and handing over its
 * records: clean texts, lists without doubles, the check before the sink, the count of
 * what was used and what was not.
 *
 * For the files of this room only.
 */
#ifndef FETCHERS_EMIT_H
#define FETCHERS_EMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/json_read.h"
#include "core/record.h"

struct arena;
struct parse_env;
struct record_sink;
struct xml_reader;

#define PACKAGE_MAX 255 /* bytes of a package's name that is kept */

/* One parse.  'arena' holds one record (or one package) and is reset in between. */
struct emitter {
	struct record_sink *sink; /* borrowed */
	struct arena *arena;      /* owned */
	const char *source;       /* borrowed from the parse_env */
	uint64_t records, skipped;
};

void emitter_init(
    struct emitter *em, const struct parse_env *env, struct record_sink *sink);
void emitter_done(struct emitter *em);

/* Hand R over if it keeps the rules of a record; else skip it under its key. */
enum err_code emit_record(struct emitter *em, const struct record *r, struct err *e);
/* Count something that could not be used; KEY may be any text, it is cleaned. */
void emit_skipped(struct emitter *em, const char *key, const char *why);
/*
 * ERR_LIMIT once what is gathered for one record (or package) has grown beyond any
 * honest one: called in every loop that gathers.
 */
enum err_code emit_room(const struct emitter *em, struct err *e);
/*
 * Read the end of the document.  ERR_INPUT if something follows, or if there was
 * something to read and none of it was a record: then the document has the outer shape
 * of WHAT and is something else.
 */
enum err_code emit_end(
    const struct emitter *em, struct json_reader *r, const char *what, struct err *e);

/* The same for documents that are not JSON, once they have been read to their end. */
enum err_code emit_judge(const struct emitter *em, const char *what, struct err *e);

/* Texts in an arena, each once. */
struct texts {
	const char **at;
	size_t n, cap;
};
void texts_add(struct arena *a, struct texts *t, const char *text);
bool texts_have(const struct texts *t, const char *text);

/*
 * The next value as a clean text of at most MAX bytes; NULL if it is no string, or
 * blank.  LINE joins the lines to one and cuts blanks at both ends.
 */
enum text_form { TEXT_LINE, TEXT_LINES };
enum err_code emit_text(struct emitter *em, struct json_reader *r, size_t max,
    enum text_form form, const char **ret, struct err *e);
/* S[0..LEN) as such a text. */
const char *emit_clean(
    struct emitter *em, const char *s, size_t len, size_t max, enum text_form form);
/* The text of the XML element that was entered last, leaving it. */
enum err_code emit_xml(struct emitter *em, struct xml_reader *r, size_t max,
    enum text_form form, const char **ret, struct err *e);
/* The next value, an array, as such texts added to T; anything else adds none. */
enum err_code emit_texts(struct emitter *em, struct json_reader *r, size_t max,
    struct texts *t, struct err *e);
/* The next value as a point in time; 0 if it is none. */
enum err_code emit_time(
    struct emitter *em, struct json_reader *r, int64_t *ret, struct err *e);

/*
 * A version, or the name of a package, that may be kept: printable ASCII without
 * blanks, not longer than any real one.  "5.7 only" is not a version.
 */
bool version_is_sane(const char *version);
bool package_is_sane(const char *name);

#endif
