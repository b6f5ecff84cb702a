/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <string.h>

#include "core/buf.h"
#include "core/json.h"
#include "notify/notify.h"

#define ODD "a\x01\x0b<b>&\"\xef\xbf\xbe\xef\xbf\xbf\xff c"

static const struct news_row rows[] = {
	{ 7, 1767600060, "msg_2", "2 new & more", "text " ODD "\nline" },
	{ 5, 1767600000, "msg_1", "1 new", "older" },
};
static const struct subscription_row subscription = {
	.id = 1, .name = "web <news>", .created_at = 1767500000
};

static void
atom_says_what_xml_can_say(void **state)
{
	const struct news_feed f = { &subscription, "sub_1", "https://x/f/t.atom", rows,
		2 };
	struct buf out = BUF_INIT(65536);

	(void)state;
	notify_news_write(&f, NEWS_ATOM, &out);
	assert_string_equal(buf_str(&out),
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	    "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n"
	    "<id>urn:tocsin:sub_1</id>\n<title>web &lt;news&gt;</title>\n"
	    "<updated>2026-01-05T08:01:00Z</updated>\n"
	    "<author><name>tocsin</name></author>\n"
	    "<link rel=\"self\" href=\"https://x/f/t.atom\"/>\n"
	    "<entry>\n<id>urn:tocsin:msg_2</id>\n<title>2 new &amp; more</title>\n"
	    "<updated>2026-01-05T08:01:00Z</updated>\n"
	    "<content type=\"text\">text a&lt;b&gt;&amp;&quot;\xef\xbf\xbd c\nline"
	    "</content>\n</entry>\n"
	    "<entry>\n<id>urn:tocsin:msg_1</id>\n<title>1 new</title>\n"
	    "<updated>2026-01-05T08:00:00Z</updated>\n"
	    "<content type=\"text\">older</content>\n</entry>\n</feed>\n");
	buf_done(&out);
}

static void
json_feed_has_the_same_entries(void **state)
{
	const struct news_feed f = { &subscription, "sub_1", NULL, rows, 2 };
	struct buf out = BUF_INIT(65536);
	struct json *j = NULL;
	const struct json *items;

	(void)state;
	notify_news_write(&f, NEWS_JSON, &out);
	assert_int_equal(json_parse(&j, buf_str(&out), out.len, NULL), ERR_OK);
	items = json_get(j, "items");
	assert_int_equal(json_count(items), 2);
	assert_string_equal(
	    json_str(json_get(json_at(items, 0), "id")), "urn:tocsin:msg_2");
	assert_string_equal(json_str(json_get(json_at(items, 1), "date_published")),
	    "2026-01-05T08:00:00Z");
	assert_null(json_get(j, "feed_url"));
	json_free(j);
	buf_done(&out);
}

static void
a_feed_without_news_is_as_old_as_its_subscription(void **state)
{
	const struct news_feed f = { &subscription, "sub_1", NULL, NULL, 0 };
	struct buf out = BUF_INIT(65536);

	(void)state;
	notify_news_write(&f, NEWS_ATOM, &out);
	assert_non_null(strstr(buf_str(&out), "<updated>2026-01-04T04:13:20Z<"));
	assert_null(strstr(buf_str(&out), "<entry>"));
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(atom_says_what_xml_can_say),
		cmocka_unit_test(json_feed_has_the_same_entries),
		cmocka_unit_test(a_feed_without_news_is_as_old_as_its_subscription),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
