/* SPDX-License-Identifier: Apache-2.0 */
/* However much there is to say, a message stays below its cap and says that it was cut. */
#include "unit/unit.h"

#include <string.h>

#include "core/arena.h"
#include "core/json.h"
#include "core/limits.h"
#include "core/str.h"
#include "notify/notify_private.h"

static const struct notify_settings settings = {
	.smtp_url = "smtp://127.0.0.1:25",
	.smtp_from = "tocsin@example.org",
};

static const char *
long_text(struct arena *a, size_t n)
{
	char *t = arena_alloc(a, n + 1);

	memset(t, 'x', n);
	t[n] = '\0';
	return t;
}

/* N rows, each in N_IMAGES listed images and N_PACKAGES packages, all with long names. */
static struct changes *
many(struct arena *a, size_t n, size_t n_images, size_t n_packages)
{
	struct changes *c = arena_zalloc(a, sizeof(*c));
	struct change_image *images = arena_array(a, n_images, sizeof(*images));
	struct change_package *packages = arena_array(a, n_packages, sizeof(*packages));

	for (size_t i = 0; i < n_images; i++)
		images[i] = (struct change_image){ .id = (int64_t)i + 1,
			.name = long_text(a, 200),
			.ref = long_text(a, 250) };
	for (size_t i = 0; i < n_packages; i++)
		packages[i] = (struct change_package){ .ecosystem = "debian:12",
			.name = long_text(a, 120),
			.version = "1.0",
			.fix = FIX_NONE };
	c->rows = arena_array(a, n, sizeof(*c->rows));
	c->n_rows = n;
	for (size_t i = 0; i < n; i++)
		c->rows[i] = (struct change_row){ .kind = CHANGE_OPENED,
			.vulnerability = arena_printf(a, "CVE-2026-%zu", 1000 + i),
			.title = long_text(a, 300),
			.severity = SEVERITY_HIGH,
			.epss_micro = -1,
			.packages = packages,
			.n_packages = n_packages,
			.images = images,
			.n_listed = n_images,
			.n_images = 500000 };
	c->n_touched_images = 500000;
	return c;
}

static struct outgoing
render(struct arena *a, const struct channel_driver *driver, const struct changes *c)
{
	static const unsigned char key[32] = { 1 };
	struct subscription_row subscription = { .id = 1, .name = "news" };
	struct list_row list = { .id = 1, .name = "web" };
	struct coverage coverage = { .state = COVERAGE_COMPLETE };
	struct outgoing out = { .recipient = "ops@example.org" };
	struct digest d = { .opaque_key = key,
		.message_id = "msg_1",
		.subscription = &subscription,
		.list = &list,
		.from_seq = 1,
		.to_seq = 2,
		.at = 1767600000,
		.changes = c,
		.coverage = &coverage };
	struct err e = ERR_INIT;

	digest_count(&d);
	if (channel_render(driver, &d, NULL, &settings, a, &out, &e) != ERR_OK)
		fail_msg("%s: %s", driver->type, e.text);
	assert_in_range(out.body_len, 1, MAX_MESSAGE_BYTES);
	return out;
}

static bool
truncated(const struct outgoing *out, size_t *ret_rows, size_t *ret_images)
{
	struct json *j = NULL;
	const struct json *data, *rows;
	struct err e = ERR_INIT;
	bool cut = false;

	if (json_parse(&j, out->body, out->body_len, &e) != ERR_OK)
		fail_msg("the body is no JSON: %s", e.text);
	data = json_get(j, "data");
	rows = json_get(data, "vulnerabilities");
	*ret_rows = json_count(rows);
	*ret_images = json_count(json_get(json_at(rows, 0), "images"));
	assert_int_equal(json_take_bool(data, "truncated", &cut, &e), ERR_OK);
	json_free(j);
	return cut;
}

static void
few_entries_are_all_spelled_out(void **state)
{
	struct arena *a = arena_new();
	struct outgoing out = render(a, &channel_webhook, many(a, 3, 100, 2));
	size_t rows, images;

	(void)state;
	assert_false(truncated(&out, &rows, &images));
	assert_int_equal(rows, 3);
	assert_int_equal(images, 100);
	arena_free(a);
}

static void
more_than_the_cap_of_entries_is_cut_and_said(void **state)
{
	struct arena *a = arena_new();
	struct outgoing out = render(a, &channel_webhook, many(a, 201, 1, 1));
	size_t rows, images;

	(void)state;
	assert_true(truncated(&out, &rows, &images));
	assert_int_equal(rows, MAX_MESSAGE_ENTRIES);
	arena_free(a);
}

static void
what_would_be_megabytes_says_less_of_everything(void **state)
{
	struct arena *a = arena_new();
	struct outgoing out = render(a, &channel_webhook, many(a, 5000, 100, 400));
	size_t rows, images;

	(void)state;
	assert_true(truncated(&out, &rows, &images));
	assert_in_range(rows, 1, MAX_MESSAGE_ENTRIES);
	assert_in_range(images, 1, MAX_MESSAGE_IMAGES - 1);
	assert_non_null(strstr(out.body, "\"image_count\":500000"));
	arena_free(a);
}

static void
every_channel_fits_whatever_there_is_to_say(void **state)
{
	(void)state;
	for (size_t i = 0; channel_drivers[i] != NULL; i++) {
		struct arena *a = arena_new();

		(void)render(a, channel_drivers[i], many(a, 5000, 100, 400));
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_entries_are_all_spelled_out),
		cmocka_unit_test(more_than_the_cap_of_entries_is_cut_and_said),
		cmocka_unit_test(what_would_be_megabytes_says_less_of_everything),
		cmocka_unit_test(every_channel_fits_whatever_there_is_to_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
