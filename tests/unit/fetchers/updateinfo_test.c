/* SPDX-License-Identifier: Apache-2.0 */
/* updateinfo_test - repositories, lists of mirrors and catalogues of repositories. */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/digest.h"
#include "core/str.h"
#include "unit/fetchers/fixture.h"
#include "unit/unit.h"

#define NOTICE(id, package)                                                            \
	"<updates><update type=\"security\"><id>" id                                   \
	"</id><pkglist><collection short=\"F42\"><package name=\"" package             \
	"\" version=\"1\" release=\"1.fc42\" arch=\"x86_64\"/></collection>"           \
	"</pkglist></update></updates>"

static const char one[] = NOTICE("N-1", "a"), two[] = NOTICE("N-2", "b");

static struct world *
repo_world(void **state, const char *url)
{
	struct world *w = *state;

	w->feed.driver = "updateinfo";
	w->feed.url = url;
	return w;
}

static void
answer(struct world *w, const char *url, const char *body)
{
	world_answer(w,
	    (struct answer){ .url = url, .status = 200, .body = body, .always = true });
}

static const char *
sha_of(struct world *w, const char *text)
{
	unsigned char digest[SHA256_SIZE];
	char *hex = arena_alloc(w->arena, SHA256_HEX_SIZE);

	sha256_of(text, strlen(text), digest);
	return hex_encode(digest, sizeof(digest), hex);
}

/* A repository at BASE whose index announces DOCUMENT, with the checksum SHA. */
static void
offer(struct world *w, const char *base, const char *document, const char *sha)
{
	answer(w, arena_printf(w->arena, "%srepodata/repomd.xml", base),
	    arena_printf(w->arena,
		"<repomd xmlns=\"http://linux.duke.edu/metadata/repo\">"
		"<data type=\"primary\"><location href=\"repodata/p.xml.gz\"/></data>"
		"<data type=\"updateinfo_zck\"><location "
		"href=\"repodata/u.zck\"/></data>"
		"<data type=\"updateinfo\"><checksum type=\"sha256\">%s</checksum>"
		"<location href=\"repodata/%.6s-updateinfo.xml\"/></data></repomd>",
		sha, sha));
	answer(w, arena_printf(w->arena, "%srepodata/%.6s-updateinfo.xml", base, sha),
	    document);
}

static void
an_index_leads_to_the_notices(void **state)
{
	struct world *w = repo_world(state, "https://example.org/os/");

	offer(w, "https://example.org/os/", one, sha_of(w, one));
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->keys, "N-1 ");
	assert_true(w->result.complete);
	/* the same index: nothing is downloaded, nothing parsed */
	world_expect(w, world_run(w), ERR_OK);
	assert_true(w->result.unchanged);
	assert_int_equal(world_asked(w, "updateinfo"), 0);
	assert_int_equal(world_asked(w, "repomd"), 1);
	/* but a new revision of the driver reads it all the same */
	w->state.force = true;
	world_expect(w, world_run(w), ERR_OK);
	assert_int_equal(world_asked(w, "updateinfo"), 1);
}

static void
the_index_itself_and_the_document_itself_may_be_the_address(void **state)
{
	struct world *w =
	    repo_world(state, "https://example.org/os/repodata/repomd.xml");

	offer(w, "https://example.org/os/", one, sha_of(w, one));
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->keys, "N-1 ");
	w->feed.url = "https://example.org/updateinfo.xml.gz";
	world_answer(
	    w, (struct answer){
		   .url = w->feed.url, .status = 200, .body = two, .gzip = true });
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->keys, "N-2 ");
}

static void
a_file_that_is_not_the_announced_one_is_refused(void **state)
{
	struct world *w = repo_world(state, "https://example.org/os/");

	offer(w, "https://example.org/os/", one, sha_of(w, two));
	world_expect(w, world_run(w), ERR_INPUT);
	assert_non_null(strstr(w->err.text, "announces"));
	assert_string_equal(w->keys, "");
}

static void
a_repository_without_notices_has_none(void **state)
{
	struct world *w = repo_world(state, "https://example.org/os/");

	answer(w, "https://example.org/os/repodata/repomd.xml",
	    "<repomd><data type=\"primary\"/></repomd>");
	world_expect(w, world_run(w), ERR_OK);
	assert_true(w->result.complete);
	assert_false(w->result.unchanged);
	assert_int_equal(w->result.records, 0);
}

static void
what_is_no_index_is_refused(void **state)
{
	static const char *const bad[] = { "<html/>", "<repomd/>", "404", "" };

	for (size_t i = 0; i < ROWS(bad); i++) {
		struct world *w = repo_world(state, "https://example.org/os/");

		world_answer(w, (struct answer){
				    .url = "https://example.org/os/repodata/repomd.xml",
				    .status = 200,
				    .body = bad[i] });
		world_expect(w, world_run(w), ERR_INPUT);
	}
}

static void
the_first_mirror_that_answers_is_taken(void **state)
{
	struct world *w = repo_world(state, "https://example.org/core/mirror.list");

	answer(w, w->feed.url,
	    "https://dead.example.org/core\n\n# more\r\nhttps://b.example.org/core/\n");
	world_answer(w,
	    (struct answer){ .url = "https://dead.example.org/core/repodata/repomd.xml",
		.status = 404 });
	offer(w, "https://b.example.org/core/", one, sha_of(w, one));
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->keys, "N-1 ");
}

static void
mirrors_may_be_beside_their_list(void **state)
{
	struct world *w = repo_world(state, "https://example.org/core/mirror.list");

	answer(w, w->feed.url, "../2.0\n");
	offer(w, "https://example.org/2.0/", one, sha_of(w, one));
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->keys, "N-1 ");
}

static void
without_a_mirror_the_last_failure_is_told(void **state)
{
	struct world *w = repo_world(state, "https://example.org/core/mirror.list");

	answer(w, w->feed.url, "https://dead.example.org/core\n");
	world_answer(w,
	    (struct answer){ .url = "https://dead.example.org/core/repodata/repomd.xml",
		.status = 404 });
	world_expect(w, world_run(w), ERR_NOTFOUND);
	assert_non_null(strstr(w->err.text, "dead.example.org"));
}

static void
a_catalogue_is_many_repositories(void **state)
{
	struct world *w =
	    repo_world(state, "https://example.org/2/extras-catalog.json");

	answer(w, w->feed.url,
	    "{\"motd\":\"\",\"topics\":[{\"n\":\"docker\",\"inst\":[\"docker\"]},"
	    "{\"n\":\"gone\"},{\"n\":\"nginx1\"}]}");
	answer(w, "https://example.org/2/extras/docker/latest/x86_64/mirror.list",
	    "https://m.example.org/docker\n");
	world_answer(
	    w, (struct answer){
		   .url = "https://example.org/2/extras/gone/latest/x86_64/mirror.list",
		   .status = 404,
		   .always = true });
	answer(w, "https://example.org/2/extras/nginx1/latest/x86_64/mirror.list",
	    "https://m.example.org/nginx1\n");
	offer(w, "https://m.example.org/docker/", one, sha_of(w, one));
	offer(w, "https://m.example.org/nginx1/", two, sha_of(w, two));
	world_expect(w, world_run(w), ERR_OK);
	assert_string_equal(w->keys, "N-1 N-2 ");
	assert_true(w->result.complete);
	world_expect(w, world_run(w), ERR_OK);
	assert_true(w->result.unchanged);
}

#define RULE(t) cmocka_unit_test_setup_teardown(t, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(an_index_leads_to_the_notices),
		RULE(the_index_itself_and_the_document_itself_may_be_the_address),
		RULE(a_file_that_is_not_the_announced_one_is_refused),
		RULE(a_repository_without_notices_has_none),
		RULE(what_is_no_index_is_refused),
		RULE(the_first_mirror_that_answers_is_taken),
		RULE(mirrors_may_be_beside_their_list),
		RULE(without_a_mirror_the_last_failure_is_told),
		RULE(a_catalogue_is_many_repositories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
