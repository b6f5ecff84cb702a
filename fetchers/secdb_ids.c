/* SPDX-License-Identifier: Apache-2.0 */
/* secdb_ids - find ids in what packagers wrote. */
#include "fetchers/secdb_ids.h"

#include <stdbool.h>
#include <string.h>

#include "core/arena.h"
#include "core/record.h"
#include "core/str.h"

#define SEPARATORS " \t\n\r,;"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/*
 * The CVE id that WORD is or begins with: "-1" and ".patch" behind it number the parts
 * of one fix.
 */
static const char *
leading_cve(struct arena *a, const char *word, size_t len)
{
	size_t end = sizeof("CVE-1999-") - 1;

	if (len <= end)
		return NULL;
	while (end < len && is_digit(word[end]))
		end++;
	if (end < len && is_alnum(word[end]))
		return NULL;
	return cve_normalize(a, word, end);
}

/*
 * Looks WORD like an id of another list: letters, a dash, and somewhere a digit (of
 * GHSA ids some have none)?  What calls itself a CVE and is none is no id at all.
 */
static bool
is_other_id(const char *word, size_t len)
{
	bool has_digit = false;
	const char *dash = memchr(word, '-', len);

	if (len < 4 || is_digit(word[0]) || dash == NULL || dash == word ||
	    dash == word + len - 1 || strncmp(word, "CVE", 3) == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		has_digit |= is_digit(word[i]);
		if (!is_alnum(word[i]) && strchr("-._:", word[i]) == NULL)
			return false;
	}
	return has_digit || strncmp(word, "GHSA-", 5) == 0;
}

/* TEXT without what stands in brackets; a bracket left open takes the rest with it. */
static char *
without_brackets(struct arena *a, const char *text)
{
	char *out = arena_strdup(a, text);
	unsigned depth = 0;

	for (char *p = out; *p != '\0'; p++) {
		char c = *p;

		if (c == '(')
			depth++;
		if (depth > 0)
			*p = ' ';
		if (c == ')' && depth > 0)
			depth--;
	}
	return out;
}

/* "CVE 2018-16859": the blank should have been a dash. */
static void
join_split_ids(char *text)
{
	for (char *p = text; (p = strstr(p, "CVE ")) != NULL; p += 4)
		if (is_digit(p[4]) && (p == text || !is_alnum(p[-1])))
			p[3] = '-';
}

static void
put_ghsa_first(struct texts *others)
{
	for (size_t i = 1; i < others->n; i++) {
		const char *id = others->at[i];

		if (!str_starts(id, "GHSA-"))
			continue;
		memmove(&others->at[1], &others->at[0], i * sizeof(others->at[0]));
		others->at[0] = id;
		return;
	}
}

void
secdb_ids(struct arena *a, const char *text, struct texts *cves, struct texts *others)
{
	char *words = without_brackets(a, text);

	join_split_ids(words);
	for (const char *p = words; *p != '\0';) {
		size_t len = strcspn(p, SEPARATORS);
		const char *cve = leading_cve(a, p, len);

		if (cve != NULL)
			texts_add(a, cves, cve);
		else if (is_other_id(p, len))
			texts_add(a, others, arena_strndup(a, p, len));
		p += len;
		p += strspn(p, SEPARATORS);
	}
	if (others->n > 0 && !str_starts(others->at[0], "GHSA-"))
		put_ghsa_first(others);
}
