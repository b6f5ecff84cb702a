/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin serve: the service, from the first line to SIGTERM. */
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "config/config.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/str.h"
#include "server/cli.h"
#include "server/http_server.h"
#include "server/live.h"
#include "server/loops.h"
#include "server/token.h"
#include "store/teams.h"

/* Tell systemd, if it asked to be told (Type=notify). */
static void
notify_manager(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t n = path != NULL ? strlen(path) : 0;
	int fd;

	if (n < 2 || n >= sizeof(to.sun_path))
		return;
	memcpy(to.sun_path, path, n);
	if (to.sun_path[0] == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
	(void)close(fd);
}

static bool
is_loopback(const char *host)
{
	return str_starts(host, "127.") || str_eq(host, "localhost") ||
	       str_eq(host, "[::1]");
}

/* The very first start makes a token, so that the command line works at once. */
static enum err_code
first_token(struct live *l, bool *ret_made, struct err *e)
{
	const struct config *c = live_config(l)->config;
	char text[TOKEN_SIZE];
	int64_t n = 0, id;
	enum err_code rc;

	*ret_made = false;
	if ((rc = store_token_count(l->store, &n, e)) != ERR_OK || n > 0)
		return rc;
	if (!is_loopback(c->listen_host)) {
		log_warn(
		    "no token exists yet; make one with 'tocsin token create --team "
		    "NAME --scope admin --db %s'",
		    c->db);
		return ERR_OK;
	}
	rc = token_issue(l->store, "default", TOKEN_ADMIN, "first-start", 0, "serve",
	    l->started_at, text, &id, e);
	if (rc == ERR_OK)
		rc = token_file_write(c->state_dir, text, e);
	*ret_made = rc == ERR_OK;
	return rc;
}

static void
greet(const struct config *c, unsigned port, bool made_token)
{
	printf("tocsin %s\n", TOCSIN_VERSION);
	printf("  listening  http://%s:%u\n", c->listen_host, port);
	printf("  store      %s\n", c->db);
	if (made_token)
		printf("  token      %s/token (team default, admin; the command line "
		       "reads it)\n",
		    c->state_dir);
	printf(
	    "  try        tocsin images add --name this-machine /var/lib/dpkg/status "
	    "--os debian:12\n");
	(void)fflush(stdout);
}

/* Until SIGTERM or SIGINT; SIGHUP reads the configuration again. */
static void
wait_for_signals(struct live *l, const sigset_t *set)
{
	for (;;) {
		struct err e = ERR_INIT;
		int sig = 0;

		if (sigwait(set, &sig) != 0)
			continue;
		if (sig != SIGHUP) {
			log_info("stopping signal=%d", sig);
			return;
		}
		notify_manager("RELOADING=1");
		if (live_reload(l, &e) != ERR_OK)
			log_error("configuration not reloaded: %s", e.text);
		else
			log_info("configuration reloaded");
		notify_manager("READY=1");
	}
}

static enum err_code
run(struct live *l, const sigset_t *set, struct err *e)
{
	struct http_server *http = NULL;
	struct loops *loops = NULL;
	bool made_token = false;
	unsigned port = 0;
	enum err_code rc;

	if ((rc = first_token(l, &made_token, e)) != ERR_OK ||
	    (rc = loops_start(&loops, l, e)) != ERR_OK)
		return rc;
	if ((rc = http_server_start(&http, l, &port, e)) == ERR_OK) {
		greet(live_config(l)->config, port, made_token);
		live_set_ready(l, true);
		notify_manager("READY=1");
		wait_for_signals(l, set);
		notify_manager("STOPPING=1");
		live_set_ready(l, false);
	}
	/* No new work, then the work in hand, then the store. */
	http_server_stop(http);
	live_stop(l);
	loops_join(loops);
	return rc;
}

static void
block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int
serve(int argc, char **argv)
{
	const char *config_path = NULL, *db = NULL, *listen = NULL;
	struct option_list sets = { .n = 0 };
	const struct option_def options[] = {
		{ "--config", OPTION_TEXT, &config_path },
		{ "--db", OPTION_TEXT, &db },
		{ "--listen", OPTION_TEXT, &listen },
		{ "--set", OPTION_LIST, &sets },
		{ NULL, OPTION_FLAG, NULL },
	};
	const char *overrides[sizeof(sets.at) / sizeof(sets.at[0]) + 3] = { NULL };
	char db_text[1100], listen_text[300];
	struct config *config = NULL;
	struct err e = ERR_INIT;
	struct live live;
	sigset_t set;
	size_t n;
	enum err_code rc;

	if (!options_read(&argc, argv, options) || argc > 1)
		return cli_usage(&command_serve);
	for (n = 0; n < sets.n; n++)
		overrides[n] = sets.at[n];
	if (db != NULL) {
		(void)snprintf(db_text, sizeof(db_text), "db=%s", db);
		overrides[n++] = db_text;
	}
	if (listen != NULL) {
		(void)snprintf(listen_text, sizeof(listen_text), "listen=%s", listen);
		overrides[n++] = listen_text;
	}
	if (config_load(&config, config_path, overrides, &e) != ERR_OK)
		return cli_fail(CLI_CONFIG, &e);
	block_signals(&set);
	rc = live_open(&live, config, config_path, overrides, &e);
	if (rc == ERR_OK)
		rc = run(&live, &set, &e);
	live_close(&live);
	log_info("stopped");
	return rc == ERR_OK ? CLI_OK : cli_fail(CLI_ERROR, &e);
}

const struct command command_serve = {
	.name = "serve",
	.usage = "[--config FILE] [--db STORE] [--listen ADDRESS:PORT] [--set "
		 "NAME=VALUE]...",
	.summary = "run the service: feeds, matching, messages, REST",
	.run = serve,
};
