/* SPDX-License-Identifier: Apache-2.0 */
/* record_test - records as JSON and back, their rules and their digests. */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "record_sample.h"

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static const char full_json[] =
    "{\"source\":\"debian\",\"id\":\"CVE-2023-5678\",\"record\":\"openssl/"
    "CVE-2023-5678\","
    "\"vulnerabilities\":[\"CVE-2023-5678\",\"CVE-2024-0001\"],"
    "\"aliases\":[\"GHSA-aaaa-bbbb-cccc\"],\"title\":\"A \\\"title\\\"\","
    "\"severity\":\"high\",\"vendor_severity\":\"important\","
    "\"published\":\"2023-11-14T22:13:20Z\",\"modified\":\"2023-11-14T22:13:21Z\","
    "\"withdrawn\":\"2023-11-14T22:13:22Z\","
    "\"cvss\":[{\"scorer\":\"nvd@nist.gov\",\"vector\":\"CVSS:3.1/AV:N\",\"score\":9.8,"
    "\"speaker\":\"nvd\"},{\"scorer\":null,\"vector\":null,\"score\":10.0}],"
    "\"affected\":[{\"ecosystem\":\"debian:12\",\"stream\":\"\",\"package\":"
    "\"openssl\","
    "\"kind\":\"source\",\"module\":null,\"arch\":[],\"scheme\":\"dpkg\","
    "\"introduced\":null,\"fixed\":\"3.0.11-1~deb12u2\",\"last_affected\":null,"
    "\"versions\":[],\"status\":\"fixed\",\"vendor_state\":\"no-dsa\","
    "\"severity\":\"low\",\"vendor_severity\":\"unimportant\"},"
    "{\"ecosystem\":\"rhel:8\",\"stream\":\"els\",\"package\":\"perl\",\"kind\":"
    "\"binary\","
    "\"module\":\"perl:5.32\",\"arch\":[\"x86_64\",\"aarch64\"],\"scheme\":\"rpm\","
    "\"introduced\":\"0\",\"fixed\":null,\"last_affected\":\"5.32.1\",\"versions\":[],"
    "\"status\":\"affected\",\"vendor_state\":null},"
    "{\"ecosystem\":\"npm\",\"stream\":\"\",\"package\":\"@scope/pkg\","
    "\"kind\":\"binary\",\"module\":null,\"arch\":[],\"scheme\":\"npm\","
    "\"introduced\":null,\"fixed\":null,\"last_affected\":null,"
    "\"versions\":[\"1.0\",\"1.1\"],\"status\":\"wont_fix\",\"vendor_state\":null}],"
    "\"description\":\"Two\\nlines, caf\xc3\xa9\","
    "\"references\":[\"https://example.org/1\",\"https://example.org/2\"],"
    "\"cwes\":[\"CWE-79\"],\"exploited\":\"2023-11-14T22:13:23Z\","
    "\"kind\":\"malware\",\"epss\":{\"score\":0.97567,\"percentile\":0.99995,"
    "\"model\":\"v2025.03.14\"}}";

static const char release_json[] =
    "{\"source\":\"eol\",\"id\":\"debian:12\",\"record\":\"debian:12\","
    "\"vulnerabilities\":[],\"aliases\":[],\"title\":null,\"severity\":\"unknown\","
    "\"vendor_severity\":null,\"published\":null,\"modified\":null,"
    "\"withdrawn\":null,\"cvss\":[],\"affected\":[],\"kind\":\"release\","
    "\"ends\":\"2028-06-28T00:00:00Z\"}";

static const char small_json[] =
    "{\"source\":\"debian\",\"id\":\"CVE-2023-5678\",\"record\":\"openssl/"
    "CVE-2023-5678\","
    "\"vulnerabilities\":[\"CVE-2023-5678\"],\"aliases\":[],\"title\":null,"
    "\"severity\":\"unknown\",\"vendor_severity\":null,\"published\":null,"
    "\"modified\":null,\"withdrawn\":null,\"cvss\":[],\"affected\":[]}";

static struct record *
read_ok(const char *json)
{
	struct record *r = NULL;
	struct err e = ERR_INIT;

	if (record_read(&r, json, strlen(json), a, &e) != ERR_OK)
		fail_msg("%s: %s", json, e.text);
	return r;
}

static const char *
written(const struct record *r)
{
	struct buf b = BUF_INIT(MAX_RECORD_BYTES);
	const char *text;

	record_write(r, &b);
	assert_false(b.full);
	text = arena_strdup(a, buf_str(&b));
	buf_done(&b);
	return text;
}

static void
a_record_is_written_in_its_one_form(void **state)
{
	(void)state;
	assert_string_equal(written(sample_full(a)), full_json);
	assert_string_equal(written(sample_small(a)), small_json);
	assert_string_equal(written(sample_release(a)), release_json);
	assert_string_equal(written(read_ok(release_json)), release_json);
}

static void
what_was_written_is_read_to_the_same_bytes(void **state)
{
	(void)state;
	assert_string_equal(written(read_ok(full_json)), full_json);
	assert_string_equal(written(read_ok(small_json)), small_json);
}

static void
every_member_finds_its_place(void **state)
{
	const struct record *r = read_ok(full_json);

	(void)state;
	assert_string_equal(r->key, "openssl/CVE-2023-5678");
	assert_string_equal(r->vulnerabilities[1], "CVE-2024-0001");
	assert_string_equal(r->aliases[0], "GHSA-aaaa-bbbb-cccc");
	assert_string_equal(r->references[1], "https://example.org/2");
	assert_string_equal(r->cwes[0], "CWE-79");
	assert_int_equal(r->severity, SEVERITY_HIGH);
	assert_int_equal(r->published, 1700000000);
	assert_int_equal(r->modified, 1700000001);
	assert_int_equal(r->withdrawn, 1700000002);
	assert_int_equal(r->exploited, 1700000003);
	assert_int_equal(r->kind, RECORD_MALWARE);
	assert_int_equal(r->cvss[0].score_tenths, 98);
	assert_int_equal(r->cvss[0].speaker, SPEAKER_NVD);
	assert_int_equal(r->cvss[1].score_tenths, 100);
	assert_null(r->cvss[1].scorer);
	assert_int_equal(r->affected[0].kind, KIND_SOURCE);
	assert_int_equal(r->affected[0].severity, SEVERITY_LOW);
	assert_string_equal(r->affected[0].module, "");
	assert_string_equal(r->affected[1].archs[1], "aarch64");
	assert_string_equal(r->affected[1].last_affected, "5.32.1");
	assert_int_equal(r->affected[2].n_versions, 2);
	assert_int_equal(r->affected[2].status, STATUS_WONT_FIX);
}

static void
unknown_keys_are_skipped_and_null_is_not_said(void **state)
{
	const struct record *r = read_ok(
	    "{\"new\":{\"id\":[1,{}]},\"source\":\"s\",\"id\":\"i\",\"record\":\"r\","
	    "\"vulnerabilities\":[\"V\"],\"severity\":null,\"published\":null,"
	    "\"aliases\":null,\"title\":null,\"affected\":[{\"ecosystem\":\"npm\","
	    "\"package\":\"p\",\"kind\":\"binary\",\"status\":\"affected\","
	    "\"stream\":null,\"module\":null,\"scheme\":\"whatever\"}]}");

	(void)state;
	assert_string_equal(r->id, "i");
	assert_int_equal(r->severity, SEVERITY_UNKNOWN);
	assert_int_equal(r->published, 0);
	assert_int_equal(r->n_aliases, 0);
	assert_null(r->title);
	assert_string_equal(r->affected[0].stream, "");
	assert_string_equal(r->affected[0].module, "");
}

static void
records_that_break_the_form_are_refused(void **state)
{
	/* put in behind the source, the id, the key and the vulnerability */
	static const struct {
		const char *more, *want;
	} rows[] = {
		{ ",\"title\":1", "title must be a text" },
		{ ",\"title\":[]", "title must be a text" },
		{ ",\"title\":\"a\\u0000b\"", "title must be a text" },
		{ ",\"tit\\u0000le\":1", "a key holds a NUL" },
		{ ",\"aliases\":\"x\"", "aliases must be an array" },
		{ ",\"aliases\":[1]", "aliases must be a text" },
		{ ",\"aliases\":[\"\"]", "aliases is missing" },
		{ ",\"cvss\":{}", "cvss must be an array" },
		{ ",\"cvss\":[1]", "cvss must be an array of objects" },
		{ ",\"cvss\":[{},{\"score\":\"9\"}]",
		    "cvss[1]: score must be a score such as 9.8" },
		{ ",\"cvss\":[{\"score\":10.1}]",
		    "cvss[0]: score is not between 0.0 and 10.0" },
		{ ",\"cvss\":[{\"score\":-1}]",
		    "cvss[0]: score must be a score such as 9.8" },
		{ ",\"cvss\":[{\"score\":9.85}]",
		    "cvss[0]: score must be a score such as 9.8" },
		{ ",\"cvss\":[{\"score\":1e1}]",
		    "cvss[0]: score must be a score such as 9.8" },
		{ ",\"cvss\":[{\"score\":99999999999999999999}]",
		    "cvss[0]: score must be a score such as 9.8" },
		{ ",\"cvss\":[{\"speaker\":\"me\"}]",
		    "cvss[0]: speaker must be one of its words" },
		{ ",\"severity\":\"HIGH\"", "severity must be one of its words" },
		{ ",\"severity\":3", "severity must be one of its words" },
		{ ",\"severity\":\"high\\u0000\"",
		    "severity must be one of its words" },
		{ ",\"published\":\"soon\"", "published must be a time" },
		{ ",\"published\":5", "published must be a time" },
		{ ",\"modified\":\"1969-12-31\"", "modified must be a time" },
		{ ",\"id\":\"again\"", "id stands twice" },
		{ ",\"title\":null,\"title\":null", "title stands twice" },
		{ ",\"affected\":[{}]", "affected[0]: ecosystem is missing" },
		{ ",\"affected\":[[]]", "affected must be an array of objects" },
		{ ",\"affected\":[{\"ecosystem\":\"npm\",\"package\":\"p\"}]",
		    "affected[0]: kind, status or severity is unknown" },
		{ ",\"affected\":[{\"ecosystem\":\"npm\",\"package\":\"p\","
		  "\"kind\":\"binary\",\"status\":\"fixed\",\"fixed\":\"1\","
		  "\"last_affected\":\"2\"}]",
		    "affected[0]: fixed and last_affected exclude each other" },
		{ ",\"affected\":[{\"status\":\"Fixed\"}]",
		    "affected[0]: status must be one of its words" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *json = arena_printf(a,
		    "{\"source\":\"s\",\"id\":\"i\",\"record\":\"r\","
		    "\"vulnerabilities\":[\"V\"]%s}",
		    rows[i].more);
		struct record *r = NULL;
		struct err e = ERR_INIT;
		enum err_code rc = record_read(&r, json, strlen(json), a, &e);

		if (rc != ERR_INPUT || r != NULL || !str_eq(e.text, rows[i].want))
			fail_msg("%s: wanted \"%s\", got %s \"%s\"", rows[i].more,
			    rows[i].want, err_code_name(rc), e.text);
	}
}

static void
what_a_record_must_say_is_asked_for(void **state)
{
	static const char *const rows[][2] = {
		{ "[]", "a record must be an object" },
		{ "1", "a record must be an object" },
		{ "{}", "source is missing" },
		{ "{\"source\":\"\"}", "source is missing" },
		{ "{\"source\":\"s\"}", "id is missing" },
		{ "{\"source\":\"s\",\"id\":\"i\"}", "record is missing" },
		{ "{\"source\":\"s\",\"id\":\"i\",\"record\":\"r\"}",
		    "vulnerabilities is empty" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct record *r = NULL;
		struct err e = ERR_INIT;

		assert_int_equal(
		    record_read(&r, rows[i][0], strlen(rows[i][0]), a, &e), ERR_INPUT);
		assert_string_equal(e.text, rows[i][1]);
		assert_null(r);
	}
}

static void
a_record_cut_anywhere_is_refused(void **state)
{
	(void)state;
	for (size_t len = 0; len < strlen(full_json); len++) {
		char *cut = malloc(len > 0 ? len : 1);
		struct record *r = NULL;

		assert_non_null(cut);
		memcpy(cut, full_json, len);
		if (record_read(&r, cut, len, a, NULL) == ERR_OK || r != NULL)
			fail_msg("%zu bytes of it were taken", len);
		free(cut);
		arena_reset(a);
	}
}

static void
something_behind_a_record_is_refused(void **state)
{
	const char *json = arena_printf(a, "%s{}", small_json);
	struct record *r = NULL;

	(void)state;
	assert_int_equal(record_read(&r, json, strlen(json), a, NULL), ERR_INPUT);
	json = arena_printf(a, " %s\n", small_json);
	assert_int_equal(record_read(&r, json, strlen(json), a, NULL), ERR_OK);
}

static char *
long_text(size_t len)
{
	char *s = arena_alloc(a, len + 1);

	memset(s, 'x', len);
	s[len] = '\0';
	return s;
}

/* Each row makes a good record with one text of the length given. */
static void
put_text(struct record *r, const char *field, const char *text)
{
	const struct {
		const char *field;
		const char **at;
	} places[] = {
		{ "source", &r->source },
		{ "id", &r->id },
		{ "record", &r->key },
		{ "title", &r->title },
		{ "description", &r->description },
		{ "vulnerabilities", &r->vulnerabilities[0] },
		{ "aliases", &r->aliases[0] },
		{ "references", &r->references[0] },
		{ "cwes", &r->cwes[0] },
		{ "scorer", &r->cvss[0].scorer },
		{ "model", &r->epss->model },
		{ "vector", &r->cvss[0].vector },
		{ "ecosystem", &r->affected[0].ecosystem },
		{ "package", &r->affected[0].package },
		{ "module", &r->affected[0].module },
		{ "fixed", &r->affected[0].fixed },
		{ "vendor_state", &r->affected[0].vendor_state },
		{ "arch", &r->affected[1].archs[0] },
		{ "versions", &r->affected[2].versions[0] },
	};

	for (size_t i = 0; i < ROWS(places); i++)
		if (str_eq(places[i].field, field)) {
			*places[i].at = text;
			return;
		}
	fail_msg("no place for %s", field);
}

static void
every_text_has_its_cap(void **state)
{
	const struct {
		const char *field;
		size_t max;
	} rows[] = { { "source", MAX_NAME }, { "id", MAX_NAME }, { "record", MAX_NAME },
		{ "title", MAX_TITLE }, { "description", MAX_TEXT },
		{ "vulnerabilities", MAX_NAME }, { "aliases", MAX_NAME },
		{ "references", MAX_TEXT }, { "cwes", MAX_NAME },
		{ "scorer", MAX_NAME }, { "vector", MAX_NAME }, { "model", MAX_NAME },
		{ "ecosystem", MAX_NAME }, { "package", MAX_NAME },
		{ "module", MAX_NAME }, { "fixed", MAX_VERSION },
		{ "vendor_state", MAX_TEXT }, { "arch", MAX_NAME },
		{ "versions", MAX_VERSION } };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct record *r = sample_full(a);
		struct err e = ERR_INIT;

		put_text(r, rows[i].field, long_text(rows[i].max));
		assert_int_equal(record_check(r, &e), ERR_OK);
		put_text(r, rows[i].field, long_text(rows[i].max + 1));
		if (record_check(r, &e) != ERR_LIMIT ||
		    strstr(e.text, rows[i].field) == NULL)
			fail_msg("%s: wanted its cap, got %s", rows[i].field, e.text);
		put_text(r, rows[i].field,
		    "a\xff"
		    "b");
		assert_int_equal(record_check(r, &e), ERR_INPUT);
		assert_non_null(strstr(e.text, "is not UTF-8"));
		arena_reset(a);
	}
}

static void
words_and_times_outside_their_lists_are_refused(void **state)
{
	struct record *r;

	(void)state;
#define WITH(assignment)                                                               \
	r = sample_full(a);                                                            \
	assert_int_equal(record_check(r, NULL), ERR_OK);                               \
	assignment;                                                                    \
	assert_int_equal(record_check(r, NULL), ERR_INPUT)
	WITH(r->severity = SEVERITY_COUNT);
	WITH(r->severity = (enum severity) - 1);
	WITH(r->published = -1);
	WITH(r->modified = INT64_MIN);
	WITH(r->withdrawn = -1);
	WITH(r->exploited = -1);
	WITH(r->kind = RECORD_KIND_COUNT);
	WITH(r->published = INT64_MAX);
	WITH(r->modified = 253402300800);
	WITH(r->cvss[1].score_tenths = 101);
	WITH(r->cvss[1].score_tenths = -1);
	WITH(r->cvss[0].speaker = SPEAKER_COUNT);
	WITH(r->affected[0].status = STATUS_COUNT);
	WITH(r->affected[0].kind = KIND_COUNT);
	WITH(r->affected[2].severity = SEVERITY_COUNT);
	WITH(r->affected[0].last_affected = "1");
	WITH(r->n_vulnerabilities = 0);
	WITH(r->ends = 1);
	WITH(r->epss->score_micro = -1);
	WITH(r->epss->score_micro = 1000001);
	WITH(r->epss->percentile_micro = -2);
	WITH(r->epss->percentile_micro = 1000001);
	WITH(r = sample_release(a); r->ends = 0);
	WITH(r = sample_release(a); r->vulnerabilities = sample_texts(a, "x", NULL);
	     r->n_vulnerabilities = 1);
	WITH(r = sample_release(a); r->kind = RECORD_VULNERABILITY);
#undef WITH
}

static void
affected_entries_are_capped(void **state)
{
	struct record *r = sample_small(a), *again = NULL;
	CLEANUP_BUF struct buf json = BUF_INIT((size_t)8 << 20);
	struct err e = ERR_INIT;

	(void)state;
	r->n_affected = MAX_AFFECTED;
	r->affected = arena_array(a, MAX_AFFECTED + 1, sizeof(*r->affected));
	for (size_t i = 0; i <= MAX_AFFECTED; i++)
		r->affected[i] =
		    (struct affected){ .ecosystem = "npm", .package = "p" };
	assert_int_equal(record_check(r, &e), ERR_OK);
	r->n_affected++;
	assert_int_equal(record_check(r, &e), ERR_LIMIT);

	/* short rows, so that the size of the whole is not what is refused */
	buf_adds(&json, "{\"affected\":[");
	for (size_t i = 0; i <= MAX_AFFECTED; i++)
		buf_adds(&json, i > 0 ? ",{}" : "{}");
	buf_adds(&json, "]}");
	assert_int_equal(record_read(&again, json.data, json.len, a, &e), ERR_LIMIT);
	assert_null(again);
}

static void
a_record_larger_than_its_cap_is_not_read(void **state)
{
	size_t len = MAX_RECORD_BYTES + 1;
	char *json = malloc(len);
	struct record *r = NULL;

	(void)state;
	assert_non_null(json);
	memset(json, ' ', len);
	memcpy(json, small_json, strlen(small_json));
	assert_int_equal(record_read(&r, json, len, a, NULL), ERR_LIMIT);
	assert_null(r);
	assert_int_equal(record_read(&r, json, len - 1, a, NULL), ERR_OK);
	free(json);
}

static void
cve_ids_have_one_spelling(void **state)
{
	static const char *const rows[][2] = {
		{ "CVE-2024-1", "CVE-2024-1" },
		{ "cve-2024-0001", "CVE-2024-0001" },
		{ "Cve_2024_1234567", "CVE-2024-1234567" },
		{ "CVE-1999-1234567890123456789", "CVE-1999-1234567890123456789" },
		{ "", NULL },
		{ "CVE", NULL },
		{ "CVE-2024", NULL },
		{ "CVE-2024-", NULL },
		{ "CVE-202-1234", NULL },
		{ "CVE-20245-123", NULL },
		{ "CVE-2024-1a", NULL },
		{ "CVE-2024-1 ", NULL },
		{ " CVE-2024-1", NULL },
		{ "CVE-2024-12345678901234567890", NULL },
		{ "CVE 2024 1", NULL },
		{ "GHSA-2024-1", NULL },
		{ "CAN-2004-1234", NULL },
		{ "CVE--2024-1", NULL },
		{ "\xc3VE-2024-1", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *got = cve_normalize(a, rows[i][0], strlen(rows[i][0]));

		if (!str_eq(got, rows[i][1]))
			fail_msg("%s: wanted %s, got %s", rows[i][0],
			    str_or_empty(rows[i][1]), str_or_empty(got));
	}
	assert_string_equal(cve_normalize(a, "CVE-2024-1234;", 12), "CVE-2024-123");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_record_is_written_in_its_one_form),
		TEST(what_was_written_is_read_to_the_same_bytes),
		TEST(every_member_finds_its_place),
		TEST(unknown_keys_are_skipped_and_null_is_not_said),
		TEST(records_that_break_the_form_are_refused),
		TEST(what_a_record_must_say_is_asked_for),
		TEST(a_record_cut_anywhere_is_refused),
		TEST(something_behind_a_record_is_refused),
		TEST(every_text_has_its_cap),
		TEST(words_and_times_outside_their_lists_are_refused),
		TEST(affected_entries_are_capped),
		TEST(a_record_larger_than_its_cap_is_not_read),
		TEST(cve_ids_have_one_spelling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
