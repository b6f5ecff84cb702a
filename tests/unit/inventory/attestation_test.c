/* SPDX-License-Identifier: Apache-2.0 */
/* SBOMs in their wrappings: which of several, whose digest, and what is refused. */
#include "unit/inventory/read.h"

#include "core/digest.h"
#include "core/limits.h"

#define BOM                                                                            \
	"{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"components\":["        \
	"{\"type\":\"library\",\"name\":\"a\",\"purl\":\"pkg:npm/a@1\"}]}"
#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static const char *
statement(struct arena *a, const char *subjects, const char *predicate)
{
	return arena_printf(a,
	    "{\"_type\":\"https://in-toto.io/Statement/v0.1\",\"subject\":[%s],"
	    "\"predicateType\":\"https://example.org/p\",\"predicate\":%s}",
	    subjects, predicate);
}

static const char *
subject(struct arena *a, const char *name, const char *hex)
{
	return arena_printf(
	    a, "{\"name\":\"%s\",\"digest\":{\"sha256\":\"%s\"}}", name, hex);
}

static const char *
envelope(struct arena *a, const char *inner)
{
	return arena_printf(a,
	    "{\"payload\":\"%s\",\"signatures\":[],\"payloadType\":"
	    "\"application/vnd.in-toto+json\"}\n",
	    base64_encode(a, inner, strlen(inner)));
}

static void
the_subjects_digest_is_the_images(void **state)
{
	static const struct {
		const char *subjects, *want;
	} rows[] = {
		{ "{\"name\":\"r\",\"digest\":{\"sha256\":\"" A64 "\",\"sha1\":\"1\"}}",
		    "sha256:" A64 },
		/* two names of one image */
		{ "{\"name\":\"r\",\"digest\":{\"sha256\":\"" A64
		  "\"}},{\"name\":\"s\",\"digest\":{\"sha256\":\"" A64 "\"}}",
		    "sha256:" A64 },
		/* two images: neither */
		{ "{\"digest\":{\"sha256\":\"" A64 "\"}},{\"digest\":{\"sha256\":\"" B64
		  "\"}}",
		    NULL },
		{ "{\"digest\":{\"sha256\":\"12\"}}", NULL },
		{ "{\"digest\":7},7", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *text = statement(*state, rows[i].subjects, BOM);
		struct inventory *inv = read_text(*state, text, NULL);

		assert_int_equal(inv->n, 1);
		if (!str_eq(inv->digest, rows[i].want))
			fail_msg("row %zu: %s", i, str_or_empty(inv->digest));
		inv = read_text(*state, envelope(*state, text), NULL);
		if (!str_eq(inv->digest, rows[i].want))
			fail_msg("row %zu in an envelope", i);
	}
}

static void
of_several_the_sbom_is_read_and_of_several_sboms_the_first(void **state)
{
	const char *one = subject(*state, "r", A64);
	const char *other = statement(*state, one, "{\"buildType\":\"x\"}");
	const char *sbom = statement(*state, one, BOM);
	const char *text = arena_printf(*state, "%s\n%s%s", envelope(*state, other),
	    envelope(*state, sbom), envelope(*state, sbom));
	struct inventory *inv = read_text(*state, text, NULL);

	assert_int_equal(inv->n, 1);
	assert_string_equal(inv->reader, "attestation");
	assert_string_equal(inv->subject, "r");
	text = arena_printf(*state, "%s%s", envelope(*state, sbom),
	    envelope(*state, statement(*state, subject(*state, "s", B64), BOM)));
	assert_non_null(
	    strstr(refused(*state, text, NULL, ERR_INPUT), "several images"));
}

static void
cosign_1_wrote_it_under_data(void **state)
{
	static const char *const predicates[] = {
		"{\"Data\":" BOM ",\"Timestamp\":\"x\"}",
		"{\"Timestamp\":\"x\",\"Data\":\"{\\\"bomFormat\\\":\\\"CycloneDX\\\","
		"\\\"specVersion\\\":\\\"1.5\\\",\\\"components\\\":[{\\\"type\\\":"
		"\\\"library\\\",\\\"purl\\\":\\\"pkg:npm/a@1\\\"}]}\"}",
	};

	for (size_t i = 0; i < ROWS(predicates); i++)
		assert_string_equal(
		    told(read_text(*state, statement(*state, "", predicates[i]), NULL),
			*state),
		    "a 1");
}

static void
wrong_documents_say_what_is_wrong(void **state)
{
	const struct {
		const char *text;
		enum err_code code;
		const char *says;
	} rows[] = {
		{ "{\"payloadType\":\"x\",\"payload\":\"!\"}", ERR_INPUT, "base64" },
		{ "{\"payloadType\":\"x\",\"payload\":7}", ERR_UNSUPPORTED, "no SBOM" },
		{ "{\"payloadType\":\"x\"}", ERR_UNSUPPORTED, "no SBOM" },
		{ "{\"payloadType\":\"x\"} {", ERR_INPUT, "byte" },
		{ "{\"payloadType\":\"x\"} 7", ERR_INPUT, "no object" },
		{ envelope(*state, "[]"), ERR_INPUT, "no object" },
		{ envelope(*state, "{\"predicate\":"), ERR_INPUT, "byte" },
		{ statement(*state, "", "{\"x\":1}"), ERR_UNSUPPORTED,
		    "https://example.org/p" },
		{ statement(*state, "", "7"), ERR_UNSUPPORTED, "no SBOM" },
		{ statement(*state, "", "{\"Data\":\"\"}"), ERR_UNSUPPORTED,
		    "no SBOM" },
		{ statement(*state, "",
		      "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"9\"}"),
		    ERR_UNSUPPORTED, "cyclonedx: CycloneDX 9" },
		{ "{\"attestations\":[7,{\"bundle\":7}]}", ERR_UNSUPPORTED, "no SBOM" },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *why = refused(*state, rows[i].text, NULL, rows[i].code);

		if (strstr(why, rows[i].says) == NULL)
			fail_msg(
			    "row %zu: \"%s\" does not say %s", i, why, rows[i].says);
	}
}

static void
wrappings_without_end_are_refused(void **state)
{
	const char *text = statement(*state, "", BOM);

	for (int i = 0; i < 2; i++)
		text = envelope(*state, text);
	assert_int_equal(read_text(*state, text, NULL)->n, 1);
	(void)refused(*state, envelope(*state, text), NULL, ERR_LIMIT);
}

static void
a_payload_may_be_longer_than_any_other_string(void **state)
{
	size_t n = MAX_JSON_STRING + 1000;
	char *blanks = arena_alloc(*state, n + 1);
	const char *text;

	memset(blanks, ' ', n);
	blanks[n] = '\0';
	text = envelope(
	    *state, statement(*state, "", arena_printf(*state, "%s%s", blanks, BOM)));
	assert_int_equal(read_text(*state, text, NULL)->n, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READ(the_subjects_digest_is_the_images),
		READ(of_several_the_sbom_is_read_and_of_several_sboms_the_first),
		READ(cosign_1_wrote_it_under_data),
		READ(wrong_documents_say_what_is_wrong),
		READ(wrappings_without_end_are_refused),
		READ(a_payload_may_be_longer_than_any_other_string),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
