/* SPDX-License-Identifier: Apache-2.0 */
/* lang_java_test - archives of Java: poms, manifests, names, archives in archives, bombs. */
#include "unit/inventory/row.h"

#include <archive.h>
#include <archive_entry.h>

#include "core/limits.h"

struct file {
	const char *name;
	const void *bytes;
	size_t len;
};

#define MEMBER(name, text)                                                             \
	{                                                                              \
		name, text, sizeof(text) - 1                                           \
	}
#define BUFFER(name, b)                                                                \
	{                                                                              \
		name, (b)->data, (b)->len                                              \
	}
#define POM_AT(g, a) "META-INF/maven/" g "/" a "/pom.properties"
#define POM(g, a, v)                                                                   \
	"#made by a test\r\nversion=" v "\r\ngroupId=" g "\nartifactId: " a "\n"
#define MANIFEST "META-INF/MANIFEST.MF"

static void
zip(const struct file *files, size_t n, struct buf *ret)
{
	size_t size = 65536, used = 0;
	struct archive *z = archive_write_new();
	char *space;

	for (size_t i = 0; i < n; i++)
		size += files[i].len + 1024;
	space = malloc(size);
	assert_int_equal(archive_write_set_format_zip(z), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(z, space, size, &used), ARCHIVE_OK);
	for (size_t i = 0; i < n; i++) {
		struct archive_entry *entry = archive_entry_new();

		archive_entry_set_pathname(entry, files[i].name);
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_perm(entry, 0644);
		archive_entry_set_size(entry, (la_int64_t)files[i].len);
		assert_int_equal(archive_write_header(z, entry), ARCHIVE_OK);
		if (files[i].len > 0)
			assert_int_equal(
			    archive_write_data(z, files[i].bytes, files[i].len),
			    (la_ssize_t)files[i].len);
		archive_entry_free(entry);
	}
	assert_int_equal(archive_write_close(z), ARCHIVE_OK);
	archive_write_free(z);
	buf_add(ret, space, used);
	free(space);
}

#define ZIP(ret, ...)                                                                  \
	zip((const struct file[]){ __VA_ARGS__ },                                      \
	    sizeof((const struct file[]){ __VA_ARGS__ }) / sizeof(struct file), ret)

static struct inventory *
read_zip(struct arena *a, const char *path, const struct buf *b)
{
	return row_bytes(a, &database_java, path, b->data, b->len);
}

/* What a jar with this manifest, or none, is taken for. */
static const char *
taken_for(struct arena *a, const char *path, const char *manifest)
{
	const struct file files[] = { { "a/B.class", "x", 1 },
		{ MANIFEST, manifest, strlen(manifest) } };
	struct buf b CLEANUP_BUF = BUF_INIT(1 << 20);
	struct inventory *inv;

	zip(files, manifest[0] != '\0' ? 2 : 1, &b);
	inv = read_zip(a, path, &b);
	assert_false(inv->partial);
	return row_told(inv, a);
}

static void
wants_archives_by_name_and_first_bytes(void **state)
{
	static const struct {
		const char *path, *head;
		bool wanted;
	} rows[] = {
		{ "a.jar", "", true },
		{ "a.WAR", "PK\003\004", true },
		{ "a.ear", "#!/bin/sh\n", true },
		{ "a.jar", "text", false },
		{ "a.jar", "PK", false },
		{ "a.zip", "PK\003\004", false },
		{ "jar", "PK\003\004", false },
		{ "plugins/git.hpi", "PK\003\004", true },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		if (row_wants(&database_java, rows[i].path, rows[i].head) !=
		    rows[i].wanted)
			fail_msg("%s", rows[i].path);
}

static void
what_maven_packed_says_what_it_is(void **state)
{
	struct buf b CLEANUP_BUF = BUF_INIT(1 << 20);
	struct inventory *inv;
	const struct component *c;

	ZIP(&b, MEMBER(POM_AT("commons-io", "commons-io"),
		    POM("commons-io", "commons-io", "2.11.0")));
	inv = read_zip(*state, "usr/share/java/commons-io.jar", &b);
	c = component(inv, "commons-io:commons-io");
	assert_int_equal(inv->n, 1);
	assert_string_equal(c->version, "2.11.0");
	assert_string_equal(c->ecosystem, "maven");
	assert_string_equal(c->purl, "pkg:maven/commons-io/commons-io@2.11.0");
	assert_string_equal(c->path, "usr/share/java/commons-io.jar");
	assert_int_equal(c->flags, 0);
}

static void
a_shaded_archive_is_all_that_it_swallowed(void **state)
{
	struct buf b CLEANUP_BUF = BUF_INIT(1 << 20);

	ZIP(&b, MEMBER(POM_AT("a", "x"), POM("a", "x", "1")),
	    MEMBER(POM_AT("b", "y"), POM("b", "y", "2")),
	    MEMBER("WEB-INF/classes/" POM_AT("c", "z"), POM("c", "z", "3")),
	    MEMBER("src/pom.properties", POM("not", "this", "4")));
	assert_string_equal(row_told(read_zip(*state, "opt/x-1.jar", &b), *state),
	    "a:x 1; b:y 2; c:z 3");
	/* whose own coordinates are not among them, it is that as well */
	assert_string_equal(row_told(read_zip(*state, "opt/app-7.jar", &b), *state),
	    "a:x 1; b:y 2; c:z 3");
	buf_reset(&b);
	ZIP(&b, MEMBER(POM_AT("a", "x"), POM("a", "x", "1")),
	    MEMBER(MANIFEST, "Implementation-Vendor-Id: org.app\n"));
	assert_string_equal(row_told(read_zip(*state, "opt/app-7.jar", &b), *state),
	    "a:x 1; org.app:app 7?");
}

static void
poms_that_do_not_say_all_are_passed_over(void **state)
{
	static const char *const poms[] = { "", "groupId=a\nartifactId=b\n",
		"groupId=a\nartifactId=b\nversion=\n",
		"groupId=a\nartifactId=b\nversion=${revision}\n" };

	for (size_t i = 0; i < ROWS(poms); i++) {
		const struct file file = { POM_AT("a", "b"), poms[i], strlen(poms[i]) };
		struct buf b CLEANUP_BUF = BUF_INIT(1 << 20);

		zip(&file, 1, &b);
		assert_int_equal(read_zip(*state, "x.jar", &b)->n, 0);
	}
}

static void
a_manifest_names_the_group_and_the_file_the_artifact(void **state)
{
	static const struct {
		const char *path, *manifest, *want;
	} rows[] = {
		/* all three in its own words: certain */
		{ "spring-core-5.3.1.jar",
		    "Manifest-Version: 1.0\r\nImplementation-Title: spring-core\r\n"
		    "Implementation-Vendor-Id: org.springframework\r\n"
		    "Implementation-Version: 5.3.1\r\n\r\nName: x\r\n"
		    "Implementation-Version: 9\r\n",
		    "org.springframework:spring-core 5.3.1" },
		/* a bundle's name is a group and what may be the artifact */
		{ "commons-lang3-3.12.0.jar",
		    "Bundle-SymbolicName: org.apache.commons.lang3;x:=y\n"
		    "Bundle-Version: 3.12.0\n",
		    "org.apache.commons:commons-lang3 3.12.0?" },
		{ "lib/core.jar",
		    "Bundle-SymbolicName: org.a.core\nBundle-Version: 1.0.0.v2\n",
		    "org.a:core 1.0.0.v2?" },
		/* goes on in the next line */
		{ "x-1.jar", "Implementation-Vendor-Id: org.lo\r\n ng.na\r\n me\r\n",
		    "org.long.name:x 1?" },
		/* keys of other files, and titles for people, are no names */
		{ "guava-31.1-jre.jar",
		    "Implementation-Title: %title\nBundle-SymbolicName: ${x}\n"
		    "Implementation-Vendor-Id: com.google.guava\n",
		    "com.google.guava:guava 31.1-jre?" },
		{ "lib/driver.jar",
		    "Implementation-Title: The Great Driver\n"
		    "Implementation-Version: build 7\nSpecification-Version: 4.2\n"
		    "Implementation-Vendor-Id: org.great\n",
		    "org.great:driver 4.2?" },
		/* nothing but its name: no group, so nothing speaks of it */
		{ "log4j-1.2-api-2.17.1.jar", "", "log4j-1.2-api 2.17.1?" },
		{ "app.jar", "Manifest-Version: 1.0\n", "" },
		{ "-1.jar", "", "" },
	};

	for (size_t i = 0; i < ROWS(rows); i++)
		assert_string_equal(
		    taken_for(*state, rows[i].path, rows[i].manifest), rows[i].want);
}

static void
without_a_group_no_feed_speaks_of_it(void **state)
{
	struct buf b CLEANUP_BUF = BUF_INIT(1 << 20);
	struct inventory *inv;

	ZIP(&b, MEMBER("A.class", "x"));
	inv = read_zip(*state, "opt/x-1.0.jar", &b);
	assert_int_equal(inv->n, 1);
	assert_null(inv->components[0].ecosystem);
	assert_string_equal(inv->components[0].type, "maven");
}

static void
plugins_of_jenkins_have_words_of_their_own(void **state)
{
	assert_string_equal(
	    taken_for(*state, "plugins/git.jpi",
		"Group-Id: org.jenkins-ci.plugins\nShort-Name: git\n"
		"Plugin-Version: 5.2.1 (private-x)\nImplementation-Title: git\n"
		"Implementation-Version: 1\n"),
	    "org.jenkins-ci.plugins:git 5.2.1");
	assert_string_equal(taken_for(*state, "plugins/git.hpi",
				"Short-Name: git\nPlugin-Version: 5.2.1\n"),
	    "org.jenkins-ci.plugins:git 5.2.1?");
}

static void
archives_inside_are_found_where_they_lie(void **state)
{
	struct buf jar CLEANUP_BUF = BUF_INIT(1 << 20);
	struct buf war CLEANUP_BUF = BUF_INIT(1 << 20);
	struct buf ear CLEANUP_BUF = BUF_INIT(1 << 20);
	struct inventory *inv;

	ZIP(&jar, MEMBER(POM_AT("g", "a"), POM("g", "a", "1")));
	ZIP(&war, BUFFER("WEB-INF/lib/a-1.jar", &jar),
	    MEMBER("WEB-INF/lib/empty.jar", ""),
	    MEMBER("WEB-INF/lib/text.jar", "no archive"));
	buf_adds(&ear, "#!/bin/sh\nexec java -jar \"$0\"\n");
	ZIP(&ear, BUFFER("web.war", &war));
	inv = read_zip(*state, "srv/app.ear", &ear);
	assert_string_equal(row_told(inv, *state), "g:a 1");
	assert_string_equal(
	    inv->components[0].path, "srv/app.ear!/web.war!/WEB-INF/lib/a-1.jar");
	assert_false(inv->partial);
}

static void
deeper_than_the_cap_it_is_not_looked_into_and_that_is_said(void **state)
{
	struct buf inner CLEANUP_BUF = BUF_INIT(1 << 20);
	struct inventory *inv = NULL;

	ZIP(&inner, MEMBER(POM_AT("g", "a"), POM("g", "a", "1")));
	for (unsigned depth = 2; depth <= 100; depth++) {
		struct buf outer CLEANUP_BUF = BUF_INIT(1 << 20);

		ZIP(&outer, BUFFER("i.jar", &inner));
		buf_reset(&inner);
		buf_add(&inner, outer.data, outer.len);
		inv = read_zip(*state, "x.jar", &inner);
		assert_int_equal(inv->n, depth <= MAX_NESTED_DEPTH);
		assert_int_equal(inv->partial, depth > MAX_NESTED_DEPTH);
	}
	assert_non_null(strstr(inv->warnings[0], "8 archives inside each other"));
}

static void
what_unpacks_to_implausibly_much_is_left_and_that_is_said(void **state)
{
	size_t n = 256u << 20;
	char *zeros = calloc(1, n);
	struct buf bomb CLEANUP_BUF = BUF_INIT(1 << 20);
	struct inventory *inv;

	memcpy(zeros, "PK\003\004", 4);
	ZIP(&bomb, MEMBER(POM_AT("g", "a"), POM("g", "a", "1")),
	    { "one.jar", zeros, n }, MEMBER(POM_AT("g", "b"), POM("g", "b", "2")));
	free(zeros);
	inv = read_zip(*state, "a.jar", &bomb);
	assert_string_equal(row_told(inv, *state), "g:a 1; g:b 2");
	assert_int_equal(inv->n_warnings, 1);
	assert_non_null(strstr(inv->warnings[0], "a.jar!/one.jar"));
	assert_non_null(strstr(inv->warnings[0], "implausibly"));
}

static void
a_damaged_archive_is_a_warning_and_what_it_gave_is_kept(void **state)
{
	struct buf b CLEANUP_BUF = BUF_INIT(1 << 20);
	struct inventory *inv;

	ZIP(&b, MEMBER(POM_AT("g", "a"), POM("g", "a", "1")),
	    MEMBER(POM_AT("g", "b"), POM("g", "b", "2")));
	inv = row_bytes(*state, &database_java, "a.jar", b.data, b.len - 30);
	assert_int_equal(inv->n, 0);
	assert_int_equal(inv->n_warnings, 1);
	row_survives(&database_java, "a.jar", b.data, b.len);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READ(wants_archives_by_name_and_first_bytes),
		READ(what_maven_packed_says_what_it_is),
		READ(a_shaded_archive_is_all_that_it_swallowed),
		READ(poms_that_do_not_say_all_are_passed_over),
		READ(a_manifest_names_the_group_and_the_file_the_artifact),
		READ(without_a_group_no_feed_speaks_of_it),
		READ(plugins_of_jenkins_have_words_of_their_own),
		READ(archives_inside_are_found_where_they_lie),
		READ(deeper_than_the_cap_it_is_not_looked_into_and_that_is_said),
		READ(what_unpacks_to_implausibly_much_is_left_and_that_is_said),
		READ(a_damaged_archive_is_a_warning_and_what_it_gave_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
