/* SPDX-License-Identifier: Apache-2.0 */
/* xml_read_test - the pull reader of XML: tokens, loops, what it refuses, its caps. */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/stream.h"
#include "core/xml_read.h"

/* A reader over a text, and what it needs. */
struct fixture {
	struct arena *a;
	struct stream *in;
	struct xml_reader *r;
	struct err e;
};

static int
setup(void **state)
{
	static struct fixture f;

	f = (struct fixture){ .a = arena_new(), .e = ERR_INIT };
	*state = &f;
	return 0;
}

static void
stop(struct fixture *f)
{
	xml_reader_free(f->r);
	stream_close(f->in);
	f->r = NULL;
	f->in = NULL;
	f->e = ERR_INIT;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	stop(f);
	arena_free(f->a);
	return 0;
}

static void
start_bytes(struct fixture *f, const char *text, size_t len)
{
	stop(f);
	assert_int_equal(
	    stream_open_memory(&f->in, text, len, UINT64_MAX, &f->e), ERR_OK);
	f->r = xml_reader_new(f->in);
}

static void
start(struct fixture *f, const char *text)
{
	start_bytes(f, text, strlen(text));
}

/* All tokens on one line: "<a x=1>", "</a>", "'text'". */
static enum err_code
dump(struct fixture *f, struct buf *out)
{
	struct xml_value v;
	enum err_code rc;

	while ((rc = xml_next(f->r, &v, &f->e)) == ERR_OK && v.token != XML_END) {
		if (v.token == XML_TEXT)
			buf_printf(out, "'%s'", v.text);
		else
			buf_printf(
			    out, v.token == XML_ELEMENT ? "<%s" : "</%s", v.name);
		if (*v.ns != '\0')
			buf_printf(out, " in %s", v.ns);
		for (size_t i = 0; i < v.n_attributes; i++)
			buf_printf(
			    out, " %s=%s", v.attributes[i].name, v.attributes[i].value);
		if (v.token != XML_TEXT)
			buf_addc(out, '>');
	}
	return rc;
}

static void
check(struct fixture *f, const char *text, const char *want)
{
	struct buf got CLEANUP_BUF = BUF_INIT(1 << 20);

	start(f, text);
	if (dump(f, &got) != ERR_OK)
		fail_msg("%s: %s", text, f->e.text);
	assert_string_equal(buf_str(&got), want);
}

static void
a_document_is_elements_and_texts(void **state)
{
	struct fixture *f = *state;

	check(f,
	    "<?xml version=\"1.0\"?>\n<a>\n  <b x='1' "
	    "y=\"&lt;2&gt;\">t&amp;u</b>\n</a>",
	    "<a><b x=1 y=<2>>'t&u'</b></a>");
	check(f, "<a>one<!-- no --><?no such?><![CDATA[<two>]]>&#x33;</a>",
	    "<a>'one<two>3'</a>");
	check(f, "\xef\xbb\xbf<a>\xc3\xa9</a>", "<a>'\xc3\xa9'</a>");
}

static void
the_prefix_means_nothing(void **state)
{
	struct fixture *f = *state;

	check(f, "<p:a xmlns:p='urn:1' xmlns='urn:2'><b p:x='1'/></p:a>",
	    "<a in urn:1><b in urn:2 x=1></b in urn:2></a in urn:1>");
	check(f, "<undeclared:a/>", "<a></a>");
}

static void
other_encodings_are_converted(void **state)
{
	struct fixture *f = *state;

	check(f, "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>",
	    "<a>'\xc3\xa9'</a>");
}

static void
children_are_a_loop(void **state)
{
	struct fixture *f = *state;
	struct xml_value v;
	const char *text = NULL;
	bool more = false;

	start(f,
	    "<a>x<skip><deep/>y</skip>z<name> the\n <i>not</i>one </name><last/></a>");
	assert_int_equal(xml_child(f->r, &v, &more, &f->e), ERR_OK);
	assert_true(more);
	assert_int_equal(xml_child(f->r, &v, &more, &f->e), ERR_OK);
	assert_string_equal(v.name, "skip");
	assert_int_equal(xml_skip(f->r, &f->e), ERR_OK);
	assert_int_equal(xml_child(f->r, &v, &more, &f->e), ERR_OK);
	assert_string_equal(v.name, "name");
	assert_int_equal(xml_text(f->r, f->a, &text, &f->e), ERR_OK);
	assert_string_equal(text, "the\n one");
	assert_int_equal(xml_child(f->r, &v, &more, &f->e), ERR_OK);
	assert_string_equal(v.name, "last");
	assert_null(xml_attribute(&v, "none"));
	assert_int_equal(xml_text(f->r, f->a, &text, &f->e), ERR_OK);
	assert_string_equal(text, "");
	assert_int_equal(xml_child(f->r, &v, &more, &f->e), ERR_OK);
	assert_false(more);
	assert_int_equal(xml_next(f->r, &v, &f->e), ERR_OK);
	assert_int_equal(v.token, XML_END);
}

static enum err_code
refusal(struct fixture *f, const char *text, size_t len)
{
	struct buf got CLEANUP_BUF = BUF_INIT(1 << 24);
	enum err_code rc;

	start_bytes(f, text, len);
	rc = dump(f, &got);
	/* and again the same */
	if (rc != ERR_OK) {
		struct xml_value v;

		assert_int_equal(xml_next(f->r, &v, &f->e), rc);
	}
	return rc;
}

static void
what_is_no_xml_is_refused(void **state)
{
	static const char *const bad[] = { "", " ", "{}", "<a>", "<a></b>", "<a/><b/>",
		"<a/>x", "<a x=1/>", "<a x='1' x='2'/>", "<a>&nbsp;</a>", "<a>\xff</a>",
		"<a>&#0;</a>", "<a", "<a>]]></a>", "<a><![CDATA[</a>" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ROWS(bad); i++) {
		if (refusal(f, bad[i], strlen(bad[i])) != ERR_INPUT)
			fail_msg("%s: %s", bad[i], f->e.text);
		assert_non_null(strstr(f->e.text, "line "));
	}
}

/* Entities that name entities, and files of the machine: nothing of it is looked at. */
static void
a_doctype_is_refused(void **state)
{
	static const char *const bad[] = {
		"<!DOCTYPE a [<!ENTITY x 'ha'><!ENTITY y '&x;&x;&x;'>]><a>&y;</a>",
		"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
		"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
		"<!DOCTYPE a><a/>",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ROWS(bad); i++) {
		assert_int_equal(refusal(f, bad[i], strlen(bad[i])), ERR_INPUT);
		assert_non_null(strstr(f->e.text, "DOCTYPE"));
	}
}

/* What it names is not looked for, and declarations of its own are refused as ever. */
static void
a_doctype_that_only_names_may_be_allowed(void **state)
{
	static const struct {
		const char *text;
		enum err_code want;
	} rows[] = {
		{ "<!DOCTYPE a><a/>", ERR_OK },
		{ "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", ERR_OK },
		{ "<!DOCTYPE a SYSTEM 'a>b.dtd' ><a>&other;</a>", ERR_OK },
		{ "<!DOCTYPE a PUBLIC '-//x//y' \"http://127.0.0.1:1/x.dtd\">\n<a/>",
		    ERR_OK },
		{ "<!DOCTYPE a SYSTEM 'x' [<!ENTITY y 'z'>]><a>&y;</a>", ERR_INPUT },
		{ "<!DOCTYPE a [<!ENTITY % y SYSTEM 'file:///etc/passwd'> %y;]><a/>",
		    ERR_INPUT },
		{ "<!DOCTYPE a []><a/>", ERR_INPUT },
		{ "<!DOCTYPE a SYSTEM 'x'", ERR_INPUT },
	};
	struct fixture *f = *state;
	struct xml_value v;

	for (size_t i = 0; i < ROWS(rows); i++) {
		enum err_code rc;

		start_bytes(f, rows[i].text, strlen(rows[i].text));
		xml_reader_allow_doctype(f->r);
		while ((rc = xml_next(f->r, &v, &f->e)) == ERR_OK && v.token != XML_END)
			assert_int_not_equal(v.token, XML_TEXT);
		if (rc != rows[i].want)
			fail_msg("%s: %s", rows[i].text, f->e.text);
	}
}

/* HEAD, then UNIT repeated to N bytes or more, then TAIL. */
static enum err_code
refuse_long(
    struct fixture *f, const char *head, const char *unit, size_t n, const char *tail)
{
	struct buf text CLEANUP_BUF = BUF_INIT(1 << 26);

	buf_adds(&text, head);
	while (text.len < n)
		buf_adds(&text, unit);
	buf_adds(&text, tail);
	return refusal(f, buf_str(&text), text.len);
}

static void
caps_are_kept(void **state)
{
	static const char block[] = "0123456789abcdef0123456789abcdef0123456789abcdef";
	struct fixture *f = *state;

	assert_int_equal(
	    refuse_long(f, "<a>", "<a>", 3 * (MAX_XML_DEPTH + 1), ""), ERR_LIMIT);
	assert_non_null(strstr(f->e.text, "MAX_XML_DEPTH"));
	assert_int_equal(
	    refuse_long(f, "<a>", block, MAX_XML_TEXT + 1000, "</a>"), ERR_LIMIT);
	assert_non_null(strstr(f->e.text, "MAX_XML_TEXT"));
	assert_int_equal(
	    refuse_long(f, "<a x='", block, MAX_XML_TEXT + 100000, "'/>"), ERR_LIMIT);
	assert_int_equal(
	    refuse_long(f, "<a><!--", block, MAX_XML_TEXT + 100000, "--></a>"),
	    ERR_LIMIT);
	assert_int_equal(refuse_long(f, "<a x='", block, 1 << 20, "'/>"), ERR_OK);
	assert_int_equal(refuse_long(f, "<a>", block, 1 << 20, "</a>"), ERR_OK);
}

static void
attributes_are_counted(void **state)
{
	struct fixture *f = *state;
	struct buf text CLEANUP_BUF = BUF_INIT(1 << 16);

	buf_adds(&text, "<a");
	for (size_t i = 0; i <= MAX_XML_ATTRIBUTES; i++)
		buf_printf(&text, " x%zu=''", i);
	buf_adds(&text, "/>");
	assert_int_equal(refusal(f, buf_str(&text), text.len), ERR_LIMIT);
	assert_non_null(strstr(f->e.text, "MAX_XML_ATTRIBUTES"));
}

static void
a_large_document_comes_in_small_pieces(void **state)
{
	struct fixture *f = *state;
	struct buf text CLEANUP_BUF = BUF_INIT(1 << 24);
	size_t n = 0;
	struct xml_value v;
	bool more;

	buf_adds(&text, "<all>");
	for (size_t i = 0; i < 100000; i++)
		buf_printf(&text, "<one id='%zu'>text %zu</one>\n", i, i);
	buf_adds(&text, "</all>");
	start_bytes(f, buf_str(&text), text.len);
	assert_int_equal(xml_next(f->r, &v, &f->e), ERR_OK);
	while (xml_child(f->r, &v, &more, &f->e) == ERR_OK && more) {
		const char *got = NULL;
		char want[32];

		(void)snprintf(want, sizeof(want), "%zu", n);
		assert_string_equal(xml_attribute(&v, "id"), want);
		arena_reset(f->a);
		assert_int_equal(xml_text(f->r, f->a, &got, &f->e), ERR_OK);
		(void)snprintf(want, sizeof(want), "text %zu", n++);
		assert_string_equal(got, want);
	}
	assert_int_equal(n, 100000);
	assert_int_equal(f->e.code, ERR_OK);
}

/* What stands before the damage is handed out, what the document says is not complete. */
static void
every_cut_is_told(void **state)
{
	static const char text[] = "<a x='1'><b>text</b><!-- c --><c/></a>";
	struct fixture *f = *state;

	for (size_t len = 0; len < sizeof(text) - 2; len++)
		assert_int_equal(refusal(f, text, len), ERR_INPUT);
	assert_int_equal(refusal(f, text, sizeof(text) - 1), ERR_OK);
}

#define RULE(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(a_document_is_elements_and_texts),
		RULE(the_prefix_means_nothing),
		RULE(other_encodings_are_converted),
		RULE(children_are_a_loop),
		RULE(what_is_no_xml_is_refused),
		RULE(a_doctype_is_refused),
		RULE(a_doctype_that_only_names_may_be_allowed),
		RULE(caps_are_kept),
		RULE(attributes_are_counted),
		RULE(a_large_document_comes_in_small_pieces),
		RULE(every_cut_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
