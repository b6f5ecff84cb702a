/* SPDX-License-Identifier: Apache-2.0 */
/* record - what holds for every record: its rules, its digests, the spelling of CVEs. */
#include "core/record.h"

#include <stdbool.h>
#include <string.h>

#include "core/arena.h"
#include "core/digest.h"
#include "core/limits.h"
#include "core/str.h"

#define END_OF_TIME 253402300799 /* 9999-12-31T23:59:59Z */
#define MICRO       1000000

/* ---- rules ---- */

enum need { MAY_BE_EMPTY, MUST_SAY_SOMETHING };

static enum err_code
check_text(
    const char *text, const char *field, size_t max, enum need need, struct err *e)
{
	size_t len = text == NULL ? 0 : strnlen(text, max + 1);

	if (len > max)
		return err_set(e, ERR_LIMIT, "%s is longer than %zu bytes", field, max);
	if (len == 0 && need == MUST_SAY_SOMETHING)
		return err_set(e, ERR_INPUT, "%s is missing", field);
	if (len > 0 && !utf8_valid(text, len))
		return err_set(e, ERR_INPUT, "%s is not UTF-8", field);
	return ERR_OK;
}

static enum err_code
check_texts(
    const char *const *texts, size_t n, const char *field, size_t max, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < n && rc == ERR_OK; i++)
		rc = check_text(texts[i], field, max, MUST_SAY_SOMETHING, e);
	return rc;
}

static enum err_code
check_cvss(const struct cvss *c, struct err *e)
{
	enum err_code rc;

	if ((rc = check_text(c->scorer, "scorer", MAX_NAME, MAY_BE_EMPTY, e)) !=
		ERR_OK ||
	    (rc = check_text(c->vector, "vector", MAX_NAME, MAY_BE_EMPTY, e)) != ERR_OK)
		return rc;
	if (c->score_tenths < 0 || c->score_tenths > 100)
		return err_set(e, ERR_INPUT, "score is not between 0.0 and 10.0");
	if ((unsigned)c->speaker >= SPEAKER_COUNT)
		return err_set(e, ERR_INPUT, "speaker is none of the known");
	return ERR_OK;
}

static enum err_code
check_affected(const struct affected *a, struct err *e)
{
	const struct {
		const char *text, *field;
		size_t max;
		enum need need;
	} texts[] = {
		{ a->ecosystem, "ecosystem", MAX_NAME, MUST_SAY_SOMETHING },
		{ a->package, "package", MAX_NAME, MUST_SAY_SOMETHING },
		{ a->stream, "stream", MAX_NAME, MAY_BE_EMPTY },
		{ a->module, "module", MAX_NAME, MAY_BE_EMPTY },
		{ a->introduced, "introduced", MAX_VERSION, MAY_BE_EMPTY },
		{ a->fixed, "fixed", MAX_VERSION, MAY_BE_EMPTY },
		{ a->last_affected, "last_affected", MAX_VERSION, MAY_BE_EMPTY },
		{ a->vendor_state, "vendor_state", MAX_TEXT, MAY_BE_EMPTY },
		{ a->vendor_severity, "vendor_severity", MAX_NAME, MAY_BE_EMPTY },
	};
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && rc == ERR_OK; i++)
		rc = check_text(
		    texts[i].text, texts[i].field, texts[i].max, texts[i].need, e);
	if (rc != ERR_OK ||
	    (rc = check_texts(a->archs, a->n_archs, "arch", MAX_NAME, e)) != ERR_OK ||
	    (rc = check_texts(
		 a->versions, a->n_versions, "versions", MAX_VERSION, e)) != ERR_OK)
		return rc;
	if (a->fixed != NULL && a->last_affected != NULL)
		return err_set(
		    e, ERR_INPUT, "fixed and last_affected exclude each other");
	if ((unsigned)a->kind >= KIND_COUNT || (unsigned)a->status >= STATUS_COUNT ||
	    (unsigned)a->severity >= SEVERITY_COUNT)
		return err_set(e, ERR_INPUT, "kind, status or severity is unknown");
	return ERR_OK;
}

/* Within what time_format() can write. */
static enum err_code
check_times(const struct record *r, struct err *e)
{
	const int64_t times[] = { r->published, r->modified, r->withdrawn, r->exploited,
		r->ends };

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		if (times[i] < 0)
			return err_set(e, ERR_INPUT, "a time lies before 1970");
		if (times[i] > END_OF_TIME)
			return err_set(e, ERR_INPUT, "a time lies after 9999");
	}
	return ERR_OK;
}

static enum err_code
check_epss(const struct epss *x, struct err *e)
{
	if (x == NULL)
		return ERR_OK;
	if (x->score_micro < 0 || x->score_micro > MICRO || x->percentile_micro < -1 ||
	    x->percentile_micro > MICRO)
		return err_set(e, ERR_INPUT, "epss is not between 0 and 1");
	return check_text(x->model, "model", MAX_NAME, MAY_BE_EMPTY, e);
}

static enum err_code
check_head(const struct record *r, struct err *e)
{
	enum err_code rc;

	if ((rc = check_text(r->source, "source", MAX_NAME, MUST_SAY_SOMETHING, e)) !=
		ERR_OK ||
	    (rc = check_text(r->id, "id", MAX_NAME, MUST_SAY_SOMETHING, e)) != ERR_OK ||
	    (rc = check_text(r->key, "record", MAX_NAME, MUST_SAY_SOMETHING, e)) !=
		ERR_OK ||
	    (rc = check_text(r->title, "title", MAX_TITLE, MAY_BE_EMPTY, e)) !=
		ERR_OK ||
	    (rc = check_text(
		 r->description, "description", MAX_TEXT, MAY_BE_EMPTY, e)) != ERR_OK ||
	    (rc = check_text(r->vendor_severity, "vendor_severity", MAX_NAME,
		 MAY_BE_EMPTY, e)) != ERR_OK ||
	    (rc = check_texts(r->vulnerabilities, r->n_vulnerabilities,
		 "vulnerabilities", MAX_NAME, e)) != ERR_OK ||
	    (rc = check_texts(r->aliases, r->n_aliases, "aliases", MAX_NAME, e)) !=
		ERR_OK ||
	    (rc = check_texts(r->references, r->n_references, "references", MAX_TEXT,
		 e)) != ERR_OK ||
	    (rc = check_texts(r->cwes, r->n_cwes, "cwes", MAX_NAME, e)) != ERR_OK)
		return rc;
	if ((r->n_vulnerabilities == 0) != (r->kind == RECORD_RELEASE))
		return err_set(e, ERR_INPUT,
		    r->n_vulnerabilities == 0 ? "vulnerabilities is empty"
					      : "a release has no vulnerabilities");
	if ((r->ends != 0) != (r->kind == RECORD_RELEASE))
		return err_set(e, ERR_INPUT, "ends belongs to a release");
	if ((unsigned)r->severity >= SEVERITY_COUNT)
		return err_set(e, ERR_INPUT, "severity is unknown");
	if ((unsigned)r->kind >= RECORD_KIND_COUNT)
		return err_set(e, ERR_INPUT, "kind is unknown");
	if ((rc = check_epss(r->epss, e)) != ERR_OK)
		return rc;
	return check_times(r, e);
}

enum err_code
record_check(const struct record *r, struct err *e)
{
	enum err_code rc = check_head(r, e);

	if (rc != ERR_OK)
		return rc;
	if (r->n_affected > MAX_AFFECTED)
		return err_set(
		    e, ERR_LIMIT, "more than %zu affected entries", MAX_AFFECTED);
	for (size_t i = 0; i < r->n_cvss && rc == ERR_OK; i++) {
		if ((rc = check_cvss(&r->cvss[i], e)) != ERR_OK)
			(void)err_wrap(e, rc, "cvss[%zu]", i);
	}
	for (size_t i = 0; i < r->n_affected && rc == ERR_OK; i++) {
		if ((rc = check_affected(&r->affected[i], e)) != ERR_OK)
			(void)err_wrap(e, rc, "affected[%zu]", i);
	}
	return rc;
}

/* ---- digests ---- */

/*
 * Fields go into the digest with their length in front, so that no two records can run
 * together to the same bytes; NULL is a length of its own.  Small pieces are gathered
 * first: a call into libcrypto per field would cost more than the hashing.
 */
struct hasher {
	struct sha256 *sha; /* owned by record_hashes() */
	size_t n;
	unsigned char gathered[4096];
};

static void
flush(struct hasher *h)
{
	sha256_update(h->sha, h->gathered, h->n);
	h->n = 0;
}

static void
hash_bytes(struct hasher *h, const void *p, size_t len)
{
	if (len > sizeof(h->gathered) - h->n)
		flush(h);
	if (len > sizeof(h->gathered)) {
		sha256_update(h->sha, p, len);
		return;
	}
	memcpy(h->gathered + h->n, p, len);
	h->n += len;
}

/* Eight bytes, lowest first, on every machine. */
static void
hash_int(struct hasher *h, int64_t v)
{
	unsigned char bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)((uint64_t)v >> (8 * i));
	hash_bytes(h, bytes, sizeof(bytes));
}

static void
hash_text(struct hasher *h, const char *s)
{
	size_t len = s == NULL ? 0 : strlen(s);

	hash_int(h, s == NULL ? -1 : (int64_t)len);
	if (len > 0)
		hash_bytes(h, s, len);
}

static void
hash_texts(struct hasher *h, const char *const *texts, size_t n)
{
	hash_int(h, (int64_t)n);
	for (size_t i = 0; i < n; i++)
		hash_text(h, texts[i]);
}

static void
finish(struct hasher *h, unsigned char out[32])
{
	flush(h);
	sha256_final(h->sha, out);
}

static void
hash_affected(struct hasher *h, const struct affected *a)
{
	hash_text(h, a->ecosystem);
	hash_text(h, str_or_empty(a->stream));
	hash_text(h, a->package);
	hash_int(h, (int64_t)a->kind);
	hash_text(h, str_or_empty(a->module));
	hash_texts(h, a->archs, a->n_archs);
	hash_text(h, a->introduced);
	hash_text(h, a->fixed);
	hash_text(h, a->last_affected);
	hash_texts(h, a->versions, a->n_versions);
	hash_int(h, (int64_t)a->status);
	hash_text(h, a->vendor_state);
	hash_int(h, (int64_t)a->severity);
	hash_text(h, a->vendor_severity);
}

static void
hash_rest(struct hasher *h, const struct record *r)
{
	hash_text(h, r->key);
	hash_text(h, r->source);
	hash_text(h, r->id);
	hash_text(h, r->title);
	hash_text(h, r->description);
	hash_texts(h, r->references, r->n_references);
	hash_texts(h, r->cwes, r->n_cwes);
	hash_int(h, (int64_t)r->severity);
	hash_text(h, r->vendor_severity);
	hash_int(h, r->published);
	hash_int(h, r->exploited);
	hash_int(h, (int64_t)r->n_cvss);
	for (size_t i = 0; i < r->n_cvss; i++) {
		hash_text(h, r->cvss[i].scorer);
		hash_text(h, r->cvss[i].vector);
		hash_int(h, r->cvss[i].score_tenths);
		hash_int(h, (int64_t)r->cvss[i].speaker);
	}
	/* most records are of the first kind, and their digests are older than the word */
	if (r->kind != RECORD_VULNERABILITY)
		hash_int(h, (int64_t)r->kind);
	if (r->ends != 0)
		hash_int(h, r->ends);
	if (r->epss != NULL) {
		hash_int(h, r->epss->score_micro);
		hash_int(h, r->epss->percentile_micro);
		hash_text(h, r->epss->model);
	}
}

/* What both digests cover is hashed once, and its digest goes into the two. */
void
record_hashes(const struct record *r, unsigned driver_revision,
    unsigned char ret_match[32], unsigned char ret_content[32])
{
	struct hasher h;
	unsigned char shared[SHA256_SIZE];

	h.sha = sha256_new();
	h.n = 0;
	hash_texts(&h, r->vulnerabilities, r->n_vulnerabilities);
	hash_texts(&h, r->aliases, r->n_aliases);
	hash_int(&h, r->withdrawn);
	hash_int(&h, (int64_t)r->n_affected);
	for (size_t i = 0; i < r->n_affected; i++)
		hash_affected(&h, &r->affected[i]);
	finish(&h, shared);

	hash_bytes(&h, shared, sizeof(shared));
	hash_int(&h, driver_revision);
	finish(&h, ret_match);

	hash_bytes(&h, shared, sizeof(shared));
	hash_rest(&h, r);
	finish(&h, ret_content);
	sha256_free(h.sha);
}

/* ---- names ---- */

static size_t
digits_at(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && s[i] >= '0' && s[i] <= '9')
		i++;
	return i;
}

const char *
cve_normalize(struct arena *a, const char *s, size_t n)
{
	size_t number;
	char *id;

	if (n < sizeof("CVE-1999-1") - 1 || (s[0] | 0x20) != 'c' ||
	    (s[1] | 0x20) != 'v' || (s[2] | 0x20) != 'e' ||
	    (s[3] != '-' && s[3] != '_') || digits_at(s + 4, n - 4) != 4 ||
	    (s[8] != '-' && s[8] != '_'))
		return NULL;
	number = digits_at(s + 9, n - 9);
	if (number == 0 || number > 19 || number != n - 9)
		return NULL;
	id = arena_strndup(a, s, n);
	memcpy(id, "CVE-", 4);
	id[8] = '-';
	return id;
}
