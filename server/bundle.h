/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle - feeds in one signed file, for servers that reach no publisher.
 *
 * The file is packed with zstd and holds one JSON object a line: a head, then for every
 * feed a line that describes it and its records, as "tocsin feeds parse" prints them, and
 * at the end how many there were.  Behind the packing stands a frame that readers of zstd
 * skip: the mark "TOCSINB1", the signer's open key and an Ed25519 signature of the SHA-256
 * of everything before it.  So "zstdcat" shows what is inside, and nothing is taken over
 * that the key's owner has not signed.
 *
 * An imported feed is a run like any other: the first is a baseline, later ones are news,
 * one that lost too much is held, records that are not in it any more vanish.  A feed is
 * as old as the publisher's last answer to the server that made the bundle.
 *
 * Errors.  ERR_DENIED: the signature is bad or the signer is not trusted.  ERR_INPUT: no
 * bundle, or a broken one.  ERR_CONFLICT: it is older than what is known.
 */
#ifndef SERVER_BUNDLE_H
#define SERVER_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/sign.h"

struct arena;
struct worker;

struct bundle_figures {
	size_t feeds;
	uint64_t records, skipped;
	size_t held; /* feeds whose run waits for an operator */
};

struct bundle_choice {
	const char *const *feeds, *const *sources; /* globs; NULL-ended; NULL = all */
};

/* Write what CHOICE names into PATH, which is replaced as a whole. */
enum err_code bundle_export(struct worker *w, const char *path,
    const struct bundle_choice *choice, const struct sign_key *key,
    struct bundle_figures *ret, struct err *e);

/* Who has signed PATH?  Checks the signature. */
enum err_code bundle_signer(
    const char *path, unsigned char ret_key[SIGN_KEY_SIZE], struct err *e);

/* One feed of a bundle. */
struct bundle_feed {
	const char *name, *source, *driver, *url, *ecosystems, *remark;
	int source_rank;
	unsigned driver_revision;
	bool enriches;
	int64_t interval_ms, as_of;
	uint64_t records; /* that are announced */
};
/* What is in PATH, without taking anything over; in A. */
enum err_code bundle_list(const char *path, struct arena *a, struct bundle_feed **ret,
    size_t *ret_n, struct err *e);

/*
 * Take over what PATH holds; OLDER also what is older than what is known.  The signer is
 * the caller's matter.  Nothing is applied yet: service_match_all() does that.
 */
enum err_code bundle_import(struct worker *w, const char *path, bool older,
    struct bundle_figures *ret, struct err *e);

#endif
