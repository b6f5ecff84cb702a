/* SPDX-License-Identifier: Apache-2.0 */
/* ratings - how bad everybody says a vulnerability is, and whose word a severity is. */
#include "core/arena.h"
#include "core/str.h"
#include "store/store_private.h"

#define RANK_DISTRIBUTION 0 /* source.rank */

enum rating_column {
	COL_SPEAKER,
	COL_SCORER,
	COL_SOURCE,
	COL_TENTHS,
	COL_SEVERITY,
	COL_WORD
};

/* Who is named beside a severity: the scorer where one is, else the record's source. */
static const char *
name_of(enum speaker speaker, const char *scorer, const char *source)
{
	switch (speaker) {
	case SPEAKER_CNA:
		return str_or_empty(scorer)[0] != '\0' ? scorer : source;
	case SPEAKER_ADP:
		return "cisa-adp";
	case SPEAKER_NVD:
		return "nvd";
	default:
		return source;
	}
}

static void
read_rating(struct query *q, struct arena *a, struct rating *ret)
{
	enum speaker speaker = (enum speaker)col_int(q, COL_SPEAKER);
	int tenths = (int)col_int(q, COL_TENTHS);

	*ret = (struct rating){
		.speaker = speaker,
		.by = arena_strdup(a,
		    name_of(speaker, col_text(q, COL_SCORER), col_text(q, COL_SOURCE))),
		.severity = tenths > 0 ? severity_from_cvss(tenths)
				       : (enum severity)col_int(q, COL_SEVERITY),
		.word = col_dup(q, COL_WORD, a),
		.score_tenths = tenths,
	};
}

enum err_code
ratings_load(struct store *st, int64_t vulnerability_id, struct arena *a,
    struct rating **ret, size_t *ret_n, struct err *e)
{
	struct {
		struct rating *at;
		size_t n, cap;
	} ratings = { 0 };
	struct query *q = query(st, STMT_RATINGS);
	enum err_code rc;
	bool row;

	bind_int(q, 1, vulnerability_id);
	bind_int(q, 2, RANK_DISTRIBUTION);
	bind_int(q, 3, SPEAKER_OTHER_DISTRO);
	while ((rc = query_step(q, &row, e)) == ERR_OK && row)
		read_rating(q, a, ARENA_PUSH(a, &ratings));
	query_done(q);
	if (rc != ERR_OK)
		return rc;
	*ret = ratings.at;
	*ret_n = ratings.n;
	return ERR_OK;
}

/* Another vendor's score is another distribution's word. */
static bool
is_said_by(const struct rating *r, enum speaker speaker)
{
	return r->speaker == speaker ||
	       (speaker == SPEAKER_OTHER_DISTRO && r->speaker == SPEAKER_VENDOR_CVSS);
}

enum err_code
rating_by(struct store *st, int64_t vulnerability_id, enum speaker speaker,
    int64_t record_id, struct arena *a, const char **ret_by, struct err *e)
{
	struct rating *ratings = NULL, *best = NULL;
	struct query *q;
	size_t n = 0;
	enum err_code rc;

	*ret_by = NULL;
	if (speaker == SPEAKER_STATEMENT || speaker == SPEAKER_VENDOR_CVSS) {
		q = query(st, STMT_RECORD_SOURCE);
		bind_int(q, 1, record_id);
		if ((rc = query_one(q, e)) == ERR_OK)
			*ret_by = col_dup(q, 0, a);
		query_done(q);
		return rc == ERR_NOTFOUND ? ERR_OK : rc;
	}
	if (speaker == SPEAKER_NONE)
		return ERR_OK;
	if ((rc = ratings_load(st, vulnerability_id, a, &ratings, &n, e)) != ERR_OK)
		return rc;
	for (size_t i = 0; i < n; i++)
		if (is_said_by(&ratings[i], speaker) &&
		    (best == NULL || ratings[i].severity > best->severity))
			best = &ratings[i];
	*ret_by = best != NULL ? best->by : name_of(speaker, NULL, NULL);
	return ERR_OK;
}
