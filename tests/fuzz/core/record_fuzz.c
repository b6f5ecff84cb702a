/* SPDX-License-Identifier: Apache-2.0 */
/* record_fuzz - any bytes as a record: what is read is written and read to the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_same(const struct record *one, const struct record *two)
{
	unsigned char a[2][32], b[2][32];

	record_hashes(one, 1, a[0], a[1]);
	record_hashes(two, 1, b[0], b[1]);
	if (memcmp(a, b, sizeof(a)) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_BUF struct buf one = BUF_INIT(MAX_RECORD_BYTES),
			       two = BUF_INIT(MAX_RECORD_BYTES);
	struct arena *a = arena_new();
	struct record *r = NULL, *again = NULL;

	if (record_read(&r, (const char *)data, size, a, NULL) == ERR_OK) {
		record_write(r, &one);
		if (!one.full) {
			if (record_read(&again, one.data, one.len, a, NULL) != ERR_OK)
				abort();
			record_write(again, &two);
			if (one.len != two.len ||
			    memcmp(one.data, two.data, one.len) != 0)
				abort();
			check_same(r, again);
		}
	}
	arena_free(a);
	return 0;
}
