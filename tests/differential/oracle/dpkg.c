/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dpkg - what libdpkg itself (Debian package libdpkg-dev) says about lines "A B".
 *
 * Skipped: an epoch with a sign.  libdpkg reads it with strtol(), which takes one; no
 * version has it, and we refuse it.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <dpkg/dpkg.h>

#include <dpkg/dpkg-db.h>
#include <dpkg/version.h>

#define FORGET_EVERY 1024

static bool
is_version(const char *text, struct dpkg_version *ret)
{
	struct dpkg_error err = DPKG_ERROR_INIT;
	bool ok = parseversion(ret, text, &err) == 0;

	dpkg_error_destroy(&err);
	return ok;
}

static bool
has_signed_epoch(const char *text)
{
	return (*text == '+' || *text == '-') && strchr(text, ':') != NULL;
}

static void
answer(const char *a, const char *b)
{
	struct dpkg_version va, vb;

	if (has_signed_epoch(a) || has_signed_epoch(b)) {
		(void)puts("skip");
	} else if (!is_version(a, &va) || !is_version(b, &vb)) {
		(void)puts("unparsable");
	} else {
		int order = dpkg_version_compare(&va, &vb);

		(void)printf("%d\n", (order > 0) - (order < 0));
	}
}

int
main(void)
{
	char line[512], a[256], b[256];

	for (size_t i = 0; fgets(line, sizeof(line), stdin) != NULL; i++) {
		if (sscanf(line, "%255s %255s", a, b) != 2)
			return 1;
		answer(a, b);
		if (i % FORGET_EVERY == 0)
			nffreeall();
	}
	nffreeall();
	return fflush(stdout) == 0 ? 0 : 1;
}
