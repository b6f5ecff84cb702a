/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree of names that the layers of an image give together.
 *
 * A node is made once for a place and never freed; what a later layer takes away is only
 * marked as gone, and comes back when a layer puts something there again.  So a place has one
 * node however many layers touch it, and the number of nodes is bounded by the entries.
 *
 * A layer is laid in two passes over its listing: first what it takes away, which concerns
 * lower layers only, wherever in the layer it stands; then what it brings.
 *
 * A folder on the way to an entry may be a symbolic link of a lower layer ("lib" ->
 * "usr/lib"): it is followed, as the runtimes do.  The last part never is: an entry
 * replaces what is there, and only a folder over a folder leaves its children.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/str.h"
#include "inventory/image_private.h"

#define WHITEOUT    ".wh."
#define OPAQUE      ".wh..wh..opq"
#define FIRST_SLOTS 1024u
#define KIND_GONE   4u                      /* beside enum listed_kind */
#define MAX_NODES   (MAX_IMAGE_ENTRIES * 4) /* entries, and folders nobody listed */

struct node {
	uint32_t parent, first, next; /* next of the same parent */
	uint32_t name;                /* in 'names' */
	uint32_t value; /* FILE: version + 1; SYMLINK: target in 'names' */
	uint16_t layer; /* that put it there */
	uint8_t kind;
};

struct tree {
	struct node *nodes; /* owned, as all below */
	size_t n, cap;
	uint32_t *slots; /* node + 1 by parent and name; a power of two of them */
	size_t n_slots;
	char *names;
	size_t names_len, names_cap;
	struct version *versions;
	size_t n_versions, cap_versions;
	uint16_t layer; /* that is being laid */
	bool followed;  /* the last walk went through a link */
	char rest[2]
		 [2 * 4096 + 2]; /* of a path that is being walked; links take turns */
};

/* ---- nodes ---- */

static uint32_t
add_name(struct tree *t, const char *name, size_t len)
{
	size_t at = t->names_len;

	if (t->names_cap - at < len + 1) {
		t->names_cap = t->names_cap * 2 + len + 1;
		t->names = mem_array(t->names, t->names_cap, 1);
	}
	memcpy(t->names + at, name, len);
	t->names[at + len] = '\0';
	t->names_len += len + 1;
	return (uint32_t)at;
}

static size_t
hash_of(tree_node parent, const char *name, size_t len)
{
	uint64_t h = 1469598103934665603u ^ parent;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)name[i]) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

static bool
is_called(
    const struct tree *t, tree_node n, tree_node parent, const char *name, size_t len)
{
	const char *own = t->names + t->nodes[n].name;

	return t->nodes[n].parent == parent && strncmp(own, name, len) == 0 &&
	       own[len] == '\0';
}

/* The slot of (PARENT, NAME): empty, or its node. */
static uint32_t *
slot_of(struct tree *t, tree_node parent, const char *name, size_t len)
{
	size_t mask = t->n_slots - 1, i = hash_of(parent, name, len) & mask;

	while (t->slots[i] != 0 && !is_called(t, t->slots[i] - 1, parent, name, len))
		i = (i + 1) & mask;
	return &t->slots[i];
}

static void
widen_slots(struct tree *t)
{
	free(t->slots);
	t->n_slots *= 2;
	t->slots = mem_zalloc(t->n_slots * sizeof(*t->slots));
	for (size_t i = 1; i < t->n; i++) {
		const char *name = t->names + t->nodes[i].name;

		*slot_of(t, t->nodes[i].parent, name, strlen(name)) = (uint32_t)i + 1;
	}
}

/* The node of NAME in PARENT, gone or not; TREE_NONE if there never was one. */
static tree_node
child(struct tree *t, tree_node parent, const char *name, size_t len)
{
	uint32_t slot = *slot_of(t, parent, name, len);

	return slot == 0 ? TREE_NONE : slot - 1;
}

static tree_node
make_child(struct tree *t, tree_node parent, const char *name, size_t len)
{
	tree_node n = child(t, parent, name, len);
	struct node *new;

	if (n != TREE_NONE)
		return n;
	if (t->n == MAX_NODES || t->names_len > UINT32_MAX / 2)
		return TREE_NONE;
	if (t->n == t->cap) {
		t->cap *= 2;
		t->nodes = mem_array(t->nodes, t->cap, sizeof(*t->nodes));
	}
	if (t->n * 2 >= t->n_slots)
		widen_slots(t);
	n = (tree_node)t->n++;
	new = &t->nodes[n];
	*new = (struct node){
		.parent = parent,
		.next = t->nodes[parent].first,
		.name = add_name(t, name, len),
		.layer = t->layer,
		.kind = KIND_GONE,
	};
	t->nodes[parent].first = n;
	*slot_of(t, parent, name, len) = n + 1;
	return n;
}

struct tree *
tree_new(void)
{
	struct tree *t = mem_zalloc(sizeof(*t));

	t->cap = FIRST_SLOTS;
	t->nodes = mem_array(NULL, t->cap, sizeof(*t->nodes));
	t->n_slots = FIRST_SLOTS;
	t->slots = mem_zalloc(t->n_slots * sizeof(*t->slots));
	t->nodes[0] =
	    (struct node){ .name = add_name(t, "", 0), .kind = LISTED_FOLDER };
	t->n = 1;
	return t;
}

void
tree_free(struct tree *t)
{
	if (t == NULL)
		return;
	free(t->nodes);
	free(t->slots);
	free(t->names);
	free(t->versions);
	free(t);
}

/* ---- walking ---- */

/* The next node behind N inside WITHIN, gone ones too; DOWN: into its children first. */
static tree_node
step(const struct tree *t, tree_node within, tree_node n, bool down)
{
	if (down && t->nodes[n].first != 0)
		return t->nodes[n].first;
	while (n != within) {
		if (t->nodes[n].next != 0)
			return t->nodes[n].next;
		n = t->nodes[n].parent;
	}
	return TREE_NONE;
}

tree_node
tree_next(const struct tree *t, tree_node within, tree_node n)
{
	do
		n = step(t, within, n, t->nodes[n].kind == LISTED_FOLDER);
	while (n != TREE_NONE && t->nodes[n].kind == KIND_GONE);
	return n;
}

/* Take away what is under N; of a node that is gone everything below is gone already. */
static void
clear(struct tree *t, tree_node n)
{
	tree_node at = step(t, n, n, true);

	while (at != TREE_NONE) {
		bool was_there = t->nodes[at].kind != KIND_GONE;

		t->nodes[at].kind = KIND_GONE;
		t->nodes[at].value = 0;
		at = step(t, n, at, was_there);
	}
}

static void
take_away(struct tree *t, tree_node n)
{
	if (t->nodes[n].kind == LISTED_FOLDER)
		clear(t, n);
	t->nodes[n].kind = KIND_GONE;
	t->nodes[n].value = 0;
}

/* ---- paths ---- */

/* What to do where the path names nothing. */
enum missing { MISSING_FAILS, MISSING_IS_MADE };

/* NAME of FOLDER becomes a folder if it is none; TREE_NONE if there is no room. */
static tree_node
make_folder(struct tree *t, tree_node folder, const char *name, size_t len)
{
	tree_node n = make_child(t, folder, name, len);

	if (n == TREE_NONE || t->nodes[n].kind == LISTED_FOLDER)
		return n;
	t->nodes[n].kind = LISTED_FOLDER;
	t->nodes[n].value = 0;
	t->nodes[n].layer = t->layer;
	return n;
}

/*
 * Follow PATH from the root.  A symbolic link is followed where something comes behind it,
 * and at the end if FOLLOW_LAST.
 */
static tree_node
walk(struct tree *t, const char *path, enum missing missing, bool follow_last)
{
	const char *rest = path;
	tree_node at = 0;
	size_t hops = 0;

	t->followed = false;
	while (*(rest += strspn(rest, "/")) != '\0') {
		size_t len = strcspn(rest, "/");
		bool is_last = rest[len + strspn(rest + len, "/")] == '\0';
		tree_node n;
		int wrote;

		if (len == 1 && rest[0] == '.') {
			rest += len;
			continue;
		}
		if (len == 2 && rest[0] == '.' && rest[1] == '.') {
			at = t->nodes[at].parent; /* the root is its own */
			rest += len;
			continue;
		}
		n = child(t, at, rest, len);
		if (n != TREE_NONE && t->nodes[n].kind == LISTED_SYMLINK &&
		    (!is_last || follow_last)) {
			const char *target = t->names + t->nodes[n].value;
			char *next = t->rest[hops % 2];

			t->followed = true;
			if (++hops > MAX_LINK_HOPS)
				return TREE_NONE;
			wrote = snprintf(
			    next, sizeof(t->rest[0]), "%s/%s", target, rest + len);
			if (wrote < 0 || (size_t)wrote >= sizeof(t->rest[0]))
				return TREE_NONE;
			if (*target == '/')
				at = 0;
			rest = next;
			continue;
		}
		if (missing == MISSING_IS_MADE)
			n = make_folder(t, at, rest, len);
		else if (n != TREE_NONE && t->nodes[n].kind == KIND_GONE)
			n = TREE_NONE;
		if (n == TREE_NONE)
			return TREE_NONE;
		at = n;
		rest += len;
	}
	return at;
}

tree_node
tree_find(struct tree *t, const char *path)
{
	return walk(t, path, MISSING_FAILS, true);
}

tree_node
tree_target(struct tree *t, tree_node n)
{
	char path[4096 + 1];
	tree_node target;

	if (!tree_path(t, n, path))
		return TREE_NONE;
	target = walk(t, path, MISSING_FAILS, true);
	return target != TREE_NONE && t->nodes[target].kind == LISTED_FILE ? target
									   : TREE_NONE;
}

bool
tree_path(const struct tree *t, tree_node n, char *out)
{
	size_t at = MAX_IMAGE_PATH;

	out[at] = '\0';
	for (; n != 0; n = t->nodes[n].parent) {
		const char *name = t->names + t->nodes[n].name;
		size_t len = strlen(name);

		if (len + 1 > at)
			return false;
		memcpy(out + (at -= len), name, len);
		if (t->nodes[n].parent != 0)
			out[--at] = '/';
	}
	memmove(out, out + at, MAX_IMAGE_PATH + 1 - at);
	return true;
}

/* ---- laying a layer ---- */

struct laying {
	struct tree *t;
	void (*missed)(void *arg, const struct listed *entry, const char *why);
	void *arg;
};

/* The last part of PATH; the folder before it in FOLDER (MAX_IMAGE_PATH and one). */
static const char *
split(const char *path, char *folder)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash != NULL ? (size_t)(slash - path) : 0;

	memcpy(folder, path, len);
	folder[len] = '\0';
	return slash != NULL ? slash + 1 : path;
}

static void
lay_whiteout(struct tree *t, const char *path)
{
	char folder[4096 + 1];
	const char *name = split(path, folder);
	tree_node at, n;

	if (!str_starts(name, WHITEOUT))
		return;
	if ((at = walk(t, folder, MISSING_FAILS, true)) == TREE_NONE)
		return;
	if (str_eq(name, OPAQUE)) {
		clear(t, at);
		return;
	}
	name += strlen(WHITEOUT);
	/* others that begin so are aufs' own; a bare one names nothing */
	if (*name == '\0' || str_starts(name, ".wh."))
		return;
	if ((n = child(t, at, name, strlen(name))) != TREE_NONE)
		take_away(t, n);
}

/* What comes to N has this before it, if it is the same place's own past. */
static uint32_t
past_of(const struct tree *t, tree_node n)
{
	const struct version *v;

	if (t->nodes[n].kind != LISTED_FILE || t->nodes[n].value == 0)
		return 0;
	v = &t->versions[t->nodes[n].value - 1];
	/* the last of two in one layer wins, and has what the first had before it */
	return v->layer == t->layer ? v->older : t->nodes[n].value;
}

static void
put_version(struct tree *t, tree_node n, const struct version *v)
{
	struct version new = *v;

	new.older = past_of(t, n);
	new.layer = t->layer;
	if (t->n_versions == t->cap_versions) {
		t->cap_versions = t->cap_versions * 2 + 256;
		t->versions =
		    mem_array(t->versions, t->cap_versions, sizeof(*t->versions));
	}
	t->versions[t->n_versions++] = new;
	if (t->nodes[n].kind == LISTED_FOLDER)
		clear(t, n);
	t->nodes[n].kind = LISTED_FILE;
	t->nodes[n].value = (uint32_t)t->n_versions;
	t->nodes[n].layer = t->layer;
}

static void
put_symlink(struct tree *t, tree_node n, const char *target)
{
	if (t->nodes[n].kind == LISTED_FOLDER)
		clear(t, n);
	t->nodes[n].kind = LISTED_SYMLINK;
	t->nodes[n].value = add_name(t, target, strlen(target));
	t->nodes[n].layer = t->layer;
}

/* A hard link is another name of what is there now; its past is that of its place. */
static bool
put_hardlink(struct tree *t, tree_node n, const char *target)
{
	tree_node to = walk(t, target, MISSING_FAILS, false);

	if (to == n)
		return true;
	if (to == TREE_NONE)
		return false;
	if (t->nodes[to].kind == LISTED_SYMLINK) {
		char text[4096 + 1];

		(void)snprintf(text, sizeof(text), "%s", t->names + t->nodes[to].value);
		put_symlink(t, n, text);
		return true;
	}
	if (t->nodes[to].kind != LISTED_FILE || t->nodes[to].value == 0)
		return false;
	put_version(t, n, &t->versions[t->nodes[to].value - 1]);
	t->versions[t->n_versions - 1].is_moved = true;
	return true;
}

static void
lay_entry(struct laying *l, const struct listed *entry)
{
	struct tree *t = l->t;
	char folder[4096 + 1];
	const char *name = split(entry->path, folder);
	tree_node at, n;

	if (str_starts(name, WHITEOUT))
		return;
	at = walk(t, folder, MISSING_IS_MADE, true);
	n = at == TREE_NONE ? TREE_NONE : make_child(t, at, name, strlen(name));
	if (n == TREE_NONE) {
		l->missed(l->arg, entry, "its folder is a loop of links");
		return;
	}
	switch (entry->kind) {
	case LISTED_FOLDER:
		if (t->nodes[n].kind != LISTED_FOLDER)
			(void)make_folder(t, at, name, strlen(name));
		break;
	case LISTED_FILE:
		put_version(t, n,
		    &(struct version){
			.at = entry->at,
			.size = entry->size,
			.number = entry->number,
			.mode = entry->mode,
			.from = t->layer,
			.is_moved = t->followed,
			.is_spooled = entry->is_spooled,
		    });
		break;
	case LISTED_SYMLINK:
		put_symlink(t, n, entry->link);
		break;
	case LISTED_HARDLINK:
		if (!put_hardlink(t, n, entry->link))
			l->missed(l->arg, entry, "it is a link to nothing");
		break;
	}
}

enum err_code
tree_lay(struct tree *t, uint16_t layer, const struct listing *l,
    void (*missed)(void *arg, const struct listed *entry, const char *why), void *arg,
    struct err *e)
{
	struct laying laying = { .t = t, .missed = missed, .arg = arg };
	struct listing_reader r;
	struct listed entry;

	t->layer = layer;
	listing_begin(&r, l);
	while (listing_next(&r, &entry))
		lay_whiteout(t, entry.path);
	listing_begin(&r, l);
	while (listing_next(&r, &entry))
		lay_entry(&laying, &entry);
	if (t->n == MAX_NODES || t->names_len > UINT32_MAX / 2)
		return err_set(e, ERR_LIMIT, "an image of more than %zu places",
		    (size_t)MAX_NODES);
	return ERR_OK;
}

/* ---- what is there ---- */

size_t
tree_count(const struct tree *t)
{
	return t->n;
}

enum listed_kind
tree_kind(const struct tree *t, tree_node n)
{
	return (enum listed_kind)t->nodes[n].kind;
}

struct version *
tree_version(struct tree *t, tree_node n)
{
	return t->nodes[n].kind == LISTED_FILE && t->nodes[n].value != 0
		   ? &t->versions[t->nodes[n].value - 1]
		   : NULL;
}

struct version *
tree_older(struct tree *t, const struct version *v)
{
	return v->older != 0 ? &t->versions[v->older - 1] : NULL;
}
