/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds: rows of configuration, the file's own first, then the catalogue's. */
#include <string.h>

#include "config/config_private.h"
#include "core/arena.h"
#include "core/feed_config.h"
#include "core/str.h"
#include "core/yaml.h"

#define MAX_FEEDS        2000
#define DEFAULT_INTERVAL 3600000

extern const char feeds_yaml[]; /* config/feeds.yaml, embedded */
extern const size_t feeds_yaml_len;

static const char *const known[] = { "name", "driver", "source", "url", "interval",
	"ecosystems", "size", "remark", "start", "api_key", "ca_file", "proxy",
	"enabled", "api_url", "stale_after", NULL };

static bool
is_known(const char *key)
{
	for (size_t i = 0; known[i] != NULL; i++)
		if (str_eq(known[i], key))
			return true;
	return false;
}

static struct feed_config *
find(struct config *c, const char *name)
{
	for (size_t i = 0; i < c->n_feeds; i++)
		if (str_eq(c->feeds[i].name, name))
			return &c->feeds[i];
	return NULL;
}

static enum err_code
read_ecosystems(
    struct config *c, const struct yaml *y, struct feed_config *f, struct err *e)
{
	const char **globs;

	if (y->kind != YAML_LIST)
		return err_set(
		    e, ERR_INPUT, "line %zu: ecosystems must be a list", y->line);
	globs = arena_array(c->arena, y->n + 1, sizeof(*globs));
	for (size_t i = 0; i < y->n; i++)
		if ((globs[i] = yaml_text(y->values[i])) == NULL)
			return err_set(e, ERR_INPUT,
			    "line %zu: ecosystems must be a list of names", y->line);
	f->ecosystems = globs;
	return ERR_OK;
}

static enum err_code
read_numbers(const struct yaml *y, struct feed_config *f, struct err *e)
{
	const char *interval = yaml_text(yaml_get(y, "interval"));
	const char *stale = yaml_text(yaml_get(y, "stale_after"));
	const char *size = yaml_text(yaml_get(y, "size"));
	const char *enabled = yaml_text(yaml_get(y, "enabled"));
	uint64_t bytes = 0;

	if (interval != NULL &&
	    (!str_duration_ms(interval, &f->interval_ms) || f->interval_ms < 1000))
		return err_set(e, ERR_INPUT, "line %zu: interval must be 1s or more",
		    yaml_get(y, "interval")->line);
	if (stale != NULL &&
	    (!str_duration_ms(stale, &f->stale_after_ms) || f->stale_after_ms < 1000))
		return err_set(e, ERR_INPUT, "line %zu: stale_after must be 1s or more",
		    yaml_get(y, "stale_after")->line);
	if (size != NULL && (!str_bytes(size, &bytes) || bytes > INT64_MAX))
		return err_set(e, ERR_INPUT, "line %zu: size must be like 60MiB",
		    yaml_get(y, "size")->line);
	if (size != NULL)
		f->expected_bytes = (int64_t)bytes;
	if (str_eq(enabled, "false") || str_eq(enabled, "no"))
		f->enabled = false;
	else if (enabled != NULL && !str_eq(enabled, "true") && !str_eq(enabled, "yes"))
		return err_set(e, ERR_INPUT, "line %zu: enabled must be true or false",
		    yaml_get(y, "enabled")->line);
	return ERR_OK;
}

/* Texts that a row may give; what it leaves out stays as it is. */
static void
read_texts(const struct yaml *y, struct feed_config *f)
{
	const struct {
		const char *key;
		const char **field;
	} texts[] = {
		{ "driver", &f->driver },
		{ "source", &f->source },
		{ "url", &f->url },
		{ "api_url", &f->api_url },
		{ "remark", &f->remark },
		{ "start", &f->start },
		{ "api_key", &f->api_key },
		{ "ca_file", &f->ca_file },
		{ "proxy", &f->proxy },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *text = yaml_text(yaml_get(y, texts[i].key));

		if (text != NULL)
			*texts[i].field = text;
	}
}

static enum err_code
read_feed(struct config *c, const struct yaml *y, struct feed_config *f, struct err *e)
{
	enum err_code rc;

	for (size_t i = 0; i < y->n; i++) {
		if (!is_known(y->keys[i]))
			return err_set(e, ERR_INPUT, "line %zu: a feed has no \"%s\"",
			    y->values[i]->line, y->keys[i]);
		if (y->values[i]->kind != YAML_TEXT &&
		    !str_eq(y->keys[i], "ecosystems"))
			return err_set(e, ERR_INPUT, "line %zu: %s must be a text",
			    y->values[i]->line, y->keys[i]);
	}
	f->name = yaml_text(yaml_get(y, "name"));
	f->enabled = true;
	read_texts(y, f);
	if ((rc = read_numbers(y, f, e)) != ERR_OK)
		return rc;
	if (yaml_get(y, "ecosystems") != NULL)
		rc = read_ecosystems(c, yaml_get(y, "ecosystems"), f, e);
	return rc;
}

static enum err_code
check_name(const struct yaml *y, const char *name, struct err *e)
{
	if (name == NULL || name[0] == '\0')
		return err_set(e, ERR_INPUT, "line %zu: a feed needs a name", y->line);
	for (const char *p = name; *p != '\0'; p++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			   "0123456789._-",
			*p) == NULL)
			return err_set(e, ERR_INPUT,
			    "line %zu: feed name \"%s\" may hold letters, digits, . _ "
			    "-",
			    y->line, name);
	return ERR_OK;
}

static enum err_code
append(struct config *c, const struct feed_config *f, struct err *e)
{
	if (c->n_feeds == MAX_FEEDS)
		return err_set(e, ERR_LIMIT, "more than %d feeds", MAX_FEEDS);
	if (c->feeds == NULL)
		c->feeds = arena_array(c->arena, MAX_FEEDS, sizeof(*c->feeds));
	c->feeds[c->n_feeds++] = *f;
	return ERR_OK;
}

enum err_code
config_read_feeds(struct config *c, const struct yaml *y, struct err *e)
{
	enum err_code rc;

	if (y->kind == YAML_TEXT && yaml_text(y) == NULL)
		return ERR_OK; /* all of it is commented out */
	if (y->kind != YAML_LIST)
		return err_set(
		    e, ERR_INPUT, "line %zu: feeds.list must be a list", y->line);
	for (size_t i = 0; i < y->n; i++) {
		const struct yaml *item = y->values[i];
		struct feed_config f = { 0 };

		if (item->kind != YAML_MAP)
			return err_set(e, ERR_INPUT,
			    "line %zu: a feed is \"key: value\"", item->line);
		if ((rc = read_feed(c, item, &f, e)) != ERR_OK ||
		    (rc = check_name(item, f.name, e)) != ERR_OK)
			return rc;
		if (find(c, f.name) != NULL)
			return err_set(e, ERR_INPUT,
			    "line %zu: feed \"%s\" is there twice", item->line, f.name);
		if ((rc = append(c, &f, e)) != ERR_OK)
			return rc;
	}
	return ERR_OK;
}

/* What the file's row leaves open is taken from the catalogue's row of that name. */
static void
complete_from(struct feed_config *mine, const struct feed_config *theirs)
{
	if (mine->driver == NULL)
		mine->driver = theirs->driver;
	if (mine->source == NULL)
		mine->source = theirs->source;
	if (mine->ecosystems == NULL)
		mine->ecosystems = theirs->ecosystems;
	if (mine->stale_after_ms == 0)
		mine->stale_after_ms = theirs->stale_after_ms;
	mine->has_own_url = mine->url != NULL;
	if (mine->url == NULL) {
		mine->url = theirs->url;
		mine->api_url = mine->api_url != NULL ? mine->api_url : theirs->api_url;
	}
	if (mine->start == NULL)
		mine->start = theirs->start;
	if (mine->remark == NULL)
		mine->remark = theirs->remark;
	if (mine->interval_ms == 0)
		mine->interval_ms = theirs->interval_ms;
	if (mine->expected_bytes == 0)
		mine->expected_bytes = theirs->expected_bytes;
}

/* A glob that means no feed is a misspelt name, most likely. */
static void
warn_of_globs(struct config *c)
{
	for (size_t i = 0; i < c->n_catalogue_globs; i++) {
		size_t k = 0;

		while (k < c->n_feeds &&
		       !glob_match(c->catalogue_globs[i], c->feeds[k].name))
			k++;
		if (k == c->n_feeds)
			config_warn(c, "feeds.catalogue: no feed is named \"%s\"",
			    c->catalogue_globs[i]);
	}
}

enum err_code
config_read_catalogue(struct config *c, struct err *e)
{
	struct yaml *y = NULL;
	const struct yaml *list;
	enum err_code rc;

	if ((rc = yaml_read(&y, feeds_yaml, feeds_yaml_len, c->arena, e)) != ERR_OK)
		return err_wrap(e, rc, "the feed catalogue");
	list = yaml_get(y, "feeds");
	for (size_t i = 0; list != NULL && i < list->n; i++) {
		struct feed_config f = { .from_catalogue = true }, *mine;

		rc = read_feed(c, list->values[i], &f, e);
		if (rc == ERR_OK)
			rc = check_name(list->values[i], f.name, e);
		if (rc != ERR_OK)
			return err_wrap(e, rc, "the feed catalogue");
		if ((mine = find(c, f.name)) != NULL)
			complete_from(mine, &f);
		else if ((rc = append(c, &f, e)) != ERR_OK)
			return rc;
	}
	for (size_t i = 0; i < c->n_feeds; i++) {
		if (c->feeds[i].driver == NULL || c->feeds[i].url == NULL)
			return err_set(e, ERR_INPUT,
			    "feed \"%s\" needs a driver and a url", c->feeds[i].name);
		if (c->feeds[i].interval_ms == 0)
			c->feeds[i].interval_ms = DEFAULT_INTERVAL;
	}
	warn_of_globs(c);
	return ERR_OK;
}
