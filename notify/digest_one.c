/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A digest as far as it is about one vulnerability: for channels where a vulnerability is
 * an incident or an issue, with a life of its own.  More news than a person can look at
 * one by one is told in one piece.
 */
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "notify/notify_private.h"

/* Of one message, told one by one; endings are never put together, each ends its own. */
#define MAX_SINGLE 50

struct names {
	const char **at;
	size_t n, cap;
};

static bool
has(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (str_eq(names->at[i], name))
			return true;
	return false;
}

static bool
is_over(const struct digest *d, const char *name)
{
	const struct changes *c = d->changes;

	for (size_t i = 0; i < c->n_baseline_exploited; i++)
		if (str_eq(c->baseline_exploited[i].vulnerability, name))
			return false;
	for (size_t i = 0; i < c->n_rows; i++)
		if (str_eq(c->rows[i].vulnerability, name) &&
		    (c->rows[i].kind != CHANGE_RESOLVED || c->rows[i].is_left))
			return false;
	return true;
}

bool
digest_is_over(const struct digest *d)
{
	return d->changes->n_rows > 0 && is_over(d, d->changes->rows[0].vulnerability);
}

static void
add_name(const struct digest *d, const char *name, struct arena *a, size_t *n_news,
    struct names *single, struct names *rest)
{
	if (has(single, name) || has(rest, name))
		return;
	if (is_over(d, name))
		*ARENA_PUSH(a, single) = name;
	else if ((*n_news)++ < MAX_SINGLE)
		*ARENA_PUSH(a, single) = name;
	else
		*ARENA_PUSH(a, rest) = name;
}

static void
split(const struct digest *d, struct arena *a, struct names *single, struct names *rest)
{
	const struct changes *c = d->changes;
	size_t n_news = 0;

	memset(single, 0, sizeof(*single));
	memset(rest, 0, sizeof(*rest));
	for (size_t i = 0; i < c->n_baseline_exploited; i++)
		add_name(d, c->baseline_exploited[i].vulnerability, a, &n_news, single,
		    rest);
	for (size_t i = 0; i < c->n_rows; i++)
		add_name(d, c->rows[i].vulnerability, a, &n_news, single, rest);
}

enum err_code
digest_recipients(const struct digest *d, const struct json *config, struct arena *a,
    const char ***ret, size_t *ret_n, struct err *e)
{
	struct names single = { 0 }, rest = { 0 };

	(void)config, (void)e;
	if (d->notice != NULL)
		*ARENA_PUSH(a, &single) = "";
	else
		split(d, a, &single, &rest);
	if (rest.n > 0)
		*ARENA_PUSH(a, &single) = DIGEST_REST;
	*ret = single.at;
	*ret_n = single.n;
	return ERR_OK;
}

static size_t
copy_rows(const struct change_row *rows, size_t n, const struct names *wanted,
    struct arena *a, struct change_row **ret)
{
	size_t kept = 0;

	*ret = arena_array(a, n, sizeof(**ret));
	for (size_t i = 0; i < n; i++)
		if (has(wanted, rows[i].vulnerability))
			(*ret)[kept++] = rows[i];
	return kept;
}

void
digest_narrow(
    const struct digest *d, const char *recipient, struct arena *a, struct digest *ret)
{
	struct changes *c = arena_zalloc(a, sizeof(*c));
	struct names single = { 0 }, wanted = { 0 };

	if (str_eq(recipient, DIGEST_REST))
		split(d, a, &single, &wanted);
	else
		*ARENA_PUSH(a, &wanted) = recipient;
	c->n_rows =
	    copy_rows(d->changes->rows, d->changes->n_rows, &wanted, a, &c->rows);
	c->n_baseline_exploited = copy_rows(d->changes->baseline_exploited,
	    d->changes->n_baseline_exploited, &wanted, a, &c->baseline_exploited);
	*ret = *d;
	ret->changes = c;
	ret->n_opened = ret->n_fix_available = ret->n_severity_raised = 0;
	ret->n_exploited = ret->n_resolved = ret->n_images = 0;
	digest_count(ret);
}
