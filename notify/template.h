/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template - the body of a generic webhook as its owner wrote it: a small part of
 * Mustache over the neutral card.
 *
 *   {{title}}                    a value, escaped as the content type wants it
 *   {{title|html}}               ... escaped for HTML first; also |markdown and |url
 *   {{#entries}}...{{/entries}}  once for each vulnerability that fits
 *   {{#exploited}}...{{/exploited}}   if it is there and not empty, no or 0
 *   {{^last}},{{/last}}          if it is not
 *
 * There are no loops but that one, no arithmetic, no includes: a template cannot run
 * away, and what it inserts cannot leave the string that it stands in.
 */
#ifndef NOTIFY_TEMPLATE_H
#define NOTIFY_TEMPLATE_H

#include <stddef.h>

#include "core/err.h"

struct arena;
struct buf;
struct card;
struct digest;

#define TEMPLATE_NAME_MAX 100 /* of list and subscription */

enum template_escape {
	TEMPLATE_PLAIN,
	TEMPLATE_JSON, /* the inside of a JSON string */
	TEMPLATE_FORM, /* percent-encoded */
	TEMPLATE_MARKUP,
};
enum template_escape template_escape_of(const char *content_type);

struct template_values {
	const struct card *card;
	const struct digest *digest;
	size_t n; /* entries to write */
};

/* ERR_INPUT says what is wrong and where: unknown names, sections that do not close. */
enum err_code template_check(const char *text, struct err *e);
/* TEXT, checked before, with V's values. */
void template_expand(const char *text, enum template_escape escape,
    const struct template_values *v, struct arena *a, struct buf *out);

#endif
