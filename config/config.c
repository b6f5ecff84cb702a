/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin.yaml, command line and defaults into one struct config. */
#include "config/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config_private.h"
#include "core/arena.h"
#include "core/buf.h"
#include "core/net.h"
#include "core/str.h"
#include "core/stream.h"
#include "core/strmap.h"
#include "core/yaml.h"

#define MAX_CONFIG_BYTES (1u << 20)
#define MAX_WARNINGS     32

void
config_warn(struct config *c, const char *fmt, ...)
{
	size_t n = 0;
	va_list ap;

	if (c->warnings == NULL)
		c->warnings =
		    arena_array(c->arena, MAX_WARNINGS + 1, sizeof(*c->warnings));
	while (c->warnings[n] != NULL)
		n++;
	if (n == MAX_WARNINGS)
		return;
	va_start(ap, fmt);
	c->warnings[n] = arena_vprintf(c->arena, fmt, ap);
	va_end(ap);
}

/* How unlike two words are: edit distance, for "did you mean". */
static size_t
distance(const char *a, const char *b)
{
	size_t row[64], la = strlen(a), lb = strlen(b);

	if (la > 60 || lb > 60)
		return 60;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[lb];
}

/* LINE 0: it stands on the command line. */
static enum err_code
unknown_setting(const char *name, size_t line, struct err *e)
{
	char where[32] = "";
	const char *nearest = NULL;
	/* less than half of it may differ, else every short word is near */
	size_t best = strlen(name) / 2 + 1 < 4 ? strlen(name) / 2 + 1 : 4;

	for (const struct setting *s = settings; s->name != NULL; s++)
		if (distance(name, s->name) < best) {
			best = distance(name, s->name);
			nearest = s->name;
		}
	if (line > 0)
		(void)snprintf(where, sizeof(where), "line %zu: ", line);
	return err_set(e, ERR_INPUT, "%sno setting \"%s\"%s%s%s", where, name,
	    nearest != NULL ? ", did you mean \"" : "", nearest != NULL ? nearest : "",
	    nearest != NULL ? "\"?" : "");
}

static void *
place(struct config *c, const struct setting *s)
{
	return (char *)c + s->offset;
}

static enum err_code
wrong(const struct setting *s, const struct yaml *y, const char *want, struct err *e)
{
	return err_set(e, ERR_INPUT, "line %zu: %s must be %s", y->line, s->name, want);
}

static enum err_code
set_number(
    struct config *c, const struct setting *s, const struct yaml *y, struct err *e)
{
	const char *text = yaml_text(y);
	int64_t v = 0;
	uint64_t u = 0;

	if (text == NULL)
		return wrong(s, y, "a number", e);
	if (s->type == SETTING_NUMBER && !str_i64(text, &v))
		return wrong(s, y, "a whole number", e);
	if (s->type == SETTING_DURATION && !str_duration_ms(text, &v))
		return wrong(s, y, "a duration like 30s, 5m, 1h", e);
	if (s->type == SETTING_BYTES) {
		if (!str_bytes(text, &u) || u > INT64_MAX)
			return wrong(s, y, "a size like 64MiB", e);
		v = (int64_t)u;
	}
	if ((s->min != 0 || s->max != 0) && (v < s->min || v > s->max))
		return err_set(e, ERR_INPUT,
		    "line %zu: %s must lie between %lld and %lld", y->line, s->name,
		    (long long)s->min, (long long)s->max);
	memcpy(place(c, s), &v, sizeof(v));
	return ERR_OK;
}

static enum err_code
set_bool(struct config *c, const struct setting *s, const struct yaml *y, struct err *e)
{
	const char *text = yaml_text(y);
	bool v;

	if (str_eq(text, "true") || str_eq(text, "yes"))
		v = true;
	else if (str_eq(text, "false") || str_eq(text, "no"))
		v = false;
	else
		return wrong(s, y, "true or false", e);
	memcpy(place(c, s), &v, sizeof(v));
	return ERR_OK;
}

static enum err_code
set_durations(
    struct config *c, const struct setting *s, const struct yaml *y, struct err *e)
{
	if (y->kind != YAML_LIST || y->n > 32)
		return wrong(s, y, "a list of at most 32 durations", e);
	c->retry_ms = arena_array(c->arena, y->n, sizeof(*c->retry_ms));
	c->n_retry = y->n;
	for (size_t i = 0; i < y->n; i++) {
		const char *text = yaml_text(y->values[i]);

		if (text == NULL || !str_duration_ms(text, &c->retry_ms[i]) ||
		    c->retry_ms[i] < 0)
			return wrong(s, y->values[i], "a list of durations", e);
	}
	return ERR_OK;
}

static enum err_code
set_texts(struct config *c, const struct setting *s, const struct yaml *y,
    const char ***ret, size_t *ret_n, struct err *e)
{
	if (y->kind != YAML_LIST)
		return wrong(s, y, "a list", e);
	*ret = arena_array(c->arena, y->n + 1, sizeof(**ret));
	for (size_t i = 0; i < y->n; i++) {
		(*ret)[i] = yaml_text(y->values[i]);
		if ((*ret)[i] == NULL)
			return wrong(s, y->values[i], "a list of texts", e);
	}
	*ret_n = y->n;
	return ERR_OK;
}

static enum err_code
set_cidrs(
    struct config *c, const struct setting *s, const struct yaml *y, struct err *e)
{
	enum err_code rc;
	size_t n;

	if ((rc = set_texts(c, s, y, &c->allow_cidrs, &n, e)) != ERR_OK)
		return rc;
	for (size_t i = 0; i < n; i++)
		if (!net_cidr_ok(c->allow_cidrs[i]))
			return err_set(e, ERR_INPUT,
			    "line %zu: \"%s\" is no network like 10.0.0.0/8",
			    y->values[i]->line, c->allow_cidrs[i]);
	return ERR_OK;
}

static enum err_code
set_catalogue(
    struct config *c, const struct setting *s, const struct yaml *y, struct err *e)
{
	const char *text = yaml_text(y);

	if (str_eq(text, "auto")) {
		c->catalogue = "auto";
		c->n_catalogue_globs = 0;
		return ERR_OK;
	}
	if (text != NULL)
		return wrong(s, y, "auto or a list of names", e);
	c->catalogue = NULL;
	return set_texts(c, s, y, &c->catalogue_globs, &c->n_catalogue_globs, e);
}

/* "~" takes a setting back that has no default; the others need their text. */
static enum err_code
set_plain(
    struct config *c, const struct setting *s, const struct yaml *y, struct err *e)
{
	const char *text = yaml_text(y);

	if (y->kind != YAML_TEXT || (text == NULL && s->fallback != NULL))
		return wrong(s, y, "a text", e);
	memcpy(place(c, s), &text, sizeof(text));
	return ERR_OK;
}

static enum err_code
set_one(struct config *c, const struct setting *s, const struct yaml *y, struct err *e)
{
	switch (s->type) {
	case SETTING_TEXT:
		return set_plain(c, s, y, e);
	case SETTING_NUMBER:
	case SETTING_BYTES:
	case SETTING_DURATION:
		return set_number(c, s, y, e);
	case SETTING_DURATIONS:
		return set_durations(c, s, y, e);
	case SETTING_BOOL:
		return set_bool(c, s, y, e);
	case SETTING_CIDRS:
		return set_cidrs(c, s, y, e);
	case SETTING_CATALOGUE:
		return set_catalogue(c, s, y, e);
	case SETTING_FEEDS:
		return config_read_feeds(c, y, e);
	case SETTING_REGISTRIES:
		return config_read_registries(c, y, e);
	}
	return err_set(e, ERR_BUG, "setting %s has no type", s->name);
}

static const struct setting *
find(const char *name)
{
	for (const struct setting *s = settings; s->name != NULL; s++)
		if (str_eq(s->name, name))
			return s;
	return NULL;
}

/* Is there a setting "NAME.something"? */
static bool
is_group(const char *name)
{
	size_t n = strlen(name);

	for (const struct setting *s = settings; s->name != NULL; s++)
		if (str_starts(s->name, name) && s->name[n] == '.')
			return true;
	return false;
}

/* NAME is no setting and Y no map with something in it. */
static enum err_code
no_setting(const char *name, const struct yaml *y, struct err *e)
{
	bool is_empty = y->kind == YAML_TEXT ? yaml_text(y) == NULL : y->n == 0;

	if (!is_group(name))
		return unknown_setting(name, y->line, e);
	if (is_empty && y->kind != YAML_LIST)
		return ERR_OK; /* all below it is commented out */
	return err_set(e, ERR_INPUT,
	    "line %zu: \"%s\" is no setting but a group of them", y->line, name);
}

/* Walk the file's maps; a dotted path that is a setting is set, others go deeper. */
static enum err_code
set_all(struct config *c, const struct yaml *y, const char *prefix, struct strmap *seen,
    struct err *e)
{
	enum err_code rc = ERR_OK;
	bool is_new;

	for (size_t i = 0; i < y->n && rc == ERR_OK; i++) {
		const char *name = prefix == NULL ? y->keys[i]
						  : arena_printf(c->arena, "%s.%s",
							prefix, y->keys[i]);
		const struct setting *s = find(name);

		if (s != NULL) {
			(void)strmap_put(seen, name, &is_new);
			rc = is_new ? set_one(c, s, y->values[i], e)
				    : err_set(e, ERR_INPUT, "line %zu: %s is set twice",
					  y->values[i]->line, name);
		} else if (y->values[i]->kind == YAML_MAP && y->values[i]->n > 0) {
			rc = set_all(c, y->values[i], name, seen, e);
		} else {
			rc = no_setting(name, y->values[i], e);
		}
	}
	return rc;
}

static enum err_code
set_text(struct config *c, const struct setting *s, const char *text, struct err *e)
{
	struct yaml *y = NULL;
	enum err_code rc;

	if ((rc = yaml_read(&y, text, strlen(text), c->arena, e)) != ERR_OK)
		return rc;
	if (y == NULL)
		return err_set(e, ERR_INPUT, "%s is empty", s->name);
	return set_one(c, s, y, e);
}

static enum err_code
set_defaults(struct config *c, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (const struct setting *s = settings; s->name != NULL && rc == ERR_OK; s++)
		if (s->fallback != NULL)
			rc = set_text(c, s, s->fallback, e);
	return rc;
}

/* "key=value" of the command line; the value may be a secret and is not repeated. */
static enum err_code
set_override(struct config *c, const char *text, struct err *e)
{
	const char *eq = strchr(text, '='), *name;
	const struct setting *s;
	enum err_code rc;

	if (eq == NULL)
		return err_set(e, ERR_INPUT, "\"%s\" is not key=value", text);
	name = arena_strndup(c->arena, text, (size_t)(eq - text));
	if ((s = find(name)) == NULL)
		return unknown_setting(name, 0, e);
	if (s->type == SETTING_TEXT) {
		/* A path or URL as it is typed, no YAML rules. */
		const char *value = arena_strdup(c->arena, eq + 1);

		memcpy(place(c, s), &value, sizeof(value));
		return ERR_OK;
	}
	if ((rc = set_text(c, s, eq + 1, e)) != ERR_OK)
		return err_wrap(e, rc, "%s=", name);
	return ERR_OK;
}

static enum err_code
set_overrides(struct config *c, const char *const *overrides, struct err *e)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; overrides != NULL && overrides[i] != NULL && rc == ERR_OK;
	     i++)
		rc = set_override(c, overrides[i], e);
	return rc;
}

static enum err_code
split_listen(struct config *c, struct err *e)
{
	const char *colon = strrchr(c->listen, ':');
	uint64_t port;

	if (colon == NULL || !str_u64(colon + 1, &port) || port > 65535)
		return err_set(e, ERR_INPUT, "listen must be ADDRESS:PORT");
	c->listen_host =
	    arena_strndup(c->arena, c->listen, (size_t)(colon - c->listen));
	return ERR_OK;
}

static enum err_code
complete(struct config *c, struct err *e)
{
	char dir[512];
	enum err_code rc;

	if ((rc = config_state_dir(dir, sizeof(dir), e)) != ERR_OK)
		return rc;
	c->state_dir = arena_strdup(c->arena, dir);
	if (c->db == NULL)
		c->db = arena_printf(c->arena, "sqlite:%s/tocsin.db", dir);
	if (c->user_agent == NULL)
		c->user_agent =
		    "tocsin/" TOCSIN_VERSION " (security advisory aggregator)";
	if ((rc = split_listen(c, e)) != ERR_OK)
		return rc;
	if (c->public_url == NULL)
		config_warn(c, "public_url is not set: messages carry no links");
	else if (!str_starts(c->public_url, "http://") &&
		 !str_starts(c->public_url, "https://"))
		return err_set(
		    e, ERR_INPUT, "public_url must begin with http:// or https://");
	if (c->smtp_url != NULL && c->smtp_from == NULL)
		return err_set(e, ERR_INPUT, "notify.smtp.url needs notify.smtp.from");
	if (c->smtp_from != NULL && !net_mail_address_ok(c->smtp_from))
		return err_set(e, ERR_INPUT, "notify.smtp.from is no mail address");
	if (!str_eq(c->log_level, "debug") && !str_eq(c->log_level, "info") &&
	    !str_eq(c->log_level, "warn") && !str_eq(c->log_level, "error"))
		return err_set(
		    e, ERR_INPUT, "log_level must be debug, info, warn or error");
	return config_read_catalogue(c, e);
}

static enum err_code
set_from_file(struct config *c, const char *text, size_t len, struct err *e)
{
	struct yaml *y = NULL;
	struct strmap *seen;
	enum err_code rc;

	if ((rc = yaml_read(&y, text, len, c->arena, e)) != ERR_OK)
		return rc;
	if (y == NULL || (y->kind == YAML_TEXT && yaml_text(y) == NULL))
		return ERR_OK;
	if (y->kind != YAML_MAP)
		return err_set(
		    e, ERR_INPUT, "line %zu: settings are \"key: value\"", y->line);
	seen = strmap_new();
	rc = set_all(c, y, NULL, seen, e);
	strmap_free(seen);
	return rc;
}

enum err_code
config_parse(struct config **ret, const char *text, size_t len, const char *path,
    const char *const *overrides, struct err *e)
{
	struct arena *a = arena_new();
	struct config *c = arena_zalloc(a, sizeof(*c));
	enum err_code rc;

	c->arena = a;
	c->path = arena_strdup(a, path);
	if ((rc = set_defaults(c, e)) == ERR_OK) {
		rc = set_from_file(c, text, len, e);
		if (rc != ERR_OK && path != NULL)
			rc = err_wrap(e, rc, "%s", path);
	}
	if (rc == ERR_OK)
		rc = set_overrides(c, overrides, e);
	if (rc == ERR_OK)
		rc = complete(c, e);
	if (rc != ERR_OK) {
		arena_free(a);
		return rc;
	}
	*ret = c;
	return ERR_OK;
}

enum err_code
config_load(
    struct config **ret, const char *path, const char *const *overrides, struct err *e)
{
	struct buf text = BUF_INIT(MAX_CONFIG_BYTES);
	struct stream *in = NULL;
	enum err_code rc;

	if (path == NULL)
		return config_parse(ret, "", 0, NULL, overrides, e);
	if ((rc = stream_open_file(&in, path, MAX_CONFIG_BYTES, e)) != ERR_OK)
		return rc;
	rc = stream_read_all(in, &text, e);
	stream_close(in);
	if (rc == ERR_OK)
		rc = config_parse(ret, buf_str(&text), text.len, path, overrides, e);
	else
		rc = err_wrap(e, rc, "%s", path);
	buf_done(&text);
	return rc;
}

void
config_free(struct config *c)
{
	if (c != NULL)
		arena_free(c->arena);
}

enum err_code
config_state_dir(char *out, size_t size, struct err *e)
{
	const char *own = getenv("TOCSIN_STATE_DIR"), *xdg = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	int n;

	if (own != NULL && own[0] != '\0')
		n = snprintf(out, size, "%s", own);
	else if (geteuid() == 0)
		n = snprintf(out, size, "/var/lib/tocsin");
	else if (xdg != NULL && xdg[0] == '/')
		n = snprintf(out, size, "%s/tocsin", xdg);
	else if (home != NULL && home[0] == '/')
		n = snprintf(out, size, "%s/.local/state/tocsin", home);
	else
		return err_set(e, ERR_INPUT, "no home: set TOCSIN_STATE_DIR");
	if (n < 0 || (size_t)n >= size)
		return err_set(e, ERR_LIMIT, "the state directory's path is too long");
	return ERR_OK;
}
