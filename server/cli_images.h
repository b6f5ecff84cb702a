/* SPDX-License-Identifier: Apache-2.0 */
/* cli_images - what the files of the command "images" share. */
#ifndef SERVER_CLI_IMAGES_H
#define SERVER_CLI_IMAGES_H

#include <stdbool.h>

#include "core/err.h"
#include "server/cli.h"

struct client;

struct add_options {
	const char *name, *ref, *list, *os, *digest, *platform;
	struct option_list labels;
};
struct sync_options {
	const char *from, *list_by, *owner_from, *grace;
	bool dry_run;
};

/* QUERY ("" or "?a=b") with KEY=VALUE behind it, unless VALUE is NULL. */
const char *images_query(
    struct client *c, const char *query, const char *key, const char *value);

/* What is no file and could be a reference is one. */
bool images_is_reference(struct client *c, const char *text);
/* Have REF pulled by the server, and wait for it. */
enum err_code images_pull(
    struct client *c, const struct add_options *o, const char *ref, struct err *e);
/* Hand in the listing FILE of what a place runs. */
enum err_code images_sync(struct client *c, const struct sync_options *s,
    const char *list, const char *file, struct err *e);

#endif
