/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as a set of ids: refused, or spelled in exactly one way and found again. */
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
	const int64_t some[] = { 1, 2, 127, 128, 1 << 20, INT64_MAX };
	size_t found[sizeof(some) / sizeof(some[0])], *places, n = 0, n_found = 0;
	int64_t *ids = NULL;

	(void)set_find(
	    data, size, some, sizeof(some) / sizeof(some[0]), found, &n_found, NULL);
	if (set_decode(data, size, a, &ids, &n, NULL) == ERR_OK) {
		for (size_t i = 0; i < n; i++)
			assert(ids[i] > (i == 0 ? 0 : ids[i - 1]));
		set_encode(ids, n, &again);
		assert(again.len == size);
		assert(size == 0 || memcmp(again.data, data, size) == 0);
		places = arena_array(a, n, sizeof(*places));
		assert(set_find(data, size, ids, n, places, &n_found, NULL) == ERR_OK);
		assert(n_found == n);
	}
	buf_done(&again);
	arena_free(a);
	return 0;
}
