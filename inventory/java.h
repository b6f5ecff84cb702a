/* SPDX-License-Identifier: Apache-2.0 */
/*
 * java - which artifact of Maven an archive is: its own words, META-INF/MANIFEST.MF, and the
 * name of its file.  lang_java.c opens the archives.
 */
#ifndef INVENTORY_JAVA_H
#define INVENTORY_JAVA_H

#include <stdbool.h>
#include <stddef.h>

#include "inventory/language.h"

/* From the main section of a manifest; NULL = absent, or a text to be looked up elsewhere. */
struct java_manifest {
	const char *title, *vendor_id, *version; /* Implementation-... */
	const char *bundle, *bundle_version;     /* of OSGi */
	const char *specification_version;
	const char *short_name, *plugin_version, *group; /* of plugins for Jenkins */
};

/* Texts in A. */
void java_manifest_read(
    const char *text, size_t n, struct arena *a, struct java_manifest *ret);

/* pom.properties; false if it does not say all three.  Texts in A. */
bool java_pom_read(
    const char *text, size_t n, struct arena *a, struct language_package *ret);

/* Does PATH end like an archive of Java? */
bool java_is_archive(const char *path);

/*
 * POMS are those found in the archive PATH.  The artifact that the archive itself is, if
 * none of them says so: false if there is one that does, or nothing that could be known.
 */
bool java_guess(const char *path, const struct java_manifest *m,
    const struct language_list *poms, struct arena *a, struct language_package *ret);

#endif
