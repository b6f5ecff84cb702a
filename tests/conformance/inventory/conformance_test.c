/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What inventory.h promises of every reader: recognised by content alone, whole or refused,
 * the same twice, nothing without a name and a version, in order and without repeats,
 * whatever the bytes.  A new reader needs a sample below, or the first test fails.
 */
#include "unit/inventory/read.h"

#include "core/limits.h"
#include "unit/inventory/rpm_make.h"

static const struct sample {
	const char *reader, *os, *text;
	size_t n;
} samples[] = {
	{ "dpkg", "debian:12",
	    "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\n"
	    "Source: glibc\nVersion: 2.36-9\n\nPackage: bash\nVersion: 5.2-1\n",
	    2 },
	{ "apk", "alpine:3.20",
	    "P:libcrypto3\nV:3.3.1-r3\no:openssl\n\nP:zlib\nV:1.3-r1\n", 2 },
	{ "cyclonedx", "debian:12",
	    "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"components\":["
	    "{\"type\":\"library\",\"name\":\"a\",\"purl\":\"pkg:deb/debian/a@1\"},"
	    "{\"type\":\"library\",\"name\":\"b\",\"purl\":\"pkg:npm/b@2\"}]}",
	    2 },
	{ "cyclonedx-xml", "debian:12",
	    "<?xml version=\"1.0\"?>"
	    "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\"><components>"
	    "<component type=\"library\"><name>a</name>"
	    "<purl>pkg:deb/debian/a@1</purl></component>"
	    "<component type=\"library\"><name>b</name><purl>pkg:npm/b@2</purl>"
	    "</component></components></bom>",
	    2 },
	{ "spdx", "debian:12",
	    "{\"spdxVersion\":\"SPDX-2.3\",\"packages\":["
	    "{\"SPDXID\":\"a\",\"name\":\"a\",\"externalRefs\":[{\"referenceType\":"
	    "\"purl\",\"referenceLocator\":\"pkg:deb/debian/a@1\"}]},"
	    "{\"SPDXID\":\"b\",\"name\":\"b\",\"externalRefs\":[{\"referenceType\":"
	    "\"purl\",\"referenceLocator\":\"pkg:npm/b@2\"}]}],\"relationships\":["
	    "{\"spdxElementId\":\"a\",\"relationshipType\":\"DEPENDS_ON\","
	    "\"relatedSpdxElement\":\"b\"}]}",
	    2 },
	{ "spdx-tag", "debian:12",
	    "SPDXVersion: SPDX-2.3\nPackageName: a\nSPDXID: SPDXRef-a\n"
	    "PackageComment: <text>two\nlines</text>\n"
	    "ExternalRef: PACKAGE-MANAGER purl pkg:deb/debian/a@1\n"
	    "PackageName: b\nExternalRef: PACKAGE-MANAGER purl pkg:npm/b@2\n"
	    "Relationship: SPDXRef-a DEPENDS_ON SPDXRef-b\n",
	    2 },
	{ "syft", "debian:12",
	    "{\"artifacts\":[{\"name\":\"a\",\"version\":\"1\",\"type\":\"deb\","
	    "\"metadata\":{\"source\":\"s\"}},{\"name\":\"b\",\"purl\":"
	    "\"pkg:npm/b@2\"}],\"distro\":{\"id\":\"debian\",\"versionID\":\"12\"}}",
	    2 },
	{ "trivy", "debian:12",
	    "{\"SchemaVersion\":2,\"ArtifactName\":\"x\",\"Results\":["
	    "{\"Class\":\"os-pkgs\",\"Type\":\"debian\",\"Packages\":[{\"Name\":\"a\","
	    "\"Version\":\"1\",\"SrcName\":\"s\"},{\"Name\":\"b\",\"Identifier\":"
	    "{\"PURL\":\"pkg:npm/b@2\"}}]}]}",
	    2 },
	{ "attestation", "debian:12",
	    "{\"_type\":\"https://in-toto.io/Statement/"
	    "v1\",\"subject\":[{\"name\":\"i\"}],"
	    "\"predicateType\":\"https://cyclonedx.org/bom\",\"predicate\":"
	    "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"components\":["
	    "{\"type\":\"library\",\"name\":\"a\",\"purl\":\"pkg:deb/debian/a@1\"},"
	    "{\"type\":\"library\",\"name\":\"b\",\"purl\":\"pkg:npm/b@2\"}]}}",
	    2 },
	/* containers of two packages: see bytes_of() */
	{ "rpm", "rhel:9", "sqlite", 2 },
	{ "rpm", "rhel:9", "ndb", 2 },
	{ "rpm", "rhel:9", "bdb", 2 },
	{ "rpm-manifest", "mariner:2.0",
	    "bash\t5.1.8-1.cm2\t1\t2\tMicrosoft Corporation\t(none)\t9\tx86_64\t0\t"
	    "bash-5.1.8-1.cm2.src.rpm\n"
	    "dbus\t1.13-6.cm2\t1\t2\tMicrosoft Corporation\t1\t9\tx86_64\t1\t"
	    "dbus-1.13-6.cm2.src.rpm\n",
	    2 },
	{ "bottlerocket", "bottlerocket",
	    "{\"Content\":[{\"Name\":\"bash\",\"Version\":\"5.1\",\"Release\":\"1."
	    "br1\","
	    "\"ApplicationType\":\"Unspecified\",\"Architecture\":\"x86_64\"},"
	    "{\"Name\":\"zlib\",\"Version\":\"1.3\",\"Release\":\"2.br1\",\"Epoch\":"
	    "\"1\"}]}",
	    2 },
	{ "pacman", "arch",
	    "%NAME%\nbash\n\n%VERSION%\n5.2.026-2\n\n%BASE%\nbash\n\n"
	    "%NAME%\nzlib\n\n%VERSION%\n1:1.3-1\n",
	    2 },
	{ "list", "debian:12", "bash 5.2-1\nlibc6 2.36-9 glibc 2.36-9\n", 2 },
};

static const struct sample *
sample_of(const char *reader)
{
	for (size_t i = 0; i < ROWS(samples); i++)
		if (str_eq(samples[i].reader, reader))
			return &samples[i];
	return NULL;
}

static struct made
bytes_of(const struct sample *sample, struct arena *a)
{
	if (str_eq(sample->text, "sqlite"))
		return make_sqlite(a, made_packages, 2);
	if (str_eq(sample->text, "ndb"))
		return make_ndb(a, made_packages, 2);
	if (str_eq(sample->text, "bdb"))
		return make_bdb(a, made_packages, 2, false);
	return (struct made){ arena_memdup(a, sample->text, strlen(sample->text)),
		strlen(sample->text) };
}

static struct inventory *
read_sample(const struct sample *sample, struct arena *a)
{
	const struct made m = bytes_of(sample, a);

	return read_bytes(a, m.p, m.n, sample->os);
}

static enum err_code
try_bytes(struct arena *a, const void *p, size_t n, const char *os,
    struct inventory **ret, struct err *e)
{
	const struct inventory_hints hints = { .os = os, .now_at = 1767600000 };

	return inventory_read_memory(p, n, &hints, a, ret, e);
}

/* What holds of any inventory that was not refused. */
static void
check(const struct inventory *inv, const char *what)
{
	for (size_t i = 0; i < inv->n; i++) {
		const struct component *c = &inv->components[i];

		if (c->type == NULL || c->name == NULL || c->name[0] == '\0' ||
		    c->version == NULL || c->version[0] == '\0' || c->arch == NULL ||
		    c->module == NULL || c->streams == NULL)
			fail_msg("%s: component %zu lacks something", what, i);
		if (strlen(c->name) > MAX_NAME ||
		    strlen(c->version) > MAX_STORED_VERSION ||
		    !utf8_valid(c->name, strlen(c->name)) ||
		    !utf8_valid(c->version, strlen(c->version)))
			fail_msg("%s: component %zu is beyond its limits", what, i);
		if ((c->source_package == NULL) != (c->source_version == NULL))
			fail_msg("%s: component %zu has half a source", what, i);
	}
	if (inv->partial != (inv->n_warnings > 0))
		fail_msg("%s: partial without a word, or the other way", what);
}

static void
every_row_is_filled_in_and_has_a_sample(void **state)
{
	(void)state;
	for (size_t i = 0; inventory_readers[i] != NULL; i++) {
		const struct reader *r = inventory_readers[i];

		if (r->name == NULL || r->summary == NULL || r->sniff == NULL ||
		    r->read == NULL || sample_of(r->name) == NULL)
			fail_msg("row %zu is not complete, or has no sample", i);
		for (size_t j = 0; j < i; j++)
			if (str_eq(inventory_readers[j]->name, r->name))
				fail_msg("%s stands twice", r->name);
	}
}

static void
a_document_is_known_by_its_content(void **state)
{
	for (size_t i = 0; i < ROWS(samples); i++) {
		struct inventory *inv = read_sample(&samples[i], *state);

		assert_string_equal(inv->reader, samples[i].reader);
		assert_int_equal(inv->n, samples[i].n);
		check(inv, samples[i].reader);
	}
}

static void
the_same_bytes_give_the_same_twice(void **state)
{
	for (size_t i = 0; i < ROWS(samples); i++)
		assert_string_equal(told(read_sample(&samples[i], *state), *state),
		    told(read_sample(&samples[i], *state), *state));
}

static void
cut_off_anywhere_it_is_whole_or_refused(void **state)
{
	for (size_t i = 0; i < ROWS(samples); i++) {
		const struct made whole = bytes_of(&samples[i], *state);

		for (size_t n = 0; n <= whole.n; n++) {
			struct inventory *inv = NULL;
			struct err e = ERR_INIT;

			if (try_bytes(*state, whole.p, n, samples[i].os, &inv, &e) ==
			    ERR_OK)
				check(inv, samples[i].reader);
			else if (e.text[0] == '\0')
				fail_msg("%s at %zu: refused without a word",
				    samples[i].reader, n);
		}
	}
}

static void
any_byte_changed_to_any_other_breaks_nothing(void **state)
{
	static const char bytes[] = { '\0', '\n', ' ', ':', '"', '{', ']', '\x7f',
		'\xff' };

	for (size_t i = 0; i < ROWS(samples); i++) {
		const struct made whole = bytes_of(&samples[i], *state);

		/* of what is mostly empty pages some bytes stand for the others */
		for (size_t at = 0; at < whole.n;
		     at += at < 512 || whole.n < 2048 ? 1 : 7)
			for (size_t b = 0; b < sizeof(bytes); b++) {
				struct arena *a = arena_new();
				unsigned char *p = arena_memdup(a, whole.p, whole.n);
				struct inventory *inv = NULL;
				struct err e = ERR_INIT;

				p[at] = (unsigned char)bytes[b];
				if (try_bytes(a, p, whole.n, samples[i].os, &inv, &e) ==
				    ERR_OK)
					check(inv, samples[i].reader);
				arena_free(a);
			}
	}
}

static void
without_a_system_nothing_claims_to_be_complete(void **state)
{
	for (size_t i = 0; i < ROWS(samples); i++) {
		const struct made whole = bytes_of(&samples[i], *state);
		struct inventory *inv = NULL;
		struct err e = ERR_INIT;

		if (try_bytes(*state, whole.p, whole.n, NULL, &inv, &e) != ERR_OK)
			continue;
		if (inv->os.state == COVERAGE_COMPLETE && inv->os.ecosystem == NULL)
			fail_msg("%s: complete without a system", samples[i].reader);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READ(every_row_is_filled_in_and_has_a_sample),
		READ(a_document_is_known_by_its_content),
		READ(the_same_bytes_give_the_same_twice),
		READ(cut_off_anywhere_it_is_whole_or_refused),
		READ(any_byte_changed_to_any_other_breaks_nothing),
		READ(without_a_system_nothing_claims_to_be_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
