/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign - Ed25519 signatures (RFC 8032); libcrypto stays behind this door.
 *
 * A key is 32 bytes, written as hex.  The secret one lies in a file of mode 0600 of its
 * own, as one line of hex.
 */
#ifndef CORE_SIGN_H
#define CORE_SIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

#define SIGN_KEY_SIZE 32
#define SIGN_SIZE     64
#define SIGN_HEX_SIZE 65 /* of a key as text, with its end */

struct sign_key {
	unsigned char secret[SIGN_KEY_SIZE], open[SIGN_KEY_SIZE];
};

/*
 * Read the secret key in PATH, or make one there if the file does not exist.
 * ERR_DENIED   others may read the file
 * ERR_INPUT    it holds no key
 * ERR_STORAGE  it cannot be read or written
 */
enum err_code sign_key_load(const char *path, struct sign_key *ret, struct err *e);

/* ERR_BUG if the library fails. */
enum err_code sign_make(const struct sign_key *key, const void *p, size_t len,
    unsigned char ret[SIGN_SIZE], struct err *e);
/* Is SIGNATURE that of P by the owner of OPEN? */
bool sign_verify(const unsigned char open[SIGN_KEY_SIZE], const void *p, size_t len,
    const unsigned char signature[SIGN_SIZE]);
/* 64 digits of hex; false if TEXT is no open key. */
bool sign_key_parse(const char *text, unsigned char ret[SIGN_KEY_SIZE]);

#endif
