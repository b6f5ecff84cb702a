/* SPDX-License-Identifier: Apache-2.0 */
/* finding_private - matches as findings, statements and subjects as rows. */
#ifndef STORE_FINDING_PRIVATE_H
#define STORE_FINDING_PRIVATE_H

#include "core/component.h"
#include "store/feeds.h"
#include "store/findings.h"
#include "store/store_private.h"

/* One match of one component. */
struct match_row {
	int64_t vulnerability_id, record_id, since_seq, changed_seq, fix_stream;
	enum status state;
	enum severity severity;
	enum speaker severity_by;
	const char *fixed_version, *vulnerability;
	int64_t kev_at, epss_micro; /* 0 / -1 = none */
	int cvss_tenths;
};
enum err_code matches_of(struct store *st, int64_t component_id, struct arena *a,
    struct match_row **ret, size_t *ret_n, struct err *e);
/* The same as they stood at number SEQ. */
enum err_code matches_of_at(struct store *st, int64_t component_id, int64_t seq,
    struct arena *a, struct match_row **ret, size_t *ret_n, struct err *e);
/* Since when M, a period that matches_of_at() found, has been open without a break. */
enum err_code match_run_start(struct store *st, const struct match_row *m,
    int64_t component_id, int64_t *ret, struct err *e);
/* The images that F asks for, with what they held at F->as_of_seq, in id order. */
struct image_then {
	int64_t id, inventory_id; /* 0 = never read */
	const char *name;
};
enum err_code images_at(struct store *st, struct scope scope,
    const struct finding_filter *f, struct arena *a, struct image_then **ret,
    size_t *ret_n, struct err *e);
/* Counted in totals, told: not negligible, not under investigation. */
bool match_is_open(const struct match_row *m);

/* Everything a finding shows besides the match: names, words, advisories. */
enum err_code finding_fill(struct store *st, const struct match_row *m,
    int64_t component_id, struct arena *a, struct finding_row *ret, struct err *e);
enum err_code vulnerability_aliases(struct store *st, int64_t id, const char *name,
    struct arena *a, const char ***ret, size_t *ret_n, struct err *e);
enum err_code vulnerability_advisories(struct store *st, int64_t id, struct arena *a,
    struct advisory_ref **ret, size_t *ret_n, struct err *e);
/* Seconds of the event with number SEQ, or of the last before it. */
enum err_code event_time(struct store *st, int64_t seq, int64_t *ret, struct err *e);

/* The builds an image had had by AS_OF_SEQ (0 = now), in A; and the number since which it has the finding, which
 * COMPONENT_ID has since SINCE_SEQ. */
struct image_builds;
enum err_code image_builds_load(struct store *st, int64_t image_id, int64_t as_of_seq,
    struct arena *a, struct image_builds **ret, struct err *e);
enum err_code first_seen_seq(struct image_builds *b, int64_t component_id,
    int64_t vulnerability_id, int64_t since_seq, int64_t *ret, struct err *e);

/*
 * Every statement about the vulnerability, 'not affected' ones out of the records' bodies
 * included (affected_id 0); package_id 0 = a package that nobody carries or is warned of.
 */
enum err_code said_load(struct store *st, int64_t vulnerability_id, struct arena *a,
    struct said_row **ret, size_t *ret_n, struct err *e);

#endif
