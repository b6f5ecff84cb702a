/* SPDX-License-Identifier: Apache-2.0 */
/* One finding: a match, the component it is about, the words that were said. */
#include "store/finding_private.h"

#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "store/components_private.h"
#include "store/query_private.h"

enum match_column {
	MATCH_VULNERABILITY,
	MATCH_RECORD,
	MATCH_STATE,
	MATCH_SEVERITY,
	MATCH_SEVERITY_BY,
	MATCH_FIX_STREAM,
	MATCH_FIXED_VERSION,
	MATCH_SINCE,
	MATCH_CHANGED,
	MATCH_NAME,
	MATCH_KEV,
	MATCH_EPSS,
	MATCH_CVSS
};

static enum err_code
read_matches(struct query *q, struct arena *a, struct match_row **ret, size_t *ret_n,
    struct err *e)
{
	struct {
		struct match_row *at;
		size_t n, cap;
	} rows = { 0 };
	enum err_code rc;
	bool more;

	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		*ARENA_PUSH(a, &rows) = (struct match_row){
			.vulnerability_id = col_int(q, MATCH_VULNERABILITY),
			.record_id = col_int(q, MATCH_RECORD),
			.state = (enum status)col_int(q, MATCH_STATE),
			.severity = (enum severity)col_int(q, MATCH_SEVERITY),
			.severity_by = (enum speaker)col_int(q, MATCH_SEVERITY_BY),
			.fix_stream = col_int(q, MATCH_FIX_STREAM),
			.fixed_version = col_dup(q, MATCH_FIXED_VERSION, a),
			.since_seq = col_int(q, MATCH_SINCE),
			.changed_seq = col_int(q, MATCH_CHANGED),
			.vulnerability = col_dup(q, MATCH_NAME, a),
			.kev_at = col_int(q, MATCH_KEV),
			.epss_micro =
			    col_null(q, MATCH_EPSS) ? -1 : col_int(q, MATCH_EPSS),
			.cvss_tenths = (int)col_int(q, MATCH_CVSS),
		};
	query_done(q);
	*ret = rows.at;
	*ret_n = rows.n;
	return rc;
}

enum err_code
matches_of(struct store *st, int64_t component_id, struct arena *a,
    struct match_row **ret, size_t *ret_n, struct err *e)
{
	struct query *q = query(st, STMT_MATCHES_OF_COMPONENT);

	bind_int(q, 1, component_id);
	bind_int(q, 2, 0);
	return read_matches(q, a, ret, ret_n, e);
}

enum err_code
matches_of_at(struct store *st, int64_t component_id, int64_t seq, struct arena *a,
    struct match_row **ret, size_t *ret_n, struct err *e)
{
	struct query *q = query(st, STMT_MATCHES_OF_COMPONENT_AT);

	bind_int(q, 1, component_id);
	bind_int(q, 2, seq);
	return read_matches(q, a, ret, ret_n, e);
}

bool
match_is_open(const struct match_row *m)
{
	return m->state != STATUS_UNDER_INVESTIGATION &&
	       m->severity != SEVERITY_NEGLIGIBLE;
}

/* ---- one finding in full ---- */

enum err_code
event_time(struct store *st, int64_t seq, int64_t *ret, struct err *e)
{
	struct query *q = query(st, STMT_EVENT_AT);
	enum err_code rc;

	bind_int(q, 1, seq);
	rc = query_one(q, e);
	*ret = rc == ERR_OK ? col_int(q, 0) : 0;
	query_done(q);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

enum err_code
vulnerability_aliases(struct store *st, int64_t id, const char *name, struct arena *a,
    const char ***ret, size_t *ret_n, struct err *e)
{
	struct {
		const char **at;
		size_t n, cap;
	} names = { 0 };
	struct query *q = query(st, STMT_ALIASES);
	enum err_code rc;
	bool more;

	bind_int(q, 1, id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more)
		if (!str_eq(col_text(q, 0), name))
			*ARENA_PUSH(a, &names) = col_dup(q, 0, a);
	query_done(q);
	*ret = names.at;
	*ret_n = names.n;
	return rc;
}

enum err_code
vulnerability_advisories(struct store *st, int64_t id, struct arena *a,
    struct advisory_ref **ret, size_t *ret_n, struct err *e)
{
	struct {
		struct advisory_ref *at;
		size_t n, cap;
	} refs = { 0 };
	struct query *q = query(st, STMT_VULNERABILITY_ADVISORIES);
	enum err_code rc;
	bool more;

	bind_int(q, 1, id);
	while ((rc = query_step(q, &more, e)) == ERR_OK && more) {
		struct advisory_ref *r = ARENA_PUSH(a, &refs);

		r->source = col_dup(q, 0, a);
		r->id = col_dup(q, 1, a);
		r->url = advisory_url(r->source, r->id, a);
	}
	query_done(q);
	*ret = refs.at;
	*ret_n = refs.n;
	return rc;
}

/* The words of the entry that decided, as far as it still stands. */
static enum err_code
fill_words(struct store *st, const struct match_row *m, int64_t component_id,
    struct arena *a, struct finding_row *f, struct err *e)
{
	struct query *q = query(st, STMT_COMPONENT_PACKAGES);
	int64_t package = 0, origin = 0;
	enum err_code rc;

	bind_int(q, 1, component_id);
	if ((rc = query_one(q, e)) == ERR_OK) {
		package = col_int(q, 0);
		origin = col_int(q, 1);
	}
	query_done(q);
	if (rc != ERR_OK)
		return rc;
	q = query(st, STMT_RECORD_ENTRY_WORDS);
	bind_int(q, 1, m->record_id);
	bind_int(q, 2, package);
	bind_int(q, 3, origin);
	bind_int(q, 4, m->state);
	if ((rc = query_one(q, e)) == ERR_OK) {
		f->vendor_state = col_dup(q, 0, a);
		f->vendor_word = col_dup(q, 1, a);
	}
	query_done(q);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

static enum err_code
fill_stream(struct store *st, int64_t condition_id, struct arena *a, const char **ret,
    struct err *e)
{
	struct query *q = query(st, STMT_CONDITION_STREAM);
	enum err_code rc;

	bind_int(q, 1, condition_id);
	if ((rc = query_one(q, e)) == ERR_OK)
		*ret = col_dup(q, 0, a);
	query_done(q);
	return rc == ERR_NOTFOUND ? ERR_OK : rc;
}

static void
fill_component(const struct component *c, struct finding_row *f)
{
	f->package = c->name;
	f->version = c->version;
	f->arch = c->arch;
	f->ecosystem = c->ecosystem;
	f->purl = c->purl;
	f->source_package = c->source_package;
	f->source_version = c->source_version;
	f->guessed = (c->flags & COMPONENT_GUESSED) != 0;
}

enum err_code
finding_fill(struct store *st, const struct match_row *m, int64_t component_id,
    struct arena *a, struct finding_row *ret, struct err *e)
{
	struct component c;
	enum err_code rc;

	ret->component_id = component_id;
	ret->vulnerability_id = m->vulnerability_id;
	ret->vulnerability = m->vulnerability;
	ret->state = m->state;
	ret->severity = m->severity;
	ret->fix = fix_of(m->state, m->fix_stream != 0);
	ret->fix_version = m->state == STATUS_FIXED ? m->fixed_version : NULL;
	ret->cvss_tenths = m->cvss_tenths;
	ret->epss_micro = m->epss_micro;
	ret->exploited = m->kev_at;
	if ((rc = component_get(st, component_id, a, &c, e)) != ERR_OK)
		return rc;
	fill_component(&c, ret);
	if ((rc = fill_words(st, m, component_id, a, ret, e)) != ERR_OK ||
	    (rc = vulnerability_aliases(st, m->vulnerability_id, m->vulnerability, a,
		 &ret->aliases, &ret->n_aliases, e)) != ERR_OK ||
	    (rc = vulnerability_advisories(st, m->vulnerability_id, a, &ret->advisories,
		 &ret->n_advisories, e)) != ERR_OK ||
	    (rc = rating_by(st, m->vulnerability_id, m->severity_by, m->record_id, a,
		 &ret->severity_by, e)) != ERR_OK)
		return rc;
	if (m->fix_stream != 0)
		rc = fill_stream(st, m->fix_stream, a, &ret->fix_stream, e);
	if (rc == ERR_OK && ret->fix == FIX_AVAILABLE)
		rc = event_time(st, m->changed_seq, &ret->fix_since, e);
	return rc;
}
