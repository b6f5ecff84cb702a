/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue - what trackers share: a vulnerability on a list is an issue, opened when it
 * hits, commented when something about it changes, closed when no image of the list is
 * hit any more, opened again when one is.  The number is kept here: a tracker's search
 * lags behind.
 *
 * A message is one vulnerability.  Its tries go on where the last one broke off: what is
 * in the issue already is not written twice.
 */
#ifndef NOTIFY_ISSUE_H
#define NOTIFY_ISSUE_H

#include "notify/hook.h"

struct issue_request {
	const char *method, *url;
	const char *body; /* JSON; NULL = none */
};
/* One vendor.  CONFIG is the channel's; everything in A. */
struct issue_vendor {
	const char *number_key; /* of the answer to create */
	size_t max_text;        /* of a body or comment */
	const char *const *(*headers)(const struct json *config, struct arena *a);
	/* of PATH below the project, which begins with "/" or is empty; a channel that
	 * points to another project has none of the issues of this one */
	const char *(*address)(
	    const struct json *config, const char *path, struct arena *a);
	void (*create)(const struct json *config, const char *title, const char *text,
	    struct arena *a, struct issue_request *ret);
	const char *comments;      /* the collection below an issue */
	const char *change_method; /* of a request that changes an issue */
	const char *state_key, *open_word, *close_word;
};

enum err_code issue_render(const struct issue_vendor *v, const struct digest *d,
    struct arena *a, struct outgoing *io, struct err *e);
void issue_send(const struct issue_vendor *v, const struct send_env *env,
    const struct message_row *m, const struct json *config, struct send_result *ret);

/* A token: visible ASCII. */
bool issue_is_token(const char *text);
/* Labels of a config, checked; N 0 = none. */
enum err_code issue_labels(const struct json *config, struct arena *a,
    const char ***ret, size_t *ret_n, struct err *e);

#endif
