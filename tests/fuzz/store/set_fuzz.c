/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as a set of ids: refused, or spelled in exactly one way. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "store/store_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct buf again = BUF_INIT(size + 16);
	int64_t *ids = NULL;
	size_t n = 0;

	if (set_decode(data, size, a, &ids, &n, NULL) == ERR_OK) {
		for (size_t i = 0; i < n; i++)
			assert(ids[i] > (i == 0 ? 0 : ids[i - 1]));
		set_encode(ids, n, &again);
		assert(again.len == size);
		assert(size == 0 || memcmp(again.data, data, size) == 0);
	}
	buf_done(&again);
	arena_free(a);
	return 0;
}
