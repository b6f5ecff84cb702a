/* SPDX-License-Identifier: Apache-2.0 */
/* query_private - what the reading side of the room shares: owners, labels, image rows. */
#ifndef STORE_QUERY_PRIVATE_H
#define STORE_QUERY_PRIVATE_H

#include "store/findings.h"
#include "store/images.h"
#include "store/store_private.h"

#define LABEL_IMAGE 1
#define LABEL_LIST  2

/* JSON {"name","contact","url"} as columns keep it; NULL for nobody. */
const char *owner_write(const struct owner *o, struct arena *a);
/* TEXT may be NULL; texts in A. */
void owner_read(const char *text, struct arena *a, struct owner *ret);

enum err_code labels_read(struct store *st, int kind, int64_t id, struct arena *a,
    struct label **ret, size_t *ret_n, struct err *e);
/* Set the N labels; REPLACE drops all others. */
enum err_code labels_write(struct store *st, int kind, int64_t id,
    const struct label *labels, size_t n, bool replace, struct err *e);

/*
 * Bring the memberships of an image in its team's selected lists up to date, as of number
 * SEQ, which the caller took.  Called by every write that changes reference or labels.
 * NOW_AT 0: the caller's own event says that the image is there.
 */
enum err_code lists_refresh_image(
    struct store *st, int64_t image_id, int64_t seq, int64_t now_at, struct err *e);
/* End a membership at SEQ; an id of 0 = all of the image / of the list. */
enum err_code lists_leave(
    struct store *st, int64_t image_id, int64_t list_id, int64_t seq, struct err *e);
/* Put the image on the list from SEQ on, by hand, unless it is there; then one more in
 * *IO_JOINED. */
enum err_code lists_join(struct store *st, int64_t list_id, int64_t image_id,
    int64_t seq, bool by_hand, int64_t *io_joined, struct err *e);
/* From number SEQ on image ID has PURPOSE; one that has none any more is told to its lists
 * as if it had joined them. */
enum err_code image_purpose_set(struct store *st, int64_t id,
    enum image_purpose purpose, int64_t seq, int64_t now_at, struct arena *a,
    struct err *e);
/* The event of JOINED images that came to a list without being registered: what they have
 * is a baseline for its subscribers. */
enum err_code lists_tell(
    struct store *st, int64_t list_id, int64_t joined, int64_t now_at, struct err *e);

/* What the reader of an image found, before any feed is asked. */
struct reading {
	enum coverage_state state;
	const char *ecosystem; /* NULL = none */
	struct not_covered *not_covered;
	size_t n_not_covered;
};
/* Images that are alike in that, judged once. */
struct coverage_group {
	struct reading reading;
	struct coverage coverage;
	int64_t images, ecosystem_id; /* 0 = none */
};
/* Those of the scope, without what is not covered. */
enum err_code coverage_kinds(struct store *st, struct scope scope, struct arena *a,
    struct coverage_group **ret, size_t *ret_n, struct err *e);

/* Live images of a list (0 = any) and scope, (id, inventory) in id order. */
struct image_ref {
	int64_t id, inventory_id; /* 0 = never read */
	int coverage;
};
enum err_code image_refs(struct store *st, struct scope scope, int64_t list_id,
    struct arena *a, struct image_ref **ret, size_t *ret_n, struct err *e);

#endif
