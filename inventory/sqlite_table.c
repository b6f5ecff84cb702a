/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sqlite_table - a table is a tree of pages: inner ones (type 5) name their children,
 * leaves (type 13) hold rows; what does not fit on a leaf goes on in a chain of overflow
 * pages.  Page 1 holds a file header of 100 bytes and the root of the table of tables
 * (type, name, tbl_name, rootpage, sql), whose rows say where the other trees begin.
 */
#include "inventory/sqlite_table.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/str.h"
#include "inventory/bytes.h"

#define FILE_HEADER    100
#define PAGE_INNER     5
#define PAGE_LEAF      13
#define MAX_DEPTH      32 /* a tree of that depth is no tree that SQLite made */
#define ALL_COLUMNS    2000
#define MAX_SCHEMA_SQL 16384

struct file {
	const unsigned char *p;
	size_t page_size, usable; /* a page, and what of it is not reserved */
	uint32_t pages;
	unsigned char *seen; /* a bit a page */
	struct arena *a;
};

/* Where the wanted columns stand in a row; which of them is another name of its number. */
struct layout {
	size_t place[SQLITE_TABLE_COLUMNS], n;
	size_t alias; /* place of the INTEGER PRIMARY KEY */
};

struct walk {
	struct file *f;
	const struct sqlite_query *q;
	struct layout layout;
	struct buf payload; /* of a row that has overflow pages */
};

static enum err_code
damaged(struct err *e, uint32_t page, const char *what)
{
	return err_set(
	    e, ERR_INPUT, "damaged SQLite file: page %u: %s", (unsigned)page, what);
}

bool
sqlite_table_is_file(const void *p, size_t n)
{
	static const char magic[] = "SQLite format 3";

	return n >= sizeof(magic) && memcmp(p, magic, sizeof(magic)) == 0;
}

static enum err_code
open_file(
    struct file *f, const unsigned char *p, size_t n, struct arena *a, struct err *e)
{
	size_t pages;

	if (n < FILE_HEADER || !sqlite_table_is_file(p, n))
		return err_set(e, ERR_INPUT, "this is no SQLite file");
	f->p = p;
	f->a = a;
	f->page_size = bytes_be16(p + 16) == 1 ? 65536 : bytes_be16(p + 16);
	if (f->page_size < 512 || (f->page_size & (f->page_size - 1)) != 0 ||
	    p[20] > f->page_size - 480)
		return damaged(e, 1, "no size of a page");
	f->usable = f->page_size - p[20];
	if (bytes_be32(p + 56) > 1)
		return err_set(e, ERR_INPUT, "an SQLite file whose text is not UTF-8");
	pages = n / f->page_size;
	/* the size in the header counts only if the last writer knew of it */
	if (bytes_be32(p + 24) == bytes_be32(p + 92) && bytes_be32(p + 28) != 0) {
		if (bytes_be32(p + 28) > pages)
			return err_set(e, ERR_INPUT,
			    "an SQLite file that is cut short: %zu of %u pages", pages,
			    (unsigned)bytes_be32(p + 28));
		pages = bytes_be32(p + 28);
	} else if (n % f->page_size != 0) {
		return err_set(e, ERR_INPUT, "an SQLite file that is cut short");
	}
	f->pages = (uint32_t)pages;
	f->seen = arena_zalloc(a, pages / 8 + 1);
	return ERR_OK;
}

/* The bytes of PAGE, which must not have been looked at before; NULL = it was, or is not. */
static const unsigned char *
enter(struct file *f, uint32_t page)
{
	unsigned char bit = (unsigned char)(1u << (page % 8));

	if (page == 0 || page > f->pages || (f->seen[page / 8] & bit) != 0)
		return NULL;
	f->seen[page / 8] |= bit;
	return f->p + (size_t)(page - 1) * f->page_size;
}

/* Seven bits a byte, eight in the ninth; false if it does not end before END. */
static bool
varint(const unsigned char **p, const unsigned char *end, uint64_t *ret)
{
	uint64_t v = 0;

	for (int i = 0; i < 9 && *p < end; i++) {
		unsigned char c = *(*p)++;

		if (i == 8) {
			*ret = v << 8 | c;
			return true;
		}
		v = v << 7 | (c & 0x7f);
		if ((c & 0x80) == 0) {
			*ret = v;
			return true;
		}
	}
	return false;
}

/* ---- a row ---- */

static size_t
size_of_type(uint64_t type)
{
	static const unsigned char sizes[] = { 0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0 };

	return type < sizeof(sizes) ? sizes[type] : (size_t)((type - 12) / 2);
}

static struct sqlite_value
value_of(uint64_t type, const unsigned char *p, size_t len)
{
	struct sqlite_value v = { .kind = SQLITE_INTEGER };
	uint64_t bits = 0;

	if (type >= 12)
		return (struct sqlite_value){
			.kind = SQLITE_BYTES,
			.bytes = p,
			.len = len,
		};
	if (type == 0 || type == 7 || type > 9) /* nobody asks for a fraction */
		return (struct sqlite_value){ .kind = SQLITE_NULL_VALUE };
	if (len > 0 && (p[0] & 0x80) != 0)
		bits = UINT64_MAX;
	for (size_t i = 0; i < len; i++)
		bits = bits << 8 | p[i];
	v.integer = type == 8 ? 0 : type == 9 ? 1 : (int64_t)bits;
	return v;
}

/* The wanted values of the record P[0..LEN); false if it is none. */
static bool
read_record(const struct layout *l, int64_t rowid, const unsigned char *p, size_t len,
    struct sqlite_value *values)
{
	const unsigned char *types = p, *types_end, *body;
	uint64_t header, type;

	for (size_t k = 0; k < l->n; k++)
		values[k] = (struct sqlite_value){ .kind = SQLITE_NULL_VALUE };
	if (!varint(&types, p + len, &header) || header > len)
		return false;
	types_end = body = p + header;
	for (size_t i = 0; types < types_end && i < ALL_COLUMNS; i++) {
		size_t size;

		if (!varint(&types, types_end, &type))
			return false;
		size = size_of_type(type);
		if (size > (size_t)(p + len - body))
			return false;
		for (size_t k = 0; k < l->n; k++)
			if (l->place[k] == i)
				values[k] = value_of(type, body, size);
		body += size;
	}
	for (size_t k = 0; k < l->n; k++)
		if (l->place[k] == l->alias && values[k].kind == SQLITE_NULL_VALUE)
			values[k] = (struct sqlite_value){
				.kind = SQLITE_INTEGER,
				.integer = rowid,
			};
	return true;
}

/* How many bytes of a row of LEN stand on the leaf itself. */
static size_t
local_bytes(const struct file *f, uint64_t len)
{
	size_t most = f->usable - 35, least = (f->usable - 12) * 32 / 255 - 23, k;

	if (len <= most)
		return (size_t)len;
	k = least + (size_t)((len - least) % (f->usable - 4));
	return k <= most ? k : least;
}

/* LEN bytes from the chain of overflow pages that begins at PAGE, behind W's payload. */
static enum err_code
follow(struct walk *w, uint32_t page, uint64_t len, struct err *e)
{
	while (len > 0) {
		const unsigned char *p = enter(w->f, page);
		size_t n = w->f->usable - 4;

		if (p == NULL)
			return damaged(e, page, "a chain that leads nowhere");
		if (n > len)
			n = (size_t)len;
		buf_add(&w->payload, p + 4, n);
		len -= n;
		page = bytes_be32(p);
	}
	return ERR_OK;
}

/* The row at P; *RET_SIZE is what it takes of the leaf. */
static enum err_code
read_row(struct walk *w, uint32_t page, const unsigned char *p,
    const unsigned char *end, size_t *ret_size, struct err *e)
{
	struct sqlite_value values[SQLITE_TABLE_COLUMNS];
	const unsigned char *start = p;
	uint64_t len, rowid;
	size_t local;
	enum err_code rc;

	if (!varint(&p, end, &len) || !varint(&p, end, &rowid))
		return damaged(e, page, "a row that is cut short");
	if (len > (uint64_t)w->f->pages * w->f->page_size)
		return damaged(e, page, "a row that is longer than the file");
	local = local_bytes(w->f, len);
	if (local > (size_t)(end - p) || (local < len && (size_t)(end - p) - local < 4))
		return damaged(e, page, "a row that is cut short");
	*ret_size = (size_t)(p - start) + local;
	if (local < len) {
		buf_reset(&w->payload);
		buf_add(&w->payload, p, local);
		if ((rc = follow(w, bytes_be32(p + local), len - local, e)) != ERR_OK)
			return rc;
		p = (const unsigned char *)w->payload.data;
	}
	if (!read_record(&w->layout, (int64_t)rowid, p, (size_t)len, values))
		return damaged(e, page, "a row whose columns do not fit into it");
	return w->q->row(w->q->arg, values, e);
}

/* ---- the tree ---- */

static enum err_code
read_leaf(struct walk *w, uint32_t page, const unsigned char *p, size_t cells, size_t n,
    struct err *e)
{
	size_t used = 0, size;
	enum err_code rc;

	for (size_t i = 0; i < n; i++) {
		size_t at = bytes_be16(p + cells + 2 * i);

		if (at >= w->f->usable)
			return damaged(e, page, "a row outside of its page");
		if ((rc = read_row(w, page, p + at, p + w->f->usable, &size, e)) !=
		    ERR_OK)
			return rc;
		if ((used += size) > w->f->usable)
			return damaged(e, page, "rows that lie upon each other");
	}
	return ERR_OK;
}

static enum err_code
read_tree(struct walk *w, uint32_t page, int depth, struct err *e)
{
	const unsigned char *p = enter(w->f, page), *head;
	size_t cells, n;
	enum err_code rc;

	if (p == NULL || depth == MAX_DEPTH)
		return damaged(e, page, "a tree that is none");
	head = page == 1 ? p + FILE_HEADER : p;
	if (head[0] != PAGE_LEAF && head[0] != PAGE_INNER)
		return damaged(e, page, "no page of a table");
	n = bytes_be16(head + 3);
	cells = (size_t)(head - p) + (head[0] == PAGE_LEAF ? 8 : 12);
	if (!bytes_hold(w->f->usable, cells, 2 * n))
		return damaged(e, page, "more rows than a page holds");
	if (head[0] == PAGE_LEAF)
		return read_leaf(w, page, p, cells, n, e);
	for (size_t i = 0; i < n; i++) {
		size_t at = bytes_be16(p + cells + 2 * i);

		if (!bytes_hold(w->f->usable, at, 4))
			return damaged(e, page, "a child outside of its page");
		if ((rc = read_tree(w, bytes_be32(p + at), depth + 1, e)) != ERR_OK)
			return rc;
	}
	return read_tree(w, bytes_be32(head + 8), depth + 1, e);
}

static enum err_code
read_rows(struct file *f, const struct sqlite_query *q, const struct layout *l,
    uint32_t root, struct err *e)
{
	struct walk w = { .f = f, .q = q, .layout = *l };
	enum err_code rc;

	buf_init(&w.payload, (size_t)f->pages * f->page_size);
	rc = read_tree(&w, root, 0, e);
	buf_done(&w.payload);
	return rc;
}

/* ---- the table of tables ---- */

struct search {
	const char *table;
	struct arena *a;
	int64_t root;
	const char *sql; /* NULL until found */
};

static bool
is_text(const struct sqlite_value *v, const char *text)
{
	return v->kind == SQLITE_BYTES && v->len == strlen(text) &&
	       strncasecmp((const char *)v->bytes, text, v->len) == 0;
}

static enum err_code
see_table(void *arg, const struct sqlite_value *v, struct err *e)
{
	struct search *s = arg;

	(void)e;
	/* a view of that name would be a trap, and is no table */
	if (s->sql == NULL && is_text(&v[0], "table") && is_text(&v[1], s->table) &&
	    v[2].kind == SQLITE_INTEGER && v[3].kind == SQLITE_BYTES &&
	    v[3].len <= MAX_SCHEMA_SQL) {
		s->root = v[2].integer;
		s->sql = arena_strndup(s->a, (const char *)v[3].bytes, v[3].len);
	}
	return ERR_OK;
}

/* SQL without its comments, and one blank where there were several: dnf's is full of them. */
static char *
plain_sql(struct arena *a, const char *sql)
{
	char *out = arena_strdup(a, sql), *to = out;

	for (const char *p = sql; *p != '\0';) {
		const char *end = NULL;

		if (p[0] == '/' && p[1] == '*')
			end = (end = strstr(p + 2, "*/")) != NULL ? end + 2
								  : p + strlen(p);
		else if (p[0] == '-' && p[1] == '-')
			end = p + strcspn(p, "\n");
		else if (isspace((unsigned char)*p))
			end = p + 1;
		if (end == NULL)
			*to++ = *p++;
		else if (to > out && to[-1] != ' ')
			*to++ = ' ';
		if (end != NULL)
			p = end;
	}
	*to = '\0';
	return out;
}

/* Behind the column definition at P: its comma, or the bracket that closes the table. */
static const char *
end_of_column(const char *p)
{
	int depth = 0;

	for (; *p != '\0' && !(depth == 0 && (*p == ',' || *p == ')')); p++) {
		if (*p == '\'' || *p == '"' || *p == '`') {
			const char *close = strchr(p + 1, *p);

			p = close != NULL ? close : p + strlen(p) - 1;
		} else {
			depth += (*p == '(') - (*p == ')');
		}
	}
	return p;
}

/* The name that stands at P, without its quotes. */
static const char *
column_name(struct arena *a, const char *p)
{
	char close = *p == '[' ? ']' : *p;

	if (*p != '\0' && strchr("'\"`[", *p) != NULL)
		return arena_strndup(
		    a, p + 1, strcspn(p + 1, (const char[]){ close, '\0' }));
	return arena_strndup(a, p, strcspn(p, " ,()"));
}

/* Does the table's own line PRIMARY KEY("id") at the end of SQL name this column alone? */
static bool
is_named_key(const char *sql, const char *name, struct arena *a)
{
	const char *key = strcasestr(sql, "PRIMARY KEY(");

	if (key == NULL && (key = strcasestr(sql, "PRIMARY KEY (")) == NULL)
		return false;
	key = strchr(key, '(') + 1;
	key += *key == ' ';
	return strcasecmp(column_name(a, key), name) == 0 &&
	       strcspn(key, ",") > strcspn(key, ")");
}

/*
 * CREATE TABLE x (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)
 *
 * The number that is the key of a table is not kept in its rows: it is their own number.
 */
static bool
read_columns(
    const char *text, const struct sqlite_query *q, struct arena *a, struct layout *ret)
{
	const char *sql = plain_sql(a, text), *p = strchr(sql, '(');
	size_t found = 0;

	ret->alias = ALL_COLUMNS;
	for (ret->n = 0; ret->n < SQLITE_TABLE_COLUMNS && q->columns[ret->n] != NULL;)
		ret->place[ret->n++] = ALL_COLUMNS;
	for (size_t i = 0; p != NULL && (*p == '(' || *p == ',') && i < ALL_COLUMNS;
	     i++) {
		const char *start = p + 1 + strspn(p + 1, " "), *name, *column;

		p = end_of_column(start);
		name = column_name(a, start);
		column = arena_strndup(a, start, (size_t)(p - start));
		if (strcasestr(column, " INTEGER PRIMARY KEY") != NULL ||
		    (strcasestr(column, " INTEGER") != NULL &&
			is_named_key(p, name, a)))
			ret->alias = i;
		for (size_t k = 0; k < ret->n; k++)
			if (strcasecmp(q->columns[k], name) == 0) {
				found += ret->place[k] == ALL_COLUMNS;
				ret->place[k] = i;
			}
	}
	return found == ret->n;
}

enum err_code
sqlite_table_read(const void *p, size_t n, const struct sqlite_query *q,
    struct arena *a, struct err *e)
{
	static const struct layout schema = {
		.place = { 0, 1, 3, 4 }, /* type, name, rootpage, sql */
		.n = 4,
		.alias = ALL_COLUMNS,
	};
	struct search s = { .table = q->table, .a = a };
	const struct sqlite_query tables = { .row = see_table, .arg = &s };
	struct layout layout;
	struct file f;
	enum err_code rc;

	if ((rc = open_file(&f, p, n, a, e)) != ERR_OK ||
	    (rc = read_rows(&f, &tables, &schema, 1, e)) != ERR_OK)
		return rc;
	if (s.sql == NULL || !read_columns(s.sql, q, a, &layout))
		return err_set(e, ERR_NOTFOUND,
		    "an SQLite file without a table %s that is known", q->table);
	if (s.root < 1 || s.root > f.pages)
		return damaged(e, 1, "a table that begins nowhere");
	return read_rows(&f, q, &layout, (uint32_t)s.root, e);
}
