/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sightings - where images are seen: what a cluster runs, what a machine has, what a file
 * is going to start.  Any of these, recognised by content:
 *
 *   kubectl get pods (deployments, cronjobs ...) -o json or yaml, rendered manifests
 *   docker ps, docker images (--format json), docker inspect, docker compose config
 *   podman ps, podman images (--format json); crictl ps, crictl images (-o json)
 *   compose files, Dockerfiles, plain text with a reference a line
 *
 * What runs says more than what was asked for: the digest in a pod's status beats the tag
 * in its specification.
 *
 * Errors.  ERR_UNSUPPORTED: nothing in the document names an image.  ERR_INPUT: it is
 * broken.  ERR_LIMIT: MAX_SIGHTINGS, MAX_LISTING_BYTES (core/limits.h).
 */
#ifndef INVENTORY_SIGHTINGS_H
#define INVENTORY_SIGHTINGS_H

#include <stddef.h>

#include "core/err.h"

struct arena;

struct sighting_label {
	const char *key, *value;
};

struct sighting {
	const char *ref;       /* normalized: "docker.io/library/nginx:1.27" */
	const char *digest;    /* of what runs: "sha256:..."; NULL = not said */
	const char *namespace; /* NULL = there is none */
	const char *workload;  /* "Deployment/api", "service/web"; NULL = not said */
	struct sighting_label *labels; /* of the workload */
	size_t n_labels;
};

struct sightings {
	struct sighting *at; /* sorted, each once */
	size_t n, cap;
	const char
	    *format; /* "kubernetes", "docker", "compose", "dockerfile", "list" */
	const char **warnings; /* what could not be used, and why */
	size_t n_warnings, cap_warnings;
};

enum err_code sightings_read(const char *text, size_t len, struct arena *a,
    struct sightings *ret, struct err *e);

#endif
