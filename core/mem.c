/* SPDX-License-Identifier: Apache-2.0 */
/* mem - malloc that does not come back empty-handed. */
#include "core/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Plain stdio, not core/log.h: the log must not be needed when memory is gone. */
static _Noreturn void
out_of_memory(size_t n, size_t size)
{
	fprintf(stderr, "error out of memory, stopping items=%zu bytes_each=%zu\n", n,
	    size);
	abort();
}

void *
mem_alloc(size_t size)
{
	void *p = malloc(size > 0 ? size : 1);

	if (p == NULL)
		out_of_memory(1, size);
	return p;
}

void *
mem_zalloc(size_t size)
{
	void *p = calloc(1, size > 0 ? size : 1);

	if (p == NULL)
		out_of_memory(1, size);
	return p;
}

void *
mem_array(void *old, size_t n, size_t size)
{
	void *p;

	if (size > 0 && n > PTRDIFF_MAX / size)
		out_of_memory(n, size);
	p = realloc(old, n * size > 0 ? n * size : 1);
	if (p == NULL)
		out_of_memory(n, size);
	return p;
}

char *
mem_strdup(const char *s)
{
	return mem_strndup(s, strlen(s));
}

char *
mem_strndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *p = mem_alloc(len + 1);

	memcpy(p, s, len);
	p[len] = '\0';
	return p;
}
