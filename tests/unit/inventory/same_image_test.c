/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One image in every format: the same components, whoever wrote them down.  What a format
 * has no word for is named in its row.
 */
#include "unit/inventory/read.h"

#define IMAGE TEST_DATA "/inventories/image."

static const char *const wanted[] = {
	"debian:12 bash 5.2.15-2+b7 amd64 [bash 5.2.15-2] /var/lib/dpkg/status 11",
	"debian:12 libperl5.36 5.36.0-7+deb12u1 amd64 [perl 5.36.0-7+deb12u1] "
	"/var/lib/dpkg/status 11",
	"debian:12 libssl3 3.0.11-1~deb12u2 amd64 [openssl 3.0.11-1~deb12u2] "
	"/var/lib/dpkg/status 11",
	"maven org.apache.logging.log4j:log4j-core 2.17.1  [- -] "
	"/app/lib/log4j-core-2.17.1.jar 22",
	"npm @types/node 20.11.0  [- -] /app/node_modules/@types/node/package.json 22",
};

static const struct {
	const char *file, *reader;
	const char
	    *version; /* of the system: os-release has "12", debian_version "12.5" */
	bool has_upstream; /* its package URLs say what a package was built from */
} rows[] = {
	{ "cdx.json", "cyclonedx", "12", true },
	{ "cdx.xml", "cyclonedx-xml", "12", true },
	{ "spdx.json", "spdx", "12.5", true },
	{ "tag.spdx", "spdx-tag", "12.5", true },
	{ "syft.json", "syft", "12.5", true },
	/* trivy has fields of its own for the source and leaves it out of the URL */
	{ "trivy.json", "trivy", "12.5", false },
	{ "statement.json", "attestation", "12.5", true },
	{ "intoto.jsonl", "attestation", "12", true },
	{ "bundle.json", "attestation", "12", true },
	{ "github-attestations.json", "attestation", "12", true },
	{ "cosign1.json", "attestation", "12", true },
};

static struct inventory *
read_file(struct arena *a, const char *file)
{
	const struct inventory_hints hints = { .now_at = 1767600000 };
	struct inventory *inv = NULL;
	struct err e = ERR_INIT;

	if (inventory_read_path(
		arena_printf(a, IMAGE "%s", file), &hints, a, &inv, &e) != ERR_OK)
		fail_msg("%s: %s", file, e.text);
	return inv;
}

static const char *
told_in_full(const struct component *c, struct arena *a)
{
	return arena_printf(a, "%s %s %s %s [%s %s] %s %.2s", c->ecosystem, c->name,
	    c->version, c->arch, c->source_package != NULL ? c->source_package : "-",
	    c->source_version != NULL ? c->source_version : "-", c->path,
	    c->layer + strlen("sha256:"));
}

static void
every_format_gives_the_same_components(void **state)
{
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct inventory *inv = read_file(*state, rows[i].file);

		if (inv->n != ROWS(wanted) || inv->partial)
			fail_msg("%s: %zu components, %zu warnings", rows[i].file,
			    inv->n, inv->n_warnings);
		for (size_t k = 0; k < inv->n; k++)
			if (!str_eq(
				told_in_full(&inv->components[k], *state), wanted[k]))
				fail_msg("%s: wanted\n%s, got\n%s", rows[i].file,
				    wanted[k],
				    told_in_full(&inv->components[k], *state));
	}
}

static void
every_format_names_the_same_image_and_system(void **state)
{
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct inventory *inv = read_file(*state, rows[i].file);

		assert_string_equal(inv->reader, rows[i].reader);
		assert_string_equal(inv->subject, "registry.example.org/shop/web:7");
		if (inv->digest == NULL || strncmp(inv->digest, "sha256:5a5a", 11) != 0)
			fail_msg("%s: the digest is %s", rows[i].file,
			    str_or_empty(inv->digest));
		assert_string_equal(inv->os.ecosystem, "debian:12");
		assert_string_equal(inv->os.version, rows[i].version);
		assert_int_equal(inv->os.state, COVERAGE_COMPLETE);
	}
}

static void
only_trivy_leaves_the_source_out_of_package_urls(void **state)
{
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct component *c =
		    component(read_file(*state, rows[i].file), "libssl3");

		if ((strstr(c->purl, "upstream=openssl") != NULL) !=
		    rows[i].has_upstream)
			fail_msg("%s: %s", rows[i].file, c->purl);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READ(every_format_gives_the_same_components),
		READ(every_format_names_the_same_image_and_system),
		READ(only_trivy_leaves_the_source_out_of_package_urls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
