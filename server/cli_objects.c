/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin lists, channels, subscribe, messages: who is told what. */
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/str.h"
#include "core/url.h"
#include "server/cli.h"
#include "server/cli_client.h"

#define MAX_BODY 65536

static bool
print_item(void *arg, const struct json *item)
{
	(void)arg;
	client_print(item);
	return true;
}

/* A collection as JSON lines or as a table by ROW. */
static enum err_code
show(struct client *c, const char *path, const char *const heads[], size_t n,
    bool (*row)(void *, const struct json *), struct err *e)
{
	struct table *t;
	enum err_code rc;

	if (c->json)
		return client_pages(c, path, print_item, NULL, e);
	t = table_new(heads, n);
	rc = client_pages(c, path, row, t, e);
	table_print(t);
	return rc;
}

static enum err_code
send_body(struct client *c, const char *method, const char *path, struct buf *body,
    struct json **ret, struct err *e)
{
	enum err_code rc = body->full ? err_set(e, ERR_LIMIT, "that is too long")
				      : client_call(c, method, path, NULL,
					    buf_str(body), body->len, ret, e);

	buf_done(body);
	return rc;
}

static enum err_code
delete_one(struct client *c, const char *path, const char *name, struct err *e)
{
	struct json *j = NULL;
	enum err_code rc =
	    client_call(c, "DELETE", client_path(c, path, name), NULL, NULL, 0, &j, e);

	json_free(j);
	return rc;
}

static void
write_all(struct json_writer *w, const char *key, const char *const *texts, size_t n)
{
	jw_key(w, key);
	jw_array(w);
	for (size_t i = 0; i < n; i++)
		jw_text(w, texts[i]);
	jw_array_end(w);
}

/* What a command prints of an object it made. */
static void
print_made(const struct client *c, const struct json *j, const char *what)
{
	if (c->json)
		client_print(j);
	else
		printf("%s %s\n", what, cell_text(j, "name"));
}

/* Open, do, close, report: the frame of every command here. */
static int
with_client(const struct client_options *o,
    enum err_code (*act)(struct client *c, void *arg, struct err *e), void *arg)
{
	struct client c;
	struct err e = ERR_INIT;
	enum err_code rc = client_open(&c, o, &e);

	if (rc == ERR_OK)
		rc = act(&c, arg, &e);
	client_close(&c);
	return rc == ERR_OK ? CLI_OK : cli_fail(CLI_ERROR, &e);
}

/* ---- lists ---- */

struct list_args {
	const char *action, *name;
	struct option_list refs, images;
	const char *owner, *contact;
};

static bool
list_row(void *arg, const struct json *item)
{
	char images[32];
	const char *cells[3] = { cell_text(item, "name"), images,
		json_kind(json_get(item, "select")) == JSON_IS_OBJECT ? "selector"
								      : "by hand" };

	(void)snprintf(
	    images, sizeof(images), "%.0f", json_num(json_get(item, "images")));
	table_row(arg, cells);
	return true;
}

static enum err_code
list_create(struct client *c, const struct list_args *a, struct err *e)
{
	struct buf body = BUF_INIT(MAX_BODY);
	struct json *j = NULL;
	struct json_writer w;
	enum err_code rc;

	jw_init(&w, &body);
	jw_object(&w);
	if (a->refs.n > 0) {
		jw_key(&w, "select");
		jw_object(&w);
		write_all(&w, "refs", a->refs.at, a->refs.n);
		jw_object_end(&w);
	}
	if (a->owner != NULL || a->contact != NULL) {
		jw_key(&w, "owner");
		jw_object(&w);
		jw_ktext(&w, "name", a->owner);
		jw_ktext(&w, "contact", a->contact);
		jw_object_end(&w);
	}
	jw_object_end(&w);
	rc = send_body(c, "PUT", client_path(c, "/v1/lists", a->name), &body, &j, e);
	if (rc == ERR_OK)
		print_made(c, j, "list");
	json_free(j);
	return rc;
}

static enum err_code
list_images(
    struct client *c, const struct list_args *a, const char *verb, struct err *e)
{
	struct buf body = BUF_INIT(MAX_BODY);
	struct json *j = NULL;
	struct json_writer w;
	enum err_code rc;

	jw_init(&w, &body);
	jw_object(&w);
	write_all(&w, verb, a->images.at, a->images.n);
	jw_object_end(&w);
	rc = send_body(c, "POST",
	    arena_printf(c->arena, "%s/images", client_path(c, "/v1/lists", a->name)),
	    &body, &j, e);
	if (rc == ERR_OK)
		print_made(c, json_get(j, "list"), "list");
	json_free(j);
	return rc;
}

static enum err_code
lists_act(struct client *c, void *arg, struct err *e)
{
	static const char *const heads[] = { "NAME", "IMAGES", "MEMBERS" };
	const struct list_args *a = arg;

	if (str_eq(a->action, "list"))
		return show(c, "/v1/lists", heads, 3, list_row, e);
	if (str_eq(a->action, "rm"))
		return delete_one(c, "/v1/lists", a->name, e);
	if (str_eq(a->action, "create"))
		return list_create(c, a, e);
	return list_images(c, a, a->action, e);
}

static int
lists(int argc, char **argv)
{
	struct list_args a = { 0 };
	struct client_options o = { 0 };
	const struct option_def options[] = {
		{ "--ref", OPTION_LIST, &a.refs },
		{ "--owner", OPTION_TEXT, &a.owner },
		{ "--contact", OPTION_TEXT, &a.contact },
		{ "--url", OPTION_TEXT, &o.url },
		{ "-o", OPTION_TEXT, &o.output },
		{ NULL, OPTION_FLAG, NULL },
	};

	if (!options_read(&argc, argv, options))
		return CLI_USAGE;
	a.action = argc > 1 ? argv[1] : "list";
	a.name = argc > 2 ? argv[2] : NULL;
	for (int i = 3; i < argc && a.images.n < 64; i++)
		a.images.at[a.images.n++] = argv[i];
	if ((str_eq(a.action, "list") && argc <= 2) ||
	    ((str_eq(a.action, "create") || str_eq(a.action, "rm")) && argc == 3) ||
	    ((str_eq(a.action, "add") || str_eq(a.action, "remove")) && argc > 3))
		return with_client(&o, lists_act, &a);
	return cli_usage(&command_lists);
}

const struct command command_lists = {
	.name = "lists",
	.usage = "list [-o json]\n"
		 "create NAME [--ref GLOB]... [--owner NAME] [--contact ADDRESS]\n"
		 "add NAME IMAGE...\n"
		 "remove NAME IMAGE...\n"
		 "rm NAME",
	.summary = "image lists: what is watched together",
	.run = lists,
};

/* ---- channels ---- */

struct channel_args {
	const char *action, *name, *webhook, *secret;
	const char *type, *config; /* of any kind: its config as JSON */
	struct option_list mail;
};

static bool
channel_row(void *arg, const struct json *item)
{
	const char *cells[4] = { cell_text(item, "name"), cell_text(item, "type"),
		cell_text(item, "state"), cell_text(item, "last_error") };

	table_row(arg, cells);
	return true;
}

static void
write_target(struct json_writer *w, const struct channel_args *a)
{
	jw_object(w);
	if (a->webhook != NULL)
		jw_ktext(w, "url", a->webhook);
	else
		write_all(w, "to", a->mail.at, a->mail.n);
	if (a->secret != NULL)
		jw_ktext(w, "secret", a->secret);
	jw_object_end(w);
}

/* TEXT, or standard input for "-": a secret there is in no list of processes. */
static enum err_code
write_config(struct json_writer *w, const char *text, struct err *e)
{
	char input[MAX_BODY] = "";
	struct json *j = NULL;
	enum err_code rc;

	if (str_eq(text, "-")) {
		size_t n = fread(input, 1, sizeof(input) - 1, stdin);

		input[n] = '\0';
		text = input;
	}
	if ((rc = json_parse(&j, text, strlen(text), e)) != ERR_OK)
		return err_wrap(e, rc, "--config");
	json_free(j);
	jw_raw(w, text, strlen(text));
	return ERR_OK;
}

static enum err_code
channel_create(struct client *c, const struct channel_args *a, struct err *e)
{
	struct buf body = BUF_INIT(MAX_BODY);
	struct json *j = NULL;
	struct json_writer w;
	enum err_code rc;

	jw_init(&w, &body);
	jw_object(&w);
	jw_ktext(&w, "type",
	    a->type != NULL      ? a->type
	    : a->webhook != NULL ? "webhook"
				 : "smtp");
	jw_key(&w, "config");
	if (a->type != NULL && (rc = write_config(&w, a->config, e)) != ERR_OK) {
		buf_done(&body);
		return rc;
	}
	if (a->type == NULL)
		write_target(&w, a);
	jw_object_end(&w);
	rc = send_body(c, "PUT", client_path(c, "/v1/channels", a->name), &body, &j, e);
	if (rc == ERR_OK)
		print_made(c, j, "channel");
	if (rc == ERR_OK && !c->json && json_str(json_get(j, "secret")) != NULL)
		printf("  secret (shown once): %s\n", json_str(json_get(j, "secret")));
	json_free(j);
	return rc;
}

static enum err_code
channel_test(struct client *c, const struct channel_args *a, struct err *e)
{
	struct json *j = NULL;
	enum err_code rc = client_call(c, "POST",
	    arena_printf(c->arena, "%s/test", client_path(c, "/v1/channels", a->name)),
	    NULL, NULL, 0, &j, e);

	if (rc == ERR_OK && c->json)
		client_print(j);
	else if (rc == ERR_OK)
		printf("test message %s is on its way; 'tocsin messages show %s' tells "
		       "how it "
		       "went\n",
		    cell_text(j, "message"), cell_text(j, "message"));
	json_free(j);
	return rc;
}

/* Rotate or enable: what the answer says of the channel. */
static enum err_code
channel_change(struct client *c, const struct channel_args *a, struct err *e)
{
	struct json *j = NULL;
	enum err_code rc = client_call(c, "POST",
	    arena_printf(
		c->arena, "%s/%s", client_path(c, "/v1/channels", a->name), a->action),
	    NULL, NULL, 0, &j, e);

	if (rc == ERR_OK && c->json)
		client_print(j);
	else if (rc == ERR_OK)
		printf(
		    "channel %s is %s\n", cell_text(j, "name"), cell_text(j, "state"));
	if (rc == ERR_OK && !c->json && json_str(json_get(j, "secret")) != NULL)
		printf("  secret (shown once): %s\n", json_str(json_get(j, "secret")));
	json_free(j);
	return rc;
}

static enum err_code
channels_act(struct client *c, void *arg, struct err *e)
{
	static const char *const heads[] = { "NAME", "TYPE", "STATE", "LAST ERROR" };
	const struct channel_args *a = arg;

	if (str_eq(a->action, "list"))
		return show(c, "/v1/channels", heads, 4, channel_row, e);
	if (str_eq(a->action, "rm"))
		return delete_one(c, "/v1/channels", a->name, e);
	if (str_eq(a->action, "rotate") || str_eq(a->action, "enable"))
		return channel_change(c, a, e);
	return str_eq(a->action, "test") ? channel_test(c, a, e)
					 : channel_create(c, a, e);
}

static int
channels(int argc, char **argv)
{
	struct channel_args a = { 0 };
	struct client_options o = { 0 };
	const struct option_def options[] = {
		{ "--webhook", OPTION_TEXT, &a.webhook },
		{ "--secret", OPTION_TEXT, &a.secret },
		{ "--type", OPTION_TEXT, &a.type },
		{ "--config", OPTION_TEXT, &a.config },
		{ "--mail", OPTION_LIST, &a.mail },
		{ "--url", OPTION_TEXT, &o.url },
		{ "-o", OPTION_TEXT, &o.output },
		{ NULL, OPTION_FLAG, NULL },
	};
	bool has_target, good;

	if (!options_read(&argc, argv, options))
		return CLI_USAGE;
	a.action = argc > 1 ? argv[1] : "list";
	a.name = argc > 2 ? argv[2] : NULL;
	has_target = (a.webhook != NULL) + (a.mail.n > 0) + (a.type != NULL) == 1 &&
		     (a.type != NULL) == (a.config != NULL);
	good = (str_eq(a.action, "list") && argc <= 2) ||
	       ((str_eq(a.action, "test") || str_eq(a.action, "rm") ||
		    str_eq(a.action, "rotate") || str_eq(a.action, "enable")) &&
		   argc == 3) ||
	       (str_eq(a.action, "create") && argc == 3 && has_target);
	return good ? with_client(&o, channels_act, &a) : cli_usage(&command_channels);
}

const struct command command_channels = {
	.name = "channels",
	.usage =
	    "list [-o json]\n"
	    "create NAME --webhook URL [--secret whsec_...]\n"
	    "create NAME --mail ADDRESS [--mail ADDRESS]...\n"
	    "create NAME --type TYPE --config JSON|-   (docs/CHANNELS.md)\n"
	    "test NAME\n"
	    "rotate NAME    (a fresh secret; the present one signs too for a day)\n"
	    "enable NAME    (try it anew, now)\n"
	    "rm NAME",
	.summary = "where messages go",
	.run = channels,
};

/* ---- subscribe ---- */

struct subscribe_args {
	const char *list, *name, *preset, *schedule, *at, *tz, *gather, *min_severity;
	struct option_list to;
};

static enum err_code
subscribe_act(struct client *c, void *arg, struct err *e)
{
	const struct subscribe_args *a = arg;
	const char *name = a->name != NULL ? a->name : a->list;
	struct buf body = BUF_INIT(MAX_BODY);
	struct json *j = NULL;
	struct json_writer w;
	enum err_code rc;

	jw_init(&w, &body);
	jw_object(&w);
	jw_ktext(&w, "list", a->list);
	write_all(&w, "channels", a->to.at, a->to.n);
	jw_ktext(&w, "schedule", a->schedule != NULL ? a->schedule : "immediate");
	if (a->at != NULL)
		jw_ktext(&w, "at", a->at);
	if (a->tz != NULL)
		jw_ktext(&w, "tz", a->tz);
	if (a->gather != NULL)
		jw_ktext(&w, "gather", a->gather);
	jw_key(&w, "filter");
	jw_object(&w);
	if (a->preset != NULL)
		jw_ktext(&w, "preset", a->preset);
	if (a->min_severity != NULL)
		jw_ktext(&w, "min_severity", a->min_severity);
	jw_object_end(&w);
	jw_object_end(&w);
	rc = send_body(
	    c, "PUT", client_path(c, "/v1/subscriptions", name), &body, &j, e);
	if (rc == ERR_OK)
		print_made(c, j, "subscription");
	json_free(j);
	return rc;
}

static int
subscribe(int argc, char **argv)
{
	struct subscribe_args a = { 0 };
	struct client_options o = { 0 };
	const struct option_def options[] = {
		{ "--to", OPTION_LIST, &a.to },
		{ "--name", OPTION_TEXT, &a.name },
		{ "--preset", OPTION_TEXT, &a.preset },
		{ "--min-severity", OPTION_TEXT, &a.min_severity },
		{ "--schedule", OPTION_TEXT, &a.schedule },
		{ "--at", OPTION_TEXT, &a.at },
		{ "--tz", OPTION_TEXT, &a.tz },
		{ "--gather", OPTION_TEXT, &a.gather },
		{ "--url", OPTION_TEXT, &o.url },
		{ "-o", OPTION_TEXT, &o.output },
		{ NULL, OPTION_FLAG, NULL },
	};

	if (!options_read(&argc, argv, options))
		return CLI_USAGE;
	if (argc != 2 || a.to.n == 0)
		return cli_usage(&command_subscribe);
	a.list = argv[1];
	return with_client(&o, subscribe_act, &a);
}

const struct command command_subscribe = {
	.name = "subscribe",
	.usage = "LIST --to CHANNEL [--to CHANNEL]... [--name NAME] [--preset "
		 "quiet|standard|everything] [--min-severity high] [--schedule "
		 "immediate|hourly|daily|weekly] [--at 09:00] [--tz Europe/Berlin] "
		 "[--gather 60s]",
	.summary = "tell channels what changes for a list",
	.run = subscribe,
};

/* ---- messages ---- */

static bool
message_row(void *arg, const struct json *item)
{
	const char *cells[5] = { cell_text(item, "created"), cell_text(item, "id"),
		cell_text(item, "channel"), cell_text(item, "state"),
		cell_text(item, "subject") };

	table_row(arg, cells);
	return true;
}

struct message_args {
	const char *action, *id;
};

static void
print_message(const struct json *j)
{
	const struct json *m = json_get(j, "message"),
			  *tries = json_get(j, "deliveries");

	printf("%s\n  to %s, %s\n", cell_text(m, "subject"), cell_text(m, "channel"),
	    cell_text(m, "state"));
	for (size_t i = 0; i < json_count(tries); i++)
		printf("  try %zu at %s: %s %s\n", i + 1,
		    cell_text(json_at(tries, i), "at"),
		    cell_text(json_at(tries, i), "result"),
		    cell_text(json_at(tries, i), "error"));
	printf("\n%s\n", str_or_empty(json_str(json_get(j, "body"))));
}

static enum err_code
messages_act(struct client *c, void *arg, struct err *e)
{
	static const char *const heads[] = { "CREATED", "ID", "CHANNEL", "STATE",
		"SUBJECT" };
	const struct message_args *a = arg;
	const char *path;
	struct json *j = NULL;
	enum err_code rc;

	if (str_eq(a->action, "list"))
		return show(c, "/v1/messages", heads, 5, message_row, e);
	path = client_path(c, "/v1/messages", a->id);
	if (str_eq(a->action, "show"))
		rc = client_call(c, "GET", path, NULL, NULL, 0, &j, e);
	else
		rc = client_call(c, "POST", arena_printf(c->arena, "%s/replay", path),
		    NULL, NULL, 0, &j, e);
	if (rc == ERR_OK && c->json)
		client_print(j);
	else if (rc == ERR_OK)
		print_message(j);
	json_free(j);
	return rc;
}

static int
messages(int argc, char **argv)
{
	struct message_args a = { .action = "list" };
	struct client_options o = { 0 };
	const struct option_def options[] = {
		{ "--url", OPTION_TEXT, &o.url },
		{ "-o", OPTION_TEXT, &o.output },
		{ NULL, OPTION_FLAG, NULL },
	};

	if (!options_read(&argc, argv, options))
		return CLI_USAGE;
	if (argc > 1)
		a.action = argv[1];
	if (argc > 2)
		a.id = argv[2];
	if ((str_eq(a.action, "list") && argc <= 2) ||
	    ((str_eq(a.action, "show") || str_eq(a.action, "replay")) && argc == 3))
		return with_client(&o, messages_act, &a);
	return cli_usage(&command_messages);
}

const struct command command_messages = {
	.name = "messages",
	.usage = "list [-o json]\nshow ID [-o json]\nreplay ID",
	.summary = "what was sent, and how it went",
	.run = messages,
};
