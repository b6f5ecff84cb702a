/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images are read in a child process that can do nothing but read and answer (see
 * core/sandbox.h), with a temporary file that has no name.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/digest.h"
#include "core/sandbox.h"
#include "core/str.h"
#include "inventory/image_private.h"

/* ---- the spool's file ---- */

static int
open_unnamed(const char *folder)
{
	char name[512];
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	int n;

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
		return fd;
	/* a file system that gives every file a name: take it away at once */
	n = snprintf(name, sizeof(name), "%s/tocsin-spool-XXXXXX", folder);
	if (n < 0 || (size_t)n >= sizeof(name) || (fd = mkostemp(name, O_CLOEXEC)) < 0)
		return -1;
	(void)unlink(name);
	return fd;
}

static int
open_spool(const struct inventory_hints *hints)
{
	const char *const folders[] = { hints->spool_dir, getenv("TMPDIR"), "/var/tmp",
		"/tmp" };
	int fd = -1;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && fd < 0; i++)
		if (folders[i] != NULL && folders[i][0] != '\0')
			fd = open_unnamed(folders[i]);
	return fd;
}

/* ---- the work ---- */

/* A member's name may be part of it, and a name is any bytes. */
static enum err_code
speakable(enum err_code rc, struct err *e)
{
	if (e != NULL && rc != ERR_OK && !utf8_valid(e->text, strlen(e->text)))
		for (char *p = e->text; *p != '\0'; p++)
			if ((unsigned char)*p >= 0x80)
				*p = '?';
	return rc;
}

static enum err_code
read_job(const struct image_job *job, int spool, struct arena *a, struct inventory *inv,
    struct err *e)
{
	enum err_code rc;

	if (job->archive != NULL)
		rc = image_archive_read(job->archive, spool, job->hints, a, inv, e);
	else
		rc = image_folder_read(job->folder, spool, job->hints, a, inv, e);
	if (rc != ERR_OK)
		return rc;
	/* a manifest says that it is an image, an empty one perhaps; files say nothing */
	/* one that is there and cannot be read is no sign that there is none */
	if (inv->n == 0 && inv->layers == NULL && !inv->partial)
		return err_set(e, ERR_UNSUPPORTED,
		    "no image, and no package database that is known");
	inventory_normalize(inv);
	return ERR_OK;
}

enum err_code
image_inventory_here(
    const struct image_job *job, struct arena *a, struct inventory **ret, struct err *e)
{
	struct inventory *inv = arena_zalloc(a, sizeof(*inv));
	int spool = open_spool(job->hints);
	enum err_code rc;

	if (spool < 0)
		return err_set(
		    e, ERR_STORAGE, "no temporary file: %s", strerror(errno));
	rc = read_job(job, spool, a, inv, e);
	(void)close(spool);
	if (rc == ERR_OK)
		*ret = inv;
	return speakable(rc, e);
}

struct child {
	const struct image_job *job;
	int spool;
};

/* Its memory goes with the process. */
static enum err_code
work(void *arg, struct buf *out, struct err *e)
{
	const struct child *c = arg;
	struct inventory inv = { 0 };
	enum err_code rc = read_job(c->job, c->spool, arena_new(), &inv, e);

	if (rc == ERR_OK)
		inventory_pack(&inv, out);
	return rc;
}

enum err_code
image_inventory(
    const struct image_job *job, struct arena *a, struct inventory **ret, struct err *e)
{
	struct child c = { .job = job, .spool = open_spool(job->hints) };
	int fds[2] = { c.spool };
	struct sandbox s = {
		.fds = fds,
		.n_fds = 1,
		.folder = -1,
		.memory = MAX_READER_MEMORY,
		.file = MAX_IMAGE_SPOOL,
		.cpu_s = (unsigned)MAX_READER_CPU_S,
		.wall_ms = (int64_t)MAX_READER_WALL_S * 1000,
		.result = MAX_READER_RESULT,
		.reader = "the reader of images",
	};
	struct buf out = BUF_INIT(MAX_READER_RESULT);
	unsigned char sum[SHA256_SIZE];
	enum err_code rc;

	if (c.spool < 0)
		return err_set(
		    e, ERR_STORAGE, "no temporary file: %s", strerror(errno));
	if (job->hints->seconds != 0) {
		s.cpu_s = job->hints->seconds;
		s.wall_ms = (int64_t)job->hints->seconds * 1000;
	}
	if (job->archive == NULL)
		s.folder = fds[s.n_fds++] = job->folder;
	else if (job->archive->fd >= 0)
		fds[s.n_fds++] = job->archive->fd;
	/* what libcrypto looks up once is looked up here, where its locks are not ours */
	sha256_of("", 0, sum);
	rc = sandbox_run(&s, work, &c, &out, e);
	if (rc == ERR_OK)
		rc = inventory_unpack(buf_str(&out), out.len, a, ret, e);
	buf_done(&out);
	(void)close(c.spool);
	return speakable(rc, e);
}
