/* SPDX-License-Identifier: Apache-2.0 */
/* What is named on the command line; see cli_read.h. */
#include "server/cli_read.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "core/arena.h"
#include "core/clock.h"
#include "core/component.h"
#include "core/net.h"
#include "core/str.h"
#include "inventory/inventory.h"
#include "inventory/pull.h"
#include "inventory/reference.h"
#include "inventory/registry.h"
#include "match/match.h"
#include "server/progress.h"

/* ---- what to read ---- */

#define REGISTRY "registry:"

/* "docker-archive:FILE" and the like, as other scanners have them. */
static const struct form {
	const char *prefix;
	const char *reader; /* that has to have read it; NULL = any */
} forms[] = {
	{ "docker-archive:", "docker-archive" },
	{ "oci-archive:", "oci" },
	{ "oci-dir:", "oci" },
	{ "oci:", "oci" },
	{ "dir:", NULL },
	{ "file:", NULL },
	{ "sbom:", NULL },
};

static const struct form *
form_of(const char *text)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (str_starts(text, forms[i].prefix))
			return &forms[i];
	return NULL;
}

static bool
is_expected(const struct form *form, const struct inventory *inv)
{
	bool is_image = inv->layers != NULL || str_eq(inv->reader, "rootfs");

	if (form == NULL || form->reader == NULL)
		return form == NULL || !is_image || !str_eq(form->prefix, "sbom:");
	/* newer "docker save" writes an OCI layout as well: then there is a digest */
	return str_eq(form->reader, inv->reader) ||
	       (str_eq(form->reader, "oci") && inv->digest != NULL &&
		   str_eq(inv->reader, "docker-archive"));
}

/* "x.tar:alpine:3.20": the shortest path that is there; what follows names the image. */
static const char *
split_ref(const char *text, struct arena *a, const char **ret_ref)
{
	for (const char *p = text; (p = strchr(p, ':')) != NULL; p++) {
		const char *path = arena_strndup(a, text, (size_t)(p - text));

		if (access(text, F_OK) != 0 && access(path, F_OK) == 0) {
			*ret_ref = p + 1;
			return path;
		}
	}
	return text;
}

/* ---- references ---- */

static bool
show_progress(void *arg, uint64_t got, uint64_t total)
{
	progress_tell(arg, "pulling", got, total, 0);
	return true;
}

/* Whoever types a reference is the operator of this machine: every registry is trusted. */
static enum err_code
pull(const char *text, const struct inventory_hints *hints, const struct config *c,
    struct arena *a, struct inventory **ret, struct err *e)
{
	struct progress progress = { .clock = clock_system(),
		.is_terminal = isatty(STDERR_FILENO) == 1 };
	struct registry_options o = {
		.clock = clock_system(),
		.settings = c->registries,
		.n_settings = c->n_registries,
		.docker_config = c->docker_config,
		.trusts_all = true,
		.progress = progress.is_terminal ? show_progress : NULL,
		.arg = &progress,
	};
	const char *tmp = getenv("TMPDIR"), *digest = NULL;
	struct registry *r;
	struct reference ref;
	enum err_code rc;

	if ((rc = reference_parse(text, a, &ref, e)) != ERR_OK ||
	    (rc = net_curl_new(&o.net, c->user_agent, e)) != ERR_OK)
		return rc;
	r = registry_new(&o);
	rc = image_pull(r, &ref, tmp != NULL && tmp[0] != '\0' ? tmp : "/tmp", hints, a,
	    ret, &digest, e);
	progress_end(&progress);
	registry_free(r);
	net_free(o.net);
	return rc;
}

static enum err_code
read_reference(const char *text, const struct inventory_hints *hints, struct arena *a,
    struct inventory **ret, struct err *e)
{
	struct config *c = NULL;
	enum err_code rc = config_load(&c, NULL, NULL, e);

	if (rc == ERR_OK)
		rc = pull(text, hints, c, a, ret, e);
	config_free(c);
	return rc;
}

/* What is no file and could be a reference is one. */
static bool
is_reference(const char *what, struct arena *a)
{
	struct reference ref;

	return !str_eq(what, "-") && what[0] != '/' && what[0] != '.' &&
	       access(what, F_OK) != 0 &&
	       reference_parse(what, a, &ref, NULL) == ERR_OK;
}

enum err_code
cli_read_inventory(const char *what, const struct reading *o, struct arena *a,
    struct inventory **ret, struct err *e)
{
	const struct form *form = form_of(what);
	struct inventory_hints hints = {
		.os = o->os,
		.platform = o->platform,
		.now_at = clock_now_s(clock_system()),
		.keyer = &match_keyer,
	};
	enum err_code rc;

	if (str_starts(what, REGISTRY))
		return read_reference(what + strlen(REGISTRY), &hints, a, ret, e);
	if (form == NULL && is_reference(what, a))
		return read_reference(what, &hints, a, ret, e);
	if (form != NULL)
		what = split_ref(what + strlen(form->prefix), a, &hints.ref);
	rc = inventory_read_path(
	    str_eq(what, "-") ? "/dev/stdin" : what, &hints, a, ret, e);
	if (rc == ERR_OK && !is_expected(form, *ret))
		return err_set(e, ERR_INPUT, "%.150s is no %.*s but %s", what,
		    (int)strlen(form->prefix) - 1, form->prefix, (*ret)->reader);
	return rc;
}
