/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docker_config - the credentials that container tools keep: config.json of docker,
 * auth.json of podman, a .dockerconfigjson of Kubernetes; passwords in the file, or in a
 * helper program that it names.
 *
 * Helpers are run with a deadline, their output is capped, and they see nothing but the
 * registry's name.  Nothing here is ever logged.
 */
#ifndef INVENTORY_DOCKER_CONFIG_H
#define INVENTORY_DOCKER_CONFIG_H

#include "core/err.h"

struct arena;

struct credentials {
	const char *user, *password;
	const char *identity_token; /* instead of the two; NULL = none */
};

/* The file that docker or podman would read, in A; NULL if there is none. */
const char *docker_config_path(struct arena *a);

/*
 * What PATH says about REPOSITORY ("library/nginx") at registry DOMAIN; everything lands in
 * A.  The longest entry that fits counts, as with podman.
 * ERR_NOTFOUND     nothing is said: ask without
 * ERR_INPUT        the file is broken
 * ERR_UNREACHABLE  the helper fails or takes too long
 */
enum err_code docker_config_find(const char *path, const char *domain,
    const char *repository, struct arena *a, struct credentials *ret, struct err *e);

#endif
