/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as a stored body: refused, or a text of the length that stands in front. */
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
	struct buf packed = BUF_INIT((size_t)32 * 1024 * 1024);
	const char *text = NULL, *again = NULL;
	size_t len = 0, again_len = 0;

	if (body_inflate(data, size, a, &text, &len, NULL) == ERR_OK) {
		assert(text[len] == '\0');
		body_deflate(text, len, &packed);
		assert(!packed.full);
		assert(body_inflate(packed.data, packed.len, a, &again, &again_len,
			   NULL) == ERR_OK);
		assert(again_len == len && memcmp(again, text, len) == 0);
	}
	buf_done(&packed);
	arena_free(a);
	return 0;
}
