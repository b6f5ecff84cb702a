/* SPDX-License-Identifier: Apache-2.0 */
/* Images: looked up, changed, deleted. */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/str.h"
#include "store/outbox_private.h"
#include "store/query_private.h"

enum image_column {
	IMAGE_ID,
	IMAGE_TEAM_ID,
	IMAGE_TEAM,
	IMAGE_NAME,
	IMAGE_REF,
	IMAGE_DIGEST,
	IMAGE_PLATFORM,
	IMAGE_STATE,
	IMAGE_OS_ID,
	IMAGE_OS_VERSION,
	IMAGE_ECOSYSTEM,
	IMAGE_COVERAGE,
	IMAGE_NOT_COVERED,
	IMAGE_N_COMPONENTS,
	IMAGE_INVENTORY,
	IMAGE_OWNER,
	IMAGE_REGISTERED_SEQ,
	IMAGE_REGISTERED_AT,
	IMAGE_UPDATED_AT,
	IMAGE_PURPOSE
};

const char *
image_state_name(enum image_state s)
{
	static const char *const words[] = { "live", "deleted", "unreachable" };
	_Static_assert(
	    sizeof(words) / sizeof(words[0]) == IMAGE_STATE_COUNT, "one word each");

	return (size_t)s < IMAGE_STATE_COUNT ? words[s] : "unknown";
}

/* ---- owners and labels ---- */

const char *
owner_write(const struct owner *o, struct arena *a)
{
	struct buf text = BUF_INIT(65536);
	struct json_writer w;
	const char *ret;

	if (o == NULL || (o->name == NULL && o->contact == NULL && o->url == NULL))
		return NULL;
	jw_init(&w, &text);
	jw_object(&w);
	jw_ktext(&w, "name", o->name);
	jw_ktext(&w, "contact", o->contact);
	jw_ktext(&w, "url", o->url);
	jw_object_end(&w);
	ret = arena_strdup(a, buf_str(&text));
	buf_done(&text);
	return ret;
}

void
owner_read(const char *text, struct arena *a, struct owner *ret)
{
	struct json *j = NULL;

	memset(ret, 0, sizeof(*ret));
	if (text == NULL || json_parse(&j, text, strlen(text), NULL) != ERR_OK)
		return;
	ret->name = arena_strdup(a, json_str(json_get(j, "name")));
	ret->contact = arena_strdup(a, json_str(json_get(j, "contact")));
	ret->url = arena_strdup(a, json_str(json_get(j, "url")));
	json_free(j);
}

enum err_code
labels_read(struct store *st, int kind, int64_t id, struct arena *a, struct label **ret,
    size_t *ret_n, struct err *e)
{
	struct {
		struct label *at;
		size_t n, cap;
	} labels = { 0 };
	struct query *q = query(st, STMT_LABELS);
	enum err_code rc;
	bool more;

	bind_int(q, 1, kind);
	bind_int(q, 2, id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		*ARENA_PUSH(a, &labels) =
		    (struct label){ col_dup(q, 0, a), col_dup(q, 1, a) };
	query_done(q);
	*ret = labels.at;
	*ret_n = labels.n;
	return rc;
}

enum err_code
labels_write(struct store *st, int kind, int64_t id, const struct label *labels,
    size_t n, bool replace, struct err *e)
{
	enum err_code rc = ERR_OK;

	if (replace) {
		struct query *q = query(st, STMT_LABELS_DROP);

		bind_int(q, 1, kind);
		bind_int(q, 2, id);
		rc = query_run(q, e);
	}
	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		struct query *q = query(st, STMT_LABEL_SET);

		bind_int(q, 1, kind);
		bind_int(q, 2, id);
		bind_text(q, 3, labels[i].key);
		bind_text(q, 4, labels[i].value);
		rc = query_run(q, e);
	}
	return rc;
}

/* ---- looking ---- */

static void
read_image(struct query *q, struct arena *a, struct image_row *ret)
{
	const char *owner = col_text(q, IMAGE_OWNER);

	*ret = (struct image_row){
		.id = col_int(q, IMAGE_ID),
		.team_id = col_int(q, IMAGE_TEAM_ID),
		.team = col_dup(q, IMAGE_TEAM, a),
		.name = col_dup(q, IMAGE_NAME, a),
		.ref = col_dup(q, IMAGE_REF, a),
		.digest = col_dup(q, IMAGE_DIGEST, a),
		.platform = col_dup(q, IMAGE_PLATFORM, a),
		.state = (enum image_state)col_int(q, IMAGE_STATE),
		.os_id = col_dup(q, IMAGE_OS_ID, a),
		.os_version = col_dup(q, IMAGE_OS_VERSION, a),
		.ecosystem = col_dup(q, IMAGE_ECOSYSTEM, a),
		.coverage = (enum coverage_state)col_int(q, IMAGE_COVERAGE),
		.not_covered_json = col_dup(q, IMAGE_NOT_COVERED, a),
		.n_components = col_int(q, IMAGE_N_COMPONENTS),
		.inventory_id = col_int(q, IMAGE_INVENTORY),
		.registered_seq = col_int(q, IMAGE_REGISTERED_SEQ),
		.registered_at = col_int(q, IMAGE_REGISTERED_AT),
		.updated_at = col_int(q, IMAGE_UPDATED_AT),
		.purpose = (enum image_purpose)col_int(q, IMAGE_PURPOSE),
	};
	owner_read(owner, a, &ret->owner);
}

static enum err_code
read_lists(struct store *st, struct image_row *i, struct arena *a, struct err *e)
{
	struct {
		const char **at;
		size_t n, cap;
	} names = { 0 };
	struct query *q = query(st, STMT_IMAGE_LISTS);
	enum err_code rc;
	bool more;

	bind_int(q, 1, i->id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		*ARENA_PUSH(a, &names) = col_dup(q, 0, a);
	query_done(q);
	i->lists = names.at;
	i->n_lists = names.n;
	return rc;
}

/* Lists and labels of an image that was read. */
static enum err_code
complete(struct store *st, struct image_row *i, struct arena *a, struct err *e)
{
	enum err_code rc = read_lists(st, i, a, e);

	if (rc == ERR_OK)
		rc =
		    labels_read(st, LABEL_IMAGE, i->id, a, &i->labels, &i->n_labels, e);
	return rc;
}

/* -1 = any; the words are those of the API. */
static enum err_code
coverage_of(const char *word, int64_t *ret, struct err *e)
{
	for (int c = 0; c < COVERAGE_COUNT; c++)
		if (str_eq(coverage_state_name((enum coverage_state)c), word)) {
			*ret = c;
			return ERR_OK;
		}
	return err_set(e, ERR_INPUT, "\"%s\" is no state of coverage", word);
}

static enum err_code
bind_filter(
    struct query *q, struct scope scope, const struct image_filter *f, struct err *e)
{
	int64_t coverage = 0;
	enum image_purpose purpose = PURPOSE_NONE;
	enum err_code rc = ERR_OK;

	bind_int(q, 1, scope_reads(scope));
	bind_text(q, 4, f->list);
	bind_text(q, 5, f->ecosystem);
	bind_text(q, 6, f->owner);
	bind_null(q, 7);
	if (f->coverage != NULL &&
	    (rc = coverage_of(f->coverage, &coverage, e)) == ERR_OK)
		bind_int(q, 7, coverage);
	bind_text(q, 8, f->q);
	bind_text(q, 9, f->label != NULL ? f->label->key : NULL);
	bind_text(q, 10, f->label != NULL ? f->label->value : NULL);
	bind_null(q, 11);
	if (rc == ERR_OK && f->purpose != NULL &&
	    (str_eq(f->purpose, "none") ||
		(rc = image_purpose_of(f->purpose, &purpose, e)) == ERR_OK))
		bind_int(q, 11, purpose);
	return rc;
}

static enum err_code
list_images(struct store *st, struct scope scope, const struct image_filter *f,
    struct arena *a, struct image_row **ret, size_t *ret_n, int64_t *ret_count,
    struct err *e)
{
	struct {
		struct image_row *at;
		size_t n, cap;
	} rows = { 0 };
	struct query *q = query(st, scope.all ? STMT_IMAGES_OF_ALL : STMT_IMAGES);
	enum err_code rc;
	bool more;

	if ((rc = bind_filter(q, scope, f, e)) != ERR_OK)
		return rc;
	bind_int(q, 2, f->after_id);
	bind_int(q, 3, (int64_t)f->limit);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		read_image(q, a, ARENA_PUSH(a, &rows));
	query_done(q);
	for (size_t i = 0; i < rows.n && rc == ERR_OK; i++)
		rc = complete(st, &rows.at[i], a, e);
	if (rc != ERR_OK)
		return rc;
	q = query(st, STMT_IMAGES_COUNT);
	if ((rc = bind_filter(q, scope, f, e)) != ERR_OK ||
	    (rc = query_one(q, e)) != ERR_OK)
		return rc;
	*ret_count = col_int(q, 0);
	query_done(q);
	*ret = rows.at;
	*ret_n = rows.n;
	return ERR_OK;
}

enum err_code
store_images(struct store *st, struct scope scope, const struct image_filter *f,
    struct arena *a, struct image_row **ret, size_t *ret_n, int64_t *ret_count,
    struct err *e)
{
	enum err_code rc = tx_read(st, e);

	if (rc != ERR_OK)
		return rc;
	return tx_end(st, list_images(st, scope, f, a, ret, ret_n, ret_count, e), e);
}

enum err_code
store_image(struct store *st, struct scope scope, int64_t id, const char *name,
    struct arena *a, struct image_row *ret, struct err *e)
{
	struct query *q = query(st, id > 0 ? STMT_IMAGE_BY_ID : STMT_IMAGE_BY_NAME);
	enum err_code rc;

	bind_int(q, 1, scope_reads(scope));
	if (id > 0)
		bind_int(q, 2, id);
	else
		bind_text(q, 2, name);
	if ((rc = query_one(q, e)) == ERR_OK)
		read_image(q, a, ret);
	query_done(q);
	if (rc == ERR_NOTFOUND)
		return name != NULL ? err_set(e, rc, "no image \"%s\"", name)
				    : err_set(e, rc, "no such image");
	return rc == ERR_OK ? complete(st, ret, a, e) : rc;
}

enum err_code
image_refs(struct store *st, struct scope scope, int64_t list_id, struct arena *a,
    struct image_ref **ret, size_t *ret_n, struct err *e)
{
	struct {
		struct image_ref *at;
		size_t n, cap;
	} refs = { 0 };
	struct query *q =
	    query(st, scope.all ? STMT_IMAGE_REFS_OF_ALL : STMT_IMAGE_REFS);
	enum err_code rc;
	bool more;

	bind_int(q, 1, scope_reads(scope));
	bind_int(q, 2, list_id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		*ARENA_PUSH(a, &refs) = (struct image_ref){ col_int(q, 0),
			col_int(q, 1), (int)col_int(q, 2) };
	query_done(q);
	*ret = refs.at;
	*ret_n = refs.n;
	return rc;
}

/* ---- changing ---- */

static enum err_code
patch(struct store *st, struct scope scope, int64_t id, const struct image_patch *p,
    struct arena *a, struct err *e)
{
	struct image_row image;
	struct query *q;
	int64_t seq;
	enum err_code rc = store_image(st, scope, id, NULL, a, &image, e);

	if (rc == ERR_OK && p->owner != NULL) {
		q = query(st, STMT_IMAGE_SET_OWNER);
		bind_int(q, 1, id);
		bind_text(q, 2, owner_write(p->owner, a));
		bind_int(q, 3, p->now_at);
		rc = query_run(q, e);
	}
	if (rc == ERR_OK && p->ref != NULL) {
		q = query(st, STMT_IMAGE_SET_REF);
		bind_int(q, 1, id);
		bind_text(q, 2, p->ref);
		bind_int(q, 3, p->now_at);
		rc = query_run(q, e);
	}
	if (rc == ERR_OK && p->set_labels)
		rc = labels_write(st, LABEL_IMAGE, id, p->labels, p->n_labels, true, e);
	/* the audit row carries the number from which memberships change */
	if (rc == ERR_OK)
		rc = seq_next(st, "event", &seq, e);
	if (rc == ERR_OK && p->set_purpose && p->purpose != image.purpose)
		rc = image_purpose_set(st, id, p->purpose, seq, p->now_at, a, e);
	if (rc == ERR_OK)
		rc = audit_add(st, image.team_id, p->actor, "image.change", image.name,
		    NULL, NULL, p->now_at, e);
	return rc == ERR_OK ? lists_refresh_image(st, id, seq, p->now_at, e) : rc;
}

enum err_code
store_image_patch(struct store *st, struct scope scope, int64_t id,
    const struct image_patch *p, struct err *e)
{
	struct arena *a = arena_new();
	enum err_code rc = tx_begin(st, e);

	if (rc == ERR_OK)
		rc = tx_end(st, patch(st, scope, id, p, a, e), e);
	arena_free(a);
	return rc;
}

static enum err_code
run_pair(struct store *st, enum stmt s, int64_t one, int64_t two, struct err *e)
{
	struct query *q = query(st, s);

	bind_int(q, 1, one);
	bind_int(q, 2, two);
	return query_run(q, e);
}

static enum err_code
delete_image(struct store *st, struct scope scope, int64_t id, const char *actor,
    int64_t now_at, struct arena *a, struct err *e)
{
	struct event_new ev = EVENT_NEW(EVENT_IMAGE_DELETED, now_at);
	struct image_row image;
	struct query *q;
	int64_t seq;
	enum err_code rc;

	if ((rc = store_image(st, scope, id, NULL, a, &image, e)) != ERR_OK ||
	    (rc = seq_take(st, "event", 1, &seq, e)) != ERR_OK)
		return rc;
	ev.team_id = image.team_id;
	ev.image_id = id;
	q = query(st, STMT_TEAM_COVERAGE_LESS);
	bind_int(q, 1, id);
	if ((rc = query_run(q, e)) != ERR_OK)
		return rc;
	q = query(st, STMT_TEAM_BUMP);
	bind_int(q, 1, image.team_id);
	if ((rc = event_add(st, &ev, seq, e)) != ERR_OK ||
	    (rc = run_pair(st, STMT_IMAGE_CLOSE_PERIOD, id, seq, e)) != ERR_OK ||
	    (rc = run_pair(st, STMT_IMAGE_PURPOSE_CLOSE, id, seq, e)) != ERR_OK ||
	    (rc = run_pair(st, STMT_IMAGE_SET_DELETED, id, now_at, e)) != ERR_OK ||
	    (rc = run_pair(st, STMT_TEAM_INVENTORY_LESS, image.team_id,
		 image.inventory_id, e)) != ERR_OK ||
	    (rc = run_pair(st, STMT_TEAM_INVENTORY_CLEAN, image.team_id,
		 image.inventory_id, e)) != ERR_OK ||
	    (rc = lists_leave(st, id, 0, seq, e)) != ERR_OK ||
	    (rc = query_run(q, e)) != ERR_OK)
		return rc;
	return audit_add(st, image.team_id, actor, "image.delete", image.name, NULL,
	    NULL, now_at, e);
}

enum err_code
store_image_delete(struct store *st, struct scope scope, int64_t id, const char *actor,
    int64_t now_at, struct err *e)
{
	struct arena *a = arena_new();
	enum err_code rc = tx_begin(st, e);

	if (rc == ERR_OK)
		rc = tx_end(st, delete_image(st, scope, id, actor, now_at, a, e), e);
	arena_free(a);
	return rc;
}
