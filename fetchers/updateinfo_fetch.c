/* SPDX-License-Identifier: Apache-2.0 */
/*
 * updateinfo_fetch - from a repository's index to its updateinfo.  The index (repomd.xml)
 * names the file and its checksum, and those of every repository together are what the
 * feed remembers: as long as they stay the same, nothing is downloaded.
 *
 * A repository without an updateinfo is an ordinary thing (most of Amazon's extras, and
 * distributions give it up): it has no notices.  If it had some before, the run has lost
 * them all, which the store does not believe without asking.
 */
#include "fetchers/updateinfo.h"

#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/digest.h"
#include "core/json_read.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/stream.h"
#include "core/url.h"
#include "core/xml_read.h"
#include "fetchers/emit.h"

/* More than any publisher has; a list that goes on is none. */
#define MAX_REPOSITORIES 500

/* One updateinfo. */
struct source {
	const char *url;
	const char
	    *sha256; /* of the file as it is sent; NULL = the index has another sum */
};

struct sources {
	struct fetch_env *env;
	struct arena *a;
	struct source *at;
	size_t n, cap;
};

/* ---- small documents ---- */

static enum err_code
get_text(struct sources *s, const char *url, struct buf *out, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
	struct fetch_want want = FETCH_WANT_INIT;
	struct stream *in;
	enum err_code rc;

	want.url = url;
	if ((rc = fetch_get(s->env, &want, &d, e)) != ERR_OK)
		return rc;
	if ((rc = fetch_open(&d, &in, e)) == ERR_OK) {
		rc = stream_read_all(in, out, e);
		stream_close(in);
	}
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "%s", url);
}

/* ---- repomd.xml ---- */

/* <data type="updateinfo"> with its <location href> and <checksum type="sha256">. */
static enum err_code
read_data(struct sources *s, struct xml_reader *r, struct source *ret, struct err *e)
{
	struct xml_value v;
	bool more;
	enum err_code rc;

	while ((rc = xml_child(r, &v, &more, e)) == ERR_OK && more) {
		const char *href = xml_attribute(&v, "href");

		if (str_eq(v.name, "location") && href != NULL)
			ret->url = arena_strdup(s->a, href);
		if (str_eq(v.name, "checksum") &&
		    str_eq(xml_attribute(&v, "type"), "sha256"))
			rc = xml_text(r, s->a, &ret->sha256, e);
		else
			rc = xml_skip(r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* *RET_URL stays NULL if there is none.  The zchunk twin has a type of its own. */
static enum err_code
read_repomd(struct sources *s, struct xml_reader *r, struct source *ret, struct err *e)
{
	struct xml_value v;
	size_t n = 0;
	bool more;
	enum err_code rc;

	if ((rc = xml_next(r, &v, e)) != ERR_OK)
		return rc;
	if (!str_eq(v.name, "repomd"))
		return err_set(e, ERR_INPUT, "this is no repomd.xml: <%s>", v.name);
	while ((rc = xml_child(r, &v, &more, e)) == ERR_OK && more) {
		n += str_eq(v.name, "data");
		rc = str_eq(v.name, "data") &&
			     str_eq(xml_attribute(&v, "type"), "updateinfo")
			 ? read_data(s, r, ret, e)
			 : xml_skip(r, e);
		if (rc != ERR_OK)
			return rc;
	}
	if (rc == ERR_OK && n == 0)
		return err_set(e, ERR_INPUT, "a repomd.xml that names nothing");
	return rc == ERR_OK ? xml_next(r, &v, e) : rc;
}

/* The updateinfo of the repository whose index is at URL, if it has one. */
static enum err_code
add_repository(struct sources *s, const char *url, struct err *e)
{
	struct buf text CLEANUP_BUF = BUF_INIT(MAX_HTTP_BODY);
	struct source found = { .url = NULL };
	struct xml_reader *r;
	struct stream *in;
	enum err_code rc;

	if ((rc = get_text(s, url, &text, e)) != ERR_OK ||
	    (rc = stream_open_memory(
		 &in, buf_str(&text), text.len, MAX_HTTP_BODY, e)) != ERR_OK)
		return rc;
	r = xml_reader_new(in);
	rc = read_repomd(s, r, &found, e);
	xml_reader_free(r);
	stream_close(in);
	if (rc != ERR_OK)
		return err_wrap(e, rc, "%s", url);
	if (found.url != NULL) {
		/* hrefs begin at the repository, one above repodata/ */
		found.url = url_join(s->a, url_join(s->a, url, "../"), found.url);
		*ARENA_PUSH(s->a, s) = found;
	}
	return ERR_OK;
}

/* ---- mirror.list: the first that answers ---- */

static enum err_code
add_mirrored(struct sources *s, const char *url, struct err *e)
{
	struct buf text CLEANUP_BUF = BUF_INIT(MAX_HTTP_BODY);
	const char *p;
	enum err_code rc;

	if ((rc = get_text(s, url, &text, e)) != ERR_OK)
		return rc;
	rc = err_set(e, ERR_INPUT, "%s: a list without mirrors", url);
	for (p = buf_str(&text); *p != '\0' && rc != ERR_OK && rc != ERR_BUSY;) {
		size_t len = strcspn(p, "\r\n");
		const char *line = str_trim(s->a, p, len);

		if (*line != '\0' && *line != '#')
			rc = add_repository(s,
			    url_join(s->a, url,
				arena_printf(s->a, "%s%srepodata/repomd.xml", line,
				    str_ends(line, "/") ? "" : "/")),
			    e);
		p += len;
		p += strspn(p, "\r\n");
	}
	if (rc == ERR_OK && e != NULL)
		*e = ERR_INIT; /* of the mirrors before */
	return rc;
}

/* ---- extras-catalog.json: {"topics":[{"n":"docker"},...]} ---- */

static enum err_code
read_topic(struct json_reader *r, struct arena *a, struct texts *t, struct err *e)
{
	struct json_value key;
	bool more;
	enum err_code rc;

	while ((rc = json_key(r, &key, &more, e)) == ERR_OK && more) {
		const char *name = NULL;

		rc = str_eq(key.text, "n") ? json_text(r, a, &name, e)
					   : json_skip_next(r, e);
		if (rc != ERR_OK)
			return rc;
		if (name != NULL && package_is_sane(name))
			texts_add(a, t, name);
	}
	return rc;
}

static enum err_code
read_topics(struct json_reader *r, struct arena *a, struct texts *t, struct err *e)
{
	struct json_value key, v;
	bool more, item;
	enum err_code rc;

	if ((rc = json_enter(r, JSON_OBJECT, &more, e)) != ERR_OK || !more)
		return rc;
	while ((rc = json_key(r, &key, &more, e)) == ERR_OK && more) {
		bool in = false;

		if (!str_eq(key.text, "topics"))
			rc = json_skip_next(r, e);
		else
			rc = json_enter(r, JSON_ARRAY, &in, e);
		while (rc == ERR_OK && in &&
		       (rc = json_item(r, &v, &item, e)) == ERR_OK && item)
			rc = v.token == JSON_OBJECT ? read_topic(r, a, t, e)
						    : json_skip(r, &v, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* Every topic is a repository of its own; many have never had a notice. */
static enum err_code
add_topics(
    struct sources *s, const char *url, const struct texts *topics, struct err *e)
{
	const char *arch = strstr(url, "aarch64") != NULL ? "aarch64" : "x86_64";

	if (topics->n == 0 || topics->n > MAX_REPOSITORIES)
		return err_set(e, ERR_INPUT, "%s: %zu topics", url, topics->n);
	for (size_t i = 0; i < topics->n; i++) {
		const char *list = url_join(s->a, url,
		    arena_printf(s->a, "extras/%s/latest/%s/mirror.list",
			url_encode(s->a, topics->at[i], ""), arch));
		enum err_code rc = add_mirrored(s, list, e);

		if (rc == ERR_NOTFOUND && e != NULL)
			*e = ERR_INIT;
		else if (rc != ERR_OK)
			return rc;
	}
	return ERR_OK;
}

static enum err_code
add_extras(struct sources *s, const char *url, struct err *e)
{
	struct buf text CLEANUP_BUF = BUF_INIT(MAX_HTTP_BODY);
	struct texts topics = { 0 };
	struct json_reader *r;
	struct stream *in;
	enum err_code rc;

	if ((rc = get_text(s, url, &text, e)) != ERR_OK ||
	    (rc = stream_open_memory(
		 &in, buf_str(&text), text.len, MAX_HTTP_BODY, e)) != ERR_OK)
		return rc;
	r = json_reader_new(in);
	rc = read_topics(r, s->a, &topics, e);
	json_reader_free(r);
	stream_close(in);
	return rc == ERR_OK ? add_topics(s, url, &topics, e)
			    : err_wrap(e, rc, "%s", url);
}

/* ---- the run ---- */

/* What the repositories offer now, in one word. */
static const char *
state_of(struct sources *s)
{
	unsigned char digest[SHA256_SIZE];
	char *hex = arena_alloc(s->a, SHA256_HEX_SIZE);
	struct sha256 *sha = sha256_new();

	for (size_t i = 0; i < s->n; i++) {
		sha256_update(sha, s->at[i].url, strlen(s->at[i].url) + 1);
		sha256_update(sha, str_or_empty(s->at[i].sha256),
		    strlen(str_or_empty(s->at[i].sha256)) + 1);
	}
	sha256_final(sha, digest);
	sha256_free(sha);
	return hex_encode(digest, sizeof(digest), hex);
}

static enum err_code
read_source(struct sources *s, const struct source *one, bool *ret_whole, struct err *e)
{
	CLEANUP_DOCUMENT struct fetch_document d = FETCH_DOCUMENT_INIT;
	struct fetch_want want = FETCH_WANT_INIT;
	enum err_code rc;

	want.url = one->url;
	if ((rc = fetch_get(s->env, &want, &d, e)) != ERR_OK)
		return rc;
	if (one->sha256 != NULL && !str_caseeq(one->sha256, d.sha256))
		return err_set(e, ERR_INPUT,
		    "%s: not the file that the index announces: SHA-256 is %s, not %s",
		    one->url, d.sha256, one->sha256);
	rc = fetch_parse(s->env, &d, ret_whole, e);
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "%s", one->url);
}

static enum err_code
read_sources(struct sources *s, struct err *e)
{
	const struct feed_state *was = s->env->o->state;
	const char *now = state_of(s);
	bool whole = true;
	enum err_code rc = ERR_OK;

	if (!was->force && s->n > 0 && str_eq(was->cursor, now)) {
		s->env->result.unchanged = true;
		fetch_state_keep(s->env);
		return ERR_OK;
	}
	for (size_t i = 0; i < s->n && rc == ERR_OK; i++) {
		bool one = false;

		rc = read_source(s, &s->at[i], &one, e);
		whole = whole && one;
	}
	if (rc != ERR_OK)
		return rc;
	s->env->result.complete = whole;
	fetch_state_cursor(s->env, now);
	return ERR_OK;
}

static enum err_code
find_sources(struct sources *s, const char *url, struct err *e)
{
	if (str_ends(url, "/"))
		return add_repository(s, url_join(s->a, url, "repodata/repomd.xml"), e);
	if (str_ends(url, "/repomd.xml"))
		return add_repository(s, url, e);
	if (str_ends(url, "mirror.list"))
		return add_mirrored(s, url, e);
	return add_extras(s, url, e);
}

enum err_code
updateinfo_fetch(struct fetch_env *env, struct err *e)
{
	const char *url = env->o->feed->url;
	struct sources s = { .env = env, .a = arena_new() };
	enum err_code rc;

	if (!str_ends(url, "/") && !str_ends(url, "/repomd.xml") &&
	    !str_ends(url, "mirror.list") && strstr(url, "extras-catalog") == NULL)
		rc = fetch_single(env, url, e);
	else if ((rc = find_sources(&s, url, e)) == ERR_OK)
		rc = read_sources(&s, e);
	arena_free(s.a);
	return rc;
}
