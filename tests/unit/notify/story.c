/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "unit/notify/story.h"

#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/json.h"

static const struct notify_settings settings = {
	.public_url = "https://tocsin.example.org",
	.smtp_url = "smtp://127.0.0.1:25",
	.smtp_from = "tocsin@example.org",
};
static const unsigned char key[32] = { 1 };

static void
hang(struct story *s)
{
	s->subscription = (struct subscription_row){ .id = 7, .name = "web-news" };
	s->list = (struct list_row){ .id = 3, .name = "web" };
	s->coverage = (struct coverage){ .state = COVERAGE_COMPLETE };
	s->d = (struct digest){
		.opaque_key = key,
		.message_id = "msg_0123456789abcdef0123456789abcdef",
		.subscription = &s->subscription,
		.list = &s->list,
		.from_seq = 10,
		.to_seq = 12,
		.at = 1767600000,
		.changes = &s->changes,
		.coverage = &s->coverage,
		.next_url = "https://tocsin.example.org/v1/subscriptions/web-news/"
			    "changes?from=10&to=12",
	};
}

void
story_small(struct story *s, struct arena *a)
{
	static struct change_image images[] = {
		{ .id = 1, .name = "shop", .ref = "r/shop", .owner = "payments" },
		{ .id = 2, .name = "api", .ref = "r/api" },
	};
	static struct change_package fixed[] = {
		{ "alpine:3.20", "openssl", "3.3.0-r0", NULL, FIX_AVAILABLE,
		    "3.3.1-r0" },
	};
	static struct change_package gone[] = {
		{ "alpine:3.20", "zlib", "1.2.12-r2", NULL, FIX_AVAILABLE,
		    "1.2.12-r2" },
	};
	static struct advisory_ref refs[] = {
		{ "nvd", "CVE-2024-4741",
		    "https://nvd.example.org/CVE-2024-4741?a=1&b=2" },
	};

	memset(s, 0, sizeof(*s));
	hang(s);
	s->changes.rows = arena_array(a, 2, sizeof(*s->changes.rows));
	s->changes.n_rows = 2;
	s->changes.n_touched_images = 2;
	s->changes.rows[0] = (struct change_row){ .kind = CHANGE_OPENED,
		.vulnerability_id = 1,
		.vulnerability = "CVE-2024-4741",
		.title = "Use after free in SSL_free_buffers & <friends>",
		.severity = SEVERITY_HIGH,
		.severity_by = "alpine",
		.epss_micro = -1,
		.exploited = 1767500000,
		.advisories = refs,
		.n_advisories = 1,
		.packages = fixed,
		.n_packages = 1,
		.n_images = 2,
		.images = images,
		.n_listed = 2 };
	s->changes.rows[1] = (struct change_row){ .kind = CHANGE_RESOLVED,
		.reason = "image_moved",
		.vulnerability_id = 2,
		.vulnerability = "CVE-2022-37434",
		.severity = SEVERITY_CRITICAL,
		.epss_micro = -1,
		.packages = gone,
		.n_packages = 1,
		.n_images = 1,
		.images = images,
		.n_listed = 1 };
	digest_count(&s->d);
}

/* ---- the wild one ---- */

/* xorshift: the same story for the same seed, everywhere */
static unsigned
dice(unsigned *state, unsigned n)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state % n;
}

static const char *
wild_text(struct arena *a, unsigned *state, unsigned most)
{
	static const char *const pieces[] = { "a", "Z", "0", " ", "\n", "\t", "\x01",
		"@here ", "@everyone", "@channel", "<!channel>", "<@U123>", "<!here|x>",
		"&", "<", ">", "\"", "\\", "`", "*", "_", "[x](http://evil.example)",
		"|", "\r\n", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x94\xa5", "\xff",
		"\xc0\xaf", "\xed\xa0\x80", "\xf0\x9f", "\xe2\x80\xae", "]]>", "{{",
		"%s", "~~", "#" };
	char *text = arena_alloc(a, 32 * (size_t)most + 1), *end = text;

	for (unsigned i = dice(state, most + 1); i > 0; i--) {
		const char *piece = pieces[dice(state, ROWS(pieces))];

		memcpy(end, piece, strlen(piece));
		end += strlen(piece);
	}
	*end = '\0';
	return text;
}

static struct change_row
wild_row(struct arena *a, unsigned *state)
{
	unsigned n_images = dice(state, 5), n_packages = 1 + dice(state, 6);
	struct change_row row = {
		.kind = (enum change_kind)dice(state, CHANGE_KIND_COUNT),
		.reason = wild_text(a, state, 4),
		.vulnerability_id = (int64_t)dice(state, 1000) + 1,
		.vulnerability = arena_printf(
		    a, "CVE-%u%s", dice(state, 100000), wild_text(a, state, 3)),
		.title = dice(state, 3) == 0 ? NULL : wild_text(a, state, 400),
		.severity = (enum severity)dice(state, SEVERITY_COUNT),
		.severity_by = dice(state, 2) == 0 ? NULL : wild_text(a, state, 20),
		.epss_micro = -1,
		.exploited = dice(state, 4) == 0,
		.packages = arena_array(a, n_packages, sizeof(*row.packages)),
		.n_packages = n_packages,
		.images = arena_array(a, n_images, sizeof(*row.images)),
		.n_listed = n_images,
		.n_images = dice(state, 1000000),
		.advisories = arena_array(a, 1, sizeof(*row.advisories)),
		.n_advisories = 1,
	};

	row.advisories[0].url =
	    arena_printf(a, "https://x/%s", wild_text(a, state, 60));
	for (unsigned i = 0; i < n_packages; i++)
		row.packages[i] = (struct change_package){ .ecosystem = "npm",
			.name = arena_printf(a, "@%s", wild_text(a, state, 40)),
			.version = wild_text(a, state, 10),
			.fix = dice(state, 2) == 0 ? FIX_AVAILABLE : FIX_NONE,
			.fix_version = wild_text(a, state, 10) };
	for (unsigned i = 0; i < n_images; i++)
		row.images[i] = (struct change_image){ .id = i + 1,
			.name = wild_text(a, state, 80),
			.ref = wild_text(a, state, 80),
			.owner = dice(state, 2) == 0 ? NULL : wild_text(a, state, 40) };
	return row;
}

void
story_wild(struct story *s, struct arena *a, unsigned seed)
{
	unsigned state = seed * 2654435761u + 1;
	size_t n = dice(&state, 80);

	memset(s, 0, sizeof(*s));
	hang(s);
	s->subscription.name = wild_text(a, &state, 60);
	s->list.name = wild_text(a, &state, 60);
	s->list.owner.name = wild_text(a, &state, 60);
	s->changes.rows = arena_array(a, n, sizeof(*s->changes.rows));
	s->changes.n_rows = n;
	for (size_t i = 0; i < n; i++)
		s->changes.rows[i] = wild_row(a, &state);
	s->changes.n_images = dice(&state, 10);
	s->changes.images =
	    arena_array(a, s->changes.n_images, sizeof(*s->changes.images));
	for (size_t i = 0; i < s->changes.n_images; i++)
		s->changes.images[i] = (struct image_change){
			.kind = EVENT_IMAGE_MOVED,
			.image = { .id = 1,
			    .name = wild_text(a, &state, 100),
			    .ref = "r" },
		};
	digest_count(&s->d);
}

struct outgoing
story_render(struct arena *a, const struct channel_driver *driver, const char *config,
    const struct digest *d, const char *recipient)
{
	struct outgoing out = { .recipient = recipient };
	const char *full = NULL, *secret = NULL;
	struct json *j = NULL;
	struct digest copy = *d;
	struct err e = ERR_INIT;

	if (json_parse(&j, config, strlen(config), &e) != ERR_OK)
		fail_msg("not JSON: %s", config);
	if (notify_channel_check(driver->type, j, &settings, a, &full, &secret, &e) !=
	    ERR_OK)
		fail_msg("%s: %s", driver->type, e.text);
	json_free(j);
	assert_int_equal(json_parse(&j, full, strlen(full), NULL), ERR_OK);
	if (channel_render(driver, &copy, j, &settings, a, &out, &e) != ERR_OK)
		fail_msg("%s: %s", driver->type, e.text);
	json_free(j);
	return out;
}
