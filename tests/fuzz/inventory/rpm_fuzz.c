/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm_fuzz - any bytes as one of rpm's containers (CONTAINER), or as a header (HEADER).
 * What a container hands over must lie where it says: it is read, byte by byte.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "inventory/rpm_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
see_file(void *arg, const char *package, const char *folder, size_t folder_len,
    const char *name, size_t name_len)
{
	if (package == NULL || memchr(folder, 0, folder_len) != NULL ||
	    memchr(name, 0, name_len) != NULL)
		abort();
	++*(size_t *)arg;
}

static void
read_header(const uint8_t *data, size_t size, struct arena *a)
{
	struct inventory inv = { .os = { .ecosystem = "ol:9" } };
	struct rpm_header h;
	struct err e = ERR_INIT;
	const char *why = NULL;
	size_t n = 0;
	const struct rpm_file_sink files = { .file = see_file, .arg = &n };

	(void)rpm_header_files(data, size, a, SIZE_MAX, &files);
	if (n > size)
		abort();
	if (!rpm_header_read(data, size, a, &h, &why)) {
		if (why == NULL)
			abort();
		return;
	}
	if (rpm_package_add(&inv, &h, a, &e) != ERR_OK)
		abort();
	rpm_package_epochs(&inv, 0, a);
}

#ifdef CONTAINER
struct sum {
	struct arena *a;
	size_t bytes;
};

static enum err_code
take_blob(void *arg, const unsigned char *p, size_t len, struct err *e)
{
	struct sum *s = arg;
	/* a copy of all of it, so that a byte that is not there is noticed */
	const void *copy = arena_memdup(s->a, p, len);

	(void)e;
	s->bytes += len;
	read_header(copy, len, s->a);
	return ERR_OK;
}

static void
broken(void *arg, const char *why)
{
	(void)arg;
	if (why == NULL)
		abort();
}
#endif

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
#ifdef CONTAINER
	struct sum sum = { .a = a };
	const struct rpm_sink sink = {
		.arena = a,
		.blob = take_blob,
		.broken = broken,
		.arg = &sum,
	};
	struct err e = ERR_INIT;

	if (CONTAINER.is(data, size) &&
	    CONTAINER.read(data, size, &sink, &e) != ERR_OK && e.text[0] == '\0')
		abort();
	/* nothing is told twice: all of it is no longer than the file */
	if (sum.bytes > size)
		abort();
#else
	read_header(data, size, a);
#endif
	arena_free(a);
	return 0;
}
