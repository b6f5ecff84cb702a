/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_fuzz - any bytes into both readers of JSON: what the tree takes the pull reader
 * takes too, and what is printed of a tree makes the same tree again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/json.h"
#include "core/json_read.h"
#include "core/stream.h"

#define MAX_PRINTED ((size_t)64 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err_code
pull(const void *data, size_t size)
{
	struct json_value v = { .token = JSON_NULL };
	struct err e = ERR_INIT;
	struct json_reader *r;
	struct stream *in;
	enum err_code rc;

	if ((rc = stream_open_memory(&in, data, size, size, &e)) != ERR_OK)
		return rc;
	r = json_reader_new(in);
	do
		rc = json_next(r, &v, &e);
	while (rc == ERR_OK && v.token != JSON_END);
	/* the failure stays */
	if (rc != ERR_OK && (e.text[0] == '\0' || json_next(r, &v, NULL) != rc))
		abort();
	json_reader_free(r);
	stream_close(in);
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_BUF struct buf one = BUF_INIT(MAX_PRINTED), two = BUF_INIT(MAX_PRINTED);
	struct json *j = NULL;
	enum err_code pulled = pull(data, size);

	if (json_parse(&j, (const char *)data, size, NULL) != ERR_OK)
		return 0;
	if (pulled != ERR_OK)
		abort();
	json_print(j, &one);
	json_free(j);
	j = NULL;
	if (json_parse(&j, buf_str(&one), one.len, NULL) != ERR_OK)
		abort();
	json_print(j, &two);
	json_free(j);
	if (one.len != two.len || memcmp(buf_str(&one), buf_str(&two), one.len) != 0)
		abort();
	return 0;
}
