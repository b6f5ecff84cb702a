/* SPDX-License-Identifier: Apache-2.0 */
/*
 * binary - three forms of header into the same two lists.  Offsets are 64 bits wide and
 * compared with what is left, never added first.
 */
#include "inventory/binary.h"

#include <string.h>

#include "core/arena.h"
#include "inventory/databases.h"

#define MAX_PARTS 65536 /* more sections than any linker makes */

/* ELF */
#define ELF_EXEC       2
#define ELF_DYN        3
#define ELF_LOAD       1
#define ELF_NOBITS     8
#define ELF_MORE_INDEX 0xffff
#define ELF_RUN        1u
#define ELF_WRITE      2u
/* PE */
#define PE_RUN   0x20000000u
#define PE_WRITE 0x80000000u
#define PE_DATA  0x40u /* initialised */
/* Mach-O */
#define MACHO_SEGMENT    1
#define MACHO_SEGMENT_64 0x19
#define MACHO_WRITE      2u
#define MACHO_RUN        4u

uint64_t
binary_number(const unsigned char *p, size_t width, bool is_big)
{
	uint64_t v = 0;

	for (size_t i = 0; i < width; i++)
		v = v << 8 | p[is_big ? i : width - 1 - i];
	return v;
}

static bool
holds(const struct binary *b, uint64_t at, uint64_t len)
{
	return at <= b->n && len <= b->n - at;
}

/* The caller has checked that it is there. */
static uint64_t
number(const struct binary *b, uint64_t at, size_t width)
{
	return binary_number(b->p + at, width, b->is_big);
}

/* A word of the program's own size. */
static uint64_t
word(const struct binary *b, uint64_t at)
{
	return number(b, at, b->is_64 ? 8 : 4);
}

/* What lies in the file of LEN bytes at AT; none of it is fine for a list. */
static void
place(const struct binary *b, struct binary_part *part, uint64_t at, uint64_t len)
{
	if (at >= b->n)
		return;
	part->at = b->p + at;
	part->len = (size_t)(len <= b->n - at ? len : b->n - at);
}

/* ---- ELF ---- */

static void
read_elf_segments(struct binary *b)
{
	uint64_t table = word(b, b->is_64 ? 32 : 28);
	uint64_t size = number(b, b->is_64 ? 54 : 42, 2);
	uint64_t n = number(b, b->is_64 ? 56 : 44, 2);

	if (size < (b->is_64 ? 56u : 32u) || !holds(b, table, n * size))
		return;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t at = table + i * size;
		struct binary_part part = { .name = "", .name_max = 0 };
		uint64_t flags = number(b, at + (b->is_64 ? 4 : 24), 4);

		if (number(b, at, 4) != ELF_LOAD)
			continue;
		part.address = word(b, at + (b->is_64 ? 16 : 8));
		part.is_writable = (flags & ELF_WRITE) != 0;
		part.is_executable = (flags & ELF_RUN) != 0;
		place(b, &part, word(b, at + (b->is_64 ? 8 : 4)),
		    word(b, at + (b->is_64 ? 32 : 16)));
		*ARENA_PUSH(b->a, &b->segments) = part;
	}
}

struct elf_sections {
	uint64_t table, size, n, names;
};

/* Counts too large for their fields stand in the first section. */
static bool
find_elf_sections(const struct binary *b, struct elf_sections *s)
{
	s->table = word(b, b->is_64 ? 40 : 32);
	s->size = number(b, b->is_64 ? 58 : 46, 2);
	s->n = number(b, b->is_64 ? 60 : 48, 2);
	s->names = number(b, b->is_64 ? 62 : 50, 2);
	if (s->size < (b->is_64 ? 64u : 40u) || s->table == 0 ||
	    !holds(b, s->table, s->size))
		return false;
	if (s->n == 0)
		s->n = word(b, s->table + (b->is_64 ? 32 : 20));
	if (s->names == ELF_MORE_INDEX)
		s->names = number(b, s->table + (b->is_64 ? 40 : 24), 4);
	return s->n <= MAX_PARTS && s->names < s->n &&
	       holds(b, s->table, s->n * s->size);
}

static void
place_elf_section(const struct binary *b, uint64_t at, struct binary_part *part)
{
	if (number(b, at + 4, 4) != ELF_NOBITS)
		place(b, part, word(b, at + (b->is_64 ? 24 : 16)),
		    word(b, at + (b->is_64 ? 32 : 20)));
}

static void
read_elf_sections(struct binary *b)
{
	struct binary_part names = { 0 };
	struct elf_sections s;

	if (!find_elf_sections(b, &s))
		return;
	place_elf_section(b, s.table + s.names * s.size, &names);
	for (uint64_t i = 0; i < s.n; i++) {
		uint64_t at = s.table + i * s.size, name = number(b, at, 4);
		struct binary_part part = { 0 };

		if (name >= names.len)
			continue;
		part.name = (const char *)names.at + name;
		part.name_max = names.len - name;
		part.address = word(b, at + (b->is_64 ? 16 : 12));
		place_elf_section(b, at, &part);
		*ARENA_PUSH(b->a, &b->sections) = part;
	}
}

static bool
open_elf(struct binary *b)
{
	uint64_t type;

	if (!holds(b, 0, 52) || (b->p[4] != 1 && b->p[4] != 2) ||
	    (b->p[5] != 1 && b->p[5] != 2))
		return false;
	b->is_64 = b->p[4] == 2;
	b->is_big = b->p[5] == 2;
	if (b->is_64 && !holds(b, 0, 64))
		return false;
	type = number(b, 16, 2);
	if (type != ELF_EXEC && type != ELF_DYN)
		return false;
	read_elf_segments(b);
	read_elf_sections(b);
	return true;
}

/* ---- PE ---- */

static bool
open_pe(struct binary *b)
{
	uint64_t head, optional, n, table, base;

	if (!holds(b, 0, 64))
		return false;
	head = number(b, 60, 4);
	if (!holds(b, head, 24 + 32) || memcmp(b->p + head, "PE\0\0", 4) != 0)
		return false;
	n = number(b, head + 6, 2);
	optional = head + 24;
	table = optional + number(b, head + 20, 2);
	b->is_64 = number(b, optional, 2) == 0x20b;
	base = b->is_64 ? number(b, optional + 24, 8) : number(b, optional + 28, 4);
	if (!holds(b, table, n * 40))
		return false;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t at = table + i * 40, flags = number(b, at + 36, 4);
		struct binary_part part = {
			.name = (const char *)b->p + at,
			.name_max = 8,
			.address = base + number(b, at + 12, 4),
			.is_writable =
			    (flags & PE_WRITE) != 0 && (flags & PE_DATA) != 0,
			.is_executable = (flags & PE_RUN) != 0,
		};

		place(b, &part, number(b, at + 20, 4), number(b, at + 16, 4));
		*ARENA_PUSH(b->a, &b->sections) = part;
		*ARENA_PUSH(b->a, &b->segments) = part;
	}
	return true;
}

/* ---- Mach-O ---- */

/* One command of SIZE bytes at AT, that says where a segment and its sections lie. */
static void
read_macho_segment(struct binary *b, uint64_t at, uint64_t size)
{
	uint64_t head = b->is_64 ? 72 : 56, each = b->is_64 ? 80 : 68, n, flags;
	struct binary_part part = { .name_max = 16 };

	if (size < head)
		return;
	part.name = (const char *)b->p + at + 8;
	part.address = word(b, at + 24);
	flags = number(b, at + (b->is_64 ? 60 : 44), 4);
	part.is_writable = (flags & MACHO_WRITE) != 0;
	part.is_executable = (flags & MACHO_RUN) != 0;
	place(b, &part, word(b, at + (b->is_64 ? 40 : 32)),
	    word(b, at + (b->is_64 ? 48 : 36)));
	*ARENA_PUSH(b->a, &b->segments) = part;
	n = number(b, at + (b->is_64 ? 64 : 48), 4);
	for (uint64_t i = 0; i < n && (i + 1) * each <= size - head; i++) {
		uint64_t s = at + head + i * each;
		struct binary_part section = { .name_max = 16 };

		section.name = (const char *)b->p + s;
		section.address = word(b, s + 32);
		place(b, &section, number(b, s + (b->is_64 ? 48 : 40), 4),
		    word(b, s + (b->is_64 ? 40 : 36)));
		*ARENA_PUSH(b->a, &b->sections) = section;
	}
}

static bool
open_macho(struct binary *b)
{
	uint64_t at, n;

	if (!holds(b, 0, 32))
		return false;
	b->is_big = b->p[0] == 0xfe;
	b->is_64 = b->p[b->is_big ? 3 : 0] == 0xcf;
	at = b->is_64 ? 32 : 28;
	n = number(b, 16, 4);
	for (uint64_t i = 0; i < n && i < MAX_PARTS && holds(b, at, 8); i++) {
		uint64_t command = number(b, at, 4), size = number(b, at + 4, 4);

		if (size < 8 || !holds(b, at, size))
			break;
		if (command == (b->is_64 ? MACHO_SEGMENT_64 : MACHO_SEGMENT))
			read_macho_segment(b, at, size);
		at += size;
	}
	return true;
}

/* ---- all of them ---- */

static bool
is_macho(const unsigned char *p)
{
	static const unsigned char magics[][4] = { { 0xfe, 0xed, 0xfa, 0xce },
		{ 0xfe, 0xed, 0xfa, 0xcf }, { 0xce, 0xfa, 0xed, 0xfe },
		{ 0xcf, 0xfa, 0xed, 0xfe } };

	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (memcmp(p, magics[i], 4) == 0)
			return true;
	return false;
}

/* Classes of Java have the same magic, and their version, 45 at least, where a count is. */
static bool
is_fat(const unsigned char *p)
{
	return memcmp(p, "\xca\xfe\xba\xbe", 4) == 0 &&
	       binary_number(p + 4, 4, true) <= BINARY_SLICES;
}

bool
binary_is(const struct image_file *f)
{
	const unsigned char *p = f->bytes;

	if (f->len < 20)
		return false;
	if (memcmp(p,
		"\x7f"
		"ELF",
		4) == 0) {
		uint64_t type = binary_number(p + 16, 2, p[5] == 2);

		return type == ELF_EXEC || type == ELF_DYN;
	}
	return memcmp(p, "MZ", 2) == 0 || is_macho(p) || is_fat(p);
}

static bool
open_one(struct binary *b)
{
	if (b->n < 20)
		return false;
	if (memcmp(b->p,
		"\x7f"
		"ELF",
		4) == 0)
		return open_elf(b);
	if (memcmp(b->p, "MZ", 2) == 0)
		return open_pe(b);
	return is_macho(b->p) && open_macho(b);
}

size_t
binary_open(
    const void *p, size_t len, struct arena *a, struct binary ret[BINARY_SLICES])
{
	const struct binary whole = { .p = p, .n = len, .a = a };
	size_t n = 0;

	if (len < 20 || !is_fat(p)) {
		ret[0] = whole;
		return open_one(&ret[0]);
	}
	for (uint64_t i = 0; i < binary_number(whole.p + 4, 4, true); i++) {
		uint64_t at = 8 + i * 20, offset, size;

		if (!holds(&whole, at, 20))
			break;
		offset = binary_number(whole.p + at + 8, 4, true);
		size = binary_number(whole.p + at + 12, 4, true);
		if (!holds(&whole, offset, size))
			continue;
		ret[n] =
		    (struct binary){ .p = whole.p + offset, .n = (size_t)size, .a = a };
		n += open_one(&ret[n]);
	}
	return n;
}

const struct binary_part *
binary_section(const struct binary *b, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < b->sections.n; i++) {
		const struct binary_part *s = &b->sections.at[i];

		if (len <= s->name_max && memcmp(s->name, name, len) == 0 &&
		    (len == s->name_max || s->name[len] == '\0'))
			return s;
	}
	return NULL;
}

const struct binary_part *
binary_data(const struct binary *b)
{
	for (size_t i = 0; i < b->segments.n; i++) {
		const struct binary_part *s = &b->segments.at[i];

		if (s->is_writable && !s->is_executable && s->len > 0)
			return s;
	}
	return NULL;
}

const unsigned char *
binary_at(const struct binary *b, uint64_t address, uint64_t len)
{
	for (size_t i = 0; i < b->segments.n; i++) {
		const struct binary_part *s = &b->segments.at[i];

		if (address >= s->address && address - s->address <= s->len &&
		    len <= s->len - (address - s->address))
			return s->at + (address - s->address);
	}
	return NULL;
}
