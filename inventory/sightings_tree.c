/* SPDX-License-Identifier: Apache-2.0 */
/* What trees name: objects of Kubernetes, listings of container tools, compose files. */
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/reference.h"
#include "inventory/sightings_private.h"

static const char *
text_at(const struct yaml *y, const char *key)
{
	return yaml_text(yaml_get(y, key));
}

static size_t
items_of(const struct yaml *y)
{
	return y != NULL && y->kind == YAML_LIST ? y->n : 0;
}

/* ---- Kubernetes ---- */

/* The specification of the pods that OBJECT makes, NULL if it makes none. */
static const struct yaml *
pod_spec(const struct yaml *object)
{
	const struct yaml *spec = yaml_get(object, "spec");
	const struct yaml *job = yaml_get(spec, "jobTemplate");

	if (job != NULL)
		spec = yaml_get(job, "spec");
	if (yaml_get(spec, "template") != NULL)
		return yaml_get(yaml_get(spec, "template"), "spec");
	return yaml_get(spec, "containers") != NULL ? spec : NULL;
}

/*
 * Who made it: a pod belongs to a ReplicaSet, whose name is its Deployment's and a hash
 * that the pod's labels tell; a Job of a CronJob ends in the time it was started at.
 */
static const char *
workload_of(const struct yaml *object, struct arena *a)
{
	const struct yaml *meta = yaml_get(object, "metadata");
	const struct yaml *owners = yaml_get(meta, "ownerReferences");
	const struct yaml *owner = items_of(owners) > 0 ? owners->values[0] : NULL;
	const char *kind = text_at(owner, "kind"), *name = text_at(owner, "name");
	const char *hash = text_at(yaml_get(meta, "labels"), "pod-template-hash");

	if (kind == NULL || name == NULL) {
		kind = text_at(object, "kind");
		name = text_at(meta, "name");
	}
	if (kind == NULL || name == NULL)
		return NULL;
	if (str_eq(kind, "ReplicaSet") && hash != NULL &&
	    str_ends(name, arena_printf(a, "-%s", hash)))
		return arena_printf(
		    a, "Deployment/%.*s", (int)(strlen(name) - strlen(hash) - 1), name);
	return arena_printf(a, "%s/%s", kind, name);
}

static void
take_labels(const struct yaml *labels, struct sighting *s, struct arena *a)
{
	if (labels == NULL || labels->kind != YAML_MAP)
		return;
	s->labels = arena_array(a, labels->n, sizeof(*s->labels));
	for (size_t i = 0; i < labels->n; i++) {
		const char *value = yaml_text(labels->values[i]);

		if (value != NULL)
			s->labels[s->n_labels++] =
			    (struct sighting_label){ arena_strdup(a, labels->keys[i]),
				    arena_strdup(a, value) };
	}
}

/* The digest of what container NAME really runs, out of the pod's status; NULL. */
static const char *
running_digest(const struct yaml *object, const char *name, struct arena *a)
{
	static const char *const lists[] = { "containerStatuses",
		"initContainerStatuses", "ephemeralContainerStatuses" };
	const struct yaml *status = yaml_get(object, "status");

	for (size_t l = 0; name != NULL && l < sizeof(lists) / sizeof(lists[0]); l++) {
		const struct yaml *list = yaml_get(status, lists[l]);

		for (size_t i = 0; i < items_of(list); i++) {
			const char *id = text_at(list->values[i], "imageID"), *at;

			if (!str_eq(text_at(list->values[i], "name"), name) ||
			    id == NULL || (at = strrchr(id, '@')) == NULL)
				continue;
			return digest_ok(at + 1) ? arena_strdup(a, at + 1) : NULL;
		}
	}
	return NULL;
}

void
sightings_of_object(struct sightings *out, const struct yaml *object, struct arena *a)
{
	static const char *const lists[] = { "initContainers", "containers",
		"ephemeralContainers" };
	const struct yaml *spec = pod_spec(object),
			  *meta = yaml_get(object, "metadata");
	struct sighting s = { .namespace =
				  arena_strdup(a, text_at(meta, "namespace")) };

	if (spec == NULL)
		return;
	s.workload = workload_of(object, a);
	take_labels(yaml_get(meta, "labels"), &s, a);
	for (size_t l = 0; l < sizeof(lists) / sizeof(lists[0]); l++) {
		const struct yaml *list = yaml_get(spec, lists[l]);

		for (size_t i = 0; i < items_of(list); i++) {
			const struct yaml *c = list->values[i];

			s.digest = running_digest(object, text_at(c, "name"), a);
			sighting_add(out, text_at(c, "image"), &s, a);
		}
	}
}

/* ---- container tools ---- */

/* The digest that REPO has among "repo@sha256:..." texts; NULL. */
static const char *
digest_for(const struct yaml *digests, const char *tag, struct arena *a)
{
	struct reference want, have;

	if (tag == NULL || reference_parse(tag, a, &want, NULL) != ERR_OK)
		return NULL;
	for (size_t i = 0; i < items_of(digests); i++) {
		const char *text = yaml_text(digests->values[i]);

		if (text != NULL && reference_parse(text, a, &have, NULL) == ERR_OK &&
		    str_eq(have.domain, want.domain) &&
		    str_eq(have.repository, want.repository))
			return have.digest;
	}
	return NULL;
}

/* An image that a machine has: its tags, or, with none, its digests. */
static void
take_image(struct sightings *out, const struct yaml *tags, const struct yaml *digests,
    const char *digest, struct arena *a)
{
	const struct yaml *names = items_of(tags) > 0 ? tags : digests;

	out->format = "docker";
	for (size_t i = 0; i < items_of(names); i++) {
		const char *name = yaml_text(names->values[i]);
		struct sighting s = { .digest = digest_for(digests, name, a) };

		if (s.digest == NULL && digest_ok(digest))
			s.digest = arena_strdup(a, digest);
		sighting_add(out, name, &s, a);
	}
}

/* A row of "docker images": Repository, Tag and perhaps Digest. */
static void
take_image_row(struct sightings *out, const struct yaml *y, struct arena *a)
{
	const char *name = text_at(y, "Repository"), *tag = text_at(y, "Tag");
	const char *digest = text_at(y, "Digest");
	struct sighting s = { .digest =
				  digest_ok(digest) ? arena_strdup(a, digest) : NULL };

	out->format = "docker";
	if (name == NULL || str_eq(name, "<none>"))
		return;
	if (tag != NULL && !str_eq(tag, "<none>"))
		name = arena_printf(a, "%s:%s", name, tag);
	else if (s.digest != NULL)
		name = arena_printf(a, "%s@%s", name, s.digest);
	sighting_add(out, name, &s, a);
}

/* Something that runs: docker ps, podman ps, docker inspect of a container, crictl ps. */
static bool
take_container(struct sightings *out, const struct yaml *y, struct arena *a)
{
	const struct yaml *labels = yaml_get(y, "labels"),
			  *image = yaml_get(y, "image");
	const char *name = text_at(yaml_get(y, "Config"), "Image");
	struct sighting s = { .namespace = arena_strdup(
				  a, text_at(labels, "io.kubernetes.pod.namespace")) };

	if (name == NULL)
		name = text_at(y, "Image");
	if (name == NULL && image != NULL && image->kind == YAML_MAP) {
		/* crictl: what was asked for, and under which digest it was pulled */
		const char *ref = text_at(y, "imageRef"), *at;

		name = text_at(image, "userSpecifiedImage");
		if (name == NULL || name[0] == '\0')
			name = text_at(image, "image");
		at = ref != NULL ? strrchr(ref, '@') : NULL;
		if (at != NULL && digest_ok(at + 1))
			s.digest = arena_strdup(a, at + 1);
	}
	if (name == NULL)
		return false;
	out->format = "docker";
	sighting_add(out, name, &s, a);
	return true;
}

/* ---- compose ---- */

/* ${NAME:-default} and ${NAME-default} as compose reads them without NAME; NULL when
 * there is no default. */
static const char *
with_defaults(const char *text, struct arena *a)
{
	const char *out = "";

	for (const char *p = text; *p != '\0';) {
		const char *open = strstr(p, "${"), *close, *dash;

		if (open == NULL)
			return strchr(p, '$') != NULL ? NULL
						      : arena_printf(a, "%s%s", out, p);
		close = strchr(open, '}');
		if (close == NULL)
			return NULL;
		dash = memchr(open, '-', (size_t)(close - open));
		if (dash == NULL)
			return NULL;
		out = arena_printf(a, "%s%.*s%.*s", out, (int)(open - p), p,
		    (int)(close - dash - 1), dash + 1);
		p = close + 1;
	}
	return out;
}

static void
take_services(struct sightings *out, const struct yaml *services, struct arena *a)
{
	out->format = "compose";
	for (size_t i = 0; i < services->n; i++) {
		const char *image = text_at(services->values[i], "image");
		const struct sighting s = { .workload = arena_printf(
						a, "service/%s", services->keys[i]) };

		if (image == NULL)
			continue; /* built, not pulled */
		if (strchr(image, '$') != NULL)
			image = with_defaults(image, a);
		/* what only the environment knows is said by "docker compose config" */
		if (image == NULL)
			image = text_at(services->values[i], "image");
		sighting_add(out, image, &s, a);
	}
}

/* ---- any tree ---- */

static void
take_map(struct sightings *out, const struct yaml *y, struct arena *a)
{
	const struct yaml *services = yaml_get(y, "services");
	const struct yaml *tags = yaml_get(y, "RepoTags");
	const struct yaml *digests = yaml_get(y, "RepoDigests");

	if (text_at(y, "apiVersion") != NULL && text_at(y, "kind") != NULL) {
		out->format = "kubernetes";
		sightings_of_object(out, y, a);
		return;
	}
	if (services != NULL && services->kind == YAML_MAP) {
		take_services(out, services, a);
		return;
	}
	if (tags == NULL && digests == NULL) {
		tags = yaml_get(y, "repoTags");
		digests = yaml_get(y, "repoDigests");
	}
	/* podman calls them names */
	if (items_of(tags) == 0 && items_of(yaml_get(y, "Names")) > 0 &&
	    yaml_get(y, "Image") == NULL)
		tags = yaml_get(y, "Names");
	if (tags != NULL || digests != NULL)
		take_image(out, tags, digests, text_at(y, "Digest"), a);
	else if (text_at(y, "Repository") != NULL)
		take_image_row(out, y, a);
	else
		(void)take_container(out, y, a);
}

void
sightings_of_tree(struct sightings *out, const struct yaml *tree, struct arena *a)
{
	/* lists inside lists and lists of kind List: never deeper than the tree is */
	static const char *const keys[] = { "items", "images", "containers" };

	if (tree == NULL)
		return;
	for (size_t i = 0; i < items_of(tree); i++)
		sightings_of_tree(out, tree->values[i], a);
	if (tree->kind != YAML_MAP)
		return;
	for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
		const struct yaml *list = yaml_get(tree, keys[k]);

		for (size_t i = 0; i < items_of(list); i++)
			sightings_of_tree(out, list->values[i], a);
		if (items_of(list) > 0)
			return;
	}
	take_map(out, tree, a);
}
