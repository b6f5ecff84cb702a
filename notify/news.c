/* SPDX-License-Identifier: Apache-2.0 */
/*
 * news - a subscription for feed readers: Atom (RFC 4287) and JSON Feed 1.1.  An entry is
 * one message, its text the text of a mail; ids are permanent and entries never change.
 */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/json_write.h"
#include "core/str.h"
#include "notify/notify.h"

/* XML has no way to write most control characters, nor U+FFFE and U+FFFF. */
static void
xml_text(const char *text, struct arena *a, struct buf *out)
{
	size_t len = strlen(text);

	for (const char *p = utf8_clean(a, text, len, 3 * len, false); *p != '\0'; p++)
		switch (*p) {
		case '&':
			buf_adds(out, "&amp;");
			break;
		case '<':
			buf_adds(out, "&lt;");
			break;
		case '>':
			buf_adds(out, "&gt;");
			break;
		case '"':
			buf_adds(out, "&quot;");
			break;
		default:
			if (strncmp(p, "\xef\xbf\xbe", 3) == 0 ||
			    strncmp(p, "\xef\xbf\xbf", 3) == 0)
				p += 2;
			else
				buf_addc(out, *p);
		}
}

static int64_t
updated_at(const struct news_feed *f)
{
	return f->n > 0 ? f->rows[0].at : f->subscription->created_at;
}

static void
write_atom(const struct news_feed *f, struct arena *a, struct buf *out)
{
	char at[TIME_TEXT_SIZE];

	buf_printf(out,
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	    "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n"
	    "<id>urn:tocsin:%s</id>\n<title>",
	    f->id);
	xml_text(f->subscription->name, a, out);
	buf_printf(out,
	    "</title>\n<updated>%s</updated>\n<author><name>tocsin</name></author>\n",
	    time_format(updated_at(f), at));
	if (f->self_url != NULL) {
		buf_adds(out, "<link rel=\"self\" href=\"");
		xml_text(f->self_url, a, out);
		buf_adds(out, "\"/>\n");
	}
	for (size_t i = 0; i < f->n; i++) {
		buf_printf(
		    out, "<entry>\n<id>urn:tocsin:%s</id>\n<title>", f->rows[i].id);
		xml_text(f->rows[i].title, a, out);
		buf_printf(out,
		    "</title>\n<updated>%s</updated>\n<content type=\"text\">",
		    time_format(f->rows[i].at, at));
		xml_text(f->rows[i].text, a, out);
		buf_adds(out, "</content>\n</entry>\n");
	}
	buf_adds(out, "</feed>\n");
}

static void
write_json(const struct news_feed *f, struct arena *a, struct buf *out)
{
	struct json_writer w;

	jw_init(&w, out);
	jw_object(&w);
	jw_ktext(&w, "version", "https://jsonfeed.org/version/1.1");
	jw_ktext(&w, "title", f->subscription->name);
	if (f->self_url != NULL)
		jw_ktext(&w, "feed_url", f->self_url);
	jw_key(&w, "items");
	jw_array(&w);
	for (size_t i = 0; i < f->n; i++) {
		jw_object(&w);
		jw_ktext(&w, "id", arena_printf(a, "urn:tocsin:%s", f->rows[i].id));
		jw_ktext(&w, "title", f->rows[i].title);
		jw_ktext(&w, "content_text", f->rows[i].text);
		jw_ktime(&w, "date_published", f->rows[i].at);
		jw_object_end(&w);
	}
	jw_array_end(&w);
	jw_object_end(&w);
}

void
notify_news_write(const struct news_feed *f, enum news_format format, struct buf *out)
{
	struct arena *a = arena_new();

	if (format == NEWS_ATOM)
		write_atom(f, a, out);
	else
		write_json(f, a, out);
	arena_free(a);
}
