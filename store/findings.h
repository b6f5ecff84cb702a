/* SPDX-License-Identifier: Apache-2.0 */
/*
 * findings - the store's leaf for questions: what hits this image, which images does
 * this hit, who says what, what could not be judged.  Nothing here writes.
 *
 * A finding is (image, installed package, vulnerability), computed from matches.  'Open'
 * is every match state but UNDER_INVESTIGATION; NEGLIGIBLE ones are kept apart from
 * totals.
 */
#ifndef STORE_FINDINGS_H
#define STORE_FINDINGS_H

#include "core/component.h"
#include "core/verdict.h"
#include "store/store.h"

struct image_row; /* store/images.h */
struct unit;      /* store/feeds.h */

struct counts {
	int64_t total; /* without negligible and under investigation */
	int64_t critical, high, medium, low, negligible, unknown;
	int64_t fixable, exploited, accepted;
};

enum fix_state {
	FIX_UNKNOWN,
	FIX_AVAILABLE,
	FIX_NONE,
	FIX_WONT_FIX,
	FIX_DEFERRED,
	FIX_OTHER_STREAM,
	FIX_STATE_COUNT
};
const char *fix_state_name(enum fix_state f);

struct advisory_ref {
	const char *source, *id, *url; /* url NULL = none known */
};

struct finding_row {
	int64_t image_id;
	const char *image; /* name */
	int64_t vulnerability_id, component_id;
	const char *vulnerability;
	const char **aliases;
	size_t n_aliases;
	const char *package, *version, *arch, *ecosystem, *purl;
	const char *source_package, *source_version; /* NULL = none */
	enum status state;                           /* the match's */
	const char *vendor_state;                    /* NULL = none */
	enum fix_state fix;
	const char *fix_version; /* NULL = none */
	const char *fix_stream;  /* NULL = own */
	int64_t fix_since;       /* seconds; 0 = not known */
	enum severity severity;
	const char *severity_by, *vendor_word; /* NULL = nobody / none */
	int cvss_tenths;                       /* 0 = none */
	int64_t epss_micro;                    /* -1 = none */
	int64_t exploited;                     /* since; 0 = not known to be */
	struct advisory_ref *advisories;
	size_t n_advisories;
	int64_t first_seen; /* seconds */
	enum origin origin; /* of the installed package; only a scan knows */
	bool guessed;       /* the source package name was guessed: low confidence */
	int64_t rank;       /* for the cursor */
};

struct finding_filter {
	int64_t image_id;    /* 0 = every image of the scope */
	int64_t list_id;     /* 0 = any */
	unsigned severities; /* bit 1 << enum severity; 0 = all but negligible */
	bool only_fixable, only_unfixable, only_exploited;
	int64_t epss_gte_micro; /* 0 = any */
	const char *package;    /* installed or source name, glob; NULL = any */
	unsigned states;        /* bit 1 << enum status; 0 = every open one */
	int64_t as_of_seq;      /* as it stood at that number; 0 = now */
	/* cursor: position behind which to go on; all 0 = from the start */
	int64_t after_image, after_rank, after_vulnerability, after_component;
	size_t limit;
};
/*
 * Image by image, in each the worst first.  *RET_COUNT = all that fit.  Of the past, what
 * was concluded then (state, severity, deciding record, fixed version) and what images and
 * lists held, also images that were deleted since; scores, aliases and advisories are
 * those of now.  ERR_NOTFOUND when the image was not registered then.
 */
enum err_code store_findings(struct store *st, struct scope scope,
    const struct finding_filter *f, struct arena *a, struct finding_row **ret,
    size_t *ret_n, int64_t *ret_count, struct err *e);
/* The oldest number that may be asked for; what was before, retention threw away. */
enum err_code store_oldest_seq(struct store *st, int64_t *ret, struct err *e);
/* Exact now. */
enum err_code store_image_counts(struct store *st, struct scope scope, int64_t image_id,
    struct counts *ret, struct err *e);
enum err_code store_list_counts(struct store *st, struct scope scope, int64_t list_id,
    struct counts *ret, struct err *e);

/* ---- vulnerabilities ---- */

struct vulnerability_row {
	int64_t id;
	const char *name;
	const char **aliases;
	size_t n_aliases;
	const char *title, *description; /* from the best source; NULL = none */
	enum severity severity;
	const char *severity_by;
	int cvss_tenths;
	const char *cvss_vector;
	int64_t epss_micro;            /* -1 = none */
	int64_t epss_percentile_micro; /* -1 = not said */
	int64_t exploited;
	int64_t published, modified;
	struct rating *ratings; /* everybody's, for the disagreement */
	size_t n_ratings;
	const char **references;
	size_t n_references;
};
/* By any of its names.  ERR_NOTFOUND */
enum err_code store_vulnerability(struct store *st, const char *name, struct arena *a,
    struct vulnerability_row *ret, struct err *e);
/* Every statement about it, denials included, from the records that stand.  With
 * ecosystem and package names, for the page that shows the sources side by side. */
struct said_row {
	struct statement s;
	const char *ecosystem, *package, *scheme;
	int64_t published, modified, withdrawn;
	const char *url;
};
enum err_code store_vulnerability_said(struct store *st, int64_t vulnerability_id,
    struct arena *a, struct said_row **ret, size_t *ret_n, struct err *e);

struct affected_image {
	struct {
		int64_t id;
		const char *team, *name, *ref, *digest; /* digest NULL = not known */
		const char *owner, *contact;            /* NULL = not said */
	} image;
	const char **packages; /* installed packages that are hit, "openssl 3.0.9-1" */
	size_t n_packages;
	enum severity severity; /* the worst of them */
	bool fixable;
};
/*
 * The images a vulnerability hits, by id after AFTER_ID.  *RET_COUNT = all of them;
 * *RET_NOT_JUDGED = images of the scope that nobody could judge (coverage not complete).
 */
enum err_code store_affected_images(struct store *st, struct scope scope,
    int64_t vulnerability_id, int64_t after_id, size_t limit, struct arena *a,
    struct affected_image **ret, size_t *ret_n, int64_t *ret_count,
    int64_t *ret_not_judged, struct err *e);

/*
 * What explain needs: the components of the image that any statement about the
 * vulnerability could concern, and all those statements (also not_affected ones, read
 * from the records).  n_subjects 0 = nothing of the kind is installed.
 */
enum err_code store_explain(struct store *st, struct scope scope, int64_t image_id,
    int64_t vulnerability_id, struct arena *a, struct unit *ret, struct err *e);

/* ---- coverage ---- */

struct coverage_feed {
	const char *name;
	int64_t newest_record_at; /* 0 = none */
	int64_t last_success_at;  /* 0 = never loaded */
};
struct coverage {
	enum coverage_state state;
	struct coverage_feed *feeds; /* that speak of the image's ecosystem */
	size_t n_feeds;
	struct not_covered *not_covered;
	size_t n_not_covered;
};
/*
 * What could be judged.  For an image: from its row; for a document that is not stored:
 * INV (IMAGE_ID 0).  WAITING_FOR_FEEDS when feeds exist for its ecosystem and none has
 * been applied.
 */
enum err_code store_coverage(struct store *st, struct scope scope, int64_t image_id,
    const struct inventory *inv, struct arena *a, struct coverage *ret, struct err *e);
/* The same over all live images of a scope or a list (LIST_ID 0 = all): the worst state,
 * every feed concerned, what is not covered summed up. */
enum err_code store_coverage_all(struct store *st, struct scope scope, int64_t list_id,
    struct arena *a, struct coverage *ret, struct err *e);
/* Put what the feeds make of it into the 'coverage' of N images of the scope. */
enum err_code store_coverage_now(struct store *st, struct scope scope,
    struct image_row *images, size_t n, struct err *e);

/*
 * Stateless: subjects (component_id = 1-based position in INV) and every statement that
 * concerns them, for a document that is not registered.  Decide with match_decide().
 */
enum err_code store_scan_units(struct store *st, const struct inventory *inv,
    struct arena *a, struct unit **ret, size_t *ret_n, struct err *e);
/* Name, scores and aliases for a decision of such a scan, as a finding. */
enum err_code store_scan_finding(struct store *st, const struct unit *u,
    const struct subject *s, const struct decision *d, struct arena *a,
    struct finding_row *ret, struct err *e);

#endif
