/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP request against a server in this process; see exchange.h. */
#include "unit/unit.h"

#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/str.h"

static struct loopback *server;
static struct net *net;

int
exchange_begin(const struct loopback_row *rows)
{
	static const char *const variables[] = { "http_proxy", "https_proxy",
		"HTTPS_PROXY", "all_proxy", "ALL_PROXY" };

	for (size_t i = 0; i < ROWS(variables); i++)
		(void)unsetenv(variables[i]);
	server = loopback_start(rows);
	if (server == NULL)
		return -1;
	return net_curl_new(&net, "tocsin/test (unit)", NULL) == ERR_OK ? 0 : -1;
}

int
exchange_end(void **state)
{
	(void)state;
	net_free(net);
	net_free(NULL);
	loopback_stop(server);
	return 0;
}

struct loopback *
exchange_server(void)
{
	return server;
}

int
exchange_setup(void **state)
{
	struct exchange *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return -1;
	x->req.url = x->url;
	x->req.to_fd = -1;
	x->req.max_bytes = 1 << 20;
	x->req.timeout_ms = 20000;
	x->res.body = BUF_INIT(1 << 20);
	*state = x;
	return 0;
}

int
exchange_teardown(void **state)
{
	struct exchange *x = *state;

	buf_done(&x->res.body);
	free(x);
	return 0;
}

void
exchange_run(struct exchange *x)
{
	x->e = ERR_INIT;
	buf_reset(&x->res.body);
	x->rc = net->http(net, &x->req, &x->res, &x->e);
}

void
exchange_get(struct exchange *x, const char *path)
{
	(void)snprintf(x->url, sizeof(x->url), "http://127.0.0.1:%u%s",
	    loopback_port(server), path);
	exchange_run(x);
}

void
exchange_expect(
    const struct exchange *x, enum err_code rc, int status, const char *body)
{
	if (x->rc != rc || x->res.status != status ||
	    (body != NULL && !str_eq(buf_str(&x->res.body), body)))
		fail_msg("%s: wanted %s %d \"%s\", got %s %d \"%s\" (%s)", x->url,
		    err_code_name(rc), status, str_or_empty(body), err_code_name(x->rc),
		    x->res.status, buf_str(&x->res.body), x->e.text);
}
