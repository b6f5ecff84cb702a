/* SPDX-License-Identifier: Apache-2.0 */
/* all - the only place that knows all drivers. */
#include <string.h>

#include "fetchers/fetchers.h"

extern const struct driver driver_debian_tracker;
extern const struct driver driver_kev;
extern const struct driver driver_nvd;
extern const struct driver driver_secdb;
extern const struct driver driver_updateinfo;

const struct driver *const drivers_all[] = {
	&driver_debian_tracker,
	&driver_secdb,
	&driver_updateinfo,
	/* enrichers last: they add to what the others brought */
	&driver_nvd,
	&driver_kev,
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
