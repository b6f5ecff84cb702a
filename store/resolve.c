/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve - components to ids.  Nearly all of them exist in a fleet: they are looked up
 * without a lock, and only what is new is written, in a transaction of its own.  A
 * component that no inventory holds has not been decided, also if an earlier
 * registration made it and then failed.
 */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/digest.h"
#include "core/str.h"
#include "store/dict.h"
#include "store/resolve_private.h"
#include "store/units_private.h"

#define NO_VERSION "\xff\xff\xff\xff" /* head of a key that equals only itself */

/* One component on its way to an id. */
struct target {
	const struct component *c;
	const char *scheme;
	int64_t ecosystem_id, package_id, origin_package_id, origin_id, trait_id;
	struct version_key key, origin_key;
	int64_t id; /* 0 = not known */
};

/* ---- one component ---- */

/* Without a scheme nothing can be said about order. */
static void
make_key(struct store *st, const char *scheme, const char *version, struct arena *a,
    struct version_key *ret)
{
	size_t head = sizeof(NO_VERSION) - 1, len = strlen(version);
	unsigned char *bytes;

	if (*scheme != '\0') {
		st->options.keyer->version(scheme, version, a, ret);
		return;
	}
	bytes = arena_alloc(a, head + len);
	memcpy(bytes, NO_VERSION, head);
	memcpy(bytes + head, version, len);
	*ret = (struct version_key){ { bytes, head + len }, true, false };
}

static const char *
origin_version(const struct component *c)
{
	return c->source_version != NULL ? c->source_version : c->version;
}

static enum err_code
find_or_add(struct dict *d, struct query *q, const char *line, enum stmt add,
    int64_t *ret, struct query **ret_add, struct err *e)
{
	enum err_code rc = query_one(q, e);

	*ret_add = NULL;
	*ret = rc == ERR_OK ? col_int(q, 0) : 0;
	query_done(q);
	if (rc == ERR_OK || (rc == ERR_NOTFOUND && !d->create))
		return ERR_OK;
	if (rc != ERR_NOTFOUND || (rc = seq_take(d->st, line, 1, ret, e)) != ERR_OK)
		return rc;
	*ret_add = query(d->st, add);
	bind_int(*ret_add, 1, *ret);
	return ERR_OK;
}

static enum err_code
find_origin(struct dict *d, struct target *t, struct err *e)
{
	const struct version_key *k = &t->origin_key;
	const char *version = origin_version(t->c);
	struct query *q = query(d->st, STMT_ORIGIN_FIND), *add;
	enum err_code rc;

	bind_int(q, 1, t->origin_package_id);
	bind_blob(q, 2, k->key.bytes, k->key.len);
	bind_text(q, 3, version);
	rc = find_or_add(d, q, "origin", STMT_ORIGIN_ADD, &t->origin_id, &add, e);
	if (rc != ERR_OK || add == NULL)
		return rc;
	bind_int(add, 2, t->origin_package_id);
	bind_text(add, 3, version);
	bind_blob(add, 4, k->key.bytes, k->key.len);
	bind_int(add, 5, k->exact);
	bind_int(add, 6, k->parsable);
	return query_run(add, e);
}

static enum err_code
find_component(struct dict *d, struct target *t, struct err *e)
{
	const struct version_key *k = &t->key;
	struct query *q = query(d->st, STMT_COMPONENT_FIND), *add;
	enum err_code rc;

	bind_int(q, 1, t->package_id);
	bind_blob(q, 2, k->key.bytes, k->key.len);
	bind_text(q, 3, t->c->version);
	bind_int(q, 4, t->origin_id);
	bind_int(q, 5, t->trait_id);
	rc = find_or_add(d, q, "component", STMT_COMPONENT_ADD, &t->id, &add, e);
	if (rc != ERR_OK || add == NULL)
		return rc;
	bind_int(add, 2, t->package_id);
	bind_text(add, 3, t->c->version);
	bind_blob(add, 4, k->key.bytes, k->key.len);
	bind_int(add, 5, k->exact);
	bind_int(add, 6, k->parsable);
	bind_int(add, 7, t->origin_id);
	bind_int(add, 8, t->trait_id);
	if ((rc = query_run(add, e)) != ERR_OK)
		return rc;
	q = query(d->st, STMT_ECOSYSTEM_CARRIED);
	bind_int(q, 1, t->ecosystem_id);
	return query_run(q, e);
}

/* Every part of the component's identity, as far as D finds (or makes) it. */
static enum err_code
find_target(struct dict *d, struct target *t, struct arena *a, struct err *e)
{
	const char *source = t->c->source_package;
	enum err_code rc;

	rc = dict_ecosystem(
	    d, str_or_empty(t->c->ecosystem), &t->ecosystem_id, &t->scheme, e);
	if (rc == ERR_OK)
		rc = dict_package(d, t->ecosystem_id, t->c->name, &t->package_id, e);
	if (rc == ERR_OK && source != NULL)
		rc = dict_package(d, t->ecosystem_id, source, &t->origin_package_id, e);
	if (rc == ERR_OK)
		rc = dict_trait(d, t->c, &t->trait_id, e);
	if (rc != ERR_OK)
		return rc;
	if (t->key.key.bytes == NULL) {
		make_key(d->st, t->scheme, t->c->version, a, &t->key);
		if (source != NULL)
			make_key(
			    d->st, t->scheme, origin_version(t->c), a, &t->origin_key);
	}
	if (source != NULL && t->origin_package_id != 0 &&
	    (rc = find_origin(d, t, e)) != ERR_OK)
		return rc;
	if (t->package_id == 0 || t->trait_id == 0 ||
	    (source != NULL && t->origin_id == 0))
		return ERR_OK; /* a part is new, so the whole is */
	return find_component(d, t, e);
}

static enum err_code
find_targets(struct store *st, struct target *targets, size_t n, bool create,
    struct arena *a, bool *ret_all, struct err *e)
{
	struct dict d;
	enum err_code rc = create ? tx_begin(st, e) : tx_read(st, e);

	if (rc != ERR_OK)
		return rc;
	*ret_all = true;
	dict_init(&d, st, create);
	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		if (targets[i].id == 0)
			rc = find_target(&d, &targets[i], a, e);
		if (targets[i].id == 0)
			*ret_all = false;
	}
	dict_done(&d);
	return tx_end(st, rc, e);
}

/* ---- the inventory ---- */

static int
compare_ids(const void *pa, const void *pb)
{
	int64_t a = *(const int64_t *)pa, b = *(const int64_t *)pb;

	return (a > b) - (a < b);
}

static void
collect(const struct target *targets, size_t n, struct arena *a, struct resolved *r)
{
	struct sha256 *sha = sha256_new();
	size_t kept = 0;

	r->ids = arena_array(a, n, sizeof(*r->ids));
	for (size_t i = 0; i < n; i++)
		r->ids[i] = targets[i].id;
	if (n > 1)
		qsort(r->ids, n, sizeof(*r->ids), compare_ids);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || r->ids[i] != r->ids[i - 1])
			r->ids[kept++] = r->ids[i];
	r->n = kept;
	for (size_t i = 0; i < kept; i++) {
		unsigned char bytes[8];

		for (int b = 0; b < 8; b++)
			bytes[b] = (unsigned char)((uint64_t)r->ids[i] >> (8 * b));
		sha256_update(sha, bytes, sizeof(bytes));
	}
	sha256_final(sha, r->hash);
	sha256_free(sha);
}

enum err_code
inventory_find(
    struct store *st, const unsigned char hash[32], int64_t *ret, struct err *e)
{
	struct query *q = query(st, STMT_INVENTORY_FIND);
	enum err_code rc;

	bind_blob(q, 1, hash, 32);
	rc = query_one(q, e);
	*ret = rc == ERR_OK ? col_int(q, 0) : 0;
	query_done(q);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

enum err_code
component_placed(struct store *st, int64_t component_id, bool *ret, struct err *e)
{
	struct query *q = query(st, STMT_COMPONENT_PLACED);
	enum err_code rc;

	bind_int(q, 1, component_id);
	rc = query_one(q, e);
	query_done(q);
	*ret = rc == ERR_OK;
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

/* An inventory that is known holds nothing undecided. */
static enum err_code
find_fresh(struct store *st, struct arena *a, struct resolved *r, struct err *e)
{
	int64_t inventory_id = 0;
	enum err_code rc = inventory_find(st, r->hash, &inventory_id, e);

	if (rc != ERR_OK || inventory_id != 0)
		return rc;
	r->fresh = arena_array(a, r->n, sizeof(*r->fresh));
	for (size_t i = 0; i < r->n && rc == ERR_OK; i++) {
		bool placed;

		rc = component_placed(st, r->ids[i], &placed, e);
		if (rc == ERR_OK && !placed)
			r->fresh[r->n_fresh++] = r->ids[i];
	}
	return rc;
}

static enum err_code
load_units(struct store *st, struct arena *a, struct resolved *r, struct unit **ret,
    size_t *ret_n, struct err *e)
{
	struct subjects fresh = { 0 };
	enum err_code rc = seq_next(st, "statements", &r->statements, e);

	if (rc == ERR_OK)
		rc = find_fresh(st, a, r, e);
	for (size_t i = 0; i < r->n_fresh && rc == ERR_OK; i++)
		rc = subject_load(st, r->fresh[i], a, &fresh, e);
	return rc == ERR_OK
		   ? units_for_subjects(st, fresh.at, fresh.n, a, ret, ret_n, e)
		   : rc;
}

enum err_code
store_resolve(struct store *st, const struct inventory *inv, struct arena *a,
    struct resolved **ret, struct unit **ret_units, size_t *ret_n, struct err *e)
{
	struct target *targets = arena_array(a, inv->n, sizeof(*targets));
	struct resolved *r = arena_zalloc(a, sizeof(*r));
	struct unit *units = NULL;
	size_t n = 0;
	bool all = false;
	enum err_code rc;

	if (st->options.keyer == NULL)
		return err_set(e, ERR_BUG, "the store was opened without a keyer");
	for (size_t i = 0; i < inv->n; i++)
		targets[i].c = &inv->components[i];
	if ((rc = find_targets(st, targets, inv->n, false, a, &all, e)) != ERR_OK ||
	    (!all &&
		(rc = find_targets(st, targets, inv->n, true, a, &all, e)) != ERR_OK))
		return rc;
	collect(targets, inv->n, a, r);
	if ((rc = tx_read(st, e)) != ERR_OK)
		return rc;
	rc = load_units(st, a, r, &units, &n, e);
	if ((rc = tx_end(st, rc, e)) != ERR_OK)
		return rc;
	*ret = r;
	*ret_units = units;
	*ret_n = n;
	return ERR_OK;
}
