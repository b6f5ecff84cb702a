/* SPDX-License-Identifier: Apache-2.0 */
/* Kind, id (8 bytes) and text, then 16 bytes of HMAC-SHA256, in base64; see capability.h. */
#include "core/capability.h"

#include <string.h>

#include "core/arena.h"
#include "core/digest.h"
#include "core/str.h"

#define HEAD     9 /* kind and id */
#define MAC_SIZE 16
#define MAX_TEXT 512
/* The key serves other ends too. */
#define PURPOSE "tocsin capability"

static void
mac_of(const unsigned char key[32], const unsigned char *p, size_t len, struct arena *a,
    unsigned char out[32])
{
	size_t n = strlen(PURPOSE) + 1;
	unsigned char *text = arena_alloc(a, n + len);

	memcpy(text, PURPOSE, n);
	memcpy(text + n, p, len);
	hmac_sha256(key, 32, text, n + len, out);
}

const char *
capability_write(
    const unsigned char key[32], const struct capability *c, struct arena *a)
{
	size_t len = HEAD + strlen(c->text);
	unsigned char *p = arena_alloc(a, len + MAC_SIZE), mac[32];

	p[0] = (unsigned char)c->kind;
	for (int i = 0; i < 8; i++)
		p[1 + i] = (unsigned char)((uint64_t)c->id >> (56 - 8 * i));
	memcpy(p + HEAD, c->text, len - HEAD);
	mac_of(key, p, len, a, mac);
	memcpy(p + len, mac, MAC_SIZE);
	return base64url_encode(a, p, len + MAC_SIZE);
}

bool
capability_read(const unsigned char key[32], const char *token, struct arena *a,
    struct capability *ret)
{
	unsigned char *p = NULL, mac[32];
	size_t size = 0, len;
	uint64_t id = 0;

	if (strlen(token) > 2 * (HEAD + MAX_TEXT + MAC_SIZE) ||
	    !base64_decode(a, token, &p, &size) || size < HEAD + MAC_SIZE)
		return false;
	len = size - MAC_SIZE;
	mac_of(key, p, len, a, mac);
	if (!secret_eq(mac, p + len, MAC_SIZE))
		return false;
	for (int i = 0; i < 8; i++)
		id = id << 8 | p[1 + i];
	*ret = (struct capability){
		.kind = (char)p[0],
		.id = (int64_t)id,
		.text = arena_strndup(a, (const char *)p + HEAD, len - HEAD),
	};
	return true;
}
