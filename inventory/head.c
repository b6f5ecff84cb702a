/* SPDX-License-Identifier: Apache-2.0 */
/*
 * head - what the first bytes of a document tell.  Keys are looked for in the outermost
 * object only: an SBOM may well list a file called "spdxVersion".
 */
#include <stdio.h>
#include <string.h>

#include "core/json_read.h"
#include "inventory/sbom_private.h"

const char *
head_start(const char *head, size_t *n)
{
	if (*n >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0) {
		head += 3;
		*n -= 3;
	}
	while (*n > 0 &&
	       (*head == ' ' || *head == '\t' || *head == '\r' || *head == '\n')) {
		head++;
		(*n)--;
	}
	return head;
}

/* Behind the closing quote of the string that begins behind P[-1]; END if it is cut. */
static const char *
string_end(const char *p, const char *end)
{
	while (p < end && *p != '"')
		p += *p == '\\' && p + 1 < end ? 2 : 1;
	return p < end ? p + 1 : end;
}

bool
head_has_key(const char *head, size_t n, const char *key)
{
	const char *p = head_start(head, &n), *end = p + n;
	size_t len = strlen(key);
	bool is_key = true;
	int depth = 0;

	if (n == 0 || *p != '{')
		return false;
	while (p < end) {
		char c = *p++;

		if (c == '"') {
			const char *text = p;

			p = string_end(p, end);
			if (depth == 1 && is_key && (size_t)(p - text) == len + 1 &&
			    memcmp(text, key, len) == 0)
				return true;
			is_key = false;
		} else if (c == '{' || c == '[') {
			depth++;
		} else if (c == '}' || c == ']') {
			depth--;
		}
		if (c == '{' || c == ',')
			is_key = depth == 1;
	}
	return false;
}

static enum err_code
read_keys(struct json_reader *r, char *head, size_t max, size_t *ret_n)
{
	struct json_value key;
	bool in, more;
	enum err_code rc;
	size_t n = 0;

	if ((rc = json_enter(r, JSON_OBJECT, &in, NULL)) != ERR_OK || !in)
		return ERR_INPUT;
	head[n++] = '{';
	while ((rc = json_key(r, &key, &more, NULL)) == ERR_OK && more) {
		/* what would have to be escaped is no key of ours */
		if (n + key.len + 4 < max && strpbrk(key.text, "\"\\") == NULL &&
		    strlen(key.text) == key.len)
			n += (size_t)snprintf(head + n, max - n, "\"%s\":0,", key.text);
		if ((rc = json_skip_next(r, NULL)) != ERR_OK)
			return rc;
	}
	*ret_n = n;
	return rc;
}

void
head_of_keys(struct stream *in, char *head, size_t max, size_t *ret_n)
{
	struct json_reader *r = json_reader_new(in);
	size_t n = 0;

	if (read_keys(r, head, max, &n) != ERR_OK)
		n = 0;
	*ret_n = n;
	json_reader_free(r);
}
