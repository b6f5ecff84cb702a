/* SPDX-License-Identifier: Apache-2.0 */
/* severity_word - one table for the words of all vendors; no two of them disagree. */
#include "fetchers/severity_word.h"

#include <string.h>
#include <strings.h>

static const struct {
	const char *word;
	enum severity severity;
} words[] = {
	{ "critical", SEVERITY_CRITICAL },
	{ "urgent", SEVERITY_CRITICAL },
	{ "important", SEVERITY_HIGH },
	{ "high", SEVERITY_HIGH },
	{ "moderate", SEVERITY_MEDIUM },
	{ "medium", SEVERITY_MEDIUM },
	{ "normal", SEVERITY_MEDIUM },
	{ "low", SEVERITY_LOW },
	{ "minimal", SEVERITY_LOW },
	{ "negligible", SEVERITY_NEGLIGIBLE },
	{ "unimportant", SEVERITY_NEGLIGIBLE },
};

enum severity
severity_of_word(const char *word)
{
	/* Debian's star or two say that an urgency was computed, not set by hand */
	size_t len = word == NULL ? 0 : strcspn(word, "*");

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i].word) == len &&
		    strncasecmp(words[i].word, word, len) == 0)
			return words[i].severity;
	return SEVERITY_UNKNOWN;
}
