/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digest - SHA-256, HMAC, randomness and the texts they are written in; libcrypto
 * stays behind this door.
 */
#ifndef CORE_DIGEST_H
#define CORE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

#define SHA256_SIZE     32
#define SHA256_HEX_SIZE 65

struct sha256; /* opaque here; a running digest */

struct sha256 *sha256_new(void);
void sha256_free(struct sha256 *s);
void sha256_update(struct sha256 *s, const void *p, size_t len);
void sha256_final(struct sha256 *s, unsigned char out[32]);
#define SHA512_SIZE 64
/* Of all that the file FD has, from its first byte; false if it cannot be read. */
bool sha512_of_fd(int fd, unsigned char out[64]);

/* All at once. */
void sha256_of(const void *p, size_t len, unsigned char out[32]);
void hmac_sha256(
    const void *key, size_t key_len, const void *p, size_t len, unsigned char out[32]);

/* From the system's generator; never fails (aborts if the system cannot). */
void random_bytes(void *out, size_t len);
/* True if both runs are equal, in time that does not depend on where they differ. */
bool secret_eq(const void *a, const void *b, size_t len);

/* Lower-case hex; OUT holds 2 * LEN + 1. */
const char *hex_encode(const void *p, size_t len, char *out);
/* False on odd length or foreign characters; *RET_LEN bytes in the arena. */
bool hex_decode(struct arena *a, const char *s, unsigned char **ret, size_t *ret_len);
/* Padded base64, standard alphabet; in the arena. */
char *base64_encode(struct arena *a, const void *p, size_t len);
/* Unpadded, URL-safe alphabet. */
char *base64url_encode(struct arena *a, const void *p, size_t len);
/* Accepts both alphabets, padded or not; false on anything else. */
bool base64_decode(
    struct arena *a, const char *s, unsigned char **ret, size_t *ret_len);
uint32_t crc32_of(const void *p, size_t len);

#endif
