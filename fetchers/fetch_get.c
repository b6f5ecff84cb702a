/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch_get - one document from the network into the spool: paced, conditional, tried
 * again where another try makes sense.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/limits.h"
#include "core/net.h"
#include "core/str.h"
#include "core/stream.h"
#include "fetchers/fetch_env.h"
#include "fetchers/hosts.h"

/* A document may take this long as long as bytes keep coming. */
#define TIMEOUT_MS ((int64_t)60 * 60 * 1000)
/* A server that wants us to stay away longer is asked again at the next run. */
#define PATIENCE_MS ((int64_t)10 * 60 * 1000)
/* Real waiting goes in steps, so that a run can be stopped. */
#define SLEEP_STEP_MS 200

void
fetch_document_done(struct fetch_document *d)
{
	if (d->fd >= 0)
		(void)close(d->fd);
	d->fd = -1;
}

/* ---- waiting ---- */

enum err_code
fetch_sleep(struct fetch_env *env, int64_t ms, struct err *e)
{
	enum err_code rc = ERR_OK;

	if (ms <= 0)
		return ERR_OK;
	if (env->o->sleep_ms != NULL)
		return env->o->sleep_ms(env->o->progress_arg, ms) == 0
			   ? ERR_OK
			   : err_set(e, ERR_BUSY, "stopped");
	for (; ms > 0 && rc == ERR_OK; ms -= SLEEP_STEP_MS) {
		int64_t step = ms < SLEEP_STEP_MS ? ms : SLEEP_STEP_MS;
		const struct timespec t = { .tv_nsec = (long)step * 1000000 };

		(void)nanosleep(&t, NULL);
		rc = fetch_progress(env, "waiting", 0, 0, e);
	}
	return rc;
}

/* Keep the distance to the request before. */
static enum err_code
pace(struct fetch_env *env, int64_t gap_ms, struct err *e)
{
	int64_t now = env->o->clock->mono_ms(env->o->clock);
	enum err_code rc = ERR_OK;

	if (env->last_request_ms >= 0 && gap_ms > 0)
		rc = fetch_sleep(env, env->last_request_ms + gap_ms - now, e);
	env->last_request_ms = env->o->clock->mono_ms(env->o->clock);
	return rc;
}

/* ---- the spool ---- */

/*
 * A file without a name: nothing is left behind by a crash, and two processes with one
 * spool directory do not meet.
 */
static enum err_code
open_spool(struct fetch_env *env, int *ret_fd, struct err *e)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/fetch-XXXXXX", env->o->spool_dir);
	int fd;

	if (n < 0 || (size_t)n >= sizeof(path))
		return err_set(e, ERR_STORAGE, "the name of the spool is too long");
	if ((fd = mkostemp(path, O_CLOEXEC)) < 0)
		return err_set(e, ERR_STORAGE, "%s: %s", path, strerror(errno));
	(void)unlink(path);
	*ret_fd = fd;
	return ERR_OK;
}

static enum err_code
hash_spool(struct fetch_document *d, struct err *e)
{
	unsigned char digest[SHA256_SIZE];
	struct sha256 *sha = sha256_new();
	char chunk[65536];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(d->fd, chunk, sizeof(chunk), at)) > 0) {
		sha256_update(sha, chunk, (size_t)n);
		at += n;
	}
	sha256_final(sha, digest);
	sha256_free(sha);
	if (n < 0)
		return err_set(e, ERR_STORAGE, "spool: %s", strerror(errno));
	(void)hex_encode(digest, sizeof(digest), d->sha256);
	d->bytes = (uint64_t)at;
	return ERR_OK;
}

const char *
fetch_document_path(const struct fetch_document *d, char out[FETCH_PATH_SIZE])
{
	(void)snprintf(out, FETCH_PATH_SIZE, "/proc/self/fd/%d", d->fd);
	return out;
}

enum err_code
fetch_open(const struct fetch_document *d, struct stream **ret, struct err *e)
{
	char path[FETCH_PATH_SIZE];

	return stream_open_file(ret, fetch_document_path(d, path), MAX_FEED_BYTES, e);
}

enum err_code
fetch_check_sha256(const struct fetch_document *d, const char *hex, struct err *e)
{
	unsigned char digest[SHA256_SIZE];
	char got[SHA256_HEX_SIZE];
	struct stream *in;
	struct sha256 *sha;
	const char *p;
	size_t len;
	enum err_code rc;

	if ((rc = fetch_open(d, &in, e)) != ERR_OK)
		return rc;
	sha = sha256_new();
	while ((rc = stream_read(in, &p, &len, e)) == ERR_OK && len > 0)
		sha256_update(sha, p, len);
	sha256_final(sha, digest);
	sha256_free(sha);
	stream_close(in);
	if (rc != ERR_OK)
		return rc;
	if (!str_caseeq(hex_encode(digest, sizeof(digest), got), hex))
		return err_set(e, ERR_INPUT,
		    "the document is not the one announced: SHA-256 is %s, not %s", got,
		    hex);
	return ERR_OK;
}

enum err_code
fetch_check_sum(const struct fetch_document *d, const char *hex, struct err *e)
{
	unsigned char digest[SHA512_SIZE];
	char longer[2 * SHA512_SIZE + 1];
	const char *got = d->sha256;

	if (strlen(hex) == 2 * SHA512_SIZE) {
		if (!sha512_of_fd(d->fd, digest))
			return err_set(e, ERR_STORAGE, "spool: %s", strerror(errno));
		got = hex_encode(digest, sizeof(digest), longer);
	}
	if (!str_caseeq(got, hex))
		return err_set(e, ERR_INPUT,
		    "the document is not the one announced: its sum is %.16s..., not "
		    "%.16s...",
		    got, hex);
	return ERR_OK;
}

/* ---- one request ---- */

const char *
fetch_mirrored(const char *mirror, const char *url, struct arena *a)
{
	size_t n = mirror == NULL ? 0 : strlen(mirror);
	const char *rest = strstr(url, "://");

	if (n == 0 || rest == NULL || str_starts(url, "file:") ||
	    str_starts(url, mirror))
		return url;
	while (n > 0 && mirror[n - 1] == '/')
		n--;
	return arena_printf(a, "%.*s/%s", (int)n, mirror, rest + 3);
}

static bool
tell(void *arg, uint64_t got, uint64_t total)
{
	struct fetch_env *env = arg;
	uint64_t expected = env->o->feed->expected_bytes > 0
				? (uint64_t)env->o->feed->expected_bytes
				: 0;

	return fetch_progress(env, "fetching", env->result.bytes + got,
		   total > 0 ? env->result.bytes + total : expected, NULL) == ERR_OK;
}

/* What an answer without a document means for the run. */
static enum err_code
judge_status(int status, struct err *e)
{
	switch (status) {
	case 404:
	case 410:
		return err_set(e, ERR_NOTFOUND, "HTTP %d", status);
	case 401:
	case 403:
		return err_set(e, ERR_DENIED, "HTTP %d", status);
	default:
		return err_set(e, ERR_UNREACHABLE, "HTTP %d", status);
	}
}

static bool
may_wait(void *arg)
{
	return fetch_progress(arg, "waiting", 0, 0, NULL) == ERR_OK;
}

/* One try.  *RET_AGAIN: another one may go better, at the earliest in *RET_WAIT_MS. */
static enum err_code
try_once(struct fetch_env *env, const struct fetch_want *want, struct fetch_document *d,
    bool *ret_again, int64_t *ret_wait_ms, struct err *e)
{
	const struct http_request req = {
		.url = want->url,
		.headers = want->headers,
		.etag = want->etag,
		.last_modified = want->last_modified,
		.ca_file = env->o->feed->ca_file,
		.proxy = env->o->feed->proxy,
		.to_fd = d->fd,
		.max_bytes = MAX_FEED_BYTES,
		.timeout_ms = TIMEOUT_MS,
		.progress = tell,
		.progress_arg = env,
	};
	struct http_response answer = { .retry_after_s = -1 };
	bool conditional = want->etag != NULL || want->last_modified != NULL;
	enum err_code rc;

	*ret_wait_ms = 0;
	*ret_again = false;
	rc = fetch_hosts_enter(env->o->hosts, req.url, may_wait, env, e);
	if (rc != ERR_OK)
		return rc;
	rc = env->o->net->http(env->o->net, &req, &answer, e);
	fetch_hosts_leave(env->o->hosts, req.url);
	buf_done(&answer.body);
	*ret_again = rc == ERR_UNREACHABLE && !answer.permanent;
	if (rc != ERR_OK)
		return rc;
	(void)snprintf(d->etag, sizeof(d->etag), "%s", answer.etag);
	(void)snprintf(
	    d->last_modified, sizeof(d->last_modified), "%s", answer.last_modified);
	d->unchanged = answer.status == 304 && conditional;
	if (d->unchanged)
		return ERR_OK;
	if (answer.status == 200)
		return hash_spool(d, e);
	*ret_again = answer.status == 429 || answer.status >= 500 ||
		     (answer.status == 403 && want->denied_is_busy);
	if (answer.retry_after_s > 0)
		*ret_wait_ms = answer.retry_after_s > PATIENCE_MS / 1000
				   ? PATIENCE_MS + 1
				   : answer.retry_after_s * 1000;
	return judge_status(answer.status, e);
}

static enum err_code
empty_spool(struct fetch_document *d, struct err *e)
{
	if (ftruncate(d->fd, 0) == 0 && lseek(d->fd, 0, SEEK_SET) == 0)
		return ERR_OK;
	return err_set(e, ERR_STORAGE, "spool: %s", strerror(errno));
}

static enum err_code
try_some(struct fetch_env *env, const struct fetch_want *want, struct fetch_document *d,
    struct err *e)
{
	int64_t backoff_ms = want->backoff_ms, wait_ms;
	enum err_code rc;
	bool again;

	for (unsigned i = 1;; i++) {
		struct err why = ERR_INIT; /* of a try that may not be the last */

		if ((rc = empty_spool(d, e)) != ERR_OK ||
		    (rc = pace(env, want->gap_ms, e)) != ERR_OK)
			return rc;
		rc = try_once(env, want, d, &again, &wait_ms, &why);
		if (rc == ERR_OK)
			return ERR_OK;
		/* a download that the run's own progress has ended looks broken too */
		if (fetch_progress(env, "fetching", 0, 0, e) != ERR_OK)
			return ERR_BUSY;
		if (wait_ms < backoff_ms)
			wait_ms = backoff_ms;
		if (!again || i >= want->tries || wait_ms > PATIENCE_MS)
			return err_set(e, rc, "%s: %s", want->url, why.text);
		if ((rc = fetch_sleep(env, wait_ms, e)) != ERR_OK)
			return rc;
		backoff_ms *= 2;
	}
}

enum err_code
fetch_get(struct fetch_env *env, const struct fetch_want *want,
    struct fetch_document *ret, struct err *e)
{
	struct fetch_document d = FETCH_DOCUMENT_INIT;
	struct fetch_want here = *want;
	struct arena *a = arena_new();
	enum err_code rc;

	here.url = fetch_mirrored(env->o->mirror, want->url, a);
	if ((rc = open_spool(env, &d.fd, e)) == ERR_OK)
		rc = try_some(env, &here, &d, e);
	arena_free(a);
	if (rc != ERR_OK) {
		fetch_document_done(&d);
		return rc;
	}
	env->result.bytes += d.bytes;
	*ret = d;
	return ERR_OK;
}
