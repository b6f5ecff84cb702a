/* SPDX-License-Identifier: Apache-2.0 */
/*
 * images - the store's leaf for images, their inventories, and lists of images.
 *
 * Registering: store_resolve() turns components into ids and gives the statements about
 * those that nobody has decided yet; the caller decides; store_image_put() writes image,
 * sets, decisions and events in one transaction, so that its answer carries findings.
 */
#ifndef STORE_IMAGES_H
#define STORE_IMAGES_H

#include "core/component.h"
#include "core/verdict.h"
#include "store/store.h"

struct unit; /* store/feeds.h */

enum image_state { IMAGE_LIVE, IMAGE_DELETED, IMAGE_UNREACHABLE, IMAGE_STATE_COUNT };
const char *image_state_name(enum image_state s);

/* Why an image is kept although it is vulnerable: no message speaks of it. */
enum image_purpose { PURPOSE_NONE, PURPOSE_ARCHIVE, PURPOSE_TEST, IMAGE_PURPOSE_COUNT };
/* NULL for PURPOSE_NONE. */
const char *image_purpose_name(enum image_purpose p);
/* ERR_INPUT: WORD is no purpose; NULL is PURPOSE_NONE. */
enum err_code image_purpose_of(
    const char *word, enum image_purpose *ret, struct err *e);

struct owner {
	const char *name, *contact, *url; /* NULL = not said */
};
struct label {
	const char *key, *value;
};

/* An inventory whose components have ids. */
struct resolved; /* store/resolve.c; lives in the arena */

/*
 * Ids for every component of INV (new ones are written, harmless without an image) and
 * the units that must be decided because of new components: *RET_UNITS as in feeds.h.
 */
enum err_code store_resolve(struct store *st, const struct inventory *inv,
    struct arena *a, struct resolved **ret, struct unit **ret_units, size_t *ret_n,
    struct err *e);

struct image_put {
	const char *name, *ref, *platform, *digest; /* digest NULL = not known */
	const char *const *lists;                   /* names, NULL-ended; must exist */
	const struct owner *owner;                  /* NULL = keep */
	const struct label *labels;                 /* set; others are kept */
	size_t n_labels;
	const char *actor; /* for the audit log */
	int64_t now_at;
};
enum put_result { PUT_CREATED, PUT_MOVED, PUT_UNCHANGED };
struct change_counts {
	int64_t gained, lost; /* findings */
};

/*
 * Register or move the image PUT->name of SCOPE's team.
 * ERR_CONFLICT  statements changed since store_resolve(): resolve and decide again
 * ERR_NOTFOUND  a list does not exist (the text names it)
 */
enum err_code store_image_put(struct store *st, struct scope scope,
    const struct image_put *put, const struct inventory *inv, const struct resolved *r,
    const struct unit *units, size_t n, const struct decision *decisions,
    int64_t *ret_image_id, enum put_result *ret_result,
    struct change_counts *ret_changes, struct err *e);

struct image_row {
	int64_t id, team_id;
	const char *team, *name, *ref, *digest, *platform; /* NULL = not known */
	enum image_state state;
	enum image_purpose purpose;
	const char *os_id, *os_version, *ecosystem; /* NULL = not known */
	enum coverage_state
	    coverage; /* as the reader found it; see store_coverage_now */
	const char *not_covered_json;
	int64_t n_components;
	int64_t inventory_id;
	struct owner owner;
	struct label *labels;
	size_t n_labels;
	const char **lists; /* names */
	size_t n_lists;
	int64_t registered_seq, registered_at, updated_at;
};

struct image_filter {
	const char *list, *ecosystem, *owner, *coverage,
	    *q;                    /* NULL = any; q: substring of name or ref */
	const char *purpose;       /* NULL = any; "none" = those without */
	const struct label *label; /* NULL = any */
	int64_t after_id;          /* cursor: 0 = from the start */
	size_t limit;
};
/* By id, ascending; *RET_COUNT = all that fit the filter. */
enum err_code store_images(struct store *st, struct scope scope,
    const struct image_filter *f, struct arena *a, struct image_row **ret,
    size_t *ret_n, int64_t *ret_count, struct err *e);
/* By id (ID > 0) or by name; deleted images are ERR_NOTFOUND. */
enum err_code store_image(struct store *st, struct scope scope, int64_t id,
    const char *name, struct arena *a, struct image_row *ret, struct err *e);

struct image_patch {
	const struct owner *owner; /* NULL = leave */
	bool set_labels;           /* replace all labels */
	const struct label *labels;
	size_t n_labels;
	const char *ref; /* NULL = leave */
	bool set_purpose;
	enum image_purpose purpose;
	const char *actor;
	int64_t now_at;
};
enum err_code store_image_patch(struct store *st, struct scope scope, int64_t id,
    const struct image_patch *p, struct err *e);
enum err_code store_image_delete(struct store *st, struct scope scope, int64_t id,
    const char *actor, int64_t now_at, struct err *e);

/* The components of an image, in (ecosystem, name) order; only what the fleet shares. */
enum err_code store_image_components(struct store *st, struct scope scope, int64_t id,
    struct arena *a, struct component **ret, size_t *ret_n, struct err *e);

/* ---- lists ---- */

struct list_row {
	int64_t id, team_id;
	const char *team, *name;
	const char *selector_json; /* NULL = by hand */
	struct owner owner;
	struct label *labels;
	size_t n_labels;
	int64_t n_images, created_at;
};
struct list_put {
	const char *name, *selector_json; /* {"refs":[globs],"labels":{}} or NULL */
	const struct owner *owner;
	const struct label *labels;
	size_t n_labels;
	bool create_only; /* ERR_CONFLICT if the name exists */
	const char *actor;
	int64_t now_at;
};
/* Create or replace; members of a selected list are brought up to date at once. */
enum err_code store_list_put(struct store *st, struct scope scope,
    const struct list_put *p, int64_t *ret_id, bool *ret_created, struct err *e);
enum err_code store_lists(struct store *st, struct scope scope, int64_t after_id,
    size_t limit, struct arena *a, struct list_row **ret, size_t *ret_n, struct err *e);
enum err_code store_list(struct store *st, struct scope scope, int64_t id,
    const char *name, struct arena *a, struct list_row *ret, struct err *e);
/* ERR_CONFLICT while a subscription uses it. */
enum err_code store_list_delete(struct store *st, struct scope scope, int64_t id,
    const char *actor, int64_t now_at, struct err *e);
/* Put images on a hand-made list or take them off; ids of another team are ERR_NOTFOUND. */
enum err_code store_list_images(struct store *st, struct scope scope, int64_t list_id,
    const int64_t *add, size_t n_add, const int64_t *remove, size_t n_remove,
    const char *actor, int64_t now_at, struct err *e);

#endif
