/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cyclonedx - SBOMs, CycloneDX JSON 1.2 to 1.7, read as a stream:
 *
 *   {"bomFormat":"CycloneDX","specVersion":"1.5",
 *    "metadata":{"component":{"type":"container","name":"repo:tag","version":"sha256:..."}},
 *    "components":[{"type":"library","name":"bash","version":"5.2.15-2+b7",
 *                   "purl":"pkg:deb/debian/bash@...","properties":[...],"components":[...]}]}
 *
 * Components nest at any depth.  The system may be named by the last of them, so they are
 * kept as written and turned into packages at the end.
 */
#include <string.h>

#include "core/arena.h"
#include "core/json_read.h"
#include "core/str.h"
#include "inventory/cyclonedx_private.h"

struct bom {
	struct json_reader *r;
	struct sbom sbom;
	struct sbom_package subject;
	const char *format, *spec_version;
	bool has_vulnerabilities;
};

static enum err_code read_components(struct bom *b, struct err *e);

/* Values are copied only where the name, which is mostly written first, is known. */
static enum err_code
read_property(struct bom *b, struct sbom_package *p, struct err *e)
{
	const char *name = NULL, *value = NULL, **field = NULL;
	struct json_value key;
	bool more;
	enum err_code rc;

	while ((rc = json_key(b->r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "name")) {
			if ((rc = json_text(b->r, b->sbom.a, &name, e)) == ERR_OK &&
			    name != NULL)
				field = bom_property(p, name);
		} else if (str_eq(key.text, "value") &&
			   (name == NULL || field != NULL)) {
			rc = json_text(b->r, b->sbom.a, &value, e);
		} else {
			rc = json_skip_next(b->r, e);
		}
		if (rc != ERR_OK)
			return rc;
	}
	if (rc == ERR_OK && field != NULL && value != NULL && *value != '\0')
		*field = value;
	return rc;
}

static enum err_code
read_properties(struct bom *b, struct sbom_package *p, struct err *e)
{
	struct json_value first;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(b->r, JSON_ARRAY, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_item(b->r, &first, &more, e)) == ERR_OK && more) {
		rc = first.token == JSON_OBJECT ? read_property(b, p, e)
						: json_skip(b->r, &first, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* Behind the opening brace. */
static enum err_code
read_component(struct bom *b, struct sbom_package *p, struct err *e)
{
	struct json_value key;
	bool more;
	enum err_code rc;

	while ((rc = json_key(b->r, &key, &more, e)) == ERR_OK && more) {
		const char **field = bom_text(p, key.text);

		if (field != NULL)
			rc = json_text(b->r, b->sbom.a, field, e);
		else if (str_eq(key.text, "properties"))
			rc = read_properties(b, p, e);
		else if (str_eq(key.text, "components"))
			rc = read_components(b, e);
		else
			rc = json_skip_next(b->r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* Recursion is bounded by the reader's own depth limit. */
static enum err_code
read_components(struct bom *b, struct err *e)
{
	struct json_value first;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(b->r, JSON_ARRAY, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_item(b->r, &first, &more, e)) == ERR_OK && more) {
		struct sbom_package p = { 0 };

		if (first.token != JSON_OBJECT)
			rc = json_skip(b->r, &first, e);
		else if ((rc = read_component(b, &p, e)) == ERR_OK)
			rc = bom_push(&b->sbom, &p, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_metadata(struct bom *b, struct err *e)
{
	struct json_value key;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(b->r, JSON_OBJECT, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_key(b->r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "component")) {
			rc = json_enter(b->r, JSON_OBJECT, &in, e);
			if (rc == ERR_OK && in)
				rc = read_component(b, &b->subject, e);
		} else {
			rc = json_skip_next(b->r, e);
		}
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* Anything in the list of vulnerabilities?  What exactly is the feeds' business. */
static enum err_code
read_vulnerabilities(struct bom *b, struct err *e)
{
	struct json_value first;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(b->r, JSON_ARRAY, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_item(b->r, &first, &more, e)) == ERR_OK && more) {
		b->has_vulnerabilities = true;
		if ((rc = json_skip(b->r, &first, e)) != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_document(struct bom *b, struct err *e)
{
	struct json_value key;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(b->r, JSON_OBJECT, &in, e)) != ERR_OK)
		return rc;
	if (!in)
		return err_set(e, ERR_INPUT, "the document is no object");
	while ((rc = json_key(b->r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "bomFormat"))
			rc = json_text(b->r, b->sbom.a, &b->format, e);
		else if (str_eq(key.text, "specVersion"))
			rc = json_text(b->r, b->sbom.a, &b->spec_version, e);
		else if (str_eq(key.text, "metadata"))
			rc = read_metadata(b, e);
		else if (str_eq(key.text, "components"))
			rc = read_components(b, e);
		else if (str_eq(key.text, "vulnerabilities"))
			rc = read_vulnerabilities(b, e);
		else
			rc = json_skip_next(b->r, e);
		if (rc != ERR_OK)
			return rc;
	}
	if (rc == ERR_OK)
		rc = json_next(b->r, &key, e); /* nothing may follow */
	return rc;
}

static enum err_code
read_cyclonedx(struct stream *in, const struct inventory_hints *hints, struct arena *a,
    struct inventory *inv, struct err *e)
{
	struct bom b = { .r = json_reader_new(in), .sbom = { .a = a, .hints = hints } };
	enum err_code rc = read_document(&b, e);

	json_reader_free(b.r);
	if (rc != ERR_OK)
		return rc;
	if (!str_eq(b.format, "CycloneDX"))
		return err_set(e, ERR_INPUT, "bomFormat is not CycloneDX");
	return bom_finish(
	    &b.sbom, &b.subject, b.spec_version, b.has_vulnerabilities, inv, e);
}

static int
sniff_cyclonedx(const char *head, size_t n)
{
	return head_has_key(head, n, "bomFormat") ||
		       (head_has_key(head, n, "specVersion") &&
			   head_has_key(head, n, "serialNumber"))
		   ? 95
		   : 0;
}

const struct reader reader_cyclonedx = {
	.name = "cyclonedx",
	.summary = "CycloneDX SBOM, JSON, 1.2 to 1.7",
	.sniff = sniff_cyclonedx,
	.read = read_cyclonedx,
};
