/* SPDX-License-Identifier: Apache-2.0 */
/* Layers over each other: what is there at the end, and what was there before it. */
#include "unit/inventory/read.h"

#include <stdio.h>

#include "inventory/image_private.h"

#define MAX_LAYERS 8

/*
 * A layer as text, an entry a word: "a/b" a file, "a/b/" a folder, "a->b" a symbolic and
 * "a=b" a hard link.
 */
static void
list(struct listing *l, const char *text, struct arena *a)
{
	uint32_t number = 0;

	listing_init(l);
	while (*(text += strspn(text, " ")) != '\0') {
		size_t n = strcspn(text, " ");
		char *word = arena_strndup(a, text, n), *link = strstr(word, "->");
		struct listed entry = { .kind = LISTED_FILE, .link = "", .size = 1 };

		if (link != NULL) {
			entry.kind = LISTED_SYMLINK;
			entry.link = link + 2;
			*link = '\0';
		} else if ((link = strchr(word, '=')) != NULL) {
			entry.kind = LISTED_HARDLINK;
			entry.link = link + 1;
			*link = '\0';
		} else if (n > 0 && word[n - 1] == '/') {
			entry.kind = LISTED_FOLDER;
			word[n - 1] = '\0';
		}
		entry.path = word;
		entry.number = number++;
		listing_add(l, &entry);
		text += n;
	}
}

struct laid {
	struct tree *tree;
	struct arena *a;
	const char *missed;
};

static void
missed(void *arg, const struct listed *entry, const char *why)
{
	struct laid *l = arg;

	(void)why;
	l->missed = arena_printf(l->a, "%s[%s]", l->missed, entry->path);
}

static struct laid
lay(struct arena *a, const char *const *layers)
{
	struct laid l = { .tree = tree_new(), .a = a, .missed = "" };

	for (uint16_t i = 0; layers[i] != NULL; i++) {
		struct listing listing;
		struct err e = ERR_INIT;

		list(&listing, layers[i], a);
		if (tree_lay(l.tree, i, &listing, missed, &l, &e) != ERR_OK)
			fail_msg("%s", e.text);
		listing_done(&listing);
	}
	return l;
}

/* Every place that is there, sorted; a file with the layers that wrote it, top first. */
static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *
shown(struct laid *l)
{
	const char *places[64], *all = l->missed;
	char path[4096 + 1];
	size_t n = 0;

	for (tree_node at = tree_next(l->tree, 0, 0); at != TREE_NONE;
	     at = tree_next(l->tree, 0, at)) {
		const struct version *v = tree_version(l->tree, at);
		const char *text;

		assert_true(tree_path(l->tree, at, path));
		text = arena_strdup(l->a, path);
		if (tree_kind(l->tree, at) == LISTED_FOLDER)
			text = arena_printf(l->a, "%s/", text);
		if (tree_kind(l->tree, at) == LISTED_SYMLINK)
			text = arena_printf(l->a, "%s->", text);
		for (; v != NULL; v = tree_older(l->tree, v))
			text = arena_printf(l->a, "%s:%u", text, v->layer);
		assert_true(n < sizeof(places) / sizeof(places[0]));
		places[n++] = text;
	}
	qsort(places, n, sizeof(places[0]), compare_texts);
	for (size_t i = 0; i < n; i++)
		all = arena_printf(
		    l->a, "%s%s%s", all, *all != '\0' ? " " : "", places[i]);
	tree_free(l->tree);
	return all;
}

static const struct {
	const char *why, *layers[MAX_LAYERS], *want;
} rows[] = {
	{ "later layers add", { "a/ a/x", "a/y" }, "a/ a/x:0 a/y:1" },
	{ "a file replaced keeps its past", { "a", "a", "a" }, "a:2:1:0" },
	{ "the last of two in a layer wins, with one past", { "a", "a a" }, "a:1:0" },
	{ "a whiteout takes a file away", { "a/x a/y", "a/.wh.x" }, "a/ a/y:0" },
	{ "and a folder with all in it", { "a/b/c a/d", "a/.wh.b" }, "a/ a/d:0" },
	{ "what was away has no past", { "a", ".wh.a", "a" }, "a:2" },
	{ "a whiteout does not touch its own layer", { "a/x", "a/x a/.wh.x" },
	    "a/ a/x:1" },
	{ "nor where it comes first", { "a/x", "a/.wh.x a/x" }, "a/ a/x:1" },
	{ "a whiteout of nothing does nothing", { "a", ".wh.b c/.wh.d" }, "a:0" },
	{ "a bare one neither", { "a/x", "a/.wh. .wh." }, "a/ a/x:0" },
	{ "nor aufs' own", { "a/x", "a/.wh..wh.plnk/ .wh..wh.aufs" }, "a/ a/x:0" },
	{ "an opaque folder hides what is below",
	    { "a/x a/b/y c", "a/ a/.wh..wh..opq a/z" }, "a/ a/z:1 c:0" },
	{ "wherever in its layer it stands", { "a/x", "a/z a/.wh..wh..opq" },
	    "a/ a/z:1" },
	{ "the whole root may be opaque", { "a/x b", ".wh..wh..opq c" }, "c:1" },
	{ "a name that only looks so is none", { "b/x", "b/not.a.wh..wh..opq" },
	    "b/ b/not.a.wh..wh..opq:1 b/x:0" },
	{ "a file over a folder removes it", { "a/x a/b/y", "a" }, "a:1" },
	{ "a folder over a file replaces it", { "a", "a/ a/x" }, "a/ a/x:1" },
	{ "a folder over a folder leaves it", { "a/ a/x", "a/" }, "a/ a/x:0" },
	{ "a folder over a link replaces it", { "r/x a->r", "a/ a/y" },
	    "a/ a/y:1 r/ r/x:0" },
	{ "a linked folder is followed", { "usr/lib/ lib->usr/lib", "lib/x" },
	    "lib-> usr/ usr/lib/ usr/lib/x:1" },
	{ "also by a whiteout", { "usr/lib/x lib->usr/lib", "lib/.wh.x" },
	    "lib-> usr/ usr/lib/" },
	{ "an absolute link stays inside", { "a->/b/c", "a/x" },
	    "a-> b/ b/c/ b/c/x:1" },
	{ "dots above the root are the root", { "a->../../../b", "a/x" },
	    "a-> b/ b/x:1" },
	{ "a loop of links is no place", { "a->b b->a", "a/x c" },
	    "[a/x] a-> b-> c:1" },
	{ "nor is a link to itself", { "a->a a/x" }, "[a/x] a->" },
	{ "a hard link is the file", { "a b=a" }, "a:0 b:0" },
	{ "its target may lie lower", { "a", "b=a" }, "a:0 b:1" },
	{ "and outlives it", { "a", "b=a", ".wh.a" }, "b:1" },
	{ "one to a link is a link", { "a->x b=a" }, "a-> b->" },
	{ "one to nothing is missed", { "b=a" }, "[b]" },
	{ "one to itself is itself", { "a a=a" }, "a:0" },
	{ "one to a folder is missed", { "a/ b=a" }, "[b] a/" },
};

static void
layers_give_together(void **state)
{
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct laid l = lay(*state, rows[i].layers);
		const char *got = shown(&l);

		if (!str_eq(got, rows[i].want))
			fail_msg("%s: wanted \"%s\", got \"%s\"", rows[i].why,
			    rows[i].want, got);
	}
}

static void
links_lead_to_files(void **state)
{
	static const char *const layers[] = {
		"etc/os-release->../usr/lib/os-release usr/lib/os-release "
		"a->b b->c c->usr/lib/os-release loop->loop "
		"out->/../../usr/lib/./os-release "
		"dangling->nowhere folder->usr usr/l->lib",
		NULL
	};
	static const char *const found[] = { "etc/os-release", "a", "out",
		"folder/lib/os-release", "folder/l/os-release",
		"usr//lib/../lib/os-release" };
	static const char *const lost[] = { "loop", "loop/x", "dangling", "dangling/x",
		"etc/os-release/x", "nothing" };
	struct laid l = lay(*state, layers);
	tree_node file = tree_find(l.tree, "usr/lib/os-release");

	assert_true(file != TREE_NONE);
	for (size_t i = 0; i < ROWS(found); i++)
		if (tree_find(l.tree, found[i]) != file)
			fail_msg("%s does not lead to the file", found[i]);
	for (size_t i = 0; i < ROWS(lost); i++)
		if (tree_find(l.tree, lost[i]) != TREE_NONE)
			fail_msg("%s leads somewhere", lost[i]);
	tree_free(l.tree);
}

static void
as_many_links_are_followed_as_a_kernel_follows(void **state)
{
	const char *layers[2] = { "l0", NULL };
	struct laid l;

	for (size_t i = 1; i <= MAX_LINK_HOPS + 1; i++)
		layers[0] = arena_printf(*state, "%s l%zu->l%zu", layers[0], i, i - 1);
	l = lay(*state, layers);
	assert_true(tree_find(l.tree, arena_printf(*state, "l%zu", MAX_LINK_HOPS)) !=
		    TREE_NONE);
	assert_true(tree_find(l.tree,
			arena_printf(*state, "l%zu", MAX_LINK_HOPS + 1)) == TREE_NONE);
	tree_free(l.tree);
}

static void
names_are_cleaned_and_stay_inside(void **state)
{
	static const struct {
		const char *name, *want; /* NULL = refused */
	} names[] = {
		{ "a/b", "a/b" },
		{ "./a//b/", "a/b" },
		{ "/etc/passwd", "etc/passwd" },
		{ "a/./b/../c", "a/c" },
		{ ".", "" },
		{ "./", "" },
		{ "a/..", "" },
		{ "..", NULL },
		{ "../etc/passwd", NULL },
		{ "a/../../etc/passwd", NULL },
		{ "/../x", NULL },
		{ "a..b/...", "a..b/..." },
	};
	char out[4096 + 1], *longest = arena_zalloc(*state, MAX_IMAGE_PATH + 2);

	for (size_t i = 0; i < ROWS(names); i++) {
		bool good = path_clean(names[i].name, out);

		if (good != (names[i].want != NULL) ||
		    (good && !str_eq(out, names[i].want)))
			fail_msg("%s gave %s", names[i].name, good ? out : "nothing");
	}
	memset(longest, 'x', MAX_IMAGE_PATH);
	assert_true(path_clean(longest, out));
	longest[MAX_IMAGE_PATH] = 'x';
	assert_false(path_clean(longest, out));
}

/* What goes into a listing comes out of it, whatever the numbers. */
static void
a_listing_gives_back_what_it_was_given(void **state)
{
	const struct listed in[] = {
		{ LISTED_FOLDER, "a", "", 0755, 0, false, 0, 0 },
		{ LISTED_FILE, "a/b", "", 0644, 127, false, 0, 1 },
		{ LISTED_FILE, "a/bc", "", 07777, UINT64_MAX, true, 1u << 20, 128 },
		{ LISTED_SYMLINK, "b", "../../x", 0777, 0, false, 0, UINT32_MAX },
		{ LISTED_HARDLINK, "bb/ccc", "a/b", 0, 0, false, 0, 300 },
		{ LISTED_FILE, "a", "", 0, 0, true, UINT64_MAX, 7 },
	};
	struct listing l;
	struct listing_reader r;
	struct listed out;

	(void)state;
	listing_init(&l);
	for (size_t i = 0; i < ROWS(in); i++)
		listing_add(&l, &in[i]);
	listing_begin(&r, &l);
	for (size_t i = 0; i < ROWS(in); i++) {
		assert_true(listing_next(&r, &out));
		assert_int_equal(out.kind, in[i].kind);
		assert_string_equal(out.path, in[i].path);
		assert_string_equal(out.link, in[i].link);
		assert_int_equal(out.mode, in[i].mode);
		assert_true(out.size == in[i].size && out.at == in[i].at);
		assert_int_equal(out.is_spooled, in[i].is_spooled);
		assert_int_equal(out.number, in[i].number);
	}
	assert_false(listing_next(&r, &out));
	listing_done(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READ(layers_give_together),
		READ(links_lead_to_files),
		READ(as_many_links_are_followed_as_a_kernel_follows),
		READ(names_are_cleaned_and_stay_inside),
		READ(a_listing_gives_back_what_it_was_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
