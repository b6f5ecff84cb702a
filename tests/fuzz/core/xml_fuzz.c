/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml_fuzz - any bytes into the reader of XML: elements are ended in the order in which
 * they began, a failure stays, and leaving elements unread ends where reading them does.
 */
#include <stdint.h>
#include <stdlib.h>

#include "core/stream.h"
#include "core/xml_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err_code
walk(const uint8_t *data, size_t size, bool skip)
{
	struct xml_value v = { .token = XML_TEXT };
	struct err e = ERR_INIT;
	struct xml_reader *r;
	struct stream *in;
	size_t depth = 0;
	enum err_code rc;

	if ((rc = stream_open_memory(&in, data, size, 1 << 24, &e)) != ERR_OK)
		return rc;
	r = xml_reader_new(in);
	while ((rc = xml_next(r, &v, &e)) == ERR_OK && v.token != XML_END) {
		depth += v.token == XML_ELEMENT;
		if (v.token == XML_ELEMENT_END && depth-- == 0)
			abort();
		if (v.token == XML_ELEMENT && skip && depth == 2) {
			if ((rc = xml_skip(r, &e)) != ERR_OK)
				break;
			depth--;
		}
	}
	if (rc == ERR_OK ? depth != 0
			 : e.text[0] == '\0' || xml_next(r, &v, NULL) != rc)
		abort();
	xml_reader_free(r);
	stream_close(in);
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (walk(data, size, false) != walk(data, size, true))
		abort();
	return 0;
}
