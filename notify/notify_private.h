/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notify_private - for files of this room only: a subscription's rules, the neutral
 * digest, and the table of channel drivers.
 */
#ifndef NOTIFY_NOTIFY_PRIVATE_H
#define NOTIFY_NOTIFY_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/words.h"
#include "notify/notify.h"
#include "store/findings.h"
#include "store/images.h"
#include "store/outbox.h"

struct buf;
struct zone;

struct notify {
	struct notify_options o;
	unsigned char opaque_key[32];
	bool has_key; /* read from the store at first use */
};

/* Read what a notify needs of the store once. */
enum err_code notify_prepare(struct notify *n, struct err *e);

/* ---- rules.c: what a subscription wants ---- */

enum schedule {
	SCHEDULE_IMMEDIATE,
	SCHEDULE_HOURLY,
	SCHEDULE_DAILY,
	SCHEDULE_WEEKLY,
	SCHEDULE_COUNT
};
enum unknown_severity { UNKNOWN_PASS, UNKNOWN_WAIT, UNKNOWN_DROP };

/* What may be told of feeds; that one is well again, to whom was told it was not. */
enum feed_news { FEED_NEWS_HELD, FEED_NEWS_FAILED, FEED_NEWS_STALE, FEED_NEWS_COUNT };

struct filter {
	const char *preset; /* NULL = none was named */
	bool is_quiet;      /* exploited, or fixable and (high or EPSS >= 0.1) */
	enum severity min_severity; /* SEVERITY_UNKNOWN = any */
	enum unknown_severity unknown;
	int64_t unknown_wait_s;
	bool only_fixable, only_exploited;
	int64_t epss_gte_micro;              /* 0 = any */
	const char **ecosystems, **packages; /* globs; n 0 = any */
	size_t n_ecosystems, n_packages;
	unsigned changes; /* bit 1 << enum change_kind */
	bool image_news;  /* moved and deleted images, without findings too */
	unsigned feeds;   /* bit 1 << enum feed_news */
	bool ends;        /* images whose system's life ends */
	bool reach;       /* images that their registry lost, or has again */
};

struct rules {
	enum schedule schedule;
	int minutes;   /* past midnight, for daily and weekly */
	unsigned days; /* bit 0 = Monday; 0 = every day */
	const char *tz;
	int64_t gather_ms; /* -1 = the setting's */
	struct filter filter;
	bool has_urgent;
	struct filter urgent; /* goes at once although the schedule has not come */
};

/* The definition of a subscription, copied into A; canonical text by rules_write(). */
enum err_code rules_read(
    const struct json *j, struct arena *a, struct rules *ret, struct err *e);
void rules_write(const struct rules *r, struct json_writer *w);
/* When a scheduled subscription is due next after NOW_AT; 0 = as events come. */
enum err_code rules_next(const struct rules *r, int64_t now_at, struct arena *a,
    int64_t *ret_at, struct err *e);

/* Does F want to hear of feeds in this state? */
bool filter_feed(const struct filter *f, enum event_kind k);
/* Might the entry be news?  Columns only, no store.  AGED: its wait for a severity is
 * over. */
bool filter_entry(const struct filter *f, const struct log_entry *entry, bool aged);
/* Is the net change news?  The final word. */
bool filter_change(const struct filter *f, const struct change_row *row, bool aged);

/* ---- aged.c ---- */

/* Add to IO, the net change up to TO_SEQ, what waited for a severity long enough. */
enum err_code aged_changes(struct notify *n, const struct subscription_row *s,
    const struct filter *filter, int64_t to_seq, struct arena *a, struct changes *io,
    struct err *e);

/* ---- digest.c: what one message says, before any channel ---- */

/* What is said outside any change: a test of a channel, trouble with one. */
struct notice {
	const char *type;         /* of the webhook's body: "tocsin.test" */
	const char *channel;      /* the channel it is about */
	const char *title, *text; /* text: one paragraph */
	const char *confirm_url;  /* NULL = nothing to click */
};

struct digest {
	const unsigned char *opaque_key; /* for the ids of private objects */
	const char *message_id;          /* of this channel's copy */
	const struct subscription_row *subscription;
	const struct list_row *list;
	int64_t from_seq, to_seq, at;
	const struct changes *changes;
	const struct coverage *coverage;
	int64_t n_opened, n_fix_available, n_severity_raised, n_exploited, n_resolved;
	int64_t n_images; /* images of the list that are touched */
	/* where the whole of it can be read; NULL = no public_url */
	const char *next_url;
	const char *unsubscribe_url; /* of a mail; NULL = none */
	bool is_whole;               /* spell out every entry, however many */
	unsigned
	    shrink; /* cut every list at its cap >> shrink: for what got too long */
	const struct notice
	    *notice; /* not NULL: nothing else but ids and time is set */
};
/* What happened to an image, in A, as its name goes on: "was deleted". */
const char *digest_image(const struct image_change *c, struct arena *a);
/* How many of N are spelled out where CAP is the most; at least one. */
size_t digest_cut(const struct digest *d, size_t n, size_t cap);
/* Count up what the changes say. */
void digest_count(struct digest *d);
/* "new", "a fix is out" ... */
const char *digest_change_words(enum change_kind k);
/* Why it is resolved, as a sentence. */
const char *digest_reason_words(const char *reason);
/* What must be seen first stands first. */
extern const enum change_kind digest_order[CHANGE_KIND_COUNT];
/* "3 new (1 exploited), 2 fixed, 14 images: payments" */
const char *digest_subject(const struct digest *d, struct arena *a);
/* The webhook body of DESIGN 6, canonical. */
void digest_json(const struct digest *d, struct buf *out);
/* The worst severity of what is new. */
enum severity digest_severity(const struct digest *d);
/* "upgrade openssl to 3.0.11-1~deb12u2" - what to do about a row; NULL = nothing yet. */
const char *digest_advice(const struct change_row *row, struct arena *a);
/* "feed debian-tracker is stale: nothing new for 12 days" */
const char *digest_feed(const struct feed_change *f, struct arena *a);
/* Age of the oldest feed the message rests on, in words; NULL = unknown. */
const char *digest_data_age(const struct digest *d, struct arena *a);

/* ---- digest_one.c: one vulnerability of it ---- */

/* What is beyond the number that is told one by one. */
#define DIGEST_REST "*"
/* A recipient for each vulnerability, "" for a notice.  For struct channel_driver. */
enum err_code digest_recipients(const struct digest *d, const struct json *config,
    struct arena *a, const char ***ret, size_t *ret_n, struct err *e);
/* D as far as it is about RECIPIENT. */
void digest_narrow(
    const struct digest *d, const char *recipient, struct arena *a, struct digest *ret);
/* Of a narrowed one: no image of the list is hit any more. */
bool digest_is_over(const struct digest *d);

/* ---- channels ---- */

/* One frozen message for one recipient. */
struct outgoing {
	const char *recipient; /* of driver->recipients() */
	const char *subject;
	const char *body;
	size_t body_len;
};
struct send_result {
	enum delivery_result result;
	int status;
	const char *error;     /* NULL = none */
	int64_t retry_after_s; /* -1 = the receiver did not say */
	bool unproven;         /* accepted, and whether it can be seen nobody knows */
};
struct send_env {
	struct store *store; /* for what a tracker's issues are called */
	struct net *net;
	const struct clock *clock;
	const struct notify_settings *settings;
	struct arena *arena;
};

struct channel_driver {
	const char *type;    /* MUST: "webhook" */
	const char *summary; /* MUST */
	/* What it accepts proves nothing: a test carries a link to click. */
	bool needs_click;
	/* Its recipients are people: they are asked first, and may say no later. */
	bool asks_first;
	/* MUST.  Check CONFIG, fill in what is missing, write the whole as JSON to OUT;
	 * *RET_SECRET = a secret that was made, to be shown once. */
	enum err_code (*check)(const struct json *config,
	    const struct notify_settings *s, struct arena *a, struct json_writer *out,
	    const char **ret_secret, struct err *e);
	/* MUST.  The config as people may see it. */
	void (*show)(const struct json *config, struct json_writer *w);
	/* MAY.  CONFIG with a fresh secret to OUT; the present one stays good for a
	 * while. */
	enum err_code (*rotate)(const struct json *config, int64_t now_at,
	    struct arena *a, struct json_writer *out, const char **ret_secret,
	    struct err *e);
	/* MUST.  Who or what gets a message of its own, in A: "" alone for a room, each
	 * address of a mail, each vulnerability where that is an incident or an issue. */
	enum err_code (*recipients)(const struct digest *d, const struct json *config,
	    struct arena *a, const char ***ret, size_t *ret_n, struct err *e);
	/* MUST.  The frozen message for one recipient; D->message_id is set. */
	enum err_code (*render)(const struct digest *d, const struct json *config,
	    const struct notify_settings *s, struct arena *a, struct outgoing *io,
	    struct err *e);
	/* MUST.  One try, ended within 20 s; never fails otherwise than in RET. */
	void (*send)(const struct send_env *env, const struct message_row *m,
	    const struct json *config, struct send_result *ret);
};
extern const struct channel_driver channel_webhook, channel_smtp, channel_slack,
    channel_msteams, channel_discord, channel_pagerduty, channel_github, channel_gitlab;
extern const struct channel_driver *const channel_drivers[];   /* all.c; NULL-ended */
const struct channel_driver *channel_driver(const char *type); /* NULL if unknown */
/* The driver's render; what gets too long says less, and says so (D->shrink). */
enum err_code channel_render(const struct channel_driver *driver, struct digest *d,
    const struct json *config, const struct notify_settings *s, struct arena *a,
    struct outgoing *io, struct err *e);

/* ---- alarm.c ---- */

/* Tell of channels that fail or work again; *RET_N grows by the messages enqueued. */
enum err_code alarm_all(struct notify *n, size_t *ret_n, struct err *e);

/* ---- confirm.c: links that people click ---- */

/* What they allow: kinds of struct capability. */
#define CLICK_CHANNEL     'c' /* id: the channel; somebody sees what is sent there */
#define CLICK_ADDRESS     'm' /* id: the team, text: the address; it wants mail */
#define CLICK_UNSUBSCRIBE 'u' /* id: the subscription, text: the address */
/* NULL without a public_url. */
const char *click_url(const struct notify_settings *s, const unsigned char key[32],
    char kind, int64_t id, const char *text, struct arena *a);

/* ---- gather.c ---- */

/* The id of a message: what it covers decides it, so a second try gives the same. */
const char *message_id(int64_t subscription_id, int64_t channel_id,
    const char *recipient, int64_t from_seq, int64_t to_seq, struct arena *a);

#endif
