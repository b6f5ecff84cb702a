/* SPDX-License-Identifier: Apache-2.0 */
/* Health, readiness, metrics, and the API's own description. */
#include <string.h>

#include "server/api.h"
#include "server/live.h"
#include "server/metrics.h"
#include "server/routes.h"

HANDLER(api_openapi)
{
	(void)r, (void)e;
	routes_openapi(&out->body);
	return ERR_OK;
}

HANDLER(api_healthz)
{
	(void)r, (void)e;
	out->content_type = "text/plain; charset=utf-8";
	buf_adds(&out->body, "ok\n");
	return ERR_OK;
}

/* Ready when the store answers and the threads run; a feed that is down is no reason. */
HANDLER(api_readyz)
{
	enum err_code rc;

	if (!live_is_ready(r->live))
		return err_set(e, ERR_BUSY, "starting or stopping");
	if ((rc = store_ping(r->reader->store, e)) != ERR_OK)
		return rc;
	out->content_type = "text/plain; charset=utf-8";
	buf_adds(&out->body, "ready\n");
	return ERR_OK;
}

HANDLER(api_metrics)
{
	out->content_type = "text/plain; version=0.0.4; charset=utf-8";
	return metrics_write(r->live, r->reader, r->arena, &out->body, e);
}
