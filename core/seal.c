/* SPDX-License-Identifier: Apache-2.0 */
/* AES-256-GCM of libcrypto, and the file with the key; see seal.h. */
#include "core/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/digest.h"
#include "core/mem.h"
#include "core/str.h"

#define KEY_SIZE   32
#define NONCE_SIZE 12
#define TAG_SIZE   16
#define PREFIX     "sealed:1:" /* 1 = AES-256-GCM, nonce + text + tag in base64 */

struct seal {
	unsigned char key[KEY_SIZE];
};

static void
must(bool ok)
{
	if (ok)
		return;
	(void)fprintf(stderr, "error libcrypto cannot go on what=aes-256-gcm\n");
	abort();
}

/* ---- the file ---- */

static enum err_code
write_key(int fd, const char *path, struct err *e)
{
	unsigned char key[KEY_SIZE];
	char line[2 * KEY_SIZE + 2];

	random_bytes(key, sizeof(key));
	hex_encode(key, sizeof(key), line);
	line[2 * KEY_SIZE] = '\n';
	OPENSSL_cleanse(key, sizeof(key));
	if (write(fd, line, 2 * KEY_SIZE + 1) != 2 * KEY_SIZE + 1 || fsync(fd) != 0)
		return err_set(e, ERR_STORAGE, "%s: %s", path, strerror(errno));
	OPENSSL_cleanse(line, sizeof(line));
	return ERR_OK;
}

/* Made whole under another name first: a crash leaves no half a key. */
static enum err_code
make_key(const char *path, struct err *e)
{
	char temporary[4096];
	enum err_code rc;
	int fd;

	if (snprintf(temporary, sizeof(temporary), "%s.new.%ld", path,
		(long)getpid()) >= (int)sizeof(temporary))
		return err_set(e, ERR_LIMIT, "%s is too long a path", path);
	fd =
	    open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_set(e, ERR_STORAGE, "%s: %s", temporary, strerror(errno));
	rc = write_key(fd, temporary, e);
	(void)close(fd);
	/* somebody else's key in the meantime stays: link() does not replace */
	if (rc == ERR_OK && link(temporary, path) != 0 && errno != EEXIST)
		rc = err_set(e, ERR_STORAGE, "%s: %s", path, strerror(errno));
	(void)unlink(temporary);
	return rc;
}

static enum err_code
read_key(int fd, const char *path, struct seal *s, struct err *e)
{
	char line[2 * KEY_SIZE + 2] = "";
	struct arena *a = arena_new();
	unsigned char *key = NULL;
	size_t len = 0;
	struct stat st;
	bool good;

	if (fstat(fd, &st) == 0 && (st.st_mode & 077) != 0) {
		arena_free(a);
		return err_set(
		    e, ERR_DENIED, "%s can be read by others: chmod 600 it", path);
	}
	good = read(fd, line, sizeof(line) - 1) >= 2 * KEY_SIZE;
	line[2 * KEY_SIZE] = '\0';
	good = good && hex_decode(a, line, &key, &len) && len == KEY_SIZE;
	if (good) {
		memcpy(s->key, key, KEY_SIZE);
		OPENSSL_cleanse(key, KEY_SIZE);
	}
	OPENSSL_cleanse(line, sizeof(line));
	arena_free(a);
	return good ? ERR_OK
		    : err_set(e, ERR_INPUT, "%s holds no key: 64 hex digits", path);
}

enum err_code
seal_load(struct seal **ret, const char *path, struct err *e)
{
	struct seal *s;
	enum err_code rc = ERR_OK;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 && errno == ENOENT) {
		if ((rc = make_key(path, e)) != ERR_OK)
			return rc;
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	}
	if (fd < 0)
		return err_set(e, ERR_STORAGE, "%s: %s", path, strerror(errno));
	s = mem_zalloc(sizeof(*s));
	rc = read_key(fd, path, s, e);
	(void)close(fd);
	if (rc == ERR_OK)
		*ret = s;
	else
		seal_free(s);
	return rc;
}

void
seal_free(struct seal *s)
{
	if (s == NULL)
		return;
	OPENSSL_cleanse(s->key, sizeof(s->key));
	free(s);
}

/* ---- texts ---- */

bool
seal_is_sealed(const char *text)
{
	return str_starts(text, PREFIX);
}

char *
seal_text(const struct seal *s, const char *context, const char *text, struct arena *a)
{
	size_t len = strlen(text), size = NONCE_SIZE + len + TAG_SIZE;
	unsigned char *out = arena_alloc(a, size);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0;

	must(ctx != NULL && len <= INT32_MAX);
	random_bytes(out, NONCE_SIZE);
	must(EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, s->key, out) == 1 &&
	     EVP_EncryptUpdate(ctx, NULL, &n, (const unsigned char *)context,
		 (int)strlen(context)) == 1 &&
	     EVP_EncryptUpdate(ctx, out + NONCE_SIZE, &n, (const unsigned char *)text,
		 (int)len) == 1 &&
	     EVP_EncryptFinal_ex(ctx, out + NONCE_SIZE + len, &n) == 1 &&
	     EVP_CIPHER_CTX_ctrl(
		 ctx, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, out + NONCE_SIZE + len) == 1);
	EVP_CIPHER_CTX_free(ctx);
	return arena_printf(a, PREFIX "%s", base64_encode(a, out, size));
}

static bool
decrypt(const struct seal *s, const char *context, unsigned char *in, size_t len,
    unsigned char *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned char *tag = in + NONCE_SIZE + len;
	int n = 0;
	bool good;

	must(ctx != NULL);
	good = EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, s->key, in) == 1 &&
	       EVP_DecryptUpdate(ctx, NULL, &n, (const unsigned char *)context,
		   (int)strlen(context)) == 1 &&
	       EVP_DecryptUpdate(ctx, out, &n, in + NONCE_SIZE, (int)len) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, tag) == 1 &&
	       EVP_DecryptFinal_ex(ctx, out + len, &n) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return good;
}

bool
seal_open(const struct seal *s, const char *context, const char *sealed,
    struct arena *a, const char **ret)
{
	unsigned char *in = NULL, *out;
	size_t size = 0, len;

	if (!seal_is_sealed(sealed)) {
		*ret = arena_strdup(a, sealed);
		return true;
	}
	if (s == NULL || !base64_decode(a, sealed + strlen(PREFIX), &in, &size) ||
	    size < NONCE_SIZE + TAG_SIZE || size > INT32_MAX)
		return false;
	len = size - NONCE_SIZE - TAG_SIZE;
	out = arena_zalloc(a, len + 1);
	if (!decrypt(s, context, in, len, out))
		return false;
	*ret = (const char *)out;
	return true;
}
