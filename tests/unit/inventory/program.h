/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program - programs made by hand: the headers of ELF, PE and Mach-O around one writable
 * segment of data, which is one section.
 */
#ifndef TESTS_UNIT_INVENTORY_PROGRAM_H
#define TESTS_UNIT_INVENTORY_PROGRAM_H

#include "unit/inventory/row.h"

#define PROGRAM_ADDRESS 0x400000u /* where the data lies when the program runs */

struct program {
	bool is_64, is_big;
	const char *section; /* its name; NULL = no table of sections */
	const void *data;
	size_t len;
};

static inline void
put(struct buf *b, const struct program *p, uint64_t v, size_t width)
{
	for (size_t i = 0; i < width; i++)
		buf_addc(
		    b, (char)(unsigned char)(v >> 8 * (p->is_big ? width - 1 - i : i)));
}

/* A word of the program's own size. */
static inline void
put_word(struct buf *b, const struct program *p, uint64_t v)
{
	put(b, p, v, p->is_64 ? 8 : 4);
}

static inline void
put_zeros(struct buf *b, size_t n)
{
	while (n-- > 0)
		buf_addc(b, '\0');
}

static inline void
put_name(struct buf *b, const char *name, size_t width)
{
	size_t n = strlen(name);

	buf_add(b, name, n < width ? n : width);
	put_zeros(b, n < width ? width - n : 0);
}

/* ---- ELF ---- */

static inline void
put_elf_section(struct buf *b, const struct program *p, unsigned name, unsigned type,
    uint64_t address, uint64_t offset, uint64_t size)
{
	put(b, p, name, 4);
	put(b, p, type, 4);
	put_word(b, p, 3); /* flags */
	put_word(b, p, address);
	put_word(b, p, offset);
	put_word(b, p, size);
	put(b, p, 0, 8); /* link, info */
	put_word(b, p, 16);
	put_word(b, p, 0);
}

/* Header, one program header, data, names, sections. */
static inline void
elf(const struct program *p, struct buf *b)
{
	size_t header = p->is_64 ? 64 : 52, segment = p->is_64 ? 56 : 32;
	size_t section = p->is_64 ? 64 : 40, data = header + segment;
	const char *name = p->section != NULL ? p->section : "";
	size_t names = data + p->len, names_len = 1 + strlen(name) + 1;

	buf_add(b,
	    "\x7f"
	    "ELF",
	    4);
	buf_addc(b, p->is_64 ? 2 : 1);
	buf_addc(b, p->is_big ? 2 : 1);
	buf_addc(b, 1);
	put_zeros(b, 9);
	put(b, p, 2, 2);  /* a program */
	put(b, p, 62, 2); /* some machine */
	put(b, p, 1, 4);
	put_word(b, p, PROGRAM_ADDRESS);
	put_word(b, p, header);
	put_word(b, p, p->section != NULL ? names + names_len : 0);
	put(b, p, 0, 4);
	put(b, p, header, 2);
	put(b, p, segment, 2);
	put(b, p, 1, 2);
	put(b, p, p->section != NULL ? section : 0, 2);
	put(b, p, p->section != NULL ? 3 : 0, 2);
	put(b, p, p->section != NULL ? 2 : 0, 2);
	/* the segment: loaded, read and written */
	put(b, p, 1, 4);
	if (p->is_64)
		put(b, p, 6, 4);
	put_word(b, p, data);
	put_word(b, p, PROGRAM_ADDRESS);
	put_word(b, p, PROGRAM_ADDRESS);
	put_word(b, p, p->len);
	put_word(b, p, p->len);
	if (!p->is_64)
		put(b, p, 6, 4);
	put_word(b, p, 16);
	buf_add(b, p->data, p->len);
	if (p->section == NULL)
		return;
	buf_addc(b, '\0');
	buf_add(b, name, strlen(name) + 1);
	put_elf_section(b, p, 0, 0, 0, 0, 0);
	put_elf_section(b, p, 1, 1, PROGRAM_ADDRESS, data, p->len);
	put_elf_section(b, p, 0, 3, 0, names, names_len);
}

/* ---- PE ---- */

static inline void
pe(const struct program *p, struct buf *b)
{
	size_t optional = p->is_64 ? 112 : 96, data = 64 + 24 + optional + 40;

	buf_add(b, "MZ", 2);
	put_zeros(b, 58);
	put(b, p, 64, 4);
	buf_add(b, "PE\0\0", 4);
	put(b, p, 0x8664, 2);
	put(b, p, 1, 2);
	put_zeros(b, 12);
	put(b, p, optional, 2);
	put(b, p, 2, 2);
	put(b, p, p->is_64 ? 0x20b : 0x10b, 2);
	if (p->is_64) {
		put_zeros(b, 22);
		put(b, p, PROGRAM_ADDRESS - 0x1000, 8);
		put_zeros(b, optional - 32);
	} else {
		put_zeros(b, 26);
		put(b, p, PROGRAM_ADDRESS - 0x1000, 4);
		put_zeros(b, optional - 32);
	}
	put_name(b, p->section != NULL ? p->section : ".data", 8);
	put(b, p, p->len, 4);
	put(b, p, 0x1000, 4);
	put(b, p, p->len, 4);
	put(b, p, data, 4);
	put_zeros(b, 12);
	put(b, p, 0xc0000040u, 4);
	buf_add(b, p->data, p->len);
}

/* ---- Mach-O ---- */

static inline void
macho(const struct program *p, struct buf *b)
{
	size_t header = p->is_64 ? 32 : 28, segment = p->is_64 ? 72 : 56;
	size_t section = p->is_64 ? 80 : 68, data = header + segment + section;

	put(b, p, p->is_64 ? 0xfeedfacfu : 0xfeedfaceu, 4);
	put_zeros(b, 8);
	put(b, p, 2, 4);
	put(b, p, 1, 4); /* commands */
	put(b, p, segment + section, 4);
	put_zeros(b, p->is_64 ? 8 : 4);
	put(b, p, p->is_64 ? 0x19 : 1, 4);
	put(b, p, segment + section, 4);
	put_name(b, "__DATA", 16);
	put_word(b, p, PROGRAM_ADDRESS);
	put_word(b, p, p->len);
	put_word(b, p, data);
	put_word(b, p, p->len);
	put(b, p, 3, 4); /* read and written */
	put(b, p, 3, 4);
	put(b, p, 1, 4);
	put(b, p, 0, 4);
	put_name(b, p->section != NULL ? p->section : "__data", 16);
	put_name(b, "__DATA", 16);
	put_word(b, p, PROGRAM_ADDRESS);
	put_word(b, p, p->len);
	put(b, p, data, 4);
	put_zeros(b, p->is_64 ? 28 : 24);
	buf_add(b, p->data, p->len);
}

#endif
