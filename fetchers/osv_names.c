/* SPDX-License-Identifier: Apache-2.0 */
/*
 * osv_names - which vulnerabilities a record is about.
 *
 * "aliases" are other names of the same flaw, "upstream" is what a distribution's record
 * packages, "related" is a weaker word.  Before schema 1.7 distributions wrote their CVEs
 * into any of the three, so of their records all three are read as "mends these".
 */
#include "fetchers/osv.h"

#include <string.h>

#include "core/arena.h"
#include "core/record.h"
#include "core/str.h"

#define ID_MAX 128 /* longest name that is kept; real ones have some 40 characters */

/* What an id that begins so is. */
enum origin {
	ORIGIN_OTHER,
	ORIGIN_DISTRO,  /* an advisory of a distribution */
	ORIGIN_NO_FLAW, /* the same, for updates that mend or add something else */
	ORIGIN_VIEW, /* a distribution's page of the CVE that the rest of the id is */
	ORIGIN_MALWARE
};

static const struct {
	const char *prefix;
	enum origin origin;
} origins[] = {
	{ "UBUNTU-CVE-", ORIGIN_VIEW },
	{ "DEBIAN-CVE-", ORIGIN_VIEW },
	{ "ALPINE-CVE-", ORIGIN_VIEW },
	{ "USN-", ORIGIN_DISTRO },
	{ "LSN-", ORIGIN_DISTRO },
	{ "DSA-", ORIGIN_DISTRO },
	{ "DLA-", ORIGIN_DISTRO },
	{ "DTSA-", ORIGIN_DISTRO },
	{ "ALSA-", ORIGIN_DISTRO },
	{ "ALBA-", ORIGIN_NO_FLAW },
	{ "ALEA-", ORIGIN_NO_FLAW },
	{ "RLSA-", ORIGIN_DISTRO },
	{ "RXSA-", ORIGIN_DISTRO },
	{ "RLBA-", ORIGIN_NO_FLAW },
	{ "RLEA-", ORIGIN_NO_FLAW },
	{ "RHSA-", ORIGIN_DISTRO },
	{ "RHBA-", ORIGIN_NO_FLAW },
	{ "RHEA-", ORIGIN_NO_FLAW },
	{ "SUSE-RU-", ORIGIN_NO_FLAW },
	{ "SUSE-FU-", ORIGIN_NO_FLAW },
	{ "SUSE-OU-", ORIGIN_NO_FLAW },
	{ "openSUSE-RU-", ORIGIN_NO_FLAW },
	{ "SUSE-", ORIGIN_DISTRO },
	{ "openSUSE-", ORIGIN_DISTRO },
	{ "openEuler-", ORIGIN_DISTRO },
	{ "OESA-", ORIGIN_DISTRO },
	{ "MGASA-", ORIGIN_DISTRO },
	{ "AZL-", ORIGIN_DISTRO },
	{ "CGA-", ORIGIN_DISTRO },
	{ "MINI-", ORIGIN_DISTRO },
	{ "ECHO-", ORIGIN_DISTRO },
	{ "MAL-", ORIGIN_MALWARE },
};

static enum origin
origin_of(const char *id)
{
	for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++)
		if (str_starts(id, origins[i].prefix))
			return origins[i].origin;
	return ORIGIN_OTHER;
}

/* Among other ids stand addresses of pages, and worse. */
static bool
is_id(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len <= ID_MAX && package_is_sane(text) &&
	       strpbrk(text, "/\"<>") == NULL;
}

static void
add_cves(struct arena *a, const struct texts *from, struct texts *cves)
{
	for (size_t i = 0; i < from->n; i++) {
		const char *cve = cve_normalize(a, from->at[i], strlen(from->at[i]));

		if (cve != NULL)
			texts_add(a, cves, cve);
	}
}

static void
add_others(struct arena *a, const struct texts *from, struct texts *others)
{
	for (size_t i = 0; i < from->n; i++)
		if (is_id(from->at[i]) &&
		    cve_normalize(a, from->at[i], strlen(from->at[i])) == NULL)
			texts_add(a, others, from->at[i]);
}

/* Everything that the record names is mended by it, or is what it is about. */
static void
name_advisory(struct arena *a, const struct osv_record *rec, enum origin origin,
    struct osv_names *n)
{
	const char *cve = strstr(rec->id, "CVE-");

	if (origin == ORIGIN_VIEW &&
	    (cve = cve_normalize(a, cve, strlen(cve))) != NULL) {
		texts_add(a, &n->vulnerabilities, cve);
		return;
	}
	add_cves(a, &rec->aliases, &n->vulnerabilities);
	add_cves(a, &rec->upstream, &n->vulnerabilities);
	add_cves(a, &rec->related, &n->vulnerabilities);
	n->is_no_flaw = origin == ORIGIN_NO_FLAW && n->vulnerabilities.n == 0;
	/* beside a CVE another id mostly is its twin */
	if (n->vulnerabilities.n == 0)
		add_others(a, &rec->upstream, &n->vulnerabilities);
	if (n->vulnerabilities.n == 0)
		texts_add(a, &n->vulnerabilities, rec->id);
}

/*
 * The flaw itself, under one more name.  A record that claims to be several CVEs is none
 * of them but covers each; then nothing else is an alias of anything.
 */
static void
name_flaw(struct arena *a, const struct osv_record *rec, struct osv_names *n)
{
	const char *own = cve_normalize(a, rec->id, strlen(rec->id));

	if (own != NULL) {
		texts_add(a, &n->vulnerabilities, own);
	} else {
		add_cves(a, &rec->aliases, &n->vulnerabilities);
		add_cves(a, &rec->upstream, &n->vulnerabilities);
	}
	if (n->vulnerabilities.n > 1)
		return;
	if (n->vulnerabilities.n == 0)
		texts_add(a, &n->vulnerabilities, rec->id);
	else if (own == NULL)
		texts_add(a, &n->aliases, rec->id);
	add_others(a, &rec->aliases, &n->aliases);
}

bool
osv_names(struct arena *a, const struct osv_record *rec, struct osv_names *ret)
{
	enum origin origin;

	*ret = (struct osv_names){ .is_malware = false };
	if (rec->id == NULL || !is_id(rec->id))
		return false;
	origin = origin_of(rec->id);
	ret->is_distro = origin != ORIGIN_OTHER && origin != ORIGIN_MALWARE;
	ret->is_malware = origin == ORIGIN_MALWARE;
	for (size_t i = 0; i < rec->aliases.n && !ret->is_distro; i++)
		ret->is_malware |= origin_of(rec->aliases.at[i]) == ORIGIN_MALWARE;
	if (ret->is_distro)
		name_advisory(a, rec, origin, ret);
	else
		name_flaw(a, rec, ret);
	return true;
}
