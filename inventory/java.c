/* SPDX-License-Identifier: Apache-2.0 */
/*
 * java - names of artifacts.  What Maven packed says group, artifact and version itself.  Of
 * the rest the file name is the best witness of the artifact, since in images files are
 * mostly called as the repository calls them, and the manifest of the group; without a
 * group no statement about an artifact can be found, so then the ecosystem is left open and
 * the package counts as one nobody speaks of.
 */
#include "inventory/java.h"

#include <string.h>
#include <strings.h>

#include "core/arena.h"
#include "core/str.h"

#define JENKINS_GROUP "org.jenkins-ci.plugins"

static const char *const endings[] = { ".jar", ".war", ".ear", ".par", ".sar", ".nar",
	".jpi", ".hpi", ".kar", ".far", ".lpkg" };

static size_t
ending_of(const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t n = strlen(endings[i]);

		if (len > n && strcasecmp(path + len - n, endings[i]) == 0)
			return n;
	}
	return 0;
}

bool
java_is_archive(const char *path)
{
	return ending_of(path) > 0;
}

/* ---- manifests ---- */

static const char **
manifest_field(struct java_manifest *m, const char *line, size_t n)
{
	const struct {
		const char *name;
		const char **field;
	} fields[] = {
		{ "Implementation-Title", &m->title },
		{ "Implementation-Vendor-Id", &m->vendor_id },
		{ "Implementation-Version", &m->version },
		{ "Bundle-SymbolicName", &m->bundle },
		{ "Bundle-Version", &m->bundle_version },
		{ "Specification-Version", &m->specification_version },
		{ "Short-Name", &m->short_name },
		{ "Plugin-Version", &m->plugin_version },
		{ "Group-Id", &m->group },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		size_t len = strlen(fields[i].name);

		if (n > len && line[len] == ':' &&
		    strncasecmp(line, fields[i].name, len) == 0)
			return fields[i].field;
	}
	return NULL;
}

/* "%name" and "${name}" are keys of another file. */
static const char *
plain(const char *text)
{
	return text[0] == '\0' || text[0] == '%' || strstr(text, "${") != NULL ? NULL
									       : text;
}

void
java_manifest_read(
    const char *text, size_t n, struct arena *a, struct java_manifest *ret)
{
	const char **field = NULL, *line;
	size_t len;

	memset(ret, 0, sizeof(*ret));
	while (language_line(&text, &n, &line, &len) && len > 0) {
		if (line[0] == ' ') { /* goes on with the line before */
			if (field != NULL && *field != NULL)
				*field = arena_printf(
				    a, "%s%.*s", *field, (int)(len - 1), line + 1);
			continue;
		}
		if ((field = manifest_field(ret, line, len)) != NULL) {
			const char *colon = memchr(line, ':', len);

			*field = arena_strndup(
			    a, colon + 1, len - (size_t)(colon + 1 - line));
		}
	}
	for (const char **f = &ret->title; f <= &ret->group; f++)
		if (*f != NULL)
			*f = plain(str_trim(a, *f, strlen(*f)));
	/* "name;singleton:=true" */
	if (ret->bundle != NULL)
		ret->bundle =
		    arena_strndup(a, ret->bundle, strcspn(ret->bundle, "; \t"));
}

/* ---- pom.properties ---- */

bool
java_pom_read(const char *text, size_t n, struct arena *a, struct language_package *ret)
{
	const char *values[3] = { NULL, NULL, NULL }, *line;
	static const char *const keys[] = { "groupId", "artifactId", "version" };
	size_t len;

	while (language_line(&text, &n, &line, &len)) {
		const char *row = str_trim(a, line, len);
		size_t key = strcspn(row, "=: \t");
		const char *value = row + key + strspn(row + key, "=: \t");

		for (size_t i = 0; i < 3; i++)
			if (strlen(keys[i]) == key && strncmp(row, keys[i], key) == 0)
				values[i] = plain(value);
	}
	if (values[0] == NULL || values[1] == NULL || values[2] == NULL)
		return false;
	*ret = (struct language_package){
		.ecosystem = "maven",
		.name = arena_printf(a, "%s:%s", values[0], values[1]),
		.version = values[2],
	};
	return true;
}

/* ---- what the archive itself is ---- */

/* "commons-io-2.11.0.jar": the version begins at the last "-digit" that only letters,
 * digits and . - _ follow. */
static void
split_file_name(const char *path, struct arena *a, const char **ret_stem,
    const char **ret_artifact, const char **ret_version)
{
	const char *base = language_base(path);
	const char *stem = arena_strndup(a, base, strlen(base) - ending_of(base));

	*ret_stem = stem;
	*ret_artifact = *ret_version = NULL;
	for (const char *dash = stem + strlen(stem); dash > stem; dash--) {
		if (*dash != '-' || dash[1] < '0' || dash[1] > '9')
			continue;
		*ret_artifact = arena_strndup(a, stem, (size_t)(dash - stem));
		*ret_version = dash + 1;
		return;
	}
}

/* Letters, digits, dots, dashes: what Maven takes for a name. */
static bool
is_id(const char *text)
{
	static const char id[] = "abcdefghijklmnopqrstuvwxyz0123456789._-"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return text != NULL && *text != '\0' && strspn(text, id) == strlen(text);
}

static const char *
first_id(const char *const candidates[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_id(candidates[i]))
			return candidates[i];
	return NULL;
}

/* "org.apache.commons.lang3" is the group org.apache.commons, whatever the artifact. */
static const char *
group_of_bundle(const char *bundle, const char *artifact, struct arena *a)
{
	const char *dot;
	size_t len;

	if (!is_id(bundle))
		return NULL;
	len = strlen(artifact);
	if (strlen(bundle) > len + 1 && str_ends(bundle, artifact) &&
	    bundle[strlen(bundle) - len - 1] == '.')
		return arena_strndup(a, bundle, strlen(bundle) - len - 1);
	dot = strrchr(bundle, '.');
	return dot != NULL && dot > bundle
		   ? arena_strndup(a, bundle, (size_t)(dot - bundle))
		   : NULL;
}

static const char *
last_part(const char *bundle)
{
	const char *dot = bundle != NULL ? strrchr(bundle, '.') : NULL;

	return dot != NULL ? dot + 1 : bundle;
}

static bool
is_plugin(const char *path)
{
	size_t n = ending_of(path);
	const char *ending = path + strlen(path) - n;

	return str_caseeq(ending, ".hpi") || str_caseeq(ending, ".jpi");
}

static const char *
artifact_of(const struct language_package *pom)
{
	return strchr(pom->name, ':') + 1;
}

/* Is one of POMS the archive's own, by the words the archive has for itself? */
static bool
has_own(const struct language_list *poms, const char *stem, const char *artifact)
{
	for (size_t i = 0; i < poms->n; i++) {
		const char *own = artifact_of(&poms->at[i]);

		if (str_caseeq(own, artifact) ||
		    strncasecmp(stem, own, strlen(own)) == 0)
			return true;
	}
	return false;
}

static const char *
version_of(const struct java_manifest *m, const char *file_version)
{
	const char *const candidates[] = { m->version, file_version, m->bundle_version,
		m->specification_version };

	return first_id(candidates, sizeof(candidates) / sizeof(candidates[0]));
}

static bool
guess_plugin(
    const struct java_manifest *m, struct arena *a, struct language_package *ret)
{
	const char *group = is_id(m->group) ? m->group : JENKINS_GROUP;

	if (!is_id(m->short_name) || m->plugin_version == NULL)
		return false;
	ret->ecosystem = "maven";
	ret->name = arena_printf(a, "%s:%s", group, m->short_name);
	/* "1.2 (private-2c0ffee-builder)" */
	ret->version =
	    arena_strndup(a, m->plugin_version, strcspn(m->plugin_version, " \t("));
	ret->flags = is_id(m->group) ? 0 : COMPONENT_GUESSED;
	return ret->version[0] != '\0';
}

bool
java_guess(const char *path, const struct java_manifest *m,
    const struct language_list *poms, struct arena *a, struct language_package *ret)
{
	const char *stem, *file_artifact, *file_version, *artifact, *group;

	memset(ret, 0, sizeof(*ret));
	split_file_name(path, a, &stem, &file_artifact, &file_version);
	artifact = first_id((const char *const[]){ file_artifact, m->title,
				last_part(m->bundle), stem },
	    4);
	if (artifact == NULL || has_own(poms, stem, artifact) ||
	    has_own(poms, "", m->title) || has_own(poms, "", m->short_name))
		return false;
	if (is_plugin(path) && guess_plugin(m, a, ret))
		return true;
	group = is_id(m->vendor_id) ? m->vendor_id
				    : group_of_bundle(m->bundle, artifact, a);
	ret->version = version_of(m, file_version);
	if (ret->version == NULL || (group == NULL && poms->n > 0))
		return false;
	ret->type = "maven";
	ret->ecosystem = group != NULL ? "maven" : NULL;
	ret->name =
	    group != NULL ? arena_printf(a, "%s:%s", group, artifact) : artifact;
	/* certain only where the archive says each of the three itself */
	if (group != m->vendor_id || !str_eq(artifact, m->title) ||
	    ret->version != m->version)
		ret->flags = COMPONENT_GUESSED;
	return true;
}
