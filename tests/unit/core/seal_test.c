/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed texts and links that allow one thing. */
#include "unit/unit.h"

#include "core/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/capability.h"
#include "core/str.h"

struct place {
	struct arena *a;
	char dir[64];
	const char *key;
};

static int
setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	p->a = arena_new();
	(void)snprintf(p->dir, sizeof(p->dir), "/tmp/tocsin-seal-XXXXXX");
	if (mkdtemp(p->dir) == NULL)
		return -1;
	p->key = arena_printf(p->a, "%s/t.key", p->dir);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	(void)unlink(p->key);
	(void)rmdir(p->dir);
	arena_free(p->a);
	free(p);
	return 0;
}

static struct seal *
load(struct place *p)
{
	struct seal *s = NULL;
	struct err e = ERR_INIT;

	if (seal_load(&s, p->key, &e) != ERR_OK)
		fail_msg("%s", e.text);
	return s;
}

static void
a_key_is_made_once_for_its_owner_alone(void **state)
{
	struct place *p = *state;
	struct seal *first = load(p), *second = load(p);
	const char *sealed = seal_text(first, "channel 1", "s3cret", p->a),
		   *text = NULL;
	struct stat st;

	assert_int_equal(stat(p->key, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(seal_open(second, "channel 1", sealed, p->a, &text));
	assert_string_equal(text, "s3cret");
	seal_free(first);
	seal_free(second);
}

static void
a_key_that_others_may_read_is_refused(void **state)
{
	struct place *p = *state;
	struct seal *s = load(p);
	struct err e = ERR_INIT;

	seal_free(s);
	assert_int_equal(chmod(p->key, 0640), 0);
	assert_int_equal(seal_load(&s, p->key, &e), ERR_DENIED);
	assert_non_null(strstr(e.text, "chmod 600"));
}

static void
a_damaged_key_is_refused_and_not_replaced(void **state)
{
	struct place *p = *state;
	struct seal *s = load(p);
	struct err e = ERR_INIT;

	seal_free(s);
	assert_int_equal(truncate(p->key, 10), 0);
	assert_int_equal(seal_load(&s, p->key, &e), ERR_INPUT);
}

static void
a_sealed_text_opens_unchanged_in_its_place_and_nowhere_else(void **state)
{
	static const char *const texts[] = { "", "x", "{\"url\":\"https://x/\"}",
		"\xc3\xa4\xe2\x82\xac" };
	struct place *p = *state;
	struct seal *s = load(p);

	for (size_t i = 0; i < ROWS(texts); i++) {
		char *sealed = seal_text(s, "channel 1", texts[i], p->a);
		const char *text = NULL;

		assert_true(seal_is_sealed(sealed));
		assert_true(seal_open(s, "channel 1", sealed, p->a, &text));
		assert_string_equal(text, texts[i]);
		assert_false(seal_open(s, "channel 2", sealed, p->a, &text));
		assert_false(seal_open(NULL, "channel 1", sealed, p->a, &text));
		/* twice is never the same */
		assert_string_not_equal(
		    sealed, seal_text(s, "channel 1", texts[i], p->a));
		for (char *c = sealed + strlen("sealed:1:"); *c != '\0' && *c != '=';
		     c++) {
			char was = *c;

			*c = was == 'A' ? 'B' : 'A';
			if (c[1] != '=' && c[1] != '\0' &&
			    seal_open(s, "channel 1", sealed, p->a, &text))
				fail_msg("opens with a changed character at %td",
				    c - sealed);
			*c = was;
		}
	}
	seal_free(s);
}

static void
what_was_never_sealed_is_read_as_it_is(void **state)
{
	struct place *p = *state;
	const char *text = NULL;

	assert_true(seal_open(NULL, "channel 1", "{}", p->a, &text));
	assert_string_equal(text, "{}");
	assert_false(seal_open(NULL, "channel 1", "sealed:1:", p->a, &text));
	assert_false(seal_open(NULL, "channel 1", "sealed:1:!!", p->a, &text));
}

static void
a_link_says_what_it_allows_and_cannot_be_made_up(void **state)
{
	static const unsigned char key[32] = { 7 }, another[32] = { 8 };
	const struct capability c = {
		.kind = 'u', .id = 1234567890123, .text = "ops@example.org"
	};
	struct place *p = *state;
	char *token = arena_strdup(p->a, capability_write(key, &c, p->a));
	struct capability got;

	assert_int_equal(strspn(token, "abcdefghijklmnopqrstuvwxyz"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"),
	    strlen(token));
	assert_true(capability_read(key, token, p->a, &got));
	assert_int_equal(got.kind, 'u');
	assert_int_equal(got.id, 1234567890123);
	assert_string_equal(got.text, "ops@example.org");
	assert_false(capability_read(another, token, p->a, &got));
	token[3] = token[3] == 'A' ? 'B' : 'A';
	assert_false(capability_read(key, token, p->a, &got));
	assert_false(capability_read(key, "", p->a, &got));
	assert_false(capability_read(key, "AAAA", p->a, &got));
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(a_key_is_made_once_for_its_owner_alone),
		RULE(a_key_that_others_may_read_is_refused),
		RULE(a_damaged_key_is_refused_and_not_replaced),
		RULE(a_sealed_text_opens_unchanged_in_its_place_and_nowhere_else),
		RULE(what_was_never_sealed_is_read_as_it_is),
		RULE(a_link_says_what_it_allows_and_cannot_be_made_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
