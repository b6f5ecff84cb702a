/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digest - libcrypto's SHA-256, HMAC and generator.  Its failures are either no memory
 * or a broken installation: both end the process, as mem_alloc() does.
 */
#include "core/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "core/mem.h"

struct sha256 {
	EVP_MD_CTX *ctx; /* owned */
};

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "error libcrypto cannot go on what=%s\n", what);
	abort();
}

static pthread_once_t fetch_once = PTHREAD_ONCE_INIT;
static EVP_MD *algorithm; /* fetched once: each implicit fetch costs a microsecond */

static void
fetch(void)
{
	algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
	must(algorithm != NULL, "sha256");
}

struct sha256 *
sha256_new(void)
{
	struct sha256 *s = mem_zalloc(sizeof(*s));

	(void)pthread_once(&fetch_once, fetch);
	s->ctx = EVP_MD_CTX_new();
	must(s->ctx != NULL && EVP_DigestInit_ex(s->ctx, algorithm, NULL) == 1,
	    "sha256");
	return s;
}

void
sha256_free(struct sha256 *s)
{
	if (s == NULL)
		return;
	EVP_MD_CTX_free(s->ctx);
	free(s);
}

void
sha256_update(struct sha256 *s, const void *p, size_t len)
{
	must(EVP_DigestUpdate(s->ctx, p, len) == 1, "sha256");
}

void
sha256_final(struct sha256 *s, unsigned char out[32])
{
	/* The second call makes the running digest ready for another text. */
	must(EVP_DigestFinal_ex(s->ctx, out, NULL) == 1 &&
		 EVP_DigestInit_ex(s->ctx, NULL, NULL) == 1,
	    "sha256");
}

bool
sha512_of_fd(int fd, unsigned char out[64])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	char chunk[16384];
	off_t at = 0;
	ssize_t n;

	must(ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha512(), NULL) == 1, "sha512");
	while ((n = pread(fd, chunk, sizeof(chunk), at)) > 0) {
		must(EVP_DigestUpdate(ctx, chunk, (size_t)n) == 1, "sha512");
		at += n;
	}
	must(EVP_DigestFinal_ex(ctx, out, NULL) == 1, "sha512");
	EVP_MD_CTX_free(ctx);
	return n == 0;
}

void
sha256_of(const void *p, size_t len, unsigned char out[32])
{
	(void)pthread_once(&fetch_once, fetch);
	must(EVP_Digest(p, len, out, NULL, algorithm, NULL) == 1, "sha256");
}

void
hmac_sha256(
    const void *key, size_t key_len, const void *p, size_t len, unsigned char out[32])
{
	must(key_len <= INT32_MAX && HMAC(EVP_sha256(), key_len > 0 ? key : "",
					 (int)key_len, p, len, out, NULL) != NULL,
	    "hmac");
}

void
random_bytes(void *out, size_t len)
{
	must(len <= INT32_MAX && RAND_bytes(out, (int)len) == 1, "random");
}

bool
secret_eq(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

uint32_t
crc32_of(const void *p, size_t len)
{
	return (uint32_t)crc32_z(0, p, len);
}
