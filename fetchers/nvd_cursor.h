/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nvd_cursor - what is remembered of NVD between runs, as one line of JSON:
 *
 * {"mode":"load","years":{"2002":"5A9B...","2003":""},"since":"2026-03-09T02:00:00Z"}
 * {"mode":"changes","since":"2026-03-09T02:00:00Z"}
 *
 * For nvd_fetch.c only.
 */
#ifndef FETCHERS_NVD_CURSOR_H
#define FETCHERS_NVD_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

struct arena;

#define NVD_FIRST_YEAR 1999
#define NVD_YEARS      200

struct nvd_cursor {
	bool loaded; /* the first load is over: changes are asked for */
	/* Per year since NVD_FIRST_YEAR: SHA-256 of the file last read, NULL = none. */
	const char *years[NVD_YEARS];
	uint64_t index; /* of a first load through the API: entries read so far */
	int64_t since;  /* everything changed before is known; 0 = nothing is */
};

/* A text that is none of ours gives the cursor of a first run. */
void nvd_cursor_read(struct arena *a, const char *text, struct nvd_cursor *ret);
char *nvd_cursor_write(struct arena *a, const struct nvd_cursor *c);

#endif
