/* SPDX-License-Identifier: Apache-2.0 */
/* sightings_private - one tree for JSON and YAML, and who reads what of it. */
#ifndef INVENTORY_SIGHTINGS_PRIVATE_H
#define INVENTORY_SIGHTINGS_PRIVATE_H

#include "core/yaml.h"
#include "inventory/sightings.h"

/* Add an image as it is written: cleaned, or left out with a warning.  S has everything
 * but 'ref'; REF may be "docker-pullable://repo@sha256:...". */
void sighting_add(
    struct sightings *out, const char *ref, const struct sighting *s, struct arena *a);

/* What a tree names, whatever it is; unknown trees name nothing. */
void sightings_of_tree(struct sightings *out, const struct yaml *tree, struct arena *a);
/* Objects of Kubernetes. */
void sightings_of_object(
    struct sightings *out, const struct yaml *object, struct arena *a);

/* sightings_json.c: JSON as trees, the items of a long list one at a time. */
enum err_code sightings_of_json(struct sightings *out, const char *text, size_t len,
    struct arena *a, struct err *e);
/* sightings_text.c: lines. */
void sightings_of_dockerfile(
    struct sightings *out, const char *text, size_t len, struct arena *a);
void sightings_of_lines(
    struct sightings *out, const char *text, size_t len, struct arena *a);

#endif
