/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbox - the store's leaf for the event log, channels, subscriptions and messages.
 *
 * Nothing is lost and nothing is enqueued twice: messages and the move of the
 * subscription's cursor are one transaction, and a message's id follows from what it
 * covers, so a second try builds the same row.
 */
#ifndef STORE_OUTBOX_H
#define STORE_OUTBOX_H

#include "core/verdict.h"
#include "store/findings.h"
#include "store/store.h"

/* Stored: only add at the end. */
enum event_kind {
	EVENT_FINDING_OPENED,
	EVENT_FINDING_FIX_AVAILABLE,
	EVENT_FINDING_FIX_CHANGED,
	EVENT_FINDING_SEVERITY_RAISED,
	EVENT_FINDING_EXPLOITED,
	EVENT_FINDING_RESOLVED,
	EVENT_IMAGE_REGISTERED,
	EVENT_IMAGE_MOVED,
	EVENT_IMAGE_DELETED,
	EVENT_FEED_BASELINE, /* a feed began to speak of an ecosystem; detail has counts */
	EVENT_FEED_SUMMARY, /* a quiet run (upgrade ...) changed matches; detail has counts */
	EVENT_FEED_HELD,
	EVENT_FEED_FAILED,
	EVENT_FEED_RECOVERED,
	EVENT_FEED_FLOOD,
	EVENT_FEED_ANNOUNCED, /* an operator announced a flood: run_id's quiet events count */
	EVENT_LIST_EXTENDED, /* registered images joined a list; detail has list, images */
	EVENT_CLOCK_TICK,    /* time went by; never shown, never told */
	EVENT_FEED_STALE,    /* a feed is silent or out of reach for too long */
	EVENT_IMAGE_END_OF_LIFE, /* of every image of a system; detail has ends, days */
	EVENT_IMAGE_UNREACHABLE, /* its registry has it no more; detail has ref, error */
	EVENT_IMAGE_REACHABLE,   /* and now it has it again */
	EVENT_KIND_COUNT
};
const char *event_kind_name(enum event_kind k); /* "finding.opened" ... */
bool event_kind_from_name(const char *text, enum event_kind *ret);

/*
 * A score of EPSS that rises over a threshold is a finding.severity_raised of the
 * vulnerability as a whole: whatever a subscription asks for, and these three.
 */
#define EPSS_GRID_MICRO                                                                \
	{                                                                              \
		100000, 500000, 900000                                                 \
	}

#define EVENT_FIXABLE   1 /* a fix is available in the image's own stream */
#define EVENT_EXPLOITED 2 /* the vulnerability is known to be exploited */
#define EVENT_QUIET     4 /* applied, not told: flood, baseline, upgrade */

struct event_row {
	int64_t seq, at;
	enum event_kind kind;
	int64_t team_id;                                         /* -1 = every team's */
	int64_t run_id, vulnerability_id, package_id, image_id;  /* 0 = none */
	const char *vulnerability, *ecosystem, *package, *image; /* NULL = none */
	enum status state;
	enum severity severity, severity_before;
	unsigned flags;
	int64_t epss_micro;      /* -1 = none */
	int64_t n_images;        /* of the scope; 0 where it does not apply */
	const char *detail_json; /* NULL = none */
};
/*
 * Events after AFTER_SEQ that concern the scope: its own and those global ones that hit
 * one of its images.  *RET_NEXT_SEQ = the number to ask from next time; events that concern
 * nobody here lie below it too, so the page may be short or empty and the log go on.
 * ERR_LIMIT "gone" when AFTER_SEQ is below what is kept.
 */
enum err_code store_events(struct store *st, struct scope scope, int64_t after_seq,
    size_t limit, struct arena *a, struct event_row **ret, size_t *ret_n,
    int64_t *ret_next_seq, struct err *e);

/* ---- channels ---- */

enum channel_state {
	CHANNEL_UNVERIFIED,
	CHANNEL_VERIFIED,
	CHANNEL_FAILING,
	CHANNEL_DISABLED,
	CHANNEL_STATE_COUNT
};
const char *channel_state_name(enum channel_state s);

/* Stored.  What is told of a channel on others. */
enum channel_alarm {
	ALARM_NONE,
	ALARM_DUE, /* it fails, and nobody knows yet */
	ALARM_TOLD,
	ALARM_OVER_DUE, /* it works again, and those who were told do not know yet */
};

struct channel_row {
	int64_t id, team_id;
	const char *team, *name, *type;
	const char *config_json; /* with secrets: never shown as it is */
	bool is_closed; /* sealed with a key that is not here; config_json is "{}" */
	enum channel_state state;
	int failures;
	int64_t retry_at;
	const char *last_error;
	int64_t last_success_at, created_at;
	int64_t verified_at, failing_since; /* 0 = not */
	enum channel_alarm alarm;
};
struct channel_put {
	const char *name, *type, *config_json;
	bool create_only;
	const char *actor;
	int64_t now_at;
};
enum err_code store_channel_put(struct store *st, struct scope scope,
    const struct channel_put *p, int64_t *ret_id, bool *ret_created, struct err *e);
enum err_code store_channels(struct store *st, struct scope scope, int64_t after_id,
    size_t limit, struct arena *a, struct channel_row **ret, size_t *ret_n,
    struct err *e);
enum err_code store_channel(struct store *st, struct scope scope, int64_t id,
    const char *name, struct arena *a, struct channel_row *ret, struct err *e);
/* ERR_CONFLICT while a subscription uses it. */
enum err_code store_channel_delete(struct store *st, struct scope scope, int64_t id,
    const char *actor, int64_t now_at, struct err *e);

/* Another config for the same receiver: its state stays.  ACTION for the audit log. */
enum err_code store_channel_config(struct store *st, struct scope scope, int64_t id,
    const char *config_json, const char *action, const char *actor, int64_t now_at,
    struct err *e);
/* A failing or disabled channel is tried anew, now. */
enum err_code store_channel_enable(struct store *st, struct scope scope, int64_t id,
    const char *actor, int64_t now_at, struct err *e);
/* Somebody has seen what was sent there. */
enum err_code store_channel_confirm(
    struct store *st, int64_t id, const char *actor, int64_t now_at, struct err *e);
/*
 * From now on configurations are sealed with SEAL (borrowed), for this handle and its
 * later siblings; what lies there in plain is sealed at once, *RET_N of them.
 */
enum err_code store_use_seal(
    struct store *st, const struct seal *seal, size_t *ret_n, struct err *e);

/* ---- mail addresses ---- */

/* Note that ADDRESS is asked; *RET_NEW: it was not, or an hour ago without an answer. */
enum err_code store_address_ask(struct store *st, int64_t team_id, const char *address,
    int64_t now_at, bool *ret_new, struct err *e);
/* ERR_NOTFOUND: nobody asked. */
enum err_code store_address_confirm(struct store *st, int64_t team_id,
    const char *address, int64_t now_at, struct err *e);
/* Of the team, still to be confirmed. */
enum err_code store_addresses_open(struct store *st, int64_t team_id, struct arena *a,
    const char ***ret, size_t *ret_n, struct err *e);
/* The address wants no more (IS_OFF) or again the messages of the subscription. */
enum err_code store_unsubscribe(struct store *st, int64_t subscription_id,
    const char *address, bool is_off, int64_t now_at, struct err *e);
enum err_code store_unsubscribed(struct store *st, int64_t subscription_id,
    struct arena *a, const char ***ret, size_t *ret_n, struct err *e);

/* ---- subscriptions ---- */

struct subscription_row {
	int64_t id, team_id;
	const char *team, *name;
	int64_t list_id;
	const char *list;
	/* filter, schedule, at, days, tz, gather, urgent */
	const char *definition_json;
	bool paused;
	int64_t cursor_seq, start_seq;
	int64_t next_at; /* 0 = as events come */
	int64_t created_at;
	const char **channels; /* names */
	int64_t *channel_ids;
	size_t n_channels;
	const char *news_tail; /* end of its news feed's address; NULL = it has none */
};
struct subscription_put {
	const char *name, *list, *definition_json;
	const char *const *channels; /* names, NULL-ended, at least one */
	bool paused;
	int64_t next_at;    /* 0 = as events come */
	int64_t epss_micro; /* from which EPSS on it wants to know; 0 = any */
	bool create_only;
	bool has_news; /* a news feed is enough, channels may be none */
	const char *actor;
	int64_t now_at;
};
/* A new one starts at the present number.  ERR_NOTFOUND names the missing list/channel. */
enum err_code store_subscription_put(struct store *st, struct scope scope,
    const struct subscription_put *p, int64_t *ret_id, bool *ret_created,
    struct err *e);
enum err_code store_subscriptions(struct store *st, struct scope scope,
    int64_t after_id, size_t limit, struct arena *a, struct subscription_row **ret,
    size_t *ret_n, struct err *e);
enum err_code store_subscription(struct store *st, struct scope scope, int64_t id,
    const char *name, struct arena *a, struct subscription_row *ret, struct err *e);
enum err_code store_subscription_delete(struct store *st, struct scope scope,
    int64_t id, const char *actor, int64_t now_at, struct err *e);

/* ---- news feeds ---- */

/* The address of the subscription's feed is the text with this hash; the one before is
 * none any more.  HASH NULL takes the feed away, with what was in it. */
enum err_code store_news_feed(struct store *st, struct scope scope,
    int64_t subscription_id, const unsigned char hash[32], const char *tail,
    const char *actor, int64_t now_at, struct err *e);
/* Whose feed it is; ERR_NOTFOUND. */
enum err_code store_news_feed_find(struct store *st, const unsigned char hash[32],
    struct arena *a, struct subscription_row *ret, struct err *e);
struct news_row {
	int64_t last_seq, at;
	const char *id, *title, *text;
};
/* The newest hundred, newest first. */
enum err_code store_news(struct store *st, int64_t subscription_id, struct arena *a,
    struct news_row **ret, size_t *ret_n, struct err *e);

/* ---- from events to messages ---- */

/* Raw log entries in (after, upto], global ones and team_id's, without looking at any
 * image: what a subscription's filter is run over.  Quiet ones are left out, except
 * those of a run announced in the interval (handed out with its number). */
struct log_entry {
	int64_t seq, at, run_id;
	enum event_kind kind;
	int64_t vulnerability_id, package_id, image_id;
	const char *ecosystem, *package; /* NULL = none */
	enum severity severity, severity_before;
	enum status state;
	unsigned flags;
	int64_t epss_micro;        /* -1 = none */
	int64_t epss_before_micro; /* -1 unless it rose over a threshold */
};
enum err_code store_log(struct store *st, int64_t team_id, int64_t after_seq,
    int64_t upto_seq, size_t limit, struct arena *a, struct log_entry **ret,
    size_t *ret_n, struct err *e);

/*
 * Time as numbers: the last number given at or before second AT (0 = none yet), and the
 * second at which number SEQ was given.  What depends on the clock is evaluated at the
 * time of a number, so a second try finds the same.
 */
enum err_code store_seq_at(struct store *st, int64_t at, int64_t *ret, struct err *e);
enum err_code store_time_of(struct store *st, int64_t seq, int64_t *ret, struct err *e);
#define STORE_TICK_S 3600
/* Add a tick if the log has been silent for STORE_TICK_S. */
enum err_code store_tick(struct store *st, int64_t now_at, struct err *e);

/* Tell the releases whose end is 90, 30 or 0 days away by now, each step once. */
enum err_code store_releases_step(struct store *st, int64_t now_at, struct err *e);

/* How long what is kept, in seconds; 0 = for ever. */
struct retention {
	int64_t events_s, messages_s, bodies_s;
};
/* A slice of what retention no longer keeps; *RET_DONE: nothing was left of it. */
enum err_code store_purge(struct store *st, const struct retention *r, int64_t now_at,
    bool *ret_done, struct err *e);

/* Net change of one vulnerability for one list between two numbers. */
enum change_kind {
	CHANGE_OPENED,
	CHANGE_FIX_AVAILABLE,
	CHANGE_FIX_CHANGED,
	CHANGE_SEVERITY_RAISED,
	CHANGE_EXPLOITED,
	CHANGE_RESOLVED,
	CHANGE_KIND_COUNT
};
const char *change_kind_name(enum change_kind k); /* "opened" ... */

struct change_image {
	int64_t id;
	const char *name, *ref, *digest; /* digest NULL = not known */
	const char *owner, *contact;     /* NULL = not said */
};
struct change_package {
	const char *ecosystem, *name, *version; /* installed */
	const char *source_package;             /* NULL = none */
	enum fix_state fix;
	const char *fix_version; /* NULL = none */
};
struct change_row {
	enum change_kind kind;
	const char *
	    reason; /* "feed", "image_moved", "epss"; of a resolved one: "fixed_by_range",
			     * "not_affected", "withdrawn", "vanished", "image_moved" */
	int64_t vulnerability_id;
	const char *vulnerability, *title; /* title NULL = none */
	enum severity severity, severity_before;
	const char *severity_by, *vendor_word; /* NULL = nobody / none */
	int cvss_tenths;
	int64_t epss_micro;        /* -1 = none */
	int64_t epss_before_micro; /* -1 unless it rose over a threshold */
	int64_t exploited;         /* since; 0 = not known to be */
	struct advisory_ref *advisories;
	size_t n_advisories;
	struct change_package *packages;
	size_t n_packages;
	int64_t n_images; /* all of them */
	bool is_left; /* of a resolved one: other images of the list are still hit */
	struct change_image *images; /* the first MAX_MESSAGE_IMAGES, by name */
	size_t n_listed;
};
struct image_change {
	enum event_kind kind; /* EVENT_IMAGE_REGISTERED, _MOVED, _DELETED, _END_OF_LIFE,
		   * _UNREACHABLE, _REACHABLE */
	struct change_image image;
	const char *previous_digest; /* NULL = none */
	int64_t gained, lost;
	int64_t ends_at; /* of _END_OF_LIFE: start of its system's last day */
	bool has_ended;
};
struct feed_change {
	/* EVENT_FEED_HELD, _FAILED, _STALE, _RECOVERED (also for: nothing was said) */
	enum event_kind kind, before;
	const char *feed;
	const char *detail_json;
	int64_t at;
};
struct changes {
	struct change_row *rows; /* worst first */
	size_t n_rows;
	int64_t n_touched_images; /* different images that any row is about */
	struct image_change
	    *images; /* moved, deleted, at the end of their system's life */
	size_t n_images;
	struct feed_change *feeds; /* not filled by store_changes() */
	size_t n_feeds;
	/* What is told as one summary: images registered in the interval, feeds that began
	 * to speak of an ecosystem of the list. */
	bool has_baseline;
	struct image_change *baseline_images; /* the first MAX_MESSAGE_IMAGES */
	size_t n_baseline_listed;
	int64_t n_baseline_images;
	const char **baseline_ecosystems;
	size_t n_baseline_ecosystems;
	struct counts baseline_counts; /* open findings of what is in the baseline */
	struct change_row *baseline_exploited; /* spelled out whatever the size */
	size_t n_baseline_exploited;
};
/*
 * The net change for one list of one team over (FROM, TO], as its members saw it: an
 * image counts from its registration, from its membership and from START on, so nothing
 * is told twice as baseline and as news.  SEQS are the log entries that passed the
 * subscription's filter; moved images bring all their gained and lost findings.
 * Evaluated at the numbers: the same arguments give the same answer for ever.
 */
enum err_code store_changes(struct store *st, int64_t team_id, int64_t list_id,
    int64_t start_seq, int64_t from_seq, int64_t to_seq, const int64_t *seqs, size_t n,
    struct arena *a, struct changes *ret, struct err *e);

/* Feeds that are in another state at TO than at FROM, by name. */
enum err_code store_feed_changes(struct store *st, int64_t from_seq, int64_t to_seq,
    struct arena *a, struct feed_change **ret, size_t *ret_n, struct err *e);

/*
 * Does what is known of the list's images rest on the feed?  On one that only adds to
 * others' records every list does; else one of its images must be, or carry something, of
 * an ecosystem that the feed speaks of.
 */
enum err_code store_list_rests_on(struct store *st, int64_t team_id, int64_t list_id,
    const char *feed, bool *ret, struct err *e);

/* Subscriptions of all teams that have something to look at: not paused, cursor behind
 * the log, and next_at (if scheduled) reached. */
enum err_code store_subscriptions_due(struct store *st, int64_t now_at, struct arena *a,
    struct subscription_row **ret, size_t *ret_n, struct err *e);

struct message_new {
	const char *id;
	int64_t channel_id; /* 0 = into the subscription's news feed, if it has one */
	const char *recipient; /* "" unless mail */
	const char *subject;
	const char *body;
	size_t body_len;
};
/*
 * Move the subscription's cursor from FROM to TO, set its next_at (0 = as events come),
 * and enqueue N messages (may be 0), all or nothing.
 * ERR_CONFLICT  the cursor is not at FROM any more: somebody else did it
 */
enum err_code store_outbox_put(struct store *st, int64_t subscription_id,
    int64_t from_seq, int64_t to_seq, int64_t next_at, const struct message_new *m,
    size_t n, int64_t now_at, struct err *e);
/* A test message for a channel of the scope, outside any subscription. */
enum err_code store_outbox_test(struct store *st, struct scope scope,
    int64_t channel_id, const struct message_new *m, size_t n, const char *actor,
    int64_t now_at, struct err *e);

/* ---- alarms ---- */

/* Channels of which something is to be told. */
enum err_code store_channels_alarmed(struct store *st, struct arena *a,
    struct channel_row **ret, size_t *ret_n, struct err *e);
/* Where it can be told: the other channels of its subscriptions; if there are none, one
 * that works of the same team. */
enum err_code store_channel_friends(struct store *st, int64_t channel_id,
    struct arena *a, struct channel_row **ret, size_t *ret_n, struct err *e);
/* Enqueue what is told (N may be 0) and note it, both or nothing.  ERR_CONFLICT: ALARM is
 * not what stands there any more. */
enum err_code store_outbox_alarm(struct store *st, int64_t channel_id,
    enum channel_alarm alarm, const struct message_new *m, size_t n, int64_t now_at,
    struct err *e);
/* A question to somebody at the other end: it alone does not wait for the answer. */
enum err_code store_outbox_question(struct store *st, struct scope scope,
    int64_t channel_id, const struct message_new *m, size_t n, int64_t now_at,
    struct err *e);

/* ---- delivery ---- */

enum message_state {
	MESSAGE_PENDING,
	MESSAGE_RETRY, /* failed, waits for its next try */
	MESSAGE_ACCEPTED,
	MESSAGE_FAILED, /* given up: a dead letter, may be replayed */
	MESSAGE_STATE_COUNT
};
const char *message_state_name(enum message_state s);

enum delivery_result {
	DELIVERY_ACCEPTED,
	DELIVERY_RETRY,
	DELIVERY_FAILED,  /* this message will never be taken */
	DELIVERY_DISABLE, /* the receiver is gone: stop the channel */
	DELIVERY_CONFIG,  /* nothing works until the channel is mended */
	DELIVERY_RESULT_COUNT
};
const char *delivery_result_name(enum delivery_result r);

struct message_row {
	const char *id;
	int64_t team_id, subscription_id, channel_id;
	const char *team, *subscription,
	    *channel; /* names; subscription NULL = a test */
	const char *recipient, *subject;
	int64_t first_seq, last_seq, created_at, next_at, finished_at;
	enum message_state state;
	int attempt; /* tries so far */
	const char *body;
	size_t body_len;
	const char *last_error; /* of the last try; NULL */
	int last_status;
};
/*
 * Lease the oldest due message whose channel may be used now, until NOW_AT + LEASE_S;
 * with its channel.  ERR_NOTFOUND if none; *RET_NEXT_AT = when to look again (0 = when
 * something is enqueued).
 */
enum err_code store_outbox_take(struct store *st, int64_t now_at, int64_t lease_s,
    struct arena *a, struct message_row *ret, struct channel_row *ret_channel,
    int64_t *ret_next_at, struct err *e);

struct delivery_new {
	const char *message_id;
	int64_t at, duration_ms;
	enum delivery_result result;
	int status;
	const char *error; /* NULL = none */
	int64_t next_at;   /* of the next try, for DELIVERY_RETRY; 0 = give up */
	bool unproven;     /* accepted, and nobody knows whether it can be seen */
	int64_t
	    channel_retry_at; /* breaker: the channel rests until then; 0 = no change */
};
/* End every lease: whoever held one is gone, since this process has the claim. */
enum err_code store_outbox_release(struct store *st, struct err *e);
/* Write the attempt, end the lease, move message and channel to their new states. */
enum err_code store_outbox_result(
    struct store *st, const struct delivery_new *d, struct err *e);

struct message_filter {
	int64_t subscription_id, channel_id; /* 0 = any */
	int state;                           /* enum message_state, -1 = any */
	const char *before_id; /* cursor: messages older than this one; NULL = newest */
	size_t limit;
};
/* Newest first, without bodies. */
enum err_code store_messages(struct store *st, struct scope scope,
    const struct message_filter *f, struct arena *a, struct message_row **ret,
    size_t *ret_n, struct err *e);

struct delivery_row {
	int attempt, status;
	int64_t at, duration_ms;
	enum delivery_result result;
	const char *error;
};
/* One message with its body and its attempts. */
enum err_code store_message(struct store *st, struct scope scope, const char *id,
    struct arena *a, struct message_row *ret, struct delivery_row **ret_deliveries,
    size_t *ret_n, struct err *e);
/* Send a failed or accepted message again, same id. */
enum err_code store_message_replay(struct store *st, struct scope scope, const char *id,
    const char *actor, int64_t now_at, struct err *e);

/* Send every dead letter of the scope again that was given up since SINCE_AT; channel and
 * subscription 0 = any. */
enum err_code store_messages_replay(struct store *st, struct scope scope,
    int64_t channel_id, int64_t subscription_id, int64_t since_at, const char *actor,
    int64_t now_at, size_t *ret_n, struct err *e);

/* ---- issues in trackers ---- */

struct issue_row {
	int64_t channel_id, list_id;
	const char *vulnerability; /* with the tracker's place before it */
	int64_t number;            /* the tracker's own; 0 = none */
	bool is_open;
	const char *message_id; /* the last one that is in it */
};
/* What is known of it; number 0 if it is not there. */
enum err_code store_issue(struct store *st, int64_t channel_id, int64_t list_id,
    const char *vulnerability, struct arena *a, struct issue_row *ret, struct err *e);
/* Keep it so; number 0 forgets it. */
enum err_code store_issue_put(
    struct store *st, const struct issue_row *row, struct err *e);

/* ---- figures for /metrics ---- */
struct outbox_figures {
	int64_t pending, retrying, failed, oldest_pending_at; /* 0 = none */
};
enum err_code store_outbox_figures(
    struct store *st, struct outbox_figures *ret, struct err *e);

#endif
