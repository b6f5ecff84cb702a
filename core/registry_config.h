/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry_config - what the operator says about registries: what config/ reads and
 * inventory/ asks by.
 */
#ifndef CORE_REGISTRY_CONFIG_H
#define CORE_REGISTRY_CONFIG_H

#include <stdbool.h>

/* About registries whose domain fits MATCH. */
struct registry_config {
	const char *match; /* glob over "host" or "host:port" */
	const char
	    *mirror; /* "https://mirror.example.org": asked instead; NULL = none */
	const char *ca_file, *proxy, *user, *password; /* NULL = none */
	const char *docker_config;                     /* NULL = the common one */
	bool plain_http;
};

#endif
