/* SPDX-License-Identifier: Apache-2.0 */
/* apply_private - one slice of applying a run, as its files pass it on. */
#ifndef STORE_APPLY_PRIVATE_H
#define STORE_APPLY_PRIVATE_H

#include "store/dict.h"
#include "store/feeds.h"
#include "store/idmap.h"
#include "store/store_private.h"

struct cvss;
struct record;

struct ids {
	int64_t *at;
	size_t n, cap;
};

struct apply {
	struct store *st;
	int64_t run_id, feed_id, source_id;
	enum run_cause cause;
	unsigned driver_revision;
	int64_t now_at;
	struct arena *slice; /* lives as long as the slice */
	struct arena *a;     /* one record long */
	struct dict dict;
	struct idmap carried;    /* package id: 1 no component has it, 2 one has */
	struct idmap ecosystems; /* id: index in coverage + 1 */
	struct {
		struct coverage_change {
			int64_t ecosystem_id, n_records, newest_at;
		} * at;
		size_t n, cap;
	} coverage;
	int64_t n_records, newest_at; /* changes of the feed's own */
	int64_t marker_seq;           /* number for silent history; 0 = none yet */
	int64_t n_skipped;
	struct ids thresholds; /* of EPSS that anybody asks for; read at first use */
};

/* A record between the stage and its rows. */
struct put {
	const struct record *r; /* NULL when it vanished */
	int64_t id;
	bool is_known; /* has rows already */
	bool stood;    /* before */
	bool stands;   /* now */
	bool scores;   /* something that ratings are made of has changed */
	int64_t severity_before;
	const char *word_before;
	struct ids links_before, links; /* vulnerabilities, sorted */
	struct ids packages;            /* that rows are about now, sorted */
	struct ids all_packages;        /* now or before */
	struct ids changed;             /* whose rows changed */
};

void ids_add(struct arena *a, struct ids *s, int64_t id); /* keeps order, no repeats */
bool ids_have(const struct ids *s, int64_t id);
bool ids_equal(const struct ids *a, const struct ids *b);

/* Apply one staged row; what cannot be read is skipped and counted. */
enum err_code apply_record(struct apply *ap, const char *key, int change,
    const void *body, size_t len, struct err *e);

/* Which vulnerabilities the record is about: fills p->links. */
enum err_code apply_links(struct apply *ap, struct put *p, struct err *e);
/* The ranges it calls affected, by difference: fills packages and changed. */
enum err_code apply_affected(struct apply *ap, struct put *p, struct err *e);
/* 'Not affected' against somebody else's 'affected'. */
enum err_code apply_denials(struct apply *ap, struct put *p, struct err *e);
/* Scores, and what the vulnerability's own row sums up. */
enum err_code apply_scores(struct apply *ap, struct put *p, struct err *e);

/* What of a vulnerability is here. */
struct matched {
	int64_t n, severity;
	bool is_fixable;
};
enum err_code apply_matched(
    struct apply *ap, int64_t vulnerability_id, struct matched *ret, struct err *e);
/* Nothing of a first load, and the like, is news one by one. */
bool apply_is_quiet(const struct apply *ap);

/* (PACKAGE_ID, VULNERABILITY_ID) is to be decided again. */
enum err_code apply_dirty(
    struct apply *ap, int64_t package_id, int64_t vulnerability_id, struct err *e);
/* Note that a record of ECOSYSTEM_ID came (1), stayed (0) or went (-1). */
void apply_cover(struct apply *ap, int64_t ecosystem_id, int64_t change, int64_t at);
/* The slice's number for history without news. */
enum err_code apply_marker(struct apply *ap, int64_t *ret, struct err *e);

#endif
