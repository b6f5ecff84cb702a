/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm - rpm's database, in whichever of its three containers it lies.  What the file is,
 * its first bytes say: names are no guide, since "Packages" was several things.
 */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/stream.h"
#include "inventory/databases.h"
#include "inventory/rpm_private.h"

static const struct rpm_container *const containers[] = { &rpm_sqlite, &rpm_ndb,
	&rpm_bdb };

const struct rpm_container *
rpm_container_of(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < sizeof(containers) / sizeof(containers[0]); i++)
		if (containers[i]->is(p, n))
			return containers[i];
	return NULL;
}

struct reading {
	struct inventory *inv;
	struct arena *a;
};

static void
warn_broken(void *arg, const char *why)
{
	struct reading *r = arg;

	inventory_warn(r->inv, r->a, "a package left out: %s", why);
}

static enum err_code
take_blob(void *arg, const unsigned char *p, size_t len, struct err *e)
{
	struct reading *r = arg;
	struct rpm_header h;
	const char *why;

	if (!rpm_header_read(p, len, r->a, &h, &why)) {
		inventory_warn(r->inv, r->a, "a package left out: its header: %s", why);
		return ERR_OK;
	}
	h.vendor = str_or_empty(h.vendor);
	return rpm_package_add(r->inv, &h, r->a, e);
}

static enum err_code
read_container(const unsigned char *p, size_t n, struct arena *a, struct inventory *inv,
    struct err *e)
{
	const struct rpm_container *c = rpm_container_of(p, n);
	struct reading r = { .inv = inv, .a = a };
	const struct rpm_sink sink = {
		.arena = a,
		.blob = take_blob,
		.broken = warn_broken,
		.arg = &r,
	};
	size_t first = inv->n;
	enum err_code rc;

	if (c == NULL)
		return err_set(e, ERR_INPUT, "no rpm database of a known kind");
	if ((rc = c->read(p, n, &sink, e)) != ERR_OK)
		return err_wrap(e, rc, "%s", c->name);
	rpm_package_epochs(inv, first, a);
	return ERR_OK;
}

static enum err_code
read_rpm(struct stream *in, const struct inventory_hints *hints, struct arena *a,
    struct inventory *inv, struct err *e)
{
	struct buf all = BUF_INIT(MAX_UPLOAD_BYTES);
	enum err_code rc = inventory_system(inv, hints, a, e);

	if (rc == ERR_OK && (rc = stream_read_all(in, &all, e)) == ERR_OK)
		rc = read_container(
		    (const unsigned char *)buf_str(&all), all.len, a, inv, e);
	buf_done(&all);
	return rc;
}

static int
sniff_rpm(const char *head, size_t n)
{
	return rpm_container_of((const unsigned char *)head, n) != NULL ? 95 : 0;
}

const struct reader reader_rpm = {
	.name = "rpm",
	.summary = "rpm's package database (rpmdb.sqlite, Packages.db, Packages)",
	.sniff = sniff_rpm,
	.read = read_rpm,
};

/* ---- inside a file system ---- */

/* The first of these that is there is the one in use: rpm itself looks in this order. */
static bool
wants_rpm(const struct image_file *f)
{
	static const char *const folders[] = { "var/lib/rpm/", "usr/lib/sysimage/rpm/",
		"usr/share/rpm/" };
	static const char *const names[] = { "rpmdb.sqlite", "Packages.db",
		"Packages" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (!str_starts(f->path, folders[i]))
			continue;
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			if (str_eq(f->path + strlen(folders[i]), names[k]))
				return true;
	}
	return false;
}

static enum err_code
read_rpm_file(
    const struct image_file *f, struct arena *a, struct inventory *inv, struct err *e)
{
	return inventory_read_file(&reader_rpm, f, a, inv, e);
}

const struct database database_rpm = {
	.name = "rpm",
	.summary = "rpm's package database",
	.type = "rpm",
	.is_one = true,
	.wants = wants_rpm,
	.read = read_rpm_file,
};
