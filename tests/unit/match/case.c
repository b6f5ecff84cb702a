/* SPDX-License-Identifier: Apache-2.0 */
/* case - builds subjects and statements the way the store does. */
#include "unit/unit.h"

#include "unit/match/case.h"

#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/record.h"

int
case_setup(void **state)
{
	struct trial *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return 1;
	t->a = arena_new();
	*state = t;
	return 0;
}

int
case_teardown(void **state)
{
	struct trial *t = *state;

	arena_free(t->a);
	free(t);
	return 0;
}

static int64_t
package_id(struct trial *t, const char *name)
{
	size_t i = 0;

	while (i < CASE_MAX && t->names[i] != NULL && strcmp(t->names[i], name) != 0)
		i++;
	assert_true(i < CASE_MAX);
	t->names[i] = name;
	return (int64_t)i + 1;
}

void
case_install(struct trial *t, const char *scheme, const char *package,
    const char *version, const char *source, const char *source_version)
{
	struct version_key k;

	t->s = (struct subject){ .component_id = 77,
		.scheme = scheme,
		.package = package,
		.version = version,
		.origin_package = source,
		.origin_version = source_version,
		.arch = "amd64",
		.module = "",
		.streams = "" };
	t->s.package_id = package_id(t, package);
	match_version_key(scheme, version, t->a, &k);
	t->s.key = k.key;
	t->s.exact = k.exact;
	t->s.parsable = k.parsable;
	if (source == NULL)
		return;
	t->s.origin_package_id = package_id(t, source);
	match_version_key(scheme, source_version, t->a, &k);
	t->s.origin_key = k.key;
	t->s.origin_exact = k.exact;
	t->s.origin_parsable = k.parsable;
}

const struct statement *
case_say(struct trial *t, struct say say)
{
	struct affected aff = { .introduced = say.introduced,
		.fixed = say.fixed,
		.last_affected = say.last_affected,
		.versions = &say.version,
		.n_versions = say.version != NULL ? 1 : 0 };
	struct statement *st = &t->said[t->n];
	struct range *ranges;
	size_t n, bad;

	assert_true(t->n < CASE_MAX);
	match_ranges(t->s.scheme, &aff, t->a, &ranges, &n, &bad);
	assert_int_equal(n, 1);
	*st = (struct statement){ .affected_id = (int64_t)t->n + 1,
		.vulnerability_id = 5,
		.kind = say.source_of != NULL ? KIND_SOURCE : KIND_BINARY,
		.source = "debian",
		.record_key = say.key,
		.source_rank = say.rank,
		.stream = say.stream,
		.module = say.module,
		.archs = say.archs,
		.range = ranges[0],
		.status = say.status,
		.fixed_version = say.fixed,
		.severity = say.severity };
	st->package_id =
	    package_id(t, say.source_of != NULL ? say.source_of : say.binary);
	t->n++;
	return st;
}

void
case_decide(struct trial *t)
{
	/* what the caller left there must not shine through */
	memset(&t->d, 0x5a, sizeof(t->d));
	match_decide(&t->s, t->said, t->n, &t->d);
}

static const char *
key_of(const struct trial *t, const struct statement *by)
{
	static char text[32];

	if (by == NULL)
		return "nobody";
	(void)snprintf(text, sizeof(text), "statement %d", (int)(by - t->said) + 1);
	return text;
}

static void
expect_by(const struct trial *t, const struct statement *by)
{
	if (t->d.by != by) {
		print_error("expected %s to decide\n", key_of(t, by));
		fail_msg("got %s", key_of(t, t->d.by));
	}
}

void
case_expect_match(struct trial *t, enum status state, const struct statement *by)
{
	case_decide(t);
	if (!t->d.is_match)
		fail_msg("expected a match, got none: %s", reason_name(t->d.reason));
	if (t->d.state != state)
		fail_msg(
		    "expected %s, got %s", status_name(state), status_name(t->d.state));
	assert_int_equal(t->d.reason, REASON_AFFECTED);
	expect_by(t, by);
}

void
case_expect_none(struct trial *t, enum reason reason, const struct statement *by)
{
	case_decide(t);
	if (t->d.is_match)
		fail_msg("expected none (%s), got a match", reason_name(reason));
	if (t->d.reason != reason)
		fail_msg("expected %s, got %s", reason_name(reason),
		    reason_name(t->d.reason));
	expect_by(t, by);
	assert_false(t->d.fix_in_other_stream);
}
