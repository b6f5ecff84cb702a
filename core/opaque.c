/* SPDX-License-Identifier: Apache-2.0 */
/* A four-round Feistel network over 64 bits, its round function SHA-256; see opaque.h. */
#include "core/opaque.h"

#include <string.h>

#include "core/digest.h"

#define ROUNDS 4
#define DIGITS 13 /* of five bits: 65 >= 64 */

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

static uint32_t
scramble(const unsigned char key[32], const char *prefix, unsigned round, uint32_t half)
{
	unsigned char in[40], out[32];

	memcpy(in, key, 32);
	memcpy(in + 32, prefix, 3);
	in[35] = (unsigned char)round;
	memcpy(in + 36, &half, 4);
	sha256_of(in, sizeof(in), out);
	memcpy(&half, out, 4);
	return half;
}

const char *
opaque_format(
    const unsigned char key[32], const char *prefix, int64_t id, char out[OPAQUE_SIZE])
{
	uint32_t left = (uint32_t)((uint64_t)id >> 32), right = (uint32_t)id;
	uint64_t v;

	for (unsigned i = 0; i < ROUNDS; i++) {
		uint32_t next = left ^ scramble(key, prefix, i, right);

		left = right;
		right = next;
	}
	v = (uint64_t)left << 32 | right;
	memcpy(out, prefix, 3);
	out[3] = '_';
	for (int i = DIGITS - 1; i >= 0; i--) {
		out[4 + i] = alphabet[v & 31];
		v >>= 5;
	}
	out[4 + DIGITS] = '\0';
	return out;
}

bool
opaque_parse(
    const unsigned char key[32], const char *prefix, const char *text, int64_t *ret)
{
	uint32_t left, right;
	uint64_t v = 0;

	if (strncmp(text, prefix, 3) != 0 || text[3] != '_' ||
	    strlen(text) != 4 + DIGITS)
		return false;
	for (int i = 0; i < DIGITS; i++) {
		const char *digit = strchr(alphabet, text[4 + i]);

		if (digit == NULL || (i == 0 && digit - alphabet > 15))
			return false;
		v = v << 5 | (uint64_t)(digit - alphabet);
	}
	left = (uint32_t)(v >> 32);
	right = (uint32_t)v;
	for (unsigned i = ROUNDS; i > 0; i--) {
		uint32_t before = right ^ scramble(key, prefix, i - 1, left);

		right = left;
		left = before;
	}
	v = (uint64_t)left << 32 | right;
	if (v == 0 || v > INT64_MAX)
		return false;
	*ret = (int64_t)v;
	return true;
}
