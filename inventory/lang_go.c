/* SPDX-License-Identifier: Apache-2.0 */
/*
 * go - what the linker of Go writes into every program: its own version, and the modules
 * the program was made of.
 *
 *   \xff Go buildinf:  SIZE FLAGS  ...     32 bytes, then (flag 2, since Go 1.18)
 *   VERSION MODULES                        each with its length before it, 7 bits a byte
 *   PTR PTR                                before 1.18, at 16: addresses of both
 *
 * The modules are lines between two marks of 16 bytes:
 *
 *   path	example.org/app/cmd/app
 *   mod	example.org/app	(devel)
 *   dep	golang.org/x/net	v0.17.0	h1:...
 *   =>	example.org/fork/net	v0.17.1	h1:...       instead of the dep above
 *   build	-ldflags="-X main.version=1.2.3"
 */
#include <string.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/str.h"
#include "inventory/binary.h"
#include "inventory/language.h"

#define MAGIC       "\xff Go buildinf:"
#define MAGIC_LEN   14
#define HEADER_LEN  32
#define MARK_LEN    16
#define FLAG_BIG    1u
#define FLAG_INLINE 2u
#define MAX_MODULES 16777216 /* bytes of the list; the longest seen have 100 KB */

struct text {
	const char *p;
	size_t n;
};

/* ---- where it lies ---- */

/* The header, at a multiple of 16 from the begin of PART; NULL = not there. */
static const unsigned char *
find_header(const struct binary_part *part)
{
	const unsigned char *at = part->at, *end = part->at + part->len;

	while ((at = memmem(at, (size_t)(end - at), MAGIC, MAGIC_LEN)) != NULL) {
		if ((at - part->at) % MARK_LEN == 0 && end - at >= HEADER_LEN)
			return at;
		at += MAGIC_LEN;
	}
	return NULL;
}

/* *RET_LEFT: bytes from the header to the end of what it lies in. */
static const unsigned char *
find_buildinfo(const struct binary *b, size_t *ret_left)
{
	const struct binary_part *part = binary_section(b, ".go.buildinfo");
	const unsigned char *header;

	if (part == NULL)
		part = binary_section(b, "__go_buildinfo");
	if (part == NULL)
		part = binary_data(b);
	if (part == NULL || part->len == 0 || (header = find_header(part)) == NULL)
		return NULL;
	*ret_left = (size_t)(part->at + part->len - header);
	return header;
}

/* A number of 7 bits a byte, the lowest first; false if it does not end in 64 bits. */
static bool
take_length(const unsigned char **p, size_t *left, uint64_t *ret)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64 && *left > 0; shift += 7) {
		unsigned char c = *(*p)++;

		--*left;
		if (shift == 63 && c > 1)
			return false;
		v |= (uint64_t)(c & 0x7f) << shift;
		if (c < 0x80) {
			*ret = v;
			return true;
		}
	}
	return false;
}

static bool
take_text(const unsigned char **p, size_t *left, struct text *ret)
{
	uint64_t len;

	if (!take_length(p, left, &len) || len > *left || len > MAX_MODULES)
		return false;
	*ret = (struct text){ (const char *)*p, (size_t)len };
	*p += len;
	*left -= (size_t)len;
	return true;
}

/* Behind the address at P: a string of Go, which is the address of its bytes and a length. */
static bool
follow(const struct binary *b, const unsigned char *p, size_t width, bool is_big,
    struct text *ret)
{
	const unsigned char *at =
	    binary_at(b, binary_number(p, width, is_big), 2 * width);
	uint64_t len;

	if (at == NULL)
		return false;
	len = binary_number(at + width, width, is_big);
	if (len > MAX_MODULES)
		return false;
	if (len > 0 &&
	    (at = binary_at(b, binary_number(at, width, is_big), len)) == NULL)
		return false;
	*ret = (struct text){ (const char *)at, (size_t)len };
	return true;
}

static bool
read_header(const struct binary *b, const unsigned char *p, size_t left,
    struct text *version, struct text *modules)
{
	size_t width = p[MAGIC_LEN];
	unsigned flags = p[MAGIC_LEN + 1];

	if ((flags & FLAG_INLINE) != 0) {
		p += HEADER_LEN;
		left -= HEADER_LEN;
		return take_text(&p, &left, version) && take_text(&p, &left, modules);
	}
	return (width == 4 || width == 8) &&
	       follow(b, p + MARK_LEN, width, (flags & FLAG_BIG) != 0, version) &&
	       follow(b, p + MARK_LEN + width, width, (flags & FLAG_BIG) != 0, modules);
}

/* ---- what it says ---- */

static size_t
count_digits(const char *s)
{
	return strspn(s, "0123456789");
}

/* "go1.22.3 X:boringcrypto" is 1.22.3, "go1.21rc3" 1.21.0-rc.3, as advisories write it. */
static const char *
version_of_go(const struct text *t, struct arena *a)
{
	const char *s = arena_strndup(a, t->p, t->n < 64 ? t->n : 64);
	const char *parts[3] = { "0", "0", "0" };
	static const char *const before[] = { "rc", "beta" };

	if (!str_starts(s, "go") || count_digits(s + 2) == 0)
		return NULL;
	s += 2;
	for (size_t i = 0; i < 3 && count_digits(s) > 0; i++) {
		parts[i] = arena_strndup(a, s, count_digits(s));
		s += count_digits(s);
		if (i < 2 && *s == '.' && count_digits(s + 1) > 0)
			s++;
		else
			break;
	}
	for (size_t i = 0; i < 2; i++) {
		size_t len = strlen(before[i]);

		if (str_starts(s, before[i]) && count_digits(s + len) > 0)
			return arena_printf(a, "%s.%s.%s-%s.%s", parts[0], parts[1],
			    parts[2], before[i],
			    arena_strndup(a, s + len, count_digits(s + len)));
	}
	return arena_printf(a, "%s.%s.%s", parts[0], parts[1], parts[2]);
}

/* The words between the tabs of a line; "" for those it lacks. */
static void
split(const char *line, size_t n, struct arena *a, const char *words[3])
{
	for (size_t i = 0; i < 3; i++) {
		const char *tab = n > 0 ? memchr(line, '\t', n) : NULL;
		size_t len = tab != NULL ? (size_t)(tab - line) : n;

		words[i] = len > 0 ? arena_strndup(a, line, len) : "";
		line += len + (tab != NULL);
		n -= len + (tab != NULL);
	}
}

/*
 * What somebody told the linker to write as the version: "-X main.version=v1.2.3", or the
 * same of a package of the main module.  Its being a version is a guess.
 */
static const char *
version_of_flags(const char *flags, const char *module, struct arena *a)
{
	size_t len = strlen(module);

	for (const char *at = flags; (at = strstr(at, "-X")) != NULL;) {
		const char *key = at + 2, *value;

		key += strspn(key, " ='\"\\");
		at = key;
		value = strchr(key, '=');
		if (value == NULL || value - key < 8 ||
		    strncasecmp(value - 8, ".version", 8) != 0 ||
		    strcspn(key, " \"'\\") < (size_t)(value - key) ||
		    !(str_starts(key, "main.") ||
			(len > 0 && strncmp(key, module, len) == 0)))
			continue;
		value++;
		if (value[*value == 'v'] >= '0' && value[*value == 'v'] <= '9')
			return arena_strndup(a, value, strcspn(value, " \"'\\"));
	}
	return NULL;
}

struct modules {
	struct language_list *l;
	const char *main; /* the main module, if its version is not known */
	struct language_package
	    last; /* what a "=>" would replace; name NULL = nothing */
};

static bool
is_known(const char *version)
{
	return *version != '\0' && !str_eq(version, "(devel)");
}

static void
flush(struct modules *m)
{
	if (m->last.name != NULL && *m->last.name != '\0' && is_known(m->last.version))
		language_push(m->l, &m->last);
	m->last.name = NULL;
}

static void
read_line(struct modules *m, const char *line, size_t n)
{
	const char *tab = memchr(line, '\t', n), *words[3];
	struct text key = { line, tab != NULL ? (size_t)(tab - line) : 0 };

	if (tab == NULL)
		return;
	split(tab + 1, n - key.n - 1, m->l->a, words);
	if (key.n == 3 &&
	    (memcmp(key.p, "dep", 3) == 0 || memcmp(key.p, "mod", 3) == 0)) {
		flush(m);
		m->last.name = words[0];
		m->last.version = words[1];
		if (key.p[0] == 'm' && !is_known(words[1]))
			m->main = words[0];
	} else if (key.n == 2 && memcmp(key.p, "=>", 2) == 0 && m->last.name != NULL) {
		/* a folder instead of a module has no version, and is not that module */
		m->last.name = words[0];
		m->last.version = words[1];
	} else if (key.n == 5 && memcmp(key.p, "build", 5) == 0 &&
		   str_starts(words[0], "-ldflags=") && m->main != NULL) {
		struct language_package p = { .ecosystem = "go",
			.name = m->main,
			.version = version_of_flags(words[0], m->main, m->l->a),
			.flags = COMPONENT_GUESSED };

		if (p.version != NULL && *p.name != '\0')
			language_push(m->l, &p);
		m->main = NULL;
	}
}

static enum err_code
read_program(const struct binary *b, struct language_list *l, struct err *e)
{
	struct modules m = { .l = l, .last = { .ecosystem = "go" } };
	struct language_package go = { .ecosystem = "go", .name = "stdlib" };
	struct text version, modules;
	const unsigned char *header;
	const char *line;
	size_t left, len;

	if ((header = find_buildinfo(b, &left)) == NULL)
		return ERR_OK;
	if (!read_header(b, header, left, &version, &modules))
		return err_set(e, ERR_INPUT, "broken build information of Go");
	if ((go.version = version_of_go(&version, l->a)) != NULL)
		language_push(l, &go);
	if (modules.n < 2 * MARK_LEN + 1 || modules.p[modules.n - MARK_LEN - 1] != '\n')
		return ERR_OK;
	modules.p += MARK_LEN;
	modules.n -= 2 * MARK_LEN;
	while (language_line(&modules.p, &modules.n, &line, &len))
		read_line(&m, line, len);
	flush(&m);
	return ERR_OK;
}

static enum err_code
parse_go(const struct image_file *f, struct language_list *l, struct err *e)
{
	struct binary programs[BINARY_SLICES];
	size_t n = binary_open(f->bytes, f->len, l->a, programs);
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < n && rc == ERR_OK; i++)
		rc = read_program(&programs[i], l, e);
	return rc;
}

static enum err_code
read_go(
    const struct image_file *f, struct arena *a, struct inventory *inv, struct err *e)
{
	return language_read(f, SIZE_MAX, parse_go, inv, a, e);
}

const struct database database_go = {
	.name = "go",
	.summary = "Go: the build information in programs (ELF, PE, Mach-O)",
	.wants = binary_is,
	.read = read_go,
};
