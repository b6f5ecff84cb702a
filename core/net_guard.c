/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which addresses a user's URL may reach: judged on the address that is really used, after
 * resolution, so no spelling and no second look-up gets around it.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/net_private.h"
#include "core/str.h"

/*
 * Not on the public internet, or leading back into private networks.  Of IPv6 only
 * 2000::/3 is public at all; the rest is refused whole, with all that is translated or
 * tunnelled from there.
 */
static const char *const refused[] = { "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10",
	"127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "::/3",
	"4000::/2", "8000::/1", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
	NULL };

struct cidr {
	int family;
	unsigned char bytes[16];
	unsigned bits;
};

static bool
read_cidr(const char *text, struct cidr *ret)
{
	char address[64];
	const char *slash = strchr(text, '/');
	uint64_t bits;

	if (slash == NULL || (size_t)(slash - text) >= sizeof(address) ||
	    !str_u64(slash + 1, &bits))
		return false;
	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';
	memset(ret, 0, sizeof(*ret));
	ret->family = strchr(address, ':') != NULL ? AF_INET6 : AF_INET;
	ret->bits = (unsigned)bits;
	return bits <= (ret->family == AF_INET ? 32u : 128u) &&
	       inet_pton(ret->family, address, ret->bytes) == 1;
}

static bool
contains(const struct cidr *c, int family, const unsigned char *bytes)
{
	unsigned whole = c->bits / 8, rest = c->bits % 8;
	unsigned char mask = (unsigned char)(0xff00u >> rest);

	if (c->family != family || memcmp(c->bytes, bytes, whole) != 0)
		return false;
	return rest == 0 || ((c->bytes[whole] ^ bytes[whole]) & mask) == 0;
}

static bool
in_any(const char *const *list, int family, const unsigned char *bytes)
{
	struct cidr c;

	for (; list != NULL && *list != NULL; list++)
		if (read_cidr(*list, &c) && contains(&c, family, bytes))
			return true;
	return false;
}

bool
net_address_ok(const struct sockaddr *address, const struct net_guard *guard)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	const unsigned char *bytes;
	int family = address->sa_family;

	if (family == AF_INET) {
		bytes = (const unsigned char *)&(
		    (const struct sockaddr_in *)(const void *)address)
			    ->sin_addr;
	} else if (family == AF_INET6) {
		bytes = (const unsigned char *)&(
		    (const struct sockaddr_in6 *)(const void *)address)
			    ->sin6_addr;
		if (memcmp(bytes, mapped, sizeof(mapped)) == 0) {
			bytes += sizeof(mapped);
			family = AF_INET;
		}
	} else {
		return false;
	}
	return in_any(guard->allow_cidrs, family, bytes) ||
	       !in_any(refused, family, bytes);
}

bool
net_cidr_ok(const char *text)
{
	struct cidr c;

	return text != NULL && read_cidr(text, &c);
}

/*
 * Strict on purpose: no quoted local parts, no comments, nothing below 0x21, no brackets:
 * what passes cannot end one SMTP command and begin another.
 */
bool
net_mail_address_ok(const char *text)
{
	const char *at = text != NULL ? strrchr(text, '@') : NULL;

	if (at == NULL || at == text || at[1] == '\0' || strlen(text) > 254 ||
	    at - text > 64 || strchr(text, '@') != at ||
	    !utf8_valid(text, strlen(text)))
		return false;
	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < 0x21 || *p == 0x7f ||
		    strchr("<>()[],;:\\\"", *p) != NULL)
			return false;
	return at[1] != '.' && at[1] != '-' && !str_ends(text, ".") &&
	       strstr(text, "..") == NULL;
}
