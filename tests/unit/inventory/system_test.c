/* SPDX-License-Identifier: Apache-2.0 */
/* Which system it is, also of images older than os-release, and what it has enabled. */
#include "unit/inventory/read.h"

#include "inventory/streams.h"
#include "inventory/system.h"

#define NOW 1767600000 /* January 2026 */

static struct os
identify(struct arena *a, const struct system_texts *t)
{
	struct os os;

	system_identify(t, NOW, a, &os);
	return os;
}

static void
every_distribution_is_told_by_its_own_file(void **state)
{
	static const struct {
		enum system_file file;
		const char *text, *want;
	} rows[] = {
		{ SYSTEM_OS_RELEASE, "ID=debian\nVERSION_ID=\"12\"\n", "debian:12" },
		{ SYSTEM_USR_OS_RELEASE, "ID=\"rocky\"\nVERSION_ID=\"9.3\"\n",
		    "rocky:9" },
		{ SYSTEM_OS_RELEASE, "ID=raspbian\nVERSION_ID=11\n", "debian:11" },
		{ SYSTEM_OS_RELEASE, "ID=pop\nUBUNTU_CODENAME=jammy\n",
		    "ubuntu:22.04" },
		{ SYSTEM_OS_RELEASE, "ID=linuxmint\nUBUNTU_CODENAME=focal\n",
		    "ubuntu:20.04" },
		{ SYSTEM_OS_RELEASE, "ID=kali\nID_LIKE=debian\nVERSION_ID=2025.1\n",
		    NULL },
		{ SYSTEM_OS_RELEASE, "ID=postmarketos\nVERSION_ID=24.06\n",
		    "alpine:3.20" },
		{ SYSTEM_OS_RELEASE, "ID=alpine\nVERSION_ID=3.24.0_alpha20260101\n",
		    "alpine:edge" },
		{ SYSTEM_OS_RELEASE,
		    "ID=\"centos\"\nNAME=\"CentOS Linux\"\nVERSION_ID=7\n", "rhel:7" },
		{ SYSTEM_OS_RELEASE,
		    "ID=centos\nNAME=\"CentOS Stream\"\nVERSION_ID=9\n", NULL },
		{ SYSTEM_OS_RELEASE, "ID=ol\nVERSION_ID=8.9\n", "ol:8" },
		{ SYSTEM_OS_RELEASE, "ID=amzn\nVERSION_ID=2023\n", "amzn:2023" },
		{ SYSTEM_OS_RELEASE, "ID=amzn\nVERSION_ID=2018.03\n", "amzn:1" },
		{ SYSTEM_OS_RELEASE, "ID=fedora\nVERSION_ID=43\n", "fedora:43" },
		{ SYSTEM_OS_RELEASE, "ID=sles\nVERSION_ID=15.5\n", "sles:15.5" },
		{ SYSTEM_OS_RELEASE, "ID=sle-micro\nVERSION_ID=5.5\n", "slem:5.5" },
		{ SYSTEM_OS_RELEASE, "ID=sl-micro\nVERSION_ID=6.0\n", "slem:6.0" },
		{ SYSTEM_OS_RELEASE, "ID=opensuse-leap\nVERSION_ID=15.5\n",
		    "opensuse.leap:15.5" },
		{ SYSTEM_OS_RELEASE, "ID=opensuse\nVERSION_ID=42.3\n",
		    "opensuse.leap:42.3" },
		{ SYSTEM_OS_RELEASE, "ID=opensuse-tumbleweed\nVERSION_ID=20260101\n",
		    "opensuse.tumbleweed" },
		{ SYSTEM_OS_RELEASE, "ID=photon\nVERSION_ID=4.0\n", "photon:4.0" },
		{ SYSTEM_OS_RELEASE, "ID=mariner\nVERSION_ID=2.0\n", "mariner:2.0" },
		{ SYSTEM_OS_RELEASE, "ID=azurelinux\nVERSION_ID=3.0\n",
		    "azurelinux:3.0" },
		{ SYSTEM_OS_RELEASE, "ID=arch\nVERSION_ID=TEMPLATE_VERSION_ID\n",
		    "arch" },
		{ SYSTEM_OS_RELEASE, "ID=wolfi\nVERSION_ID=20230201\n", "wolfi" },
		{ SYSTEM_OS_RELEASE, "ID=chainguard\n", "chainguard" },
		{ SYSTEM_OS_RELEASE, "ID=minimos\n", "minimos" },
		{ SYSTEM_OS_RELEASE, "ID=echo\n", "echo" },
		{ SYSTEM_OS_RELEASE, "ID=gentoo\n", "gentoo" },
		{ SYSTEM_OS_RELEASE, "ID=bottlerocket\nVERSION_ID=1.19.2\n",
		    "bottlerocket" },
		{ SYSTEM_OS_RELEASE, "ID=openEuler\nVERSION_ID=22.03\n", NULL },
		{ SYSTEM_ALPINE_RELEASE, "3.2.3\n", "alpine:3.2" },
		{ SYSTEM_LSB_RELEASE,
		    "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=14.04\n"
		    "DISTRIB_CODENAME=trusty\nDISTRIB_DESCRIPTION=\"Ubuntu 14.04 "
		    "LTS\"\n",
		    "ubuntu:14.04" },
		{ SYSTEM_DEBIAN_VERSION, "6.0.10\n", "debian:6" },
		{ SYSTEM_DEBIAN_VERSION, "trixie/sid\n", "debian:unstable" },
		{ SYSTEM_REDHAT_RELEASE, "CentOS release 6.10 (Final)\n", "rhel:6" },
		{ SYSTEM_REDHAT_RELEASE,
		    "Red Hat Enterprise Linux Server release 7.9 (Maipo)\n", "rhel:7" },
		{ SYSTEM_REDHAT_RELEASE, "CentOS Stream release 8\n", NULL },
		{ SYSTEM_CENTOS_RELEASE, "CentOS release 5.11 (Final)\n", "rhel:5" },
		{ SYSTEM_REDHAT_RELEASE, "Rocky Linux release 8.5 (Green Obsidian)\n",
		    "rocky:8" },
		{ SYSTEM_ORACLE_RELEASE, "Oracle Linux Server release 6.10\n", "ol:6" },
		{ SYSTEM_RELEASE, "Amazon Linux AMI release 2018.03\n", "amzn:1" },
		{ SYSTEM_USR_RELEASE, "Amazon Linux release 2 (Karoo)\n", "amzn:2" },
		{ SYSTEM_RELEASE_CPE, "cpe:/o:redhat:enterprise_linux:7.9:ga:server\n",
		    "rhel:7" },
		{ SYSTEM_RELEASE_CPE, "cpe:2.3:o:amazon:amazon_linux:2\n", "amzn:2" },
		{ SYSTEM_SUSE_RELEASE,
		    "SUSE Linux Enterprise Server 12 (x86_64)\nVERSION = 12\n"
		    "PATCHLEVEL = 5\n",
		    "sles:12.5" },
		{ SYSTEM_SUSE_RELEASE, "openSUSE 42.3 (x86_64)\nVERSION = 42.3\n",
		    "opensuse.leap:42.3" },
		{ SYSTEM_ISSUE, "Debian GNU/Linux 7 \\n \\l\n", "debian:7" },
		{ SYSTEM_ISSUE, "Welcome to Alpine Linux 3.2\nKernel \\r\n",
		    "alpine:3.2" },
		{ SYSTEM_ISSUE, "\\S\nKernel \\r on an \\m 7\n", NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct system_texts t = { .has_esm = false };
		struct os os;

		t.text[rows[i].file] = rows[i].text;
		os = identify(*state, &t);
		if (!str_eq(os.ecosystem, rows[i].want))
			fail_msg("row %zu: wanted %s, got %s", i,
			    str_or_empty(rows[i].want), str_or_empty(os.ecosystem));
		if (os.ecosystem == NULL && os.state == COVERAGE_COMPLETE)
			fail_msg("row %zu: clean without a system", i);
	}
}

static void
the_better_witness_is_heard_first(void **state)
{
	struct system_texts t = { .has_esm = false };

	/* Oracle's images carry Red Hat's file too, and Ubuntu's Debian's */
	t.text[SYSTEM_ORACLE_RELEASE] = "Oracle Linux Server release 6.10\n";
	t.text[SYSTEM_REDHAT_RELEASE] =
	    "Red Hat Enterprise Linux Server release 6.10 (Santiago)\n";
	assert_string_equal(identify(*state, &t).ecosystem, "ol:6");
	t.text[SYSTEM_LSB_RELEASE] = "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=14.04\n";
	t.text[SYSTEM_DEBIAN_VERSION] = "jessie/sid\n";
	assert_string_equal(identify(*state, &t).ecosystem, "ubuntu:14.04");
	t.text[SYSTEM_OS_RELEASE] = "ID=alpine\nVERSION_ID=3.20.1\n";
	assert_string_equal(identify(*state, &t).ecosystem, "alpine:3.20");
	/* an os-release that says nothing is none */
	t.text[SYSTEM_OS_RELEASE] = "# empty\n";
	assert_string_equal(identify(*state, &t).ecosystem, "ubuntu:14.04");
}

static void
nothing_that_tells_is_unidentified(void **state)
{
	const struct system_texts t = { .has_esm = false };

	assert_int_equal(identify(*state, &t).state, COVERAGE_UNIDENTIFIED);
}

static void
with_ubuntu_pro_a_release_lives_longer(void **state)
{
	struct system_texts t = { .has_esm = false };

	t.text[SYSTEM_OS_RELEASE] = "ID=ubuntu\nVERSION_ID=\"18.04\"\n";
	assert_int_equal(identify(*state, &t).state, COVERAGE_END_OF_LIFE);
	t.has_esm = true;
	assert_int_equal(identify(*state, &t).state, COVERAGE_COMPLETE);
}

static void
an_image_of_busybox_alone_is_one_component(void **state)
{
	static const char program[] = "\177ELF...BusyBox v1.36.1 (2024-01-01)\0...";
	struct inventory inv = { .reader = "busybox" };
	struct err e = ERR_INIT;

	assert_true(system_is_busybox(program, sizeof(program), *state, &inv, &e));
	assert_int_equal(inv.n, 1);
	assert_string_equal(inv.components[0].version, "1.36.1");
	assert_int_equal(inv.os.state, COVERAGE_UNSUPPORTED);
	assert_false(system_is_busybox("BusyBox v", 9, *state, &inv, &e));
	assert_false(system_is_busybox("BusyBox", 7, *state, &inv, &e));
	assert_false(system_is_busybox("BusyBox vX", 10, *state, &inv, &e));
}

/* ---- streams ---- */

static const char *
streams(struct arena *a, const char *path, const char *text, const char *ecosystem,
    const char *version)
{
	const struct os os = { .ecosystem = ecosystem, .version = version };
	struct streams s = { 0 };

	assert_true(streams_wants(path));
	streams_read(&s, path, text, strlen(text), a);
	return streams_of(&s, &os, a);
}

#define PRO  "var/lib/ubuntu-advantage/status.json"
#define SETS "root/buildinfo/content_manifests/ubi9-container-9.2-1.json"

static void
services_of_ubuntu_pro_are_streams_if_they_are_enabled(void **state)
{
	static const char status[] =
	    "{\"attached\":true,\"services\":[{\"name\":\"esm-infra\",\"status\":"
	    "\"enabled\"},{\"name\":\"esm-apps\",\"status\":\"disabled\"},{\"name\":"
	    "\"realtime-kernel\",\"status\":\"enabled\"},{\"name\":7},{}]}";
	struct streams s = { 0 };

	assert_string_equal(streams(*state, PRO, status, "ubuntu:22.04", "22.04"),
	    "esm-infra,realtime");
	assert_string_equal(streams(*state, PRO, status, "debian:12", "12"), "");
	assert_string_equal(
	    streams(*state, PRO, "{\"services\":", "ubuntu:22.04", NULL), "");
	assert_false(streams_has_esm(&s));
	streams_read(&s, PRO, status, strlen(status), *state);
	assert_true(streams_has_esm(&s));
}

static void
content_sets_of_red_hat_name_the_minor_they_stay_at(void **state)
{
	static const struct {
		const char *set, *version, *want;
	} rows[] = {
		{ "rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2", "9.3", "eus:9.2" },
		{ "rhel-8-for-x86_64-appstream-eus-rpms", "8.6", "eus:8.6" },
		{ "rhel-8-for-x86_64-appstream-e4s-rpms", "8.6", "e4s:8.6" },
		{ "rhel-8-for-x86_64-baseos-aus-rpms", "8.4", "aus:8.4" },
		{ "rhel-8-for-x86_64-baseos-tus-rpms", "8.4", "tus:8.4" },
		{ "rhel-7-server-els-rpms", "7.9", "els:7" },
		{ "rhel-9-for-x86_64-baseos-rpms", "9.3", "" },
		{ "rhel-9-for-x86_64-baseos-eus-rpms", NULL, "" },
		{ "eus", "9.3", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(streams(*state, SETS,
					arena_printf(*state,
					    "{\"content_sets\":[\"%s\",\"x\",7],\"from_"
					    "dnf_hint\":true}",
					    rows[i].set),
					"rhel:9", rows[i].version),
		    rows[i].want);
}

static void
repositories_beside_amazons_core_are_streams(void **state)
{
	static const char sets[] =
	    "{\"content_sets\":[\"amzn2extra-docker\",\"amzn2-core\","
	    "\"kernel-livepatch\"]}";

	assert_string_equal(streams(*state, SETS, sets, "amzn:2", "2"),
	    "extras:docker,extras:kernel-livepatch");
}

static void
lists_of_streams_are_joined_in_order_without_repeats(void **state)
{
	assert_string_equal(streams_join("b,a", "c,a", *state), "a,b,c");
	assert_string_equal(streams_join(NULL, "", *state), "");
	assert_string_equal(streams_join(",,x", NULL, *state), "x");
}

static void
other_files_say_nothing_of_streams(void **state)
{
	(void)state;
	assert_false(streams_wants("usr/share/buildinfo/deep/er/x.json"));
	assert_false(streams_wants("usr/share/buildinfo/x.txt"));
	assert_false(streams_wants("root/buildinfo/Dockerfile-ubi9-9.2-1"));
	assert_true(streams_wants("usr/share/buildinfo/content-sets.json"));
	assert_true(streams_wants("var/lib/dnf/history.sqlite"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READ(every_distribution_is_told_by_its_own_file),
		READ(the_better_witness_is_heard_first),
		READ(nothing_that_tells_is_unidentified),
		READ(with_ubuntu_pro_a_release_lives_longer),
		READ(an_image_of_busybox_alone_is_one_component),
		READ(services_of_ubuntu_pro_are_streams_if_they_are_enabled),
		READ(content_sets_of_red_hat_name_the_minor_they_stay_at),
		READ(repositories_beside_amazons_core_are_streams),
		READ(lists_of_streams_are_joined_in_order_without_repeats),
		READ(other_files_say_nothing_of_streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
