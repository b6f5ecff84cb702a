/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nvd_metrics - CVSS scores of one CVE, and which of them is NVD's severity:
 *
 * "metrics":{"cvssMetricV31":[{"source":"nvd@nist.gov","type":"Primary",
 *    "cvssData":{"version":"3.1","vectorString":"CVSS:3.1/...","baseScore":9.8,
 *    "baseSeverity":"CRITICAL"}}], "cvssMetricV2":[{..., "baseSeverity":"HIGH"}]}
 *
 * "type" is not asked: since 2024 CNAs are Primary now and then.  Who speaks is told by
 * "source".
 */
#include <string.h>

#include "core/arena.h"
#include "core/json_read.h"
#include "core/limits.h"
#include "core/str.h"
#include "fetchers/nvd.h"

#define NVD_SOURCE "nvd@nist.gov"
#define ADP_SOURCE "134c704f-9b21-4f2e-91b3-4a467353bcc0"

/* In the order in which a score is preferred; 3.0 and 2.0 only after all the others. */
enum version { VERSION_40, VERSION_31, VERSION_30, VERSION_2, VERSION_COUNT };

static const char *const version_keys[VERSION_COUNT] = {
	[VERSION_40] = "cvssMetricV40",
	[VERSION_31] = "cvssMetricV31",
	[VERSION_30] = "cvssMetricV30",
	[VERSION_2] = "cvssMetricV2",
};

/* More scores than any CVE has; what is beyond is left out. */
#define MAX_SCORES 200

struct metric {
	enum version version;
	const char *source, *vector, *score, *word;
};

struct metrics {
	struct metric *at;
	size_t n, cap;
};

static enum speaker
speaker_of(const char *source)
{
	if (str_eq(source, NVD_SOURCE))
		return SPEAKER_NVD;
	return str_eq(source, ADP_SOURCE) ? SPEAKER_ADP : SPEAKER_CNA;
}

/*
 * Lower is preferred: version 4.0 or 3.1 by NVD, then by the CNA, then by CISA; then
 * version 3.0, then version 2, each in the same order of speakers.
 */
static int
rank(enum version version, enum speaker speaker)
{
	int who = speaker == SPEAKER_NVD ? 0 : speaker == SPEAKER_CNA ? 1 : 2;

	if (version <= VERSION_31)
		return who * 2 + (int)version;
	return 10 * (int)version + who;
}

/* "9.8" is 98 and "10" is 100; -1 if TEXT is no score. */
static int
score_tenths(const char *text)
{
	int tenths = 0;
	const char *p = text;

	if (text == NULL || *p < '0' || *p > '9')
		return -1;
	for (; *p >= '0' && *p <= '9' && tenths <= 10; p++)
		tenths = tenths * 10 + (*p - '0');
	tenths *= 10;
	if (*p == '.') {
		if (p[1] < '0' || p[1] > '9')
			return -1;
		tenths += p[1] - '0';
		p += 2;
		p += strspn(p, "0");
	}
	return *p == '\0' && tenths <= 100 ? tenths : -1;
}

/* Version 2 knows no critical: its highest band ends at 10. */
static enum severity
severity_of(enum version version, int tenths)
{
	enum severity s = severity_from_cvss(tenths);

	return version == VERSION_2 && s == SEVERITY_CRITICAL ? SEVERITY_HIGH : s;
}

/* ---- reading ---- */

static enum err_code
read_cvss_data(
    struct emitter *em, struct json_reader *r, struct metric *m, struct err *e)
{
	struct json_value key;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(r, JSON_OBJECT, &more, e)) != ERR_OK || !more)
		return rc;
	while ((rc = json_key(r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "vectorString"))
			rc = emit_text(em, r, MAX_NAME, TEXT_LINE, &m->vector, e);
		else if (str_eq(key.text, "baseScore"))
			rc = json_text(r, em->arena, &m->score, e);
		else if (str_eq(key.text, "baseSeverity"))
			rc = emit_text(em, r, MAX_NAME, TEXT_LINE, &m->word, e);
		else
			rc = json_skip_next(r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_metric(struct emitter *em, struct json_reader *r, struct metric *m, struct err *e)
{
	struct json_value key;
	bool more;
	enum err_code rc;

	while ((rc = json_key(r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "source"))
			rc = emit_text(em, r, MAX_NAME, TEXT_LINE, &m->source, e);
		else if (str_eq(key.text, "cvssData"))
			rc = read_cvss_data(em, r, m, e);
		else if (str_eq(key.text, "baseSeverity")) /* of version 2 */
			rc = emit_text(em, r, MAX_NAME, TEXT_LINE, &m->word, e);
		else
			rc = json_skip_next(r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc == ERR_OK ? emit_room(em, e) : rc;
}

static enum err_code
read_version(struct emitter *em, struct json_reader *r, enum version version,
    struct metrics *list, struct err *e)
{
	struct json_value v;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(r, JSON_ARRAY, &more, e)) != ERR_OK || !more)
		return rc;
	while ((rc = json_item(r, &v, &more, e)) == ERR_OK && more) {
		struct metric m = { .version = version };

		if (v.token != JSON_OBJECT) {
			rc = json_skip(r, &v, e);
		} else {
			rc = read_metric(em, r, &m, e);
			if (rc == ERR_OK && list->n < MAX_SCORES)
				*ARENA_PUSH(em->arena, list) = m;
		}
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_versions(
    struct emitter *em, struct json_reader *r, struct metrics *list, struct err *e)
{
	struct json_value key;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(r, JSON_OBJECT, &more, e)) != ERR_OK || !more)
		return rc;
	while ((rc = json_key(r, &key, &more, e)) == ERR_OK && more) {
		int version = 0;

		while (
		    version < VERSION_COUNT && !str_eq(key.text, version_keys[version]))
			version++;
		if (version < VERSION_COUNT)
			rc = read_version(em, r, (enum version)version, list, e);
		else
			rc = json_skip_next(r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* ---- choosing ---- */

static bool
has_newer_than_2(const struct metrics *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->at[i].version != VERSION_2 &&
		    score_tenths(list->at[i].score) >= 0)
			return true;
	return false;
}

static void
choose(struct arena *a, const struct metrics *list, struct nvd_scores *ret)
{
	bool newer = has_newer_than_2(list);
	int best = -1;

	for (size_t i = 0; i < list->n; i++) {
		const struct metric *m = &list->at[i];
		enum speaker speaker = speaker_of(m->source);
		int tenths = score_tenths(m->score);

		if (tenths < 0 || m->vector == NULL ||
		    (newer && m->version == VERSION_2))
			continue;
		*ARENA_PUSH(a, &ret->list) = (struct cvss){
			.scorer = str_or_empty(m->source),
			.vector = m->vector,
			.score_tenths = tenths,
			.speaker = speaker,
		};
		if (best < 0 || rank(m->version, speaker) < best) {
			best = rank(m->version, speaker);
			ret->severity = severity_of(m->version, tenths);
			ret->word = m->word;
		}
	}
}

enum err_code
nvd_read_metrics(
    struct emitter *em, struct json_reader *r, struct nvd_scores *ret, struct err *e)
{
	struct metrics list = { 0 };
	enum err_code rc;

	*ret = (struct nvd_scores){ 0 };
	if ((rc = read_versions(em, r, &list, e)) == ERR_OK)
		choose(em->arena, &list, ret);
	return rc;
}
