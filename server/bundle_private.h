/* SPDX-License-Identifier: Apache-2.0 */
/* bundle_private - what writing and reading a bundle share. */
#ifndef SERVER_BUNDLE_PRIVATE_H
#define SERVER_BUNDLE_PRIVATE_H

#include "core/sign.h"

/* Raised when an older program could not read what is written. */
#define BUNDLE_VERSION 1
/* The last bytes of the file: a skippable frame with mark, key and signature. */
#define BUNDLE_SEAL_SIZE (8 + 8 + SIGN_KEY_SIZE + SIGN_SIZE)

#endif
