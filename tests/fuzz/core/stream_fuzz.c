/* SPDX-License-Identifier: Apache-2.0 */
/* stream_fuzz - any bytes as packed bytes: never more than the maximum comes out. */
#include <stdint.h>
#include <stdlib.h>

#include "core/digest.h"
#include "core/stream.h"

#define MAX_INFLATED ((uint64_t)1024 * 1024)

/* Keeps the compiler from leaving out that all bytes are looked at. */
static volatile uint32_t read_sum;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = ERR_INIT;
	struct stream *in = NULL;
	uint64_t total = 0;
	size_t n = 0;
	enum err_code rc = stream_open_memory(&in, data, size, MAX_INFLATED, &e);

	if (rc == ERR_OK) {
		do {
			const char *p = NULL;

			rc = stream_read(in, &p, &n, &e);
			read_sum ^= crc32_of(p, n);
			total += n;
		} while (rc == ERR_OK && n > 0);
		if (rc == ERR_OK && stream_bytes(in) != total)
			abort();
	}
	if (total > MAX_INFLATED || (rc != ERR_OK && e.text[0] == '\0'))
		abort();
	stream_close(in);
	return 0;
}
