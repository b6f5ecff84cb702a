/* SPDX-License-Identifier: Apache-2.0 */
/* rekey_private - a re-key as its files pass it on. */
#ifndef STORE_REKEY_PRIVATE_H
#define STORE_REKEY_PRIVATE_H

#include "store/idmap.h"
#include "store/rekey.h"
#include "store/store_private.h"

#define REKEY_ROWS_AT_ONCE 500
/* ecosystem.key_format while keys of two formats may lie side by side */
#define REKEY_UNDER_WAY (-1)

/* An ecosystem whose keys are not as this program makes them. */
struct rekey_ecosystem {
	int64_t id;
	const char *scheme; /* that it has now */
	unsigned format;    /* that its keys are to have */
};

/* In this order; each leaves a state from which the next start finds its way. */
enum rekey_phase {
	REKEY_BEGIN,      /* the ecosystems are marked: no program's format is theirs */
	REKEY_ORIGINS,    /* their keys */
	REKEY_COMPONENTS, /* their keys */
	REKEY_RUNS,       /* a run for every feed that speaks of the ecosystems */
	REKEY_STAGE,      /* its records on the stage */
	REKEY_DIRTY,      /* what components with a new key need decided */
	REKEY_APPLY,      /* ranges of the records, by the ordinary way of a run */
	REKEY_DONE
};

struct rekey {
	struct store *st; /* borrowed */
	int64_t now_at;
	enum rekey_phase phase;
	struct arena *a;     /* owned; of the ecosystems */
	struct arena *slice; /* owned */
	struct {
		struct rekey_ecosystem *at;
		size_t n, cap;
	} ecosystems;
	struct idmap by_id; /* ecosystem id: 1 + index */
	int64_t after;      /* last row of the phase that was looked at */
	uint64_t done, total;
};

/* The format that this program's keys of SCHEME have; 0 without a keyer. */
unsigned rekey_format(const struct store *st, const char *scheme);
/* At opening: are the keys those of this program, or is somebody about to make them so? */
enum err_code rekey_check(struct store *st, struct err *e);

/* rekey_rows.c: one slice of the phase; *RET_MORE is false at its end. */
enum err_code rekey_rows(struct rekey *r, bool *ret_more, struct err *e);
/* Nobody but who re-keys may open the store from here on. */
enum err_code rekey_begin(struct rekey *r, bool *ret_more, struct err *e);
/* rekey_runs.c: the same for the phases of runs, each in one transaction. */
enum err_code rekey_add_runs(struct rekey *r, bool *ret_more, struct err *e);
enum err_code rekey_stage(struct rekey *r, bool *ret_more, struct err *e);
enum err_code rekey_dirty(struct rekey *r, bool *ret_more, struct err *e);
/* Keys are the new ones from here on; the runs may be applied. */
enum err_code rekey_switch(struct rekey *r, struct err *e);

#endif
