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
#include "core/limits.h"
#include "core/str.h"
#include "inventory/cyclonedx_private.h"

struct bom {
	struct json_reader *r;
	struct arena *a;
	struct bom_component subject;
	struct {
		struct bom_component *at;
		size_t n, cap;
	} components;
	const char *format, *spec_version;
};

static enum err_code read_components(struct bom *b, struct err *e);

static enum err_code
read_property(struct bom *b, struct bom_component *c, struct err *e)
{
	const char *name = NULL, *value = NULL;
	struct json_value key;
	bool more;
	enum err_code rc;

	while ((rc = json_key(b->r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "name"))
			rc = json_text(b->r, b->a, &name, e);
		else if (str_eq(key.text, "value"))
			rc = json_text(b->r, b->a, &value, e);
		else
			rc = json_skip_next(b->r, e);
		if (rc != ERR_OK)
			return rc;
	}
	if (rc == ERR_OK && name != NULL && value != NULL)
		bom_property(c, name, value);
	return rc;
}

static enum err_code
read_properties(struct bom *b, struct bom_component *c, struct err *e)
{
	struct json_value first;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(b->r, JSON_ARRAY, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_item(b->r, &first, &more, e)) == ERR_OK && more) {
		rc = first.token == JSON_OBJECT ? read_property(b, c, e)
						: json_skip(b->r, &first, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static const char **
text_field(struct bom_component *c, const char *key)
{
	const struct {
		const char *key;
		const char **field;
	} fields[] = {
		{ "type", &c->type },
		{ "group", &c->group },
		{ "name", &c->name },
		{ "version", &c->version },
		{ "purl", &c->purl },
		{ "bom-ref", &c->bom_ref },
		{ "scope", &c->scope },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (str_eq(fields[i].key, key))
			return fields[i].field;
	return NULL;
}

/* Behind the opening brace. */
static enum err_code
read_component(struct bom *b, struct bom_component *c, struct err *e)
{
	struct json_value key;
	bool more;
	enum err_code rc;

	while ((rc = json_key(b->r, &key, &more, e)) == ERR_OK && more) {
		const char **field = text_field(c, key.text);

		if (field != NULL)
			rc = json_text(b->r, b->a, field, e);
		else if (str_eq(key.text, "properties"))
			rc = read_properties(b, c, e);
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
		struct bom_component c = { 0 };

		if (first.token != JSON_OBJECT) {
			rc = json_skip(b->r, &first, e);
		} else if ((rc = read_component(b, &c, e)) == ERR_OK) {
			if (b->components.n == MAX_COMPONENTS)
				return err_set(e, ERR_LIMIT, "more than %zu components",
				    MAX_COMPONENTS);
			*ARENA_PUSH(b->a, &b->components) = c;
		}
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
			rc = json_text(b->r, b->a, &b->format, e);
		else if (str_eq(key.text, "specVersion"))
			rc = json_text(b->r, b->a, &b->spec_version, e);
		else if (str_eq(key.text, "metadata"))
			rc = read_metadata(b, e);
		else if (str_eq(key.text, "components"))
			rc = read_components(b, e);
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
check_format(const struct bom *b, struct err *e)
{
	static const char *const known[] = { "1.2", "1.3", "1.4", "1.5", "1.6", "1.7" };

	if (!str_eq(b->format, "CycloneDX"))
		return err_set(e, ERR_INPUT, "bomFormat is not CycloneDX");
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eq(known[i], b->spec_version))
			return ERR_OK;
	return err_set(e, ERR_UNSUPPORTED, "CycloneDX %s is not read, 1.2 to 1.7 are",
	    b->spec_version != NULL
		? utf8_clean(b->a, b->spec_version, strlen(b->spec_version), 20, true)
		: "without a version");
}

static void
take_subject(const struct bom *b, struct inventory *inv)
{
	const struct bom_component *s = &b->subject;

	inv->subject = s->name;
	if (s->version != NULL && str_starts(s->version, "sha256:") &&
	    strlen(s->version) == 71 &&
	    strspn(s->version + 7, "0123456789abcdef") == 64)
		inv->digest = s->version;
}

/* The system: the hint, else an operating-system component, else what purls say. */
static enum err_code
find_system(struct bom *b, const struct inventory_hints *hints, struct inventory *inv,
    struct err *e)
{
	inv->os.state = COVERAGE_UNIDENTIFIED;
	if (hints->os != NULL)
		return inventory_system(inv, hints, b->a, e);
	if (bom_is_system(&b->subject))
		bom_system(&b->subject, hints->now_at, b->a, &inv->os);
	for (size_t i = 0; i < b->components.n && inv->os.id == NULL; i++)
		if (bom_is_system(&b->components.at[i]))
			bom_system(&b->components.at[i], hints->now_at, b->a, &inv->os);
	return ERR_OK;
}

static enum err_code
read_cyclonedx(struct stream *in, const struct inventory_hints *hints, struct arena *a,
    struct inventory *inv, struct err *e)
{
	struct bom b = { .r = json_reader_new(in), .a = a };
	enum err_code rc = read_document(&b, e);

	json_reader_free(b.r);
	if (rc != ERR_OK || (rc = check_format(&b, e)) != ERR_OK ||
	    (rc = find_system(&b, hints, inv, e)) != ERR_OK)
		return rc;
	take_subject(&b, inv);
	for (size_t i = 0; i < b.components.n && rc == ERR_OK; i++)
		rc = bom_add(inv, &b.components.at[i], hints->now_at, a, e);
	/* language packages alone are a complete inventory of a scratch image */
	if (rc == ERR_OK && inv->os.state == COVERAGE_UNIDENTIFIED && inv->n == 0)
		inv->os.state = COVERAGE_SCRATCH;
	return rc;
}

static int
sniff_cyclonedx(const char *head, size_t n)
{
	static const char mark[] = "\"bomFormat\"";

	while (n > 0 && strchr(" \t\r\n\xef\xbb\xbf", *head) != NULL && *head != '\0') {
		head++;
		n--;
	}
	if (n == 0 || head[0] != '{')
		return 0;
	return memmem(head, n, mark, sizeof(mark) - 1) != NULL ? 95 : 0;
}

const struct reader reader_cyclonedx = {
	.name = "cyclonedx",
	.summary = "CycloneDX SBOM, JSON, 1.2 to 1.7",
	.sniff = sniff_cyclonedx,
	.read = read_cyclonedx,
};
