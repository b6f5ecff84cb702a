/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/inventory/rpm_make.h"

#include <string.h>

#include "core/arena.h"

const struct made_package made_packages[] = {
	{ .name = "bash",
	    .version = "5.1.8",
	    .release = "6.el9",
	    .arch = "x86_64",
	    .vendor = "Red Hat, Inc.",
	    .sourcerpm = "bash-5.1.8-6.el9.src.rpm" },
	{ .name = "bind-libs",
	    .version = "9.16.23",
	    .release = "1.el9",
	    .arch = "x86_64",
	    .vendor = "Red Hat, Inc.",
	    .sourcerpm = "bind-9.16.23-1.el9.src.rpm",
	    .files = { "/usr/lib64/ libbind9.so.160", "/ bind" },
	    .epoch = 32,
	    .has_epoch = true },
	{ .name = "nodejs",
	    .version = "18.12.1",
	    .release = "2.module+el9",
	    .arch = "x86_64",
	    .vendor = "Red Hat, Inc.",
	    .sourcerpm = "nodejs-18.12.1-2.module+el9.src.rpm",
	    .module = "nodejs:18:9010020221118120946:rhel9",
	    .epoch = 1,
	    .has_epoch = true,
	    .padding = 5000 },
	{ .name = "htop",
	    .version = "3.2.1",
	    .release = "1.el9",
	    .arch = "x86_64",
	    .vendor = "Fedora Project",
	    .sourcerpm = "htop-3.2.1-1.el9.src.rpm" },
	{ .name = "gpg-pubkey",
	    .version = "fd431d51",
	    .release = "4ae0493b",
	    .sourcerpm = "(none)" },
};
const size_t n_made_packages = sizeof(made_packages) / sizeof(made_packages[0]);

/* ---- bytes ---- */

struct bytes {
	struct arena *a;
	unsigned char *at;
	size_t n, cap;
};

static void
reserve(struct bytes *b, size_t more)
{
	unsigned char *wider;

	if (b->n + more <= b->cap)
		return;
	b->cap = 2 * (b->n + more);
	wider = arena_zalloc(b->a, b->cap);
	if (b->n > 0)
		memcpy(wider, b->at, b->n);
	b->at = wider;
}

static void
add(struct bytes *b, const void *p, size_t n)
{
	if (n == 0)
		return;
	reserve(b, n);
	memcpy(b->at + b->n, p, n);
	b->n += n;
}

static void
add_zeros(struct bytes *b, size_t n)
{
	if (n == 0)
		return;
	reserve(b, n);
	memset(b->at + b->n, 0, n);
	b->n += n;
}

static void
put_number(unsigned char *p, uint64_t number, size_t size, bool is_big_endian)
{
	for (size_t i = 0; i < size; i++)
		p[is_big_endian ? size - 1 - i : i] =
		    (unsigned char)(number >> (8 * i));
}

static void
add_number(struct bytes *b, uint64_t number, size_t size, bool is_big_endian)
{
	add_zeros(b, size);
	put_number(b->at + b->n - size, number, size, is_big_endian);
}

/* ---- headers ---- */

struct header {
	struct bytes entries, data;
	size_t n;
};

static void
add_entry(struct header *h, uint32_t tag, uint32_t type, const void *p, size_t n,
    uint32_t count)
{
	if (type == 4) /* numbers stand at multiples of their size */
		add_zeros(&h->data, (4 - h->data.n % 4) % 4);
	add_number(&h->entries, tag, 4, true);
	add_number(&h->entries, type, 4, true);
	add_number(&h->entries, h->data.n, 4, true);
	add_number(&h->entries, count, 4, true);
	add(&h->data, p, n);
	h->n++;
}

static void
add_text(struct header *h, uint32_t tag, const char *text)
{
	if (text != NULL)
		add_entry(h, tag, 6, text, strlen(text) + 1, 1);
}

/* Every file with a folder of its own. */
static void
add_files(struct header *h, const char *const *files)
{
	struct bytes indexes = { .a = h->data.a }, names = indexes, folders = indexes;
	uint32_t n = 0;

	for (; files[n] != NULL; n++) {
		size_t folder = strcspn(files[n], " ");

		add_number(&indexes, n, 4, true);
		add(&folders, files[n], folder);
		add_zeros(&folders, 1);
		add(&names, files[n] + folder + 1, strlen(files[n] + folder + 1) + 1);
	}
	if (n == 0)
		return;
	add_entry(h, 1116, 4, indexes.at, indexes.n, n);
	add_entry(h, 1117, 8, names.at, names.n, n);
	add_entry(h, 1118, 8, folders.at, folders.n, n);
}

/* The region's entry comes first, its trailer last in the data. */
static void
close_region(struct header *h)
{
	unsigned char trailer[16];

	put_number(trailer, 63, 4, true);
	put_number(trailer + 4, 7, 4, true);
	put_number(trailer + 8, 0u - (uint32_t)(16 * h->n), 4, true);
	put_number(trailer + 12, 16, 4, true);
	put_number(h->entries.at + 8, h->data.n, 4, true);
	add(&h->data, trailer, sizeof(trailer));
}

struct made
make_header(struct arena *a, const struct made_package *p)
{
	struct header h = { .entries = { .a = a }, .data = { .a = a } };
	struct bytes all = { .a = a };
	unsigned char epoch[4];

	add_entry(&h, 63, 7, "", 0, 16);
	add_text(&h, 1000, p->name);
	add_text(&h, 1001, p->version);
	add_text(&h, 1002, p->release);
	put_number(epoch, p->epoch, 4, true);
	if (p->has_epoch)
		add_entry(&h, 1003, 4, epoch, 4, 1);
	add_entry(&h, 1004, 9, "a summary", 10, 1);
	if (p->padding > 0)
		add_entry(&h, 1005, 7, arena_zalloc(a, p->padding), p->padding,
		    (uint32_t)p->padding);
	add_text(&h, 1011, p->vendor);
	add_text(&h, 1022, p->arch);
	add_text(&h, 1044, p->sourcerpm);
	add_files(&h, p->files);
	add_text(&h, 5096, p->module);
	close_region(&h);
	/* behind the region: the time of installation */
	add_entry(&h, 1008, 4, "\0\0\0\1", 4, 1);
	add_number(&all, h.n, 4, true);
	add_number(&all, h.data.n, 4, true);
	add(&all, h.entries.at, h.entries.n);
	add(&all, h.data.at, h.data.n);
	return (struct made){ all.at, all.n };
}

/* ---- SQLite ---- */

#define PAGE 1024u

static void
add_varint(struct bytes *b, uint64_t v)
{
	int shift = 56;

	while (shift > 0 && v >> shift == 0)
		shift -= 7;
	for (; shift > 0; shift -= 7)
		add_number(b, 0x80 | (v >> shift & 0x7f), 1, true);
	add_number(b, v & 0x7f, 1, true);
}

static unsigned char *
new_page(struct bytes *file)
{
	add_zeros(file, PAGE);
	return file->at + file->n - PAGE;
}

/* A leaf with one row; PAYLOAD goes on in overflow pages where it does not fit. */
static void
fill_leaf(struct bytes *file, size_t page, size_t head, uint64_t rowid,
    const struct bytes *payload)
{
	struct bytes cell = { .a = file->a };
	size_t most = PAGE - 35, least = (PAGE - 12) * 32 / 255 - 23,
	       local = payload->n;
	size_t link = 0;
	unsigned char *p;

	add_varint(&cell, payload->n);
	add_varint(&cell, rowid);
	if (local > most) {
		local = least + (payload->n - least) % (PAGE - 4);
		local = local <= most ? local : least;
	}
	add(&cell, payload->at, local);
	if (local < payload->n) {
		link = page * PAGE + PAGE - 4;
		add_zeros(&cell, 4);
	}
	p = file->at + page * PAGE;
	p[head] = 13;
	put_number(p + head + 3, 1, 2, true);
	put_number(p + head + 5, PAGE - cell.n, 2, true);
	put_number(p + head + 8, PAGE - cell.n, 2, true);
	memcpy(p + PAGE - cell.n, cell.at, cell.n);
	for (size_t at = local; at < payload->n; at += PAGE - 4) {
		size_t n = payload->n - at < PAGE - 4 ? payload->n - at : PAGE - 4;

		p = new_page(file);
		memcpy(p + 4, payload->at + at, n);
		put_number(file->at + link, file->n / PAGE, 4, true);
		link = file->n - PAGE;
	}
}

static void
add_schema(struct bytes *file)
{
	static const char sql[] =
	    "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT,"
	    "\nblob BLOB NOT NULL)";
	struct bytes row = { .a = file->a };

	add_number(&row, 7, 1, true); /* the header's own length is two bytes of it */
	add_varint(&row, 13 + 2 * 5);
	add_varint(&row, 13 + 2 * 8);
	add_varint(&row, 13 + 2 * 8);
	add_varint(&row, 1);
	add_varint(&row, 13 + 2 * strlen(sql));
	add(&row, "tablePackagesPackages\2", 22);
	add(&row, sql, strlen(sql));
	fill_leaf(file, 0, 100, 1, &row);
}

struct made
make_sqlite(struct arena *a, const struct made_package *p, size_t n)
{
	struct bytes file = { .a = a };
	size_t cells = 0;
	unsigned char *head;

	(void)new_page(&file);
	(void)new_page(&file);
	add_schema(&file);
	file.at[PAGE] = n > 0 ? 5 : 13;
	put_number(file.at + PAGE + 3, n > 0 ? n - 1 : 0, 2, true);
	for (size_t i = 0; i < n; i++) {
		struct made header = make_header(a, &p[i]);
		struct bytes row = { .a = a };
		size_t page = file.n / PAGE, at = PAGE - 5 * (i + 1);

		add_number(&row, header.n < 58 ? 3 : header.n < 8186 ? 4 : 5, 1, true);
		add_varint(&row, 0);
		add_varint(&row, 12 + 2 * header.n);
		add(&row, header.p, header.n);
		(void)new_page(&file);
		fill_leaf(&file, page, 0, i + 1, &row);
		if (i + 1 == n) {
			put_number(file.at + PAGE + 8, page + 1, 4, true);
			break;
		}
		put_number(file.at + PAGE + 12 + 2 * cells++, at, 2, true);
		put_number(file.at + PAGE + at, page + 1, 4, true);
		file.at[PAGE + at + 4] = (unsigned char)(i + 1);
	}
	head = file.at;
	memcpy(head, "SQLite format 3", 16);
	put_number(head + 16, PAGE, 2, true);
	memcpy(head + 18, "\1\1\0\100\40\40", 6);
	put_number(head + 24, 1, 4, true);
	put_number(head + 28, file.n / PAGE, 4, true);
	put_number(head + 40, 1, 4, true);
	put_number(head + 44, 4, 4, true);
	put_number(head + 56, 1, 4, true);
	put_number(head + 92, 1, 4, true);
	put_number(head + 96, 3040001, 4, true);
	return (struct made){ file.at, file.n };
}

/* ---- ndb ---- */

static uint32_t
adler(const unsigned char *p, size_t n)
{
	uint32_t low = 1, high = 0;

	for (size_t i = 0; i < n; i++) {
		low = (low + p[i]) % 65521;
		high = (high + low) % 65521;
	}
	return high << 16 | low;
}

static uint32_t
number_at(const unsigned char *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

void
make_ndb_sums(struct made *m)
{
	for (size_t slot = 32; slot < 4096; slot += 16) {
		size_t at = (size_t)number_at(m->p + slot + 8) * 16;
		size_t size = (size_t)number_at(m->p + slot + 12) * 16;

		if (at != 0 && at + size <= m->n && size >= 12)
			put_number(m->p + at + size - 12, adler(m->p + at, size - 12),
			    4, false);
	}
}

struct made
make_ndb(struct arena *a, const struct made_package *p, size_t n)
{
	struct bytes file = { .a = a };
	struct made made;

	add_zeros(&file, 4096);
	memcpy(file.at, "RpmP", 4);
	put_number(file.at + 8, 7, 4, false);
	put_number(file.at + 12, 1, 4, false);
	put_number(file.at + 16, n + 1, 4, false);
	for (size_t slot = 32; slot < 4096; slot += 16)
		memcpy(file.at + slot, "Slot", 4);
	for (size_t i = 0; i < n; i++) {
		struct made header = make_header(a, &p[i]);
		size_t blocks = (16 + header.n + 12 + 15) / 16, at = file.n;
		/* a slot that is free between those that are not */
		unsigned char *slot = file.at + 32 + 16 * (2 * i);

		put_number(slot + 4, i + 1, 4, false);
		put_number(slot + 8, at / 16, 4, false);
		put_number(slot + 12, blocks, 4, false);
		add(&file, "BlbS", 4);
		add_number(&file, i + 1, 4, false);
		add_number(&file, 7, 4, false);
		add_number(&file, header.n, 4, false);
		add(&file, header.p, header.n);
		add_zeros(&file, blocks * 16 - 16 - 12 - header.n);
		add_number(&file, 0, 4, false);
		add_number(&file, header.n, 4, false);
		add(&file, "BlbE", 4);
	}
	made = (struct made){ file.at, file.n };
	make_ndb_sums(&made);
	return made;
}

/* ---- Berkeley DB ---- */

#define BDB_PAGE 1024u

struct bdb {
	struct bytes file;
	bool is_big_endian;
};

/* The number of a new page of TYPE. */
static size_t
bdb_page(struct bdb *b, unsigned char type)
{
	size_t number = b->file.n / BDB_PAGE;

	add_zeros(&b->file, BDB_PAGE);
	put_number(b->file.at + number * BDB_PAGE + 8, number, 4, b->is_big_endian);
	b->file.at[number * BDB_PAGE + 25] = type;
	return number;
}

/* Key 0 holds rpm's counter, in the way of every item. */
static void
bdb_item(struct bdb *b, size_t page, const void *p, size_t n)
{
	unsigned char *at = b->file.at + page * BDB_PAGE;
	size_t entries = (size_t)at[20] | (size_t)at[21] << 8, low;

	if (b->is_big_endian)
		entries = (size_t)at[21] | (size_t)at[20] << 8;
	low = BDB_PAGE;
	if (entries > 0) {
		const unsigned char *last = at + 26 + 2 * (entries - 1);

		low = b->is_big_endian ? (size_t)last[0] << 8 | last[1]
				       : (size_t)last[1] << 8 | last[0];
	}
	low -= n;
	memcpy(at + low, p, n);
	put_number(at + 26 + 2 * entries, low, 2, b->is_big_endian);
	put_number(at + 20, entries + 1, 2, b->is_big_endian);
	put_number(at + 22, low, 2, b->is_big_endian);
}

static void
bdb_key(struct bdb *b, size_t page, uint32_t key)
{
	unsigned char item[5] = { 1 };

	put_number(item + 1, key, 4, b->is_big_endian);
	bdb_item(b, page, item, sizeof(item));
}

/* A small header stands in its bucket, a large one in a chain of pages. */
static void
bdb_value(struct bdb *b, size_t page, const struct made *header)
{
	unsigned char *item = arena_zalloc(b->file.a, header->n + 12);
	size_t link = 0, number;

	item[0] = 1;
	memcpy(item + 1, header->p, header->n);
	if (header->n < 500) {
		bdb_item(b, page, item, header->n + 1);
		return;
	}
	memset(item, 0, 12);
	item[0] = 3;
	put_number(item + 4, b->file.n / BDB_PAGE, 4, b->is_big_endian);
	put_number(item + 8, header->n, 4, b->is_big_endian);
	bdb_item(b, page, item, 12);
	for (size_t at = 0; at < header->n; at += BDB_PAGE - 26) {
		size_t n =
		    header->n - at < BDB_PAGE - 26 ? header->n - at : BDB_PAGE - 26;
		unsigned char *p;

		number = bdb_page(b, 7);
		p = b->file.at + number * BDB_PAGE;
		put_number(p + 22, n, 2, b->is_big_endian);
		memcpy(p + 26, header->p + at, n);
		if (link != 0)
			put_number(b->file.at + link, number, 4, b->is_big_endian);
		link = number * BDB_PAGE + 16;
	}
}

struct made
make_bdb(struct arena *a, const struct made_package *p, size_t n, bool is_big_endian)
{
	struct bdb b = { .file = { .a = a }, .is_big_endian = is_big_endian };
	size_t page;

	(void)bdb_page(&b, 8);
	page = bdb_page(&b, 13);
	bdb_key(&b, page, 0);
	bdb_item(&b, page, "\1\0\0\0\5", 5);
	for (size_t i = 0; i < n; i++) {
		struct made header = make_header(a, &p[i]);

		/* of two old kinds of buckets both are read */
		page = bdb_page(&b, i % 2 == 0 ? 13 : 2);
		bdb_key(&b, page, (uint32_t)i + 1);
		bdb_value(&b, page, &header);
	}
	put_number(b.file.at + 12, 0x00061561, 4, is_big_endian);
	put_number(b.file.at + 16, 9, 4, is_big_endian);
	put_number(b.file.at + 20, BDB_PAGE, 4, is_big_endian);
	put_number(b.file.at + 32, b.file.n / BDB_PAGE - 1, 4, is_big_endian);
	return (struct made){ b.file.at, b.file.n };
}
