/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail - one message as RFC 5322 text: headers that cannot be injected into, a text part
 * and an HTML part, quoted-printable, CRLF line ends.  For smtp.c.
 */
#ifndef NOTIFY_MAIL_H
#define NOTIFY_MAIL_H

#include <stdint.h>

struct arena;
struct buf;
struct digest;

struct mail_headers {
	const char *from, *to;       /* bare addresses, checked */
	const char *subject;         /* any text */
	const char *message_id;      /* without brackets and domain */
	const char *list_id;         /* list name; NULL = none */
	const char *severity;        /* X-Tocsin-Severity; NULL = none */
	const char *unsubscribe_url; /* NULL = none */
	int64_t at;
};
void mail_write(
    const struct mail_headers *h, const char *text, const char *html, struct buf *out);

/* The two bodies; lines end with LF, mail_write() makes CRLF of it. */
void mail_text(const struct digest *d, struct arena *a, struct buf *out);
void mail_html(const struct digest *d, struct arena *a, struct buf *out);

#endif
