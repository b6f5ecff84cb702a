/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_fuzz - any bytes as an archive of an image, in this process: once as memory, which
 * can be read twice, once through a pipe, which cannot; and as what a child might answer.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/image_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PIPE_BYTES 65536 /* what fits into a pipe that nobody reads yet */

static void
check(const struct inventory *inv)
{
	for (size_t i = 0; i < inv->n; i++) {
		const struct component *c = &inv->components[i];

		if (c->name == NULL || c->version == NULL || c->path == NULL)
			abort();
		if ((inv->layers == NULL) != (c->layer == NULL))
			abort();
	}
}

/* What goes over the wire comes back the same. */
static void
check_wire(const struct inventory *inv, struct arena *a)
{
	struct buf first = BUF_INIT(1u << 24), second = BUF_INIT(1u << 24);
	struct inventory *back = NULL;

	inventory_pack(inv, &first);
	if (inventory_unpack(buf_str(&first), first.len, a, &back, NULL) != ERR_OK)
		abort();
	inventory_pack(back, &second);
	if (first.len != second.len || memcmp(first.data, second.data, first.len) != 0)
		abort();
	buf_done(&first);
	buf_done(&second);
}

static enum err_code
read_as(const struct image_input *in, struct arena *a)
{
	const struct inventory_hints hints = { .spool_dir = "/dev/shm" };
	const struct image_job job = { .archive = in, .hints = &hints };
	struct inventory *inv = NULL;
	struct err e = ERR_INIT;
	enum err_code rc = image_inventory_here(&job, a, &inv, &e);

	if (rc == ERR_OK) {
		check(inv);
		check_wire(inv, a);
	} else if (e.text[0] == '\0' || rc == ERR_BUG) {
		abort();
	}
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_input in = { .p = data, .len = size, .fd = -1 };
	struct arena *a = arena_new();
	struct inventory *inv = NULL;
	int ends[2];

	(void)read_as(&in, a);
	if (size <= PIPE_BYTES && pipe(ends) == 0) {
		if (write(ends[1], data, size) != (ssize_t)size)
			abort();
		(void)close(ends[1]);
		in = (struct image_input){ .p = "", .fd = ends[0] };
		(void)read_as(&in, a);
		(void)close(ends[0]);
	}
	/* and as what a child might answer */
	(void)inventory_unpack((const char *)data, size, a, &inv, NULL);
	arena_free(a);
	return 0;
}
