/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rust - the list of crates that "cargo auditable" writes into a program, in a section
 * .dep-v0, packed by zlib:
 *
 *   {"packages":[{"name":"serde","version":"1.0.190","source":"crates.io",
 *                 "kind":"runtime","dependencies":[1]}, {"name":"app","root":true ...}]}
 *
 * Crates for building only (kind "build") are not in the program.
 */
#include <string.h>

#include "core/buf.h"
#include "core/inflate.h"
#include "core/limits.h"
#include "core/str.h"
#include "inventory/binary.h"
#include "inventory/language.h"

#define SECTION  ".dep-v0"
#define MAX_LIST 8388608 /* unpacked; what the tool's own readers allow */

/* Behind the opening brace. */
static enum err_code
read_crate(struct json_reader *r, struct language_list *l, struct err *e)
{
	struct language_package p = { .ecosystem = "cargo" };
	const char *source = NULL, *kind = NULL;
	struct json_value key;
	bool more;
	enum err_code rc;

	while ((rc = json_key(r, &key, &more, e)) == ERR_OK && more) {
		if (str_eq(key.text, "name"))
			rc = json_text(r, l->a, &p.name, e);
		else if (str_eq(key.text, "version"))
			rc = json_text(r, l->a, &p.version, e);
		else if (str_eq(key.text, "source"))
			rc = json_text(r, l->a, &source, e);
		else if (str_eq(key.text, "kind"))
			rc = json_text(r, l->a, &kind, e);
		else
			rc = json_skip_next(r, e);
		if (rc != ERR_OK)
			return rc;
	}
	if (rc != ERR_OK || p.name == NULL || p.version == NULL ||
	    str_eq(kind, "build"))
		return rc;
	/* from a repository or a folder: perhaps the crate that is published so, or a fork */
	if (!str_eq(source, "crates.io") && !str_eq(source, "registry"))
		p.flags = COMPONENT_GUESSED;
	language_push(l, &p);
	return rc;
}

static enum err_code
read_list(struct json_reader *r, struct language_list *l, struct err *e)
{
	struct json_value v;
	bool in, more;
	enum err_code rc;

	if ((rc = json_enter(r, JSON_OBJECT, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_key(r, &v, &more, e)) == ERR_OK && more) {
		if (!str_eq(v.text, "packages")) {
			if ((rc = json_skip_next(r, e)) != ERR_OK)
				return rc;
			continue;
		}
		if ((rc = json_enter(r, JSON_ARRAY, &in, e)) != ERR_OK)
			return rc;
		while (in && (rc = json_item(r, &v, &more, e)) == ERR_OK && more) {
			rc = v.token == JSON_OBJECT ? read_crate(r, l, e)
						    : json_skip(r, &v, e);
			if (rc != ERR_OK)
				return rc;
		}
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_program(const struct binary *b, struct language_list *l, struct err *e)
{
	const struct binary_part *section = binary_section(b, SECTION);
	struct buf text CLEANUP_BUF = BUF_INIT(MAX_LIST);
	struct image_file list = { 0 };
	enum err_code rc;

	if (section == NULL || section->len == 0)
		return ERR_OK;
	rc = inflate_zlib(section->at, section->len, &text, e);
	if (rc == ERR_OK) {
		list.bytes = buf_str(&text);
		list.len = text.len;
		rc = language_json(&list, read_list, l, e);
	}
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "its list of crates");
}

static enum err_code
parse_rust(const struct image_file *f, struct language_list *l, struct err *e)
{
	struct binary programs[BINARY_SLICES];
	size_t n = binary_open(f->bytes, f->len, l->a, programs);
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < n && rc == ERR_OK; i++)
		rc = read_program(&programs[i], l, e);
	return rc;
}

static enum err_code
read_rust(
    const struct image_file *f, struct arena *a, struct inventory *inv, struct err *e)
{
	return language_read(f, SIZE_MAX, parse_rust, inv, a, e);
}

const struct database database_rust = {
	.name = "rust",
	.summary = "Rust: the list of crates that cargo auditable puts into programs",
	.wants = binary_is,
	.read = read_rust,
};
