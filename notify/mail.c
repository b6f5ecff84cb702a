/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 5322, 2045 and 2047 as far as tocsin's own mails need them; see mail.h. */
#include "notify/mail.h"

#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/str.h"

#define QP_LINE 75

static bool
is_plain_ascii(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || (unsigned char)*s > 0x7e)
			return false;
	return true;
}

/* A header of free text: folded if plain, else RFC 2047 encoded words. */
static void
write_text_header(const char *name, const char *value, struct arena *a, struct buf *out)
{
	const char *clean = utf8_clean(a, value, strlen(value), 400, true);
	size_t len = strlen(clean), at = 0;

	buf_printf(out, "%s:", name);
	if (is_plain_ascii(clean) && strstr(clean, "=?") == NULL) {
		size_t column = strlen(name) + 1;

		while (at < len) {
			size_t word = strcspn(clean + at, " ");

			if (column + 1 + word > 76 && column > strlen(name) + 1) {
				buf_adds(out, "\r\n");
				column = 0;
			}
			buf_addc(out, ' ');
			buf_add(out, clean + at, word);
			column += word + 1;
			at += word + (clean[at + word] == ' ');
		}
	} else {
		while (at < len) {
			/* a line of 76 with "=?UTF-8?B?", "?=" and what stands before it */
			size_t before = at == 0 ? strlen(name) + 2 : 1;
			size_t n =
			    utf8_cut(clean + at, len - at, (76 - before - 12) / 4 * 3);

			buf_printf(out, "%s =?UTF-8?B?%s?=", at > 0 ? "\r\n" : "",
			    base64_encode(a, clean + at, n));
			at += n;
		}
	}
	buf_adds(out, "\r\n");
}

/* Words for headers that are read by machines: letters, digits, - . _ */
static const char *
token_of(const char *text, struct arena *a)
{
	char *t = arena_strdup(a, text);

	for (char *p = t; *p != '\0'; p++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			   "0123456789-._",
			*p) == NULL)
			*p = '-';
	return t;
}

static void
write_quoted_printable(const char *text, struct buf *out)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t column = 0;

	for (const char *p = text; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;
		bool at_end = p[1] == '\n' || p[1] == '\0';
		bool plain =
		    (c >= 0x21 && c <= 0x7e && c != '=') || (c == ' ' && !at_end);

		if (c == '\n') {
			buf_adds(out, "\r\n");
			column = 0;
			continue;
		}
		if (column + (plain ? 1 : 3) > QP_LINE) {
			buf_adds(out, "=\r\n");
			column = 0;
		}
		if (plain) {
			buf_addc(out, (char)c);
			column++;
		} else {
			buf_addc(out, '=');
			buf_addc(out, hex[c >> 4]);
			buf_addc(out, hex[c & 15]);
			column += 3;
		}
	}
	buf_adds(out, "\r\n");
}

static void
write_part(const char *boundary, const char *type, const char *text, struct buf *out)
{
	buf_printf(out,
	    "--%s\r\nContent-Type: %s; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
	    boundary, type);
	write_quoted_printable(text, out);
}

void
mail_write(
    const struct mail_headers *h, const char *text, const char *html, struct buf *out)
{
	struct arena *a = arena_new();
	char date[TIME_TEXT_SIZE + 16];
	const char *domain = strchr(h->from, '@');
	/* The same message gives the same bytes: the boundary follows from its id. */
	const char *boundary = arena_printf(a, "tocsin-%s", h->message_id);

	domain = domain != NULL ? domain + 1 : "localhost";
	buf_printf(out, "Date: %s\r\n", time_format_mail(h->at, date));
	buf_printf(out, "From: tocsin <%s>\r\n", h->from);
	buf_printf(out, "To: <%s>\r\n", h->to);
	write_text_header("Subject", h->subject, a, out);
	buf_printf(out, "Message-ID: <%s@%s>\r\n", h->message_id, domain);
	buf_adds(out, "Auto-Submitted: auto-generated\r\nPrecedence: bulk\r\n");
	if (h->list_id != NULL)
		buf_printf(out, "List-Id: <%s.tocsin.%s>\r\n", token_of(h->list_id, a),
		    domain);
	/* RFC 8058: a mail program may post there without asking anybody. */
	if (h->unsubscribe_url != NULL)
		buf_printf(out,
		    "List-Unsubscribe: <%s>\r\n"
		    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
		    h->unsubscribe_url);
	if (h->severity != NULL)
		buf_printf(out, "X-Tocsin-Severity: %s\r\n", h->severity);
	buf_printf(out,
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n",
	    boundary);
	write_part(boundary, "text/plain", text, out);
	write_part(boundary, "text/html", html, out);
	buf_printf(out, "--%s--\r\n", boundary);
	arena_free(a);
}
