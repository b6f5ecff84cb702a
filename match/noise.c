/* SPDX-License-Identifier: Apache-2.0 */
/*
 * noise - packages that are built from a source without carrying the code that its
 * vulnerabilities are in.  A container image does not bring a kernel, but nearly every
 * image with a compiler brings the kernel's headers, and with them a thousand findings
 * that nobody can act on.  Programs that are built from the kernel's source (perf,
 * bpftool, usbip) stay judged: a few of its vulnerabilities are theirs.
 */
#include "match/match_private.h"

#include "core/str.h"

static const struct {
	const char *source, *package; /* globs */
} rows[] = {
	{ "linux", "linux-headers-*" },
	{ "linux", "linux-libc-dev*" },
	{ "linux", "linux-doc*" },
	{ "linux", "linux-manual-*" },
	{ "linux", "linux-source*" },
	{ "linux", "linux-kbuild-*" },
	{ "linux", "linux-compiler-*" },
	{ "linux", "linux-support-*" },
	{ "linux", "linux-config-*" },
	{ "linux", "linux-bootwrapper-*" },
	{ "linux", "*-dbg" },
	{ "linux", "*-dbgsym" },
	/* Ubuntu's flavours and what is signed are sources of their own. */
	{ "linux-*", "linux-headers-*" },
	{ "linux-*", "linux-*-headers-*" },
	{ "linux-*", "linux-libc-dev*" },
	{ "linux-*", "linux-doc*" },
	{ "linux-*", "linux-source*" },
	{ "linux-*", "linux-buildinfo-*" },
	{ "linux-*", "linux-image-*-dbg" },
	{ "linux-*", "linux-image-*-dbgsym" },
};

bool
noise_is(const struct subject *s)
{
	/* nearly every subject is told from these by its source's first letters */
	if (s->origin_package == NULL || s->package == NULL ||
	    !str_starts(s->origin_package, "linux"))
		return false;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (glob_match(rows[i].source, s->origin_package) &&
		    glob_match(rows[i].package, s->package))
			return true;
	return false;
}
