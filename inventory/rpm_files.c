/* SPDX-License-Identifier: Apache-2.0 */
/* rpm_files - the lists of files in the headers of a database, one header at a time. */
#include "inventory/rpm_files.h"

#include "core/arena.h"
#include "inventory/rpm_private.h"

#define MAX_FILES 10000000u /* ten times what a large system has */

struct listing {
	struct arena *scrap;
	const struct rpm_file_sink *sink; /* what is handed on is counted on the way */
	struct rpm_file_sink counting;
	size_t left;
};

static void
count_file(void *arg, const char *package, const char *folder, size_t folder_len,
    const char *name, size_t name_len)
{
	struct listing *l = arg;

	l->left--;
	l->sink->file(l->sink->arg, package, folder, folder_len, name, name_len);
}

static enum err_code
take_blob(void *arg, const unsigned char *p, size_t len, struct err *e)
{
	struct listing *l = arg;

	(void)e;
	arena_reset(l->scrap);
	(void)rpm_header_files(p, len, l->scrap, l->left, &l->counting);
	return ERR_OK;
}

static void
pass_over(void *arg, const char *why)
{
	(void)arg, (void)why;
}

enum err_code
rpm_files_read(const void *p, size_t n, const struct rpm_file_sink *sink, struct err *e)
{
	struct listing l = { .scrap = arena_new(), .sink = sink, .left = MAX_FILES };
	const struct rpm_container *c = rpm_container_of(p, n);
	struct arena *a = arena_new();
	const struct rpm_sink blobs = {
		.arena = a,
		.blob = take_blob,
		.broken = pass_over,
		.arg = &l,
	};
	enum err_code rc;

	l.counting = (struct rpm_file_sink){ .file = count_file, .arg = &l };
	rc = c != NULL ? c->read(p, n, &blobs, e)
		       : err_set(e, ERR_INPUT, "no rpm database of a known kind");
	arena_free(a);
	arena_free(l.scrap);
	return rc;
}
