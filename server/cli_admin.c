/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin token, check-config, version: operation. */
#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/feed_config.h"
#include "core/str.h"
#include "fetchers/fetchers.h"
#include "server/cli.h"
#include "server/feeds_document.h"
#include "server/routes.h"
#include "server/token.h"
#include "store/store.h"

/* ---- token ---- */

struct token_args {
	const char *team, *scope, *name, *db, *config, *expires;
};

static enum err_code
token_create(const struct token_args *args, char out[TOKEN_SIZE], struct err *e)
{
	const struct store_options options = { .keyer =
						   NULL }; /* tokens have no versions */
	enum token_scope scope = TOKEN_WRITE;
	struct config *config = NULL;
	struct store *st = NULL;
	int64_t now = clock_now_s(clock_system()), expires_at = 0, ms = 0, id;
	enum err_code rc;

	if (args->scope != NULL && !token_scope_from_name(args->scope, &scope))
		return err_set(e, ERR_INPUT,
		    "--scope takes submit, read, write, admin or auditor");
	if (args->expires != NULL) {
		if (!str_duration_ms(args->expires, &ms) || ms <= 0)
			return err_set(
			    e, ERR_INPUT, "--expires takes a duration like 90d");
		expires_at = now + ms / 1000;
	}
	if ((rc = config_load(&config, args->config, NULL, e)) != ERR_OK)
		return rc;
	rc = store_open(&st, args->db != NULL ? args->db : config->db, &options, e);
	if (rc == ERR_OK)
		rc = token_issue(st, args->team, scope,
		    args->name != NULL ? args->name : "cli", expires_at, "cli", now,
		    out, &id, e);
	store_close(st);
	config_free(config);
	return rc;
}

static int
token(int argc, char **argv)
{
	struct token_args args = { 0 };
	const struct option_def options[] = {
		{ "--team", OPTION_TEXT, &args.team },
		{ "--scope", OPTION_TEXT, &args.scope },
		{ "--name", OPTION_TEXT, &args.name },
		{ "--expires", OPTION_TEXT, &args.expires },
		{ "--db", OPTION_TEXT, &args.db },
		{ "--config", OPTION_TEXT, &args.config },
		{ NULL, OPTION_FLAG, NULL },
	};
	char text[TOKEN_SIZE];
	struct err e = ERR_INIT;

	if (!options_read(&argc, argv, options))
		return CLI_USAGE;
	if (argc != 2 || !str_eq(argv[1], "create") || args.team == NULL)
		return cli_usage(&command_token);
	if (token_create(&args, text, &e) != ERR_OK)
		return cli_fail(CLI_ERROR, &e);
	printf("%s\n", text);
	return CLI_OK;
}

const struct command command_token = {
	.name = "token",
	.usage = "create --team TEAM|all [--scope submit|read|write|admin|auditor] "
		 "[--name NAME] "
		 "[--expires 90d] [--db STORE] [--config FILE]",
	.summary = "make a token, straight in the store",
	.run = token,
};

/* ---- check-config ---- */

static enum err_code
check_drivers(const struct config *c, struct err *e)
{
	for (size_t i = 0; i < c->n_feeds; i++)
		if (driver_find(c->feeds[i].driver) == NULL)
			return err_set(e, ERR_INPUT, "feed %s: no driver \"%s\"",
			    c->feeds[i].name, c->feeds[i].driver);
	return ERR_OK;
}

static int
print_document(void (*write)(struct buf *out))
{
	struct buf text = BUF_INIT(1u << 20);

	write(&text);
	(void)fwrite(buf_str(&text), 1, text.len, stdout);
	buf_done(&text);
	return CLI_OK;
}

static int
print_feeds(void)
{
	struct buf text = BUF_INIT(1u << 20);
	struct err e = ERR_INIT;
	int rc = CLI_OK;

	if (feeds_document(&text, &e) == ERR_OK)
		(void)fwrite(buf_str(&text), 1, text.len, stdout);
	else
		rc = cli_fail(CLI_CONFIG, &e);
	buf_done(&text);
	return rc;
}

static int
check_config(int argc, char **argv)
{
	const char *path = NULL;
	bool show = false, document = false, document_api = false;
	bool document_feeds = false;
	const struct option_def options[] = {
		{ "--config", OPTION_TEXT, &path },
		{ "--show", OPTION_FLAG, &show },
		{ "--document-api", OPTION_FLAG, &document_api },
		{ "--document-feeds", OPTION_FLAG, &document_feeds },
		{ "--document", OPTION_FLAG, &document },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct buf text = BUF_INIT(1u << 20);
	struct config *c = NULL;
	struct err e = ERR_INIT;

	if (!options_read(&argc, argv, options) || argc > 2 ||
	    (argc > 1 && path != NULL))
		return cli_usage(&command_check_config);
	if (document || document_api)
		return print_document(document ? config_document : routes_document);
	if (document_feeds)
		return print_feeds();
	if (config_load(&c, argc > 1 ? argv[1] : path, NULL, &e) != ERR_OK)
		return cli_fail(CLI_CONFIG, &e);
	if (check_drivers(c, &e) != ERR_OK) {
		config_free(c);
		return cli_fail(CLI_CONFIG, &e);
	}
	for (size_t i = 0; c->warnings != NULL && c->warnings[i] != NULL; i++)
		fprintf(stderr, "warning: %s\n", c->warnings[i]);
	if (show) {
		config_show(c, &text);
		(void)fwrite(buf_str(&text), 1, text.len, stdout);
		buf_done(&text);
	} else {
		printf("configuration is good\n");
	}
	config_free(c);
	return CLI_OK;
}

const struct command command_check_config = {
	.name = "check-config",
	.usage = "[FILE | --config FILE] [--show]\n--document       "
		 "(docs/CONFIG.md)\n--document-api   "
		 "(docs/API.md)\n--document-feeds "
		 "(docs/FEEDS.md)",
	.summary = "is this configuration good, and what would be used",
	.run = check_config,
};

/* ---- version ---- */

static int
version(int argc, char **argv)
{
	(void)argc, (void)argv;
	printf("tocsin %s\n", TOCSIN_VERSION);
	return CLI_OK;
}

const struct command command_version = {
	.name = "version",
	.usage = "",
	.summary = "print the version",
	.run = version,
};
