/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entries of a layer as a run of bytes.  A tar goes through folders in order, so that a
 * path shares most of its beginning with the one before: only the rest is kept, about 20
 * bytes an entry.  One entry:
 *
 *   kind and flag (1)  shared, rest (varints)  the rest  mode, size, number (varints)
 *   then of a file in the spool its place there, of a link the length and text of its target
 */
#include <string.h>

#include "inventory/image_private.h"

#define KIND    3u
#define SPOOLED 4u

_Static_assert(sizeof(((struct listing *)0)->last) == 4096 + 1, "room for a path");

void
listing_init(struct listing *l)
{
	memset(l, 0, sizeof(*l));
	/* entries have a cap of their own: this much they cannot fill */
	buf_init(&l->bytes, (size_t)4 << 30);
}

void
listing_done(struct listing *l)
{
	buf_done(&l->bytes);
}

static void
add_number(struct buf *b, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		buf_addc(b, (char)(n | 0x80));
	buf_addc(b, (char)n);
}

void
listing_add(struct listing *l, const struct listed *entry)
{
	size_t len = strlen(entry->path), shared = 0;

	while (shared < len && shared < l->last_len &&
	       entry->path[shared] == l->last[shared])
		shared++;
	buf_addc(&l->bytes,
	    (char)((unsigned)entry->kind | (entry->is_spooled ? SPOOLED : 0u)));
	add_number(&l->bytes, shared);
	add_number(&l->bytes, len - shared);
	buf_add(&l->bytes, entry->path + shared, len - shared);
	add_number(&l->bytes, entry->mode);
	add_number(&l->bytes, entry->size);
	add_number(&l->bytes, entry->number);
	if (entry->is_spooled)
		add_number(&l->bytes, entry->at);
	if (entry->kind == LISTED_SYMLINK || entry->kind == LISTED_HARDLINK) {
		add_number(&l->bytes, strlen(entry->link));
		buf_add(&l->bytes, entry->link, strlen(entry->link) + 1);
	}
	memcpy(l->last + shared, entry->path + shared, len - shared + 1);
	l->last_len = len;
	l->n++;
}

void
listing_begin(struct listing_reader *r, const struct listing *l)
{
	*r = (struct listing_reader){ .of = l };
}

static uint64_t
take_number(struct listing_reader *r)
{
	const char *p = r->of->bytes.data;
	uint64_t n = 0;
	unsigned shift = 0;

	do
		n |= (uint64_t)(p[r->at] & 0x7f) << shift;
	while (shift += 7, p[r->at++] & 0x80);
	return n;
}

/* The bytes are our own: what listing_add() wrote is not checked again. */
bool
listing_next(struct listing_reader *r, struct listed *ret)
{
	const char *p = r->of->bytes.data;
	unsigned head;
	size_t shared, rest;

	if (r->at >= r->of->bytes.len)
		return false;
	head = (unsigned char)p[r->at++];
	shared = (size_t)take_number(r);
	rest = (size_t)take_number(r);
	memcpy(r->path + shared, p + r->at, rest);
	r->path[shared + rest] = '\0';
	r->at += rest;
	*ret = (struct listed){
		.kind = (enum listed_kind)(head & KIND),
		.path = r->path,
		.link = "",
		.is_spooled = (head & SPOOLED) != 0,
	};
	ret->mode = (unsigned)take_number(r);
	ret->size = take_number(r);
	ret->number = (uint32_t)take_number(r);
	if (ret->is_spooled)
		ret->at = take_number(r);
	if (ret->kind == LISTED_SYMLINK || ret->kind == LISTED_HARDLINK) {
		size_t len = (size_t)take_number(r);

		ret->link = p + r->at;
		r->at += len + 1;
	}
	return true;
}

bool
path_clean(const char *name, char *out)
{
	size_t len = 0;

	for (;;) {
		size_t n;

		name += strspn(name, "/");
		if (*name == '\0')
			break;
		n = strcspn(name, "/");
		if (n == 1 && name[0] == '.') {
			name += n;
			continue;
		}
		if (n == 2 && name[0] == '.' && name[1] == '.') {
			if (len == 0)
				return false;
			while (len > 0 && out[--len] != '/')
				;
			name += n;
			continue;
		}
		if (n + (len > 0) > MAX_IMAGE_PATH - len)
			return false;
		if (len > 0)
			out[len++] = '/';
		memcpy(out + len, name, n);
		len += n;
		name += n;
	}
	out[len] = '\0';
	return true;
}
