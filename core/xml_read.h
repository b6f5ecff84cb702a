/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml_read - a pull reader for XML documents of any size (libxml2 stays behind this door):
 * feeds in OVAL, updateinfo and the like, SBOMs in XML.
 *
 * Checked here so that no caller has to: UTF-8 (other encodings are converted), well-
 * formedness to the very end, depth (MAX_XML_DEPTH), length of texts and attributes
 * (MAX_XML_TEXT), number of attributes (MAX_XML_ATTRIBUTES).  A DOCTYPE is refused before
 * anything in it is read, so there are no entities but the five of XML itself; one that
 * only names a document elsewhere may be allowed, and then names in vain.
 *
 * Names are compared by their local part; the prefix means nothing.  Comments and
 * processing instructions are passed over, and so is text that is only white space.
 *
 * Memory: what one chunk of 16 KiB holds, or one text where that is larger.
 *
 * The reader repeats its error: after the first failure every call returns it.
 */
#ifndef CORE_XML_READ_H
#define CORE_XML_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct arena;
struct stream;
struct xml_reader; /* opaque here; core/xml_read.c */

enum xml_token {
	XML_END,         /* the document is complete */
	XML_ELEMENT,     /* name, ns, attributes */
	XML_ELEMENT_END, /* name, ns */
	XML_TEXT,        /* text, len */
};

struct xml_attribute {
	const char *name, *value; /* NUL-terminated */
};

/* Borrowed until the next call. */
struct xml_value {
	enum xml_token token;
	const char *name; /* local part */
	const char *ns;   /* its namespace; "" = none */
	const struct xml_attribute *attributes;
	size_t n_attributes;
	const char *text; /* NUL-terminated */
	size_t len;
};

/* S stays the caller's and must outlive the reader. */
struct xml_reader *xml_reader_new(struct stream *s);
void xml_reader_free(struct xml_reader *r);
/*
 * Before the first token: a DOCTYPE without declarations of its own ("<!DOCTYPE glsa
 * SYSTEM 'glsa.dtd'>") is passed over.  What it names is never fetched, so its entities
 * stand for nothing.
 */
void xml_reader_allow_doctype(struct xml_reader *r);

/* ERR_INPUT names the line and what is wrong there; ERR_LIMIT the cap. */
enum err_code xml_next(struct xml_reader *r, struct xml_value *ret, struct err *e);

/* The value of attribute NAME of element V, or NULL. */
const char *xml_attribute(const struct xml_value *v, const char *name);

/*
 * The loop that parsers are made of: the next child element of the element that was
 * entered last, false at its end.  Texts between children are passed over.  A child must
 * be left, by a loop of its own, xml_text() or xml_skip(), before the next one is asked for.
 */
enum err_code xml_child(
    struct xml_reader *r, struct xml_value *ret, bool *ret_more, struct err *e);
/* Leave the element that was entered last with all it holds. */
enum err_code xml_skip(struct xml_reader *r, struct err *e);
/* Leave it with its text (that of children is passed over), trimmed, in A; "" = none. */
enum err_code xml_text(
    struct xml_reader *r, struct arena *a, const char **ret, struct err *e);

#endif
