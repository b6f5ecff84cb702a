/* SPDX-License-Identifier: Apache-2.0 */
/*
 * driver_fuzz - any bytes into the parse of the driver DRIVER_NAME; what comes out must
 * be records that can be written and read again.
 */
#include <stdint.h>
#include <stdlib.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/stream.h"
#include "fetchers/fetchers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err_code
take_record(struct record_sink *s, const struct record *r, struct err *e)
{
	CLEANUP_BUF struct buf line = BUF_INIT(MAX_RECORD_BYTES);
	struct arena *a = arena_new();
	struct record *again;

	(void)s;
	record_write(r, &line);
	if (!line.full && record_read(&again, line.data, line.len, a, e) != ERR_OK)
		abort();
	arena_free(a);
	return ERR_OK;
}

static void
take_skipped(struct record_sink *s, const char *key, const char *why)
{
	(void)s;
	if (key == NULL || why == NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct driver *d = driver_find(DRIVER_NAME);
	const struct parse_env env = { .source = d->source };
	struct record_sink sink = { .record = take_record, .skipped = take_skipped };
	struct err e = ERR_INIT;
	struct stream *in;

	if (stream_open_memory(&in, data, size, 16 * 1024 * 1024, &e) != ERR_OK)
		return 0;
	if (d->parse(in, &env, &sink, &e) != ERR_OK && e.text[0] == '\0')
		abort();
	stream_close(in);
	return 0;
}
