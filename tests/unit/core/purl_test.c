/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Package URLs against the specification's own vectors: every text is read, every set of
 * parts is written, and what must fail fails.
 */
#include "unit/unit.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/purl.h"
#include "core/str.h"
#include "core/stream.h"

struct tally {
	struct arena *a;
	unsigned read, written, refused, lenient;
};

static int
setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static const char *
text_of(const struct json *j, const char *key)
{
	return json_str(json_get(j, key));
}

static void
same(const char *what, const char *part, const char *want, const char *got)
{
	if (!str_eq(want, got))
		fail_msg("%s: %s should be \"%s\", is \"%s\"", what, part,
		    str_or_empty(want), str_or_empty(got));
}

static void
same_parts(const char *text, const struct json *want, const struct purl *p)
{
	const struct json *qualifiers = json_get(want, "qualifiers");

	same(text, "type", text_of(want, "type"), p->type);
	same(text, "namespace", text_of(want, "namespace"), p->ns);
	same(text, "name", text_of(want, "name"), p->name);
	same(text, "version", text_of(want, "version"), p->version);
	same(text, "subpath", text_of(want, "subpath"), p->subpath);
	if (json_count(qualifiers) != p->n_qualifiers)
		fail_msg("%s: %zu qualifiers", text, p->n_qualifiers);
	for (size_t i = 0; i < p->n_qualifiers; i++)
		same(text, p->qualifiers[i].key,
		    text_of(qualifiers, p->qualifiers[i].key), p->qualifiers[i].value);
}

/* The reading is the wider one here: keys in upper case become lower case, as another of
 * the specification's vectors (maven, "repositorY_url") wants it. */
static bool
is_only_about_case(const struct json *test)
{
	const char *why = text_of(test, "expected_message");

	return why != NULL && strstr(why, "lowercase") != NULL;
}

static void
parse(struct tally *t, const struct json *test, bool must_fail)
{
	const char *text = text_of(test, "input");
	struct purl p;
	bool good = purl_parse(text, t->a, &p);

	if (must_fail && is_only_about_case(test)) {
		assert_true(good);
		t->lenient++;
	} else if (must_fail) {
		if (good)
			fail_msg("%s was read as %s", text, p.name);
		t->refused++;
	} else {
		if (!good)
			fail_msg("%s was not read", text);
		same_parts(text, json_get(test, "expected_output"), &p);
		t->read++;
	}
}

static void
build(struct tally *t, const struct json *test, bool must_fail)
{
	const struct json *parts = json_get(test, "input"), *value;
	const struct json *qualifiers = json_get(parts, "qualifiers");
	const char *want = text_of(test, "expected_output");
	struct purl p = { .type = text_of(parts, "type"),
		.ns = text_of(parts, "namespace"),
		.name = text_of(parts, "name"),
		.version = text_of(parts, "version"),
		.subpath = text_of(parts, "subpath"),
		.n_qualifiers = json_count(qualifiers) };

	p.qualifiers = arena_array(t->a, p.n_qualifiers + 1, sizeof(*p.qualifiers));
	for (size_t i = 0; i < p.n_qualifiers; i++) {
		p.qualifiers[i].key = json_member(qualifiers, i, &value);
		p.qualifiers[i].value = json_str(value);
	}
	same(must_fail ? "parts that are none" : want, "the text",
	    must_fail ? NULL : want, purl_text(&p, t->a));
	if (must_fail)
		t->refused++;
	else
		t->written++;
}

static void
round_trip(struct tally *t, const struct json *test)
{
	const char *text = text_of(test, "input");
	struct purl p;

	if (!purl_parse(text, t->a, &p))
		fail_msg("%s was not read", text);
	same(text, "the text", text_of(test, "expected_output"), purl_text(&p, t->a));
	t->read++;
	t->written++;
}

static void
run_file(struct tally *t, const char *path)
{
	struct buf text = BUF_INIT(1 << 20);
	struct stream *in = NULL;
	struct json *document = NULL;
	const struct json *tests;
	struct err e = ERR_INIT;

	if (stream_open_file(&in, path, 1 << 20, &e) != ERR_OK ||
	    stream_read_all(in, &text, &e) != ERR_OK ||
	    json_parse(&document, buf_str(&text), text.len, &e) != ERR_OK)
		fail_msg("%s: %s", path, e.text);
	tests = json_get(document, "tests");
	for (size_t i = 0; i < json_count(tests); i++) {
		const struct json *test = json_at(tests, i);
		const char *type = text_of(test, "test_type");
		bool must_fail = false;

		assert_int_equal(
		    json_take_bool(test, "expected_failure", &must_fail, &e), ERR_OK);
		if (str_eq(type, "parse"))
			parse(t, test, must_fail);
		else if (str_eq(type, "build"))
			build(t, test, must_fail);
		else
			round_trip(t, test);
	}
	json_free(document);
	stream_close(in);
	buf_done(&text);
}

static void
every_vector_of_the_specification_holds(void **state)
{
	struct tally t = { .a = *state };
	glob_t files;

	if (glob(SHARED_DATA "/versions/purl/*/*-test.json", 0, NULL, &files) != 0) {
		skip();
		return;
	}
	for (size_t i = 0; i < files.gl_pathc; i++)
		run_file(&t, files.gl_pathv[i]);
	globfree(&files);
	print_message("%u read, %u written, %u refused, %u read that need not be\n",
	    t.read, t.written, t.refused, t.lenient);
	/* the two that contradict a third */
	assert_int_equal(t.lenient, 2);
	assert_true(t.read > 150 && t.written > 150 && t.refused > 10);
}

static void
two_spellings_of_one_package_are_one_text(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "pkg:npm/@a/b@1", "pkg:npm/%40a/b@1" },
		{ "PKG:Deb/Debian/Bash@5?b=2&A=1", "pkg:deb/debian/bash@5?a=1&b=2" },
		{ "pkg:generic/a@1?x=&y=1", "pkg:generic/a@1?y=1" },
		{ "pkg:generic//n/a@1#./x//../y", "pkg:generic/n/a@1#x/y" },
		{ "pkg:generic/a@b@1", "pkg:generic/a%40b@1" },
		{ "pkg:rpm/Fedora/Curl@1", "pkg:rpm/fedora/Curl@1" },
		{ "pkg:pypi/Zope_Interface@1", "pkg:pypi/zope-interface@1" },
		{ "pkg:generic/caf%C3%A9@1+2", "pkg:generic/caf%C3%A9@1%2B2" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct purl p;

		assert_true(purl_parse(rows[i].text, *state, &p));
		same(rows[i].text, "the text", rows[i].want, purl_text(&p, *state));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    every_vector_of_the_specification_holds, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    two_spellings_of_one_package_are_one_text, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
