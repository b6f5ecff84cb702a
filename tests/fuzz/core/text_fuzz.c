/* SPDX-License-Identifier: Apache-2.0 */
/* text_fuzz - any text where dates, numbers, networks, addresses and names are read. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/ecosystem.h"
#include "core/net.h"
#include "core/record.h"
#include "core/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_time(const char *text)
{
	char out[TIME_TEXT_SIZE];
	int64_t at, again;

	if (time_parse(text, &at) &&
	    (!time_parse(time_format(at, out), &again) || again != at))
		abort();
}

static void
check_clean(struct arena *a, const char *data, size_t size)
{
	for (int one_line = 0; one_line < 2; one_line++) {
		const char *s = utf8_clean(a, data, size, 100, one_line != 0);

		if (strlen(s) > 100 || !utf8_valid(s, strlen(s)) ||
		    strlen(utf8_clean(a, s, strlen(s), 100, one_line != 0)) !=
			strlen(s))
			abort();
	}
}

static void
check_base64(struct arena *a, const char *text)
{
	unsigned char *bytes, *again;
	size_t n, m;

	if (base64_decode(a, text, &bytes, &n) &&
	    (!base64_decode(a, base64_encode(a, bytes, n), &again, &m) || m != n ||
		(n > 0 && memcmp(bytes, again, n) != 0)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	const char *text = arena_strndup(a, (const char *)data, size);
	const char *cve = cve_normalize(a, (const char *)data, size);
	uint64_t bytes;
	int64_t ms = 0;
	struct os os;

	check_time(text);
	check_clean(a, (const char *)data, size);
	check_base64(a, text);
	if (str_duration_ms(text, &ms) && ms < 0)
		abort();
	(void)str_bytes(text, &bytes);
	(void)net_cidr_ok(text);
	if (net_mail_address_ok(text) && strpbrk(text, " <>\r\n") != NULL)
		abort();
	if (cve != NULL && !str_eq(cve_normalize(a, cve, strlen(cve)), cve))
		abort();
	(void)ecosystem_of_text(text, 0, a, &os);
	(void)glob_match(text, text + strlen(text) / 2);
	arena_free(a);
	return 0;
}
