/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attestation - an SBOM that somebody signed, in the wrappings it travels in:
 *
 *   {"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","dsseEnvelope":{...}}
 *   {"payloadType":"application/vnd.in-toto+json","payload":"BASE64","signatures":[...]}
 *   {"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"..."}}],
 *    "predicateType":"https://cyclonedx.org/bom","predicate":{...}}
 *   {"attestations":[{"bundle":{...}}]}                      (as GitHub answers)
 *
 * or several of them, one behind the other.  The predicate goes to the reader that knows
 * it, and the digest that the statement speaks of is the image's.  Signatures are not
 * checked: who may upload is decided elsewhere, and the digest is compared by who deploys.
 */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/digest.h"
#include "core/json_read.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/stream.h"
#include "inventory/sbom_private.h"

#define MAX_WRAPPINGS 3 /* documents inside documents */

struct found {
	const struct reader *reader; /* NULL = nothing yet */
	const char *sbom;            /* in the document, or in the arena */
	size_t len;
	const char *subject, *digest; /* of the statement; NULL = none, or several */
};

struct walk {
	struct arena *a;
	struct found found;
	const char *other; /* the type of a predicate that is no SBOM */
};

/* One document being read, and what was seen of its outermost wrapping. */
struct wrapping {
	struct json_reader *r;
	const char *text; /* the whole document */
	unsigned depth;
	const char *payload; /* decoded */
	size_t payload_len;
	const char *predicate, *predicate_type;
	size_t predicate_len;
	const char *subject, *digest;
	bool has_two_digests;
};

static enum err_code read_object(struct walk *w, struct wrapping *at, struct err *e);

/* ---- the SBOM inside the predicate ---- */

static bool
is_sbom(const struct reader *r)
{
	return r == &reader_cyclonedx || r == &reader_spdx || r == &reader_syft ||
	       r == &reader_trivy;
}

static const struct reader *
reader_of(const char *p, size_t n)
{
	const struct reader *r =
	    inventory_recognise(p, n < INVENTORY_HEAD ? n : INVENTORY_HEAD);

	return is_sbom(r) ? r : NULL;
}

/* The value that follows, as the document writes it. */
static enum err_code
slice(struct wrapping *at, const char **ret, size_t *ret_len, struct err *e)
{
	uint64_t from = json_offset(at->r), to;
	enum err_code rc = json_skip_next(at->r, e);

	if (rc != ERR_OK)
		return rc;
	to = json_offset(at->r);
	while (from < to && strchr(" \t\r\n:", at->text[from]) != NULL)
		from++;
	*ret = at->text + from;
	*ret_len = (size_t)(to - from);
	return ERR_OK;
}

/* A reader over text that may hold a whole document as one string. */
static enum err_code
open_reader(const char *text, size_t n, struct stream **ret_in,
    struct json_reader **ret_r, struct err *e)
{
	enum err_code rc = stream_open_memory(ret_in, text, n, MAX_UPLOAD_BYTES, e);

	if (rc != ERR_OK)
		return rc;
	*ret_r = json_reader_new(*ret_in);
	json_reader_max_string(*ret_r, MAX_PAYLOAD);
	return ERR_OK;
}

/* Where "Data" lies in the predicate: cosign 1 put the SBOM there. */
static enum err_code
find_data(struct wrapping *predicate, struct err *e)
{
	struct json_value key;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(predicate->r, JSON_OBJECT, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_key(predicate->r, &key, &more, e)) == ERR_OK && more) {
		rc = str_eq(key.text, "Data") ? slice(predicate, &predicate->predicate,
						    &predicate->predicate_len, e)
					      : json_skip_next(predicate->r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* The document that is a JSON string, without its quotes and escapes. */
static enum err_code
unquote(struct walk *w, const char **text, size_t *len, struct err *e)
{
	struct stream *in = NULL;
	struct json_reader *r = NULL;
	const char *inner = NULL;
	enum err_code rc = open_reader(*text, *len, &in, &r, e);

	if (rc == ERR_OK)
		rc = json_text(r, w->a, &inner, e);
	json_reader_free(r);
	stream_close(in);
	*text = str_or_empty(inner);
	*len = strlen(*text);
	return rc;
}

static enum err_code
look_into_data(struct walk *w, struct wrapping *at, struct err *e)
{
	struct wrapping inner = { .text = at->predicate };
	struct stream *in = NULL;
	enum err_code rc =
	    open_reader(at->predicate, at->predicate_len, &in, &inner.r, e);

	if (rc == ERR_OK)
		rc = find_data(&inner, e);
	json_reader_free(inner.r);
	stream_close(in);
	if (rc != ERR_OK || inner.predicate == NULL)
		return rc;
	at->predicate = inner.predicate;
	at->predicate_len = inner.predicate_len;
	return *at->predicate == '"' ? unquote(w, &at->predicate, &at->predicate_len, e)
				     : ERR_OK;
}

/* A statement is complete: keep it if it is about an SBOM and the first that is. */
static enum err_code
take_statement(struct walk *w, struct wrapping *at, struct err *e)
{
	const struct reader *r = reader_of(at->predicate, at->predicate_len);
	const char *digest = at->has_two_digests ? NULL : at->digest;
	enum err_code rc;

	if (r == NULL) {
		if ((rc = look_into_data(w, at, e)) != ERR_OK)
			return rc;
		r = reader_of(at->predicate, at->predicate_len);
	}
	if (r == NULL) {
		w->other = at->predicate_type;
		return ERR_OK;
	}
	if (w->found.reader != NULL) {
		if (!str_eq(w->found.digest, digest))
			return err_set(e, ERR_INPUT,
			    "SBOMs of several images in one document: send one by one");
		return ERR_OK;
	}
	w->found = (struct found){ .reader = r,
		.sbom = at->predicate,
		.len = at->predicate_len,
		.subject = at->subject,
		.digest = digest };
	return ERR_OK;
}

/* ---- wrappings ---- */

/* The value of "payload": base64 of the next wrapping. */
static enum err_code
read_payload(struct walk *w, struct wrapping *at, struct err *e)
{
	struct json_value v;
	unsigned char *bytes = NULL;
	enum err_code rc = json_next(at->r, &v, e);

	if (rc != ERR_OK)
		return rc;
	if (v.token != JSON_STRING)
		return json_skip(at->r, &v, e);
	if (!base64_decode(w->a, v.text, &bytes, &at->payload_len))
		return err_set(e, ERR_INPUT, "the payload is no base64");
	at->payload = (const char *)bytes;
	return ERR_OK;
}

static void
take_digest(struct walk *w, struct wrapping *at, const char *hex)
{
	const char *digest;

	if (hex == NULL || strlen(hex) != 64 || strspn(hex, "0123456789abcdef") != 64)
		return;
	digest = arena_printf(w->a, "sha256:%s", hex);
	at->has_two_digests =
	    at->has_two_digests || (at->digest != NULL && !str_eq(at->digest, digest));
	at->digest = digest;
}

/* Behind the opening brace of one subject, or of its digests. */
static enum err_code
read_subject(struct walk *w, struct wrapping *at, struct err *e)
{
	struct json_value key;
	const char *text;
	bool in, more;
	enum err_code rc;

	while ((rc = json_key(at->r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "name")) {
			rc = json_text(at->r, w->a, &at->subject, e);
		} else if (str_eq(key.text, "sha256")) {
			if ((rc = json_text(at->r, w->a, &text, e)) == ERR_OK)
				take_digest(w, at, text);
		} else if (str_eq(key.text, "digest")) {
			rc = json_enter(at->r, JSON_OBJECT, &in, e);
			if (rc == ERR_OK && in)
				rc = read_subject(w, at, e);
		} else {
			rc = json_skip_next(at->r, e);
		}
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_subjects(struct walk *w, struct wrapping *at, struct err *e)
{
	struct json_value first;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(at->r, JSON_ARRAY, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_item(at->r, &first, &more, e)) == ERR_OK && more) {
		rc = first.token == JSON_OBJECT ? read_subject(w, at, e)
						: json_skip(at->r, &first, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* An object inside AT that is a wrapping of its own. */
static enum err_code
read_inner(struct walk *w, struct wrapping *at, struct err *e)
{
	struct wrapping inner = { .r = at->r, .text = at->text, .depth = at->depth };

	return read_object(w, &inner, e);
}

static enum err_code
read_list(struct walk *w, struct wrapping *at, struct err *e)
{
	struct json_value first;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(at->r, JSON_ARRAY, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_item(at->r, &first, &more, e)) == ERR_OK && more) {
		rc = first.token == JSON_OBJECT ? read_inner(w, at, e)
						: json_skip(at->r, &first, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_key(struct walk *w, struct wrapping *at, const char *key, struct err *e)
{
	bool in;
	enum err_code rc;

	if (str_eq(key, "payload"))
		return read_payload(w, at, e);
	if (str_eq(key, "predicateType"))
		return json_text(at->r, w->a, &at->predicate_type, e);
	if (str_eq(key, "predicate"))
		return slice(at, &at->predicate, &at->predicate_len, e);
	if (str_eq(key, "subject"))
		return read_subjects(w, at, e);
	if (str_eq(key, "attestations"))
		return read_list(w, at, e);
	if (!str_eq(key, "dsseEnvelope") && !str_eq(key, "bundle"))
		return json_skip_next(at->r, e);
	rc = json_enter(at->r, JSON_OBJECT, &in, e);
	return rc == ERR_OK && in ? read_inner(w, at, e) : rc;
}

/* Documents one behind the other, as "download attestation" writes them. */
static enum err_code
read_documents(
    struct walk *w, const char *text, size_t len, unsigned depth, struct err *e)
{
	enum err_code rc = ERR_OK;
	size_t n = len;

	if (depth == MAX_WRAPPINGS)
		return err_set(e, ERR_LIMIT, "more than %d wrappings", MAX_WRAPPINGS);
	text = head_start(text, &n);
	while (rc == ERR_OK && n > 0) {
		struct wrapping at = { .text = text, .depth = depth };
		struct stream *in = NULL;
		bool is_in = false;
		size_t used;

		if ((rc = open_reader(text, n, &in, &at.r, e)) != ERR_OK)
			return rc;
		rc = json_enter(at.r, JSON_OBJECT, &is_in, e);
		if (rc == ERR_OK && !is_in)
			rc = err_set(e, ERR_INPUT, "an attestation is no object");
		if (rc == ERR_OK)
			rc = read_object(w, &at, e);
		used = (size_t)json_offset(at.r);
		json_reader_free(at.r);
		stream_close(in);
		n -= used;
		text = head_start(text + used, &n);
	}
	return rc;
}

/* Behind the opening brace. */
static enum err_code
read_object(struct walk *w, struct wrapping *at, struct err *e)
{
	struct json_value key;
	bool more;
	enum err_code rc;

	while ((rc = json_key(at->r, &key, &more, e)) == ERR_OK && more)
		if ((rc = read_key(w, at, key.text, e)) != ERR_OK)
			return rc;
	if (rc == ERR_OK && at->predicate != NULL)
		rc = take_statement(w, at, e);
	if (rc == ERR_OK && at->payload != NULL)
		rc = read_documents(w, at->payload, at->payload_len, at->depth + 1, e);
	return rc;
}

/* ---- the reader ---- */

static enum err_code
read_found(struct walk *w, const struct inventory_hints *hints, struct inventory *inv,
    struct err *e)
{
	const struct found *f = &w->found;
	struct stream *in = NULL;
	enum err_code rc;

	if (f->reader == NULL)
		return err_set(e, ERR_UNSUPPORTED, "no SBOM in it%s%s",
		    w->other != NULL ? ", but " : "",
		    w->other != NULL
			? utf8_clean(w->a, w->other, strlen(w->other), 100, true)
			: "");
	rc = stream_open_memory(&in, f->sbom, f->len, MAX_UPLOAD_BYTES, e);
	if (rc != ERR_OK)
		return rc;
	rc = f->reader->read(in, hints, w->a, inv, e);
	stream_close(in);
	if (rc != ERR_OK)
		return err_wrap(e, rc, "%s", f->reader->name);
	if (f->digest != NULL)
		inv->digest = f->digest;
	if (inv->subject == NULL)
		inv->subject = f->subject;
	return ERR_OK;
}

static enum err_code
read_attestation(struct stream *in, const struct inventory_hints *hints,
    struct arena *a, struct inventory *inv, struct err *e)
{
	struct buf text = BUF_INIT(MAX_UPLOAD_BYTES);
	struct walk w = { .a = a };
	enum err_code rc = stream_read_all(in, &text, e);

	if (rc == ERR_OK)
		rc = read_documents(&w, buf_str(&text), text.len, 0, e);
	if (rc == ERR_OK)
		rc = read_found(&w, hints, inv, e);
	buf_done(&text);
	return rc;
}

static int
sniff_attestation(const char *head, size_t n)
{
	static const char *const keys[] = { "payloadType", "payload", "dsseEnvelope",
		"verificationMaterial", "predicateType", "attestations", NULL };
	static const char statement[] = "in-toto.io/Statement";
	static const char bundle[] = "application/vnd.dev.sigstore.bundle";

	if (head_has_one_of(head, n, keys))
		return 85;
	return (head_has_key(head, n, "_type") &&
		   memmem(head, n, statement, sizeof(statement) - 1) != NULL) ||
		       (head_has_key(head, n, "mediaType") &&
			   memmem(head, n, bundle, sizeof(bundle) - 1) != NULL)
		   ? 85
		   : 0;
}

const struct reader reader_attestation = {
	.name = "attestation",
	.summary = "an SBOM inside DSSE, an in-toto statement or a sigstore bundle",
	.sniff = sniff_attestation,
	.read = read_attestation,
};
