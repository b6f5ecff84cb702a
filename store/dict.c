/* SPDX-License-Identifier: Apache-2.0 */
/* dict - find or make the rows that many others point to. */
#include "store/dict.h"

#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/component.h"
#include "core/ecosystem.h"
#include "core/record.h"
#include "core/str.h"
#include "core/strmap.h"
#include "store/rekey_private.h"

void
dict_init(struct dict *d, struct store *st, bool create)
{
	*d = (struct dict){
		.st = st, .create = create, .ids = strmap_new(), .a = arena_new()
	};
}

void
dict_done(struct dict *d)
{
	strmap_free(d->ids);
	arena_free(d->a);
}

/* The id in the first column of the bound query Q; 0 if there is no row. */
static enum err_code
find(struct query *q, int64_t *ret, struct err *e)
{
	enum err_code rc = query_one(q, e);

	*ret = rc == ERR_OK ? col_int(q, 0) : 0;
	query_done(q);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

enum err_code
dict_ecosystem(struct dict *d, const char *name, int64_t *ret_id,
    const char **ret_scheme, struct err *e)
{
	const char *scheme = str_or_empty(ecosystem_scheme(name));
	uint64_t *known = strmap_put(d->ids, name, NULL);
	struct query *q;
	int64_t id = (int64_t)*known;
	enum err_code rc;

	*ret_scheme = scheme;
	*ret_id = id;
	if (id != 0)
		return ERR_OK;
	q = query(d->st, STMT_DICT_ECOSYSTEM_FIND);
	bind_text(q, 1, name);
	if ((rc = find(q, &id, e)) != ERR_OK)
		return rc;
	if (id == 0 && d->create) {
		if ((rc = seq_take(d->st, "ecosystem", 1, &id, e)) != ERR_OK)
			return rc;
		q = query(d->st, STMT_DICT_ECOSYSTEM_ADD);
		bind_int(q, 1, id);
		bind_text(q, 2, name);
		bind_text(q, 3, scheme);
		bind_int(q, 4, (int64_t)rekey_format(d->st, scheme));
		rc = query_run(q, e);
	}
	*known = (uint64_t)id;
	*ret_id = id;
	return rc;
}

enum err_code
dict_package(
    struct dict *d, int64_t ecosystem_id, const char *name, int64_t *ret, struct err *e)
{
	uint64_t *known;
	struct query *q;
	int64_t id;
	enum err_code rc;

	*ret = 0;
	if (ecosystem_id == 0)
		return ERR_OK;
	known = strmap_put(d->ids,
	    arena_printf(d->a, "%lld\x1f%s", (long long)ecosystem_id, name), NULL);
	*ret = id = (int64_t)*known;
	if (id != 0)
		return ERR_OK;
	q = query(d->st, STMT_DICT_PACKAGE_FIND);
	bind_int(q, 1, ecosystem_id);
	bind_text(q, 2, name);
	if ((rc = find(q, &id, e)) != ERR_OK)
		return rc;
	if (id == 0 && d->create) {
		if ((rc = seq_take(d->st, "package", 1, &id, e)) != ERR_OK)
			return rc;
		q = query(d->st, STMT_DICT_PACKAGE_ADD);
		bind_int(q, 1, id);
		bind_int(q, 2, ecosystem_id);
		bind_text(q, 3, name);
		rc = query_run(q, e);
	}
	*known = (uint64_t)id;
	*ret = id;
	return rc;
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, comma separated: one spelling for one set. */
static const char *
archs_text(const struct affected *aff, struct arena *a)
{
	const char **sorted;
	const char *text = "";

	if (aff->n_archs == 0)
		return text;
	sorted = arena_memdup(a, aff->archs, aff->n_archs * sizeof(*sorted));
	qsort(sorted, aff->n_archs, sizeof(*sorted), compare_texts);
	for (size_t i = 0; i < aff->n_archs; i++)
		if (i == 0 || !str_eq(sorted[i], sorted[i - 1]))
			text = arena_printf(
			    a, "%s%s%s", text, i == 0 ? "" : ",", sorted[i]);
	return text;
}

enum err_code
dict_condition(struct dict *d, const struct affected *aff, int64_t *ret, struct err *e)
{
	const char *archs = archs_text(aff, d->a);
	const char *module = str_or_empty(aff->module);
	const char *stream = str_or_empty(aff->stream);
	uint64_t *known = strmap_put(d->ids,
	    arena_printf(d->a, "c\x1f%s\x1f%s\x1f%s", archs, module, stream), NULL);
	struct query *q;
	int64_t id = (int64_t)*known;
	enum err_code rc;

	*ret = id;
	if (id != 0)
		return ERR_OK;
	q = query(d->st, STMT_DICT_CONDITION_FIND);
	bind_text(q, 1, archs);
	bind_text(q, 2, module);
	bind_text(q, 3, stream);
	bind_int(q, 4, VENDOR_OWN);
	if ((rc = find(q, &id, e)) != ERR_OK)
		return rc;
	if (id == 0 && d->create) {
		if ((rc = seq_take(d->st, "condition", 1, &id, e)) != ERR_OK)
			return rc;
		q = query(d->st, STMT_DICT_CONDITION_ADD);
		bind_int(q, 1, id);
		bind_text(q, 2, archs);
		bind_text(q, 3, module);
		bind_text(q, 4, stream);
		bind_int(q, 5, VENDOR_OWN);
		rc = query_run(q, e);
	}
	*known = (uint64_t)id;
	*ret = id;
	return rc;
}

enum err_code
dict_trait(struct dict *d, const struct component *c, int64_t *ret, struct err *e)
{
	const char *arch = str_or_empty(c->arch);
	const char *module = str_or_empty(c->module);
	const char *streams = str_or_empty(c->streams);
	uint64_t *known = strmap_put(d->ids,
	    arena_printf(d->a, "t\x1f%s\x1f%s\x1f%d\x1f%s\x1f%u", arch, module,
		(int)c->vendor, streams, c->flags),
	    NULL);
	struct query *q;
	int64_t id = (int64_t)*known;
	enum err_code rc;

	*ret = id;
	if (id != 0)
		return ERR_OK;
	q = query(d->st, STMT_DICT_TRAIT_FIND);
	bind_text(q, 1, arch);
	bind_text(q, 2, module);
	bind_int(q, 3, c->vendor);
	bind_text(q, 4, streams);
	bind_int(q, 5, c->flags);
	if ((rc = find(q, &id, e)) != ERR_OK)
		return rc;
	if (id == 0 && d->create) {
		if ((rc = seq_take(d->st, "trait", 1, &id, e)) != ERR_OK)
			return rc;
		q = query(d->st, STMT_DICT_TRAIT_ADD);
		bind_int(q, 1, id);
		bind_text(q, 2, arch);
		bind_text(q, 3, module);
		bind_int(q, 4, c->vendor);
		bind_text(q, 5, streams);
		bind_int(q, 6, c->flags);
		rc = query_run(q, e);
	}
	*known = (uint64_t)id;
	*ret = id;
	return rc;
}
