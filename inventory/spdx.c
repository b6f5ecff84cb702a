/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spdx - SBOMs, SPDX 2.2 and 2.3 in JSON, and GitHub's dependency graph, which is one
 * inside {"sbom": ...}; read as a stream:
 *
 *   {"spdxVersion":"SPDX-2.3","name":"repo:tag","documentDescribes":["SPDXRef-image"],
 *    "packages":[{"SPDXID":"SPDXRef-1","name":"bash","versionInfo":"5.2.15-2+b7",
 *      "externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:deb/..."}]}],
 *    "relationships":[{"spdxElementId":"SPDXRef-image","relationshipType":"CONTAINS",
 *      "relatedSpdxElement":"SPDXRef-1"}]}
 *
 * Files are passed over.  What packages and relationships mean is in spdx_document.c.
 */
#include <string.h>

#include "core/arena.h"
#include "core/json_read.h"
#include "core/str.h"
#include "inventory/spdx_private.h"

struct walk {
	struct json_reader *r;
	struct spdx doc;
	struct arena *scrap; /* emptied after each relationship and reference */
};

/* One item of a list: behind its first token, which is V. */
typedef enum err_code read_item(
    struct walk *w, struct spdx_package *p, const struct json_value *v, struct err *e);

static enum err_code
each(struct walk *w, struct spdx_package *p, read_item *item, struct err *e)
{
	struct json_value first;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(w->r, JSON_ARRAY, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_item(w->r, &first, &more, e)) == ERR_OK && more)
		if ((rc = item(w, p, &first, e)) != ERR_OK)
			return rc;
	return rc;
}

/* The texts of an object by a NULL-ended list of KEYS, in the scratch arena. */
static enum err_code
texts(struct walk *w, const struct json_value *v, const char *const keys[],
    const char *ret[], struct err *e)
{
	struct json_value key;
	bool more;
	enum err_code rc;

	if (v->token != JSON_OBJECT)
		return json_skip(w->r, v, e);
	while ((rc = json_key(w->r, &key, &more, e)) == ERR_OK && more) {
		size_t i = 0;

		while (keys[i] != NULL && !str_eq(keys[i], key.text))
			i++;
		rc = keys[i] != NULL ? json_text(w->r, w->scrap, &ret[i], e)
				     : json_skip_next(w->r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_reference(
    struct walk *w, struct spdx_package *p, const struct json_value *v, struct err *e)
{
	static const char *const keys[] = { "referenceType", "referenceLocator", NULL };
	const char *got[2] = { NULL, NULL };
	enum err_code rc;

	arena_reset(w->scrap);
	if ((rc = texts(w, v, keys, got, e)) == ERR_OK)
		spdx_reference(&w->doc, p, got[0], got[1]);
	return rc;
}

static enum err_code
read_checksum(
    struct walk *w, struct spdx_package *p, const struct json_value *v, struct err *e)
{
	static const char *const keys[] = { "algorithm", "checksumValue", NULL };
	const char *got[2] = { NULL, NULL };
	enum err_code rc;

	arena_reset(w->scrap);
	if ((rc = texts(w, v, keys, got, e)) == ERR_OK)
		spdx_checksum(&w->doc, p, got[0], got[1]);
	return rc;
}

static enum err_code
read_annotation(
    struct walk *w, struct spdx_package *p, const struct json_value *v, struct err *e)
{
	static const char *const keys[] = { "comment", NULL };
	const char *got[1] = { NULL };
	enum err_code rc;

	arena_reset(w->scrap);
	if ((rc = texts(w, v, keys, got, e)) == ERR_OK)
		spdx_remark(&w->doc, p, got[0]);
	return rc;
}

static enum err_code
read_attribution(
    struct walk *w, struct spdx_package *p, const struct json_value *v, struct err *e)
{
	if (v->token != JSON_STRING)
		return json_skip(w->r, v, e);
	spdx_remark(&w->doc, p, v->text);
	return ERR_OK;
}

static enum err_code
read_described(
    struct walk *w, struct spdx_package *p, const struct json_value *v, struct err *e)
{
	(void)p;
	if (v->token != JSON_STRING)
		return json_skip(w->r, v, e);
	spdx_describes(&w->doc, v->text);
	return ERR_OK;
}

static enum err_code
read_relationship(
    struct walk *w, struct spdx_package *p, const struct json_value *v, struct err *e)
{
	static const char *const keys[] = { "spdxElementId", "relationshipType",
		"relatedSpdxElement", NULL };
	const char *got[3] = { NULL, NULL, NULL };
	enum err_code rc;

	(void)p;
	arena_reset(w->scrap);
	if ((rc = texts(w, v, keys, got, e)) == ERR_OK)
		spdx_relationship(&w->doc, got[0], got[1], got[2]);
	return rc;
}

static const char **
text_field(struct spdx_package *p, const char *key)
{
	const struct {
		const char *key;
		const char **field;
	} fields[] = {
		{ "SPDXID", &p->p.ref },
		{ "name", &p->p.name },
		{ "versionInfo", &p->p.version },
		{ "primaryPackagePurpose", &p->purpose },
		{ "sourceInfo", &p->source_info },
		{ "supplier", &p->supplier },
		{ "originator", &p->originator },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (str_eq(fields[i].key, key))
			return fields[i].field;
	return NULL;
}

static enum err_code
read_package_field(
    struct walk *w, struct spdx_package *p, const char *key, struct err *e)
{
	const char **field = text_field(p, key);

	if (field != NULL)
		return json_text(w->r, w->doc.sbom.a, field, e);
	if (str_eq(key, "externalRefs"))
		return each(w, p, read_reference, e);
	if (str_eq(key, "attributionTexts"))
		return each(w, p, read_attribution, e);
	if (str_eq(key, "annotations"))
		return each(w, p, read_annotation, e);
	if (str_eq(key, "checksums"))
		return each(w, p, read_checksum, e);
	return json_skip_next(w->r, e);
}

static enum err_code
read_package(struct walk *w, struct spdx_package *unused, const struct json_value *v,
    struct err *e)
{
	struct spdx_package p = { 0 };
	struct json_value key;
	bool more;
	enum err_code rc;

	(void)unused;
	if (v->token != JSON_OBJECT)
		return json_skip(w->r, v, e);
	while ((rc = json_key(w->r, &key, &more, e)) == ERR_OK && more)
		if ((rc = read_package_field(w, &p, key.text, e)) != ERR_OK)
			return rc;
	return rc == ERR_OK ? spdx_push(&w->doc, &p, e) : rc;
}

/* Behind the opening brace of the document, or of what GitHub put around it. */
static enum err_code
read_document(struct walk *w, struct err *e)
{
	struct json_value key;
	bool in, more;
	enum err_code rc;

	while ((rc = json_key(w->r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "spdxVersion")) {
			rc = json_text(w->r, w->doc.sbom.a, &w->doc.version, e);
		} else if (str_eq(key.text, "name")) {
			rc = json_text(w->r, w->doc.sbom.a, &w->doc.name, e);
		} else if (str_eq(key.text, "packages")) {
			rc = each(w, NULL, read_package, e);
		} else if (str_eq(key.text, "relationships")) {
			rc = each(w, NULL, read_relationship, e);
		} else if (str_eq(key.text, "documentDescribes")) {
			rc = each(w, NULL, read_described, e);
		} else if (str_eq(key.text, "sbom") && !w->doc.is_github) {
			w->doc.is_github = true;
			rc = json_enter(w->r, JSON_OBJECT, &in, e);
			if (rc == ERR_OK && in)
				rc = read_document(w, e);
		} else {
			rc = json_skip_next(w->r, e);
		}
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_all(struct walk *w, struct err *e)
{
	struct json_value v;
	bool in;
	enum err_code rc;

	if ((rc = json_enter(w->r, JSON_OBJECT, &in, e)) != ERR_OK)
		return rc;
	if (!in)
		return err_set(e, ERR_INPUT, "the document is no object");
	rc = read_document(w, e);
	return rc == ERR_OK ? json_next(w->r, &v, e) : rc; /* nothing may follow */
}

static enum err_code
read_spdx(struct stream *in, const struct inventory_hints *hints, struct arena *a,
    struct inventory *inv, struct err *e)
{
	struct walk w = { .r = json_reader_new(in), .scrap = arena_new() };
	enum err_code rc;

	spdx_init(&w.doc, hints, a);
	rc = read_all(&w, e);
	if (rc == ERR_OK)
		rc = spdx_finish(&w.doc, inv, e);
	spdx_done(&w.doc);
	arena_free(w.scrap);
	json_reader_free(w.r);
	return rc;
}

static int
sniff_spdx(const char *head, size_t n)
{
	static const char *const keys[] = { "spdxVersion", "SPDXID", "sbom", NULL };

	return head_has_one_of(head, n, keys) ? 95 : 0;
}

const struct reader reader_spdx = {
	.name = "spdx",
	.summary = "SPDX SBOM, JSON, 2.2 and 2.3, also as GitHub's dependency graph",
	.sniff = sniff_spdx,
	.read = read_spdx,
};
