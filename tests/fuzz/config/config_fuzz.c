/* SPDX-License-Identifier: Apache-2.0 */
/* config_fuzz - any bytes as a file of settings: what is taken is shown and taken again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "core/buf.h"

#define MAX_SHOWN ((size_t)1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_BUF struct buf shown = BUF_INIT(MAX_SHOWN);
	struct config *c = NULL, *again = NULL;
	struct err e = ERR_INIT;

	if (setenv("TOCSIN_STATE_DIR", "/nonexistent", 1) != 0)
		abort();
	if (config_parse(&c, (const char *)data, size, "t.yaml", NULL, &e) != ERR_OK) {
		if (e.text[0] == '\0' || c != NULL)
			abort();
		return 0;
	}
	config_show(c, &shown);
	if (!shown.full &&
	    config_parse(&again, buf_str(&shown), shown.len, NULL, NULL, &e) != ERR_OK)
		abort();
	config_free(again);
	config_free(c);
	return 0;
}
