/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Image lists and who is on them.  Memberships are periods on the number line; those of a
 * selected list are kept too, and brought up to date whenever an image or the selector
 * changes.
 */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/str.h"
#include "store/outbox_private.h"
#include "store/query_private.h"

enum list_column {
	LIST_COL_ID,
	LIST_COL_TEAM_ID,
	LIST_COL_TEAM,
	LIST_COL_NAME,
	LIST_COL_SELECTOR,
	LIST_COL_OWNER,
	LIST_COL_CREATED,
	LIST_COL_IMAGES
};

static void
read_list(struct query *q, struct arena *a, struct list_row *ret)
{
	*ret = (struct list_row){
		.id = col_int(q, LIST_COL_ID),
		.team_id = col_int(q, LIST_COL_TEAM_ID),
		.team = col_dup(q, LIST_COL_TEAM, a),
		.name = col_dup(q, LIST_COL_NAME, a),
		.selector_json = col_dup(q, LIST_COL_SELECTOR, a),
		.created_at = col_int(q, LIST_COL_CREATED),
		.n_images = col_int(q, LIST_COL_IMAGES),
	};
	owner_read(col_text(q, LIST_COL_OWNER), a, &ret->owner);
}

enum err_code
store_list(struct store *st, struct scope scope, int64_t id, const char *name,
    struct arena *a, struct list_row *ret, struct err *e)
{
	struct query *q = query(st, id > 0 ? STMT_LIST_BY_ID : STMT_LIST_BY_NAME);
	enum err_code rc;

	bind_int(q, 1, scope_reads(scope));
	if (id > 0)
		bind_int(q, 2, id);
	else
		bind_text(q, 2, name);
	if ((rc = query_one(q, e)) == ERR_OK)
		read_list(q, a, ret);
	query_done(q);
	if (rc == ERR_NOTFOUND)
		return name != NULL ? err_set(e, rc, "no list \"%s\"", name)
				    : err_set(e, rc, "no such list");
	return rc == ERR_OK ? labels_read(st, LABEL_LIST, ret->id, a, &ret->labels,
				  &ret->n_labels, e)
			    : rc;
}

enum err_code
store_lists(struct store *st, struct scope scope, int64_t after_id, size_t limit,
    struct arena *a, struct list_row **ret, size_t *ret_n, struct err *e)
{
	struct {
		struct list_row *at;
		size_t n, cap;
	} rows = { 0 };
	struct query *q = query(st, STMT_LISTS);
	enum err_code rc;
	bool more;

	bind_int(q, 1, scope_reads(scope));
	bind_int(q, 2, after_id);
	bind_int(q, 3, (int64_t)limit);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		read_list(q, a, ARENA_PUSH(a, &rows));
	query_done(q);
	for (size_t i = 0; i < rows.n && rc == ERR_OK; i++)
		rc = labels_read(st, LABEL_LIST, rows.at[i].id, a, &rows.at[i].labels,
		    &rows.at[i].n_labels, e);
	if (rc != ERR_OK)
		return rc;
	*ret = rows.at;
	*ret_n = rows.n;
	return ERR_OK;
}

/* ---- memberships ---- */

static enum err_code
has(struct store *st, int64_t list_id, int64_t image_id, bool *ret, struct err *e)
{
	struct query *q = query(st, STMT_LIST_HAS);
	enum err_code rc;

	bind_int(q, 1, list_id);
	bind_int(q, 2, image_id);
	rc = query_one(q, e);
	query_done(q);
	*ret = rc == ERR_OK;
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

enum err_code
lists_join(struct store *st, int64_t list_id, int64_t image_id, int64_t seq,
    bool by_hand, int64_t *io_joined, struct err *e)
{
	struct query *q;
	bool there;
	enum err_code rc = has(st, list_id, image_id, &there, e);

	if (rc != ERR_OK || there)
		return rc;
	*io_joined += 1;
	q = query(st, STMT_LIST_JOIN);
	bind_int(q, 1, list_id);
	bind_int(q, 2, image_id);
	bind_int(q, 3, seq);
	bind_int(q, 4, by_hand);
	return query_run(q, e);
}

enum err_code
lists_tell(
    struct store *st, int64_t list_id, int64_t joined, int64_t now_at, struct err *e)
{
	struct event_new ev = EVENT_NEW(EVENT_LIST_EXTENDED, now_at);
	struct buf detail CLEANUP_BUF = BUF_INIT(MAX_TEXT);
	struct query *q = query(st, STMT_LIST_NAME);
	struct json_writer w;
	int64_t seq = 0;
	enum err_code rc;

	bind_int(q, 1, list_id);
	if ((rc = query_one(q, e)) == ERR_OK) {
		ev.team_id = col_int(q, 0);
		jw_init(&w, &detail);
		jw_object(&w);
		jw_ktext(&w, "list", col_text(q, 1));
		jw_kint(&w, "images", joined);
		jw_object_end(&w);
	}
	query_done(q);
	if (rc != ERR_OK || (rc = seq_take(st, "event", 1, &seq, e)) != ERR_OK)
		return rc;
	ev.n = joined;
	ev.detail = buf_str(&detail);
	return event_add(st, &ev, seq, e);
}

enum err_code
lists_leave(
    struct store *st, int64_t image_id, int64_t list_id, int64_t seq, struct err *e)
{
	struct query *q = query(st, image_id == 0  ? STMT_LIST_CLEAR
				    : list_id == 0 ? STMT_LIST_LEAVE_EVERY
						   : STMT_LIST_LEAVE);

	if (list_id != 0)
		bind_int(q, 1, list_id);
	if (image_id != 0)
		bind_int(q, 2, image_id);
	bind_int(q, 3, seq);
	return query_run(q, e);
}

/* ---- selectors ---- */

static bool
label_is(const struct label *labels, size_t n, const char *key, const char *value)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(labels[i].key, key) && str_eq(labels[i].value, value))
			return true;
	return false;
}

/* Any reference glob (none = any reference) and every label. */
static bool
selects(
    const struct json *selector, const char *ref, const struct label *labels, size_t n)
{
	const struct json *refs = json_get(selector, "refs");
	const struct json *want = json_get(selector, "labels");
	bool fits = json_count(refs) == 0;

	for (size_t i = 0; i < json_count(refs) && !fits; i++)
		fits = json_str(json_at(refs, i)) != NULL &&
		       glob_match(json_str(json_at(refs, i)), ref);
	for (size_t i = 0; i < json_count(want) && fits; i++) {
		const struct json *value;
		const char *key = json_member(want, i, &value);

		fits = label_is(labels, n, key, json_str(value));
	}
	return fits;
}

static enum err_code
refresh_one(struct store *st, int64_t list_id, const char *selector_text,
    int64_t image_id, int64_t seq, int64_t *io_joined, struct arena *a, struct err *e)
{
	struct query *q = query(st, STMT_LIST_IMAGE_FACTS);
	struct json *selector = NULL;
	struct label *labels = NULL;
	const char *ref = NULL;
	size_t n = 0;
	bool wanted = false;
	enum err_code rc;

	bind_int(q, 1, image_id);
	if ((rc = query_one(q, e)) == ERR_OK)
		ref = col_dup(q, 0, a);
	query_done(q);
	if (rc != ERR_OK)
		return rc == ERR_NOTFOUND ? ERR_OK : rc;
	if ((rc = labels_read(st, LABEL_IMAGE, image_id, a, &labels, &n, e)) !=
		ERR_OK ||
	    (rc = json_parse(&selector, selector_text, strlen(selector_text), e)) !=
		ERR_OK)
		return rc;
	wanted = selects(selector, ref, labels, n);
	json_free(selector);
	return wanted ? lists_join(st, list_id, image_id, seq, false, io_joined, e)
		      : lists_leave(st, image_id, list_id, seq, e);
}

enum err_code
lists_refresh_image(
    struct store *st, int64_t image_id, int64_t seq, int64_t now_at, struct err *e)
{
	struct {
		struct selected {
			int64_t id;
			const char *selector;
		} * at;
		size_t n, cap;
	} lists = { 0 };
	struct arena *a = arena_new();
	struct query *q = query(st, STMT_LIST_SELECTED);
	enum err_code rc;
	bool more;

	bind_int(q, 1, image_id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		*ARENA_PUSH(a, &lists) =
		    (struct selected){ col_int(q, 0), col_dup(q, 1, a) };
	query_done(q);
	for (size_t i = 0; i < lists.n && rc == ERR_OK; i++) {
		int64_t joined = 0;

		rc = refresh_one(st, lists.at[i].id, lists.at[i].selector, image_id,
		    seq, &joined, a, e);
		if (rc == ERR_OK && joined > 0 && now_at != 0)
			rc = lists_tell(st, lists.at[i].id, joined, now_at, e);
	}
	arena_free(a);
	return rc;
}

static enum err_code
refresh_list(struct store *st, int64_t list_id, int64_t team_id, const char *selector,
    int64_t seq, int64_t now_at, struct arena *a, struct err *e)
{
	struct {
		int64_t *at;
		size_t n, cap;
	} ids = { 0 };
	struct query *q = query(st, STMT_LIST_TEAM_IMAGES);
	int64_t joined = 0;
	enum err_code rc;
	bool more;

	bind_int(q, 1, team_id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		*ARENA_PUSH(a, &ids) = col_int(q, 0);
	query_done(q);
	for (size_t i = 0; i < ids.n && rc == ERR_OK; i++)
		rc = refresh_one(st, list_id, selector, ids.at[i], seq, &joined, a, e);
	return rc == ERR_OK && joined > 0 ? lists_tell(st, list_id, joined, now_at, e)
					  : rc;
}

/* ---- changing ---- */

static enum err_code
add_list(struct store *st, int64_t team_id, const struct list_put *p, struct arena *a,
    int64_t *ret_id, struct err *e)
{
	struct query *q;
	enum err_code rc = seq_take(st, "list", 1, ret_id, e);

	if (rc != ERR_OK)
		return rc;
	q = query(st, STMT_LIST_ADD);
	bind_int(q, 1, *ret_id);
	bind_int(q, 2, team_id);
	bind_text(q, 3, p->name);
	bind_text(q, 4, p->selector_json);
	bind_text(q, 5, owner_write(p->owner, a));
	bind_int(q, 6, p->now_at);
	return query_run(q, e);
}

static enum err_code
replace_list(struct store *st, const struct list_row *old, const struct list_put *p,
    struct arena *a, struct err *e)
{
	struct query *q = query(st, STMT_LIST_REPLACE);

	bind_int(q, 1, old->id);
	bind_text(q, 2, p->selector_json);
	bind_text(q, 3, owner_write(p->owner != NULL ? p->owner : &old->owner, a));
	return query_run(q, e);
}

static enum err_code
put_list(struct store *st, int64_t team_id, const struct list_put *p, struct arena *a,
    int64_t *ret_id, bool *ret_created, struct err *e)
{
	const struct scope team = { .team_id = team_id };
	struct list_row old;
	int64_t seq;
	enum err_code rc = store_list(st, team, 0, p->name, a, &old, NULL);

	*ret_created = rc == ERR_NOTFOUND;
	if (rc != ERR_OK && rc != ERR_NOTFOUND)
		return err_set(e, rc, "the list cannot be read");
	if (rc == ERR_OK && p->create_only)
		return err_set(e, ERR_CONFLICT, "list \"%s\" exists", p->name);
	*ret_id = *ret_created ? 0 : old.id;
	rc = *ret_created ? add_list(st, team_id, p, a, ret_id, e)
			  : replace_list(st, &old, p, a, e);
	if (rc == ERR_OK)
		rc = labels_write(
		    st, LABEL_LIST, *ret_id, p->labels, p->n_labels, true, e);
	if (rc == ERR_OK)
		rc = seq_next(st, "event", &seq, e);
	if (rc == ERR_OK)
		rc = audit_add(st, team_id, p->actor,
		    *ret_created ? "list.create" : "list.change", p->name, NULL, NULL,
		    p->now_at, e);
	if (rc == ERR_OK && p->selector_json != NULL)
		rc = refresh_list(
		    st, *ret_id, team_id, p->selector_json, seq, p->now_at, a, e);
	return rc;
}

enum err_code
store_list_put(struct store *st, struct scope scope, const struct list_put *p,
    int64_t *ret_id, bool *ret_created, struct err *e)
{
	struct arena *a = arena_new();
	enum err_code rc = tx_begin(st, e);

	if (rc == ERR_OK)
		rc = tx_end(
		    st, put_list(st, scope.team_id, p, a, ret_id, ret_created, e), e);
	arena_free(a);
	return rc;
}

static enum err_code
delete_list(struct store *st, struct scope scope, int64_t id, const char *actor,
    int64_t now_at, struct arena *a, struct err *e)
{
	struct query *q = query(st, STMT_LIST_USED);
	struct list_row list;
	int64_t seq;
	enum err_code rc = store_list(st, scope, id, NULL, a, &list, e);

	if (rc != ERR_OK)
		return rc;
	bind_int(q, 1, id);
	if ((rc = query_one(q, e)) == ERR_OK)
		rc = err_set(e, ERR_CONFLICT, "subscription \"%s\" uses the list",
		    col_text(q, 0));
	query_done(q);
	if (rc != ERR_NOTFOUND)
		return rc;
	if ((rc = seq_next(st, "event", &seq, e)) != ERR_OK ||
	    (rc = audit_add(st, list.team_id, actor, "list.delete", list.name, NULL,
		 NULL, now_at, e)) != ERR_OK ||
	    (rc = lists_leave(st, 0, id, seq, e)) != ERR_OK ||
	    (rc = labels_write(st, LABEL_LIST, id, NULL, 0, true, e)) != ERR_OK)
		return rc;
	q = query(st, STMT_LIST_DELETE);
	bind_int(q, 1, id);
	return query_run(q, e);
}

enum err_code
store_list_delete(struct store *st, struct scope scope, int64_t id, const char *actor,
    int64_t now_at, struct err *e)
{
	struct arena *a = arena_new();
	enum err_code rc = tx_begin(st, e);

	if (rc == ERR_OK)
		rc = tx_end(st, delete_list(st, scope, id, actor, now_at, a, e), e);
	arena_free(a);
	return rc;
}

struct membership_change {
	const int64_t *add, *remove;
	size_t n_add, n_remove;
	const char *actor;
	int64_t now_at;
};

/* Is the image the list's team's? */
static enum err_code
check_image(struct store *st, int64_t team_id, int64_t image_id, struct err *e)
{
	struct query *q = query(st, STMT_LIST_IMAGE_FACTS);
	enum err_code rc;

	bind_int(q, 1, image_id);
	rc = query_one(q, e);
	if (rc == ERR_OK && col_int(q, 2) != team_id)
		rc = ERR_NOTFOUND;
	query_done(q);
	return rc == ERR_NOTFOUND ? err_set(e, rc, "no such image") : rc;
}

static enum err_code
change_members(struct store *st, struct scope scope, int64_t list_id,
    const struct membership_change *c, struct arena *a, struct err *e)
{
	struct list_row list;
	int64_t seq, joined = 0;
	enum err_code rc = store_list(st, scope, list_id, NULL, a, &list, e);

	if (rc != ERR_OK)
		return rc;
	if (list.selector_json != NULL)
		return err_set(e, ERR_CONFLICT, "list \"%s\" is filled by its selector",
		    list.name);
	if ((rc = seq_next(st, "event", &seq, e)) != ERR_OK ||
	    (rc = audit_add(st, list.team_id, c->actor, "list.images", list.name, NULL,
		 NULL, c->now_at, e)) != ERR_OK)
		return rc;
	for (size_t i = 0; i < c->n_remove && rc == ERR_OK; i++)
		if ((rc = check_image(st, list.team_id, c->remove[i], e)) == ERR_OK)
			rc = lists_leave(st, c->remove[i], list_id, seq, e);
	for (size_t i = 0; i < c->n_add && rc == ERR_OK; i++)
		if ((rc = check_image(st, list.team_id, c->add[i], e)) == ERR_OK)
			rc = lists_join(st, list_id, c->add[i], seq, true, &joined, e);
	return rc == ERR_OK && joined > 0
		   ? lists_tell(st, list_id, joined, c->now_at, e)
		   : rc;
}

enum err_code
store_list_images(struct store *st, struct scope scope, int64_t list_id,
    const int64_t *add, size_t n_add, const int64_t *remove, size_t n_remove,
    const char *actor, int64_t now_at, struct err *e)
{
	const struct membership_change c = { add, remove, n_add, n_remove, actor,
		now_at };
	struct arena *a = arena_new();
	enum err_code rc = tx_begin(st, e);

	if (rc == ERR_OK)
		rc = tx_end(st, change_members(st, scope, list_id, &c, a, e), e);
	arena_free(a);
	return rc;
}
