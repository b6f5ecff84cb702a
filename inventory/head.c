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

static bool
is_one_of(const char *text, size_t n, const char *const keys[])
{
	for (size_t i = 0; keys[i] != NULL; i++)
		if (strlen(keys[i]) == n && memcmp(keys[i], text, n) == 0)
			return true;
	return false;
}

bool
head_has_one_of(const char *head, size_t n, const char *const keys[])
{
	const char *p = head_start(head, &n), *end = p + n;
	bool is_key = true;
	int depth = 0;

	if (n == 0 || *p != '{')
		return false;
	while (p < end) {
		char c = *p++;

		if (c == '"') {
			const char *text = p;

			p = string_end(p, end);
			/* a cut one has no quote at its end */
			if (depth == 1 && is_key && p[-1] == '"' && p - 1 >= text &&
			    is_one_of(text, (size_t)(p - 1 - text), keys))
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

bool
head_has_key(const char *head, size_t n, const char *key)
{
	const char *const keys[] = { key, NULL };

	return head_has_one_of(head, n, keys);
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
