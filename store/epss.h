/* SPDX-License-Identifier: Apache-2.0 */
/*
 * epss - scores that change for every CVE every day.  They are no records: nobody asks
 * what a score was last week, and 300,000 revisions a day would bury what is asked for.
 * A run stages what differs, packed, and applying it moves numbers in two columns.
 */
#ifndef STORE_EPSS_H
#define STORE_EPSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct apply; /* store/apply_private.h */
struct buf;
struct record;   /* core/record.h */
struct run;      /* store/run_private.h */
struct run_epss; /* store/run_epss.c */

/* "CVE-2024-1234" as a number, ascending by year, then number; 0 if NAME is none, or one
 * that nobody could have given. */
int64_t epss_key(const char *name);

/* A longer text than any that epss_name() writes. */
#define EPSS_NAME_SIZE 32
const char *epss_name(int64_t key, char out[EPSS_NAME_SIZE]);

/* One score on the stage. */
struct epss_score {
	int64_t cve;        /* epss_key() */
	int32_t micro;      /* -1 = it has none any more */
	int32_t percentile; /* millionths; -1 = not said */
};

/* So many scores are one row of the stage. */
#define EPSS_CHUNK 256

/* A row of the stage: when the scores were made, then one after the other. */
void epss_pack(
    int64_t scored_at, const struct epss_score *s, size_t n, struct buf *out);
/* ERR_STORAGE if P is no such row; *RET_N at most EPSS_CHUNK. */
enum err_code epss_unpack(const void *p, size_t len, int64_t *ret_scored_at,
    struct epss_score *ret, size_t *ret_n, struct err *e);

/* ---- staging ---- */

/* R, which carries a score, in RUN: staged if it differs by enough to matter. */
enum err_code run_epss_record(
    struct run *run, const struct record *r, bool *ret_changed, struct err *e);
/* The score of KEY could not be read: it stands as it was. */
void run_epss_skipped(struct run *run, const char *key);
/* Everything was read: stage what is left, and in a COMPLETE run what is gone; adds how
 * many to *IO_LOST. */
enum err_code run_epss_finish(
    struct run *run, bool complete, size_t *io_lost, struct err *e);
/* The model behind the scores of RUN; NULL = not said, or no scores. */
const char *run_epss_model(const struct run *run);
void run_epss_free(struct run_epss *x); /* NULL is allowed */

/* ---- applying ---- */

enum err_code apply_epss(struct apply *ap, const void *body, size_t len, struct err *e);

#endif
