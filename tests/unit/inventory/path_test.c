/* SPDX-License-Identifier: Apache-2.0 */
/* Files and directories: root file systems, status.d, links that point outside. */
#include "unit/inventory/read.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/inventory/rpm_make.h"

struct tree {
	struct arena *a;
	char root[64];
};

static int
tree_setup(void **state)
{
	struct tree *t = calloc(1, sizeof(*t));

	t->a = arena_new();
	(void)snprintf(t->root, sizeof(t->root), "/tmp/tocsin-inventory-XXXXXX");
	if (mkdtemp(t->root) == NULL)
		return -1;
	*state = t;
	return 0;
}

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static int
tree_teardown(void **state)
{
	struct tree *t = *state;

	(void)nftw(t->root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	arena_free(t->a);
	free(t);
	return 0;
}

static const char *
path_of(struct tree *t, const char *path)
{
	char *full = arena_strdup(t->a, arena_printf(t->a, "%s/%s", t->root, path));

	for (char *p = full + strlen(t->root) + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		(void)mkdir(full, 0700);
		*p = '/';
	}
	return full;
}

static void
put(struct tree *t, const char *path, const char *text)
{
	FILE *f = fopen(path_of(t, path), "w");

	assert_non_null(f);
	(void)fputs(text, f);
	(void)fclose(f);
}

static enum err_code
read_tree(struct tree *t, const char *path, struct inventory **ret, struct err *e)
{
	const struct inventory_hints hints = { .now_at = 1767600000 };

	return inventory_read_path(path, &hints, t->a, ret, e);
}

static struct inventory *
must_read(struct tree *t)
{
	struct inventory *inv = NULL;
	struct err e = ERR_INIT;

	if (read_tree(t, t->root, &inv, &e) != ERR_OK)
		fail_msg("%s", e.text);
	return inv;
}

static void
a_root_file_system_names_its_own_system(void **state)
{
	struct tree *t = *state;
	struct inventory *inv;

	put(t, "etc/os-release", "ID=alpine\nVERSION_ID=3.20.1\n");
	put(t, "lib/apk/db/installed", "P:zlib\nV:1.3.1-r1\n");
	inv = must_read(t);
	assert_string_equal(inv->os.ecosystem, "alpine:3.20");
	assert_string_equal(component(inv, "zlib")->ecosystem, "alpine:3.20");
	assert_non_null(strstr(component(inv, "zlib")->purl, "distro=alpine-3.20"));
}

static void
distroless_keeps_one_file_a_package(void **state)
{
	struct tree *t = *state;
	struct inventory *inv;

	put(t, "usr/lib/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
	put(t, "var/lib/dpkg/status.d/base-files",
	    "Package: base-files\nVersion: 12.4\n");
	put(t, "var/lib/dpkg/status.d/base", "Package: tzdata\nVersion: 2024a");
	put(t, "var/lib/dpkg/status.d/base.md5sums", "00 usr/x\n");
	inv = must_read(t);
	assert_int_equal(inv->n, 2);
	assert_string_equal(inv->os.ecosystem, "debian:12");
}

static void
links_do_not_lead_outside(void **state)
{
	struct tree *t = *state;
	struct inventory *inv = NULL;
	struct err e = ERR_INIT;

	put(t, "etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
	(void)path_of(t, "var/lib/dpkg/status");
	if (symlink("../../../../../../../../../../var/lib/dpkg/status",
		path_of(t, "var/lib/dpkg/status")) != 0)
		fail_msg("no link");
	/* the database is there and leads to nothing: nothing was read, and that is said */
	assert_int_equal(read_tree(t, t->root, &inv, &e), ERR_OK);
	assert_int_equal(inv->n, 0);
	assert_true(inv->partial);
	(void)unlink(path_of(t, "etc/os-release"));
	put(t, "usr/lib/real", "ID=debian\nVERSION_ID=\"11\"\n");
	(void)unlink(path_of(t, "var/lib/dpkg/status"));
	put(t, "var/lib/dpkg/status", "Package: a\nVersion: 1\n");
	if (symlink("/usr/lib/real", path_of(t, "etc/os-release")) != 0)
		fail_msg("no link");
	inv = must_read(t); /* an absolute link means the image's own root */
	assert_string_equal(inv->os.ecosystem, "debian:11");
}

static void
what_is_not_there_or_holds_nothing_is_said(void **state)
{
	struct tree *t = *state;
	struct inventory *inv = NULL;
	struct err e = ERR_INIT;

	assert_int_equal(read_tree(t, t->root, &inv, &e), ERR_UNSUPPORTED);
	assert_non_null(strstr(e.text, "no package database"));
	assert_int_equal(read_tree(t, path_of(t, "nothing"), &inv, &e), ERR_NOTFOUND);
	put(t, "broken", "Package: a\nhello\n");
	assert_int_equal(read_tree(t, path_of(t, "broken"), &inv, &e), ERR_INPUT);
	assert_non_null(strstr(e.text, "broken"));
}

static void
put_made(struct tree *t, const char *path, struct made m)
{
	FILE *f = fopen(path_of(t, path), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(m.p, 1, m.n, f), m.n);
	(void)fclose(f);
}

static void
rpm_keeps_its_database_in_several_places_and_forms(void **state)
{
	static const char *const paths[] = { "var/lib/rpm/rpmdb.sqlite",
		"usr/lib/sysimage/rpm/Packages.db", "usr/share/rpm/Packages" };
	struct tree *t = *state;

	put(t, "etc/os-release", "ID=rocky\nVERSION_ID=9.3\n");
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct inventory *inv;

		put_made(t, paths[i],
		    i == 0   ? make_sqlite(t->a, made_packages, n_made_packages)
		    : i == 1 ? make_ndb(t->a, made_packages, n_made_packages)
			     : make_bdb(t->a, made_packages, n_made_packages, false));
		inv = must_read(t);
		assert_int_equal(inv->n, 4);
		assert_string_equal(inv->reader, "rootfs");
		assert_string_equal(component(inv, "bash")->ecosystem, "rocky:9");
		assert_string_equal(component(inv, "htop")->ecosystem, "epel:9");
		assert_false(inv->partial);
		(void)unlink(path_of(t, paths[i]));
	}
}

static void
of_two_rpm_databases_the_one_that_holds_packages_is_read(void **state)
{
	struct tree *t = *state;
	struct inventory *inv;

	put(t, "etc/os-release", "ID=sles\nVERSION_ID=15.5\n");
	/* what a program that knows no ndb leaves behind */
	put_made(t, "var/lib/rpm/rpmdb.sqlite", make_sqlite(t->a, NULL, 0));
	put_made(t, "var/lib/rpm/Packages.db", make_ndb(t->a, made_packages, 2));
	put_made(t, "usr/lib/sysimage/rpm/Packages",
	    make_bdb(t->a, made_packages, 1, false));
	inv = must_read(t);
	assert_int_equal(inv->n, 2);
}

static void
a_write_ahead_log_beside_the_database_makes_it_partial(void **state)
{
	struct tree *t = *state;

	put(t, "etc/os-release", "ID=rocky\nVERSION_ID=9.3\n");
	put_made(t, "var/lib/rpm/rpmdb.sqlite", make_sqlite(t->a, made_packages, 1));
	put(t, "var/lib/rpm/rpmdb.sqlite-wal", "");
	assert_false(must_read(t)->partial);
	put(t, "var/lib/rpm/rpmdb.sqlite-wal", "something");
	assert_true(must_read(t)->partial);
}

static void
the_directory_of_a_database_alone_is_read(void **state)
{
	static const char desc[] = "%NAME%\na\n\n%VERSION%\n1-1\n";
	struct tree *t = *state;
	struct inventory *inv;

	put_made(t, "Packages", make_bdb(t->a, made_packages, 1, true));
	inv = must_read(t);
	assert_string_equal(inv->reader, "rpm");
	assert_int_equal(inv->os.state, COVERAGE_UNIDENTIFIED);
	(void)unlink(path_of(t, "Packages"));
	put(t, "local/a-1-1/desc", desc);
	inv = must_read(t);
	assert_string_equal(inv->reader, "pacman");
	assert_int_equal(inv->n, 1);
}

static void
pacman_keeps_a_folder_a_package(void **state)
{
	struct tree *t = *state;
	struct inventory *inv;

	put(t, "etc/os-release", "ID=arch\n");
	put(t, "var/lib/pacman/local/ALPM_DB_VERSION", "9\n");
	put(t, "var/lib/pacman/local/a-1-1/desc", "%NAME%\na\n\n%VERSION%\n1-1\n");
	put(t, "var/lib/pacman/local/b-2-1/desc", "%NAME%\nb\n\n%VERSION%\n2-1\n");
	put(t, "var/lib/pacman/local/b-2-1/files", "%FILES%\nusr/\n");
	inv = must_read(t);
	assert_string_equal(told(inv, t->a), "a 1-1 [a 1-1]; b 2-1 [b 2-1]");
	assert_string_equal(component(inv, "a")->ecosystem, "arch");
}

static void
streams_that_the_system_has_enabled_are_its_packages(void **state)
{
	struct tree *t = *state;
	struct inventory *inv;

	put(t, "etc/os-release", "ID=ubuntu\nVERSION_ID=\"16.04\"\n");
	put(t, "var/lib/dpkg/status",
	    "Package: a\nVersion: 1\n\nPackage: b\nVersion: 1+esm1\nSection: "
	    "universe/x\n");
	put(t, "var/lib/ubuntu-advantage/status.json",
	    "{\"services\":[{\"name\":\"esm-infra\",\"status\":\"enabled\"}]}");
	inv = must_read(t);
	assert_int_equal(inv->os.state, COVERAGE_COMPLETE);
	assert_string_equal(component(inv, "a")->streams, "esm-infra");
	assert_string_equal(component(inv, "b")->streams, "esm-apps,esm-infra");
}

static void
content_sets_in_an_image_of_red_hat_are_found(void **state)
{
	struct tree *t = *state;

	put(t, "etc/os-release", "ID=rhel\nVERSION_ID=8.6\n");
	put_made(t, "var/lib/rpm/Packages",
	    make_bdb(t->a, made_packages, n_made_packages, false));
	put(t, "root/buildinfo/content_manifests/x-8.6-1.json",
	    "{\"content_sets\":[\"rhel-8-for-x86_64-baseos-eus-rpms\"]}");
	assert_string_equal(component(must_read(t), "bash")->streams, "eus:8.6");
	/* not Fedora's packages for it */
	assert_string_equal(component(must_read(t), "htop")->streams, "");
}

static void
a_database_that_is_broken_is_partial_and_never_clean(void **state)
{
	struct tree *t = *state;
	struct inventory *inv;

	put(t, "etc/os-release", "ID=debian\nVERSION_ID=12\n");
	put(t, "var/lib/dpkg/status", "Package: a\nhello\n");
	inv = must_read(t);
	assert_int_equal(inv->n, 0);
	assert_true(inv->partial);
	assert_non_null(strstr(inv->warnings[0], "var/lib/dpkg/status"));
}

static void
busybox_alone_is_a_system_of_one_component(void **state)
{
	struct tree *t = *state;
	struct inventory *inv;

	put(t, "bin/busybox", "ELF BusyBox v1.36.1 (2024)");
	inv = must_read(t);
	assert_string_equal(inv->os.id, "busybox");
	assert_string_equal(told(inv, t->a), "busybox 1.36.1");
	assert_int_equal(inv->os.state, COVERAGE_UNSUPPORTED);
}

#define TREE(t) cmocka_unit_test_setup_teardown(t, tree_setup, tree_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TREE(a_root_file_system_names_its_own_system),
		TREE(distroless_keeps_one_file_a_package),
		TREE(links_do_not_lead_outside),
		TREE(what_is_not_there_or_holds_nothing_is_said),
		TREE(rpm_keeps_its_database_in_several_places_and_forms),
		TREE(of_two_rpm_databases_the_one_that_holds_packages_is_read),
		TREE(a_write_ahead_log_beside_the_database_makes_it_partial),
		TREE(the_directory_of_a_database_alone_is_read),
		TREE(pacman_keeps_a_folder_a_package),
		TREE(streams_that_the_system_has_enabled_are_its_packages),
		TREE(content_sets_in_an_image_of_red_hat_are_found),
		TREE(a_database_that_is_broken_is_partial_and_never_clean),
		TREE(busybox_alone_is_a_system_of_one_component),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
