/* SPDX-License-Identifier: Apache-2.0 */
/* The secret texts that clients carry; see token.h. */
#include "server/token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/digest.h"
#include "core/str.h"

#define PREFIX     "tcs_"
#define N_RANDOM   43 /* characters of 62: 256 bits */
#define N_CHECKSUM 6  /* CRC32 in the same alphabet */

static const char alphabet[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static void
checksum(const char *text, char out[N_CHECKSUM])
{
	uint32_t crc = crc32_of(text, N_RANDOM);

	for (int i = N_CHECKSUM - 1; i >= 0; i--) {
		out[i] = alphabet[crc % 62];
		crc /= 62;
	}
}

void
token_new(char out[TOKEN_SIZE])
{
	char *at = out + strlen(PREFIX);
	size_t n = 0;

	memcpy(out, PREFIX, strlen(PREFIX));
	while (n < N_RANDOM) {
		unsigned char bytes[64];

		random_bytes(bytes, sizeof(bytes));
		/* 248 = 4 * 62: beyond it the alphabet would be uneven */
		for (size_t i = 0; i < sizeof(bytes) && n < N_RANDOM; i++)
			if (bytes[i] < 248)
				at[n++] = alphabet[bytes[i] % 62];
	}
	checksum(at, at + N_RANDOM);
	at[N_RANDOM + N_CHECKSUM] = '\0';
}

bool
token_wellformed(const char *text)
{
	char want[N_CHECKSUM];
	size_t n = strlen(PREFIX);

	if (strlen(text) != n + N_RANDOM + N_CHECKSUM || !str_starts(text, PREFIX))
		return false;
	checksum(text + n, want);
	return memcmp(want, text + n + N_RANDOM, N_CHECKSUM) == 0;
}

void
token_hash(const char *text, unsigned char out[32])
{
	sha256_of(text, strlen(text), out);
}

enum err_code
token_issue(struct store *st, const char *team, enum token_scope scope,
    const char *name, int64_t expires_at, const char *actor, int64_t now_at,
    char out[TOKEN_SIZE], int64_t *ret_id, struct err *e)
{
	struct token_new t = {
		.name = name,
		.scope = scope,
		.expires_at = expires_at,
		.actor = actor,
		.now_at = now_at,
	};
	char hint[9];
	enum err_code rc;

	rc = store_team_find(st, team, &t.team_id, e);
	if (rc == ERR_NOTFOUND)
		rc = store_team_create(st, team, actor, now_at, &t.team_id, e);
	if (rc != ERR_OK)
		return rc;
	token_new(out);
	token_hash(out, t.hash);
	memcpy(hint, out, 8);
	hint[8] = '\0';
	t.hint = hint;
	return store_token_create(st, &t, ret_id, e);
}

enum err_code
token_file_write(const char *state_dir, const char *text, struct err *e)
{
	char path[600], line[TOKEN_SIZE + 1];
	int fd, n;

	(void)snprintf(path, sizeof(path), "%s/token", state_dir);
	n = snprintf(line, sizeof(line), "%s\n", text);
	(void)unlink(path); /* never write a secret into a file others may have open */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(e, ERR_STORAGE, "%s: %s", path, strerror(errno));
	if (write(fd, line, (size_t)n) != n || fsync(fd) != 0) {
		(void)err_set(e, ERR_STORAGE, "%s: %s", path, strerror(errno));
		(void)close(fd);
		return ERR_STORAGE;
	}
	(void)close(fd);
	return ERR_OK;
}

enum err_code
token_file_read(const char *state_dir, char *out, size_t size, struct err *e)
{
	char path[600];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/token", state_dir);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return err_set(e, ERR_NOTFOUND, "no token: set TOCSIN_TOKEN");
	n = read(fd, out, size - 1);
	(void)close(fd);
	if (n <= 0)
		return err_set(e, ERR_NOTFOUND, "%s is empty", path);
	out[n] = '\0';
	out[strcspn(out, "\r\n")] = '\0';
	return ERR_OK;
}
