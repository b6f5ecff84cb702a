/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which inventories have a component: a posting, one run of bytes, and a tail of rows that
 * new inventories add to and that is folded into the posting in idle moments.  Ids are
 * given in ascending order and never twice, so the union of many postings is a bitmap
 * from which a sorted array falls out.
 */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "store/store_private.h"

#define MAX_SET_BYTES 67108864 /* nine bytes for each of seven million ids */
#define WORD_BITS     64

/* ---- a set of ids as bits ---- */

struct bits {
	struct arena *a;
	uint64_t *words;
	size_t n;
};

static void
bits_grow(struct bits *b, size_t word)
{
	size_t n = b->n == 0 ? 64 : b->n;
	uint64_t *words;

	while (n <= word)
		n *= 2;
	words = arena_array(b->a, n, sizeof(*words));
	if (b->n > 0)
		memcpy(words, b->words, b->n * sizeof(*words));
	b->words = words;
	b->n = n;
}

static inline void
bits_set(struct bits *b, uint64_t id)
{
	size_t word = (size_t)(id / WORD_BITS);

	if (word >= b->n)
		bits_grow(b, word);
	b->words[word] |= UINT64_C(1) << (id % WORD_BITS);
}

static void
bits_list(const struct bits *b, struct arena *a, int64_t **ret, size_t *ret_n)
{
	size_t n = 0;
	int64_t *ids;

	for (size_t i = 0; i < b->n; i++)
		n += (size_t)__builtin_popcountll(b->words[i]);
	ids = arena_array(a, n, sizeof(*ids));
	*ret_n = 0;
	for (size_t i = 0; i < b->n; i++)
		for (uint64_t w = b->words[i]; w != 0; w &= w - 1)
			ids[(*ret_n)++] = (int64_t)(i * WORD_BITS) + __builtin_ctzll(w);
	*ret = ids;
}

/* ---- reading ---- */

/* The ids of a posting, marked; every id lies below the next inventory's, so damage that
 * would ask for more memory than that shows. */
static enum err_code
mark_posting(
    const unsigned char *p, size_t len, uint64_t max_id, struct bits *b, struct err *e)
{
	uint64_t last = 0, gap = 0;
	unsigned shift = 0;

	for (size_t i = 0; i < len; i++) {
		gap |= (uint64_t)(p[i] & 0x7f) << shift;
		if (p[i] & 0x80) {
			shift += 7;
			if (shift > 56)
				return err_set(e, ERR_STORAGE, "a posting is damaged");
			continue;
		}
		last += gap;
		if (gap == 0 || last > max_id)
			return err_set(e, ERR_STORAGE, "a posting is damaged");
		bits_set(b, last);
		gap = 0;
		shift = 0;
	}
	return shift == 0 ? ERR_OK : err_set(e, ERR_STORAGE, "a posting is damaged");
}

static enum err_code
mark_component(struct store *st, int64_t component_id, uint64_t max_id, struct bits *b,
    struct err *e)
{
	struct query *q = query(st, STMT_POSTING_GET);
	enum err_code rc;
	bool more;

	bind_int(q, 1, component_id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more) {
		const void *p;
		size_t len;

		if (col_null(q, 0)) {
			uint64_t id = (uint64_t)col_int(q, 1);

			if (id > max_id) {
				rc = err_set(e, ERR_STORAGE, "a posting is damaged");
				break;
			}
			bits_set(b, id);
			continue;
		}
		p = col_blob(q, 0, &len);
		if ((rc = mark_posting(p, len, max_id, b, e)) != ERR_OK)
			break;
	}
	query_done(q);
	return rc;
}

enum err_code
sets_inventories_of(struct store *st, const int64_t *components, size_t n,
    struct arena *a, int64_t **ret, size_t *ret_n, struct err *e)
{
	struct bits bits = { 0 };
	int64_t next_id = 1;
	enum err_code rc;

	if ((rc = seq_next(st, "inventory", &next_id, e)) != ERR_OK)
		return rc;
	bits.a = arena_new();
	for (size_t i = 0; i < n && rc == ERR_OK; i++)
		rc = mark_component(st, components[i], (uint64_t)next_id, &bits, e);
	if (rc == ERR_OK)
		bits_list(&bits, a, ret, ret_n);
	arena_free(bits.a);
	return rc;
}

enum err_code
sets_components_of(struct store *st, int64_t inventory_id, struct arena *a,
    int64_t **ret, size_t *ret_n, struct err *e)
{
	struct query *q = query(st, STMT_SET_GET);
	const void *p;
	size_t len;
	enum err_code rc;

	bind_int(q, 1, inventory_id);
	rc = query_one(q, e);
	if (rc == ERR_OK) {
		p = col_blob(q, 0, &len);
		rc = set_decode(p, len, a, ret, ret_n, e);
	}
	query_done(q);
	return rc == ERR_NOTFOUND ? err_set(e, ERR_STORAGE, "inventory %lld is missing",
					(long long)inventory_id)
				  : rc;
}

/* ---- writing ---- */

enum err_code
sets_add(struct store *st, int64_t inventory_id, const int64_t *components, size_t n,
    struct err *e)
{
	CLEANUP_BUF struct buf set = BUF_INIT(MAX_SET_BYTES);
	struct query *q = query(st, STMT_SET_ADD);
	enum err_code rc;

	set_encode(components, n, &set);
	bind_int(q, 1, inventory_id);
	bind_blob(q, 2, buf_str(&set), set.len);
	rc = query_run(q, e);
	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		q = query(st, STMT_POSTING_TAIL_ADD);
		bind_int(q, 1, components[i]);
		bind_int(q, 2, inventory_id);
		rc = query_run(q, e);
	}
	return rc;
}

static enum err_code
fold_component(struct store *st, int64_t component_id, struct arena *a, struct err *e)
{
	CLEANUP_BUF struct buf posting = BUF_INIT(MAX_SET_BYTES);
	struct query *q;
	int64_t *ids = NULL;
	size_t n = 0;
	enum err_code rc;

	rc = sets_inventories_of(st, &component_id, 1, a, &ids, &n, e);
	if (rc != ERR_OK)
		return rc;
	set_encode(ids, n, &posting);
	if (posting.full)
		return err_set(e, ERR_LIMIT, "too many inventories have a component");
	q = query(st, STMT_POSTING_PUT);
	bind_int(q, 1, component_id);
	bind_int(q, 2, (int64_t)n);
	bind_int(q, 3, n > 0 ? ids[n - 1] : 0);
	bind_blob(q, 4, buf_str(&posting), posting.len);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	q = query(st, STMT_POSTING_TAIL_DROP);
	bind_int(q, 1, component_id);
	return query_run(q, e);
}

enum err_code
sets_tails(struct store *st, int64_t *io_after, size_t look, size_t least,
    struct arena *a, int64_t **ret, size_t *ret_n, struct err *e)
{
	struct query *q = query(st, STMT_POSTING_TAILS);
	int64_t *ids = arena_array(a, look, sizeof(*ids)), last = 0;
	size_t n = 0, looked = 0;
	enum err_code rc;
	bool more;

	bind_int(q, 1, *io_after);
	bind_int(q, 2, (int64_t)look);
	for (; (rc = query_step(q, &more, e)) == ERR_OK && more; looked++) {
		last = col_int(q, 0);
		/* rewriting a long posting for a few ids writes hundreds of times
		 * what is new */
		if (col_int(q, 1) >= (int64_t)least + col_int(q, 2) / 64)
			ids[n++] = last;
	}
	query_done(q);
	if (rc != ERR_OK)
		return rc;
	*io_after = looked < look ? 0 : last;
	*ret = ids;
	*ret_n = n;
	return ERR_OK;
}

enum err_code
sets_fold(struct store *st, const int64_t *components, size_t n, struct err *e)
{
	struct arena *a = arena_new();
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		arena_reset(a);
		rc = fold_component(st, components[i], a, e);
	}
	arena_free(a);
	return rc;
}
