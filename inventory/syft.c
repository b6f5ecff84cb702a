/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syft - syft's own JSON, read as a stream:
 *
 *   {"artifacts":[{"name":"bash","version":"5.2.15-2+b7","type":"deb","purl":"pkg:deb/...",
 *      "locations":[{"path":"/var/lib/dpkg/status","layerID":"sha256:..."}],
 *      "metadata":{"source":"bash","sourceVersion":"5.2.15-2","architecture":"amd64"}}],
 *    "source":{"type":"image","metadata":{"userInput":"repo:tag","manifestDigest":"sha256:..."}},
 *    "distro":{"id":"debian","versionID":"12"}}
 *
 * The artifacts come first and the system last.  Unlike an SBOM made of it, this document
 * says for every package whether its source has another name.
 */
#include <string.h>

#include "core/arena.h"
#include "core/json_read.h"
#include "core/str.h"
#include "inventory/sbom_private.h"

struct walk {
	struct json_reader *r;
	struct sbom sbom;
	const char *distro_id, *distro_version, *distro_codename;
	const char *user_input, *name, *manifest_digest, *repo_digest;
	bool has_artifacts;
};

/* The next value as text, where it is one that says something. */
static enum err_code
text(struct walk *w, const char **field, struct err *e)
{
	const char *value = NULL;
	enum err_code rc = json_text(w->r, w->sbom.a, &value, e);

	if (rc == ERR_OK && value != NULL && *value != '\0')
		*field = value;
	return rc;
}

/* Behind the opening brace of the first location. */
static enum err_code
read_location(struct walk *w, struct sbom_package *p, struct err *e)
{
	struct json_value key;
	bool more;
	enum err_code rc;

	while ((rc = json_key(w->r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "path"))
			rc = text(w, &p->path, e);
		else if (str_eq(key.text, "layerID"))
			rc = text(w, &p->layer, e);
		else
			rc = json_skip_next(w->r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_locations(struct walk *w, struct sbom_package *p, struct err *e)
{
	struct json_value first;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(w->r, JSON_ARRAY, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_item(w->r, &first, &more, e)) == ERR_OK && more) {
		rc = first.token == JSON_OBJECT && p->path == NULL
			 ? read_location(w, p, e)
			 : json_skip(w->r, &first, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* Names that the package databases' entries share; other kinds have none of them. */
static const char **
metadata_field(struct sbom_package *p, const char *key)
{
	const struct {
		const char *key;
		const char **field;
	} fields[] = {
		{ "source", &p->source },
		{ "originPackage", &p->source },
		{ "sourceVersion", &p->source_version },
		{ "sourceRpm", &p->source_rpm },
		{ "epoch", &p->epoch },
		{ "modularityLabel", &p->module },
		{ "architecture", &p->arch },
		{ "vendor", &p->vendor },
		{ "maintainer", &p->vendor },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (str_eq(fields[i].key, key))
			return fields[i].field;
	return NULL;
}

static enum err_code
read_metadata(struct walk *w, struct sbom_package *p, struct err *e)
{
	struct json_value key;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(w->r, JSON_OBJECT, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_key(w->r, &key, &more, e)) == ERR_OK && more) {
		const char **field = metadata_field(p, key.text);

		if (field == &p->source || field == &p->source_rpm)
			p->has_own_source = true;
		rc = field != NULL ? text(w, field, e) : json_skip_next(w->r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* Behind the opening brace. */
static enum err_code
read_artifact(struct walk *w, struct sbom_package *p, struct err *e)
{
	struct json_value key;
	bool more;
	enum err_code rc;

	while ((rc = json_key(w->r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "name"))
			rc = text(w, &p->name, e);
		else if (str_eq(key.text, "version"))
			rc = text(w, &p->version, e);
		else if (str_eq(key.text, "purl"))
			rc = text(w, &p->purl, e);
		else if (str_eq(key.text, "type"))
			rc = text(w, &p->kind, e);
		else if (str_eq(key.text, "locations"))
			rc = read_locations(w, p, e);
		else if (str_eq(key.text, "metadata"))
			rc = read_metadata(w, p, e);
		else
			rc = json_skip_next(w->r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_artifacts(struct walk *w, struct err *e)
{
	struct json_value first;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(w->r, JSON_ARRAY, &in, e)) != ERR_OK || !in)
		return rc;
	w->has_artifacts = true;
	while ((rc = json_item(w->r, &first, &more, e)) == ERR_OK && more) {
		struct sbom_package p = { 0 };

		if (first.token != JSON_OBJECT)
			rc = json_skip(w->r, &first, e);
		else if ((rc = read_artifact(w, &p, e)) == ERR_OK)
			rc = sbom_push(&w->sbom, &p, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_distro(struct walk *w, struct err *e)
{
	struct json_value key;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(w->r, JSON_OBJECT, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_key(w->r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "id"))
			rc = text(w, &w->distro_id, e);
		else if (str_eq(key.text, "versionID"))
			rc = text(w, &w->distro_version, e);
		else if (str_eq(key.text, "versionCodename"))
			rc = text(w, &w->distro_codename, e);
		else
			rc = json_skip_next(w->r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_repo_digests(struct walk *w, struct err *e)
{
	struct json_value first;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(w->r, JSON_ARRAY, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_item(w->r, &first, &more, e)) == ERR_OK && more) {
		rc = w->repo_digest == NULL
			 ? json_text_of(w->r, &first, w->sbom.a, &w->repo_digest, e)
			 : json_skip(w->r, &first, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* "metadata", or "target" as it was called, lies one level deeper. */
static enum err_code
read_source(struct walk *w, struct err *e)
{
	struct json_value key;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(w->r, JSON_OBJECT, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_key(w->r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "metadata") || str_eq(key.text, "target"))
			rc = read_source(w, e);
		else if (str_eq(key.text, "userInput"))
			rc = text(w, &w->user_input, e);
		else if (str_eq(key.text, "name"))
			rc = text(w, &w->name, e);
		else if (str_eq(key.text, "manifestDigest"))
			rc = text(w, &w->manifest_digest, e);
		else if (str_eq(key.text, "repoDigests"))
			rc = read_repo_digests(w, e);
		else
			rc = json_skip_next(w->r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_document(struct walk *w, struct err *e)
{
	struct json_value key;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(w->r, JSON_OBJECT, &in, e)) != ERR_OK)
		return rc;
	if (!in)
		return err_set(e, ERR_INPUT, "the document is no object");
	while ((rc = json_key(w->r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "artifacts"))
			rc = read_artifacts(w, e);
		else if (str_eq(key.text, "distro"))
			rc = read_distro(w, e);
		else if (str_eq(key.text, "source"))
			rc = read_source(w, e);
		else
			rc = json_skip_next(w->r, e);
		if (rc != ERR_OK)
			return rc;
	}
	if (rc == ERR_OK)
		rc = json_next(w->r, &key, e); /* nothing may follow */
	return rc;
}

static enum err_code
read_syft(struct stream *in, const struct inventory_hints *hints, struct arena *a,
    struct inventory *inv, struct err *e)
{
	struct walk w = { .r = json_reader_new(in),
		.sbom = { .a = a, .hints = hints } };
	enum err_code rc = read_document(&w, e);

	json_reader_free(w.r);
	if (rc != ERR_OK)
		return rc;
	if (!w.has_artifacts)
		return err_set(e, ERR_INPUT, "a syft document without artifacts");
	w.sbom.subject = w.user_input != NULL ? w.user_input : w.name;
	sbom_digest(&w.sbom, w.manifest_digest);
	sbom_digest(&w.sbom, w.repo_digest);
	sbom_system(&w.sbom, w.distro_id, w.distro_version, w.distro_codename);
	return sbom_finish(&w.sbom, inv, e);
}

static int
sniff_syft(const char *head, size_t n)
{
	return head_has_key(head, n, "artifacts") ? 90 : 0;
}

const struct reader reader_syft = {
	.name = "syft",
	.summary = "syft's own JSON",
	.sniff = sniff_syft,
	.read = read_syft,
};
