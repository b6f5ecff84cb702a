/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bytes - numbers out of foreign bytes, in either order, at any alignment.  The caller has
 * checked that they are there.
 */
#ifndef INVENTORY_BYTES_H
#define INVENTORY_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline unsigned
bytes_be16(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static inline uint32_t
bytes_be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline unsigned
bytes_le16(const unsigned char *p)
{
	return (unsigned)p[1] << 8 | p[0];
}

static inline uint32_t
bytes_le32(const unsigned char *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* Do LEN bytes at OFFSET lie inside of N? */
static inline bool
bytes_hold(size_t n, size_t offset, size_t len)
{
	return offset <= n && len <= n - offset;
}

#endif
