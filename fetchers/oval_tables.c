/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oval_tables - tests, objects, states and variables of a document, as small as they get:
 * ids of 64 bits, texts in one block that rows have places in, no comments.  The largest
 * publishers have some hundred thousand tests; a row is 32 bytes.
 */
#include "fetchers/oval.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/str.h"
#include "core/strmap.h"
#include "core/xml_read.h"
#include "fetchers/vendor.h"

/* All rows and texts together; ten times what any publisher needs. */
#define KEPT_MAX ((size_t)256 * 1024 * 1024)

#define TEST_PACKAGE        1u
#define TEST_MANIFEST       2u /* a text: of an object with names it is about packages */
#define TEST_NONE_SATISFIES 4u
#define TEST_NONE_EXISTS    8u

struct test {
	uint64_t id, object, state;
	uint32_t flags;
	uint32_t more; /* the first of its other states, from 1; 0 = none */
};

struct object {
	uint64_t id, variable;
	uint32_t name; /* 0 = none */
};

struct state {
	uint64_t id;
	uint32_t evr, version, arch;
	uint8_t evr_op, version_op, arch_op; /* enum oval_op */
};

struct variable {
	uint64_t id;
	uint32_t first, n; /* of the values */
};

/* Another state of a test. */
struct more {
	uint64_t state;
	uint32_t next; /* from 1; 0 = the last */
};

/* Rows that begin with their id; slots hold places of rows, from 1. */
struct table {
	unsigned char *rows;
	size_t size, n, cap;
	uint32_t *slots;
	size_t n_slots, n_indexed;
};

struct oval_tables {
	struct table tests, objects, states, variables, more;
	struct {
		char *at;
		size_t n, cap;
	} texts; /* each with its NUL; place 0 is "" */
	struct {
		uint32_t *at;
		size_t n, cap;
	} values;             /* of the variables: places of texts */
	struct strmap *archs; /* few patterns, many states: text -> its place */
};

uint64_t
oval_id(const char *text)
{
	uint64_t hash = 14695981039346656037u;

	if (text == NULL)
		return 0;
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
		hash = (hash ^ *p) * 1099511628211u;
	return hash != 0 ? hash : 1;
}

const char *
oval_attribute(struct emitter *em, const struct xml_value *v, const char *name)
{
	const char *text = xml_attribute(v, name);

	return text == NULL ? NULL
			    : emit_clean(em, text, strlen(text), MAX_NAME, TEXT_LINE);
}

/* ---- rows ---- */

struct oval_tables *
oval_tables_new(void)
{
	struct oval_tables *t = mem_zalloc(sizeof(*t));

	t->tests.size = sizeof(struct test);
	t->objects.size = sizeof(struct object);
	t->states.size = sizeof(struct state);
	t->variables.size = sizeof(struct variable);
	t->more.size = sizeof(struct more);
	t->archs = strmap_new();
	return t;
}

void
oval_tables_free(struct oval_tables *t)
{
	struct table *tables[] = { &t->tests, &t->objects, &t->states, &t->variables,
		&t->more };

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		free(tables[i]->rows);
		free(tables[i]->slots);
	}
	free(t->texts.at);
	free(t->values.at);
	strmap_free(t->archs);
	free(t);
}

/* Room for MORE items; it grows by a quarter, since the largest decides the peak. */
static void *
grow(void *at, size_t n, size_t more, size_t *cap, size_t size)
{
	if (n + more <= *cap)
		return at;
	*cap = n + more + *cap / 4 + 64;
	return mem_array(at, *cap, size);
}

/* A new row, cleared. */
static void *
add_row(struct table *t)
{
	unsigned char *row;

	t->rows = grow(t->rows, t->n, 1, &t->cap, t->size);
	row = t->rows + t->n++ * t->size;
	memset(row, 0, t->size);
	return row;
}

static uint64_t
id_of_row(const struct table *t, size_t i)
{
	uint64_t id;

	memcpy(&id, t->rows + i * t->size, sizeof(id));
	return id;
}

/* The slot of ID, or the empty one where it would be. */
static uint32_t *
slot_of(const struct table *t, uint64_t id)
{
	size_t mask = t->n_slots - 1;
	size_t i = (size_t)(id ^ (id >> 32)) & mask;

	while (t->slots[i] != 0 && id_of_row(t, t->slots[i] - 1) != id)
		i = (i + 1) & mask;
	return &t->slots[i];
}

/* Of two rows with one id the first counts. */
static void
index_rows(struct table *t)
{
	t->n_slots = 16;
	while (t->n_slots < t->n + t->n / 2)
		t->n_slots *= 2;
	free(t->slots);
	t->slots = mem_array(NULL, t->n_slots, sizeof(*t->slots));
	memset(t->slots, 0, t->n_slots * sizeof(*t->slots));
	for (size_t i = 0; i < t->n; i++) {
		uint32_t *slot = slot_of(t, id_of_row(t, i));

		if (*slot == 0)
			*slot = (uint32_t)i + 1;
	}
	t->n_indexed = t->n;
}

static const void *
find_row(struct table *t, uint64_t id)
{
	uint32_t place;

	if (t->n_indexed != t->n || t->slots == NULL)
		index_rows(t);
	place = *slot_of(t, id);
	return place == 0 ? NULL : t->rows + (place - 1) * t->size;
}

/* ---- texts ---- */

static uint32_t
keep_text(struct oval_tables *t, const char *text)
{
	size_t len = strlen(text) + 1, at;

	if (t->texts.n == 0) {
		t->texts.at = grow(NULL, 0, 1, &t->texts.cap, 1);
		t->texts.at[t->texts.n++] = '\0';
	}
	if (len == 1)
		return 0;
	t->texts.at = grow(t->texts.at, t->texts.n, len, &t->texts.cap, 1);
	at = t->texts.n;
	memcpy(t->texts.at + at, text, len);
	t->texts.n += len;
	return (uint32_t)at;
}

static uint32_t
keep_arch(struct oval_tables *t, const char *text)
{
	bool is_new;
	uint64_t *place = strmap_put(t->archs, text, &is_new);

	if (is_new)
		*place = keep_text(t, text);
	return (uint32_t)*place;
}

static const char *
text_at(const struct oval_tables *t, uint32_t place)
{
	return place == 0 ? "" : t->texts.at + place;
}

/*
 * "0:1.2-3" without the epoch that means none.  Publishers put a blank behind the colon
 * now and then.
 */
static const char *
clean_evr(struct arena *a, const char *text)
{
	const char *colon = strchr(text, ':');

	if (colon == NULL)
		return text;
	return rpm_evr(a, arena_strndup(a, text, (size_t)(colon - text)),
	    colon + 1 + strspn(colon + 1, " "), NULL);
}

/* ---- reading a section ---- */

struct reading {
	struct oval_tables *t;
	struct emitter *em;
	struct xml_reader *r;
};

static enum oval_op
op_of(const struct xml_value *v)
{
	static const struct {
		const char *word;
		enum oval_op op;
	} rows[] = {
		{ "less than", OVAL_LESS },
		{ "less than or equal", OVAL_LESS_EQUAL },
		{ "greater than", OVAL_GREATER },
		{ "greater than or equal", OVAL_GREATER_EQUAL },
		{ "equals", OVAL_EQUALS },
		{ "pattern match", OVAL_MATCH },
	};
	const char *word = xml_attribute(v, "operation");

	if (word == NULL)
		return OVAL_EQUALS;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].word, word) == 0)
			return rows[i].op;
	return OVAL_UNKNOWN;
}

static unsigned
flags_of_test(const struct xml_value *v)
{
	unsigned flags = 0;

	if (str_eq(v->name, "rpminfo_test") || str_eq(v->name, "dpkginfo_test"))
		flags |= TEST_PACKAGE;
	else if (str_eq(v->name, "textfilecontent54_test"))
		flags |= TEST_MANIFEST;
	if (str_eq(xml_attribute(v, "check"), "none satisfy"))
		flags |= TEST_NONE_SATISFIES;
	if (str_eq(xml_attribute(v, "check_existence"), "none_exist"))
		flags |= TEST_NONE_EXISTS;
	return flags;
}

static enum err_code
read_test(struct reading *x, const struct xml_value *start, struct err *e)
{
	struct test *row = add_row(&x->t->tests);
	struct more *more;
	struct xml_value v;
	bool any;
	enum err_code rc;

	row->id = oval_id(xml_attribute(start, "id"));
	row->flags = flags_of_test(start);
	while ((rc = xml_child(x->r, &v, &any, e)) == ERR_OK && any) {
		uint64_t state = 0;

		if (str_eq(v.name, "object"))
			row->object = oval_id(xml_attribute(&v, "object_ref"));
		else if (str_eq(v.name, "state"))
			state = oval_id(xml_attribute(&v, "state_ref"));
		if (state != 0 && row->state == 0) {
			row->state = state;
		} else if (state != 0) {
			more = add_row(&x->t->more);
			*more = (struct more){ state, row->more };
			row->more = (uint32_t)x->t->more.n;
		}
		if ((rc = xml_skip(x->r, e)) != ERR_OK)
			return rc;
	}
	return rc;
}

/* The name of a package, or the variable with names or with patterns around names. */
static enum err_code
read_object(struct reading *x, const struct xml_value *start, struct err *e)
{
	struct object *row = add_row(&x->t->objects);
	struct xml_value v;
	const char *text;
	bool any, is_plain;
	enum err_code rc;

	row->id = oval_id(xml_attribute(start, "id"));
	while ((rc = xml_child(x->r, &v, &any, e)) == ERR_OK && any) {
		if (str_eq(v.name, "name") || str_eq(v.name, "pattern"))
			row->variable = oval_id(xml_attribute(&v, "var_ref"));
		is_plain = str_eq(v.name, "name") && op_of(&v) == OVAL_EQUALS;
		rc = is_plain ? emit_xml(x->em, x->r, MAX_NAME, TEXT_LINE, &text, e)
			      : xml_skip(x->r, e);
		if (rc != ERR_OK)
			return rc;
		if (is_plain && text != NULL)
			row->name = keep_text(x->t, text);
	}
	return rc;
}

enum field { FIELD_OTHER, FIELD_EVR, FIELD_VERSION, FIELD_ARCH };

static enum field
field_of(const char *name)
{
	if (str_eq(name, "evr") || str_eq(name, "subexpression"))
		return FIELD_EVR;
	if (str_eq(name, "version"))
		return FIELD_VERSION;
	return str_eq(name, "arch") ? FIELD_ARCH : FIELD_OTHER;
}

static void
keep_field(struct reading *x, enum field field, enum oval_op op, const char *text,
    struct state *row)
{
	if (field == FIELD_EVR) {
		row->evr = keep_text(x->t, clean_evr(x->em->arena, text));
		row->evr_op = (uint8_t)op;
	} else if (field == FIELD_VERSION) {
		row->version = keep_text(x->t, text);
		row->version_op = (uint8_t)op;
	} else if (field == FIELD_ARCH) {
		row->arch = keep_arch(x->t, text);
		row->arch_op = (uint8_t)op;
	}
}

static enum err_code
read_state(struct reading *x, const struct xml_value *start, struct err *e)
{
	struct state *row = add_row(&x->t->states);
	struct xml_value v;
	const char *text;
	bool any;
	enum err_code rc;

	row->id = oval_id(xml_attribute(start, "id"));
	while ((rc = xml_child(x->r, &v, &any, e)) == ERR_OK && any) {
		enum field field = field_of(v.name);
		enum oval_op op = op_of(&v);

		rc = emit_xml(x->em, x->r, MAX_NAME, TEXT_LINE, &text, e);
		if (rc != ERR_OK)
			return rc;
		keep_field(x, field, op, str_or_empty(text), row);
	}
	return rc;
}

static enum err_code
read_variable(struct reading *x, const struct xml_value *start, struct err *e)
{
	struct oval_tables *t = x->t;
	struct variable *row = add_row(&t->variables);
	struct xml_value v;
	const char *text;
	bool any;
	enum err_code rc;

	row->id = oval_id(xml_attribute(start, "id"));
	row->first = (uint32_t)t->values.n;
	while ((rc = xml_child(x->r, &v, &any, e)) == ERR_OK && any) {
		bool is_value = str_eq(v.name, "value");

		rc = is_value ? emit_xml(x->em, x->r, MAX_NAME, TEXT_LINE, &text, e)
			      : xml_skip(x->r, e);
		if (rc != ERR_OK)
			return rc;
		if (!is_value || text == NULL)
			continue;
		t->values.at = grow(t->values.at, t->values.n, 1, &t->values.cap,
		    sizeof(*t->values.at));
		t->values.at[t->values.n++] = keep_text(t, text);
		row->n++;
	}
	return rc;
}

static size_t
bytes_kept(const struct oval_tables *t)
{
	return t->texts.n + t->values.n * sizeof(*t->values.at) +
	       t->tests.n * t->tests.size + t->objects.n * t->objects.size +
	       t->states.n * t->states.size + t->variables.n * t->variables.size +
	       t->more.n * t->more.size;
}

enum err_code
oval_tables_read(struct oval_tables *t, struct emitter *em, struct xml_reader *r,
    const struct xml_value *section, struct err *e)
{
	static const struct {
		const char *section;
		enum err_code (*read)(
		    struct reading *x, const struct xml_value *v, struct err *e);
	} rows[] = {
		{ "tests", read_test },
		{ "objects", read_object },
		{ "states", read_state },
		{ "variables", read_variable },
	};
	struct reading x = { t, em, r };
	struct xml_value v;
	size_t i = 0;
	bool any;
	enum err_code rc;

	while (i < sizeof(rows) / sizeof(rows[0]) &&
	       !str_eq(section->name, rows[i].section))
		i++;
	if (i == sizeof(rows) / sizeof(rows[0]))
		return xml_skip(r, e);
	while ((rc = xml_child(r, &v, &any, e)) == ERR_OK && any) {
		arena_reset(em->arena);
		if ((rc = rows[i].read(&x, &v, e)) != ERR_OK)
			return rc;
		if (bytes_kept(t) > KEPT_MAX)
			return err_set(e, ERR_LIMIT, "more tests than can be kept");
	}
	return rc;
}

/* ---- asking ---- */

static void
take_state(struct oval_tables *t, uint64_t id, struct oval_leaf *ret)
{
	const struct state *s = find_row(&t->states, id);

	if (s == NULL) {
		ret->is_broken = true;
		return;
	}
	if (s->evr_op != OVAL_NOTHING) {
		ret->evr_op = (enum oval_op)s->evr_op;
		ret->evr = text_at(t, s->evr);
	}
	if (s->version_op != OVAL_NOTHING) {
		ret->version_op = (enum oval_op)s->version_op;
		ret->version = text_at(t, s->version);
	}
	if (s->arch_op != OVAL_NOTHING) {
		ret->arch_op = (enum oval_op)s->arch_op;
		ret->arch = text_at(t, s->arch);
	}
}

static void
take_names(struct oval_tables *t, const struct object *object, struct oval_leaf *ret)
{
	const struct variable *variable;

	if (object != NULL && object->variable != 0) {
		variable = find_row(&t->variables, object->variable);
		if (variable != NULL && variable->n > 0) {
			ret->names = t->values.at + variable->first;
			ret->n_names = variable->n;
			return;
		}
	} else if (object != NULL && object->name != 0) {
		ret->one_name = object->name;
		ret->n_names = 1;
		return;
	}
	ret->is_broken = true;
}

bool
oval_tables_find(struct oval_tables *t, uint64_t id, struct oval_leaf *ret)
{
	const struct test *test = find_row(&t->tests, id);
	const struct object *object;

	if (test == NULL)
		return false;
	*ret = (struct oval_leaf){ .evr = "", .version = "", .arch = "" };
	object = find_row(&t->objects, test->object);
	ret->none_satisfies = (test->flags & TEST_NONE_SATISFIES) != 0;
	ret->none_exists = (test->flags & TEST_NONE_EXISTS) != 0;
	ret->has_state = test->state != 0;
	/* a file's text is about packages where the patterns for it come as a list */
	ret->is_package = (test->flags & TEST_PACKAGE) != 0 ||
			  ((test->flags & TEST_MANIFEST) != 0 && object != NULL &&
			      object->variable != 0 &&
			      find_row(&t->variables, object->variable) != NULL);
	if (!ret->is_package)
		return true;
	take_names(t, object, ret);
	if (ret->has_state)
		take_state(t, test->state, ret);
	for (uint32_t place = test->more; place != 0;) {
		const struct more *more =
		    (const void *)(t->more.rows + (place - 1) * t->more.size);

		take_state(t, more->state, ret);
		place = more->next;
	}
	return true;
}

const char *
oval_name(const struct oval_tables *t, const struct oval_leaf *l, size_t i)
{
	return text_at(t, l->names != NULL ? l->names[i] : l->one_name);
}

const char *
oval_bare_name(struct arena *a, const char *name)
{
	char *bare, *to;

	if (*name != '^')
		return arena_strdup(a, name);
	bare = to = arena_strdup(a, name + 1);
	/* "\+" is a plus, "\s" the end of the name */
	for (const char *p = bare; *p != '\0' && *p != '('; p++) {
		if (*p == '\\' && isalnum((unsigned char)p[1]))
			break;
		if (*p != '\\')
			*to++ = *p;
	}
	*to = '\0';
	return bare;
}
