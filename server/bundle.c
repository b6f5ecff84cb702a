/* SPDX-License-Identifier: Apache-2.0 */
/* The file of a bundle: its seal, and writing one; see bundle.h. */
#include "server/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/pack.h"
#include "core/str.h"
#include "server/bundle_private.h"
#include "server/service.h"

/* ---- the seal ---- */

/* A skippable frame of zstd (RFC 8878): magic, length of what follows. */
static const unsigned char frame_head[8] = { 0x50, 0x2a, 0x4d, 0x18,
	BUNDLE_SEAL_SIZE - 8, 0, 0, 0 };
static const char mark[8] = "TOCSINB1";

/* SHA-256 of the first LEN bytes of FD. */
static enum err_code
digest_of(int fd, off_t len, unsigned char ret[SHA256_SIZE], struct err *e)
{
	struct sha256 *sha = sha256_new();
	char chunk[65536];
	off_t at = 0;
	ssize_t n = 1;

	while (at < len && n > 0) {
		size_t want = len - at < (off_t)sizeof(chunk) ? (size_t)(len - at)
							      : sizeof(chunk);

		n = pread(fd, chunk, want, at);
		if (n > 0)
			sha256_update(sha, chunk, (size_t)n);
		at += n;
	}
	sha256_final(sha, ret);
	sha256_free(sha);
	return n > 0 ? ERR_OK : err_set(e, ERR_STORAGE, "cannot read the bundle");
}

/* What is signed: not any 32 bytes, but those of a bundle. */
static void
statement_of(const unsigned char digest[SHA256_SIZE], unsigned char out[40])
{
	memcpy(out, mark, sizeof(mark));
	memcpy(out + sizeof(mark), digest, SHA256_SIZE);
}

static enum err_code
seal(int fd, const struct sign_key *key, struct err *e)
{
	unsigned char digest[SHA256_SIZE], statement[40], out[BUNDLE_SEAL_SIZE];
	off_t len = lseek(fd, 0, SEEK_END);
	enum err_code rc;

	if (len <= 0)
		return err_set(e, ERR_STORAGE, "cannot read the bundle");
	if ((rc = digest_of(fd, len, digest, e)) != ERR_OK)
		return rc;
	statement_of(digest, statement);
	memcpy(out, frame_head, 8);
	memcpy(out + 8, mark, 8);
	memcpy(out + 16, key->open, SIGN_KEY_SIZE);
	rc = sign_make(key, statement, sizeof(statement), out + 16 + SIGN_KEY_SIZE, e);
	if (rc != ERR_OK)
		return rc;
	if (write(fd, out, sizeof(out)) != (ssize_t)sizeof(out) || fsync(fd) != 0)
		return err_set(
		    e, ERR_STORAGE, "cannot write the bundle: %s", strerror(errno));
	return ERR_OK;
}

static enum err_code
check_seal(int fd, unsigned char ret_key[SIGN_KEY_SIZE], struct err *e)
{
	unsigned char digest[SHA256_SIZE], statement[40], in[BUNDLE_SEAL_SIZE];
	off_t len = lseek(fd, 0, SEEK_END) - BUNDLE_SEAL_SIZE;
	enum err_code rc;

	if (len <= 0 || pread(fd, in, sizeof(in), len) != (ssize_t)sizeof(in) ||
	    memcmp(in, frame_head, 8) != 0 || memcmp(in + 8, mark, 8) != 0)
		return err_set(e, ERR_INPUT, "this is no bundle, or it was cut short");
	if ((rc = digest_of(fd, len, digest, e)) != ERR_OK)
		return rc;
	statement_of(digest, statement);
	memcpy(ret_key, in + 16, SIGN_KEY_SIZE);
	if (!sign_verify(
		ret_key, statement, sizeof(statement), in + 16 + SIGN_KEY_SIZE))
		return err_set(e, ERR_DENIED,
		    "the signature does not fit: the bundle was changed");
	return ERR_OK;
}

enum err_code
bundle_signer(const char *path, unsigned char ret_key[SIGN_KEY_SIZE], struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum err_code rc;

	if (fd < 0)
		return err_set(e, errno == ENOENT ? ERR_NOTFOUND : ERR_DENIED, "%s: %s",
		    path, strerror(errno));
	rc = check_seal(fd, ret_key, e);
	(void)close(fd);
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "%s", path);
}

/* ---- writing ---- */

#define RECORDS_AT_ONCE 500

struct writing {
	struct worker *w;
	struct pack *pack;
	struct arena *a;
	struct bundle_figures figures;
};

static bool
is_chosen(const char *const *globs, const char *name)
{
	if (globs == NULL)
		return true;
	for (size_t i = 0; globs[i] != NULL; i++)
		if (glob_match(globs[i], name))
			return true;
	return false;
}

static enum err_code
write_line(struct writing *x, struct buf *line, struct err *e)
{
	buf_addc(line, '\n');
	return line->full ? err_set(e, ERR_LIMIT, "a line of the bundle is too long")
			  : pack_write(x->pack, buf_str(line), line->len, e);
}

static enum err_code
write_head(struct writing *x, struct err *e)
{
	struct buf line CLEANUP_BUF = BUF_INIT(MAX_TEXT);
	struct json_writer w;

	jw_init(&w, &line);
	jw_object(&w);
	jw_kint(&w, "tocsin_bundle", BUNDLE_VERSION);
	jw_ktime(&w, "made", clock_now_s(x->w->clock));
	jw_ktext(&w, "by", "tocsin " TOCSIN_VERSION);
	jw_object_end(&w);
	return write_line(x, &line, e);
}

static enum err_code
write_feed(struct writing *x, const struct feed_row *f, struct err *e)
{
	struct buf line CLEANUP_BUF = BUF_INIT(MAX_RECORD_BYTES);
	struct json_writer w;

	jw_init(&w, &line);
	jw_object(&w);
	jw_key(&w, "feed");
	jw_object(&w);
	jw_ktext(&w, "name", f->name);
	jw_ktext(&w, "source", f->source);
	jw_kint(&w, "source_rank", f->source_rank);
	jw_ktext(&w, "driver", f->driver);
	jw_kint(&w, "driver_revision", f->driver_revision);
	jw_ktext(&w, "url", f->url);
	jw_ktext(&w, "ecosystems", f->ecosystems);
	jw_ktext(&w, "remark", f->remark);
	jw_kbool(&w, "enriches", f->enriches);
	jw_kint(&w, "interval_s", f->interval_ms / 1000);
	jw_ktime(&w, "as_of", f->last_success_at);
	jw_kint(&w, "records", f->n_records);
	jw_object_end(&w);
	jw_object_end(&w);
	return write_line(x, &line, e);
}

/* The next page of what F says. */
static enum err_code
read_page(struct writing *x, const struct feed_row *f, const char *after,
    struct arena *page, struct kept_record **ret, size_t *ret_n, struct err *e)
{
	if (str_eq(f->driver, "epss"))
		return store_feed_scores(
		    x->w->store, f, after, RECORDS_AT_ONCE, page, ret, ret_n, e);
	return store_feed_records(
	    x->w->store, f->id, after, RECORDS_AT_ONCE, page, ret, ret_n, e);
}

static enum err_code
write_records(struct writing *x, const struct feed_row *f, struct err *e)
{
	struct buf line CLEANUP_BUF = BUF_INIT(MAX_RECORD_BYTES + 2);
	char *after = arena_strdup(x->a, "");
	struct arena *page = arena_new();
	struct kept_record *rows = NULL;
	size_t n = RECORDS_AT_ONCE;
	enum err_code rc = ERR_OK;

	while (rc == ERR_OK && n == RECORDS_AT_ONCE) {
		arena_reset(page);
		rc = read_page(x, f, after, page, &rows, &n, e);
		for (size_t i = 0; i < n && rc == ERR_OK; i++) {
			x->figures.skipped += rows[i].json == NULL;
			x->figures.records += rows[i].json != NULL;
			if (rows[i].json == NULL)
				continue;
			buf_reset(&line);
			buf_add(&line, rows[i].json, rows[i].len);
			rc = write_line(x, &line, e);
		}
		if (rc == ERR_OK && n > 0)
			after = arena_strdup(x->a, rows[n - 1].key);
		if (rc == ERR_OK && x->w->progress != NULL &&
		    !x->w->progress(x->w->arg, "exporting", 0, 0, x->figures.records))
			rc = err_set(e, ERR_BUSY, "stopped");
	}
	arena_free(page);
	return rc;
}

static enum err_code
write_end(struct writing *x, struct err *e)
{
	struct buf line CLEANUP_BUF = BUF_INIT(MAX_TEXT);
	struct json_writer w;

	jw_init(&w, &line);
	jw_object(&w);
	jw_kbool(&w, "end", true);
	jw_kint(&w, "feeds", (int64_t)x->figures.feeds);
	jw_kint(&w, "records", (int64_t)x->figures.records);
	jw_object_end(&w);
	return write_line(x, &line, e);
}

static enum err_code
write_all(struct writing *x, const struct bundle_choice *choice, struct err *e)
{
	struct feed_row *feeds = NULL;
	size_t n = 0;
	enum err_code rc;

	if ((rc = write_head(x, e)) != ERR_OK ||
	    (rc = store_feeds(x->w->store, x->a, &feeds, &n, e)) != ERR_OK)
		return rc;
	for (size_t i = 0; i < n && rc == ERR_OK; i++) {
		const struct feed_row *f = &feeds[i];

		if (!f->ever_applied || f->last_success_at == 0 ||
		    !is_chosen(choice->feeds, f->name) ||
		    !is_chosen(choice->sources, f->source))
			continue;
		x->figures.feeds++;
		if ((rc = write_feed(x, f, e)) == ERR_OK)
			rc = write_records(x, f, e);
	}
	if (rc == ERR_OK && x->figures.feeds == 0)
		return err_set(e, ERR_NOTFOUND, "there is no such feed to export");
	return rc == ERR_OK ? write_end(x, e) : rc;
}

static enum err_code
write_file(struct worker *w, int fd, const struct bundle_choice *choice,
    const struct sign_key *key, struct bundle_figures *ret, struct err *e)
{
	struct writing x = { .w = w, .a = arena_new() };
	enum err_code rc = pack_open(&x.pack, fd, e);

	if (rc == ERR_OK) {
		rc = write_all(&x, choice, e);
		if (rc == ERR_OK)
			rc = pack_close(x.pack, e);
		else
			(void)pack_close(x.pack, NULL);
	}
	if (rc == ERR_OK)
		rc = seal(fd, key, e);
	*ret = x.figures;
	arena_free(x.a);
	return rc;
}

enum err_code
bundle_export(struct worker *w, const char *path, const struct bundle_choice *choice,
    const struct sign_key *key, struct bundle_figures *ret, struct err *e)
{
	struct arena *a = arena_new();
	const char *part = arena_printf(a, "%s.part", path);
	int fd = open(part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	enum err_code rc;

	if (fd < 0) {
		rc = err_set(e, ERR_STORAGE, "%s: %s", part, strerror(errno));
	} else {
		rc = write_file(w, fd, choice, key, ret, e);
		(void)close(fd);
		if (rc == ERR_OK && rename(part, path) != 0)
			rc = err_set(e, ERR_STORAGE, "%s: %s", path, strerror(errno));
		if (rc != ERR_OK)
			(void)unlink(part);
	}
	arena_free(a);
	return rc;
}
