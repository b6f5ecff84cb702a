/* SPDX-License-Identifier: Apache-2.0 */
/* fixture - the small world in which a feed is run. */
#include "unit/fetchers/fixture.h"

#include <dirent.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/cleanup.h"
#include "core/digest.h"
#include "core/mem.h"
#include "core/record.h"
#include "core/str.h"
#include "unit/unit.h"

static void
append(char *to, size_t size, const char *text)
{
	size_t at = strlen(to);

	(void)snprintf(to + at, size - at, "%s", text);
}

/* ---- the network ---- */

static struct answer *
find_answer(struct world *w, const char *url)
{
	for (size_t i = 0; i < w->n_answers; i++) {
		if (w->used[i] || !str_eq(w->answers[i].url, url))
			continue;
		w->used[i] = !w->answers[i].always;
		return &w->answers[i];
	}
	return NULL;
}

/* Gzip without squeezing: stored blocks, which any reader must take. */
static size_t
pack(const char *body, size_t len, unsigned char *out)
{
	static const unsigned char head[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3 };
	uint32_t crc = crc32_of(body, len);
	size_t n = sizeof(head);

	memcpy(out, head, sizeof(head));
	for (size_t at = 0; at < len || at == 0;) {
		size_t block = len - at < 65535 ? len - at : 65535;

		out[n++] = at + block == len;
		out[n++] = (unsigned char)block;
		out[n++] = (unsigned char)(block >> 8);
		out[n++] = (unsigned char)~block;
		out[n++] = (unsigned char)(~block >> 8);
		memcpy(out + n, body + at, block);
		n += block;
		at += block;
		if (len == 0)
			break;
	}
	for (int i = 0; i < 4; i++)
		out[n++] = (unsigned char)(crc >> (8 * i));
	for (int i = 0; i < 4; i++)
		out[n++] = (unsigned char)((uint32_t)len >> (8 * i));
	return n;
}

static void
send_body(const struct answer *a, int fd)
{
	size_t len = strlen(a->body);
	CLEANUP_FREE unsigned char *packed = mem_alloc(2 * len + 64);
	const void *bytes = a->body;

	if (a->gzip) {
		len = pack(a->body, len, packed);
		bytes = packed;
	}
	assert_int_equal(write(fd, bytes, len), len);
}

static void
note_request(struct world *w, const struct http_request *req)
{
	struct request *r = &w->requests[w->n_requests];

	assert_in_range(w->n_requests, 0, MAX_REQUESTS - 1);
	w->n_requests++;
	(void)snprintf(r->url, sizeof(r->url), "%s", req->url);
	(void)snprintf(r->etag, sizeof(r->etag), "%s", str_or_empty(req->etag));
	(void)snprintf(r->last_modified, sizeof(r->last_modified), "%s",
	    str_or_empty(req->last_modified));
	if (req->headers != NULL)
		(void)snprintf(
		    r->header, sizeof(r->header), "%s", str_or_empty(req->headers[0]));
	r->at_ms = w->clock.at_ms;
}

static enum err_code
fake_http(struct net *n, const struct http_request *req, struct http_response *ret,
    struct err *e)
{
	struct world *w = (struct world *)n;
	const struct answer *a = find_answer(w, req->url);

	note_request(w, req);
	*ret = (struct http_response){ .status = 404, .retry_after_s = -1 };
	if (a == NULL)
		return ERR_OK;
	if (a->status == 0) {
		ret->permanent = a->permanent;
		return err_set(e, ERR_UNREACHABLE, "nobody there");
	}
	ret->status = a->status;
	if (a->retry_after_s != 0)
		ret->retry_after_s = a->retry_after_s;
	(void)snprintf(ret->etag, sizeof(ret->etag), "%s", str_or_empty(a->etag));
	(void)snprintf(ret->last_modified, sizeof(ret->last_modified), "%s",
	    str_or_empty(a->last_modified));
	if (a->body != NULL)
		send_body(a, req->to_fd);
	return ERR_OK;
}

/* ---- sink, sleep, progress ---- */

static struct world *
world_of(struct record_sink *s)
{
	return (struct world *)(void *)((char *)s - offsetof(struct world, sink));
}

static enum err_code
take_record(struct record_sink *s, const struct record *r, struct err *e)
{
	struct world *w = world_of(s);

	if (w->sink_says != ERR_OK)
		return err_set(e, w->sink_says, "the sink is full");
	append(w->keys, sizeof(w->keys), r->key);
	append(w->keys, sizeof(w->keys), " ");
	w->n_records++;
	return ERR_OK;
}

static enum err_code
take_gone(struct record_sink *s, const char *key, struct err *e)
{
	struct world *w = world_of(s);

	(void)e;
	append(w->gone, sizeof(w->gone), key);
	append(w->gone, sizeof(w->gone), " ");
	return ERR_OK;
}

static void
take_skipped(struct record_sink *s, const char *key, const char *why)
{
	struct world *w = world_of(s);

	append(w->skipped, sizeof(w->skipped), key);
	append(w->skipped, sizeof(w->skipped), ": ");
	append(w->skipped, sizeof(w->skipped), why);
	append(w->skipped, sizeof(w->skipped), "\n");
}

static int
fake_sleep(void *arg, int64_t ms)
{
	struct world *w = arg;
	char text[32];

	(void)snprintf(text, sizeof(text), "%" PRId64 " ", ms);
	append(w->slept, sizeof(w->slept), text);
	w->clock.at_ms += ms;
	return w->stop_sleeping ? -1 : 0;
}

static bool
fake_progress(
    void *arg, const char *what, uint64_t bytes, uint64_t total, uint64_t records)
{
	(void)what;
	(void)bytes;
	(void)total;
	(void)records;
	return !((const struct world *)arg)->stop;
}

/* ---- the world ---- */

int
world_setup(void **state)
{
	struct world *w = mem_zalloc(sizeof(*w));

	w->net.http = fake_http;
	w->sink = (struct record_sink){
		.record = take_record, .skipped = take_skipped, .gone = take_gone
	};
	clock_fake_init(&w->clock, (int64_t)WORLD_AT * 1000);
	w->arena = arena_new();
	(void)snprintf(w->spool, sizeof(w->spool), "/tmp/tocsin-spool-XXXXXX");
	assert_non_null(mkdtemp(w->spool));
	w->feed = (struct feed_config){ .name = "feed", .enabled = true };
	*state = w;
	return 0;
}

int
world_teardown(void **state)
{
	struct world *w = *state;

	(void)rmdir(w->spool);
	arena_free(w->arena);
	free(w);
	return 0;
}

void
world_answer(struct world *w, struct answer a)
{
	assert_in_range(w->n_answers, 0, MAX_ANSWERS - 1);
	w->answers[w->n_answers++] = a;
}

enum err_code
world_run(struct world *w)
{
	const struct fetch_options o = {
		.feed = &w->feed,
		.state = &w->state,
		.net = &w->net,
		.clock = &w->clock.clock,
		.spool_dir = w->spool,
		.arena = w->arena,
		.sink = &w->sink,
		.progress = fake_progress,
		.sleep_ms = fake_sleep,
		.progress_arg = w,
	};
	enum err_code rc;

	w->err = ERR_INIT;
	w->keys[0] = w->gone[0] = w->skipped[0] = w->slept[0] = '\0';
	w->n_records = w->n_requests = 0;
	if ((rc = fetch_run(&o, &w->result, &w->err)) == ERR_OK)
		w->state = w->result.next;
	return rc;
}

size_t
world_asked(const struct world *w, const char *part)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_requests; i++)
		n += strstr(w->requests[i].url, part) != NULL;
	return n;
}

size_t
world_spooled(const struct world *w)
{
	DIR *dir = opendir(w->spool);
	struct dirent *entry;
	size_t n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		n += entry->d_name[0] != '.';
	(void)closedir(dir);
	return n;
}

void
world_expect(const struct world *w, enum err_code rc, enum err_code want)
{
	if (rc != want)
		fail_msg("expected %s, got %s: %s", err_code_name(want),
		    err_code_name(rc), w->err.text);
}
