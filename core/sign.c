/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 through libcrypto; see sign.h. */
#include "core/sign.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/digest.h"

/* The open half of a secret key. */
static bool
derive(struct sign_key *key)
{
	EVP_PKEY *k = EVP_PKEY_new_raw_private_key(
	    EVP_PKEY_ED25519, NULL, key->secret, sizeof(key->secret));
	size_t len = sizeof(key->open);
	bool good = k != NULL && EVP_PKEY_get_raw_public_key(k, key->open, &len) == 1 &&
		    len == sizeof(key->open);

	EVP_PKEY_free(k);
	return good;
}

bool
sign_key_parse(const char *text, unsigned char ret[SIGN_KEY_SIZE])
{
	struct arena *a = arena_new();
	unsigned char *bytes = NULL;
	size_t len = 0;
	bool good = strlen(text) == 2 * SIGN_KEY_SIZE &&
		    hex_decode(a, text, &bytes, &len) && len == SIGN_KEY_SIZE;

	if (good)
		memcpy(ret, bytes, SIGN_KEY_SIZE);
	arena_free(a);
	return good;
}

/* ---- the file ---- */

static enum err_code
make_file(const char *path, struct sign_key *ret, struct err *e)
{
	char line[SIGN_HEX_SIZE + 1];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool good;

	if (fd < 0)
		return err_set(e, ERR_STORAGE, "%s: %s", path, strerror(errno));
	random_bytes(ret->secret, sizeof(ret->secret));
	(void)hex_encode(ret->secret, sizeof(ret->secret), line);
	line[SIGN_HEX_SIZE - 1] = '\n';
	good = write(fd, line, SIGN_HEX_SIZE) == SIGN_HEX_SIZE && fsync(fd) == 0;
	good = close(fd) == 0 && good;
	OPENSSL_cleanse(line, sizeof(line));
	if (!good) {
		(void)unlink(path);
		return err_set(e, ERR_STORAGE, "%s: cannot write the key", path);
	}
	return ERR_OK;
}

static enum err_code
read_file(int fd, const char *path, struct sign_key *ret, struct err *e)
{
	char line[SIGN_HEX_SIZE + 1] = "";
	struct stat st;
	ssize_t n;
	bool good;

	if (fstat(fd, &st) != 0 || (st.st_mode & 077) != 0)
		return err_set(
		    e, ERR_DENIED, "%s: others may read this key (chmod 600)", path);
	n = read(fd, line, SIGN_HEX_SIZE);
	if (n == SIGN_HEX_SIZE && line[n - 1] == '\n')
		line[n - 1] = '\0';
	good = n > 0 && sign_key_parse(line, ret->secret);
	OPENSSL_cleanse(line, sizeof(line));
	return good ? ERR_OK : err_set(e, ERR_INPUT, "%s holds no key", path);
}

enum err_code
sign_key_load(const char *path, struct sign_key *ret, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	enum err_code rc;

	if (fd < 0 && errno != ENOENT)
		return err_set(e, ERR_STORAGE, "%s: %s", path, strerror(errno));
	rc = fd < 0 ? make_file(path, ret, e) : read_file(fd, path, ret, e);
	if (fd >= 0)
		(void)close(fd);
	if (rc == ERR_OK && !derive(ret))
		rc = err_set(e, ERR_BUG, "libcrypto knows no Ed25519");
	return rc;
}

/* ---- signatures ---- */

enum err_code
sign_make(const struct sign_key *key, const void *p, size_t len,
    unsigned char ret[SIGN_SIZE], struct err *e)
{
	EVP_PKEY *k = EVP_PKEY_new_raw_private_key(
	    EVP_PKEY_ED25519, NULL, key->secret, sizeof(key->secret));
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	size_t n = SIGN_SIZE;
	bool good = k != NULL && c != NULL &&
		    EVP_DigestSignInit(c, NULL, NULL, NULL, k) == 1 &&
		    EVP_DigestSign(c, ret, &n, p, len) == 1 && n == SIGN_SIZE;

	EVP_MD_CTX_free(c);
	EVP_PKEY_free(k);
	return good ? ERR_OK : err_set(e, ERR_BUG, "libcrypto does not sign");
}

bool
sign_verify(const unsigned char open[SIGN_KEY_SIZE], const void *p, size_t len,
    const unsigned char signature[SIGN_SIZE])
{
	EVP_PKEY *k =
	    EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, open, SIGN_KEY_SIZE);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool good = k != NULL && c != NULL &&
		    EVP_DigestVerifyInit(c, NULL, NULL, NULL, k) == 1 &&
		    EVP_DigestVerify(c, signature, SIGN_SIZE, p, len) == 1;

	EVP_MD_CTX_free(c);
	EVP_PKEY_free(k);
	return good;
}
