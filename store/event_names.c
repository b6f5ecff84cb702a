/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the log and the outbox: one table of texts per enum. */
#include <string.h>

#include "store/outbox.h"
#include "store/store_private.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *const event_kinds[] = {
	[EVENT_FINDING_OPENED] = "finding.opened",
	[EVENT_FINDING_FIX_AVAILABLE] = "finding.fix_available",
	[EVENT_FINDING_FIX_CHANGED] = "finding.fix_changed",
	[EVENT_FINDING_SEVERITY_RAISED] = "finding.severity_raised",
	[EVENT_FINDING_EXPLOITED] = "finding.exploited",
	[EVENT_FINDING_RESOLVED] = "finding.resolved",
	[EVENT_IMAGE_REGISTERED] = "image.registered",
	[EVENT_IMAGE_MOVED] = "image.moved",
	[EVENT_IMAGE_DELETED] = "image.deleted",
	[EVENT_FEED_BASELINE] = "feed.baseline",
	[EVENT_FEED_SUMMARY] = "feed.summary",
	[EVENT_FEED_HELD] = "feed.held",
	[EVENT_FEED_FAILED] = "feed.failed",
	[EVENT_FEED_RECOVERED] = "feed.recovered",
	[EVENT_FEED_FLOOD] = "feed.flood",
	[EVENT_FEED_ANNOUNCED] = "feed.announced",
	[EVENT_LIST_EXTENDED] = "list.extended",
	[EVENT_CLOCK_TICK] = "clock.tick",
	[EVENT_FEED_STALE] = "feed.stale",
	[EVENT_IMAGE_END_OF_LIFE] = "image.end_of_life",
	[EVENT_IMAGE_UNREACHABLE] = "image.unreachable",
	[EVENT_IMAGE_REACHABLE] = "image.reachable",
};
_Static_assert(COUNT(event_kinds) == EVENT_KIND_COUNT, "one word per kind");

static const char *const change_kinds[] = {
	[CHANGE_OPENED] = "opened",
	[CHANGE_FIX_AVAILABLE] = "fix_available",
	[CHANGE_FIX_CHANGED] = "fix_changed",
	[CHANGE_SEVERITY_RAISED] = "severity_raised",
	[CHANGE_EXPLOITED] = "exploited",
	[CHANGE_RESOLVED] = "resolved",
};
_Static_assert(COUNT(change_kinds) == CHANGE_KIND_COUNT, "one word per kind");

static const char *const channel_states[] = {
	[CHANNEL_UNVERIFIED] = "unverified",
	[CHANNEL_VERIFIED] = "verified",
	[CHANNEL_FAILING] = "failing",
	[CHANNEL_DISABLED] = "disabled",
};
_Static_assert(COUNT(channel_states) == CHANNEL_STATE_COUNT, "one word per state");

static const char *const message_states[] = {
	[MESSAGE_PENDING] = "pending",
	[MESSAGE_RETRY] = "retry",
	[MESSAGE_ACCEPTED] = "accepted",
	[MESSAGE_FAILED] = "failed",
};
_Static_assert(COUNT(message_states) == MESSAGE_STATE_COUNT, "one word per state");

static const char *const delivery_results[] = {
	[DELIVERY_ACCEPTED] = "accepted",
	[DELIVERY_RETRY] = "retry",
	[DELIVERY_FAILED] = "failed",
	[DELIVERY_DISABLE] = "disable",
	[DELIVERY_CONFIG] = "config",
};
_Static_assert(COUNT(delivery_results) == DELIVERY_RESULT_COUNT, "one word per result");

static const char *const past_reasons[] = {
	[PAST_CHANGED] = "changed",
	[PAST_FIXED_BY_RANGE] = "fixed_by_range",
	[PAST_NOT_AFFECTED] = "not_affected",
	[PAST_WITHDRAWN] = "withdrawn",
	[PAST_VANISHED] = "vanished",
	[PAST_RENAMED] = "renamed",
	[PAST_RULE_CHANGED] = "rule_changed",
	[PAST_REKEYED] = "rekeyed",
};
_Static_assert(COUNT(past_reasons) == PAST_REASON_COUNT, "one word per reason");

static const char *
word(const char *const *table, size_t n, size_t i)
{
	return i < n ? table[i] : "unknown";
}

const char *
event_kind_name(enum event_kind k)
{
	return word(event_kinds, COUNT(event_kinds), (size_t)k);
}

bool
event_kind_from_name(const char *text, enum event_kind *ret)
{
	for (size_t i = 0; text != NULL && i < COUNT(event_kinds); i++)
		if (strcmp(text, event_kinds[i]) == 0) {
			*ret = (enum event_kind)i;
			return true;
		}
	return false;
}

const char *
change_kind_name(enum change_kind k)
{
	return word(change_kinds, COUNT(change_kinds), (size_t)k);
}

const char *
channel_state_name(enum channel_state s)
{
	return word(channel_states, COUNT(channel_states), (size_t)s);
}

const char *
message_state_name(enum message_state s)
{
	return word(message_states, COUNT(message_states), (size_t)s);
}

const char *
delivery_result_name(enum delivery_result r)
{
	return word(delivery_results, COUNT(delivery_results), (size_t)r);
}

const char *
past_reason_name(enum past_reason r)
{
	return word(past_reasons, COUNT(past_reasons), (size_t)r);
}
