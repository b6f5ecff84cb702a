/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch_env - what a driver with a fetch of its own stands on: requests that are
 * conditional, paced and tried again; documents in the spool; the count of the run.
 *
 * Most drivers need none of this: with fetch NULL the feed is one document.
 *
 * For the files of this room only.
 */
#ifndef FETCHERS_FETCH_ENV_H
#define FETCHERS_FETCH_ENV_H

#include <stdbool.h>
#include <stdint.h>

#include "core/digest.h"
#include "core/err.h"
#include "fetchers/fetchers.h"

struct stream;

/* Stands in front of the caller's sink: counts, caps, tells of progress. */
struct counting_sink {
	struct record_sink sink; /* first: drivers hand this back */
	struct fetch_env *env;
};

/* One run. */
struct fetch_env {
	const struct fetch_options *o; /* borrowed */
	const struct driver *driver;
	struct parse_env parse;
	struct counting_sink counting;
	struct fetch_result result;
	int64_t last_request_ms; /* monotonic; -1 = none yet */
};

/* What to ask for. */
struct fetch_want {
	const char *url;
	const char *etag, *last_modified; /* conditional, when set */
	const char *const *headers;       /* NULL-ended; may be NULL */
	int64_t gap_ms;      /* least time between the start of two requests */
	int64_t backoff_ms;  /* before the second try, doubled for each after it */
	unsigned tries;      /* at least 1 */
	bool denied_is_busy; /* 403 means "too fast", as with NVD */
};
/* Patience that suits a document on an ordinary server. */
#define FETCH_WANT_INIT ((struct fetch_want){ .tries = 3, .backoff_ms = 1000 })

/* What came.  The body lies in a file without a name, gone when closed. */
struct fetch_document {
	int fd;         /* owned; -1 = none */
	bool unchanged; /* 304; no body */
	char etag[256], last_modified[64];
	char sha256[SHA256_HEX_SIZE]; /* of the bytes as sent */
	uint64_t bytes;
};
#define FETCH_DOCUMENT_INIT ((struct fetch_document){ .fd = -1 })
void fetch_document_done(struct fetch_document *d);
#define CLEANUP_DOCUMENT __attribute__((__cleanup__(fetch_document_done)))

/*
 * Get one document into the spool.
 * ERR_NOTFOUND     404 or 410
 * ERR_DENIED       401 or 403
 * ERR_UNREACHABLE  no answer or a server's failure, also after the tries allowed
 * ERR_LIMIT        larger than MAX_FEED_BYTES
 * ERR_BUSY         stopped by the caller of the run
 */
enum err_code fetch_get(struct fetch_env *env, const struct fetch_want *want,
    struct fetch_document *ret, struct err *e);

/*
 * Many small documents, as many at a time as one host may see from us, handed to TAKE in
 * the order of WANTS, in the caller's thread.  RC and WHY are what fetch_get() gave; D
 * belongs to the caller of TAKE.  An error of TAKE ends it all and is handed back.
 */
typedef enum err_code fetch_take(void *arg, size_t i, enum err_code rc,
    const struct fetch_document *d, const struct err *why, struct err *e);
enum err_code fetch_many(struct fetch_env *env, const struct fetch_want *wants,
    size_t n, fetch_take *take, void *arg, struct err *e);

/* Where URL is to be asked for, given a mirror (may be NULL); in A. */
const char *fetch_mirrored(const char *mirror, const char *url, struct arena *a);

/* Where the body can be opened anew, while D lives. */
#define FETCH_PATH_SIZE 32
const char *fetch_document_path(
    const struct fetch_document *d, char out[FETCH_PATH_SIZE]);
/* The body from its first byte, inflated; stream_close() it before the document. */
enum err_code fetch_open(
    const struct fetch_document *d, struct stream **ret, struct err *e);
/* Upper-case or lower-case HEX: is it the SHA-256 of the inflated body? */
enum err_code fetch_check_sha256(
    const struct fetch_document *d, const char *hex, struct err *e);
/* Upper-case or lower-case HEX: is it the SHA-256, or SHA-512, of the body as sent? */
enum err_code fetch_check_sum(
    const struct fetch_document *d, const char *hex, struct err *e);
/* Read D, a document or an archive of them, with the driver's parse, every record to the
 * sink of the run.  *RET_WHOLE is false if a member of an archive could not be read: then
 * the run is not complete. */
enum err_code fetch_parse(struct fetch_env *env, const struct fetch_document *d,
    bool *ret_whole, struct err *e);

/*
 * The whole run of a feed that is one document at URL: conditional, and a 200 with the
 * same bytes as last time is unchanged too.  What drivers without fetch get.
 */
enum err_code fetch_single(struct fetch_env *env, const char *url, struct err *e);

/* Wait, in steps that the caller of the run can stop (ERR_BUSY). */
enum err_code fetch_sleep(struct fetch_env *env, int64_t ms, struct err *e);
/* Tell of progress; ERR_BUSY if the run is to stop. */
enum err_code fetch_progress(struct fetch_env *env, const char *what, uint64_t bytes,
    uint64_t total, struct err *e);

/* What to remember if the run is applied.  Texts are copied. */
void fetch_state_document(struct fetch_env *env, const struct fetch_document *d);
void fetch_state_cursor(struct fetch_env *env, const char *cursor);
/* Nothing was new: remember what was known. */
void fetch_state_keep(struct fetch_env *env);

#endif
