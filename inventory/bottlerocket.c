/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bottlerocket - application-inventory.json, what Bottlerocket has in place of rpm's
 * database:
 *
 *   {"Content": [{"Name": "kernel-6.1", "Publisher": "Bottlerocket", "Version": "6.1.77",
 *     "Release": "1.1711000000.abcdef.br1", "Epoch": "1", "Architecture": "x86_64"}]}
 */
#include <string.h>

#include "core/arena.h"
#include "core/json_read.h"
#include "core/str.h"
#include "inventory/databases.h"
#include "inventory/rpm_private.h"

struct application {
	const char *name, *version, *release, *epoch, *arch;
};

/* Where the value of KEY goes; NULL = nowhere. */
static const char **
field(struct application *x, const char *key)
{
	const struct {
		const char *key;
		const char **value;
	} fields[] = {
		{ "Name", &x->name },
		{ "Version", &x->version },
		{ "Release", &x->release },
		{ "Epoch", &x->epoch },
		{ "Architecture", &x->arch },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (str_eq(fields[i].key, key))
			return fields[i].value;
	return NULL;
}

static enum err_code
add(const struct application *x, struct inventory *inv, struct arena *a, struct err *e)
{
	uint64_t epoch = 0;
	struct rpm_header h = {
		.name = x->name,
		.version = x->version,
		.release = x->release,
		.arch = x->arch,
	};

	if (x->epoch != NULL && *x->epoch != '\0' &&
	    (!str_u64(x->epoch, &epoch) || epoch > UINT32_MAX)) {
		inventory_warn(inv, a, "an application whose epoch is no number");
		return ERR_OK;
	}
	h.epoch = (uint32_t)epoch;
	return rpm_package_add(inv, &h, a, e);
}

/* One application, whose object has been entered. */
static enum err_code
read_application(
    struct json_reader *r, struct inventory *inv, struct arena *a, struct err *e)
{
	struct application x = { 0 };
	struct json_value key;
	enum err_code rc;
	bool more;

	while ((rc = json_key(r, &key, &more, e)) == ERR_OK && more) {
		const char **value = field(&x, key.text);

		rc = value != NULL ? json_text(r, a, value, e) : json_skip_next(r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc == ERR_OK ? add(&x, inv, a, e) : rc;
}

static enum err_code
read_content(
    struct json_reader *r, struct inventory *inv, struct arena *a, struct err *e)
{
	struct json_value first;
	enum err_code rc;
	bool in, more;

	if ((rc = json_enter(r, JSON_ARRAY, &in, e)) != ERR_OK || !in)
		return rc;
	while ((rc = json_item(r, &first, &more, e)) == ERR_OK && more) {
		if (first.token == JSON_OBJECT) {
			rc = read_application(r, inv, a, e);
		} else {
			inventory_warn(inv, a, "an application that is no object");
			rc = json_skip(r, &first, e);
		}
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_document(
    struct json_reader *r, struct inventory *inv, struct arena *a, struct err *e)
{
	struct json_value v;
	enum err_code rc;
	bool in, more, any = false;

	if ((rc = json_enter(r, JSON_OBJECT, &in, e)) != ERR_OK)
		return rc;
	while (in && (rc = json_key(r, &v, &more, e)) == ERR_OK && more) {
		bool is_content = str_eq(v.text, "Content");

		any = any || is_content;
		rc = is_content ? read_content(r, inv, a, e) : json_skip_next(r, e);
		if (rc != ERR_OK)
			return rc;
	}
	if (rc == ERR_OK && (rc = json_next(r, &v, e)) == ERR_OK && !any)
		return err_set(e, ERR_INPUT, "an inventory without Content");
	return rc;
}

static enum err_code
read_bottlerocket(struct stream *in, const struct inventory_hints *hints,
    struct arena *a, struct inventory *inv, struct err *e)
{
	struct json_reader *r;
	enum err_code rc;

	if ((rc = inventory_system(inv, hints, a, e)) != ERR_OK)
		return rc;
	r = json_reader_new(in);
	rc = read_document(r, inv, a, e);
	json_reader_free(r);
	return rc;
}

static int
sniff_bottlerocket(const char *head, size_t n)
{
	static const char content[] = "\"Content\"", type[] = "\"ApplicationType\"";
	size_t blanks = 0;

	while (blanks < n && memchr(" \t\r\n", head[blanks], 4) != NULL)
		blanks++;
	return blanks < n && head[blanks] == '{' &&
		       memmem(head, n, content, strlen(content)) != NULL &&
		       memmem(head, n, type, strlen(type)) != NULL
		   ? 80
		   : 0;
}

const struct reader reader_bottlerocket = {
	.name = "bottlerocket",
	.summary = "Bottlerocket's list of packages (application-inventory.json)",
	.sniff = sniff_bottlerocket,
	.read = read_bottlerocket,
};

/* ---- in a file system ---- */

/* Also below "x86_64-bottlerocket-linux-gnu/sys-root". */
static bool
wants_bottlerocket(const struct image_file *f)
{
	return str_ends(f->path, "usr/share/bottlerocket/application-inventory.json");
}

static enum err_code
read_bottlerocket_file(
    const struct image_file *f, struct arena *a, struct inventory *inv, struct err *e)
{
	return inventory_read_file(&reader_bottlerocket, f, a, inv, e);
}

const struct database database_bottlerocket = {
	.name = "bottlerocket",
	.summary = "Bottlerocket's list of packages",
	.type = "rpm",
	.wants = wants_bottlerocket,
	.read = read_bottlerocket_file,
};
