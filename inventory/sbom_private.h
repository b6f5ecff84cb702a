/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sbom_private - what all SBOM formats say, in whatever words, between a reader that takes
 * documents apart and the one place (sbom.c) that decides what is an installed package.
 *
 * A reader pushes packages as it meets them and hands over subject, digest and system;
 * sbom_finish() judges them together, because the system may be named last.
 */
#ifndef INVENTORY_SBOM_PRIVATE_H
#define INVENTORY_SBOM_PRIVATE_H

#include "inventory/inventory_private.h"

/* Texts in the arena; NULL = absent. */
struct sbom_package {
	const char
	    *type; /* CycloneDX's word: "library", "file" ...; NULL = a package */
	const char *group, *name, *version, *purl;
	const char *ref; /* how the document itself calls it */
	const char *scope, *external, *development; /* CycloneDX's; see is_absent */
	const char *kind; /* a tool's word for what it is: "deb", "node-pkg" */
	const char *cpe;  /* a name for other databases: better than none */
	const char *source, *source_version, *source_release, *source_epoch;
	const char *source_rpm; /* "glibc-2.34-1.el9.src.rpm" */
	const char *release, *epoch, *module, *arch, *vendor;
	const char *path, *layer;
	const char *distro_id, *distro_version, *distro_codename;
	const char *repo_digest; /* of the subject: "repo@sha256:..." */
	bool has_own_source; /* its writer names sources that have another name only */
	bool is_absent;      /* excluded, provided from outside, or for building only */
};

struct sbom {
	struct arena *a;
	const struct inventory_hints *hints;
	const char *subject, *digest;
	struct os os; /* as far as the document names one; id NULL = not yet */
	struct {
		struct sbom_package *at;
		size_t n, cap;
	} packages;
	size_t n_images;     /* named inside the document */
	size_t n_unresolved; /* packages of which only a range is known */
	struct {
		const char *ns, *distro;
		struct os os;
	} last; /* what the package before said of its system */
};

/* Room for one more package.  ERR_LIMIT beyond MAX_COMPONENTS. */
enum err_code sbom_push(struct sbom *s, const struct sbom_package *p, struct err *e);

/*
 * The field of P that property NAME ("syft:metadata:source", "aquasecurity:trivy:SrcName")
 * is for; NULL if it is none that decides anything.
 */
const char **sbom_property(struct sbom_package *p, const char *name);
/* The same for trivy's bare words, "SrcName". */
const char **sbom_trivy_word(struct sbom_package *p, const char *name);

/* Take the digest out of "sha256:..." or "repo@sha256:...", if there is none yet. */
void sbom_digest(struct sbom *s, const char *text);
/* Does P name the system it was taken from? */
bool sbom_is_system(const struct sbom_package *p);
/* The system in a document's own words; the first that says something stays. */
void sbom_system(
    struct sbom *s, const char *id, const char *version, const char *codename);
/* P is what the document is about, not a part of it. */
void sbom_subject(struct sbom *s, const struct sbom_package *p);

/* Everything read: the system, then the packages, into INV. */
enum err_code sbom_finish(struct sbom *s, struct inventory *inv, struct err *e);

/* ---- sbom_system.c ---- */

/* The system in words that SBOMs write ("redhat", "8.7"), not always os-release's own. */
void sbom_os(const char *id, const char *version, const char *codename, int64_t now_at,
    struct arena *a, struct os *ret);
/* "debian-12.5", "opensuse-leap-15.5", a bare "3.19.1" or "bookworm" of family NS. */
void sbom_os_of_distro(const char *ns, const char *distro, int64_t now_at,
    struct arena *a, struct os *ret);

/* ---- sbom_kinds.c ---- */

/* The purl type of a tool's word ("java-archive", "gobinary", "debian"); NULL = none. */
const char *sbom_purl_type(const char *word);
/* Is TYPE one of those whose packages belong to a system? */
bool sbom_is_distro(const char *type);
/* Ecosystem and name of a language package; ecosystem NULL where there is none. */
void sbom_language(const struct purl *p, struct component *c, struct arena *a);
/* "name-version-release.src.rpm"; false if it is no such name. */
bool sbom_source_rpm(
    const char *text, struct arena *a, const char **ret_name, const char **ret_version);

/* ---- head.c: looking at the beginning of a document ---- */

/* Past white space and a byte order mark. */
const char *head_start(const char *head, size_t *n);
/* Is KEY one of the keys of the JSON object that HEAD begins, as far as HEAD goes? */
bool head_has_key(const char *head, size_t n, const char *key);
/* Or one of a NULL-ended list of keys? */
bool head_has_one_of(const char *head, size_t n, const char *const keys[]);
/*
 * A head that has all keys of the JSON object IN, for documents whose telling keys stand
 * far behind: {"a":0,"b":0,  with as many as MAX holds; *RET_N 0 if IN is no object.
 */
void head_of_keys(struct stream *in, char *head, size_t max, size_t *ret_n);

#endif
