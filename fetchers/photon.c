/* SPDX-License-Identifier: Apache-2.0 */
/*
 * photon - what Photon OS says about each CVE and binary package, one list per release:
 *
 * [{"cve_id":"CVE-2023-5115", "pkg":"ansible", "cve_score":6.3,
 *   "aff_ver":"all versions before 2.14.12-1.ph5 are vulnerable",
 *   "res_ver":"2.14.12-1.ph5", "status":"Fixed"}]
 *
 * Nothing in it names the release but the ".ph5" of versions, and rows of one package and
 * CVE need not stand together: so the rows are kept until the end, where those of a pair
 * become the entries of one record.  The lists have some ten thousand rows.
 */
#include <inttypes.h>
#include <string.h>

#include "core/arena.h"
#include "core/ecosystem.h"
#include "core/json_read.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/str.h"
#include "core/strmap.h"
#include "fetchers/emit.h"
#include "fetchers/fetchers.h"
#include "fetchers/scores.h"
#include "fetchers/walk.h"

/* All rows together; a list of 5 MB keeps less than that. */
#define KEPT_MAX ((size_t)64 * 1024 * 1024)

#define ABSENT "NA"

struct row {
	const char *id, *package, *score, *affected, *fixed, *status;
};

struct photon {
	struct emitter em;
	struct json_reader *r;
	struct arena *kept; /* owned: what the rows point to */
	struct {
		struct row *at;
		size_t n, cap;
	} rows;
	struct row row; /* being read */
	uint64_t n;
	const char *ecosystem; /* NULL: no version has said it yet */
	const char *known;     /* of the feed's configuration; NULL = not said there */
};

/* ---- reading ---- */

#define READ_TEXT(member)                                                              \
	static enum err_code read_##member(void *arg, struct err *e)                   \
	{                                                                              \
		struct photon *p = arg;                                                \
                                                                                       \
		return emit_text(                                                      \
		    &p->em, p->r, MAX_NAME, TEXT_LINE, &p->row.member, e);             \
	}

READ_TEXT(id)
READ_TEXT(package)
READ_TEXT(affected)
READ_TEXT(fixed)
READ_TEXT(status)

static enum err_code
read_score(void *arg, struct err *e)
{
	struct photon *p = arg;

	return json_text(p->r, p->em.arena, &p->row.score, e);
}

static const struct walk_field fields[] = {
	{ "cve_id", read_id },
	{ "pkg", read_package },
	{ "cve_score", read_score },
	{ "aff_ver", read_affected },
	{ "res_ver", read_fixed },
	{ "status", read_status },
	{ NULL, NULL },
};

/* "BDSA-2025-13833": an id of another list with a year; "UNK-1" and "Re" are none. */
static bool
is_other_id(const char *id)
{
	const char *dash = strchr(id, '-');

	if (dash == NULL || dash == id || !package_is_sane(id))
		return false;
	return strspn(dash + 1, "0123456789") == 4 && dash[5] == '-' &&
	       strspn(dash + 6, "0123456789") == strlen(dash + 6) && dash[6] != '\0';
}

/* "2.14.12-1.ph5" was built for Photon OS 5.0. */
static void
learn_release(struct photon *p, const char *version)
{
	const char *tag = version == NULL ? NULL : strstr(version, ".ph");
	struct osv_ecosystem found;
	size_t digits;

	if (p->ecosystem != NULL || tag == NULL)
		return;
	digits = strspn(tag + 3, "0123456789");
	if (digits == 0 || digits > 4)
		return;
	if (ecosystem_of_osv(
		arena_printf(p->kept, "Photon OS:%.*s.0", (int)digits, tag + 3),
		p->kept, &found))
		p->ecosystem = found.ecosystem;
}

static bool
is_said(const char *text)
{
	return text != NULL && !str_eq(text, ABSENT);
}

/* Why the row is of no use; NULL if it is. */
static const char *
fault_of(struct photon *p, const char **ret_id)
{
	const struct row *row = &p->row;

	*ret_id = NULL;
	if (row->id != NULL)
		*ret_id = cve_normalize(p->kept, row->id, strlen(row->id));
	if (*ret_id == NULL && row->id != NULL && is_other_id(row->id))
		*ret_id = arena_strdup(p->kept, row->id);
	if (row->package == NULL || !package_is_sane(row->package))
		return "pkg is no name of a package";
	if (*ret_id == NULL)
		return "cve_id is no id of a vulnerability";
	if (is_said(row->fixed) && !version_is_sane(row->fixed))
		return "res_ver is no version";
	return NULL;
}

static enum err_code
keep_row(struct photon *p, const char *id, struct err *e)
{
	struct row *kept = ARENA_PUSH(p->kept, &p->rows);

	*kept = (struct row){
		.id = id,
		.package = arena_strdup(p->kept, p->row.package),
		.score = arena_strdup(p->kept, p->row.score),
		/* of this text only whether it is there is asked */
		.affected = is_said(p->row.affected) ? "" : NULL,
		.fixed =
		    is_said(p->row.fixed) ? arena_strdup(p->kept, p->row.fixed) : NULL,
		.status = arena_strdup(p->kept, p->row.status),
	};
	learn_release(p, p->row.fixed);
	learn_release(p, p->row.affected);
	if (arena_used(p->kept) > KEPT_MAX)
		return err_set(e, ERR_LIMIT, "more rows than can be kept");
	return ERR_OK;
}

static enum err_code
read_item(struct photon *p, const struct json_value *first, struct err *e)
{
	const char *id, *fault, *place;
	enum err_code rc;

	arena_reset(p->em.arena);
	p->row = (struct row){ .id = NULL };
	place = arena_printf(p->em.arena, "[%" PRIu64 "]", p->n++);
	rc = first->token == JSON_OBJECT ? walk_members(p->r, fields, p, e)
					 : json_skip(p->r, first, e);
	if (rc != ERR_OK)
		return rc;
	if ((fault = fault_of(p, &id)) == NULL)
		return keep_row(p, id, e);
	if (p->row.package != NULL && p->row.id != NULL)
		place = arena_printf(p->em.arena, "%s/%s", p->row.package, p->row.id);
	emit_skipped(&p->em, place, fault);
	return ERR_OK;
}

/* ---- from rows to records ---- */

/* Old lists have no status: then the versions alone say it. */
static void
judge(const struct row *row, struct affected *ret)
{
	if (str_eq(row->status, "Not Affected")) {
		ret->status = STATUS_NOT_AFFECTED;
	} else if (row->fixed != NULL) {
		ret->status = STATUS_FIXED;
		ret->fixed = row->fixed;
	} else if (row->affected != NULL) {
		ret->status = STATUS_AFFECTED;
	} else if (row->status == NULL) {
		ret->status = STATUS_NOT_AFFECTED;
	} else {
		ret->status = STATUS_UNKNOWN;
		ret->vendor_state = row->status;
	}
}

/* The rows of one package and id, in the order in which they came. */
struct pair {
	size_t first, last;
};

/* For every row the next one of its pair, 0 = none; in *RET_PAIRS the pairs. */
static size_t *
link_pairs(struct photon *p, struct pair **ret_pairs, size_t *ret_n)
{
	struct strmap *index = strmap_new();
	size_t *next = arena_array(p->kept, p->rows.n, sizeof(*next));
	struct pair *pairs = arena_array(p->kept, p->rows.n, sizeof(*pairs));
	size_t n = 0;

	for (size_t i = 0; i < p->rows.n; i++) {
		bool is_new;
		uint64_t *place;

		arena_reset(p->em.arena);
		place = strmap_put(index,
		    arena_printf(
			p->em.arena, "%s/%s", p->rows.at[i].package, p->rows.at[i].id),
		    &is_new);
		if (is_new) {
			*place = n;
			pairs[n++] = (struct pair){ i, i };
		} else {
			next[pairs[*place].last] = i;
			pairs[*place].last = i;
		}
	}
	strmap_free(index);
	*ret_pairs = pairs;
	*ret_n = n;
	return next;
}

static enum err_code
emit_pair(struct photon *p, const struct pair *pair, const size_t *next, struct err *e)
{
	struct {
		struct affected *at;
		size_t n, cap;
	} entries = { 0 };
	const struct row *row = &p->rows.at[pair->first];
	const char *id = row->id;
	int tenths = scores_tenths(row->score);
	struct cvss score = { .scorer = p->em.source,
		.score_tenths = tenths,
		.speaker = SPEAKER_VENDOR_CVSS };
	struct record r = {
		.source = p->em.source,
		.id = id,
		.vulnerabilities = &id,
		.n_vulnerabilities = 1,
	};

	arena_reset(p->em.arena);
	r.key = arena_printf(p->em.arena, "%s/%s", row->package, id);
	for (size_t i = pair->first;; i = next[i]) {
		struct affected *a = ARENA_PUSH(p->em.arena, &entries);

		*a = (struct affected){
			.ecosystem = p->ecosystem,
			.stream = "",
			.package = row->package,
			.kind = KIND_BINARY,
			.module = "",
		};
		judge(&p->rows.at[i], a);
		if (i == pair->last)
			break;
	}
	if (tenths > 0) {
		r.severity = severity_from_cvss(tenths);
		r.cvss = &score;
		r.n_cvss = 1;
	}
	r.affected = entries.at;
	r.n_affected = entries.n;
	return emit_record(&p->em, &r, e);
}

static enum err_code
emit_rows(struct photon *p, struct err *e)
{
	struct pair *pairs;
	size_t n, *next;
	enum err_code rc = ERR_OK;

	if (p->rows.n == 0)
		return ERR_OK;
	if (p->ecosystem == NULL)
		p->ecosystem = p->known;
	if (p->ecosystem == NULL)
		return err_set(e, ERR_INPUT, "no version says which release this is");
	next = link_pairs(p, &pairs, &n);
	for (size_t i = 0; i < n && rc == ERR_OK; i++)
		rc = emit_pair(p, &pairs[i], next, e);
	return rc;
}

/* ---- the document ---- */

static enum err_code
read_document(struct photon *p, struct err *e)
{
	struct json_value v;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(p->r, JSON_ARRAY, &more, e)) != ERR_OK)
		return rc;
	while (more && (rc = json_item(p->r, &v, &more, e)) == ERR_OK && more)
		if ((rc = read_item(p, &v, e)) != ERR_OK)
			return rc;
	if (rc == ERR_OK && p->n == 0)
		rc = err_set(e, ERR_INPUT, "this is no list of Photon OS");
	if (rc == ERR_OK && (rc = json_next(p->r, &v, e)) == ERR_OK)
		rc = emit_rows(p, e);
	if (rc == ERR_OK && p->em.records == 0)
		rc = err_set(e, ERR_INPUT,
		    "nothing in the document can be read as part of a list of Photon "
		    "OS");
	return rc;
}

static enum err_code
parse(struct stream *in, const struct parse_env *env, struct record_sink *sink,
    struct err *e)
{
	struct photon p = {
		.r = json_reader_new(in), .kept = arena_new(), .known = env->ecosystem
	};
	enum err_code rc;

	emitter_init(&p.em, env, sink);
	rc = read_document(&p, e);
	emitter_done(&p.em);
	arena_free(p.kept);
	json_reader_free(p.r);
	return rc;
}

const struct driver driver_photon = {
	.name = "photon",
	.summary = "Photon OS's list of CVEs (cve_data JSON, one per release)",
	.source = "photon",
	.source_rank = 0,
	.says = SAYS_FIXED | SAYS_UNFIXED | SAYS_NOT_AFFECTED | SAYS_SEVERITY,
	.revision = 1,
	.parse = parse,
};
