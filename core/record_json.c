/* SPDX-License-Identifier: Apache-2.0 */
/* record_json - a record as one JSON object and back; record.h shows the shape. */
#include "core/record.h"

#include <stdbool.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/cleanup.h"
#include "core/clock.h"
#include "core/ecosystem.h"
#include "core/json_read.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/stream.h"

/* ---- writing ---- */

static void
write_texts(struct json_writer *w, const char *key, const char *const *texts, size_t n)
{
	jw_key(w, key);
	jw_array(w);
	for (size_t i = 0; i < n; i++)
		jw_text(w, texts[i]);
	jw_array_end(w);
}

static void
write_cvss(struct json_writer *w, const struct cvss *c)
{
	jw_object(w);
	jw_ktext(w, "scorer", c->scorer);
	jw_ktext(w, "vector", c->vector);
	jw_key(w, "score");
	jw_decimal(w, c->score_tenths, 1);
	if (c->speaker != SPEAKER_NONE)
		jw_ktext(w, "speaker", speaker_name(c->speaker));
	jw_object_end(w);
}

static void
write_affected(struct json_writer *w, const struct affected *a, const char *scheme)
{
	bool has_module = a->module != NULL && *a->module != '\0';

	jw_object(w);
	jw_ktext(w, "ecosystem", a->ecosystem);
	jw_ktext(w, "stream", str_or_empty(a->stream));
	jw_ktext(w, "package", a->package);
	jw_ktext(w, "kind", package_kind_name(a->kind));
	jw_ktext(w, "module", has_module ? a->module : NULL);
	write_texts(w, "arch", a->archs, a->n_archs);
	jw_ktext(w, "scheme", scheme);
	jw_ktext(w, "introduced", a->introduced);
	jw_ktext(w, "fixed", a->fixed);
	jw_ktext(w, "last_affected", a->last_affected);
	write_texts(w, "versions", a->versions, a->n_versions);
	jw_ktext(w, "status", status_name(a->status));
	jw_ktext(w, "vendor_state", a->vendor_state);
	if (a->severity != SEVERITY_UNKNOWN)
		jw_ktext(w, "severity", severity_name(a->severity));
	if (a->vendor_severity != NULL)
		jw_ktext(w, "vendor_severity", a->vendor_severity);
	jw_object_end(w);
}

static void
write_entries(struct json_writer *w, const struct record *r)
{
	const char *ecosystem = NULL, *scheme = NULL;

	jw_key(w, "affected");
	jw_array(w);
	for (size_t i = 0; i < r->n_affected; i++) {
		const struct affected *a = &r->affected[i];

		/* neighbours are mostly of one ecosystem */
		if (ecosystem == NULL || !str_eq(ecosystem, a->ecosystem)) {
			ecosystem = a->ecosystem;
			scheme = ecosystem_scheme(ecosystem);
		}
		write_affected(w, a, scheme);
	}
	jw_array_end(w);
}

static void
write_epss(struct json_writer *w, const struct epss *x)
{
	jw_key(w, "epss");
	jw_object(w);
	jw_key(w, "score");
	jw_decimal(w, x->score_micro, 6);
	jw_key(w, "percentile");
	if (x->percentile_micro >= 0)
		jw_decimal(w, x->percentile_micro, 6);
	else
		jw_null(w);
	jw_ktext(w, "model", x->model);
	jw_object_end(w);
}

void
record_write(const struct record *r, struct buf *out)
{
	struct json_writer w;

	jw_init(&w, out);
	jw_object(&w);
	jw_ktext(&w, "source", r->source);
	jw_ktext(&w, "id", r->id);
	jw_ktext(&w, "record", r->key);
	write_texts(&w, "vulnerabilities", r->vulnerabilities, r->n_vulnerabilities);
	write_texts(&w, "aliases", r->aliases, r->n_aliases);
	jw_ktext(&w, "title", r->title);
	jw_ktext(&w, "severity", severity_name(r->severity));
	jw_ktext(&w, "vendor_severity", r->vendor_severity);
	jw_ktime(&w, "published", r->published);
	jw_ktime(&w, "modified", r->modified);
	jw_ktime(&w, "withdrawn", r->withdrawn);
	jw_key(&w, "cvss");
	jw_array(&w);
	for (size_t i = 0; i < r->n_cvss; i++)
		write_cvss(&w, &r->cvss[i]);
	jw_array_end(&w);
	write_entries(&w, r);
	if (r->description != NULL)
		jw_ktext(&w, "description", r->description);
	if (r->n_references > 0)
		write_texts(&w, "references", r->references, r->n_references);
	if (r->n_cwes > 0)
		write_texts(&w, "cwes", r->cwes, r->n_cwes);
	if (r->exploited != 0)
		jw_ktime(&w, "exploited", r->exploited);
	if (r->kind != RECORD_VULNERABILITY)
		jw_ktext(&w, "kind", record_kind_name(r->kind));
	if (r->ends != 0)
		jw_ktime(&w, "ends", r->ends);
	if (r->epss != NULL)
		write_epss(&w, r->epss);
	jw_object_end(&w);
}

/* ---- reading ---- */

struct reading {
	struct json_reader *json; /* borrowed */
	struct arena *arena;
	struct err *e;
};

enum field_kind {
	FIELD_TEXT,
	FIELD_TEXT_OR_EMPTY, /* null becomes "" */
	FIELD_TEXTS,
	FIELD_TIME,
	FIELD_SCORE,
	FIELD_SEVERITY,
	FIELD_STATUS,
	FIELD_PACKAGE_KIND,
	FIELD_RECORD_KIND,
	FIELD_SPEAKER,
	FIELD_CVSS,
	FIELD_AFFECTED,
	FIELD_EPSS,
	FIELD_MICRO,
};

/* One key of an object and the member of the struct it goes to. */
struct field {
	const char *key;
	enum field_kind kind;
	size_t offset, count_offset; /* count: of arrays only */
};

#define TEXT(t, key, member)                                                           \
	{                                                                              \
		key, FIELD_TEXT, offsetof(struct t, member), 0                         \
	}
#define ONE(t, kind, key, member)                                                      \
	{                                                                              \
		key, kind, offsetof(struct t, member), 0                               \
	}
#define MANY(t, kind, key, member)                                                     \
	{                                                                              \
		key, kind, offsetof(struct t, member), offsetof(struct t, n_##member)  \
	}

static const struct field record_fields[] = {
	TEXT(record, "source", source),
	TEXT(record, "id", id),
	TEXT(record, "record", key),
	MANY(record, FIELD_TEXTS, "vulnerabilities", vulnerabilities),
	MANY(record, FIELD_TEXTS, "aliases", aliases),
	TEXT(record, "title", title),
	ONE(record, FIELD_SEVERITY, "severity", severity),
	TEXT(record, "vendor_severity", vendor_severity),
	ONE(record, FIELD_TIME, "published", published),
	ONE(record, FIELD_TIME, "modified", modified),
	ONE(record, FIELD_TIME, "withdrawn", withdrawn),
	MANY(record, FIELD_CVSS, "cvss", cvss),
	MANY(record, FIELD_AFFECTED, "affected", affected),
	TEXT(record, "description", description),
	MANY(record, FIELD_TEXTS, "references", references),
	MANY(record, FIELD_TEXTS, "cwes", cwes),
	ONE(record, FIELD_TIME, "exploited", exploited),
	ONE(record, FIELD_RECORD_KIND, "kind", kind),
	ONE(record, FIELD_TIME, "ends", ends),
	ONE(record, FIELD_EPSS, "epss", epss),
	{ 0 },
};

static const struct field epss_fields[] = {
	ONE(epss, FIELD_MICRO, "score", score_micro),
	ONE(epss, FIELD_MICRO, "percentile", percentile_micro),
	TEXT(epss, "model", model),
	{ 0 },
};

static const struct field cvss_fields[] = {
	TEXT(cvss, "scorer", scorer),
	TEXT(cvss, "vector", vector),
	ONE(cvss, FIELD_SCORE, "score", score_tenths),
	ONE(cvss, FIELD_SPEAKER, "speaker", speaker),
	{ 0 },
};

static const struct field affected_fields[] = {
	TEXT(affected, "ecosystem", ecosystem),
	ONE(affected, FIELD_TEXT_OR_EMPTY, "stream", stream),
	TEXT(affected, "package", package),
	ONE(affected, FIELD_PACKAGE_KIND, "kind", kind),
	ONE(affected, FIELD_TEXT_OR_EMPTY, "module", module),
	MANY(affected, FIELD_TEXTS, "arch", archs),
	TEXT(affected, "introduced", introduced),
	TEXT(affected, "fixed", fixed),
	TEXT(affected, "last_affected", last_affected),
	MANY(affected, FIELD_TEXTS, "versions", versions),
	ONE(affected, FIELD_STATUS, "status", status),
	TEXT(affected, "vendor_state", vendor_state),
	ONE(affected, FIELD_SEVERITY, "severity", severity),
	TEXT(affected, "vendor_severity", vendor_severity),
	{ 0 },
};

static enum err_code read_object(
    struct reading *in, const struct field *fields, void *into);

static enum err_code
wrong(struct reading *in, const char *key, const char *wanted)
{
	return err_set(in->e, ERR_INPUT, "%s must be %s", key, wanted);
}

/* Copy of the text token V; one with a NUL inside would not be what was written. */
static enum err_code
take_text(
    struct reading *in, const struct json_value *v, const char *key, const char **ret)
{
	if (v->token != JSON_STRING || memchr(v->text, '\0', v->len) != NULL)
		return wrong(in, key, "a text");
	*ret = arena_strndup(in->arena, v->text, v->len);
	return ERR_OK;
}

static enum err_code
read_texts(struct reading *in, const struct field *f, void *into)
{
	struct {
		const char **at;
		size_t n, cap;
	} list = { 0 };
	struct json_value v;
	enum err_code rc;
	bool more;

	while ((rc = json_item(in->json, &v, &more, in->e)) == ERR_OK && more) {
		const char *text = NULL;

		if ((rc = take_text(in, &v, f->key, &text)) != ERR_OK)
			return rc;
		*ARENA_PUSH(in->arena, &list) = text;
	}
	memcpy((char *)into + f->offset, &list.at, sizeof(list.at));
	memcpy((char *)into + f->count_offset, &list.n, sizeof(list.n));
	return rc;
}

static enum err_code
read_cvss(struct reading *in, const struct field *f, struct record *into)
{
	struct {
		struct cvss *at;
		size_t n, cap;
	} list = { 0 };
	struct json_value v;
	enum err_code rc;
	bool more;

	while ((rc = json_item(in->json, &v, &more, in->e)) == ERR_OK && more) {
		if (v.token != JSON_OBJECT)
			return wrong(in, f->key, "an array of objects");
		rc = read_object(in, cvss_fields, ARENA_PUSH(in->arena, &list));
		if (rc != ERR_OK)
			return err_wrap(in->e, rc, "cvss[%zu]", list.n - 1);
	}
	into->cvss = list.at;
	into->n_cvss = list.n;
	return rc;
}

static enum err_code
read_affected(struct reading *in, const struct field *f, struct record *into)
{
	struct {
		struct affected *at;
		size_t n, cap;
	} list = { 0 };
	struct json_value v;
	enum err_code rc;
	bool more;

	while ((rc = json_item(in->json, &v, &more, in->e)) == ERR_OK && more) {
		struct affected *a;

		if (v.token != JSON_OBJECT)
			return wrong(in, f->key, "an array of objects");
		if (list.n == MAX_AFFECTED)
			return err_set(in->e, ERR_LIMIT,
			    "more than %zu affected entries", MAX_AFFECTED);
		a = ARENA_PUSH(in->arena, &list);
		a->stream = a->module = "";
		/* neither has a default: record_check() refuses these */
		a->kind = KIND_COUNT;
		a->status = STATUS_COUNT;
		if ((rc = read_object(in, affected_fields, a)) != ERR_OK)
			return err_wrap(in->e, rc, "affected[%zu]", list.n - 1);
	}
	into->affected = list.at;
	into->n_affected = list.n;
	return rc;
}

/* "9.8", "10.0", "7": at most one decimal that says something. */
static bool
parse_score(const char *s, int *ret_tenths)
{
	int whole = 0, tenth = 0, digits = 0;

	for (; *s >= '0' && *s <= '9' && digits < 3; s++, digits++)
		whole = whole * 10 + (*s - '0');
	if (digits == 0 || digits > 2)
		return false;
	if (*s == '.') {
		s++;
		if (*s < '0' || *s > '9')
			return false;
		tenth = *s++ - '0';
		s += strspn(s, "0");
	}
	*ret_tenths = whole * 10 + tenth;
	return *s == '\0';
}

static enum err_code
read_micro(
    struct reading *in, const struct field *f, const struct json_value *v, void *at)
{
	int64_t micro;

	if (v->token != JSON_NUMBER || !str_micro(v->text, &micro))
		return wrong(in, f->key, "a number such as 0.123456");
	memcpy(at, &micro, sizeof(micro));
	return ERR_OK;
}

static enum err_code
read_epss(struct reading *in, const struct field *f, const struct json_value *v,
    struct record *into)
{
	struct epss *x = arena_zalloc(in->arena, sizeof(*x));

	if (v->token != JSON_OBJECT)
		return wrong(in, f->key, "an object");
	/* a score has no default: record_check() refuses this one */
	x->score_micro = x->percentile_micro = -1;
	into->epss = x;
	return read_object(in, epss_fields, x);
}

static enum err_code
read_array(struct reading *in, const struct field *f, void *into)
{
	if (f->kind == FIELD_CVSS)
		return read_cvss(in, f, into);
	if (f->kind == FIELD_AFFECTED)
		return read_affected(in, f, into);
	return read_texts(in, f, into);
}

static bool
is_array(const struct field *f)
{
	return f->kind == FIELD_TEXTS || f->kind == FIELD_CVSS ||
	       f->kind == FIELD_AFFECTED;
}

/* The word or time V for field F, into its member AT. */
static enum err_code
read_word(
    struct reading *in, const struct field *f, const struct json_value *v, void *at)
{
	union {
		enum severity severity;
		enum status status;
		enum package_kind kind;
		enum record_kind record_kind;
		enum speaker speaker;
		int64_t at;
	} value;
	size_t size = sizeof(value.severity);
	bool ok = v->token == JSON_STRING && strlen(v->text) == v->len;

	switch (f->kind) {
	case FIELD_SEVERITY:
		ok = ok && severity_from_name(v->text, &value.severity);
		break;
	case FIELD_STATUS:
		ok = ok && status_from_name(v->text, &value.status);
		break;
	case FIELD_PACKAGE_KIND:
		ok = ok && package_kind_from_name(v->text, &value.kind);
		break;
	case FIELD_RECORD_KIND:
		ok = ok && record_kind_from_name(v->text, &value.record_kind);
		break;
	case FIELD_SPEAKER:
		ok = ok && speaker_from_name(v->text, &value.speaker);
		break;
	default:
		ok = ok && time_parse(v->text, &value.at);
		size = sizeof(value.at);
	}
	if (!ok)
		return wrong(
		    in, f->key, f->kind == FIELD_TIME ? "a time" : "one of its words");
	memcpy(at, &value, size);
	return ERR_OK;
}

/* The value of field F, whose first token is V; null leaves the member as it is. */
static enum err_code
read_field(
    struct reading *in, const struct field *f, const struct json_value *v, void *into)
{
	void *at = (char *)into + f->offset;
	const char *text = NULL;
	enum err_code rc;
	int tenths;

	if (v->token == JSON_NULL)
		return ERR_OK;
	if (is_array(f))
		return v->token == JSON_ARRAY ? read_array(in, f, into)
					      : wrong(in, f->key, "an array");
	if (f->kind == FIELD_EPSS)
		return read_epss(in, f, v, into);
	if (f->kind == FIELD_MICRO)
		return read_micro(in, f, v, at);
	if (f->kind == FIELD_SCORE) {
		if (v->token != JSON_NUMBER || !parse_score(v->text, &tenths))
			return wrong(in, f->key, "a score such as 9.8");
		memcpy(at, &tenths, sizeof(tenths));
		return ERR_OK;
	}
	if (f->kind != FIELD_TEXT && f->kind != FIELD_TEXT_OR_EMPTY)
		return read_word(in, f, v, at);
	if ((rc = take_text(in, v, f->key, &text)) == ERR_OK)
		memcpy(at, &text, sizeof(text));
	return rc;
}

/* The members of an object whose beginning has been read. */
static enum err_code
read_object(struct reading *in, const struct field *fields, void *into)
{
	struct json_value v;
	enum err_code rc;
	unsigned seen = 0;
	bool more;

	while ((rc = json_key(in->json, &v, &more, in->e)) == ERR_OK && more) {
		const struct field *f = fields;

		if (strlen(v.text) != v.len)
			return err_set(in->e, ERR_INPUT, "a key holds a NUL");
		while (f->key != NULL && strcmp(f->key, v.text) != 0)
			f++;
		if (f->key == NULL) {
			rc = json_skip_next(in->json, in->e);
		} else if (seen & 1u << (f - fields)) {
			rc = err_set(in->e, ERR_INPUT, "%s stands twice", f->key);
		} else {
			seen |= 1u << (f - fields);
			rc = json_next(in->json, &v, in->e);
			if (rc == ERR_OK)
				rc = read_field(in, f, &v, into);
		}
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_document(struct reading *in, struct record **ret)
{
	struct record *r = arena_zalloc(in->arena, sizeof(*r));
	struct json_value v;
	enum err_code rc;

	if ((rc = json_next(in->json, &v, in->e)) != ERR_OK)
		return rc;
	if (v.token != JSON_OBJECT)
		return err_set(in->e, ERR_INPUT, "a record must be an object");
	if ((rc = read_object(in, record_fields, r)) != ERR_OK ||
	    (rc = json_next(in->json, &v, in->e)) != ERR_OK ||
	    (rc = record_check(r, in->e)) != ERR_OK)
		return rc;
	*ret = r;
	return ERR_OK;
}

enum err_code
record_read(
    struct record **ret, const char *json, size_t len, struct arena *a, struct err *e)
{
	struct reading in = { .arena = a, .e = e };
	struct stream *s;
	enum err_code rc;

	if (len > MAX_RECORD_BYTES)
		return err_set(
		    e, ERR_LIMIT, "a record of more than %zu bytes", MAX_RECORD_BYTES);
	if ((rc = stream_open_memory(&s, json, len, MAX_RECORD_BYTES, e)) != ERR_OK)
		return rc;
	in.json = json_reader_new(s);
	rc = read_document(&in, ret);
	json_reader_free(in.json);
	stream_close(s);
	return rc;
}
