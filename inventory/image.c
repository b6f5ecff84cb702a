/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From layers that were read to an inventory: lay them, find the files that matter, fetch
 * the bytes of those that only links made matter, let every row read, and tell for each
 * package which layer brought it.
 */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/mem.h"
#include "core/str.h"
#include "inventory/image_private.h"
#include "inventory/language.h"
#include "inventory/owned.h"

/* A file to be read, under the name by which somebody wants it. */
struct find {
	tree_node node;
	const char *path;
};

struct reading {
	struct image *im;
	const struct image_stack *stack;
	struct tree *tree; /* owned */
	struct arena *a;   /* the inventory's */
	struct inventory *inv;
	struct {
		struct find *at;
		size_t n, cap;
	} finds;
	struct arena *scratch; /* owned; the paths of finds */
	bool *found;           /* owned; by node: it is among the finds */
	const char **diff_ids; /* of the layers, in A; NULL = they have no names */
	struct buf missed;     /* what links led to nothing */
	struct owned_paths
	    *owned;      /* owned; which files the system's packages brought */
	const char *one; /* where the one database of an 'is_one' row was found; NULL */
};

/* ---- what matters ---- */

static bool
wants_path(const char *path, const struct version *v)
{
	const struct image_file f = {
		.path = path,
		.mode = v->mode,
		.size = v->size,
		.bytes = "",
	};

	return v->size <= MAX_IMAGE_FILE && image_wants(&f);
}

static void
add_find(struct reading *r, tree_node n, const char *path)
{
	struct find *f;

	if (r->found[n])
		return;
	r->found[n] = true;
	f = ARENA_PUSH(r->scratch, &r->finds);
	f->node = n;
	f->path = arena_strdup(r->scratch, path);
}

/*
 * Files with their own names: what is in the spool was wanted when its bytes passed.  What
 * is not may be wanted under the name a link gave it, or the place a linked folder led to.
 */
static void
find_files(struct reading *r)
{
	char path[PATH_ROOM];

	for (tree_node n = tree_next(r->tree, 0, 0); n != TREE_NONE;
	     n = tree_next(r->tree, 0, n)) {
		const struct version *v = tree_version(r->tree, n);

		/* whether its bytes were wanted under this very path is known */
		if (v != NULL && (v->is_spooled || v->is_moved) &&
		    tree_path(r->tree, n, path) && wants_path(path, v))
			add_find(r, n, path);
	}
}

/* What was wanted by its first bytes, or under the name its own layer gives it. */
static void
find_spooled(struct reading *r)
{
	char path[PATH_ROOM];

	for (tree_node n = tree_next(r->tree, 0, 0); n != TREE_NONE;
	     n = tree_next(r->tree, 0, n)) {
		const struct version *v = tree_version(r->tree, n);

		if (v != NULL && v->is_spooled && tree_path(r->tree, n, path))
			add_find(r, n, path);
	}
}

/* "etc/os-release" -> "../opt/release": the link's name is the one that counts. */
static void
find_links(struct reading *r)
{
	char path[PATH_ROOM];

	for (tree_node n = tree_next(r->tree, 0, 0); n != TREE_NONE;
	     n = tree_next(r->tree, 0, n)) {
		tree_node target;
		const struct version *v;

		if (tree_kind(r->tree, n) != LISTED_SYMLINK ||
		    !tree_path(r->tree, n, path) ||
		    (target = tree_target(r->tree, n)) == TREE_NONE)
			continue;
		v = tree_version(r->tree, target);
		if (v != NULL && wants_path(path, v))
			add_find(r, target, path);
	}
}

/*
 * The folders that package databases live in, where one of them, or one above it, is a
 * link: the files are known by the name with the link in it.
 */
static void
find_linked_folders(struct reading *r)
{
	static const char *const folders[] = { "var/lib/dpkg", "lib/apk/db",
		"usr/lib/apk/db", "var/lib/rpm", "usr/lib/sysimage/rpm",
		"usr/share/rpm", "var/lib/rpmmanifest", "var/lib/pacman/local",
		"var/db/pkg", "usr/lib/opkg", "var/lib/opkg", "etc" };
	char real[PATH_ROOM], path[PATH_ROOM], alias[PATH_ROOM];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		tree_node top = tree_find(r->tree, folders[i]);

		if (top == TREE_NONE || !tree_path(r->tree, top, real) ||
		    str_eq(real, folders[i]))
			continue;
		for (tree_node n = tree_next(r->tree, top, top); n != TREE_NONE;
		     n = tree_next(r->tree, top, n)) {
			const struct version *v = tree_version(r->tree, n);
			int wrote;

			if (v == NULL || !tree_path(r->tree, n, path))
				continue;
			wrote = snprintf(alias, sizeof(alias), "%s/%s", folders[i],
			    path + strlen(real) + (top != 0));
			if (wrote > 0 && (size_t)wrote < sizeof(alias) &&
			    wants_path(alias, v))
				add_find(r, n, alias);
		}
	}
}

/* ---- bytes that were not kept ---- */

static void
want_bytes(struct image_layer *l, uint32_t number)
{
	if (l->n_wanted == l->cap_wanted) {
		l->cap_wanted = l->cap_wanted * 2 + 16;
		l->wanted = mem_array(l->wanted, l->cap_wanted, sizeof(*l->wanted));
	}
	l->wanted[l->n_wanted++] = number;
}

static int
compare_numbers(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static enum err_code
fetch_layer(struct reading *r, struct image_layer *l, struct err *e)
{
	size_t kept = 1;

	qsort(l->wanted, l->n_wanted, sizeof(*l->wanted), compare_numbers);
	for (size_t i = 1; i < l->n_wanted; i++)
		if (l->wanted[i] != l->wanted[kept - 1])
			l->wanted[kept++] = l->wanted[i];
	l->n_wanted = kept;
	l->fetched = mem_array(NULL, l->n_wanted, sizeof(*l->fetched));
	return r->stack->again(r->stack->arg, l, e);
}

static enum err_code
fetch(struct reading *r, struct err *e)
{
	struct image_layer *const *layers = r->stack->layers;
	enum err_code rc;

	for (size_t i = 0; i < r->finds.n; i++) {
		const struct version *v = tree_version(r->tree, r->finds.at[i].node);

		if (!v->is_spooled)
			want_bytes(layers[v->from], v->number);
	}
	for (size_t i = 0; i < r->stack->n && r->stack->again != NULL; i++)
		if (layers[i]->n_wanted > 0 && layers[i]->fetched == NULL &&
		    (rc = fetch_layer(r, layers[i], e)) != ERR_OK)
			return rc;
	for (size_t i = 0; i < r->finds.n; i++) {
		struct version *v = tree_version(r->tree, r->finds.at[i].node);
		const struct image_layer *l = layers[v->from];
		const uint32_t *at;

		if (v->is_spooled)
			continue;
		if (l->fetched == NULL) {
			image_missed(&r->missed,
			    "left out %s: its bytes had passed when a link to it was "
			    "found; give the archive as a file",
			    r->finds.at[i].path);
			continue;
		}
		at = bsearch(
		    &v->number, l->wanted, l->n_wanted, sizeof(*at), compare_numbers);
		v->at = l->fetched[at - l->wanted];
		v->is_spooled = true;
	}
	return ERR_OK;
}

/* ---- which layer brought it ---- */

static int
compare_keys(const void *a, const void *b)
{
	const struct component *x = a, *y = b;
	int rc = strcmp(x->name, y->name);

	if (rc == 0)
		rc = strcmp(x->version, y->version);
	if (rc == 0)
		rc = strcmp(x->arch, y->arch);
	return rc != 0 ? rc : strcmp(x->type, y->type);
}

static bool
same_bytes(struct image *im, const struct version *x, const struct version *y)
{
	struct image_map mx, my;
	bool same;

	if (x->size != y->size || x->at == y->at)
		return x->size == y->size && x->at == y->at;
	if (image_spool_map(&im->spool, x->at, x->size, &mx, NULL) != ERR_OK)
		return false;
	same = image_spool_map(&im->spool, y->at, y->size, &my, NULL) == ERR_OK &&
	       memcmp(mx.bytes, my.bytes, (size_t)x->size) == 0;
	image_spool_unmap(&mx);
	image_spool_unmap(&my);
	return same;
}

/* What V held, in A, sorted for compare_keys(); not more than a past, so no error. */
static void
read_past(struct reading *r, const struct database *row, const struct version *v,
    const char *path, struct arena *a, struct inventory *ret)
{
	struct image_map m;
	struct image_file f = { .path = path, .mode = v->mode, .size = v->size };

	*ret = (struct inventory){ .os = r->inv->os };
	if (image_spool_map(&r->im->spool, v->at, v->size, &m, NULL) != ERR_OK)
		return;
	f.bytes = m.bytes;
	f.len = (size_t)v->size;
	if (row->wants(&f) && row->read(&f, a, ret, NULL) != ERR_OK)
		ret->n = 0;
	image_spool_unmap(&m);
	if (ret->n > 0)
		qsort(ret->components, ret->n, sizeof(*ret->components), compare_keys);
}

/*
 * The components from FIRST on were read from V.  Each came with the lowest layer of the
 * unbroken run, from V down, whose copy of the file has it in this version.  A database is
 * written anew by every layer that touches it, so the layer of the file tells nothing.
 */
static void
attribute(struct reading *r, const struct database *row, const struct version *v,
    const char *path, size_t first)
{
	size_t n = r->inv->n - first, left = n;
	struct component *c = r->inv->components + first;
	uint16_t *layer = mem_array(NULL, n, sizeof(*layer));
	bool *settled = mem_zalloc(n);
	struct arena *a = arena_new();

	for (size_t i = 0; i < n; i++)
		layer[i] = v->layer;
	for (const struct version *newer = v, *old;
	     left > 0 && (old = tree_older(r->tree, newer)) != NULL && old->is_spooled;
	     newer = old) {
		bool same = same_bytes(r->im, newer, old);
		struct inventory past = { 0 };

		arena_reset(a);
		if (!same)
			read_past(r, row, old, path, a, &past);
		for (size_t i = 0; i < n; i++) {
			if (settled[i])
				continue;
			if (same ||
			    (past.n > 0 && bsearch(&c[i], past.components, past.n,
					       sizeof(c[i]), compare_keys) != NULL)) {
				layer[i] = old->layer;
				continue;
			}
			settled[i] = true;
			left--;
		}
	}
	for (size_t i = 0; i < n; i++) {
		c[i].layer = r->diff_ids[layer[i]];
		c[i].origin = r->inv->layers[layer[i]].origin;
	}
	arena_free(a);
	free(layer);
	free(settled);
}

/* ---- reading ---- */

static enum err_code
read_find(struct reading *r, const struct find *find, struct err *e)
{
	const struct version *v = tree_version(r->tree, find->node);
	struct image_file f = { .path = find->path, .mode = v->mode, .size = v->size };
	struct inventory *inv = r->inv;
	struct image_map m;
	enum err_code rc;

	if (!v->is_spooled)
		return ERR_OK;
	if ((rc = image_spool_map(&r->im->spool, v->at, v->size, &m, e)) != ERR_OK)
		return rc;
	f.bytes = m.bytes;
	f.len = (size_t)v->size;
	if (owned_paths_wants(&f))
		owned_paths_read(r->owned, &f);
	for (size_t i = 0; inventory_databases[i] != NULL && rc == ERR_OK; i++) {
		const struct database *row = inventory_databases[i];
		size_t first = inv->n;
		const char *path = NULL;

		if (!row->wants(&f) || (row->is_one && r->one != NULL))
			continue;
		rc = inventory_database_read(row, &f, r->a, inv, e);
		for (size_t k = first; rc == ERR_OK && k < inv->n; k++) {
			if (inv->components[k].path != NULL)
				continue;
			if (path == NULL)
				path = utf8_clean(r->a, find->path, strlen(find->path),
				    MAX_IMAGE_PATH, true);
			inv->components[k].path = path;
		}
		if (row->is_one && inv->n > first)
			r->one = find->path;
		if (rc == ERR_OK && r->diff_ids != NULL && inv->n > first)
			attribute(r, row, v, find->path, first);
	}
	image_spool_unmap(&m);
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "%.200s", find->path);
}

/* What SQLite has not yet written back stands beside the file, and is not read. */
static void
look_for_log(struct reading *r)
{
	tree_node n;
	const struct version *v;

	if (r->one == NULL || !str_ends(r->one, ".sqlite"))
		return;
	n = tree_find(r->tree, arena_printf(r->a, "%s-wal", r->one));
	v = n == TREE_NONE ? NULL : tree_version(r->tree, n);
	if (v != NULL && v->size > 0)
		inventory_warn(r->inv, r->a,
		    "%s: its last changes are still in %s-wal, which is not read",
		    r->one, r->one);
}

/* ---- the whole ---- */

static void
name_layers(struct reading *r)
{
	const struct image_stack *s = r->stack;
	struct inventory_layer *layers;

	if (s->is_flat)
		return;
	layers = arena_array(r->a, s->n, sizeof(*layers));
	r->diff_ids = arena_array(r->a, s->n, sizeof(*r->diff_ids));
	for (size_t i = 0; i < s->n; i++) {
		r->diff_ids[i] = arena_strdup(r->a, s->layers[i]->diff_id);
		layers[i] = (struct inventory_layer){
			.diff_id = r->diff_ids[i],
			.origin = s->n_base < 0         ? ORIGIN_UNKNOWN
				  : (long)i < s->n_base ? ORIGIN_BASE
							: ORIGIN_APP,
		};
	}
	r->inv->layers = layers;
	r->inv->n_layers = s->n;
}

static void
missed(void *arg, const struct listed *entry, const char *why)
{
	struct reading *r = arg;
	const struct image_file f = { .path = entry->path, .bytes = "" };

	/* a link to nothing in a place that nobody looks at is nobody's loss */
	if (image_wants(&f))
		image_missed(&r->missed, "left out %.200s: %s", entry->path, why);
}

static enum err_code
lay_all(struct reading *r, struct err *e)
{
	enum err_code rc = ERR_OK;

	if (r->stack->n > MAX_IMAGE_LAYERS)
		return err_set(
		    e, ERR_LIMIT, "an image of more than %zu layers", MAX_IMAGE_LAYERS);
	for (size_t i = 0; i < r->stack->n && rc == ERR_OK; i++)
		rc = tree_lay(
		    r->tree, (uint16_t)i, &r->stack->layers[i]->listing, missed, r, e);
	return rc;
}

/* What was found decides what can be said of the system. */
static void
judge_system(struct reading *r)
{
	struct inventory *inv = r->inv;
	bool has_own = false, has_homeless = false;

	for (size_t i = 0; i < inv->n; i++) {
		const char *ecosystem = inv->components[i].ecosystem;

		has_homeless = has_homeless || ecosystem == NULL;
		has_own = has_own ||
			  (ecosystem != NULL && str_eq(ecosystem, inv->os.ecosystem));
	}
	if (inv->os.state == COVERAGE_UNIDENTIFIED && !has_homeless)
		inv->os.state = COVERAGE_SCRATCH;
	if (inv->os.ecosystem != NULL && !has_own)
		inventory_warn(inv, r->a,
		    "the system is %s, but no database of its packages was found",
		    inv->os.ecosystem);
}

static void
tell_missed(struct reading *r, const struct buf *missed)
{
	const char *text = buf_str(missed);

	while (*text != '\0') {
		size_t n = strcspn(text, "\n");

		inventory_warn(r->inv, r->a, "%s",
		    utf8_clean(r->a, text, n, MAX_IMAGE_PATH, true));
		text += n + (text[n] == '\n');
	}
	if (missed->full)
		inventory_warn(r->inv, r->a, "... and more of the kind");
}

enum err_code
image_read(struct image *im, const struct image_stack *stack,
    const struct inventory_hints *hints, struct arena *a, struct inventory *inv,
    struct err *e)
{
	struct reading r = {
		.im = im,
		.stack = stack,
		.tree = tree_new(),
		.a = a,
		.inv = inv,
		.scratch = arena_new(),
		.missed = BUF_INIT(MAX_MISSED_BYTES),
		.owned = owned_paths_new(),
	};
	enum err_code rc = lay_all(&r, e);

	if (rc == ERR_OK) {
		name_layers(&r);
		r.found = mem_zalloc(tree_count(r.tree));
		find_files(&r);
		find_links(&r);
		find_linked_folders(&r);
		find_spooled(&r);
		rc = fetch(&r, e);
	}
	if (rc == ERR_OK) {
		image_system(im, r.tree, hints, a, inv);
		rc = inventory_system(inv, hints, a, e);
	}
	/* what lies in var/lib before what it was called elsewhere */
	for (size_t i = 0; rc == ERR_OK && i < r.finds.n; i++)
		if (str_starts(r.finds.at[i].path, "var/lib/"))
			rc = read_find(&r, &r.finds.at[i], e);
	for (size_t i = 0; rc == ERR_OK && i < r.finds.n; i++)
		if (!str_starts(r.finds.at[i].path, "var/lib/"))
			rc = read_find(&r, &r.finds.at[i], e);
	if (rc == ERR_OK) {
		look_for_log(&r);
		inventory_mark_superseded(inv, hints->keyer, a);
		language_settle(inv, r.owned, a);
		judge_system(&r);
		for (size_t i = 0; i < stack->n; i++)
			tell_missed(&r, &stack->layers[i]->missed);
		tell_missed(&r, &r.missed);
	}
	buf_done(&r.missed);
	owned_paths_free(r.owned);
	tree_free(r.tree);
	arena_free(r.scratch);
	free(r.found);
	return rc;
}

enum err_code
image_read_plan(struct image *im, const struct image_plan *plan,
    struct image_layer *const *layers,
    enum err_code (*again)(void *arg, struct image_layer *l, struct err *e), void *arg,
    const struct inventory_hints *hints, struct arena *a, struct inventory *inv,
    struct err *e)
{
	struct image_layer **there =
	    arena_array(a, plan->n, sizeof(struct image_layer *));
	struct image_stack stack = {
		.layers = there,
		.n_base = plan->n_base,
		.again = again,
		.arg = arg,
	};
	enum err_code rc;

	inv->reader = plan->form;
	inv->subject = plan->subject;
	inv->digest = plan->digest;
	inv->platform = plan->platform;
	for (size_t i = 0; i < plan->n; i++) {
		if (layers[i] != NULL) {
			there[stack.n++] = layers[i];
			continue;
		}
		inventory_warn(inv, a, "layer %s is not in it: it lies elsewhere",
		    plan->layers[i].claim.name);
		stack.n_base -= (long)i < plan->n_base;
	}
	if ((rc = image_read(im, &stack, hints, a, inv, e)) != ERR_OK)
		return rc;
	if (plan->os != NULL && !str_eq(plan->os, "linux") && hints->os == NULL)
		inv->os = (struct os){
			.id = plan->os,
			.state = COVERAGE_UNSUPPORTED,
		};
	return ERR_OK;
}
