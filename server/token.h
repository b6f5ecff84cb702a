/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token - the secret texts that clients carry: tcs_ + 43 characters of randomness + a
 * checksum that lets secret scanners tell a real one.  Only the SHA-256 is kept.
 */
#ifndef SERVER_TOKEN_H
#define SERVER_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "store/teams.h"

#define TOKEN_SIZE 56 /* with the NUL */

void token_new(char out[TOKEN_SIZE]);
/* Does TEXT look like one of ours (prefix, length, checksum)? */
bool token_wellformed(const char *text);
void token_hash(const char *text, unsigned char out[32]);

/*
 * Make a token for TEAM (created if needed; "all" = operator) and write its text to OUT.
 * What "tocsin token create", the first start and POST /v1/tokens do.
 */
enum err_code token_issue(struct store *st, const char *team, enum token_scope scope,
    const char *name, int64_t expires_at, const char *actor, int64_t now_at,
    char out[TOKEN_SIZE], int64_t *ret_id, struct err *e);

/* The file the first start leaves for the command line: STATE_DIR/token, 0600. */
enum err_code token_file_write(const char *state_dir, const char *text, struct err *e);
/* ERR_NOTFOUND if there is none. */
enum err_code token_file_read(
    const char *state_dir, char *out, size_t size, struct err *e);

#endif
