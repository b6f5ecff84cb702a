/* SPDX-License-Identifier: Apache-2.0 */
/* What the file says about registries. */
#include <string.h>

#include "config/config_private.h"
#include "core/arena.h"
#include "core/registry_config.h"
#include "core/str.h"
#include "core/yaml.h"

static enum err_code
read_bool(const struct yaml *y, const char *key, bool *ret, struct err *e)
{
	const char *text = yaml_text(y);

	if (str_eq(text, "true") || str_eq(text, "yes"))
		*ret = true;
	else if (str_eq(text, "false") || str_eq(text, "no"))
		*ret = false;
	else
		return err_set(
		    e, ERR_INPUT, "line %zu: %s must be true or false", y->line, key);
	return ERR_OK;
}

static enum err_code
read_field(
    const char *key, const struct yaml *y, struct registry_config *r, struct err *e)
{
	const struct {
		const char *key;
		const char **field;
	} texts[] = {
		{ "mirror", &r->mirror },
		{ "ca_file", &r->ca_file },
		{ "proxy", &r->proxy },
		{ "docker_config", &r->docker_config },
		{ "user", &r->user },
		{ "password", &r->password },
	};

	if (y->kind != YAML_TEXT)
		return err_set(
		    e, ERR_INPUT, "line %zu: %s must be a text", y->line, key);
	if (str_eq(key, "plain_http"))
		return read_bool(y, key, &r->plain_http, e);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (str_eq(key, texts[i].key)) {
			*texts[i].field = yaml_text(y);
			return ERR_OK;
		}
	return err_set(
	    e, ERR_INPUT, "line %zu: a registry has no \"%s\"", y->line, key);
}

static enum err_code
read_registry(
    const char *match, const struct yaml *y, struct registry_config *r, struct err *e)
{
	enum err_code rc = ERR_OK;

	*r = (struct registry_config){ .match = match };
	if (y->kind == YAML_TEXT && yaml_text(y) == NULL)
		return ERR_OK; /* known, and nothing else */
	if (y->kind != YAML_MAP)
		return err_set(e, ERR_INPUT,
		    "line %zu: a registry is a map: {ca_file: ..., plain_http: ...}",
		    y->line);
	for (size_t i = 0; i < y->n && rc == ERR_OK; i++)
		rc = read_field(y->keys[i], y->values[i], r, e);
	if (rc == ERR_OK && (r->user == NULL) != (r->password == NULL))
		return err_set(e, ERR_INPUT,
		    "line %zu: user and password stand together", y->line);
	return rc;
}

enum err_code
config_read_registries(struct config *c, const struct yaml *y, struct err *e)
{
	struct registry_config *rows;
	enum err_code rc = ERR_OK;

	if (y->kind == YAML_TEXT && yaml_text(y) == NULL)
		return ERR_OK; /* all of it is commented out */
	if (y->kind != YAML_MAP)
		return err_set(
		    e, ERR_INPUT, "line %zu: registries must be a map", y->line);
	rows = arena_array(c->arena, y->n, sizeof(*rows));
	for (size_t i = 0; i < y->n && rc == ERR_OK; i++)
		rc = read_registry(y->keys[i], y->values[i], &rows[i], e);
	c->registries = rows;
	c->n_registries = y->n;
	return rc;
}
