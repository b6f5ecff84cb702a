/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oval_definition - one definition, read as it stands, and the form in which it is laid
 * aside until the tests behind it are known.
 */
#include "fetchers/oval.h"

#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "core/xml_read.h"
#include "fetchers/vendor.h"

struct reading {
	struct emitter *em;
	struct xml_reader *r;
	struct oval_definition *d;
	bool is_base; /* one of the products is the system itself, not an extension */
};

/* A list of elements by name: what there is to do with each. */
struct element {
	const char *name;
	enum err_code (*read)(
	    struct reading *x, const struct xml_value *v, struct err *e);
};

/* Every child of the element that was entered last, by TABLE, which NULL ends. */
static enum err_code
read_children(struct reading *x, const struct element *table, struct err *e)
{
	struct xml_value v;
	bool more;
	enum err_code rc;

	while ((rc = xml_child(x->r, &v, &more, e)) == ERR_OK && more) {
		const struct element *row = table;

		while (row->name != NULL && !str_eq(row->name, v.name))
			row++;
		rc = row->name != NULL ? row->read(x, &v, e) : xml_skip(x->r, e);
		if (rc != ERR_OK || (rc = emit_room(x->em, e)) != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_line(struct reading *x, const char **ret, struct err *e)
{
	return emit_xml(x->em, x->r, MAX_NAME, TEXT_LINE, ret, e);
}

/* ---- dates ---- */

/* "2023-12-18 15:00:00 UTC" too. */
static int64_t
time_of(struct reading *x, const char *text)
{
	static const char zone[] = " UTC";
	int64_t at;

	if (text != NULL && str_ends(text, zone))
		text = arena_strndup(
		    x->em->arena, text, strlen(text) - (sizeof(zone) - 1));
	return text != NULL && time_parse(text, &at) ? at : 0;
}

static enum err_code
read_issued(struct reading *x, const struct xml_value *v, struct err *e)
{
	x->d->published = time_of(x, oval_attribute(x->em, v, "date"));
	return xml_skip(x->r, e);
}

static enum err_code
read_updated(struct reading *x, const struct xml_value *v, struct err *e)
{
	x->d->modified = time_of(x, oval_attribute(x->em, v, "date"));
	return xml_skip(x->r, e);
}

static enum err_code
read_published(struct reading *x, const struct xml_value *v, struct err *e)
{
	const char *text;
	enum err_code rc = read_line(x, &text, e);

	(void)v;
	if (rc == ERR_OK)
		x->d->published = time_of(x, text);
	return rc;
}

/* ---- what it is about ---- */

static enum err_code
read_title(struct reading *x, const struct xml_value *v, struct err *e)
{
	(void)v;
	return emit_xml(x->em, x->r, MAX_TITLE, TEXT_LINE, &x->d->title, e);
}

static enum err_code
read_description(struct reading *x, const struct xml_value *v, struct err *e)
{
	(void)v;
	return emit_xml(x->em, x->r, MAX_TEXT, TEXT_LINES, &x->d->description, e);
}

static enum err_code
read_severity(struct reading *x, const struct xml_value *v, struct err *e)
{
	(void)v;
	return read_line(x, &x->d->severity, e);
}

static enum err_code
read_patchable(struct reading *x, const struct xml_value *v, struct err *e)
{
	(void)v;
	return read_line(x, &x->d->patchable, e);
}

/* A reference that is no CVE names the publisher's own notice: the first one counts. */
static enum err_code
read_reference(struct reading *x, const struct xml_value *v, struct err *e)
{
	struct oval_definition *d = x->d;
	const char *id = oval_attribute(x->em, v, "ref_id");
	const char *url = xml_attribute(v, "ref_url");
	size_t known = d->cves.n;

	texts_add_cves(x->em->arena, &d->cves, id);
	if (id != NULL && d->cves.n == known && strstr(id, "CVE-") == NULL &&
	    d->notice == NULL)
		d->notice = id;
	if (url != NULL && (str_starts(url, "https://") || str_starts(url, "http://")))
		texts_add(x->em->arena, &d->links, oval_attribute(x->em, v, "ref_url"));
	return xml_skip(x->r, e);
}

static enum err_code
read_platform(struct reading *x, const struct xml_value *v, struct err *e)
{
	const char *text;
	enum err_code rc = read_line(x, &text, e);

	(void)v;
	if (rc == ERR_OK && text != NULL)
		texts_add(x->em->arena, &x->d->platforms, text);
	return rc;
}

/* ---- vulnerabilities ---- */

/* "CVE-2019-1 at NVD": whose score it is. */
static const char *
scorer_of(struct arena *a, const char *text)
{
	const char *at = strstr(text, " at ");

	return at == NULL ? NULL : arena_strdup(a, at + 4);
}

static enum err_code
read_cve(struct reading *x, const struct xml_value *v, struct err *e)
{
	struct emitter *em = x->em;
	struct oval_cve c = {
		.impact = oval_attribute(em, v, "impact"),
		.cvss2 = oval_attribute(em, v, "cvss2"),
		.cvss3 = oval_attribute(em, v, "cvss3"),
		.cvss4 = oval_attribute(em, v, "cvss4"),
		.score = oval_attribute(em, v, "cvss_score"),
		.vector = oval_attribute(em, v, "cvss_vector"),
		.cwe = oval_attribute(em, v, "cwe"),
		.test = oval_id(xml_attribute(v, "test_ref")),
	};
	struct texts ids = { NULL, 0, 0 };
	const char *text;
	enum err_code rc;

	if (c.impact == NULL)
		c.impact = oval_attribute(em, v, "priority");
	if ((rc = read_line(x, &text, e)) != ERR_OK || text == NULL)
		return rc;
	texts_add_cves(em->arena, &ids, text);
	if (ids.n != 1)
		return ERR_OK;
	c.id = ids.at[0];
	c.scorer = scorer_of(em->arena, text);
	texts_add(em->arena, &x->d->cves, c.id);
	*ARENA_PUSH(em->arena, &x->d->scored) = c;
	return ERR_OK;
}

/* ---- what the publisher means to do ---- */

static enum err_code
read_resolution(struct reading *x, const struct xml_value *start, struct err *e)
{
	const char *state = oval_attribute(x->em, start, "state"), *component;
	struct xml_value v;
	bool more;
	enum err_code rc;

	while ((rc = xml_child(x->r, &v, &more, e)) == ERR_OK && more) {
		if (!str_eq(v.name, "component")) {
			if ((rc = xml_skip(x->r, e)) != ERR_OK)
				return rc;
			continue;
		}
		if ((rc = read_line(x, &component, e)) != ERR_OK)
			return rc;
		if (state != NULL && component != NULL)
			*ARENA_PUSH(x->em->arena, &x->d->resolutions) =
			    (struct oval_resolution){ state, component };
	}
	return rc;
}

static enum err_code
read_affected(struct reading *x, const struct xml_value *v, struct err *e)
{
	static const struct element elements[] = {
		{ "platform", read_platform },
		{ "resolution", read_resolution },
		{ NULL, NULL },
	};

	(void)v;
	return read_children(x, elements, e);
}

/*
 * Red Hat: "cpe:/a:redhat:enterprise_linux:8::appstream" is the system,
 * "cpe:/o:redhat:rhel_eus:8.4::baseos" a stream of it, anything else a product of its own.
 */
static enum err_code
read_cpe(struct reading *x, const struct xml_value *v, struct err *e)
{
	static const char maker[] = ":redhat:";
	const char *text, *product, *version;
	size_t name, number = 0;
	enum err_code rc = read_line(x, &text, e);

	(void)v;
	product = rc == ERR_OK && text != NULL ? strstr(text, maker) : NULL;
	if (product == NULL)
		return rc;
	product += sizeof(maker) - 1;
	if (str_starts(product, "enterprise_linux:"))
		x->is_base = true;
	if (str_starts(product, "rhel_"))
		product += sizeof("rhel_") - 1;
	name = strcspn(product, ":");
	version = product + name + (product[name] == ':');
	if (memchr(version, '.', strcspn(version, ":")) != NULL)
		number = strcspn(version, ":"); /* of a minor release */
	if (x->d->stream == NULL)
		x->d->stream = arena_printf(x->em->arena, "%.*s%s%.*s", (int)name,
		    product, number > 0 ? ":" : "", (int)number, version);
	return ERR_OK;
}

static enum err_code
read_cpes(struct reading *x, const struct xml_value *v, struct err *e)
{
	static const struct element elements[] = {
		{ "cpe", read_cpe },
		{ NULL, NULL },
	};

	(void)v;
	return read_children(x, elements, e);
}

static enum err_code
read_advisory(struct reading *x, const struct xml_value *v, struct err *e)
{
	static const struct element elements[] = {
		{ "severity", read_severity },
		{ "issued", read_issued },
		{ "updated", read_updated },
		{ "public_date", read_published },
		{ "cve", read_cve },
		{ "affected", read_affected },
		{ "affected_cpe_list", read_cpes },
		{ NULL, NULL },
	};

	(void)v;
	return read_children(x, elements, e);
}

static enum err_code
read_metadata(struct reading *x, const struct xml_value *v, struct err *e)
{
	static const struct element elements[] = {
		{ "reference", read_reference },
		{ "title", read_title },
		{ "description", read_description },
		{ "affected", read_affected },
		{ "advisory", read_advisory },
		/* Azure has them beside each other, without an advisory around them */
		{ "severity", read_severity },
		{ "patchable", read_patchable },
		{ "advisory_date", read_published },
		{ NULL, NULL },
	};

	(void)v;
	return read_children(x, elements, e);
}

/* ---- criteria ---- */

static struct oval_node *
add_node(struct reading *x, const struct xml_value *v, enum oval_node_kind kind)
{
	struct oval_node *n = ARENA_PUSH(x->em->arena, &x->d->nodes);

	n->kind = kind;
	n->negate = str_eq(xml_attribute(v, "negate"), "true");
	n->end = x->d->nodes.n;
	return n;
}

/*
 * "bind is earlier than 32:9.11-16.el8": most comments, and they say no more than the test
 * itself does.  What names a system, a module or a status has another second word.
 */
static bool
is_of_package(const char *comment)
{
	return str_starts(comment + strcspn(comment, " "), " is ");
}

static enum err_code
read_criterion(struct reading *x, const struct xml_value *v, struct err *e)
{
	struct oval_node *n = add_node(x, v, OVAL_TEST);
	const char *comment;

	comment = xml_attribute(v, "comment");
	n->test = oval_id(xml_attribute(v, "test_ref"));
	if (comment != NULL && !is_of_package(comment))
		n->comment =
		    arena_strndup(x->em->arena, comment, strnlen(comment, MAX_NAME));
	return xml_skip(x->r, e);
}

static enum err_code
read_criteria(struct reading *x, const struct xml_value *v, struct err *e)
{
	static const struct element elements[] = {
		{ "criterion", read_criterion },
		{ "criteria", read_criteria },
		{ "extend_definition", read_criterion },
		{ NULL, NULL },
	};
	size_t place = x->d->nodes.n;
	enum err_code rc;

	(void)add_node(
	    x, v, str_eq(xml_attribute(v, "operator"), "OR") ? OVAL_OR : OVAL_AND);
	if ((rc = read_children(x, elements, e)) != ERR_OK)
		return rc;
	x->d->nodes.at[place].end = x->d->nodes.n;
	return ERR_OK;
}

enum err_code
oval_definition_read(struct emitter *em, struct xml_reader *r,
    const struct xml_value *v, struct oval_definition *ret, bool *ret_used,
    struct err *e)
{
	static const struct element elements[] = {
		{ "metadata", read_metadata },
		{ "criteria", read_criteria },
		{ NULL, NULL },
	};
	struct reading x = { .em = em, .r = r, .d = ret };
	enum err_code rc;

	*ret = (struct oval_definition){ .id = oval_attribute(em, v, "id") };
	ret->is_patch = str_eq(xml_attribute(v, "class"), "patch");
	*ret_used = ret->is_patch || str_eq(xml_attribute(v, "class"), "vulnerability");
	if (!*ret_used)
		return xml_skip(r, e);
	rc = read_children(&x, elements, e);
	if (x.is_base)
		ret->stream = NULL;
	return rc;
}

/* ---- laying aside ---- */

/* One walk for both ways, so that they cannot differ. */
struct pack {
	struct buf *out;     /* NULL: taken back */
	const char *p, *end; /* of what is taken back */
	struct arena *arena;
};

static void
pack_bytes(struct pack *k, void *at, size_t len)
{
	if (k->out != NULL) {
		buf_add(k->out, at, len);
	} else if ((size_t)(k->end - k->p) >= len) {
		memcpy(at, k->p, len);
		k->p += len;
	}
}

static void
pack_text(struct pack *k, const char **text)
{
	uint32_t len = 0; /* with its NUL; 0 = NULL */

	if (k->out != NULL && *text != NULL)
		len = (uint32_t)strlen(*text) + 1;
	pack_bytes(k, &len, sizeof(len));
	if (k->out != NULL) {
		buf_add(k->out, str_or_empty(*text), len);
		return;
	}
	*text = len > 0 && (size_t)(k->end - k->p) >= len ? k->p : NULL;
	k->p += *text != NULL ? len : 0;
}

/* A list of N items of SIZE bytes at *AT, made anew when it is taken back. */
static void
pack_list(struct pack *k, size_t *n, void **at, size_t size)
{
	pack_bytes(k, n, sizeof(*n));
	if (k->out == NULL)
		*at = arena_array(k->arena, *n, size);
}

static void
pack_texts(struct pack *k, struct texts *t)
{
	void *at = t->at;

	pack_list(k, &t->n, &at, sizeof(*t->at));
	t->at = at;
	for (size_t i = 0; i < t->n; i++)
		pack_text(k, &t->at[i]);
}

static void
pack_cve(struct pack *k, struct oval_cve *c)
{
	const char **texts[] = { &c->id, &c->scorer, &c->impact, &c->cvss2, &c->cvss3,
		&c->cvss4, &c->score, &c->vector, &c->cwe };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		pack_text(k, texts[i]);
	pack_bytes(k, &c->test, sizeof(c->test));
}

static void
pack_node(struct pack *k, struct oval_node *n)
{
	struct packed_node {
		uint64_t test;
		uint32_t end;
		uint8_t kind, negate;
		uint16_t unused;
	} row = { n->test, (uint32_t)n->end, (uint8_t)n->kind, n->negate, 0 };

	pack_bytes(k, &row, sizeof(row));
	*n = (struct oval_node){ .kind = (enum oval_node_kind)row.kind,
		.negate = row.negate != 0,
		.end = row.end,
		.test = row.test,
		.comment = n->comment };
	pack_text(k, &n->comment);
}

static void
pack_definition(struct pack *k, struct oval_definition *d)
{
	const char **texts[] = { &d->id, &d->title, &d->description, &d->severity,
		&d->notice, &d->patchable, &d->stream };
	void *at;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		pack_text(k, texts[i]);
	pack_bytes(k, &d->is_patch, sizeof(d->is_patch));
	pack_bytes(k, &d->published, sizeof(d->published));
	pack_bytes(k, &d->modified, sizeof(d->modified));
	pack_texts(k, &d->cves);
	pack_texts(k, &d->links);
	pack_texts(k, &d->platforms);
	at = d->scored.at;
	pack_list(k, &d->scored.n, &at, sizeof(*d->scored.at));
	d->scored.at = at;
	for (size_t i = 0; i < d->scored.n; i++)
		pack_cve(k, &d->scored.at[i]);
	at = d->resolutions.at;
	pack_list(k, &d->resolutions.n, &at, sizeof(*d->resolutions.at));
	d->resolutions.at = at;
	for (size_t i = 0; i < d->resolutions.n; i++) {
		pack_text(k, &d->resolutions.at[i].state);
		pack_text(k, &d->resolutions.at[i].component);
	}
	at = d->nodes.at;
	pack_list(k, &d->nodes.n, &at, sizeof(*d->nodes.at));
	d->nodes.at = at;
	for (size_t i = 0; i < d->nodes.n; i++)
		pack_node(k, &d->nodes.at[i]);
}

void
oval_definition_pack(struct oval_definition *d, struct buf *out)
{
	struct pack k = { .out = out };

	pack_definition(&k, d);
}

void
oval_definition_unpack(
    struct oval_definition *ret, const void *p, size_t len, struct arena *a)
{
	struct pack k = { .p = p, .end = (const char *)p + len, .arena = a };

	*ret = (struct oval_definition){ .id = NULL };
	pack_definition(&k, ret);
}
