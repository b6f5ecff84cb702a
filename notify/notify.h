/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notify - from events to messages that arrived.
 *
 * What it is for.  Subscriptions (filter, schedule, gathering window), digests, the
 * channels that carry them, the sending with retry and backoff.
 *
 * What it promises.  A message covers the net change between two event numbers and is
 * enqueued together with the cursor's move: nothing is enqueued twice, nothing is lost.
 * Its body is frozen when it is enqueued; a delivery in flight at a crash may repeat
 * once, with the same id.  One channel in trouble does not hold up another.
 *
 * What it does not do.  It remembers nothing (store/outbox.h does) and knows no REST.
 *
 * Threads.  A struct notify belongs to one thread.  Gathering and delivering may run in
 * two threads with two of them.
 *
 * Memory.  One arena per batch, inside.
 *
 * Errors.  A failure to reach a receiver is no error here: it is written into the
 * outbox.  ERR_STORAGE and ERR_BUSY come from the store.
 *
 * Limits.  MAX_MESSAGE_BYTES, MAX_MESSAGE_ENTRIES, MAX_MESSAGE_IMAGES; a delivery ends
 * within 20 s.
 *
 * Start reading at the table in all.c, then gather.c (what to say), deliver.c (saying it).
 */
#ifndef NOTIFY_NOTIFY_H
#define NOTIFY_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "store/outbox.h"

/* Opaque here; defined elsewhere. */
struct arena;
struct buf;
struct clock;
struct json;
struct json_writer;
struct net;
struct notify; /* notify/notify_private.h */

struct notify_settings {
	const char *public_url;  /* for links; NULL = none */
	int64_t gather_ms;       /* default gathering window */
	const int64_t *retry_ms; /* waits between tries */
	size_t n_retry;
	const char *const *allow_cidrs; /* private networks that webhooks may reach */
	const char *smtp_url, *smtp_from, *smtp_user, *smtp_password, *smtp_ca_file;
	bool smtp_starttls;
	bool smtp_confirm; /* addresses are asked before anything is sent to them */
};

struct notify_options {
	struct store *store; /* its own handle */
	struct net *net;
	const struct clock *clock;
	const struct notify_settings
	    *settings; /* borrowed; replaced as a whole on reload */
};
struct notify *notify_new(const struct notify_options *o);
void notify_free(struct notify *n); /* NULL is allowed */

/*
 * Look at every subscription that is due and enqueue what it has to say.
 * *RET_NEXT_AT_MS = when to look again, 0 = when an event is appended.
 * *RET_N = messages enqueued.
 */
enum err_code notify_gather(
    struct notify *n, int64_t *ret_next_at_ms, size_t *ret_n, struct err *e);

/*
 * Send one due message.  *RET_DID false: none was due, and *RET_NEXT_AT_MS says when
 * (0 = when something is enqueued).  WHAT, if not NULL, gets one line for the log.
 */
enum err_code notify_deliver(struct notify *n, bool *ret_did, int64_t *ret_next_at_ms,
    char *what, size_t what_size, struct err *e);

/*
 * What the messages of subscription S would say about (FROM, TO]: the webhook body, not
 * cut, appended to OUT.  Writes nothing.
 */
enum err_code notify_changes(struct notify *n, const struct subscription_row *s,
    int64_t from_seq, int64_t to_seq, struct arena *a, struct buf *out, struct err *e);

/* ---- what clients write ---- */

/*
 * Check a subscription's definition as written by a client (fields schedule, at, days,
 * tz, gather, urgent, filter of J; others are the caller's) and say what
 * follows from them.  ERR_INPUT names the field.
 */
struct subscription_word {
	const char *definition_json; /* canonical */
	int64_t next_at;             /* when it is due first; 0 = as events come */
	int64_t epss_micro;          /* from which EPSS on it wants to know; 0 = any */
};
enum err_code notify_subscription_check(const struct json *j, int64_t now_ms,
    struct arena *a, struct subscription_word *ret, struct err *e);

/*
 * Check a channel's config for TYPE and complete it (a secret is made where it is
 * absent); *RET_SECRET, if one was made, is to be shown once, else NULL.
 * ERR_UNSUPPORTED  no such type
 */
enum err_code notify_channel_check(const char *type, const struct json *config,
    const struct notify_settings *s, struct arena *a, const char **ret_config,
    const char **ret_secret, struct err *e);
/*
 * A fresh secret for a channel of TYPE with CONFIG_JSON; the present one stays good for a
 * day.
 * ERR_UNSUPPORTED  it has none to be replaced
 */
enum err_code notify_channel_rotate(const char *type, const char *config_json,
    int64_t now_at, struct arena *a, const char **ret_config, const char **ret_secret,
    struct err *e);
/* The config as it may be shown: secrets as their last four characters. */
void notify_channel_show(
    const char *type, const char *config_json, struct json_writer *w);

/*
 * Ask the people behind a channel that was written whether they want its messages, if it
 * has any that were not asked yet; *RET_N = how many are asked now.
 */
enum err_code notify_channel_ask(struct notify *n, struct scope scope,
    int64_t channel_id, struct arena *a, size_t *ret_n, struct err *e);

/* What a link in a message allows. */
struct click {
	enum {
		CLICK_CONFIRMS_CHANNEL,
		CLICK_CONFIRMS_ADDRESS,
		CLICK_UNSUBSCRIBES,
	} kind;
	int64_t id; /* channel, team, subscription */
	const char *address;
};
/* False: no such link was ever sent. */
bool notify_click_read(const unsigned char opaque_key[32], const char *token,
    struct arena *a, struct click *ret);

/* A subscription's news as a document for feed readers. */
enum news_format { NEWS_ATOM, NEWS_JSON };
struct news_feed {
	const struct subscription_row *subscription;
	const char *id;       /* never changes: "sub_..." */
	const char *self_url; /* NULL = without public_url */
	const struct news_row *rows;
	size_t n;
};
void notify_news_write(
    const struct news_feed *f, enum news_format format, struct buf *out);

/* Enqueue a test message for a channel; *RET_ID = its (first) message's id. */
enum err_code notify_channel_test(struct notify *n, struct scope scope,
    int64_t channel_id, const char *actor, struct arena *a, const char **ret_id,
    struct err *e);

#endif
