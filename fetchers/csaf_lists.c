/* SPDX-License-Identifier: Apache-2.0 */
/* csaf_lists - reading what a provider lists, and believing no address in it blindly. */
#include "fetchers/csaf_lists.h"

#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/json_read.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/stream.h"
#include "core/url.h"
#include "fetchers/walk.h"

/* Longest line of a list. */
#define MAX_LIST_LINE 4096

/*
 * An address that a publisher names: at its own server, or elsewhere by https.  So a list
 * cannot lead to what only this machine can reach in plain.
 */
static const char *
follow(struct arena *a, const char *url, const char *ref)
{
	const char *to = url_join(a, url, ref);
	struct url_parts from, there;

	if (strlen(to) > MAX_TEXT || !url_split(a, url, &from) ||
	    !url_split(a, to, &there) || there.has_user)
		return NULL;
	if (str_eq(there.scheme, "https") ||
	    (str_eq(there.scheme, from.scheme) && str_caseeq(there.host, from.host) &&
		str_eq(there.port, from.port)))
		return to;
	return NULL;
}

/* ---- lines ---- */

/* A path below the folder of the list. */
static bool
is_path(const char *path)
{
	return path[0] != '\0' && path[0] != '/' && strstr(path, "..") == NULL &&
	       strstr(path, "//") == NULL && str_ends(path, ".json") &&
	       strlen(path) <= MAX_NAME && utf8_valid(path, strlen(path));
}

/* S[0..LEN) without blanks and quotes at both ends. */
static const char *
field(struct arena *a, const char *s, size_t len)
{
	char *text = str_trim(a, s, len);

	len = strlen(text);
	if (len < 2 || text[0] != '"' || text[len - 1] != '"')
		return text;
	text[len - 1] = '\0';
	return text + 1;
}

static void
take_line(
    struct arena *a, const char *url, const struct buf *line, struct csaf_reader *r)
{
	const char *s = buf_str(line), *comma = strrchr(s, ','), *path;
	int64_t at = 0;

	arena_reset(a);
	if (line->full)
		return;
	if (comma != NULL && !time_parse(field(a, comma + 1, strlen(comma + 1)), &at))
		return;
	path = field(a, s, comma != NULL ? (size_t)(comma - s) : line->len);
	if (is_path(path))
		r->document(r, url_join(a, url, url_encode(a, path, "/")), at);
}

enum err_code
csaf_lines(const char *url, const struct fetch_document *d, struct csaf_reader *r,
    struct err *e)
{
	CLEANUP_BUF struct buf line = BUF_INIT(MAX_LIST_LINE);
	struct arena *of_line;
	struct stream *in;
	const char *p;
	size_t len;
	enum err_code rc;

	if ((rc = fetch_open(d, &in, e)) != ERR_OK)
		return rc;
	of_line = arena_new();
	while ((rc = stream_read(in, &p, &len, e)) == ERR_OK && len > 0) {
		for (const char *end = p + len; p < end;) {
			const char *lf = memchr(p, '\n', (size_t)(end - p));

			buf_add(&line, p, (size_t)((lf != NULL ? lf : end) - p));
			if (lf == NULL)
				break;
			take_line(of_line, url, &line, r);
			buf_reset(&line);
			p = lf + 1;
		}
	}
	if (rc == ERR_OK)
		take_line(of_line, url, &line, r);
	arena_free(of_line);
	stream_close(in);
	return rc;
}

/* ---- documents of JSON ---- */

struct look {
	struct emitter em; /* its arena is the caller's */
	struct json_reader *r;
	struct csaf_reader *reader;
	struct csaf_page *page;
	const char *url;
	/* of the entry, or the place, that is read */
	const char *source, *link, *rel, *href, *label;
	int64_t at;
};

#define READ_TEXT(function, member)                                                    \
	static enum err_code function(void *arg, struct err *e)                        \
	{                                                                              \
		struct look *x = arg;                                                  \
                                                                                       \
		return emit_text(&x->em, x->r, MAX_TEXT, TEXT_LINE, &x->member, e);    \
	}
#define READ_OBJECT(function, fields)                                                  \
	static enum err_code function(void *arg, struct err *e)                        \
	{                                                                              \
		return walk_object(((struct look *)arg)->r, fields, arg, NULL, e);     \
	}
#define READ_OBJECTS(function, each)                                                   \
	static enum err_code function(void *arg, struct err *e)                        \
	{                                                                              \
		return walk_objects(((struct look *)arg)->r, each, arg, e);            \
	}

READ_TEXT(read_source, source)
READ_TEXT(read_rel, rel)
READ_TEXT(read_href, href)
READ_TEXT(read_label, label)

static enum err_code
read_updated(void *arg, struct err *e)
{
	struct look *x = arg;

	return emit_time(&x->em, x->r, &x->at, e);
}

/* ---- {"feed":{"entry":[{"content":{"src"}, "link":[...], "updated"}]}} ---- */

static const struct walk_field content_fields[] = {
	{ "src", read_source },
	{ NULL, NULL },
};
READ_OBJECT(read_content, content_fields)

static const struct walk_field link_fields[] = {
	{ "rel", read_rel },
	{ "href", read_href },
	{ NULL, NULL },
};

static enum err_code
read_link(void *arg, struct err *e)
{
	struct look *x = arg;
	enum err_code rc;

	x->rel = x->href = NULL;
	rc = walk_members(x->r, link_fields, x, e);
	if (rc == ERR_OK && str_eq(x->rel, "self"))
		x->link = x->href;
	return rc;
}
READ_OBJECTS(read_links, read_link)

static const struct walk_field entry_fields[] = {
	{ "content", read_content },
	{ "link", read_links },
	{ "updated", read_updated },
	{ NULL, NULL },
};

/* Many small texts: they go with their entry. */
static enum err_code
read_entry(void *arg, struct err *e)
{
	struct look *x = arg;
	struct arena *of_page = x->em.arena;
	const char *ref, *to;
	enum err_code rc;

	x->em.arena = arena_new();
	x->source = x->link = NULL;
	x->at = 0;
	rc = walk_members(x->r, entry_fields, x, e);
	ref = x->source != NULL ? x->source : x->link;
	to = rc != ERR_OK || ref == NULL ? NULL : follow(x->em.arena, x->url, ref);
	if (to != NULL && str_ends(to, ".json"))
		x->reader->document(x->reader, to, x->at);
	arena_free(x->em.arena);
	x->em.arena = of_page;
	return rc;
}
READ_OBJECTS(read_entries, read_entry)

static const struct walk_field feed_fields[] = {
	{ "entry", read_entries },
	{ NULL, NULL },
};

static enum err_code
read_feed(void *arg, struct err *e)
{
	struct look *x = arg;

	x->page->kind = CSAF_PAGE_ROLIE;
	return walk_object(x->r, feed_fields, x, NULL, e);
}

/* ---- {"distributions":[{"directory_url"}, {"rolie":{"feeds":[{"url"}]}}]} ---- */

static void
add_directory(struct look *x, const char *url)
{
	const char *to;

	if (url == NULL)
		return;
	if (!str_ends(url, "/"))
		url = arena_printf(x->em.arena, "%s/", url);
	if ((to = follow(x->em.arena, x->url, url)) != NULL)
		texts_add(x->em.arena, &x->page->directories, to);
}

static enum err_code
read_directory_url(void *arg, struct err *e)
{
	struct look *x = arg;
	const char *url;
	enum err_code rc = emit_text(&x->em, x->r, MAX_TEXT, TEXT_LINE, &url, e);

	if (rc == ERR_OK)
		add_directory(x, url);
	return rc;
}

/* Only what everybody may read; older documents write WHITE for CLEAR. */
static bool
is_public(const char *label)
{
	return label == NULL || str_eq(label, "WHITE") || str_eq(label, "CLEAR") ||
	       str_eq(label, "UNLABELED");
}

static const struct walk_field place_fields[] = {
	{ "url", read_href },
	{ "tlp_label", read_label },
	{ NULL, NULL },
};

static enum err_code
read_rolie_feed(void *arg, struct err *e)
{
	struct look *x = arg;
	const char *to;
	enum err_code rc;

	x->href = x->label = NULL;
	if ((rc = walk_members(x->r, place_fields, x, e)) != ERR_OK)
		return rc;
	to = x->href == NULL ? NULL : follow(x->em.arena, x->url, x->href);
	if (to != NULL && is_public(x->label))
		texts_add(x->em.arena, &x->page->feeds, to);
	return rc;
}
READ_OBJECTS(read_rolie_feeds, read_rolie_feed)

static const struct walk_field rolie_fields[] = {
	{ "feeds", read_rolie_feeds },
	{ NULL, NULL },
};
READ_OBJECT(read_rolie, rolie_fields)

/* CSAF 2.1 says for whom a directory is. */
static enum err_code
read_directory(void *arg, struct err *e)
{
	struct look *x = arg;
	enum err_code rc;

	x->href = x->label = NULL;
	rc = walk_object(x->r, place_fields, x, NULL, e);
	if (rc == ERR_OK && is_public(x->label))
		add_directory(x, x->href);
	return rc;
}

static const struct walk_field distribution_fields[] = {
	{ "directory_url", read_directory_url },
	{ "directory", read_directory },
	{ "rolie", read_rolie },
	{ NULL, NULL },
};

static enum err_code
read_distribution(void *arg, struct err *e)
{
	return walk_members(((struct look *)arg)->r, distribution_fields, arg, e);
}

static enum err_code
read_distributions(void *arg, struct err *e)
{
	struct look *x = arg;

	x->page->kind = CSAF_PAGE_PROVIDER;
	return walk_objects(x->r, read_distribution, x, e);
}

static const struct walk_field page_fields[] = {
	{ "feed", read_feed },
	{ "distributions", read_distributions },
	{ NULL, NULL },
};

enum err_code
csaf_look(struct arena *a, const char *url, const struct fetch_document *d,
    struct csaf_reader *r, struct csaf_page *ret, struct err *e)
{
	struct csaf_page page = { .kind = CSAF_PAGE_DOCUMENT };
	struct look x = {
		.em = { .arena = a }, .reader = r, .page = &page, .url = url
	};
	struct json_value v;
	struct stream *in;
	enum err_code rc;

	if ((rc = fetch_open(d, &in, e)) != ERR_OK)
		return rc;
	x.r = json_reader_new(in);
	rc = walk_object(x.r, page_fields, &x, NULL, e);
	if (rc == ERR_OK)
		rc = json_next(x.r, &v, e);
	json_reader_free(x.r);
	stream_close(in);
	if (rc != ERR_OK)
		return err_wrap(e, rc, "%s", url);
	*ret = page;
	return ERR_OK;
}
