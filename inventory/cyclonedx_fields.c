/* SPDX-License-Identifier: Apache-2.0 */
/* What CycloneDX says the same way in JSON and in XML. */
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/cyclonedx_private.h"

const char **
bom_text(struct sbom_package *p, const char *name)
{
	const struct {
		const char *name;
		const char **field;
	} fields[] = {
		{ "type", &p->type },
		{ "group", &p->group },
		{ "name", &p->name },
		{ "version", &p->version },
		{ "purl", &p->purl },
		{ "cpe", &p->cpe },
		{ "bom-ref", &p->ref },
		{ "scope", &p->scope },
		{ "isExternal", &p->external },
		{ "publisher", &p->vendor },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (str_eq(fields[i].name, name))
			return fields[i].field;
	return NULL;
}

const char **
bom_property(struct sbom_package *p, const char *name)
{
	if (str_eq(name, "cdx:npm:package:development"))
		return &p->development;
	return sbom_property(p, name);
}

enum err_code
bom_push(struct sbom *s, struct sbom_package *p, struct err *e)
{
	/* left out of the build, expected to be there already, or for developing only */
	p->is_absent = str_eq(p->scope, "excluded") || str_eq(p->external, "true") ||
		       str_eq(p->development, "true");
	if (str_eq(p->type, "container"))
		s->n_images++;
	return sbom_push(s, p, e);
}

static enum err_code
check_version(const struct sbom *s, const char *version, struct err *e)
{
	static const char *const known[] = { "1.2", "1.3", "1.4", "1.5", "1.6", "1.7" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eq(known[i], version))
			return ERR_OK;
	return err_set(e, ERR_UNSUPPORTED, "CycloneDX %s is not read, 1.2 to 1.7 are",
	    version != NULL ? utf8_clean(s->a, version, strlen(version), 20, true)
			    : "without a version");
}

enum err_code
bom_finish(struct sbom *s, const struct sbom_package *subject, const char *spec_version,
    bool has_vulnerabilities, struct inventory *inv, struct err *e)
{
	enum err_code rc = check_version(s, spec_version, e);

	if (rc != ERR_OK)
		return rc;
	if (has_vulnerabilities && s->packages.n == 0)
		return err_set(e, ERR_UNSUPPORTED,
		    "this document lists vulnerabilities and no components: it is no "
		    "inventory");
	sbom_subject(s, subject);
	return sbom_finish(s, inv, e);
}
