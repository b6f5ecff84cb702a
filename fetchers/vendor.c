/* SPDX-License-Identifier: Apache-2.0 */
/* vendor - words and forms that publishers share. */
#include "fetchers/vendor.h"

#include <string.h>

#include "core/arena.h"
#include "core/str.h"

enum severity
vendor_severity(const char *word)
{
	static const struct {
		const char *word;
		enum severity level;
	} rows[] = {
		{ "critical", SEVERITY_CRITICAL },
		{ "urgent", SEVERITY_CRITICAL },
		{ "high", SEVERITY_HIGH },
		{ "important", SEVERITY_HIGH },
		{ "medium", SEVERITY_MEDIUM },
		{ "moderate", SEVERITY_MEDIUM },
		{ "normal", SEVERITY_MEDIUM },
		{ "low", SEVERITY_LOW },
		{ "minimal", SEVERITY_LOW },
		{ "negligible", SEVERITY_NEGLIGIBLE },
		{ "unimportant", SEVERITY_NEGLIGIBLE },
	};
	static const char prefix[] = "severity_"; /* Rocky's old updateinfo */
	size_t len;

	if (word == NULL)
		return SEVERITY_UNKNOWN;
	if (strncasecmp(word, prefix, sizeof(prefix) - 1) == 0)
		word += sizeof(prefix) - 1;
	/* Debian's star or two say that an urgency was computed, not set by hand */
	len = strcspn(word, "*");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strlen(rows[i].word) == len &&
		    strncasecmp(rows[i].word, word, len) == 0)
			return rows[i].level;
	return SEVERITY_UNKNOWN;
}

const char *
rpm_evr(struct arena *a, const char *epoch, const char *version, const char *release)
{
	const char *e = str_or_empty(epoch);
	const char *r = str_or_empty(release);

	if (strspn(e, "0") == strlen(e))
		e = "";
	return arena_printf(a, "%s%s%s%s%s", e, *e == '\0' ? "" : ":", version,
	    *r == '\0' ? "" : "-", r);
}

void
texts_add_cves(struct arena *a, struct texts *t, const char *text)
{
	static const char digits[] = "0123456789";

	for (const char *p = text; p != NULL && (p = strcasestr(p, "CVE-")) != NULL;) {
		size_t len = 4 + strspn(p + 4, digits);
		const char *id = NULL;

		if (p[len] == '-') {
			len += 1 + strspn(p + len + 1, digits);
			id = cve_normalize(a, p, len);
		}
		if (id != NULL)
			texts_add(a, t, id);
		p += len;
	}
}
