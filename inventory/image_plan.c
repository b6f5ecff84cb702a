/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the JSON of an archive or a folder to the layers of one image.
 *
 *   oci          index.json -> (index ->) manifest -> config, layers
 *   docker-archive  manifest.json, an array: [{"Config", "RepoTags", "Layers"}]
 *   skopeo-dir   manifest.json, a manifest itself; blobs beside it by their digits
 *
 * Newer "docker save" writes the first two for the same image: the first has digests.
 * What a digest names must have it.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/digest.h"
#include "core/json.h"
#include "core/str.h"
#include "inventory/image_private.h"

#define CONTAINERD_NAME "io.containerd.image.name"
#define REF_NAME        "org.opencontainers.image.ref.name"
#define BASE_NAME       "org.opencontainers.image.base.name"

struct planning {
	const struct plan_files *files;
	const struct inventory_hints *hints;
	struct arena *a;
	struct image_plan *plan;
	bool flat_blobs; /* skopeo-dir: blobs lie beside the manifest */
	/* what an index offers */
	struct {
		struct offer *at;
		size_t n, cap;
	} offers;
};

struct offer {
	const char *digest, *platform, *name, *media_type;
};

/* ---- documents ---- */

static bool
is_digest(const char *text)
{
	return text != NULL && str_starts(text, "sha256:") && strlen(text) == 71 &&
	       strspn(text + 7, "0123456789abcdef") == 64;
}

static const char *
blob_member(const struct planning *p, const char *digest)
{
	return p->flat_blobs ? digest + strlen("sha256:")
			     : arena_printf(p->a, "blobs/sha256/%s", digest + 7);
}

static const char *
digest_of(struct arena *a, const void *bytes, size_t len)
{
	unsigned char sum[SHA256_SIZE];
	char hex[SHA256_HEX_SIZE];

	sha256_of(bytes, len, sum);
	return arena_printf(a, "sha256:%s", hex_encode(sum, sizeof(sum), hex));
}

/* The document at MEMBER, checked against DIGEST if that is not NULL. */
static enum err_code
load(struct planning *p, const char *member, const char *digest, struct json **ret,
    struct err *e)
{
	size_t len = 0;
	const char *text = p->files->get(p->files->arg, member, p->a, &len), *is;
	enum err_code rc;

	if (text == NULL)
		return err_set(e, ERR_INPUT, "%.150s is missing", member);
	if (digest != NULL && !str_eq(is = digest_of(p->a, text, len), digest))
		return err_set(e, ERR_INPUT, "the digest of %.100s is %s", member, is);
	if ((rc = json_parse(ret, text, len, e)) != ERR_OK)
		return err_wrap(e, rc, "%.150s", member);
	if (json_kind(*ret) == JSON_IS_OBJECT || json_kind(*ret) == JSON_IS_ARRAY)
		return ERR_OK;
	json_free(*ret);
	*ret = NULL;
	return err_set(e, ERR_INPUT, "%.150s is no object", member);
}

static enum err_code
load_blob(struct planning *p, const char *digest, struct json **ret, struct err *e)
{
	if (!is_digest(digest))
		return err_set(e, ERR_INPUT, "a digest that is not sha256: %.100s",
		    digest != NULL ? digest : "none");
	return load(p, blob_member(p, digest), digest, ret, e);
}

static const char *
text(const struct planning *p, const struct json *j, const char *key)
{
	return arena_strdup(p->a, json_str(json_get(j, key)));
}

/* ---- platforms and names ---- */

static const char *
platform_text(
    const struct planning *p, const char *os, const char *arch, const char *variant)
{
	if (os == NULL || arch == NULL)
		return NULL;
	return variant == NULL ? arena_printf(p->a, "%s/%s", os, arch)
			       : arena_printf(p->a, "%s/%s/%s", os, arch, variant);
}

static const char *
platform_of(const struct planning *p, const struct json *j)
{
	return platform_text(
	    p, text(p, j, "os"), text(p, j, "architecture"), text(p, j, "variant"));
}

/* What images for this machine are called. */
static const char *
host_platform(struct arena *a)
{
	static const struct {
		const char *machine, *arch;
	} names[] = { { "x86_64", "amd64" }, { "aarch64", "arm64" },
		{ "armv7l", "arm/v7" }, { "armv6l", "arm/v6" }, { "i686", "386" },
		{ "i386", "386" }, { "loongarch64", "loong64" } };
	struct utsname u;

	if (uname(&u) != 0)
		return "linux/amd64";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq(names[i].machine, u.machine))
			return arena_printf(a, "linux/%s", names[i].arch);
	return arena_printf(a, "linux/%s", u.machine);
}

/* "linux/arm64" fits "linux/arm64/v8", but "linux/arm/v7" not "linux/arm/v6"; "arm64" alone
 * means Linux. */
static bool
platform_fits(const char *want, const char *have)
{
	size_t n;

	if (strchr(want, '/') == NULL && str_starts(have, "linux/"))
		have += strlen("linux/");
	n = strlen(want);
	if (strncmp(want, have, n) == 0 && (have[n] == '\0' || have[n] == '/'))
		return true;
	/* 64-bit ARM has one variant in use, named or not */
	return str_starts(want, have) && str_eq(want + strlen(have), "/v8");
}

/* Is NAME in the archive what REF asks for?  A tag alone may be meant. */
static bool
name_fits(const char *ref, const char *name)
{
	static const char *const hubs[] = { "docker.io/library/", "docker.io/",
		"index.docker.io/library/", "index.docker.io/" };
	const char *bare[2] = { ref, name };

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < sizeof(hubs) / sizeof(hubs[0]); i++)
			if (str_starts(bare[k], hubs[i])) {
				bare[k] += strlen(hubs[i]);
				break;
			}
	if (str_eq(bare[0], bare[1]))
		return true;
	return strchr(ref, ':') == NULL && str_starts(bare[1], bare[0]) &&
	       str_eq(bare[1] + strlen(bare[0]), ":latest");
}

/* A bare tag ("3.20") is no name for an image. */
static const char *
subject_of(const char *name)
{
	return name != NULL && (strchr(name, ':') != NULL || strchr(name, '/') != NULL)
		   ? name
		   : NULL;
}

/* ---- config: digests, history, labels ---- */

/*
 * The number of layers below the last CMD that another image was once finished with:
 * history ends "..., the base's layers, its CMD, own layers, own CMD".  -1: none.
 */
static long
base_by_history(const struct json *history, size_t n_layers)
{
	size_t n = json_count(history), filled = 0, below = 0;
	bool own = false, found = false;

	for (size_t i = 0; i < n; i++) {
		bool is_empty = false;

		(void)json_take_bool(
		    json_at(history, i), "empty_layer", &is_empty, NULL);
		filled += !is_empty;
	}
	if (filled != n_layers)
		return -1;
	for (size_t i = n; i-- > 0 && !found;) {
		const char *by = json_str(json_get(json_at(history, i), "created_by"));
		bool is_empty = false;

		(void)json_take_bool(
		    json_at(history, i), "empty_layer", &is_empty, NULL);
		below += !is_empty;
		own = own || !is_empty;
		if (own && is_empty && by != NULL &&
		    (str_starts(by, "CMD ") || strstr(by, "#(nop)  CMD ") != NULL))
			found = true;
	}
	return found ? (long)(n_layers - below) : -1;
}

static enum err_code
take_diff_ids(struct planning *p, const struct json *config, struct err *e)
{
	const struct json *ids = json_get(json_get(config, "rootfs"), "diff_ids");

	if (json_count(ids) != p->plan->n)
		return err_set(e, ERR_INPUT,
		    "the image has %zu layers, its configuration %zu", p->plan->n,
		    json_count(ids));
	for (size_t i = 0; i < p->plan->n; i++) {
		const char *id = json_str(json_at(ids, i));

		if (!is_digest(id))
			return err_set(
			    e, ERR_INPUT, "the configuration has a bad diff_id");
		p->plan->layers[i].claim.diff_id = arena_strdup(p->a, id);
	}
	return ERR_OK;
}

static enum err_code
take_config(
    struct planning *p, const struct json *config, const char *base_name, struct err *e)
{
	const struct json *labels = json_get(json_get(config, "config"), "Labels");

	p->plan->os = text(p, config, "os");
	p->plan->platform = platform_of(p, config);
	if (base_name == NULL)
		base_name = json_str(json_get(labels, BASE_NAME));
	p->plan->n_base = base_by_history(json_get(config, "history"), p->plan->n);
	if (str_eq(base_name, "scratch"))
		p->plan->n_base = 0;
	return take_diff_ids(p, config, e);
}

/* ---- a manifest ---- */

static bool
is_image_config(const char *media_type)
{
	return media_type == NULL ||
	       str_eq(media_type, "application/vnd.oci.image.config.v1+json") ||
	       str_eq(media_type, "application/vnd.docker.container.image.v1+json");
}

static enum err_code
take_layer(
    struct planning *p, const struct json *j, struct plan_layer *ret, struct err *e)
{
	const char *digest = text(p, j, "digest"), *type = text(p, j, "mediaType");
	int64_t size = 0;
	enum err_code rc;

	if (!is_digest(digest))
		return err_set(e, ERR_INPUT, "a layer without a sha256 digest");
	if ((rc = json_take_int(j, "size", &size, e)) != ERR_OK)
		return rc;
	if (type != NULL && str_ends(type, "+encrypted"))
		return err_set(e, ERR_UNSUPPORTED, "the image has encrypted layers");
	*ret = (struct plan_layer){
		.member = blob_member(p, digest),
		.claim = { .name = digest,
		    .digest = digest,
		    .size = size > 0 ? (uint64_t)size : 0 },
		.is_foreign = type != NULL && (strstr(type, ".foreign.") != NULL ||
						  strstr(type, "nondistributable")),
	};
	return ERR_OK;
}

static enum err_code
take_manifest(struct planning *p, const struct json *j, struct err *e)
{
	const struct json *layers = json_get(j, "layers"),
			  *config = json_get(j, "config");
	struct json *config_doc = NULL;
	enum err_code rc = ERR_OK;

	if (json_get(j, "fsLayers") != NULL)
		return err_set(
		    e, ERR_UNSUPPORTED, "a manifest of schema 1: push the image again");
	if (json_get(j, "artifactType") != NULL ||
	    !is_image_config(json_str(json_get(config, "mediaType"))) ||
	    json_kind(layers) != JSON_IS_ARRAY)
		return err_set(
		    e, ERR_UNSUPPORTED, "this is not an image but another artifact");
	if (json_count(layers) > MAX_IMAGE_LAYERS)
		return err_set(
		    e, ERR_LIMIT, "an image of more than %zu layers", MAX_IMAGE_LAYERS);
	p->plan->n = json_count(layers);
	p->plan->layers = arena_array(p->a, p->plan->n, sizeof(*p->plan->layers));
	for (size_t i = 0; i < p->plan->n && rc == ERR_OK; i++)
		rc = take_layer(p, json_at(layers, i), &p->plan->layers[i], e);
	if (rc == ERR_OK)
		rc = load_blob(p, text(p, config, "digest"), &config_doc, e);
	if (rc == ERR_OK)
		rc = take_config(p, config_doc,
		    json_str(json_get(json_get(j, "annotations"), BASE_NAME)), e);
	json_free(config_doc);
	return rc;
}

/* ---- an index ---- */

static const char *
first_of(const struct planning *p, const struct json *j, const char *a, const char *b)
{
	const char *value = text(p, j, a);

	return value != NULL ? value : text(p, j, b);
}

/* Signatures, SBOMs and the like stand beside the images. */
static bool
is_attached(const struct json *j, const char *platform)
{
	const struct json *notes = json_get(j, "annotations");

	return json_get(j, "artifactType") != NULL ||
	       json_get(notes, "vnd.docker.reference.type") != NULL ||
	       (platform != NULL && str_starts(platform, "unknown/"));
}

static enum err_code take_index(struct planning *p, const struct json *index,
    const char *name, size_t depth, struct err *e);

static enum err_code
take_entry(struct planning *p, const struct json *j, const char *name, size_t depth,
    struct err *e)
{
	const char *type = text(p, j, "mediaType"), *digest = text(p, j, "digest");
	const char *platform = platform_of(p, json_get(j, "platform"));
	const char *own =
	    first_of(p, json_get(j, "annotations"), CONTAINERD_NAME, REF_NAME);
	struct json *inner = NULL;
	enum err_code rc;

	if (own != NULL)
		name = own;
	if (is_attached(j, platform))
		return ERR_OK;
	if (type != NULL && (str_ends(type, ".image.index.v1+json") ||
				str_ends(type, ".manifest.list.v2+json"))) {
		if (depth == MAX_INDEX_DEPTH)
			return err_set(e, ERR_LIMIT,
			    "more than %zu indexes inside each other", MAX_INDEX_DEPTH);
		if ((rc = load_blob(p, digest, &inner, e)) != ERR_OK)
			return rc;
		rc = take_index(p, inner, name, depth + 1, e);
		json_free(inner);
		return rc;
	}
	if (!is_digest(digest))
		return err_set(e, ERR_INPUT, "an index with a digest of no kind");
	*ARENA_PUSH(p->a, &p->offers) = (struct offer){ digest, platform, name, type };
	return ERR_OK;
}

static enum err_code
take_index(struct planning *p, const struct json *index, const char *name, size_t depth,
    struct err *e)
{
	const struct json *manifests = json_get(index, "manifests");
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < json_count(manifests) && rc == ERR_OK; i++)
		rc = take_entry(p, json_at(manifests, i), name, depth, e);
	return rc;
}

/* The index may leave the platform to the image's own configuration. */
static const char *
platform_of_offer(struct planning *p, const struct offer *o)
{
	struct json *manifest = NULL, *config = NULL;
	const char *platform = o->platform;

	if (platform == NULL && load_blob(p, o->digest, &manifest, NULL) == ERR_OK &&
	    load_blob(p, text(p, json_get(manifest, "config"), "digest"), &config,
		NULL) == ERR_OK)
		platform = platform_of(p, config);
	json_free(config);
	json_free(manifest);
	return platform != NULL ? platform : "";
}

static bool
any_is_called(const struct planning *p, const char *ref)
{
	for (size_t i = 0; i < p->offers.n; i++)
		if (p->offers.at[i].name != NULL &&
		    name_fits(ref, p->offers.at[i].name))
			return true;
	return false;
}

/* Keep the offers that fit WANT; what there was is in OFFERED. */
static void
keep(struct planning *p, const char *want, bool by_platform, const char **offered)
{
	size_t kept = 0;

	*offered = "";
	for (size_t i = 0; i < p->offers.n; i++) {
		struct offer *o = &p->offers.at[i];
		const char *have =
		    by_platform ? platform_of_offer(p, o) : str_or_empty(o->name);

		if (strstr(*offered, have) == NULL && strlen(*offered) < 120)
			*offered = arena_printf(p->a, "%s%s%s", *offered,
			    **offered != '\0' ? ", " : "", have);
		if (by_platform ? platform_fits(want, have)
				: o->name != NULL && name_fits(want, o->name))
			p->offers.at[kept++] = *o;
	}
	p->offers.n = kept;
}

/* Several names of one image are one offer; of several images none is chosen. */
static bool
is_one(const struct planning *p)
{
	for (size_t i = 1; i < p->offers.n; i++)
		if (!str_eq(p->offers.at[i].digest, p->offers.at[0].digest))
			return false;
	return p->offers.n > 0;
}

static enum err_code
choose(struct planning *p, struct err *e)
{
	const struct inventory_hints *hints = p->hints;
	const char *offered = "", *platform = hints->platform;

	if (p->offers.n == 0)
		return err_set(e, ERR_INPUT, "the index names no image");
	if (hints->ref != NULL &&
	    (!hints->may_rename || any_is_called(p, hints->ref))) {
		keep(p, hints->ref, false, &offered);
		if (p->offers.n == 0)
			return err_set(e, ERR_INPUT,
			    "no image %.60s in it; it has %.120s", hints->ref, offered);
	}
	if (platform == NULL && !is_one(p))
		platform = host_platform(p->a);
	if (platform != NULL)
		keep(p, platform, true, &offered);
	if (p->offers.n == 0)
		return err_set(e, ERR_INPUT,
		    "nothing for platform %.40s; it has %.120s", platform, offered);
	if (!is_one(p)) {
		keep(p, "", false, &offered);
		return err_set(
		    e, ERR_INPUT, "several images; say which: %.120s", offered);
	}
	return ERR_OK;
}

static enum err_code
plan_oci(struct planning *p, const struct json *index, struct err *e)
{
	struct json *manifest = NULL;
	enum err_code rc;

	p->plan->form = "oci";
	if ((rc = take_index(p, index, NULL, 0, e)) != ERR_OK ||
	    (rc = choose(p, e)) != ERR_OK)
		return rc;
	p->plan->digest = p->offers.at[0].digest;
	for (size_t i = 0; i < p->offers.n && p->plan->subject == NULL; i++)
		p->plan->subject = subject_of(p->offers.at[i].name);
	if ((rc = load_blob(p, p->plan->digest, &manifest, e)) != ERR_OK)
		return rc;
	rc = take_manifest(p, manifest, e);
	json_free(manifest);
	return rc;
}

/* ---- docker save ---- */

static const struct json *
tags_match(const struct json *entry, const char *ref)
{
	const struct json *tags = json_get(entry, "RepoTags");

	for (size_t i = 0; i < json_count(tags); i++)
		if (json_str(json_at(tags, i)) != NULL &&
		    name_fits(ref, json_str(json_at(tags, i))))
			return json_at(tags, i);
	return NULL;
}

static const char *
all_tags(struct planning *p, const struct json *manifest)
{
	const char *all = "";

	for (size_t i = 0; i < json_count(manifest); i++) {
		const struct json *tags = json_get(json_at(manifest, i), "RepoTags");
		const char *tag = json_str(json_at(tags, 0));

		all = arena_printf(p->a, "%s%s%s", all, i > 0 ? ", " : "",
		    tag != NULL ? tag : "(no name)");
	}
	return all;
}

static enum err_code
choose_entry(struct planning *p, const struct json *manifest, const struct json **ret,
    struct err *e)
{
	const char *ref = p->hints->ref;
	size_t n = json_count(manifest), found = 0;

	*ret = NULL;
	for (size_t i = 0; i < n && ref != NULL; i++) {
		const struct json *tag = tags_match(json_at(manifest, i), ref);

		if (tag == NULL)
			continue;
		p->plan->subject = arena_strdup(p->a, json_str(tag));
		*ret = json_at(manifest, i);
		found++;
	}
	if (found == 0 && (ref == NULL || p->hints->may_rename)) {
		*ret = json_at(manifest, 0);
		found = n;
	}
	if (found == 0)
		return err_set(e, ERR_INPUT, "no image %.60s in it; it has %.120s", ref,
		    all_tags(p, manifest));
	if (found > 1)
		return err_set(e, ERR_INPUT, "several images; say which: %.150s",
		    all_tags(p, manifest));
	return ERR_OK;
}

/* The digest that a member is named after: "<hex>.json", "sha256:<hex>", ".../<hex>". */
static const char *
digest_in_name(struct planning *p, const char *member)
{
	const char *slash = strrchr(member, '/');
	const char *base = slash != NULL ? slash + 1 : member;
	const char *digest;

	if (str_starts(base, "sha256:"))
		base += strlen("sha256:");
	if (strlen(base) != 64 && !(strlen(base) == 69 && str_ends(base, ".json")))
		return NULL;
	digest = arena_printf(p->a, "sha256:%.64s", base);
	return is_digest(digest) ? digest : NULL;
}

static enum err_code
plan_docker(struct planning *p, const struct json *manifest, struct err *e)
{
	const struct json *entry, *layers;
	struct json *config = NULL;
	const char *name;
	enum err_code rc;

	p->plan->form = "docker-archive";
	if ((rc = choose_entry(p, manifest, &entry, e)) != ERR_OK)
		return rc;
	layers = json_get(entry, "Layers");
	if (json_count(layers) > MAX_IMAGE_LAYERS)
		return err_set(
		    e, ERR_LIMIT, "an image of more than %zu layers", MAX_IMAGE_LAYERS);
	if (p->plan->subject == NULL)
		p->plan->subject = arena_strdup(
		    p->a, json_str(json_at(json_get(entry, "RepoTags"), 0)));
	p->plan->n = json_count(layers);
	p->plan->layers = arena_array(p->a, p->plan->n, sizeof(*p->plan->layers));
	for (size_t i = 0; i < p->plan->n; i++) {
		if ((name = json_str(json_at(layers, i))) == NULL)
			return err_set(e, ERR_INPUT,
			    "manifest.json: a layer that is "
			    "no text");
		p->plan->layers[i].member = arena_strdup(p->a, name);
		p->plan->layers[i].claim.name = p->plan->layers[i].member;
	}
	if ((name = text(p, entry, "Config")) == NULL)
		return err_set(e, ERR_INPUT, "manifest.json names no Config");
	rc = load(p, name, digest_in_name(p, name), &config, e);
	if (rc == ERR_OK)
		rc = take_config(p, config, NULL, e);
	json_free(config);
	return rc;
}

/* ---- which of them ---- */

static enum err_code
plan_skopeo(struct planning *p, const struct json *manifest, struct err *e)
{
	size_t len = 0;
	const char *bytes = p->files->get(p->files->arg, "manifest.json", p->a, &len);

	p->plan->form = "skopeo-dir";
	p->flat_blobs = true;
	if (json_get(manifest, "manifests") != NULL) {
		/* "copy --all": the manifests lie beside it, by their digits */
		enum err_code rc = take_index(p, manifest, NULL, 0, e);
		struct json *chosen = NULL;

		if (rc != ERR_OK || (rc = choose(p, e)) != ERR_OK)
			return rc;
		p->plan->digest = p->offers.at[0].digest;
		rc =
		    load(p, arena_printf(p->a, "%s.manifest.json", p->plan->digest + 7),
			p->plan->digest, &chosen, e);
		if (rc == ERR_OK)
			rc = take_manifest(p, chosen, e);
		json_free(chosen);
		return rc;
	}
	p->plan->digest = digest_of(p->a, bytes, len);
	return take_manifest(p, manifest, e);
}

static enum err_code
plan_either(
    struct planning *p, struct json *index, struct json *manifest, struct err *e)
{
	enum err_code rc;

	if (index != NULL && json_get(index, "manifests") != NULL) {
		const struct json *entry;

		rc = plan_oci(p, index, e);
		if (rc != ERR_OK || json_kind(manifest) != JSON_IS_ARRAY)
			return rc;
		/* newer "docker save": the old manifest has the better names */
		p->plan->form = "docker-archive";
		entry = json_at(manifest, 0);
		if (p->plan->subject == NULL && json_count(manifest) == 1)
			p->plan->subject = arena_strdup(
			    p->a, json_str(json_at(json_get(entry, "RepoTags"), 0)));
		return ERR_OK;
	}
	if (json_kind(manifest) == JSON_IS_ARRAY &&
	    json_get(json_at(manifest, 0), "Layers") != NULL)
		return plan_docker(p, manifest, e);
	if (json_kind(manifest) == JSON_IS_OBJECT &&
	    (json_get(manifest, "schemaVersion") != NULL ||
		json_get(manifest, "layers") != NULL))
		return plan_skopeo(p, manifest, e);
	return err_set(e, ERR_NOTFOUND, "no image");
}

enum err_code
image_plan(const struct plan_files *files, const struct inventory_hints *hints,
    struct arena *a, struct image_plan *ret, struct err *e)
{
	struct planning p = { .files = files, .hints = hints, .a = a, .plan = ret };
	struct json *index = NULL, *manifest = NULL;
	size_t len;
	enum err_code rc = ERR_OK;

	*ret = (struct image_plan){ .n_base = -1 };
	/* a file of that name inside a root file system may be anything */
	if (files->get(files->arg, "index.json", a, &len) != NULL &&
	    load(&p, "index.json", NULL, &index, e) != ERR_OK)
		index = NULL;
	if (files->get(files->arg, "manifest.json", a, &len) != NULL &&
	    load(&p, "manifest.json", NULL, &manifest, e) != ERR_OK)
		manifest = NULL;
	/* but beside blobs it can be nothing else */
	if (index == NULL && manifest == NULL &&
	    files->get(files->arg, "oci-layout", a, &len) != NULL)
		rc = err_set(
		    e, ERR_INPUT, "an OCI layout whose index.json cannot be read");
	else
		rc = plan_either(&p, index, manifest, e);
	json_free(index);
	json_free(manifest);
	return rc;
}

/* ---- names ---- */

/* Does NAME begin with 64 hex digits, perhaps behind "sha256:"? */
static bool
is_hex_name(const char *name)
{
	if (str_starts(name, "sha256:") || str_starts(name, "sha256-"))
		name += strlen("sha256:");
	return strspn(name, "0123456789abcdef") == 64;
}

bool
plan_may_be_document(const char *name)
{
	const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;

	if (str_starts(name, "blobs/"))
		return is_hex_name(base);
	return slash == NULL && (str_ends(base, ".json") || is_hex_name(base) ||
				    str_eq(base, "oci-layout"));
}

bool
plan_may_be_layer(const char *name)
{
	static const char *const ends[] = { ".tar", ".tar.gz", ".tgz", ".tar.zst",
		".tar.xz", ".tar.bz2" };
	const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (str_ends(base, ends[i]))
			return true;
	return is_hex_name(base) && (slash == NULL || str_starts(name, "blobs/"));
}
