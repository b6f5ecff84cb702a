/* SPDX-License-Identifier: Apache-2.0 */
/*
 * superseded - kernels are installed beside their elders, not in place of them.  All but the
 * newest are what is left over: they are kept and shown, but a finding about them would be
 * one about a program that nobody starts.
 *
 * rpm's kernels have one name and several versions.  dpkg's carry the version in their name
 * ("linux-image-6.1.0-18-amd64"): there the name without its numbers, and the source, say
 * which belong together.
 */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "core/strmap.h"
#include "core/verdict.h"
#include "inventory/inventory_private.h"

/* The name without its version: every run of digits, dots and dashes between them is '#'. */
static const char *
without_numbers(const char *name, struct arena *a)
{
	char *out = arena_strdup(a, name), *to = out;

	for (const char *p = name; *p != '\0';) {
		size_t digits = strspn(p, "0123456789");

		if (digits == 0) {
			*to++ = *p++;
			continue;
		}
		*to++ = '#';
		for (p += digits; strchr(".-", *p) != NULL && *p != '\0' &&
				  p[1] >= '0' && p[1] <= '9';)
			p += 1 + strspn(p + 1, "0123456789");
	}
	*to = '\0';
	return out;
}

/* Of two components with the same key one is the other's elder; NULL = can have none. */
static const char *
key_of(const struct component *c, struct arena *a)
{
	static const char *const linux_parts[] = { "linux-image-", "linux-headers-",
		"linux-modules-", "linux-tools-", "linux-kbuild-" };

	if (c->ecosystem == NULL)
		return NULL;
	if (str_eq(c->type, "rpm") && str_starts(c->name, "kernel"))
		return arena_printf(a, "%s\n%s\n%s", c->ecosystem, c->name, c->arch);
	for (size_t i = 0;
	     str_eq(c->type, "deb") && i < sizeof(linux_parts) / sizeof(linux_parts[0]);
	     i++)
		if (str_starts(c->name, linux_parts[i]) &&
		    strpbrk(c->name + strlen(linux_parts[i]), ".") != NULL)
			return arena_printf(a, "%s\n%s\n%s\n%s", c->ecosystem,
			    without_numbers(c->name, a),
			    str_or_empty(c->source_package), c->arch);
	return NULL;
}

/* Is A older than B?  Where the versions have no order, neither is. */
static bool
is_older(const struct component *a, const struct component *b,
    const struct keyer *keyer, struct arena *scrap)
{
	const char *scheme = ecosystem_scheme(a->ecosystem);
	struct version_key ka, kb;
	size_t n;
	int order;

	if (scheme == NULL)
		return false;
	keyer->version(scheme, a->version, scrap, &ka);
	keyer->version(scheme, b->version, scrap, &kb);
	if (!ka.parsable || !kb.parsable)
		return false;
	n = ka.key.len < kb.key.len ? ka.key.len : kb.key.len;
	order = memcmp(ka.key.bytes, kb.key.bytes, n);
	return order != 0 ? order < 0 : ka.key.len < kb.key.len;
}

void
inventory_mark_superseded(
    struct inventory *inv, const struct keyer *keyer, struct arena *a)
{
	struct strmap *newest = strmap_new(); /* a key to 1 + the newest so far */

	for (size_t i = 0; keyer != NULL && i < inv->n; i++) {
		struct component *c = &inv->components[i], *best;
		const char *key = key_of(c, a);
		uint64_t *place;

		if (key == NULL)
			continue;
		place = strmap_put(newest, key, NULL);
		best = *place != 0 ? &inv->components[*place - 1] : NULL;
		if (best == NULL) {
			*place = 1 + i;
		} else if (is_older(best, c, keyer, a)) {
			best->flags |= COMPONENT_SUPERSEDED;
			*place = 1 + i;
		} else if (is_older(c, best, keyer, a)) {
			c->flags |= COMPONENT_SUPERSEDED;
		}
	}
	strmap_free(newest);
}
