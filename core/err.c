/* SPDX-License-Identifier: Apache-2.0 */
/* err - wording of failures; no allocation, so that it works when nothing else does. */
#include "core/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/str.h"

#define TEXT_SIZE sizeof(((struct err *)0)->text)

static const char *const code_names[] = {
	[ERR_OK] = "ok",
	[ERR_NOTFOUND] = "not_found",
	[ERR_CONFLICT] = "conflict",
	[ERR_INPUT] = "input",
	[ERR_LIMIT] = "limit",
	[ERR_DENIED] = "denied",
	[ERR_UNREACHABLE] = "unreachable",
	[ERR_BUSY] = "busy",
	[ERR_STORAGE] = "storage",
	[ERR_UNSUPPORTED] = "unsupported",
	[ERR_BUG] = "bug",
};
_Static_assert(sizeof(code_names) / sizeof(code_names[0]) == ERR_BUG + 1,
    "every err_code has a name");

/*
 * Format into TEXT[TEXT_SIZE] by way of a buffer of its own: an argument may be the very text
 * that is being replaced.  A cut never leaves half a character.
 */
__attribute__((format(printf, 2, 0))) static void
format(char *text, const char *fmt, va_list ap)
{
	char made[TEXT_SIZE + 1]; /* the cut looks at the byte behind it */
	int n = vsnprintf(made, sizeof(made), fmt, ap);
	size_t len = n < 0 ? 0 : utf8_cut(made, (size_t)n, TEXT_SIZE - 1);

	memcpy(text, made, len);
	text[len] = '\0';
}

enum err_code
err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return code;
	va_start(ap, fmt);
	format(e->text, fmt, ap);
	va_end(ap);
	e->code = code;
	return code;
}

enum err_code
err_wrap(struct err *e, enum err_code code, const char *fmt, ...)
{
	char outer[TEXT_SIZE];
	size_t outer_len, room, inner_len;
	va_list ap;

	if (e == NULL)
		return code;
	va_start(ap, fmt);
	format(outer, fmt, ap);
	va_end(ap);
	e->code = code;

	/* The outer text wins when both do not fit: it says where. */
	outer_len = strlen(outer);
	if (outer_len > 0 && outer_len + 2 < sizeof(outer)) {
		memcpy(outer + outer_len, ": ", 2);
		outer_len += 2;
	}
	room = sizeof(outer) - 1 - outer_len;
	inner_len = strlen(e->text);
	inner_len = utf8_cut(e->text, inner_len, room);
	memmove(e->text + outer_len, e->text, inner_len);
	memcpy(e->text, outer, outer_len);
	e->text[outer_len + inner_len] = '\0';
	return code;
}

const char *
err_code_name(enum err_code code)
{
	if ((unsigned)code >= sizeof(code_names) / sizeof(code_names[0]))
		return "bug";
	return code_names[code];
}
