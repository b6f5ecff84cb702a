/* SPDX-License-Identifier: Apache-2.0 */
/* What can be shown of the settings: --show-config and docs/CONFIG.md. */
#include <string.h>

#include "config/config_private.h"
#include "core/buf.h"
#include "core/feed_config.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/registry_config.h"
#include "core/str.h"

static const char *const type_words[] = {
	[SETTING_TEXT] = "text",
	[SETTING_NUMBER] = "number",
	[SETTING_BYTES] = "size",
	[SETTING_DURATION] = "duration",
	[SETTING_DURATIONS] = "list of durations",
	[SETTING_BOOL] = "true or false",
	[SETTING_CIDRS] = "list of networks",
	[SETTING_CATALOGUE] = "auto, or list of names",
	[SETTING_FEEDS] = "list of feeds",
	[SETTING_REGISTRIES] = "map of registries",
};

static void
show_duration(int64_t ms, struct buf *out)
{
	if (ms % 1000 != 0)
		buf_printf(out, "%lldms", (long long)ms);
	else
		buf_printf(out, "%llds", (long long)(ms / 1000));
}

/* Characters that JSON takes as they are, but YAML refuses or takes for line ends. */
static const struct {
	const char *bytes, *escape;
} yaml_escapes[] = {
	{ "\x7f", "\\x7f" },
	{ "\xe2\x80\xa8", "\\u2028" },
	{ "\xe2\x80\xa9", "\\u2029" },
	{ "\xef\xbb\xbf", "\\ufeff" },
	{ "\xef\xbf\xbe", "\\ufffe" },
	{ "\xef\xbf\xbf", "\\uffff" },
};

static void
show_json_as_yaml(const char *json, struct buf *out)
{
	while (*json != '\0') {
		size_t i = 0, n = sizeof(yaml_escapes) / sizeof(yaml_escapes[0]);

		while (i < n && !str_starts(json, yaml_escapes[i].bytes))
			i++;
		if (i < n) {
			buf_adds(out, yaml_escapes[i].escape);
			json += strlen(yaml_escapes[i].bytes);
		} else if (json[0] == '\xc2' && (unsigned char)json[1] < 0xa0) {
			buf_printf(out, "\\x%02x", (unsigned)(unsigned char)json[1]);
			json += 2;
		} else {
			buf_addc(out, *json++);
		}
	}
}

/* Passwords of URLs are left out. */
static void
show_text(const char *text, struct buf *out)
{
	struct buf bare = BUF_INIT(strlen(text) + 16), json = BUF_INIT(SIZE_MAX / 2);
	const char *host = strstr(text, "://"), *at = NULL;
	struct json_writer w;

	if (host != NULL) {
		host += 3;
		for (const char *p = host, *end = p + strcspn(p, "/?#"); p < end; p++)
			at = *p == '@' ? p : at;
	}
	if (at != NULL) {
		buf_add(&bare, text, (size_t)(host - text));
		buf_printf(&bare, "***%s", at);
	}
	jw_init(&w, &json);
	jw_text(&w, at != NULL ? buf_str(&bare) : text);
	show_json_as_yaml(buf_str(&json), out);
	buf_done(&json);
	buf_done(&bare);
}

static void
show_list(const char *const *items, size_t n, struct buf *out)
{
	buf_addc(out, '[');
	for (size_t i = 0; i < n; i++) {
		buf_adds(out, i > 0 ? ", " : "");
		show_text(items[i], out);
	}
	buf_addc(out, ']');
}

static void
show_feed(const struct feed_config *f, struct buf *out)
{
	const struct {
		const char *key, *text;
	} texts[] = {
		{ "name", f->name },
		{ "driver", f->driver },
		{ "source", f->source },
		{ "url", f->url },
		{ "api_url", f->api_url },
		{ "start", f->start },
		{ "remark", f->remark },
		{ "ca_file", f->ca_file },
		{ "proxy", f->proxy },
	};
	size_t n = 0;

	buf_adds(out, "\n  - {");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].text == NULL)
			continue;
		buf_printf(out, "%s: ", texts[i].key);
		show_text(texts[i].text, out);
		buf_adds(out, ", ");
	}
	if (f->ecosystems != NULL) {
		while (f->ecosystems[n] != NULL)
			n++;
		buf_adds(out, "ecosystems: ");
		show_list(f->ecosystems, n, out);
		buf_adds(out, ", ");
	}
	buf_adds(out, "interval: ");
	show_duration(f->interval_ms, out);
	buf_printf(out, ", size: %lld, enabled: %s}", (long long)f->expected_bytes,
	    f->enabled ? "true" : "false");
}

static void
show_feeds(const struct config *c, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_feeds; i++) {
		if (c->feeds[i].from_catalogue)
			continue;
		show_feed(&c->feeds[i], out);
		n++;
	}
	if (n == 0)
		buf_adds(out, "[]");
}

/* Passwords are left out. */
static void
show_registry(const struct registry_config *r, struct buf *out)
{
	const struct {
		const char *key, *text;
	} texts[] = {
		{ "mirror", r->mirror },
		{ "ca_file", r->ca_file },
		{ "proxy", r->proxy },
		{ "docker_config", r->docker_config },
		{ "user", r->user },
	};

	buf_adds(out, "\n  ");
	show_text(r->match, out);
	buf_printf(out, ": {plain_http: %s", r->plain_http ? "true" : "false");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].text == NULL)
			continue;
		buf_printf(out, ", %s: ", texts[i].key);
		show_text(texts[i].text, out);
	}
	buf_addc(out, '}');
}

static void
show_registries(const struct config *c, struct buf *out)
{
	if (c->n_registries == 0)
		buf_adds(out, "{}");
	for (size_t i = 0; i < c->n_registries; i++)
		show_registry(&c->registries[i], out);
}

static void
show_value(const struct config *c, const struct setting *s, struct buf *out)
{
	const void *at = (const char *)c + s->offset;
	const char *text;
	int64_t number;
	bool yes;
	size_t n = 0;

	switch (s->type) {
	case SETTING_TEXT:
		memcpy(&text, at, sizeof(text));
		if (text == NULL)
			buf_adds(out, "~");
		else if (s->flags & SETTING_SECRET)
			buf_adds(out, "~ # set, not shown");
		else
			show_text(text, out);
		break;
	case SETTING_NUMBER:
	case SETTING_BYTES:
		memcpy(&number, at, sizeof(number));
		buf_printf(out, "%lld", (long long)number);
		break;
	case SETTING_DURATION:
		memcpy(&number, at, sizeof(number));
		show_duration(number, out);
		break;
	case SETTING_DURATIONS:
		buf_addc(out, '[');
		for (size_t i = 0; i < c->n_retry; i++) {
			buf_adds(out, i > 0 ? ", " : "");
			show_duration(c->retry_ms[i], out);
		}
		buf_addc(out, ']');
		break;
	case SETTING_BOOL:
		memcpy(&yes, at, sizeof(yes));
		buf_adds(out, yes ? "true" : "false");
		break;
	case SETTING_CIDRS:
		while (c->allow_cidrs != NULL && c->allow_cidrs[n] != NULL)
			n++;
		show_list(c->allow_cidrs, n, out);
		break;
	case SETTING_CATALOGUE:
		if (c->catalogue != NULL)
			buf_adds(out, c->catalogue);
		else
			show_list(c->catalogue_globs, c->n_catalogue_globs, out);
		break;
	case SETTING_FEEDS:
		show_feeds(c, out);
		break;
	case SETTING_REGISTRIES:
		show_registries(c, out);
		break;
	}
}

/* Dotted names are valid keys of the file, so the output can be read back. */
void
config_show(const struct config *c, struct buf *out)
{
	for (const struct setting *s = settings; s->name != NULL; s++) {
		buf_printf(out, "%s: ", s->name);
		show_value(c, s, out);
		buf_addc(out, '\n');
	}
}

static void
document_settings(struct buf *out)
{
	buf_adds(out, "| setting | type | default | meaning |\n|---|---|---|---|\n");
	for (const struct setting *s = settings; s->name != NULL; s++)
		buf_printf(out, "| `%s` | %s | %s%s%s | %s%s%s |\n", s->name,
		    type_words[s->type], s->fallback != NULL ? "`" : "",
		    s->fallback != NULL ? s->fallback : "none",
		    s->fallback != NULL ? "`" : "", s->help,
		    s->flags & SETTING_RESTART ? " Needs a restart." : "",
		    s->flags & SETTING_SECRET ? " Secret." : "");
}

void
config_document(struct buf *out)
{
	buf_adds(out, "# Configuration\n\n"
		      "Made from the settings table by `tocsin check-config "
		      "--document`; a test keeps "
		      "the two equal.\n\n"
		      "tocsin needs no file. `tocsin serve --config FILE` reads YAML; "
		      "a dotted name "
		      "below is a nested key (`notify.gather` is `gather` under "
		      "`notify`), written "
		      "nested or dotted. `--set name=value` on the command line wins "
		      "over the file. A "
		      "misspelt key is an error. SIGHUP reads the file again and takes "
		      "it whole or not "
		      "at all. `tocsin check-config FILE` tells what is wrong, "
		      "`--show` prints what "
		      "would be used.\n\n");
	document_settings(out);
	buf_adds(out,
	    "\nDurations are `250ms`, `30s`, `5m`, `1h`, `7d`; sizes `1024`, `64KiB`, "
	    "`64MiB`.\n\n"
	    "A feed of `feeds.list` that carries the name of a catalogue feed takes "
	    "what it "
	    "leaves out from there: `{name: debian-tracker, url: "
	    "\"https://mirror.example.org/"
	    "debian.json\"}` points it at a mirror. The catalogue is "
	    "`config/feeds.yaml`.\n\n"
	    "## Caps\n\n"
	    "What somebody else sizes is capped; these are constants of "
	    "`core/limits.h`.\n\n"
	    "| cap | value | of what |\n|---|---|---|\n");
	for (const struct limit_row *l = limits_table; l->name != NULL; l++)
		buf_printf(out, "| `%s` | %zu | %s |\n", l->name, l->value, l->why);
}
