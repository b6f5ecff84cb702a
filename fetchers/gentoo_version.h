/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gentoo_version - which of two versions of Gentoo is newer, for the one feed whose ranges
 * have to be computed with before they can be handed over.
 *
 * For the files of this room only.
 */
#ifndef FETCHERS_GENTOO_VERSION_H
#define FETCHERS_GENTOO_VERSION_H

#include <stdbool.h>

/* number{.number}[letter]{_suffix[number]}[-rnumber] */
bool gentoo_version_is_valid(const char *version);
/* Less, equal or more than zero; both are valid. */
int gentoo_version_compare(const char *a, const char *b);

#endif
