/* SPDX-License-Identifier: Apache-2.0 */
/* net_guard_test - which addresses users' URLs may reach, networks, mail addresses. */
#include "unit/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "core/net_private.h"

static bool
is_allowed(const char *text, const char *const *allow_cidrs)
{
	struct net_guard guard = { allow_cidrs };
	struct sockaddr_storage at = { 0 };
	struct sockaddr_in *v4 = (struct sockaddr_in *)&at;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&at;

	if (strchr(text, ':') == NULL) {
		v4->sin_family = AF_INET;
		assert_int_equal(inet_pton(AF_INET, text, &v4->sin_addr), 1);
	} else {
		v6->sin6_family = AF_INET6;
		assert_int_equal(inet_pton(AF_INET6, text, &v6->sin6_addr), 1);
	}
	return net_address_ok((struct sockaddr *)&at, &guard);
}

static void
public_addresses_may_be_reached(void **state)
{
	static const char *const rows[] = { "1.1.1.1", "8.8.8.8", "9.255.255.255",
		"11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
		"128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255",
		"172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0",
		"198.17.255.255", "198.20.0.0", "223.255.255.255", "2001:200::1",
		"2606:4700::1111", "2a00:1450:4001::200e", "2001:4860:4860::8888",
		"::ffff:8.8.8.8", "3ffe::1" };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		if (!is_allowed(rows[i], NULL))
			fail_msg("%s was refused", rows[i]);
}

static void
all_other_addresses_may_not(void **state)
{
	static const char *const rows[] = { "0.0.0.0", "0.255.255.255", "10.0.0.0",
		"10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
		"127.255.255.255", "169.254.0.1", "169.254.169.254", "172.16.0.0",
		"172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1",
		"192.168.0.1", "192.168.255.255", "198.18.0.0", "198.19.255.255",
		"198.51.100.1", "203.0.113.9", "224.0.0.1", "239.255.255.255",
		"240.0.0.1", "255.255.255.255", "::", "::1", "::10.0.0.1", "::8.8.8.8",
		"::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:169.254.169.254",
		"::ffff:0.0.0.0", "::ffff:0:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1",
		"100::1", "2001::1", "2001:0:4136:e378::1", "2001:10::1", "2001:db8::1",
		"2002:a00:1::1", "2002:7f00:1::", "3fff::1", "5f00::1", "4000::1",
		"fc00::1", "fd12:3456::1", "fe80::1", "febf::1", "fec0::1", "ff02::1",
		"1fff::1" };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		if (is_allowed(rows[i], NULL))
			fail_msg("%s was allowed", rows[i]);
}

static void
named_networks_may_be_reached_all_the_same(void **state)
{
	static const char *const lists[] = { "10.1.0.0/16", "127.0.0.1/32",
		"fd00:1::/32", "192.168.128.0/17", NULL };
	static const struct {
		const char *address;
		bool want;
	} rows[] = {
		{ "10.1.0.0", true },
		{ "10.1.255.255", true },
		{ "10.2.0.0", false },
		{ "10.0.255.255", false },
		{ "::ffff:10.1.2.3", true },
		{ "::ffff:10.2.2.3", false },
		{ "127.0.0.1", true },
		{ "127.0.0.2", false },
		{ "192.168.127.255", false },
		{ "192.168.128.0", true },
		{ "fd00:1:ffff::1", true },
		{ "fd00:2::1", false },
		{ "8.8.8.8", true },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		if (is_allowed(rows[i].address, lists) != rows[i].want)
			fail_msg("%s: wanted %d", rows[i].address, rows[i].want);
}

static void
a_network_of_all_allows_all_of_its_family(void **state)
{
	static const char *const v4[] = { "0.0.0.0/0", NULL }, *const v6[] = { "::/0",
		NULL };

	(void)state;
	assert_true(is_allowed("127.0.0.1", v4));
	assert_false(is_allowed("::1", v4));
	assert_true(is_allowed("::1", v6));
	assert_false(is_allowed("127.0.0.1", v6));
}

static void
other_families_may_not_be_reached(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = "/run/x.sock" };
	struct net_guard guard = { NULL };

	(void)state;
	assert_false(net_address_ok((struct sockaddr *)&at, &guard));
}

static void
networks_are_written_with_their_bits(void **state)
{
	static const char *const good[] = { "10.0.0.0/8", "0.0.0.0/0", "1.2.3.4/32",
		"10.1.2.3/8", "::/0", "fd00::/8", "::1/128", "::ffff:10.0.0.0/104" };
	static const char *const bad[] = {
		"", "/", "/8", "10.0.0.0", "10.0.0.0/", "10/8", "10.0.0/8",
		"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8 ", " 10.0.0.0/8",
		"10.0.0.0/a", "10.0.0.256/8", "fd00::/129", "fd00:/8", "example.org/8",
		"10.0.0.0/8/8", "10.0.0.0/18446744073709551624",
		"1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1/8"
	};

	(void)state;
	for (size_t i = 0; i < ROWS(good); i++)
		if (!net_cidr_ok(good[i]))
			fail_msg("\"%s\" was refused", good[i]);
	for (size_t i = 0; i < ROWS(bad); i++)
		if (net_cidr_ok(bad[i]))
			fail_msg("\"%s\" was taken", bad[i]);
	assert_false(net_cidr_ok(NULL));
}

static void
mail_addresses_are_bare(void **state)
{
	static const char *const good[] = { "a@b", "ops@example.org",
		"o'neil+x@example.org", "first.last@mail.example.org",
		"a!#$%&'*+/=?^_`{|}~-@b.c", "j\xc3\xbcrgen@example.org" };
	static const char *const bad[] = { "", "@", "a@", "@b", "a", "a@b@c", "<a@b>",
		"a b@c", "a@b c", "a@b\r\nRCPT TO:<x@y>", "a@b\n", "a@b>", "\"a\"@b",
		"a@b,c@d", "a@b;c", "a@[127.0.0.1]", "a@b:25", "a\\@b", "(x)a@b",
		"a\x7f@b", "a@.b", "a@-b", "a@b.", "a@b..c", "a..b@c", "a@b\xff",
		"\xc3@b" };
	char text[400];

	(void)state;
	for (size_t i = 0; i < ROWS(good); i++)
		if (!net_mail_address_ok(good[i]))
			fail_msg("\"%s\" was refused", good[i]);
	for (size_t i = 0; i < ROWS(bad); i++)
		if (net_mail_address_ok(bad[i]))
			fail_msg("\"%s\" was taken", bad[i]);
	assert_false(net_mail_address_ok(NULL));
	memset(text, 'a', sizeof(text));
	(void)snprintf(text + 64, sizeof(text) - 64, "@example.org");
	assert_true(net_mail_address_ok(text));
	(void)snprintf(text + 64, sizeof(text) - 64, "a@example.org");
	assert_false(net_mail_address_ok(text));
	memset(text, 'a', sizeof(text));
	text[1] = '@';
	text[254] = '\0';
	assert_true(net_mail_address_ok(text));
	text[254] = 'a';
	text[255] = '\0';
	assert_false(net_mail_address_ok(text));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(public_addresses_may_be_reached),
		cmocka_unit_test(all_other_addresses_may_not),
		cmocka_unit_test(named_networks_may_be_reached_all_the_same),
		cmocka_unit_test(a_network_of_all_allows_all_of_its_family),
		cmocka_unit_test(other_families_may_not_be_reached),
		cmocka_unit_test(networks_are_written_with_their_bits),
		cmocka_unit_test(mail_addresses_are_bare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
