/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sending what lies in the outbox: one message at a time, a lease while it is under way,
 * then its result.  Waits grow along the configured steps, with jitter so that a hundred
 * messages do not come back together; a receiver's Retry-After is honoured within reason.
 */
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/json.h"
#include "notify/notify_private.h"

#define LEASE_S          60
#define BREAKER_FAILURES 5 /* in a row, before a channel rests */
#define BREAKER_S        60
#define MAX_BREAKER_S    3600
/* Nothing but failures for so long, and the channel is given up. */
#define DISABLE_AFTER_S 432000
/* A receiver may ask for peace, not for silence: one answer must not cost a day of news. */
#define MAX_RETRY_AFTER_S 3600
/* Once all steps are used, CONFIG trouble is looked at again this often. */
#define CONFIG_RETRY_S 3600

/* Seconds until the next try after ATTEMPT tries; 0 = no more. */
static int64_t
next_wait_s(const struct notify_settings *s, int attempt, int64_t retry_after_s)
{
	int64_t step_ms, wait_s;
	uint32_t dice;

	if (attempt < 1 || (size_t)attempt > s->n_retry)
		return 0;
	step_ms = s->retry_ms[attempt - 1];
	random_bytes(&dice, sizeof(dice));
	step_ms += step_ms * (int64_t)(dice % 1000) / 5000; /* up to a fifth more */
	wait_s = (step_ms + 999) / 1000;
	if (wait_s < 1)
		wait_s = 1;
	if (retry_after_s > MAX_RETRY_AFTER_S)
		retry_after_s = MAX_RETRY_AFTER_S;
	return retry_after_s > wait_s ? retry_after_s : wait_s;
}

static void
send_one(struct notify *n, const struct message_row *m, const struct channel_row *ch,
    struct arena *a, struct send_result *ret)
{
	const struct send_env env = {
		.store = n->o.store,
		.net = n->o.net,
		.clock = n->o.clock,
		.settings = n->o.settings,
		.arena = a,
	};
	const struct channel_driver *driver = channel_driver(ch->type);
	struct json *config = NULL;
	struct err e = ERR_INIT;

	*ret = (struct send_result){ .result = DELIVERY_CONFIG, .retry_after_s = -1 };
	if (driver == NULL)
		ret->error = "this build has no such channel type";
	else if (ch->is_closed)
		ret->error =
		    "its secrets are sealed with another key (notify.key_file)";
	else if (json_parse(&config, ch->config_json, strlen(ch->config_json), &e) !=
		 ERR_OK)
		ret->error = arena_strdup(a, e.text);
	else
		driver->send(&env, m, config, ret);
	json_free(config);
}

/* After so many failures in a row one message in a while goes out, to look. */
static int64_t
breaker_s(int failures)
{
	int64_t rest = BREAKER_S;

	for (int i = BREAKER_FAILURES; i < failures && rest < MAX_BREAKER_S; i++)
		rest *= 2;
	return rest < MAX_BREAKER_S ? rest : MAX_BREAKER_S;
}

static void
plan_next(const struct notify *n, const struct message_row *m,
    const struct channel_row *ch, const struct send_result *r, struct delivery_new *d)
{
	int64_t wait_s = next_wait_s(n->o.settings, m->attempt, r->retry_after_s);

	if (r->result == DELIVERY_CONFIG && wait_s == 0)
		wait_s = CONFIG_RETRY_S; /* kept until somebody mends the channel */
	if (r->result != DELIVERY_RETRY && r->result != DELIVERY_CONFIG)
		return;
	if (ch->failing_since != 0 && d->at - ch->failing_since >= DISABLE_AFTER_S) {
		d->result = DELIVERY_DISABLE;
		return;
	}
	if (wait_s > 0)
		d->next_at = d->at + wait_s;
	if (r->retry_after_s > 0)
		d->channel_retry_at =
		    d->next_at; /* it asked the whole channel to wait */
	else if (ch->failures + 1 >= BREAKER_FAILURES)
		d->channel_retry_at = d->at + breaker_s(ch->failures + 1);
}

static void
describe(const struct message_row *m, const struct channel_row *ch,
    const struct delivery_new *d, char *what, size_t what_size)
{
	if (what != NULL)
		(void)snprintf(what, what_size,
		    "delivery %s message=%s channel=%s team=%s attempt=%d status=%d "
		    "ms=%lld%s%s",
		    delivery_result_name(d->result), m->id, ch->name, ch->team,
		    m->attempt, d->status, (long long)d->duration_ms,
		    d->error != NULL ? " error=" : "",
		    d->error != NULL ? d->error : "");
}

enum err_code
notify_deliver(struct notify *n, bool *ret_did, int64_t *ret_next_at_ms, char *what,
    size_t what_size, struct err *e)
{
	struct arena *a = arena_new();
	struct message_row m;
	struct channel_row ch;
	struct send_result r;
	struct delivery_new d = { 0 };
	int64_t next_at = 0, started_ms;
	enum err_code rc;

	*ret_did = false;
	rc = store_outbox_take(
	    n->o.store, clock_now_s(n->o.clock), LEASE_S, a, &m, &ch, &next_at, e);
	if (rc != ERR_OK) {
		arena_free(a);
		*ret_next_at_ms = next_at * 1000;
		return rc == ERR_NOTFOUND ? ERR_OK : rc;
	}
	started_ms = n->o.clock->mono_ms(n->o.clock);
	send_one(n, &m, &ch, a, &r);
	d = (struct delivery_new){
		.message_id = m.id,
		.at = clock_now_s(n->o.clock),
		.duration_ms = n->o.clock->mono_ms(n->o.clock) - started_ms,
		.result = r.result,
		.status = r.status,
		.error = r.error,
		.unproven = r.unproven,
	};
	plan_next(n, &m, &ch, &r, &d);
	describe(&m, &ch, &d, what, what_size);
	rc = store_outbox_result(n->o.store, &d, e);
	*ret_did = rc == ERR_OK;
	*ret_next_at_ms = 0;
	arena_free(a);
	return rc;
}
