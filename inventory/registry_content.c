/* SPDX-License-Identifier: Apache-2.0 */
/* What lies in a registry: manifests, blobs, listings, referrers. */
#include <string.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/digest.h"
#include "core/json.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/strmap.h"
#include "core/url.h"
#include "inventory/registry_private.h"

#define MANIFEST_TYPES                                                                 \
	"application/vnd.oci.image.index.v1+json, "                                    \
	"application/vnd.docker.distribution.manifest.list.v2+json, "                  \
	"application/vnd.oci.image.manifest.v1+json, "                                 \
	"application/vnd.docker.distribution.manifest.v2+json"
#define INDEX_TYPE "application/vnd.oci.image.index.v1+json"

static void
place_of(
    struct registry *r, const struct reference *ref, struct arena *a, struct place *ret)
{
	registry_place(r, ref->domain, ref->repository,
	    arena_printf(a, "repository:%s:pull", ref->repository), a, ret);
}

/* ---- digests ---- */

static const char *
sha256_text(const unsigned char hash[SHA256_SIZE], struct arena *a)
{
	char hex[SHA256_HEX_SIZE];

	return arena_printf(a, "sha256:%s", hex_encode(hash, SHA256_SIZE, hex));
}

static enum err_code
check_digest(const char *want, const char *got, struct err *e)
{
	if (str_eq(want, got))
		return ERR_OK;
	return err_set(e, ERR_INPUT,
	    "the registry sent other bytes than those of %s (they are %s)", want, got);
}

/* Only what we can verify is taken. */
static enum err_code
check_kind(const char *digest, struct err *e)
{
	if (digest_ok(digest) && str_starts(digest, "sha256:"))
		return ERR_OK;
	return err_set(e, ERR_UNSUPPORTED, "%s is no SHA-256 digest",
	    digest_ok(digest) ? digest : "that");
}

/* ---- manifests ---- */

enum err_code
registry_manifest(struct registry *r, const struct reference *ref, struct arena *a,
    struct registry_document *ret, struct err *e)
{
	const struct want want = {
		.path = arena_printf(
		    a, "/v2/%s/manifests/%s", ref->repository, reference_version(ref)),
		.accept = MANIFEST_TYPES,
		.fd = -1,
		.max_bytes = MAX_REGISTRY_MANIFEST,
	};
	unsigned char hash[SHA256_SIZE];
	struct place p;
	struct got got;
	enum err_code rc;

	if (ref->digest != NULL && (rc = check_kind(ref->digest, e)) != ERR_OK)
		return rc;
	place_of(r, ref, a, &p);
	rc = registry_ask(r, &p, &want, a, &got, e);
	if (rc == ERR_OK) {
		*ret = (struct registry_document){
			.media_type = arena_strndup(a, got.http.content_type,
			    strcspn(got.http.content_type, "; ")),
			.bytes = arena_memdup(
			    a, buf_str(&got.http.body), got.http.body.len + 1),
			.len = got.http.body.len,
		};
		sha256_of(ret->bytes, ret->len, hash);
		ret->digest = sha256_text(hash, a);
		if (ref->digest != NULL)
			rc = check_digest(ref->digest, ret->digest, e);
	}
	got_done(&got);
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "%s", reference_text(ref, a));
}

enum err_code
registry_digest(struct registry *r, const struct reference *ref, struct arena *a,
    const char **ret_digest, struct err *e)
{
	const struct want want = {
		.method = "HEAD",
		.path = arena_printf(
		    a, "/v2/%s/manifests/%s", ref->repository, reference_version(ref)),
		.accept = MANIFEST_TYPES,
		.fd = -1,
		.max_bytes = MAX_REGISTRY_MANIFEST,
	};
	struct registry_document document;
	struct place p;
	struct got got;
	enum err_code rc;

	place_of(r, ref, a, &p);
	rc = registry_ask(r, &p, &want, a, &got, e);
	got_done(&got);
	if (rc != ERR_OK)
		return err_wrap(e, rc, "%s", reference_text(ref, a));
	*ret_digest = got.content_digest;
	if (digest_ok(got.content_digest))
		return ERR_OK;
	/* an old registry that does not say: then the bytes do */
	rc = registry_manifest(r, ref, a, &document, e);
	*ret_digest = document.digest;
	return rc;
}

/* ---- blobs ---- */

enum err_code
registry_blob(struct registry *r, const struct reference *ref, const char *digest,
    struct arena *a, const char **ret, size_t *ret_len, struct err *e)
{
	const struct want want = {
		.path = arena_printf(a, "/v2/%s/blobs/%s", ref->repository, digest),
		.fd = -1,
		.max_bytes = MAX_REGISTRY_MANIFEST,
	};
	unsigned char hash[SHA256_SIZE];
	struct place p;
	struct got got;
	enum err_code rc;

	if ((rc = check_kind(digest, e)) != ERR_OK)
		return rc;
	place_of(r, ref, a, &p);
	rc = registry_ask(r, &p, &want, a, &got, e);
	if (rc == ERR_OK) {
		*ret_len = got.http.body.len;
		*ret = arena_memdup(a, buf_str(&got.http.body), got.http.body.len + 1);
		sha256_of(*ret, *ret_len, hash);
		rc = check_digest(digest, sha256_text(hash, a), e);
	}
	got_done(&got);
	return rc == ERR_OK
		   ? ERR_OK
		   : err_wrap(e, rc, "%s, blob %s", reference_text(ref, a), digest);
}

static enum err_code
verify_file(int fd, off_t from, const char *digest, uint64_t size, struct arena *a,
    struct err *e)
{
	unsigned char hash[SHA256_SIZE];
	struct sha256 *sha = sha256_new();
	char chunk[65536];
	uint64_t len = 0;
	ssize_t n;

	while ((n = pread(fd, chunk, sizeof(chunk), from + (off_t)len)) > 0) {
		sha256_update(sha, chunk, (size_t)n);
		len += (uint64_t)n;
	}
	sha256_final(sha, hash);
	sha256_free(sha);
	if (n < 0)
		return err_set(e, ERR_STORAGE, "cannot read the spool");
	if (size != 0 && len != size)
		return err_set(e, ERR_INPUT, "%llu bytes came, %llu were announced",
		    (unsigned long long)len, (unsigned long long)size);
	return check_digest(digest, sha256_text(hash, a), e);
}

enum err_code
registry_blob_to(struct registry *r, const struct reference *ref, const char *digest,
    uint64_t size, int fd, struct err *e)
{
	struct arena *a = arena_new();
	const struct want want = {
		.path = arena_printf(a, "/v2/%s/blobs/%s", ref->repository, digest),
		.fd = fd,
		.max_bytes = size != 0 ? size : MAX_LAYER_BYTES,
	};
	off_t from = lseek(fd, 0, SEEK_CUR);
	struct place p;
	struct got got = { .pulls_left = -1 };
	enum err_code rc;

	if ((rc = check_kind(digest, e)) == ERR_OK) {
		place_of(r, ref, a, &p);
		rc = registry_ask(r, &p, &want, a, &got, e);
		got_done(&got);
	}
	if (rc == ERR_OK)
		rc = verify_file(fd, from, digest, size, a, e);
	if (rc != ERR_OK)
		rc = err_wrap(e, rc, "%s, layer %s", reference_text(ref, a), digest);
	arena_free(a);
	return rc;
}

/* ---- listings ---- */

/* The page that a Link header names as the next; NULL = this was the last. */
static const char *
next_page(const struct got *g, const char *url, struct arena *a)
{
	const char *open = g->link != NULL ? strchr(g->link, '<') : NULL;
	const char *close = open != NULL ? strchr(open, '>') : NULL;

	if (close == NULL || strstr(close, "rel=\"next\"") == NULL)
		return NULL;
	return url_join(a, url, arena_strndup(a, open + 1, (size_t)(close - open - 1)));
}

struct names {
	const char **at;
	size_t n, cap;
};

static enum err_code
take_names(const struct got *g, const char *key, struct strmap *seen, struct arena *a,
    struct names *out, bool *ret_new, struct err *e)
{
	struct json *j = NULL;
	const struct json *list;
	enum err_code rc = json_parse(&j, buf_str(&g->http.body), g->http.body.len, e);

	*ret_new = false;
	list = rc == ERR_OK ? json_get(j, key) : NULL;
	for (size_t i = 0; i < json_count(list); i++) {
		const char *name = json_str(json_at(list, i));
		bool is_new = false;

		if (name == NULL || strlen(name) > MAX_NAME)
			continue;
		(void)strmap_put(seen, name, &is_new);
		if (is_new)
			*ARENA_PUSH(a, out) = arena_strdup(a, name);
		*ret_new = *ret_new || is_new;
	}
	json_free(j);
	return rc;
}

/* Page after page; a registry that goes round in circles is stopped where it begins to
 * repeat itself. */
static enum err_code
list_names(struct registry *r, const struct place *p, const char *path, const char *key,
    struct arena *a, struct names *out, struct err *e)
{
	struct strmap *seen = strmap_new();
	const char *url = arena_printf(a, "%s%s", p->base, path);
	bool is_new = true;
	enum err_code rc = ERR_OK;

	for (size_t i = 0; rc == ERR_OK && url != NULL && is_new; i++) {
		const struct want want = {
			.path = url, .fd = -1, .max_bytes = MAX_REGISTRY_MANIFEST
		};
		const char *next = NULL;
		struct got got;

		if (i == MAX_REGISTRY_PAGES) {
			rc = err_set(
			    e, ERR_LIMIT, "more than %zu pages", MAX_REGISTRY_PAGES);
			break;
		}
		rc = registry_ask(r, p, &want, a, &got, e);
		if (rc == ERR_OK)
			rc = take_names(&got, key, seen, a, out, &is_new, e);
		if (rc == ERR_OK)
			next = next_page(&got, url, a);
		got_done(&got);
		/* a page lies at the registry itself, whatever it says */
		url = next != NULL && str_starts(next, p->base) ? next : NULL;
	}
	strmap_free(seen);
	return rc;
}

enum err_code
registry_tags(struct registry *r, const struct reference *ref, struct arena *a,
    const char ***ret, size_t *ret_n, struct err *e)
{
	struct names names = { 0 };
	struct place p;
	enum err_code rc;

	place_of(r, ref, a, &p);
	rc = list_names(r, &p,
	    arena_printf(a, "/v2/%s/tags/list?n=1000", ref->repository), "tags", a,
	    &names, e);
	*ret = names.at;
	*ret_n = names.n;
	return rc == ERR_OK ? ERR_OK
			    : err_wrap(e, rc, "%s/%s", ref->domain, ref->repository);
}

enum err_code
registry_catalog(struct registry *r, const char *domain, struct arena *a,
    const char ***ret, size_t *ret_n, struct err *e)
{
	struct names names = { 0 };
	struct place p;
	enum err_code rc;

	registry_place(r, domain, "", "registry:catalog:*", a, &p);
	rc = list_names(r, &p, "/v2/_catalog?n=1000", "repositories", a, &names, e);
	*ret = names.at;
	*ret_n = names.n;
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "%s", domain);
}

/* ---- referrers ---- */

struct referrers {
	struct registry_referrer *at;
	size_t n, cap;
};

static enum err_code
take_referrers(const char *bytes, size_t len, struct arena *a, struct referrers *out,
    struct err *e)
{
	struct json *j = NULL;
	const struct json *list;
	enum err_code rc = json_parse(&j, bytes, len, e);

	list = rc == ERR_OK ? json_get(j, "manifests") : NULL;
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *m = json_at(list, i);
		const char *digest = json_str(json_get(m, "digest"));
		double size = json_num(json_get(m, "size"));

		if (!digest_ok(digest))
			continue;
		*ARENA_PUSH(a, out) = (struct registry_referrer){
			.digest = arena_strdup(a, digest),
			.media_type =
			    arena_strdup(a, json_str(json_get(m, "mediaType"))),
			.artifact_type =
			    arena_strdup(a, json_str(json_get(m, "artifactType"))),
			.size = size > 0 && size < 1e15 ? (uint64_t)size : 0,
		};
	}
	json_free(j);
	return rc;
}

/* Registries without the API keep the same index under a tag made of the digest. */
static enum err_code
referrers_by_tag(struct registry *r, const struct reference *ref, const char *digest,
    struct arena *a, struct referrers *out, struct err *e)
{
	struct reference tag = *ref;
	struct registry_document document;
	struct err why = ERR_INIT;
	enum err_code rc;

	tag.tag = arena_printf(a, "sha256-%s", digest + strlen("sha256:"));
	tag.digest = NULL;
	rc = registry_manifest(r, &tag, a, &document, &why);
	if (rc == ERR_NOTFOUND)
		return ERR_OK;
	if (rc != ERR_OK)
		return err_set(e, rc, "%s", why.text);
	return take_referrers(document.bytes, document.len, a, out, e);
}

enum err_code
registry_referrers(struct registry *r, const struct reference *ref, const char *digest,
    struct arena *a, struct registry_referrer **ret, size_t *ret_n, struct err *e)
{
	const struct want want = {
		.path = arena_printf(a, "/v2/%s/referrers/%s", ref->repository, digest),
		.accept = INDEX_TYPE,
		.fd = -1,
		.max_bytes = MAX_REGISTRY_MANIFEST,
	};
	struct referrers out = { 0 };
	struct err why = ERR_INIT;
	struct place p;
	struct got got;
	enum err_code rc;

	if ((rc = check_kind(digest, e)) != ERR_OK)
		return rc;
	place_of(r, ref, a, &p);
	rc = registry_ask(r, &p, &want, a, &got, &why);
	if (rc == ERR_OK)
		rc = take_referrers(
		    buf_str(&got.http.body), got.http.body.len, a, &out, e);
	else if (rc == ERR_NOTFOUND)
		rc = referrers_by_tag(r, ref, digest, a, &out, e);
	else
		rc = err_set(e, rc, "%s", why.text);
	got_done(&got);
	*ret = out.at;
	*ret_n = out.n;
	return rc;
}
