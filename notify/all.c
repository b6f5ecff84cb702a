/* SPDX-License-Identifier: Apache-2.0 */
/* Every kind of channel there is: a new one is a new file and a row here. */
#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/json_write.h"
#include "core/str.h"
#include "notify/notify_private.h"

#include <string.h>

const struct channel_driver *const channel_drivers[] = {
	&channel_webhook,
	&channel_smtp,
	&channel_slack,
	&channel_msteams,
	&channel_discord,
	&channel_pagerduty,
	&channel_github,
	&channel_gitlab,
	NULL,
};

const struct channel_driver *
channel_driver(const char *type)
{
	for (size_t i = 0; channel_drivers[i] != NULL; i++)
		if (str_eq(channel_drivers[i]->type, type))
			return channel_drivers[i];
	return NULL;
}

/* Every list of a message at its cap >> 8: one of each. */
#define MAX_SHRINK 8

enum err_code
channel_render(const struct channel_driver *driver, struct digest *d,
    const struct json *config, const struct notify_settings *s, struct arena *a,
    struct outgoing *io, struct err *e)
{
	enum err_code rc;

	do
		rc = driver->render(d, config, s, a, io, e);
	while (rc == ERR_LIMIT && d->shrink++ < MAX_SHRINK);
	return rc;
}

enum err_code
notify_channel_check(const char *type, const struct json *config,
    const struct notify_settings *s, struct arena *a, const char **ret_config,
    const char **ret_secret, struct err *e)
{
	const struct channel_driver *driver = channel_driver(type);
	struct buf text = BUF_INIT(65536);
	struct json_writer w;
	enum err_code rc;

	if (driver == NULL)
		return err_set(e, ERR_UNSUPPORTED, "no channel type \"%s\"", type);
	if (config == NULL || json_kind(config) != JSON_IS_OBJECT)
		return err_set(e, ERR_INPUT, "config must be an object");
	*ret_secret = NULL;
	jw_init(&w, &text);
	rc = driver->check(config, s, a, &w, ret_secret, e);
	if (rc == ERR_OK && text.full)
		rc = err_set(e, ERR_LIMIT, "config is longer than 64 KiB");
	if (rc == ERR_OK)
		*ret_config = arena_strndup(a, buf_str(&text), text.len);
	buf_done(&text);
	return rc;
}

enum err_code
notify_channel_rotate(const char *type, const char *config_json, int64_t now_at,
    struct arena *a, const char **ret_config, const char **ret_secret, struct err *e)
{
	const struct channel_driver *driver = channel_driver(type);
	struct buf text = BUF_INIT(65536);
	struct json *config = NULL;
	struct json_writer w;
	enum err_code rc;

	if (driver == NULL || driver->rotate == NULL)
		return err_set(e, ERR_UNSUPPORTED,
		    "a channel of type %s has no secret of ours", type);
	if ((rc = json_parse(&config, config_json, strlen(config_json), e)) != ERR_OK)
		return rc;
	jw_init(&w, &text);
	rc = driver->rotate(config, now_at, a, &w, ret_secret, e);
	if (rc == ERR_OK && text.full)
		rc = err_set(e, ERR_LIMIT, "config is longer than 64 KiB");
	if (rc == ERR_OK)
		*ret_config = arena_strndup(a, buf_str(&text), text.len);
	buf_done(&text);
	json_free(config);
	return rc;
}

void
notify_channel_show(const char *type, const char *config_json, struct json_writer *w)
{
	const struct channel_driver *driver = channel_driver(type);
	struct json *config = NULL;

	if (driver == NULL ||
	    json_parse(&config, config_json, strlen(config_json), NULL) != ERR_OK) {
		jw_null(w);
		return;
	}
	driver->show(config, w);
	json_free(config);
}
