/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli_client - the command line as a client of the REST API: TOCSIN_URL (default
 * http://127.0.0.1:8080), TOCSIN_TOKEN (default: the file the first start left).
 */
#ifndef SERVER_CLI_CLIENT_H
#define SERVER_CLI_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"

struct arena;
struct json;

struct client {
	struct arena *arena; /* for one command */
	const char *url, *token;
	struct net *net;
	bool json; /* -o json: print answers as they are */
};

/* Options every client command takes. */
struct client_options {
	const char *url, *output, *team;
};

enum err_code client_open(
    struct client *c, const struct client_options *o, struct err *e);
void client_close(struct client *c);

/*
 * Ask METHOD PATH with BODY (NULL = none) of CONTENT_TYPE (NULL = JSON).  *RET is the
 * answer's tree (NULL when it has no body), to be freed with json_free().  A problem document becomes an error with its detail.
 */
enum err_code client_call(struct client *c, const char *method, const char *path,
    const char *content_type, const char *body, size_t len, struct json **ret,
    struct err *e);
/* "PATH" + "/" + TEXT percent-encoded. */
const char *client_path(struct client *c, const char *path, const char *text);
/* All pages of a collection: EACH is called per item; false stops. */
enum err_code client_pages(struct client *c, const char *path,
    bool (*each)(void *arg, const struct json *item), void *arg, struct err *e);

/* Print J as JSON on standard output. */
void client_print(const struct json *j);

/* ---- tables for people ---- */

struct table; /* cells are copied; printed with columns as wide as needed */
struct table *table_new(const char *const heads[], size_t n);
void table_row(struct table *t, const char *const cells[]);
/* Print and free. */
void table_print(struct table *t);
/* The text at KEY of J, or "-". */
const char *cell_text(const struct json *j, const char *key);

#endif
