/* SPDX-License-Identifier: Apache-2.0 */
/* service_rekey - the start of a newer program on an older program's store. */
#include "core/clock.h"
#include "server/service.h"
#include "store/rekey.h"

#define SLICE_MS 40

enum err_code
service_rekey(struct store *st, const struct clock *clock,
    void (*tell)(void *arg, uint64_t done, uint64_t total), void *arg, struct err *e)
{
	struct rekey *r = NULL;
	enum err_code rc = store_rekey_open(st, clock_now_s(clock), &r, e);
	bool done = r == NULL;

	while (rc == ERR_OK && !done) {
		uint64_t n, total;

		rc = store_rekey_step(r, SLICE_MS, &done, e);
		store_rekey_progress(r, &n, &total);
		if (rc == ERR_OK && tell != NULL)
			tell(arg, n, total);
	}
	store_rekey_close(r);
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "making version keys anew");
}
