/* SPDX-License-Identifier: Apache-2.0 */
/* The smaller databases and lists, and every row of the table of databases. */
#include "unit/inventory/read.h"

#include "core/verdict.h"
#include "inventory/databases.h"
#include "unit/inventory/rpm_make.h"

/* ---- Azure Linux's manifest ---- */

#define LINE(name, version, vendor, epoch, source)                                     \
	name "\t" version "\t1653816591\t1653753130\t" vendor "\t" epoch               \
	     "\t1000\tx86_64\t0\t" source "\n"

static void
a_manifest_has_a_package_a_line(void **state)
{
	struct inventory *inv = read_text(*state,
	    LINE("filesystem", "1.1-9.cm2", "Microsoft Corporation", "(none)",
		"filesystem-1.1-9.cm2.src.rpm") LINE("dbus-libs", "1.13-6.cm2",
		"Microsoft Corporation", "1", "dbus-1.13-6.cm2.src.rpm")
		LINE("tool", "1-1", "Somebody", "(none)", "tool-1-1.src.rpm"),
	    "mariner:2.0");

	assert_string_equal(inv->reader, "rpm-manifest");
	assert_string_equal(told(inv, *state),
	    "dbus-libs 1:1.13-6.cm2 [dbus 1:1.13-6.cm2]; "
	    "filesystem 1.1-9.cm2 [filesystem 1.1-9.cm2]; tool 1-1 [tool 1-1]");
	assert_string_equal(component(inv, "tool")->arch, "x86_64");
	assert_int_equal(component(inv, "tool")->vendor, VENDOR_THIRD_PARTY);
	assert_int_equal(component(inv, "filesystem")->vendor, VENDOR_OWN);
}

static void
a_line_of_other_columns_costs_itself_alone(void **state)
{
	struct inventory *inv = read_text(*state,
	    LINE("a", "1-1", "v", "(none)", "a-1-1.src.rpm") "b\t1-1\n" LINE(
		"c", "11", "v", "(none)", "c-1-1.src.rpm") LINE("d", "1-1", "v", "x",
		"d-1-1.src.rpm") LINE("e", "1-1", "v", "(none)", "e-1-1.src.rpm\tmore"),
	    "mariner:2.0");

	assert_int_equal(inv->n, 1);
	assert_int_equal(inv->n_warnings, 4);
	assert_true(inv->partial);
}

/* ---- Bottlerocket ---- */

static void
an_inventory_of_bottlerocket_names_its_packages(void **state)
{
	struct inventory *inv = read_text(*state,
	    "{\"Content\":[{\"Name\":\"bash\",\"Publisher\":\"Bottlerocket\","
	    "\"Version\":\"5.1\",\"Release\":\"1.br1\",\"Epoch\":\"0\","
	    "\"ApplicationType\":\"Unspecified\",\"Architecture\":\"x86_64\",\"More\":["
	    "]},"
	    "{\"Name\":\"zlib\",\"Version\":\"1.3\",\"Release\":\"2\",\"Epoch\":\"1\"},"
	    "7,{\"Name\":\"a\",\"Version\":\"1\"},"
	    "{\"Name\":\"b\",\"Version\":\"1\",\"Release\":\"1\",\"Epoch\":\"x\"}]}",
	    "bottlerocket");

	assert_string_equal(inv->reader, "bottlerocket");
	assert_string_equal(told(inv, *state), "bash 5.1-1.br1; zlib 1:1.3-2");
	assert_int_equal(inv->n_warnings, 3);
	assert_int_equal(inv->os.state, COVERAGE_UNSUPPORTED);
}

static void
an_inventory_of_bottlerocket_without_content_is_refused(void **state)
{
	(void)refused(
	    *state, "{\"x\":{\"Content\":1,\"ApplicationType\":2}}", NULL, ERR_INPUT);
	(void)refused(*state, "{\"Content\":[{\"ApplicationType\":2}", NULL, ERR_INPUT);
}

/* ---- pacman ---- */

static void
a_desc_is_a_package(void **state)
{
	struct inventory *inv = read_text(*state,
	    "%NAME%\nlibarchive\n\n%VERSION%\n1:3.7-1\n\n%BASE%\narchive\n\n%ARCH%\n"
	    "x86_64\n\n%LICENSE%\nBSD\nMIT\n\n%PACKAGER%\nSomebody "
	    "<somebody@archlinux.org>\n\n%NAME%\nfoo\n\n%VERSION%\n2-1\n\n%ARCH%"
	    "\nany\n\n"
	    "%PACKAGER%\nUnknown Packager\n",
	    "arch");

	assert_string_equal(inv->reader, "pacman");
	assert_string_equal(told(inv, *state),
	    "foo 2-1 [foo 2-1]; libarchive 1:3.7-1 [archive 1:3.7-1]");
	assert_string_equal(component(inv, "libarchive")->purl,
	    "pkg:alpm/arch/libarchive@1:3.7-1?arch=x86_64&distro=arch");
	assert_string_equal(component(inv, "foo")->arch, "noarch");
	assert_int_equal(component(inv, "foo")->vendor, VENDOR_THIRD_PARTY);
	assert_int_equal(component(inv, "libarchive")->vendor, VENDOR_OWN);
}

static void
a_desc_without_a_version_is_said(void **state)
{
	struct inventory *inv =
	    read_text(*state, "%NAME%\na\n\n%NAME%\nb\n\n%VERSION%\n1-1\n", "arch");

	assert_string_equal(told(inv, *state), "b 1-1 [b 1-1]");
	assert_true(inv->partial);
}

/* ---- dpkg ---- */

static void
versions_out_of_ubuntu_pro_name_their_stream(void **state)
{
	static const struct {
		const char *os, *fields, *want;
	} rows[] = {
		{ "ubuntu:16.04", "Version: 1.2-3ubuntu1+esm2\nSection: libs",
		    "esm-infra" },
		{ "ubuntu:20.04", "Version: 1.2~esm1\nSection: universe/net",
		    "esm-apps" },
		{ "ubuntu:20.04", "Version: 1.2+esm1", "esm-apps,esm-infra" },
		{ "ubuntu:20.04", "Version: 1.1.1f-1ubuntu2.fips.13\nSection: libs",
		    "fips,fips-updates" },
		{ "ubuntu:20.04", "Version: 1.2-3ubuntu1\nSection: libs", "" },
		{ "debian:12", "Version: 1.2+esm1\nSection: libs", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *text =
		    arena_printf(*state, "Package: p\n%s\n", rows[i].fields);

		assert_string_equal(
		    read_text(*state, text, rows[i].os)->components[0].streams,
		    rows[i].want);
	}
}

/* ---- lists ---- */

static void
a_line_of_a_list_names_an_rpm_in_many_ways(void **state)
{
	static const struct {
		const char *line, *want;
	} rows[] = {
		{ "bash-5.1.8-6.el9.x86_64", "bash 5.1.8-6.el9" },
		{ "bind-libs-32:9.16.23-1.el9.x86_64", "bind-libs 32:9.16.23-1.el9" },
		{ "32:bind-libs-9.16.23-1.el9.x86_64", "bind-libs 32:9.16.23-1.el9" },
		{ "a-0:1-2.noarch", "a 1-2" },
		{ "java-1.8.0-openjdk-1.8.0.275-1.el7.x86_64",
		    "java-1.8.0-openjdk 1.8.0.275-1.el7" },
		{ "bash-3.2-33.el5", "bash 3.2-33.el5" },
		{ "bash-5.1.8-6.el9.x86_64 bash-5.1.8-6.el9.src.rpm",
		    "bash 5.1.8-6.el9 [bash 5.1.8-6.el9]" },
		{ "acl-2.3-1.x86_64 acl-0:2.3-1.src.rpm (none) Red Hat, Inc.",
		    "acl 2.3-1 [acl 2.3-1]" },
		{ "bash.x86_64   5.1.8-6.el9   @anaconda", "bash 5.1.8-6.el9" },
		{ "bash 5.1.8-6.el9", "bash 5.1.8-6.el9" },
		{ "bash 5.1.8-6.el9 bash 5.1.8-6.el9",
		    "bash 5.1.8-6.el9 [bash 5.1.8-6.el9]" },
		{ "bash=5.1.8-6.el9", "bash 5.1.8-6.el9" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(
		    told(read_text(*state, rows[i].line, "rhel:9"), *state),
		    rows[i].want);
}

static void
a_list_of_rpms_may_tell_module_and_vendor(void **state)
{
	struct inventory *inv = read_text(*state,
	    "nodejs-1:18.1-2.x86_64\tnodejs-18.1-2.src.rpm\tnodejs:18:90:rhel9\tRed "
	    "Hat, "
	    "Inc.\nhtop-3.2-1.el9.x86_64 htop-3.2-1.el9.src.rpm (none) Fedora Project\n"
	    "docker-ce-3:24-1.el9.x86_64 docker-ce-24-1.el9.src.rpm (none) Docker\n"
	    "gpg-pubkey-fd431d51-4ae0493b\nbash-5-1.x86_64\n",
	    "rhel:9");

	assert_int_equal(inv->n, 4);
	assert_false(inv->partial);
	assert_string_equal(component(inv, "nodejs")->module, "nodejs:18");
	assert_string_equal(component(inv, "nodejs")->source_version, "1:18.1-2");
	assert_string_equal(component(inv, "htop")->ecosystem, "epel:9");
	assert_int_equal(component(inv, "docker-ce")->vendor, VENDOR_THIRD_PARTY);
	/* a list that does not tell is believed to be the system's own */
	assert_int_equal(component(inv, "bash")->vendor, VENDOR_OWN);
}

static void
what_dpkg_l_prints_is_a_list(void **state)
{
	struct inventory *inv = read_text(*state,
	    "Desired=Unknown/Install/Remove/Purge/Hold\n"
	    "| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst\n"
	    "|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)\n"
	    "||/ Name     Version      Architecture Description\n"
	    "+++-========-============-============-===========\n"
	    "ii  adduser        3.116  all    add and remove users and groups\n"
	    "hi  libc6:amd64    2.27-3 amd64  GNU C Library: Shared libraries\n"
	    "rc  gone           1-1    amd64  was there\n",
	    "ubuntu:18.04");

	assert_false(inv->partial);
	assert_string_equal(told(inv, *state),
	    "adduser 3.116 [adduser 3.116]; libc6 2.27-3 [libc6 2.27-3]");
	assert_string_equal(component(inv, "libc6")->arch, "amd64");
	/* and there is a package of that name */
	assert_string_equal(
	    told(read_text(*state, "ii 1.8-1 ii 1.8-1", "debian:12"), *state),
	    "ii 1.8-1 [ii 1.8-1]");
}

/* ---- kernels ---- */

/* Any scheme: the bytes of the version, longer is newer where they agree. */
static void
key_of_bytes(
    const char *scheme, const char *version, struct arena *a, struct version_key *ret)
{
	(void)scheme, (void)a;
	*ret = (struct version_key){
		.key = { (const unsigned char *)version, strlen(version) },
		.exact = true,
		.parsable = true,
	};
}

static const struct keyer bytes_keyer = { .version = key_of_bytes };

static void
of_several_kernels_only_the_newest_counts(void **state)
{
	static const struct {
		const char *os, *list, *want;
	} rows[] = {
		{ "rhel:9",
		    "kernel-core-5.14.0-1.el9.x86_64\nkernel-core-5.14.0-3.el9.x86_64\n"
		    "kernel-core-5.14.0-2.el9.x86_64\nkernel-tools-5.14.0-1.el9.x86_"
		    "64\n"
		    "bash-1-1.x86_64\nbash-1-2.x86_64\n",
		    "5.14.0-1.el9 5.14.0-2.el9 " },
		{ "rhel:9",
		    "kernel-core-5.14.0-1.el9.x86_64\nkernel-core-5.14.0-1.el9."
		    "aarch64\n",
		    "" },
		{ "debian:12",
		    "linux-image-6.1.0-18-amd64 6.1.76-1 linux-signed-amd64 6.1.76+1\n"
		    "linux-image-6.1.0-21-amd64 6.1.90-1 linux-signed-amd64 6.1.90+1\n"
		    "linux-image-amd64 6.1.90-1 linux-signed-amd64 6.1.90+1\n"
		    "linux-image-6.1.0-18-cloud-amd64 6.1.76-1 linux-signed-amd64 "
		    "6.1.76+1\n",
		    "6.1.76-1 " },
		{ "ubuntu:22.04",
		    "linux-image-5.15.0-91-generic 5.15.0-91.1 linux-signed "
		    "5.15.0-91.1\n"
		    "linux-image-6.5.0-14-generic 6.5.0-14.1 linux-signed-hwe-6.5 "
		    "6.5.0\n",
		    "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct inventory_hints hints = { .os = rows[i].os,
			.keyer = &bytes_keyer };
		struct inventory *inv = NULL;
		struct err e = ERR_INIT;
		const char *got = "";

		if (inventory_read_memory(rows[i].list, strlen(rows[i].list), &hints,
			*state, &inv, &e) != ERR_OK)
			fail_msg("%s", e.text);
		for (size_t k = 0; k < inv->n; k++)
			if ((inv->components[k].flags & COMPONENT_SUPERSEDED) != 0)
				got = arena_printf(
				    *state, "%s%s ", got, inv->components[k].version);
		assert_string_equal(got, rows[i].want);
	}
}

static void
without_an_order_no_kernel_is_superseded(void **state)
{
	struct inventory *inv = read_text(*state,
	    "kernel-core-5.14.0-1.el9.x86_64\nkernel-core-5.14.0-3.el9.x86_64\n",
	    "rhel:9");

	assert_int_equal(inv->components[0].flags | inv->components[1].flags, 0);
}

/* ---- the table ---- */

static const struct database *
database_of(const char *path)
{
	const struct image_file f = { .path = path };
	const struct database *found = NULL;

	for (size_t i = 0; inventory_databases[i] != NULL; i++)
		if (inventory_databases[i]->wants(&f)) {
			if (found != NULL)
				fail_msg("%s is wanted by two rows", path);
			found = inventory_databases[i];
		}
	return found;
}

static void
a_file_is_wanted_by_the_row_it_is_for(void **state)
{
	static const struct {
		const char *path, *row;
	} rows[] = {
		{ "var/lib/dpkg/status", "dpkg" },
		{ "var/lib/dpkg/status.d/tzdata", "dpkg" },
		{ "var/lib/dpkg/status.d/tzdata.md5sums", NULL },
		{ "var/lib/dpkg/status-old", NULL },
		{ "lib/apk/db/installed", "apk" },
		{ "usr/lib/apk/db/installed", "apk" },
		{ "home/x/lib/apk/db/installed", NULL },
		{ "var/lib/rpm/rpmdb.sqlite", "rpm" },
		{ "var/lib/rpm/Packages", "rpm" },
		{ "usr/lib/sysimage/rpm/Packages.db", "rpm" },
		{ "usr/share/rpm/rpmdb.sqlite", "rpm" },
		{ "var/lib/rpm/Name", NULL },
		{ "var/lib/rpm/sub/Packages", NULL },
		{ "var/lib/rpmmanifest/container-manifest-2", "rpm-manifest" },
		{ "usr/share/bottlerocket/application-inventory.json", "bottlerocket" },
		{ "var/lib/pacman/local/bash-5.2-1/desc", "pacman" },
		{ "var/lib/pacman/local/ALPM_DB_VERSION", NULL },
		{ "etc/passwd", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct database *d = database_of(rows[i].path);

		if (!str_eq(d != NULL ? d->name : NULL, rows[i].row))
			fail_msg("%s: %s", rows[i].path, d != NULL ? d->name : "none");
	}
}

static struct image_file
file_of(const char *path, const void *bytes, size_t n)
{
	return (struct image_file){
		.path = path, .bytes = bytes, .len = n, .size = n, .mode = 0644
	};
}

static void
read_file_into(struct inventory *inv, struct arena *a, const struct image_file *f)
{
	struct err e = ERR_INIT;

	if (inventory_database_read(database_of(f->path), f, a, inv, &e) != ERR_OK)
		fail_msg("%s", e.text);
}

static void
a_broken_database_is_a_warning_and_the_others_are_read(void **state)
{
	struct made rpm = make_ndb(*state, made_packages, 2);
	struct inventory inv = { .os = { .ecosystem = "rhel:9" } };
	struct image_file f;

	f = file_of("usr/lib/sysimage/rpm/Packages.db", rpm.p, 200);
	read_file_into(&inv, *state, &f);
	assert_true(inv.partial);
	assert_non_null(strstr(inv.warnings[0], "usr/lib/sysimage/rpm/Packages.db"));
	f = file_of("var/lib/rpm/Packages", "nothing", 7);
	read_file_into(&inv, *state, &f);
	assert_int_equal(inv.n_warnings, 2);
	f = file_of("var/lib/rpm/rpmdb.sqlite", rpm.p, rpm.n);
	read_file_into(&inv, *state, &f);
	assert_int_equal(inv.n, 2);
	assert_string_equal(inv.components[0].ecosystem, "rhel:9");
}

static void
a_database_of_another_kind_is_not_the_systems(void **state)
{
	static const char status[] = "Package: bash\nVersion: 5.2-1\n";
	struct made rpm = make_ndb(*state, made_packages, 1);
	struct inventory inv = { .os = { .ecosystem = "debian:12" },
		.streams = "esm-infra" };
	struct image_file f = file_of("var/lib/rpm/Packages.db", rpm.p, rpm.n);

	read_file_into(&inv, *state, &f);
	assert_null(inv.components[0].ecosystem);
	assert_string_equal(inv.components[0].streams, "");
	f = file_of("var/lib/dpkg/status", status, strlen(status));
	read_file_into(&inv, *state, &f);
	assert_string_equal(inv.components[1].ecosystem, "debian:12");
	assert_string_equal(inv.components[1].streams, "esm-infra");
	assert_string_equal(inv.os.ecosystem, "debian:12");
}

static void
a_system_that_is_known_is_never_taken_back(void **state)
{
	static const char desc[] = "%NAME%\na\n\n%VERSION%\n1-1\n";
	struct inventory inv = { .os = { .ecosystem = "arch" } };
	struct image_file f =
	    file_of("var/lib/pacman/local/a-1-1/desc", desc, strlen(desc));

	read_file_into(&inv, *state, &f);
	f = file_of("var/lib/pacman/local/b-1-1/desc", "nonsense", 8);
	read_file_into(&inv, *state, &f);
	assert_int_equal(inv.n, 1);
	assert_true(inv.partial);
	assert_string_equal(inv.components[0].ecosystem, "arch");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READ(a_manifest_has_a_package_a_line),
		READ(a_line_of_other_columns_costs_itself_alone),
		READ(an_inventory_of_bottlerocket_names_its_packages),
		READ(an_inventory_of_bottlerocket_without_content_is_refused),
		READ(a_desc_is_a_package),
		READ(a_desc_without_a_version_is_said),
		READ(versions_out_of_ubuntu_pro_name_their_stream),
		READ(a_line_of_a_list_names_an_rpm_in_many_ways),
		READ(a_list_of_rpms_may_tell_module_and_vendor),
		READ(what_dpkg_l_prints_is_a_list),
		READ(of_several_kernels_only_the_newest_counts),
		READ(without_an_order_no_kernel_is_superseded),
		READ(a_file_is_wanted_by_the_row_it_is_for),
		READ(a_broken_database_is_a_warning_and_the_others_are_read),
		READ(a_database_of_another_kind_is_not_the_systems),
		READ(a_system_that_is_known_is_never_taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
