/* SPDX-License-Identifier: Apache-2.0 */
/*
 * openvex - statements of whether a product is affected, in the OpenVEX format:
 *
 * {"@context":"https://openvex.dev/ns/v0.2.0", "@id":..., "author":..., "timestamp":...,
 *  "statements":[{"vulnerability":{"name":"CVE-2023-12345","aliases":[]},
 *    "products":[{"@id":"pkg:apk/wolfi/bash@5.2-r1"}], "status":"not_affected",
 *    "justification":"vulnerable_code_not_present"}]}
 *
 * Ubuntu puts everything but the statements into "metadata"; the first versions of the
 * format have plain texts for products and vulnerability.
 */
#include "fetchers/openvex.h"

#include <string.h>

#include "core/arena.h"
#include "core/json_read.h"
#include "core/limits.h"
#include "core/str.h"
#include "fetchers/fetchers.h"
#include "fetchers/walk.h"

struct vex {
	struct emitter em;
	struct json_reader *r;
	struct vex_document doc;
	/* where the reading stands */
	struct vex_statement *statement;
	struct vex_product product;
};

#define READ_TEXT(function, member, max, form)                                         \
	static enum err_code function(void *arg, struct err *e)                        \
	{                                                                              \
		struct vex *x = arg;                                                   \
                                                                                       \
		return emit_text(&x->em, x->r, max, form, &x->member, e);              \
	}
#define READ_NAME(function, member) READ_TEXT(function, member, MAX_NAME, TEXT_LINE)

READ_NAME(read_name, statement->vulnerability)
READ_NAME(read_status, statement->status)
READ_NAME(read_justification, statement->justification)
READ_TEXT(read_link, statement->link, MAX_TEXT, TEXT_LINE)
READ_TEXT(read_description, statement->description, MAX_TEXT, TEXT_LINES)
READ_TEXT(read_notes, statement->notes, MAX_TEXT, TEXT_LINE)
READ_TEXT(read_action, statement->action, MAX_TEXT, TEXT_LINE)

static enum err_code
read_aliases(void *arg, struct err *e)
{
	struct vex *x = arg;

	return emit_texts(&x->em, x->r, MAX_NAME, &x->statement->aliases, e);
}

static enum err_code
read_statement_time(void *arg, struct err *e)
{
	struct vex *x = arg;

	return emit_time(&x->em, x->r, &x->statement->at, e);
}

/* ---- vulnerability ---- */

static const struct walk_field vulnerability_fields[] = {
	{ "name", read_name },
	{ "@id", read_link },
	{ "description", read_description },
	{ "aliases", read_aliases },
	{ NULL, NULL },
};

static const char *
text_of(struct vex *x, const struct json_value *v)
{
	const char *text = utf8_clean(x->em.arena, v->text, v->len, MAX_TEXT, true);

	return str_trim(x->em.arena, text, strlen(text));
}

static enum err_code
read_vulnerability(void *arg, struct err *e)
{
	struct vex *x = arg;
	struct json_value v;
	enum err_code rc = json_next(x->r, &v, e);

	if (rc != ERR_OK)
		return rc;
	if (v.token == JSON_OBJECT)
		return walk_members(x->r, vulnerability_fields, x, e);
	if (v.token == JSON_STRING)
		x->statement->vulnerability = text_of(x, &v);
	return json_skip(x->r, &v, e);
}

/* ---- products ---- */

static bool
is_purl(const char *text)
{
	return text != NULL && strncmp(text, "pkg:", 4) == 0;
}

/* "@id" or "purl": whichever is a package URL. */
static enum err_code
read_product_id(void *arg, struct err *e)
{
	struct vex *x = arg;
	const char *id;
	enum err_code rc = emit_text(&x->em, x->r, MAX_TEXT, TEXT_LINE, &id, e);

	if (rc == ERR_OK && is_purl(id))
		x->product.id = id;
	return rc;
}

static const struct walk_field identifier_fields[] = {
	{ "purl", read_product_id },
	{ NULL, NULL },
};

static enum err_code
read_identifiers(void *arg, struct err *e)
{
	return walk_object(((struct vex *)arg)->r, identifier_fields, arg, NULL, e);
}

/* Sets *RET if the next value is a list with something in it. */
static enum err_code
read_presence(struct vex *x, bool *ret, struct err *e)
{
	struct json_value v;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(x->r, JSON_ARRAY, &more, e)) != ERR_OK || !more)
		return rc;
	while ((rc = json_item(x->r, &v, &more, e)) == ERR_OK && more) {
		*ret = true;
		if ((rc = json_skip(x->r, &v, e)) != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_parts(void *arg, struct err *e)
{
	return read_presence(arg, &((struct vex *)arg)->product.is_inside, e);
}

static enum err_code
read_statement_parts(void *arg, struct err *e)
{
	return read_presence(arg, &((struct vex *)arg)->statement->is_inside, e);
}

static const struct walk_field product_fields[] = {
	{ "@id", read_product_id },
	{ "identifiers", read_identifiers },
	{ "subcomponents", read_parts },
	{ NULL, NULL },
};

/*
 * Ubuntu lists every binary package of every architecture beside the source package, by
 * the thousand, and no release with them: they say nothing more.
 */
static bool
says_nothing(const char *purl)
{
	return purl != NULL && str_starts(purl, "pkg:deb/ubuntu/") &&
	       strstr(purl, "distro=") == NULL;
}

static enum err_code
read_product(struct vex *x, const struct json_value *first, struct err *e)
{
	enum err_code rc;

	x->product = (struct vex_product){ .id = NULL };
	if (first->token == JSON_STRING) {
		const char *text = text_of(x, first);

		if (is_purl(text))
			x->product.id = text;
	}
	rc = first->token == JSON_OBJECT ? walk_members(x->r, product_fields, x, e)
					 : json_skip(x->r, first, e);
	if (rc != ERR_OK)
		return rc;
	if (!says_nothing(x->product.id))
		*ARENA_PUSH(x->em.arena, &x->statement->products) = x->product;
	return emit_room(&x->em, e);
}

static enum err_code
read_products(void *arg, struct err *e)
{
	struct vex *x = arg;
	struct json_value v;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(x->r, JSON_ARRAY, &more, e)) != ERR_OK || !more)
		return rc;
	while ((rc = json_item(x->r, &v, &more, e)) == ERR_OK && more)
		if ((rc = read_product(x, &v, e)) != ERR_OK)
			return rc;
	return rc;
}

/* ---- the document ---- */

static const struct walk_field statement_fields[] = {
	{ "vulnerability", read_vulnerability },
	{ "products", read_products },
	{ "subcomponents", read_statement_parts },
	{ "status", read_status },
	{ "justification", read_justification },
	{ "status_notes", read_notes },
	{ "action_statement", read_action },
	{ "timestamp", read_statement_time },
	{ NULL, NULL },
};

static enum err_code
read_statement(void *arg, struct err *e)
{
	struct vex *x = arg;
	enum err_code rc;

	x->statement = ARENA_PUSH(x->em.arena, &x->doc.statements);
	if ((rc = walk_members(x->r, statement_fields, x, e)) != ERR_OK)
		return rc;
	return emit_room(&x->em, e);
}

static enum err_code
read_statements(void *arg, struct err *e)
{
	struct vex *x = arg;
	struct json_value v;
	bool more;
	enum err_code rc;

	rc = json_enter(x->r, JSON_ARRAY, &x->doc.has_statements, e);
	if (rc != ERR_OK || !x->doc.has_statements)
		return rc;
	while ((rc = json_item(x->r, &v, &more, e)) == ERR_OK && more) {
		rc = v.token == JSON_OBJECT ? read_statement(x, e)
					    : json_skip(x->r, &v, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_author(void *arg, struct err *e)
{
	struct vex *x = arg;

	x->doc.has_author = true;
	return json_skip_next(x->r, e);
}

static enum err_code
read_time(void *arg, struct err *e)
{
	struct vex *x = arg;

	return emit_time(&x->em, x->r, &x->doc.at, e);
}

static const struct walk_field metadata_fields[] = {
	{ "author", read_author },
	{ "timestamp", read_time },
	{ NULL, NULL },
};

static enum err_code
read_metadata(void *arg, struct err *e)
{
	struct vex *x = arg;

	return walk_object(x->r, metadata_fields, x, &x->doc.is_envelope, e);
}

static const struct walk_field document_fields[] = {
	{ "metadata", read_metadata },
	{ "author", read_author },
	{ "timestamp", read_time },
	{ "statements", read_statements },
	{ NULL, NULL },
};

static enum err_code
read_document(struct vex *x, struct err *e)
{
	struct json_value v;
	bool is_object;
	enum err_code rc;

	if ((rc = walk_object(x->r, document_fields, x, &is_object, e)) != ERR_OK)
		return rc;
	if (!is_object || !x->doc.has_statements || !x->doc.has_author)
		return err_set(e, ERR_INPUT, "this is no OpenVEX document");
	if ((rc = json_next(x->r, &v, e)) != ERR_OK)
		return rc;
	return vex_emit(&x->em, &x->doc, e);
}

static enum err_code
parse(struct stream *in, const struct parse_env *env, struct record_sink *sink,
    struct err *e)
{
	struct vex x = { .r = json_reader_new(in) };
	enum err_code rc;

	emitter_init(&x.em, env, sink);
	rc = read_document(&x, e);
	emitter_done(&x.em);
	json_reader_free(x.r);
	return rc;
}

const struct driver driver_openvex = {
	.name = "openvex",
	.summary = "OpenVEX documents (Ubuntu's, and plain ones)",
	.source = "ubuntu",
	.source_rank = 1,
	.says = SAYS_FIXED | SAYS_UNFIXED | SAYS_NOT_AFFECTED,
	.revision = 1,
	.parse = parse,
	.member = ".json",
};
