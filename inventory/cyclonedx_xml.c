/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cyclonedx_xml - SBOMs, CycloneDX XML 1.2 to 1.7, read as a stream:
 *
 *   <bom xmlns="http://cyclonedx.org/schema/bom/1.5">
 *    <metadata><component type="container"><name>repo:tag</name></component></metadata>
 *    <components>
 *     <component type="library" bom-ref="..."><name>bash</name><version>5.2.15</version>
 *      <purl>pkg:deb/debian/bash@...</purl>
 *      <properties><property name="...">...</property></properties>
 *      <components>...</components></component></components></bom>
 *
 * The version of the specification stands in the namespace and nowhere else.
 */
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "core/xml_read.h"
#include "inventory/cyclonedx_private.h"

static const char namespace[] = "http://cyclonedx.org/schema/bom/";

struct bom {
	struct xml_reader *r;
	struct sbom sbom;
	struct sbom_package subject;
	bool has_vulnerabilities;
};

static enum err_code read_components(struct bom *b, struct err *e);

static enum err_code
read_properties(struct bom *b, struct sbom_package *p, struct err *e)
{
	struct xml_value child;
	bool more;
	enum err_code rc;

	while ((rc = xml_child(b->r, &child, &more, e)) == ERR_OK && more) {
		const char *name = xml_attribute(&child, "name"), *value = NULL;
		const char **field = name != NULL ? bom_property(p, name) : NULL;

		if (field == NULL)
			rc = xml_skip(b->r, e);
		else if ((rc = xml_text(b->r, b->sbom.a, &value, e)) == ERR_OK)
			*field = *value != '\0' ? value : *field;
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static void
take_attributes(struct bom *b, const struct xml_value *v, struct sbom_package *p)
{
	p->type = arena_strdup(b->sbom.a, xml_attribute(v, "type"));
	p->ref = arena_strdup(b->sbom.a, xml_attribute(v, "bom-ref"));
	p->external = arena_strdup(b->sbom.a, xml_attribute(v, "isExternal"));
}

/* An element that is there and empty says as much as one that is not. */
static enum err_code
read_text(struct bom *b, const char **field, struct err *e)
{
	const char *text = NULL;
	enum err_code rc = xml_text(b->r, b->sbom.a, &text, e);

	if (rc == ERR_OK && *text != '\0')
		*field = text;
	return rc;
}

/* Inside the element. */
static enum err_code
read_component(struct bom *b, struct sbom_package *p, struct err *e)
{
	struct xml_value child;
	bool more;
	enum err_code rc;

	while ((rc = xml_child(b->r, &child, &more, e)) == ERR_OK && more) {
		const char **field = bom_text(p, child.name);

		if (field != NULL)
			rc = read_text(b, field, e);
		else if (str_eq(child.name, "properties"))
			rc = read_properties(b, p, e);
		else if (str_eq(child.name, "components"))
			rc = read_components(b, e);
		else
			rc = xml_skip(b->r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* Recursion is bounded by the reader's own depth limit. */
static enum err_code
read_components(struct bom *b, struct err *e)
{
	struct xml_value child;
	bool more;
	enum err_code rc;

	while ((rc = xml_child(b->r, &child, &more, e)) == ERR_OK && more) {
		struct sbom_package p = { 0 };

		if (!str_eq(child.name, "component")) {
			rc = xml_skip(b->r, e);
		} else {
			take_attributes(b, &child, &p);
			if ((rc = read_component(b, &p, e)) == ERR_OK)
				rc = bom_push(&b->sbom, &p, e);
		}
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_metadata(struct bom *b, struct err *e)
{
	struct xml_value child;
	bool more;
	enum err_code rc;

	while ((rc = xml_child(b->r, &child, &more, e)) == ERR_OK && more) {
		if (str_eq(child.name, "component")) {
			take_attributes(b, &child, &b->subject);
			rc = read_component(b, &b->subject, e);
		} else {
			rc = xml_skip(b->r, e);
		}
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_bom(struct bom *b, struct err *e)
{
	struct xml_value child;
	bool more;
	enum err_code rc;

	while ((rc = xml_child(b->r, &child, &more, e)) == ERR_OK && more) {
		if (str_eq(child.name, "metadata")) {
			rc = read_metadata(b, e);
		} else if (str_eq(child.name, "components")) {
			rc = read_components(b, e);
		} else {
			if (str_eq(child.name, "vulnerabilities"))
				b->has_vulnerabilities = true;
			rc = xml_skip(b->r, e);
		}
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_document(struct bom *b, const char **ret_version, struct err *e)
{
	struct xml_value v;
	enum err_code rc;

	if ((rc = xml_next(b->r, &v, e)) != ERR_OK)
		return rc;
	if (v.token != XML_ELEMENT || !str_eq(v.name, "bom") ||
	    !str_starts(v.ns, namespace))
		return err_set(e, ERR_INPUT, "the document is no CycloneDX bom");
	*ret_version = arena_strdup(b->sbom.a, v.ns + strlen(namespace));
	if ((rc = read_bom(b, e)) != ERR_OK)
		return rc;
	return xml_next(b->r, &v, e); /* nothing may follow */
}

static enum err_code
read_cyclonedx_xml(struct stream *in, const struct inventory_hints *hints,
    struct arena *a, struct inventory *inv, struct err *e)
{
	struct bom b = { .r = xml_reader_new(in), .sbom = { .a = a, .hints = hints } };
	const char *version = NULL;
	enum err_code rc = read_document(&b, &version, e);

	xml_reader_free(b.r);
	if (rc != ERR_OK)
		return rc;
	return bom_finish(&b.sbom, &b.subject, version, b.has_vulnerabilities, inv, e);
}

static int
sniff_cyclonedx_xml(const char *head, size_t n)
{
	const char *p = head_start(head, &n);

	if (n == 0 || *p != '<')
		return 0;
	return memmem(p, n, namespace, sizeof(namespace) - 1) != NULL ? 95 : 0;
}

const struct reader reader_cyclonedx_xml = {
	.name = "cyclonedx-xml",
	.summary = "CycloneDX SBOM, XML, 1.2 to 1.7",
	.sniff = sniff_cyclonedx_xml,
	.read = read_cyclonedx_xml,
};
