/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api - what handlers share: parameters, pages, names and ids, answers.  The handlers
 * themselves are in api_*.c, one file a subject.
 */
#ifndef SERVER_API_H
#define SERVER_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/http_server.h"
#include "server/render.h"

struct json;

/* ---- parameters ---- */

/* "limit": 1..MAX_PAGE, default 50. */
enum err_code api_limit(const struct request *r, size_t *ret, struct err *e);
enum err_code api_bool(
    const struct request *r, const char *name, bool *ret, struct err *e);
/* Up to N numbers of the cursor, all 0 when there is none.  A cursor made for another
 * route or filter is ERR_INPUT. */
enum err_code api_cursor(struct request *r, int64_t *ret, size_t n, struct err *e);
const char *api_cursor_write(struct request *r, const int64_t *at, size_t n);
/*
 * A page of a collection that is read whole: of N rows those from *RET_FROM up to, not
 * including, *RET_TO; *RET_NEXT = the cursor behind them, NULL at the end.
 */
enum err_code api_page(struct request *r, size_t n, size_t *ret_from, size_t *ret_to,
    const char **ret_next, struct err *e);
/*
 * "as_of": a time or "seq:N", as a number; 0 when there is none.  ERR_LIMIT, with OUT's
 * status 410, when retention has thrown away what was known then.
 */
enum err_code api_as_of(
    struct request *r, struct response *out, int64_t *ret_seq, struct err *e);
/* The JSON object in the body; ERR_UNSUPPORTED for another content type. */
enum err_code api_json(struct request *r, struct json **ret, struct err *e);

/* An image with its coverage and counts; CHANGES may be NULL. */
struct change_counts;
enum err_code api_image_answer(struct request *r, struct response *out,
    struct store *st, int64_t image_id, const struct change_counts *changes,
    struct err *e);

/* ---- names and ids ---- */

/* Letters, digits, . _ - and no more than 128: what lists, channels ... are called. */
enum err_code api_name_check(const char *what, const char *name, struct err *e);
/* TEXT is an opaque id of PREFIX (*RET > 0) or a name (*RET 0). */
int64_t api_id(const struct request *r, const char *prefix, const char *text);
enum err_code api_image(
    struct request *r, const char *text, struct image_row *ret, struct err *e);
enum err_code api_list(
    struct request *r, const char *text, struct list_row *ret, struct err *e);
/* ERR_INPUT when an operator's token writes without saying for which team. */
enum err_code api_one_team(const struct request *r, struct err *e);

/* Owner and labels of a JSON object; *RET_OWNER NULL when absent. */
enum err_code api_owner(
    struct request *r, const struct json *j, const struct owner **ret, struct err *e);
enum err_code api_labels(struct request *r, const struct json *j,
    const struct label **ret, size_t *ret_n, bool *ret_given, struct err *e);

/* ---- answers ---- */

/* A render on the response's body. */
void api_begin(struct request *r, struct response *out, struct render *ret);
/* {"items":[ ... ],"count":N,"next_cursor":...}; COUNT -1 = not known. */
void api_items(struct render *w);
void api_items_end(struct render *w, const char *next_cursor, int64_t count);
/* now, in seconds */
int64_t api_now(const struct request *r);

/* ---- inventories ---- */

enum err_code api_read_document(
    struct request *r, struct inventory **ret, struct err *e);

/* ---- the handlers of the table ---- */
/* Where an image is seen and how it is pulled, as members "places" and "watch". */
enum err_code api_render_origin(
    struct request *r, struct render *w, const struct image_row *image, struct err *e);

#define HANDLER(name)                                                                  \
	enum err_code name(struct request *r, struct response *out, struct err *e)
HANDLER(api_inventory_post);
HANDLER(api_scan);
HANDLER(api_images_get);
HANDLER(api_images_post);
HANDLER(api_image_get);
HANDLER(api_image_pull);
HANDLER(api_import_get);
HANDLER(api_place_post);
HANDLER(api_image_patch);
HANDLER(api_image_delete);
HANDLER(api_image_components);
HANDLER(api_image_findings);
HANDLER(api_findings_get);
HANDLER(api_list_findings);
HANDLER(api_explain);
HANDLER(api_vulnerability_get);
HANDLER(api_vulnerability_images);
HANDLER(api_lists_get);
HANDLER(api_lists_post);
HANDLER(api_list_get);
HANDLER(api_list_put);
HANDLER(api_list_delete);
HANDLER(api_list_images_get);
HANDLER(api_list_images_post);
HANDLER(api_channels_get);
HANDLER(api_channels_post);
HANDLER(api_channel_get);
HANDLER(api_channel_put);
HANDLER(api_channel_delete);
HANDLER(api_channel_test);
HANDLER(api_channel_rotate);
HANDLER(api_channel_enable);
HANDLER(api_confirm_get);
HANDLER(api_confirm_post);
HANDLER(api_unsubscribe_get);
HANDLER(api_unsubscribe_post);
HANDLER(api_subscriptions_get);
HANDLER(api_subscriptions_post);
HANDLER(api_subscription_get);
HANDLER(api_subscription_put);
HANDLER(api_subscription_delete);
HANDLER(api_subscription_changes);
HANDLER(api_news_post);
HANDLER(api_news_delete);
HANDLER(api_news_get);
HANDLER(api_messages_get);
HANDLER(api_message_get);
HANDLER(api_message_replay);
HANDLER(api_messages_replay);
HANDLER(api_events_get);
HANDLER(api_feeds_get);
HANDLER(api_feed_get);
HANDLER(api_feed_runs);
HANDLER(api_advisory_get);
HANDLER(api_advisory_history);
HANDLER(api_feed_run);
HANDLER(api_feed_accept);
HANDLER(api_teams_get);
HANDLER(api_teams_post);
HANDLER(api_tokens_get);
HANDLER(api_tokens_post);
HANDLER(api_token_delete);
HANDLER(api_audit_get);
HANDLER(api_openapi);
HANDLER(api_healthz);
HANDLER(api_readyz);
HANDLER(api_metrics);

#endif
