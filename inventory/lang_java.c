/* SPDX-License-Identifier: Apache-2.0 */
/*
 * java - archives of Java (jar, war, ear and relatives), and those inside them: every
 * META-INF/maven/GROUP/ARTIFACT/pom.properties is an artifact that is in there, a shaded
 * archive has many; an archive without its own is guessed at (java.c).
 *
 *   app.war!/WEB-INF/lib/commons-io-2.11.0.jar     where an inner one was found
 *
 * Only what is looked at is unpacked, and all that is counts against one budget for the
 * outermost file: an archive in an archive is held in memory whole.
 */
#include <string.h>
#include <strings.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/members.h"
#include "core/str.h"
#include "core/stream.h"
#include "inventory/java.h"

#define POM        "pom.properties"
#define POM_FOLDER "META-INF/maven/"
#define MANIFEST   "META-INF/MANIFEST.MF"
#define MANIFEST_HEAD                                                                  \
	1048576             /* its main section is at the begin, sums of files follow */
#define SMALL_FILE 67108864 /* may always be unpacked, however well it was packed */
#define MAX_SHOWN  1024

struct nest {
	struct inventory *inv;
	struct arena *a;
	uint64_t left; /* bytes that may still be unpacked */
	size_t held;   /* bytes of archives that are open */
};

struct jar {
	struct nest *nest;
	const char *path;
	struct arena *scrap;
	struct language_list poms;
	struct java_manifest manifest;
	unsigned depth;
};

static enum err_code read_jar(struct nest *nest, const char *path, const void *p,
    size_t len, unsigned depth, struct err *e);

/* A zip, or a script that starts what follows it. */
static bool
begins_archive(const char *p, size_t n)
{
	return n >= 4 && (memcmp(p, "PK", 2) == 0 || memcmp(p, "#!", 2) == 0);
}

/* ---- one member ---- */

/* All of IN, or no more than MAX if IS_HEAD; ERR_LIMIT beyond MAX, or the budget. */
static enum err_code
unpack(struct nest *nest, struct stream *in, size_t max, bool is_head, struct buf *ret,
    struct err *e)
{
	const char *p;
	size_t n;
	enum err_code rc;

	while ((rc = stream_read(in, &p, &n, e)) == ERR_OK && n > 0) {
		if (n > nest->left)
			return err_set(
			    e, ERR_LIMIT, "unpacks to implausibly many bytes");
		nest->left -= n;
		if (ret->len + n > max && !is_head)
			return err_set(e, ERR_LIMIT, "more than %zu bytes", max);
		buf_add(ret, p, n < max - ret->len ? n : max - ret->len);
		if (ret->len == max)
			break;
	}
	return rc;
}

static enum err_code
read_pom(struct jar *j, struct stream *in, struct err *e)
{
	struct buf text CLEANUP_BUF = BUF_INIT(MAX_LANGUAGE_FILE);
	struct language_package p;
	enum err_code rc = unpack(j->nest, in, MAX_LANGUAGE_FILE, false, &text, e);

	if (rc == ERR_OK && java_pom_read(buf_str(&text), text.len, j->scrap, &p))
		language_push(&j->poms, &p);
	return rc;
}

static enum err_code
read_manifest(struct jar *j, struct stream *in, struct err *e)
{
	struct buf text CLEANUP_BUF = BUF_INIT(MANIFEST_HEAD);
	enum err_code rc = unpack(j->nest, in, MANIFEST_HEAD, true, &text, e);

	if (rc == ERR_OK)
		java_manifest_read(buf_str(&text), text.len, j->scrap, &j->manifest);
	return rc;
}

/* An archive inside: its bytes, none if it only has the name of one. */
static enum err_code
unpack_inner(struct jar *j, struct stream *in, struct buf *ret, struct err *e)
{
	enum err_code rc;

	if (j->depth == MAX_NESTED_DEPTH)
		return err_set(e, ERR_LIMIT, "more than %zu archives inside each other",
		    MAX_NESTED_DEPTH);
	rc = unpack(j->nest, in, ret->max, false, ret, e);
	if (rc != ERR_OK || !begins_archive(ret->data, ret->len))
		buf_reset(ret);
	return rc;
}

static bool
is_pom(const char *name)
{
	return str_eq(language_base(name), POM) && strstr(name, POM_FOLDER) != NULL;
}

/* What a member cannot be read for is a warning. */
static enum err_code
read_member(struct jar *j, const char *name, struct stream *in, struct err *e)
{
	struct buf inner CLEANUP_BUF = BUF_INIT(MAX_NESTED_HELD - j->nest->held);
	struct err why = ERR_INIT;
	const char *path;
	enum err_code rc = ERR_OK;

	if (is_pom(name))
		(void)read_pom(j, in, &why);
	else if (strcasecmp(name, MANIFEST) == 0)
		(void)read_manifest(j, in, &why);
	else if (java_is_archive(name))
		(void)unpack_inner(j, in, &inner, &why);
	if (why.code == ERR_OK && inner.len == 0)
		return ERR_OK;
	path = arena_printf(j->scrap, "%s!/%s", j->path,
	    utf8_clean(j->scrap, name, strlen(name), MAX_SHOWN, true));
	if (why.code != ERR_OK) {
		language_refuse(j->nest->inv, path, &why, j->nest->a);
		return ERR_OK;
	}
	j->nest->held += inner.len;
	rc = read_jar(j->nest, path, inner.data, inner.len, j->depth + 1, e);
	j->nest->held -= inner.len;
	return rc;
}

/* ---- one archive ---- */

static enum err_code
read_members(struct jar *j, const void *p, size_t len, struct err *e)
{
	const struct members_caps caps = { .member_bytes = UINT64_MAX,
		.bytes = UINT64_MAX,
		.members = MAX_NESTED_MEMBERS };
	struct err why = ERR_INIT;
	struct members *m = NULL;
	struct stream *in;
	const char *name;
	enum err_code rc = ERR_OK;

	if (members_open_zip(&m, p, len, &caps, &why) == ERR_OK)
		while (rc == ERR_OK && members_next(m, &name, &in, &why) == ERR_OK &&
		       name != NULL)
			rc = read_member(j, name, in, e);
	members_close(m);
	if (why.code != ERR_OK)
		language_refuse(j->nest->inv, j->path, &why, j->nest->a);
	return rc;
}

/* ERR_LIMIT only for the caps of the whole inventory. */
static enum err_code
read_jar(struct nest *nest, const char *path, const void *p, size_t len, unsigned depth,
    struct err *e)
{
	struct jar j = {
		.nest = nest,
		.path = path,
		.scrap = arena_new(),
		.depth = depth,
	};
	struct language_package own;
	enum err_code rc;

	j.poms.a = j.scrap;
	rc = read_members(&j, p, len, e);
	if (rc == ERR_OK && java_guess(path, &j.manifest, &j.poms, j.scrap, &own))
		language_push(&j.poms, &own);
	if (rc == ERR_OK)
		rc = language_add(nest->inv, path, &j.poms, nest->a, e);
	arena_free(j.scrap);
	return rc;
}

/* ---- the row ---- */

/* By its name; where its bytes are at hand it must begin as a zip, or as a script. */
static bool
wants_java(const struct image_file *f)
{
	return java_is_archive(f->path) &&
	       (f->len == 0 || begins_archive(f->bytes, f->len));
}

static enum err_code
read_java(
    const struct image_file *f, struct arena *a, struct inventory *inv, struct err *e)
{
	struct nest nest = { .inv = inv, .a = a, .left = MAX_NESTED_BYTES };

	if (f->len == 0)
		return ERR_OK;
	if (f->len < (MAX_NESTED_BYTES - SMALL_FILE) / MAX_NESTED_RATIO)
		nest.left = SMALL_FILE + f->len * MAX_NESTED_RATIO;
	return read_jar(&nest, f->path, f->bytes, f->len, 1, e);
}

const struct database database_java = {
	.name = "java",
	.summary = "Java: jar, war, ear and relatives, also inside each other",
	.wants = wants_java,
	.read = read_java,
};
