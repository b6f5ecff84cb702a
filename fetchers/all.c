/* SPDX-License-Identifier: Apache-2.0 */
/* all - the only place that knows all drivers. */
#include <string.h>

#include "core/ecosystem.h"
#include "core/str.h"
#include "fetchers/fetchers.h"

extern const struct driver driver_arch;
extern const struct driver driver_csaf;
extern const struct driver driver_cve5;
extern const struct driver driver_debian_tracker;
extern const struct driver driver_eol;
extern const struct driver driver_epss;
extern const struct driver driver_errata_json;
extern const struct driver driver_glsa;
extern const struct driver driver_kev;
extern const struct driver driver_nvd;
extern const struct driver driver_openvex;
extern const struct driver driver_osv;
extern const struct driver driver_oval;
extern const struct driver driver_photon;
extern const struct driver driver_rejections;
extern const struct driver driver_secdb;
extern const struct driver driver_updateinfo;

const struct driver *const drivers_all[] = {
	&driver_debian_tracker,
	&driver_secdb,
	&driver_rejections,
	&driver_updateinfo,
	&driver_errata_json,
	&driver_arch,
	&driver_photon,
	&driver_oval,
	&driver_glsa,
	&driver_osv,
	&driver_openvex,
	&driver_csaf,
	/* enrichers last: they add to what the others brought */
	&driver_cve5,
	&driver_nvd,
	&driver_kev,
	&driver_epss,
	&driver_eol,
	NULL,
};

const struct driver *
driver_find(const char *name)
{
	for (size_t i = 0; name != NULL && drivers_all[i] != NULL; i++)
		if (strcmp(drivers_all[i]->name, name) == 0)
			return drivers_all[i];
	return NULL;
}

int
driver_rank(const struct driver *d, const char *source)
{
	const struct ecosystem *row;

	for (size_t i = 0; (row = ecosystem_at(i)) != NULL; i++)
		if (str_eq(row->family, source))
			return 0;
	return d->source_rank;
}
