/* SPDX-License-Identifier: Apache-2.0 */
/* record_sample - records to begin a test with; all in the arena given. */
#ifndef UNIT_CORE_RECORD_SAMPLE_H
#define UNIT_CORE_RECORD_SAMPLE_H

#include "core/record.h"

struct arena;

/* An array of two texts. */
const char **sample_texts(struct arena *a, const char *one, const char *two);
/* The least that a record must say. */
struct record *sample_small(struct arena *a);
/* A record that says all there is to say. */
struct record *sample_full(struct arena *a);
/* A release of a system, and when it ends. */
struct record *sample_release(struct arena *a);

#endif
