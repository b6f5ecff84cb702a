/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbox_private - what the files behind outbox.h share: reading rows of channels and
 * messages, and the scope of a caller as a parameter of a statement.
 */
#ifndef STORE_OUTBOX_PRIVATE_H
#define STORE_OUTBOX_PRIVATE_H

#include "store/outbox.h"
#include "store/store_private.h"

/* The columns of CHANNELS, CHANNEL_BY_ID and CHANNEL_BY_NAME. */
enum channel_column {
	CHANNEL_COL_ID,
	CHANNEL_COL_TEAM_ID,
	CHANNEL_COL_TEAM,
	CHANNEL_COL_NAME,
	CHANNEL_COL_TYPE,
	CHANNEL_COL_CONFIG,
	CHANNEL_COL_STATE,
	CHANNEL_COL_FAILURES,
	CHANNEL_COL_RETRY_AT,
	CHANNEL_COL_LAST_ERROR,
	CHANNEL_COL_LAST_SUCCESS_AT,
	CHANNEL_COL_CREATED_AT,
	CHANNEL_COL_VERIFIED_AT,
	CHANNEL_COL_FAILING_SINCE,
	CHANNEL_COL_ALARM
};
void channel_read(
    struct store *st, struct query *q, struct arena *a, struct channel_row *ret);
/* What a configuration is bound to when it is sealed. */
const char *channel_context(int64_t id, struct arena *a);
/* CONFIG_JSON as it is kept. */
const char *channel_seal(
    struct store *st, int64_t id, const char *config_json, struct arena *a);
/* One channel of the scope inside the caller's transaction; ERR_NOTFOUND. */
enum err_code channel_get(struct store *st, struct scope scope, int64_t id,
    const char *name, struct arena *a, struct channel_row *ret, struct err *e);

/* The columns of MESSAGES and MESSAGE_BY_ID. */
enum message_column {
	MESSAGE_COL_ID,
	MESSAGE_COL_TEAM_ID,
	MESSAGE_COL_SUBSCRIPTION_ID,
	MESSAGE_COL_CHANNEL_ID,
	MESSAGE_COL_TEAM,
	MESSAGE_COL_SUBSCRIPTION,
	MESSAGE_COL_CHANNEL,
	MESSAGE_COL_RECIPIENT,
	MESSAGE_COL_SUBJECT,
	MESSAGE_COL_FIRST_SEQ,
	MESSAGE_COL_LAST_SEQ,
	MESSAGE_COL_CREATED_AT,
	MESSAGE_COL_NEXT_AT,
	MESSAGE_COL_FINISHED_AT,
	MESSAGE_COL_STATE,
	MESSAGE_COL_ATTEMPT,
	MESSAGE_COL_LAST_ERROR,
	MESSAGE_COL_LAST_STATUS,
	MESSAGE_COL_BODY
};
/* With the body where the statement has it. */
enum err_code message_read(
    struct query *q, struct arena *a, struct message_row *ret, struct err *e);
/* One message of the scope inside the caller's transaction; ERR_NOTFOUND. */
enum err_code message_get(struct store *st, struct scope scope, const char *id,
    struct arena *a, struct message_row *ret, struct err *e);

/* Where a scope reads: its team, or -1 for every team. */
static inline int64_t
scope_reads(struct scope scope)
{
	return scope.all ? -1 : scope.team_id;
}

/* Where a scope writes: what a token for all teams makes belongs to team 0. */
static inline int64_t
scope_writes(struct scope scope)
{
	return scope.all ? 0 : scope.team_id;
}

#endif
