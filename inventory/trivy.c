/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trivy - reports of trivy in JSON, made with --list-all-pkgs; read as a stream:
 *
 *   {"SchemaVersion":2,"ArtifactName":"repo:tag",
 *    "Metadata":{"OS":{"Family":"debian","Name":"12.5"},"RepoDigests":["repo@sha256:..."]},
 *    "Results":[{"Class":"os-pkgs","Type":"debian","Packages":[{"Name":"libssl3",
 *      "Identifier":{"PURL":"pkg:deb/..."},"Version":"3.0.11","Release":"1~deb12u2",
 *      "SrcName":"openssl","SrcVersion":"3.0.11","SrcRelease":"1~deb12u2",
 *      "Layer":{"DiffID":"sha256:..."}}],"Vulnerabilities":[...]}]}
 *
 * Without its packages a report names only what trivy found something about: such a one
 * is refused, or everything else would look clean.
 */
#include <string.h>

#include "core/arena.h"
#include "core/json_read.h"
#include "core/str.h"
#include "inventory/sbom_private.h"

struct walk {
	struct json_reader *r;
	struct sbom sbom;
	const char *family, *release; /* of the system */
	bool has_packages;            /* some result lists its packages */
	bool lacks_packages;          /* some result should and does not */
};

/* A table of keys whose values are texts. */
struct field {
	const char *key;
	const char **text;
};

#define FIELDS(table) (table), sizeof(table) / sizeof((table)[0])

/* The texts of the object that comes next; "" is as good as none. */
static enum err_code
read_fields(struct walk *w, const struct field *fields, size_t n, struct err *e)
{
	struct json_value key;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(w->r, JSON_OBJECT, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_key(w->r, &key, &more, e)) == ERR_OK && more) {
		const char *value = NULL;
		size_t i = 0;

		while (i < n && !str_eq(fields[i].key, key.text))
			i++;
		rc = i < n ? json_text(w->r, w->sbom.a, &value, e)
			   : json_skip_next(w->r, e);
		if (rc != ERR_OK)
			return rc;
		if (value != NULL && *value != '\0')
			*fields[i].text = value;
	}
	return rc;
}

/* Key KEY of a package: what lies deeper, or is no text. */
static enum err_code
read_deeper(struct walk *w, struct sbom_package *p, const char *key, struct err *e)
{
	const struct field identifier[] = { { "PURL", &p->purl } };
	const struct field layer[] = { { "DiffID", &p->layer } };
	const char *is_dev = NULL;
	enum err_code rc;

	if (str_eq(key, "Identifier"))
		return read_fields(w, FIELDS(identifier), e);
	if (str_eq(key, "Layer"))
		return read_fields(w, FIELDS(layer), e);
	if (!str_eq(key, "Dev"))
		return json_skip_next(w->r, e);
	rc = json_text(w->r, w->sbom.a, &is_dev, e);
	if (rc == ERR_OK && str_eq(is_dev, "true"))
		p->is_absent = true;
	return rc;
}

/* Behind the opening brace. */
static enum err_code
read_package(struct walk *w, struct sbom_package *p, struct err *e)
{
	const struct field own[] = {
		{ "Name", &p->name },
		{ "Version", &p->version },
		{ "Release", &p->release },
		{ "Epoch", &p->epoch },
		{ "Arch", &p->arch },
		{ "Maintainer", &p->vendor },
	};
	struct json_value key;
	bool more;
	enum err_code rc;

	while ((rc = json_key(w->r, &key, &more, e)) == ERR_OK && more) {
		const char **field = sbom_trivy_word(p, key.text), *value = NULL;

		for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
			if (str_eq(own[i].key, key.text))
				field = own[i].text;
		rc = field != NULL ? json_text(w->r, w->sbom.a, &value, e)
				   : read_deeper(w, p, key.text, e);
		if (rc != ERR_OK)
			return rc;
		if (value != NULL && *value != '\0')
			*field = value;
	}
	return rc;
}

static enum err_code
read_packages(struct walk *w, struct err *e)
{
	struct json_value first;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(w->r, JSON_ARRAY, &in, e)) != ERR_OK || !in)
		return rc;
	w->has_packages = true;
	while ((rc = json_item(w->r, &first, &more, e)) == ERR_OK && more) {
		struct sbom_package p = { 0 };

		if (first.token != JSON_OBJECT)
			rc = json_skip(w->r, &first, e);
		else if ((rc = read_package(w, &p, e)) == ERR_OK)
			rc = sbom_push(&w->sbom, &p, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* Behind the opening brace.  The type may stand behind the packages that need it. */
static enum err_code
read_result(struct walk *w, struct err *e)
{
	const char *class = NULL, *type = NULL;
	size_t before = w->sbom.packages.n;
	struct json_value key;
	bool more, had = w->has_packages, has;
	enum err_code rc;

	w->has_packages = false;
	while ((rc = json_key(w->r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "Class"))
			rc = json_text(w->r, w->sbom.a, &class, e);
		else if (str_eq(key.text, "Type"))
			rc = json_text(w->r, w->sbom.a, &type, e);
		else if (str_eq(key.text, "Packages"))
			rc = read_packages(w, e);
		else
			rc = json_skip_next(w->r, e);
		if (rc != ERR_OK)
			return rc;
	}
	for (size_t i = before; i < w->sbom.packages.n; i++)
		w->sbom.packages.at[i].kind = type;
	has = w->has_packages;
	w->has_packages = had || has;
	/* older reports have no classes */
	if (!has && (class == NULL || str_ends(class, "-pkgs")))
		w->lacks_packages = true;
	return rc;
}

static enum err_code
read_results(struct walk *w, struct err *e)
{
	struct json_value first;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(w->r, JSON_ARRAY, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_item(w->r, &first, &more, e)) == ERR_OK && more) {
		rc = first.token == JSON_OBJECT ? read_result(w, e)
						: json_skip(w->r, &first, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* The first that is a digest counts. */
static enum err_code
read_digests(struct walk *w, struct err *e)
{
	struct json_value first;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(w->r, JSON_ARRAY, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_item(w->r, &first, &more, e)) == ERR_OK && more) {
		const char *text = NULL;

		rc = json_text_of(w->r, &first, w->sbom.a, &text, e);
		if (rc != ERR_OK)
			return rc;
		sbom_digest(&w->sbom, text);
	}
	return rc;
}

static enum err_code
read_metadata(struct walk *w, struct err *e)
{
	const struct field words[] = { { "Family", &w->family },
		{ "Name", &w->release } };
	struct json_value key;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(w->r, JSON_OBJECT, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_key(w->r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "OS"))
			rc = read_fields(w, FIELDS(words), e);
		else if (str_eq(key.text, "RepoDigests"))
			rc = read_digests(w, e);
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
		if (str_eq(key.text, "ArtifactName"))
			rc = json_text(w->r, w->sbom.a, &w->sbom.subject, e);
		else if (str_eq(key.text, "Metadata"))
			rc = read_metadata(w, e);
		else if (str_eq(key.text, "Results"))
			rc = read_results(w, e);
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
read_trivy(struct stream *in, const struct inventory_hints *hints, struct arena *a,
    struct inventory *inv, struct err *e)
{
	struct walk w = { .r = json_reader_new(in),
		.sbom = { .a = a, .hints = hints } };
	enum err_code rc = read_document(&w, e);

	json_reader_free(w.r);
	if (rc != ERR_OK)
		return rc;
	if (!w.has_packages && (w.lacks_packages || w.family != NULL))
		return err_set(e, ERR_UNSUPPORTED,
		    "this report does not list all packages: make it with "
		    "--list-all-pkgs");
	sbom_system(&w.sbom, w.family, w.release, NULL);
	return sbom_finish(&w.sbom, inv, e);
}

static int
sniff_trivy(const char *head, size_t n)
{
	return head_has_key(head, n, "SchemaVersion") &&
		       (head_has_key(head, n, "ArtifactName") ||
			   head_has_key(head, n, "Results"))
		   ? 90
		   : 0;
}

const struct reader reader_trivy = {
	.name = "trivy",
	.summary = "trivy's report in JSON, with all packages",
	.sniff = sniff_trivy,
	.read = read_trivy,
};
