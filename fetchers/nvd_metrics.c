/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nvd_metrics - CVSS scores of one CVE:
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

static const char *const version_keys[CVSS_VERSION_COUNT] = {
	[CVSS_40] = "cvssMetricV40",
	[CVSS_31] = "cvssMetricV31",
	[CVSS_30] = "cvssMetricV30",
	[CVSS_2] = "cvssMetricV2",
};

static enum speaker
speaker_of(const char *source)
{
	if (str_eq(source, NVD_SOURCE))
		return SPEAKER_NVD;
	return str_eq(source, ADP_SOURCE) ? SPEAKER_ADP : SPEAKER_CNA;
}

static enum err_code
read_cvss_data(
    struct emitter *em, struct json_reader *r, struct said_score *m, struct err *e)
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
read_metric(
    struct emitter *em, struct json_reader *r, struct said_score *m, struct err *e)
{
	struct json_value key;
	bool more;
	enum err_code rc;

	while ((rc = json_key(r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "source"))
			rc = emit_text(em, r, MAX_NAME, TEXT_LINE, &m->scorer, e);
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
read_version(struct emitter *em, struct json_reader *r, enum cvss_version version,
    struct said_scores *list, struct err *e)
{
	struct json_value v;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(r, JSON_ARRAY, &more, e)) != ERR_OK || !more)
		return rc;
	while ((rc = json_item(r, &v, &more, e)) == ERR_OK && more) {
		struct said_score m = { .version = version };

		if (v.token != JSON_OBJECT) {
			rc = json_skip(r, &v, e);
		} else {
			rc = read_metric(em, r, &m, e);
			m.speaker = speaker_of(m.scorer);
			if (rc == ERR_OK)
				scores_add(em->arena, list, &m);
		}
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_versions(
    struct emitter *em, struct json_reader *r, struct said_scores *list, struct err *e)
{
	struct json_value key;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(r, JSON_OBJECT, &more, e)) != ERR_OK || !more)
		return rc;
	while ((rc = json_key(r, &key, &more, e)) == ERR_OK && more) {
		int version = 0;

		while (version < CVSS_VERSION_COUNT &&
		       !str_eq(key.text, version_keys[version]))
			version++;
		if (version < CVSS_VERSION_COUNT)
			rc = read_version(em, r, (enum cvss_version)version, list, e);
		else
			rc = json_skip_next(r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

enum err_code
nvd_read_metrics(
    struct emitter *em, struct json_reader *r, struct scores *ret, struct err *e)
{
	struct said_scores list = { 0 };
	enum err_code rc;

	if ((rc = read_versions(em, r, &list, e)) == ERR_OK)
		scores_choose(em->arena, &list, ret);
	return rc;
}
