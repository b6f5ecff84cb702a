/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rows_dump ROOT [PATH...] - what the rows of the table find in the folders PATH below ROOT
 * (all of it without one), a line each: type, ecosystem, name, version, flags (G guessed, O
 * the system's own), package URL, path; then "!" and each warning.  Links are not followed.
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/inventory_private.h"
#include "inventory/language.h"
#include "inventory/owned.h"

/* nftw() hands nothing through. */
static struct arena *a;
static struct inventory inv;
static struct owned_paths *owned;
static size_t root_len;

/* The system's packages, since who publishes them decides about what they own. */
static enum err_code
read_status(const struct image_file *f, struct err *e)
{
	const struct inventory_hints hints = { .os = "debian:12" };
	struct inventory *status;
	enum err_code rc =
	    inventory_read_memory(f->bytes, f->len, &hints, a, &status, e);

	for (size_t i = 0; rc == ERR_OK && i < status->n; i++)
		rc = inventory_add(&inv, &status->components[i], a, e);
	return rc;
}

static enum err_code
read_bytes(const struct image_file *f, struct err *e)
{
	enum err_code rc = ERR_OK;

	if (str_eq(f->path, "var/lib/dpkg/status"))
		rc = read_status(f, e);
	if (owned_paths_wants(f))
		owned_paths_read(owned, f);
	for (size_t i = 0; inventory_databases[i] != NULL && rc == ERR_OK; i++)
		if (inventory_databases[i]->wants(f))
			rc = inventory_databases[i]->read(f, a, &inv, e);
	return rc;
}

static int
visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct image_file f = { .path = path + root_len,
		.mode = st->st_mode & 07777,
		.size = (uint64_t)st->st_size,
		.bytes = "",
		.len = (size_t)st->st_size };
	struct err e = ERR_INIT;
	void *map = NULL;
	int fd;

	(void)ftw;
	if (type != FTW_F || !S_ISREG(st->st_mode))
		return 0;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return 0;
	if (f.len > 0 &&
	    (map = mmap(NULL, f.len, PROT_READ, MAP_PRIVATE, fd, 0)) == MAP_FAILED) {
		(void)close(fd);
		return 0;
	}
	if (map != NULL)
		f.bytes = map;
	if (read_bytes(&f, &e) != ERR_OK)
		(void)fprintf(stderr, "%s: %s\n", path, e.text);
	if (map != NULL)
		(void)munmap(map, f.len);
	(void)close(fd);
	return e.code != ERR_OK;
}

static void
print(void)
{
	for (size_t i = 0; i < inv.n; i++) {
		const struct component *c = &inv.components[i];

		if (c->path == NULL)
			continue;
		(void)printf("%s\t%s\t%s\t%s\t%s%s\t%s\t%s\n", c->type,
		    c->ecosystem != NULL ? c->ecosystem : "-", c->name, c->version,
		    (c->flags & COMPONENT_GUESSED) != 0 ? "G" : "",
		    (c->flags & COMPONENT_OWNED) != 0 ? "O" : "",
		    c->purl != NULL ? c->purl : "-", c->path);
	}
	for (size_t i = 0; i < inv.n_warnings; i++)
		(void)printf("!\t%s\n", inv.warnings[i]);
}

int
main(int argc, char **argv)
{
	int bad = argc < 2;

	a = arena_new();
	owned = owned_paths_new();
	if (argc >= 2)
		root_len = strlen(argv[1]);
	if (argc >= 2 && argv[1][root_len - 1] != '/')
		root_len++;
	if (argc == 2)
		bad = nftw(argv[1], visit, 32, FTW_PHYS) != 0;
	for (int i = 2; i < argc && !bad; i++)
		bad = nftw(arena_printf(a, "%s%s%s", argv[1],
			       str_ends(argv[1], "/") ? "" : "/", argv[i]),
			  visit, 32, FTW_PHYS) > 0;
	language_settle(&inv, owned, a);
	inventory_normalize(&inv);
	print();
	owned_paths_free(owned);
	arena_free(a);
	return bad;
}
