/* SPDX-License-Identifier: Apache-2.0 */
/* What SBOMs of all formats share: systems, epochs, sources, modules, whose build it is. */
#include "unit/inventory/read.h"

#include "inventory/sbom_private.h"

static struct inventory *
read_purl(struct arena *a, const char *purl, const char *more)
{
	return read_text(a,
	    arena_printf(a,
		"{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"components\":["
		"{\"type\":\"library\",\"name\":\"x\",\"purl\":\"%s\"%s}]}",
		purl, more),
	    NULL);
}

static void
systems_are_known_by_many_words(void **state)
{
	static const struct {
		const char *ns, *distro, *want;
	} rows[] = {
		{ "debian", "debian-12.5", "debian:12" },
		{ "debian", "debian-12", "debian:12" },
		{ "debian", "bookworm", "debian:12" },
		{ "debian", "debian-sid", "debian:unstable" },
		{ "debian", "debian-trixie/sid", "debian:unstable" },
		{ "ubuntu", "ubuntu-22.04", "ubuntu:22.04" },
		{ "ubuntu", "focal", "ubuntu:20.04" },
		{ "alpine", "alpine-3.19.1", "alpine:3.19" },
		{ "alpine", "3.19.1", "alpine:3.19" },
		{ "alpine", "alpine-edge", "alpine:edge" },
		{ "wolfi", "wolfi-20230201", "wolfi" },
		{ "redhat", "redhat-8.7", "rhel:8" },
		{ "redhat", "rhel-9.6", "rhel:9" },
		{ "centos", "centos-7.6.1810", "rhel:7" },
		{ "oracle", "oracle-8.6", "ol:8" },
		{ "alma", "alma-8.7", "almalinux:8" },
		{ "rocky", "rocky-9.1", "rocky:9" },
		{ "amazon", "amazon-2 (Karoo)", "amzn:2" },
		{ "amazon", "amazon-AMI release 2018.03", "amzn:1" },
		{ "amzn", "amzn-2023", "amzn:2023" },
		{ "opensuse", "opensuse-leap-15.5", "opensuse.leap:15.5" },
		{ "opensuse", "opensuse.leap-15.1", "opensuse.leap:15.1" },
		{ "opensuse", "opensuse-tumbleweed-20240101", "opensuse.tumbleweed" },
		{ "sles", "sles-15.4", "sles:15.4" },
		{ "suse", "sles-15.4", "sles:15.4" },
		{ "photon", "photon-4.0", "photon:4.0" },
		{ "cbl-mariner", "cbl-mariner-2.0", "mariner:2.0" },
		{ "arch", "arch-rolling", "arch" },
		{ "debian", "debian", NULL },
		{ "debian", "", NULL },
		{ "plan9", "plan9-4", NULL },
		{ NULL, "12.5", NULL },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct os os;

		sbom_os_of_distro(rows[i].ns, rows[i].distro, 0, *state, &os);
		if (!str_eq(os.ecosystem, rows[i].want))
			fail_msg("%s: wanted %s, got %s", rows[i].distro,
			    str_or_empty(rows[i].want), str_or_empty(os.ecosystem));
	}
}

static void
rpms_have_epochs_sources_and_modules(void **state)
{
	static const struct {
		const char *purl, *want, *module;
	} rows[] = {
		{ "pkg:rpm/redhat/openssl-libs@1.1.1k-6.el8?distro=rhel-8.5&epoch=1"
		  "&upstream=openssl-1.1.1k-6.el8.src.rpm",
		    "openssl-libs 1:1.1.1k-6.el8 [openssl 1:1.1.1k-6.el8]", "" },
		{ "pkg:rpm/redhat/bash@1:5-1?epoch=1&distro=rhel-9",
		    "bash 1:5-1 [bash 1:5-1]", "" },
		{ "pkg:rpm/redhat/npm@8.1-1.module%2Bel8?distro=rhel-8.5&rpmmod="
		  "nodejs:16:8050020211213115342:c5368500",
		    "npm 8.1-1.module+el8 [npm 8.1-1.module+el8]", "nodejs:16" },
		{ "pkg:rpm/redhat/"
		  "npm@8.1-1?distro=rhel-8.5&modularitylabel=nodejs:16:x:y",
		    "npm 8.1-1 [npm 8.1-1]", "nodejs:16" },
		{ "pkg:rpm/redhat/npm@8.1-1?distro=rhel-8.5&modularitylabel=none",
		    "npm 8.1-1 [npm 8.1-1]", "" },
		{ "pkg:deb/debian/x@1-2?distro=debian-12&epoch=3&upstream=y@3:1-1",
		    "x 3:1-2 [y 3:1-1]", "" },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct inventory *inv = read_purl(*state, rows[i].purl, "");

		assert_string_equal(told(inv, *state), rows[i].want);
		assert_string_equal(inv->components[0].module, rows[i].module);
	}
}

static void
names_of_source_rpms_are_taken_from_the_right(void **state)
{
	static const struct {
		const char *text, *name, *version;
	} rows[] = {
		{ "bash-5.1.8-9.el9.src.rpm", "bash", "5.1.8-9.el9" },
		{ "java-1.8.0-openjdk-1.8.0.362.b09-2.el9_1.src.rpm",
		    "java-1.8.0-openjdk", "1.8.0.362.b09-2.el9_1" },
		{ "kernel-5.14-1.nosrc.rpm", "kernel", "5.14-1" },
		{ "bash-5.1.8-9.el9.rpm", NULL, NULL },
		{ "bash-5.src.rpm", NULL, NULL },
		{ "-5-1.src.rpm", NULL, NULL },
		{ ".src.rpm", NULL, NULL },
		{ "", NULL, NULL },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *name = NULL, *version = NULL;
		bool good = sbom_source_rpm(rows[i].text, *state, &name, &version);

		if (good != (rows[i].name != NULL) || !str_eq(name, rows[i].name) ||
		    !str_eq(version, rows[i].version))
			fail_msg("%s: %s %s", rows[i].text, str_or_empty(name),
			    str_or_empty(version));
	}
}

static void
builds_of_others_are_not_the_distributions(void **state)
{
	static const struct {
		const char *purl, *publisher;
		enum vendor want;
	} rows[] = {
		{ "pkg:rpm/redhat/a@1-1?distro=rhel-9", "Red Hat, Inc.", VENDOR_OWN },
		{ "pkg:rpm/redhat/a@1-1?distro=rhel-9", "Fedora Project", VENDOR_OWN },
		{ "pkg:rpm/redhat/a@1-1?distro=rhel-9", "Docker", VENDOR_THIRD_PARTY },
		{ "pkg:deb/debian/a@1-1?distro=debian-12",
		    "Docker <support@docker.com>", VENDOR_THIRD_PARTY },
		{ "pkg:deb/debian/a@1-1?distro=debian-12", "A <a@debian.org>",
		    VENDOR_OWN },
		{ "pkg:apk/alpine/a@1-r1?distro=alpine-3.20", "Anybody", VENDOR_OWN },
		{ "pkg:npm/a@1", "Docker <support@docker.com>", VENDOR_OWN },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct inventory *inv = read_purl(*state, rows[i].purl,
		    arena_printf(*state, ",\"publisher\":\"%s\"", rows[i].publisher));

		if (inv->components[0].vendor != rows[i].want)
			fail_msg("row %zu", i);
	}
}

static void
a_package_of_another_kind_of_system_is_nobodys(void **state)
{
	struct inventory *inv = read_text(*state,
	    "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"components\":["
	    "{\"type\":\"operating-system\",\"name\":\"debian\",\"version\":\"12\"},"
	    "{\"type\":\"library\",\"name\":\"a\",\"purl\":\"pkg:deb/debian/a@1\"},"
	    "{\"type\":\"library\",\"name\":\"b\",\"purl\":\"pkg:apk/alpine/b@1-r0\"},"
	    "{\"type\":\"library\",\"name\":\"c\",\"purl\":"
	    "\"pkg:apk/alpine/c@1-r0?distro=debian-12\"},"
	    "{\"type\":\"library\",\"name\":\"d\",\"purl\":"
	    "\"pkg:apk/alpine/d@1-r0?distro=alpine-3.20\"},"
	    "{\"type\":\"library\",\"name\":\"e\",\"purl\":\"pkg:alpine/e@1-r0\"}]}",
	    NULL);

	assert_string_equal(component(inv, "a")->ecosystem, "debian:12");
	assert_null(component(inv, "b")->ecosystem);
	assert_null(component(inv, "c")->ecosystem);
	/* it says itself where it is from */
	assert_string_equal(component(inv, "d")->ecosystem, "alpine:3.20");
	assert_string_equal(component(inv, "e")->type, "apk");
}

static void
red_hats_documents_name_the_release_in_versions_only(void **state)
{
	static const struct {
		const char *version, *want;
	} rows[] = {
		{ "5.1.8-9.el9", "rhel:9" },
		{ "5.1.8-9.el9_4", "rhel:9" },
		{ "8.1-1.module%2Bel8.5.0%2B1", "rhel:8" },
		{ "1.elrepo-1.el7", "rhel:7" },
		{ "5.1.8-9", NULL },
		{ "5.1.8-9.el", NULL },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct inventory *inv = read_purl(*state,
		    arena_printf(
			*state, "pkg:rpm/redhat/bash@%s?arch=x86_64", rows[i].version),
		    "");

		if (!str_eq(inv->os.ecosystem, rows[i].want))
			fail_msg("%s gave %s", rows[i].version,
			    str_or_empty(inv->os.ecosystem));
	}
	assert_null(read_purl(*state, "pkg:rpm/rocky/bash@5-1.el9", "")->os.ecosystem);
}

static void
what_a_document_leaves_open_makes_it_partial(void **state)
{
	static const struct {
		const char *components, *says;
	} rows[] = {
		{ "{\"type\":\"operating-system\",\"name\":\"debian\",\"version\":"
		  "\"12\"},"
		  "{\"type\":\"library\",\"name\":\"a\",\"purl\":\"pkg:npm/a@1\"}",
		    "no package of debian:12" },
		{ "{\"type\":\"container\",\"name\":\"a\",\"purl\":\"pkg:oci/"
		  "a@sha256:1\"}",
		    "1 images" },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct inventory *inv = read_text(*state,
		    arena_printf(*state,
			"{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\","
			"\"components\":[%s]}",
			rows[i].components),
		    NULL);

		assert_true(inv->partial);
		assert_non_null(strstr(inv->warnings[0], rows[i].says));
		assert_int_not_equal(inv->os.state, COVERAGE_SCRATCH);
	}
}

static void
what_has_only_a_cpe_is_there_and_covered_by_nobody(void **state)
{
	struct inventory *inv = read_text(*state,
	    "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"components\":["
	    "{\"type\":\"application\",\"name\":\"busybox\",\"version\":\"1.35.0\","
	    "\"cpe\":"
	    "\"cpe:2.3:a:busybox:busybox:1.35.0:*:*:*:*:*:*:*\"},"
	    "{\"type\":\"library\",\"name\":\"unresolved\",\"cpe\":\"cpe:2.3:a:x:y\"}]"
	    "}",
	    NULL);
	const struct component *c = component(inv, "busybox");

	assert_int_equal(inv->n, 1);
	assert_null(c->ecosystem);
	assert_string_equal(c->type, "generic");
	assert_string_equal(c->purl, "pkg:generic/busybox@1.35.0");
	assert_false(inv->partial);
}

static void
of_the_same_thing_the_entry_that_says_more_stays(void **state)
{
	struct inventory *inv = read_text(*state,
	    "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"components\":["
	    "{\"purl\":\"pkg:rpm/redhat/"
	    "xz-libs@5-1.el9?arch=x86_64&distro=rhel-9&checksum=x\"},"
	    "{\"purl\":\"pkg:rpm/redhat/xz-libs@5-1.el9?arch=x86_64&distro=rhel-9"
	    "&upstream=xz-5-1.el9.src.rpm\"},"
	    "{\"purl\":\"pkg:rpm/redhat/xz-libs@5-1.el9?arch=s390x&distro=rhel-9\"},"
	    "{\"purl\":\"pkg:npm/a@1\"},"
	    "{\"purl\":\"pkg:npm/"
	    "a@1\",\"properties\":[{\"name\":\"syft:location:0:path\","
	    "\"value\":\"/x/package.json\"}]},"
	    "{\"purl\":\"pkg:npm/"
	    "a@1\",\"properties\":[{\"name\":\"syft:location:0:path\","
	    "\"value\":\"/y/package.json\"}]}]}",
	    NULL);

	/* another architecture and another place are other things */
	assert_string_equal(told(inv, *state),
	    "a 1; a 1; xz-libs 5-1.el9 [xz-libs 5-1.el9]; xz-libs "
	    "5-1.el9 [xz 5-1.el9]");
	assert_string_equal(inv->components[2].arch, "s390x");
	assert_non_null(inv->components[0].path);
}

static void
keys_are_looked_for_in_the_outermost_object_only(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} rows[] = {
		{ "{\"a\":1,\"k\":2}", true },
		{ " \xef\xbb\xbf{\"k\":1}", false }, /* a mark stands first */
		{ "\xef\xbb\xbf \n{\"k\":1}", true },
		{ "{\"a\":{\"k\":1}}", false },
		{ "{\"a\":[{\"k\":1},{\"k\":1}],\"b\":1}", false },
		{ "{\"a\":[{\"x\":1}],\"k\":1}", true },
		{ "{\"a\":\"k\"}", false },
		{ "{\"a\":\",\\\"k\\\":\"}", false },
		{ "{\"a\":\"\\\\\",\"k\":1}", true },
		{ "{\"k", false },
		{ "{\"a\":\"\\", false },
		{ "[\"k\"]", false },
		{ "[{\"k\":1}]", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		if (head_has_key(rows[i].text, strlen(rows[i].text), "k") !=
		    rows[i].want)
			fail_msg("%s", rows[i].text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READ(systems_are_known_by_many_words),
		READ(rpms_have_epochs_sources_and_modules),
		READ(names_of_source_rpms_are_taken_from_the_right),
		READ(builds_of_others_are_not_the_distributions),
		READ(a_package_of_another_kind_of_system_is_nobodys),
		READ(red_hats_documents_name_the_release_in_versions_only),
		READ(what_a_document_leaves_open_makes_it_partial),
		READ(what_has_only_a_cpe_is_there_and_covered_by_nobody),
		READ(of_the_same_thing_the_entry_that_says_more_stays),
		READ(keys_are_looked_for_in_the_outermost_object_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
