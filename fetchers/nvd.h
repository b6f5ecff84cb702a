/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nvd - what the two files of this driver share: nvd.c reads a document, nvd_metrics.c
 * its scores, nvd_fetch.c decides which documents to get.
 */
#ifndef FETCHERS_NVD_H
#define FETCHERS_NVD_H

#include <stdbool.h>
#include <stdint.h>

#include "fetchers/emit.h"
#include "fetchers/fetchers.h"
#include "fetchers/scores.h"

struct fetch_env;
struct stream;

/* What a page says about itself; 0 where it says nothing. */
struct nvd_page {
	uint64_t start_index, results_per_page, total_results;
	bool has_total;
	int64_t timestamp; /* when NVD made it */
	uint64_t entries;  /* vulnerabilities that came */
};

/* Read one page or yearly file to its end; *RET only on ERR_OK. */
enum err_code nvd_read(struct stream *in, const struct parse_env *env,
    struct record_sink *sink, struct nvd_page *ret, struct err *e);

/* Read the value of "metrics". */
enum err_code nvd_read_metrics(
    struct emitter *em, struct json_reader *r, struct scores *ret, struct err *e);

/* The driver's fetch. */
enum err_code nvd_fetch(struct fetch_env *env, struct err *e);

#endif
