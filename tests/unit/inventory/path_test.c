/* SPDX-License-Identifier: Apache-2.0 */
/* Files and directories: root file systems, status.d, links that point outside. */
#include "unit/inventory/read.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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
	assert_int_equal(read_tree(t, t->root, &inv, &e), ERR_UNSUPPORTED);
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

#define TREE(t) cmocka_unit_test_setup_teardown(t, tree_setup, tree_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TREE(a_root_file_system_names_its_own_system),
		TREE(distroless_keeps_one_file_a_package),
		TREE(links_do_not_lead_outside),
		TREE(what_is_not_there_or_holds_nothing_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
