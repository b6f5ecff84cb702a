/* SPDX-License-Identifier: Apache-2.0 */
/* Percent-encoding and the parts of a URL; see url.h. */
#include "core/url.h"

#include <string.h>

#include "core/arena.h"
#include "core/str.h"

#define MAX_URL 8192

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
url_decode(struct arena *a, const char *s, size_t n, const char **ret)
{
	char *out = arena_alloc(a, n + 1);
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		int high, low;

		if (s[i] != '%') {
			out[len++] = s[i];
			continue;
		}
		if (n - i < 3)
			return false;
		high = hex_digit(s[i + 1]);
		low = hex_digit(s[i + 2]);
		if (high < 0 || low < 0 || (high == 0 && low == 0))
			return false;
		out[len++] = (char)(high << 4 | low);
		i += 2;
	}
	out[len] = '\0';
	*ret = out;
	return true;
}

static bool
is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

char *
url_encode(struct arena *a, const char *s, const char *keep)
{
	static const char hex[] = "0123456789ABCDEF";
	char *out = arena_alloc(a, strlen(s) * 3 + 1), *p = out;

	for (; *s != '\0'; s++) {
		if (is_unreserved(*s) || strchr(keep, *s) != NULL) {
			*p++ = *s;
			continue;
		}
		*p++ = '%';
		*p++ = hex[(unsigned char)*s >> 4];
		*p++ = hex[(unsigned char)*s & 15];
	}
	*p = '\0';
	return out;
}

/* Where the path of URL begins ("scheme://host" in front of it). */
static size_t
path_start(const char *url)
{
	const char *host = strstr(url, "://");

	return host == NULL ? 0 : (size_t)(host + 3 - url) + strcspn(host + 3, "/?#");
}

const char *
url_join(struct arena *a, const char *base, const char *ref)
{
	size_t root = path_start(base), len = root + strcspn(base + root, "?#");
	const char *scheme = strstr(ref, "://");

	if (scheme != NULL && strcspn(ref, "/?#") == (size_t)(scheme + 1 - ref))
		return arena_strdup(a, ref);
	if (*ref == '/')
		return arena_printf(a, "%.*s%s", (int)root, base, ref);
	while (len > root && base[len - 1] != '/')
		len--;
	for (;;) {
		if (str_starts(ref, "./")) {
			ref += 2;
			continue;
		}
		if (!str_starts(ref, "../"))
			break;
		for (ref += 3; len > root + 1 && base[--len - 1] != '/';)
			;
	}
	return arena_printf(a, "%.*s%s%s", (int)len, base, len == root ? "/" : "", ref);
}

/* "+" is a blank in queries; decoded before the escapes, so that %2B stays a plus. */
static bool
decode_value(struct arena *a, const char *s, size_t n, const char **ret)
{
	char *copy = arena_strndup(a, s, n);

	for (char *p = copy; *p != '\0'; p++)
		if (*p == '+')
			*p = ' ';
	return url_decode(a, copy, n, ret);
}

bool
url_query(struct arena *a, const char *query, struct url_param **ret, size_t *ret_n)
{
	struct {
		struct url_param *at;
		size_t n, cap;
	} params = { 0 };

	while (*query != '\0') {
		size_t n = strcspn(query, "&"), key = 0;
		struct url_param *p;

		while (key < n && query[key] != '=')
			key++;
		if (n > 0) {
			p = ARENA_PUSH(a, &params);
			p->value = "";
			if (!url_decode(a, query, key, &p->key) || p->key[0] == '\0' ||
			    (key < n && !decode_value(a, query + key + 1, n - key - 1,
					    &p->value)))
				return false;
		}
		query += n + (query[n] == '&');
	}
	*ret = params.at;
	*ret_n = params.n;
	return true;
}

static bool
split_host(struct arena *a, const char *s, size_t n, struct url_parts *ret)
{
	const char *end = s + n, *port = end;

	if (memchr(s, '@', n) != NULL)
		return false; /* two of them: everybody reads that in his own way */
	if (n > 0 && s[0] == '[') {
		const char *close = memchr(s, ']', n);

		if (close == NULL || (close + 1 < end && close[1] != ':'))
			return false;
		ret->host = arena_strndup(a, s + 1, (size_t)(close - s - 1));
		port = close + 1;
	} else {
		const char *colon = memchr(s, ':', n);

		port = colon != NULL ? colon : end;
		ret->host = arena_strndup(a, s, (size_t)(port - s));
	}
	ret->port =
	    port < end ? arena_strndup(a, port + 1, (size_t)(end - port - 1)) : "";
	return ret->host[0] != '\0' &&
	       strspn(ret->port, "0123456789") == strlen(ret->port) &&
	       strlen(ret->port) <= 5;
}

/* RFC 3986: a letter, then letters, digits, '+', '-' and '.'. */
static bool
is_scheme(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char c = (char)(s[i] | 0x20);
		bool letter = c >= 'a' && c <= 'z';

		if (!letter && (i == 0 || !((s[i] >= '0' && s[i] <= '9') ||
					      strchr("+-.", s[i]) != NULL)))
			return false;
	}
	return n > 0;
}

bool
url_split(struct arena *a, const char *url, struct url_parts *ret)
{
	const char *colon = strstr(url, "://"), *host, *at;
	size_t n;

	memset(ret, 0, sizeof(*ret));
	if (colon == NULL || !is_scheme(url, (size_t)(colon - url)) ||
	    strlen(url) > MAX_URL)
		return false;
	for (const char *p = url; *p != '\0'; p++)
		if ((unsigned char)*p <= 0x20 || (unsigned char)*p == 0x7f ||
		    *p == '\\')
			return false;
	ret->scheme = str_lower(a, url, (size_t)(colon - url));
	host = colon + 3;
	n = strcspn(host, "/?#");
	at = memchr(host, '@', n);
	if (at != NULL) {
		ret->has_user = true;
		n -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	ret->path = host[n] != '\0' ? arena_strdup(a, host + n) : "/";
	return split_host(a, host, n, ret);
}
