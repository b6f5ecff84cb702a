/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which system an image holds: os-release where there is one, else the older files that say
 * it in their own words, in the order in which they are to be believed.
 */
#include <string.h>
#include <strings.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/image_private.h"

#define MAX_SYSTEM_FILE 65536

/* ---- the words of the older files ---- */

static void
from_alpine_release(const char *text, struct arena *a, struct os_words *w)
{
	w->id = "alpine";
	w->version_id = str_trim(a, text, strlen(text));
}

/* DISTRIB_ID=Ubuntu: the same grammar with other names. */
static void
from_lsb_release(const char *text, struct arena *a, struct os_words *w)
{
	static const struct {
		const char *from, *to;
	} names[] = { { "DISTRIB_ID=", "ID=" }, { "DISTRIB_RELEASE=", "VERSION_ID=" },
		{ "DISTRIB_CODENAME=", "VERSION_CODENAME=" } };
	struct buf as_os_release = BUF_INIT(MAX_SYSTEM_FILE * 2);

	while (*text != '\0') {
		size_t n = strcspn(text, "\n");

		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			size_t skip = strlen(names[i].from);

			if (strncmp(text, names[i].from, skip) != 0)
				continue;
			buf_adds(&as_os_release, names[i].to);
			buf_add(&as_os_release, text + skip, n - skip);
			buf_addc(&as_os_release, '\n');
		}
		text += n + (text[n] == '\n');
	}
	osrelease_read(buf_str(&as_os_release), a, w);
	buf_done(&as_os_release);
}

static void
from_debian_version(const char *text, struct arena *a, struct os_words *w)
{
	w->debian_version = str_trim(a, text, strlen(text));
}

/* "CentOS Linux release 7.9.2009 (Core)", "Red Hat Enterprise Linux Server release 6.10" */
static void
from_release_line(const char *text, struct arena *a, struct os_words *w)
{
	static const struct {
		const char *begins, *id;
	} names[] = { { "Red Hat", "rhel" }, { "CentOS", "centos" },
		{ "Rocky", "rocky" }, { "AlmaLinux", "almalinux" }, { "Oracle", "ol" },
		{ "Amazon", "amzn" }, { "Fedora", "fedora" },
		{ "VMware Photon", "photon" } };
	const char *release = strcasestr(text, " release ");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncasecmp(text, names[i].begins, strlen(names[i].begins)) == 0)
			w->id = names[i].id;
	if (w->id == NULL || release == NULL)
		return;
	w->name = str_trim(a, text, (size_t)(release - text));
	release += strlen(" release ");
	w->version_id = arena_strndup(a, release, strspn(release, "0123456789."));
}

static const struct system_file {
	const char *path;
	void (*read)(const char *text, struct arena *a, struct os_words *w);
} system_files[] = {
	{ "etc/os-release", osrelease_read },
	{ "usr/lib/os-release", osrelease_read },
	{ "etc/alpine-release", from_alpine_release },
	{ "etc/lsb-release", from_lsb_release },
	{ "etc/debian_version", from_debian_version },
	{ "etc/redhat-release", from_release_line },
	{ "etc/centos-release", from_release_line },
	{ "etc/system-release", from_release_line },
	{ "usr/lib/system-release", from_release_line },
};

bool
image_is_system_file(const char *path)
{
	for (size_t i = 0; i < sizeof(system_files) / sizeof(system_files[0]); i++)
		if (str_eq(system_files[i].path, path))
			return true;
	return false;
}

/* ---- which one speaks ---- */

/* The text of PATH in A; NULL if it is not there. */
static const char *
text_of(struct image *im, struct tree *t, const char *path, struct arena *a)
{
	tree_node n = tree_find(t, path);
	const struct version *v = n == TREE_NONE ? NULL : tree_version(t, n);
	struct image_map m;
	const char *text;

	if (v == NULL || !v->is_spooled || v->size > MAX_SYSTEM_FILE ||
	    image_spool_map(&im->spool, v->at, v->size, &m, NULL) != ERR_OK)
		return NULL;
	text = arena_strndup(a, m.bytes, (size_t)v->size);
	image_spool_unmap(&m);
	return text;
}

void
image_system(struct image *im, struct tree *t, const struct inventory_hints *hints,
    struct arena *a, struct os *ret)
{
	struct os_words w = { 0 };
	const char *text;

	for (size_t i = 0; i < sizeof(system_files) / sizeof(system_files[0]) &&
			   (w.id == NULL || *w.id == '\0') && w.debian_version == NULL;
	     i++) {
		text = text_of(im, t, system_files[i].path, a);
		if (text != NULL)
			system_files[i].read(text, a, &w);
	}
	/* testing and unstable have no VERSION_ID: only this file tells them apart */
	if (w.debian_version == NULL &&
	    (text = text_of(im, t, "etc/debian_version", a)) != NULL)
		from_debian_version(text, a, &w);
	ecosystem_of_os(&w, hints->now_at, a, ret);
}
