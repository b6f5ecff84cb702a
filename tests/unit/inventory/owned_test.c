/* SPDX-License-Identifier: Apache-2.0 */
/* owned_test - lists of files of a system's packages, and what is said when all is read. */
#include "unit/inventory/row.h"

#include "inventory/inventory_private.h"
#include "inventory/owned.h"

static void
give(struct owned_paths *o, const char *path, const char *text)
{
	const struct image_file f = {
		.path = path, .bytes = text, .size = strlen(text), .len = strlen(text)
	};

	if (!owned_paths_wants(&f))
		fail_msg("%s is not wanted", path);
	owned_paths_read(o, &f);
}

static const char *
owner(struct owned_paths *o, const char *path)
{
	uint32_t package = owned_paths_owner(o, path);

	return package == OWNED_BY_NONE ? "nobody" : owned_paths_name(o, package);
}

static void
every_list_says_whose_a_file_is(void **state)
{
	struct owned_paths *o = owned_paths_new();
	static const struct {
		const char *path, *want;
	} rows[] = {
		{ "usr/lib/x86_64-linux-gnu/libc.so.6", "libc6" },
		{ "lib/x86_64-linux-gnu/libc.so.6", "libc6" },
		{ "/usr/share/doc/libc6/copyright", "libc6" },
		{ "usr/lib/tz.json", "tzdata" },
		{ "usr/lib/python3/pkg.py", "py" },
		{ "lib/ld-musl.so", "musl" },
		{ "etc/passwd", "base" },
		{ "top", "base" },
		{ "usr/lib/libglib.so", "glib2" },
		{ "usr/lib/other.so", "nobody" },
		{ "a/x-1.dist-info/METADATA", "" },
		{ "a/y-1.dist-info/METADATA", "nobody" },
		{ "lib", "libc6" }, /* folders are listed as well */
		{ "", "nobody" },
	};

	(void)state;
	give(o, "var/lib/dpkg/info/libc6:amd64.list",
	    "/.\n/lib\n/lib/x86_64-linux-gnu/libc.so.6\r\n"
	    "/usr/share/doc/libc6/copyright");
	give(o, "var/lib/dpkg/status.d/tzdata.md5sums",
	    "d41d8cd98f00b204e9800998ecf8427e  usr/lib/tz.json\nshort\n\n");
	give(o, "lib/apk/db/installed",
	    "F:usr/lib/python3\nR:pkg.py\nP:py\nV:1\n\nP:musl\nF:lib\nM:0:0:755\n"
	    "R:ld-musl.so\n\n\nP:base\nR:top\nF:etc\nR:passwd\nF:\nR:\n");
	give(o, "var/lib/pacman/local/glib2-2.78.0-1/files",
	    "%BACKUP%\nusr/lib/other.so\n\n%FILES%\nusr/\nusr/lib/libglib.so\n\n");
	give(o, "a/x-1.dist-info/INSTALLER", "rpm\n");
	give(o, "a/y-1.dist-info/INSTALLER", "pip\n");
	for (size_t i = 0; i < ROWS(rows); i++)
		if (!str_eq(owner(o, rows[i].path), rows[i].want))
			fail_msg("%s is %s's", rows[i].path, owner(o, rows[i].path));
	owned_paths_free(o);
}

static void
other_files_are_no_lists(void **state)
{
	static const char *const paths[] = { "var/lib/dpkg/status",
		"var/lib/dpkg/info/a.md5sums", "var/lib/dpkg/info/a/b.list",
		"var/lib/dpkg/status.d/a", "usr/lib/apk/db/installed.new",
		"opt/var/lib/dpkg/info/a.list", "INSTALLER" };

	(void)state;
	for (size_t i = 0; i < ROWS(paths); i++) {
		const struct image_file f = { .path = paths[i], .bytes = "" };

		if (owned_paths_wants(&f))
			fail_msg("%s", paths[i]);
	}
}

static void
a_folder_and_a_name_are_one_path(void **state)
{
	struct owned_paths *o = owned_paths_new();
	uint32_t package = owned_paths_package(o, "bash");

	(void)state;
	assert_int_equal(owned_paths_package(o, "bash"), package);
	owned_paths_add_in(o, package, "/usr/bin/", 9, "bash", 4);
	owned_paths_add_in(o, package, "/", 1, "top", 3);
	owned_paths_add_in(o, package, "/lib", 4, "x", 1);
	assert_string_equal(owner(o, "bin/bash"), "bash");
	assert_string_equal(owner(o, "top"), "bash");
	assert_string_equal(owner(o, "usr/lib/x"), "bash");
	assert_string_equal(owner(o, "usr/bin/sh"), "nobody");
	owned_paths_free(o);
}

static void
thousands_of_paths_are_found_again_and_others_not(void **state)
{
	struct owned_paths *o = owned_paths_new();
	char path[64], name[16];

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		(void)snprintf(path, sizeof(path), "/usr/share/%u/%u", i % 97, i);
		(void)snprintf(name, sizeof(name), "p%u", i % 1000);
		owned_paths_add(o, owned_paths_package(o, name), path, strlen(path));
	}
	for (unsigned i = 0; i < 40000; i++) {
		(void)snprintf(path, sizeof(path), "usr/share/%u/%u", i % 97, i);
		(void)snprintf(name, sizeof(name), "p%u", i % 1000);
		assert_string_equal(owner(o, path), i < 20000 ? name : "nobody");
	}
	owned_paths_free(o);
}

/* ---- when all is read ---- */

static void
add(struct inventory *inv, struct arena *a, const char *type, const char *name,
    const char *path, enum vendor vendor)
{
	const struct component c = { .type = type,
		.ecosystem = str_eq(type, "deb") || str_eq(type, "rpm") ? NULL : type,
		.name = name,
		.version = "1",
		.vendor = vendor,
		.path = path };

	assert_int_equal(inventory_add(inv, &c, a, NULL), ERR_OK);
}

/* Names of what is flagged as the system's, or, KEPT, of all that is left. */
static const char *
names(const struct inventory *inv, struct arena *a, bool kept)
{
	const char *text = "";

	for (size_t i = 0; i < inv->n; i++)
		if (kept || (inv->components[i].flags & COMPONENT_OWNED) != 0)
			text = arena_printf(a, "%s%s ", text, inv->components[i].name);
	return text;
}

static void
what_the_systems_packages_own_is_flagged_and_what_others_ship_is_not(void **state)
{
	struct owned_paths *o = owned_paths_new();
	struct inventory inv = { 0 };

	add(&inv, *state, "deb", "libx-java", NULL, VENDOR_OWN);
	add(&inv, *state, "deb", "docker-ce", NULL, VENDOR_THIRD_PARTY);
	add(&inv, *state, "maven", "g:owned", "usr/share/java/x.jar", VENDOR_OWN);
	add(&inv, *state, "maven", "g:inner", "usr/share/java/x.jar!/y.jar",
	    VENDOR_OWN);
	add(&inv, *state, "go", "docker", "usr/bin/dockerd", VENDOR_OWN);
	add(&inv, *state, "pypi", "by-hand",
	    "usr/lib/python3/dist-packages/h-1.dist-info/METADATA", VENDOR_OWN);
	give(o, "var/lib/dpkg/info/libx-java.list", "/usr/share/java/x.jar\n");
	give(o, "var/lib/dpkg/info/docker-ce.list", "/usr/bin/dockerd\n");
	language_settle(&inv, o, *state);
	assert_string_equal(names(&inv, *state, false), "g:owned g:inner ");
	assert_int_equal(inv.n, 6);
	assert_false(inv.partial);
	owned_paths_free(o);
}

static void
without_lists_the_folders_of_a_system_tell(void **state)
{
	static const struct {
		const char *path;
		bool is_owned;
	} rows[] = {
		{ "usr/lib/python3/dist-packages/x.egg-info", true },
		{ "usr/lib/python3.9/site-packages/x.egg-info", true },
		{ "usr/lib64/python3.9/site-packages/x.egg-info", true },
		{ "usr/share/java/x.jar", true },
		{ "usr/share/maven-repo/x.jar", true },
		{ "usr/share/nodejs/node_modules/a/package.json", true },
		{ "usr/local/lib/python3.9/site-packages/x.egg-info", false },
		{ "usr/lib/python3.9/venv/lib/site-packages/x.egg-info", false },
		{ "opt/usr/share/java/x.jar", false },
		{ "usr/lib/ruby/specifications/x.gemspec", false },
	};

	for (size_t i = 0; i < ROWS(rows); i++)
		for (int has_system = 0; has_system < 2; has_system++) {
			struct owned_paths *o = owned_paths_new();
			struct inventory inv = { 0 };

			give(o, "a/x-1.dist-info/INSTALLER", "rpm");
			add(&inv, *state, "pypi", "x", rows[i].path, VENDOR_OWN);
			if (has_system)
				add(&inv, *state, "rpm", "bash", NULL, VENDOR_OWN);
			language_settle(&inv, i % 2 == 0 ? o : NULL, *state);
			if ((names(&inv, *state, false)[0] != '\0') !=
			    (has_system && rows[i].is_owned))
				fail_msg("%s", rows[i].path);
			owned_paths_free(o);
		}
}

static void
what_an_installer_notes_as_the_systems_is_flagged(void **state)
{
	struct owned_paths *o = owned_paths_new();
	struct inventory inv = { 0 };

	give(o, "opt/x-1.dist-info/INSTALLER", "rpm");
	add(&inv, *state, "pypi", "x", "opt/x-1.dist-info/METADATA", VENDOR_OWN);
	add(&inv, *state, "pypi", "y", "opt/y-1.dist-info/METADATA", VENDOR_OWN);
	language_settle(&inv, o, *state);
	assert_string_equal(names(&inv, *state, false), "x ");
	owned_paths_free(o);
}

static void
a_document_only_adds_what_was_not_found(void **state)
{
	struct inventory inv = { 0 };

	add(&inv, *state, "npm", "a", "node_modules/a/package.json", VENDOR_OWN);
	add(&inv, *state, "npm", "a", "opt/.spdx-a.spdx", VENDOR_OWN);
	add(&inv, *state, "npm", "b", "opt/.spdx-a.spdx", VENDOR_OWN);
	add(&inv, *state, "deb", "told", "opt/.spdx-a.spdx", VENDOR_OWN);
	language_settle(&inv, NULL, *state);
	/* without a database, the system's packages are what the document says */
	assert_string_equal(names(&inv, *state, true), "a b told ");
	add(&inv, *state, "deb", "found", NULL, VENDOR_OWN);
	language_settle(&inv, NULL, *state);
	assert_string_equal(names(&inv, *state, true), "a b found ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READ(every_list_says_whose_a_file_is),
		READ(other_files_are_no_lists),
		READ(a_folder_and_a_name_are_one_path),
		READ(thousands_of_paths_are_found_again_and_others_not),
		READ(
		    what_the_systems_packages_own_is_flagged_and_what_others_ship_is_not),
		READ(without_lists_the_folders_of_a_system_tell),
		READ(what_an_installer_notes_as_the_systems_is_flagged),
		READ(a_document_only_adds_what_was_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
