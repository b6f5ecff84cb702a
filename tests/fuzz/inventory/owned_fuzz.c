/* SPDX-License-Identifier: Apache-2.0 */
/* owned_fuzz - any bytes as each kind of list of files: what is found belongs to somebody. */
#include <stdint.h>
#include <stdlib.h>

#include "inventory/databases.h"
#include "inventory/owned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = { "var/lib/dpkg/info/a:b.list",
		"var/lib/dpkg/status.d/a.md5sums", "lib/apk/db/installed",
		"var/lib/pacman/local/a-1-1/files", "a-1.dist-info/INSTALLER" };
	struct owned_paths *o = owned_paths_new();

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const struct image_file f = {
			.path = paths[i], .size = size, .bytes = data, .len = size
		};
		uint32_t package;

		if (!owned_paths_wants(&f))
			abort();
		owned_paths_read(o, &f);
		package = owned_paths_owner(o, "usr/lib/x");
		if (package != OWNED_BY_NONE && owned_paths_name(o, package) == NULL)
			abort();
	}
	owned_paths_free(o);
	return 0;
}
