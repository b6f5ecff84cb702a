/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version_fuzz - two lines as versions of SCHEME and as bounds of ranges: nothing reads
 * beyond its end, comparing both ways agrees, keys stay between the open ends, and every
 * form of range holds exactly what it says.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/record.h"
#include "match/match.h"
#include "match/match_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(what)                                                                     \
	do {                                                                           \
		if (!(what)) {                                                         \
			(void)fprintf(stderr, "does not hold: %s\n", #what);           \
			abort();                                                       \
		}                                                                      \
	} while (0)

static void
check_pair(const char *a, const char *b, const struct version_key *ka,
    const struct version_key *kb)
{
	int ab = 9, ba = 9;
	bool comparable = match_version_compare(SCHEME, a, b, &ab);

	MUST(comparable == (ka->parsable && kb->parsable));
	if (!comparable)
		return;
	MUST(match_version_compare(SCHEME, b, a, &ba) && ab == -ba);
	MUST(!ka->exact || !kb->exact || ab == match_key_compare(ka->key, kb->key));
}

/* Whether the only range of AFF holds K; -1 if AFF gave none. */
static int
holds(const struct affected *aff, const struct version_key *k, struct arena *a)
{
	struct range *ranges;
	size_t n, bad;

	match_ranges(SCHEME, aff, a, &ranges, &n, &bad);
	MUST(n + bad == 1);
	if (n == 0)
		return -1;
	return match_key_compare(k->key, ranges[0].lo) >= 0 &&
	       match_key_compare(k->key, ranges[0].hi) < 0;
}

/* Does "last affected A" never mean more than A?  Some schemes let a bound without a
 * release or a local part cover all of them. */
static bool
ends_there(void)
{
	return match_scheme(SCHEME)->just_above == key_just_above;
}

static void
check_ranges(const char *a, const struct version_key *ka, const struct version_key *kb,
    struct arena *arena)
{
	struct affected before = { .fixed = a }, until = { .last_affected = a };
	struct affected from = { .introduced = a };
	struct affected same = { .versions = &a, .n_versions = 1 };
	int order = match_key_compare(kb->key, ka->key);

	MUST(holds(&same, kb, arena) == (order == 0));
	MUST(holds(&before, kb, arena) == (ka->parsable ? order < 0 : -1));
	MUST((holds(&until, kb, arena) == -1) == !ka->parsable);
	if (ka->parsable && order <= 0)
		MUST(holds(&until, kb, arena) == 1);
	if (ka->parsable && order > 0 && ends_there())
		MUST(holds(&until, kb, arena) == 0);
	if (ka->parsable && kb->parsable && strcmp(a, "0") != 0)
		MUST(holds(&from, kb, arena) == (order >= 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *line = size == 0 ? NULL : memchr(data, '\n', size);
	size_t len = line == NULL ? size : (size_t)(line - data);
	size_t rest = line == NULL ? 0 : size - len - 1;
	struct arena *arena = arena_new();
	char *a = arena_strndup(arena, len == 0 ? "" : (const char *)data, len);
	char *b = arena_strndup(arena, rest == 0 ? "" : (const char *)line + 1, rest);
	struct version_key ka, kb;

	match_version_key(SCHEME, a, arena, &ka);
	match_version_key(SCHEME, b, arena, &kb);
	MUST(ka.key.len > 0);
	MUST(ka.parsable ==
	     (ka.key.len < 4 || memcmp(ka.key.bytes, "\xff\xff\xff", 3) < 0));
	check_pair(a, b, &ka, &kb);
	check_ranges(a, &ka, &kb, arena);
	arena_free(arena);
	return 0;
}
