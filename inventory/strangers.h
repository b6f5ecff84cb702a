/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strangers - documents and folders that people hand in and that are no inventory: known
 * by name, so that the refusal can say what to send instead.
 *
 * Lock files and source trees are the common case.  They say what a build asks for; what
 * is in the image only the image says (development packages, what the base brings along),
 * so they are not read, and the advice is how to make an SBOM.
 */
#ifndef INVENTORY_STRANGERS_H
#define INVENTORY_STRANGERS_H

#include <stdbool.h>
#include <stddef.h>

#define STRANGER_ADVICE                                                                \
	"it says what a build wants, not what an image holds: send an SBOM (syft "     \
	"IMAGE -o cyclonedx-json; for a source tree: syft dir:. -o cyclonedx-json)"

struct stranger {
	const char *what; /* "an npm lock file" */
	bool is_wish;     /* what a build wants: STRANGER_ADVICE helps */
};

/* The stranger that the first N bytes of a document are; NULL = none we know. */
const struct stranger *stranger_of(const char *head, size_t n);
/* Name of the I-th file that makes a folder a source tree; NULL at the end. */
const char *stranger_file(size_t i);

#endif
