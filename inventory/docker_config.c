/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials of container tools; see docker_config.h. */
#include "inventory/docker_config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/json.h"
#include "core/str.h"
#include "core/stream.h"

#define MAX_FILE         1048576
#define MAX_HELPER_BYTES 65536
#define HELPER_MS        10000
/* The name that Docker Hub's entry has. */
#define HUB_KEY "https://index.docker.io/v1/"

/* ---- which file ---- */

static const char *
if_there(struct arena *a, const char *folder, const char *rest)
{
	const char *path;

	if (folder == NULL || folder[0] == '\0')
		return NULL;
	path = arena_printf(a, "%s%s", folder, rest);
	return access(path, R_OK) == 0 ? path : NULL;
}

const char *
docker_config_path(struct arena *a)
{
	const struct {
		const char *folder, *rest;
	} places[] = {
		{ getenv("DOCKER_CONFIG"), "/config.json" },
		{ getenv("REGISTRY_AUTH_FILE"), "" },
		{ getenv("XDG_RUNTIME_DIR"), "/containers/auth.json" },
		{ getenv("HOME"), "/.docker/config.json" },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const char *path = if_there(a, places[i].folder, places[i].rest);

		if (path != NULL)
			return path;
	}
	return NULL;
}

/* ---- helpers ---- */

/* "docker-credential-NAME get" with the registry's name on standard input. */
static enum err_code
start_helper(
    const char *program, int in, int out, struct arena *a, pid_t *ret, struct err *e)
{
	char verb[] = "get";
	char *const argv[] = { arena_strdup(a, program), verb, NULL };
	extern char **environ;
	posix_spawn_file_actions_t actions;
	int rc;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	rc = posix_spawnp(ret, program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return rc == 0 ? ERR_OK
		       : err_set(e, ERR_UNREACHABLE, "%s cannot be run: %s", program,
			     strerror(rc));
}

/* What it prints until it ends; false when it takes too long or too much. */
static bool
collect(int fd, struct buf *out)
{
	int64_t end = clock_system()->mono_ms(clock_system()) + HELPER_MS;
	char piece[4096];

	for (;;) {
		int64_t left = end - clock_system()->mono_ms(clock_system());
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n;

		if (left <= 0 || poll(&p, 1, (int)left) <= 0)
			return false;
		n = read(fd, piece, sizeof(piece));
		if (n <= 0)
			return n == 0 && !out->full;
		buf_add(out, piece, (size_t)n);
	}
}

static enum err_code
ask_helper(const char *program, const char *server, struct arena *a, struct buf *out,
    struct err *e)
{
	int to[2] = { -1, -1 }, from[2] = { -1, -1 }, status = 0;
	bool good = false;
	pid_t pid = 0;
	enum err_code rc;

	/* a socket to it: one that does not read must not end us with SIGPIPE */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, to) != 0 ||
	    pipe2(from, O_CLOEXEC) != 0)
		rc = err_set(e, ERR_BUSY, "no pipe: %s", strerror(errno));
	else
		rc = start_helper(program, to[0], from[1], a, &pid, e);
	if (to[0] >= 0)
		(void)close(to[0]);
	if (from[1] >= 0)
		(void)close(from[1]);
	if (rc == ERR_OK) {
		(void)send(to[1], server, strlen(server), MSG_NOSIGNAL);
		(void)close(to[1]);
		to[1] = -1;
		good = collect(from[0], out);
		if (!good)
			(void)kill(pid, SIGKILL);
		good = waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
		       WEXITSTATUS(status) == 0 && good;
		if (!good)
			rc = err_set(e, ERR_UNREACHABLE,
			    "%s gives no credentials for %s", program, server);
	}
	if (to[1] >= 0)
		(void)close(to[1]);
	if (from[0] >= 0)
		(void)close(from[0]);
	return rc;
}

/* A helper's name is part of a program's: no way out of the path. */
static bool
is_helper(const char *name)
{
	return name != NULL && name[0] != '\0' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789-_.") == strlen(name);
}

static enum err_code
from_helper(const char *helper, const char *server, struct arena *a,
    struct credentials *ret, struct err *e)
{
	struct buf answer CLEANUP_BUF = BUF_INIT(MAX_HELPER_BYTES);
	const char *program, *user, *secret;
	struct json *j = NULL;
	enum err_code rc;

	if (!is_helper(helper))
		return err_set(e, ERR_INPUT, "\"%s\" is no credential helper", helper);
	program = arena_printf(a, "docker-credential-%s", helper);
	if ((rc = ask_helper(program, server, a, &answer, e)) != ERR_OK)
		return rc;
	if (json_parse(&j, buf_str(&answer), answer.len, NULL) != ERR_OK)
		return err_set(
		    e, ERR_UNREACHABLE, "%s does not answer in JSON", program);
	user = json_str(json_get(j, "Username"));
	secret = json_str(json_get(j, "Secret"));
	if (user != NULL && secret != NULL && str_eq(user, "<token>"))
		ret->identity_token = arena_strdup(a, secret);
	else if (user != NULL && secret != NULL)
		*ret = (struct credentials){ .user = arena_strdup(a, user),
			.password = arena_strdup(a, secret) };
	else
		rc = err_set(e, ERR_UNREACHABLE, "%s gives no credentials", program);
	json_free(j);
	return rc;
}

/* ---- the file ---- */

/* "https://host/v1/" and "host" are the same registry. */
static const char *
bare_key(const char *key, struct arena *a)
{
	size_t n;

	if (str_starts(key, "https://"))
		key += 8;
	else if (str_starts(key, "http://"))
		key += 7;
	n = strlen(key);
	while (n > 0 && key[n - 1] == '/')
		n--;
	if (n > 3 &&
	    (memcmp(key + n - 3, "/v1", 3) == 0 || memcmp(key + n - 3, "/v2", 3) == 0))
		n -= 3;
	return arena_strndup(a, key, n);
}

static bool
is_hub(const char *key)
{
	return str_eq(key, "index.docker.io") || str_eq(key, "docker.io") ||
	       str_eq(key, "registry-1.docker.io");
}

/* How much of "domain/repository" KEY covers; 0 = it is about something else. */
static size_t
covers(const char *key, const char *domain, const char *repository, struct arena *a)
{
	const char *whole = arena_printf(a, "%s/%s", domain, repository);
	size_t n;

	key = bare_key(key, a);
	n = strlen(key);
	if (str_eq(domain, "docker.io") && is_hub(key))
		return strlen("docker.io");
	if (n == 0 || !str_starts(whole, key) || (whole[n] != '/' && whole[n] != '\0'))
		return 0;
	return n;
}

/* The member of object J whose key fits best. */
static const struct json *
best(const struct json *j, const char *domain, const char *repository, struct arena *a,
    const char **ret_key)
{
	const struct json *found = NULL;
	size_t most = 0;

	for (size_t i = 0; json_kind(j) == JSON_IS_OBJECT && i < json_count(j); i++) {
		const struct json *value = NULL;
		const char *key = json_member(j, i, &value);
		size_t n = covers(key, domain, repository, a);

		if (n <= most)
			continue;
		most = n;
		found = value;
		*ret_key = key;
	}
	return found;
}

/* {"auth": base64 of "user:password"} or {"identitytoken"} or the two in the clear. */
static enum err_code
from_entry(
    const struct json *entry, struct arena *a, struct credentials *ret, struct err *e)
{
	const char *auth = json_str(json_get(entry, "auth"));
	const char *token = json_str(json_get(entry, "identitytoken"));
	const char *user = json_str(json_get(entry, "username"));
	const char *password = json_str(json_get(entry, "password"));
	unsigned char *text = NULL;
	const char *colon;
	size_t len = 0;

	if (token != NULL && token[0] != '\0') {
		ret->identity_token = arena_strdup(a, token);
		return ERR_OK;
	}
	if (auth != NULL && auth[0] != '\0') {
		if (!base64_decode(a, auth, &text, &len) ||
		    (colon = memchr(text, ':', len)) == NULL)
			return err_set(e, ERR_INPUT, "\"auth\" is not user:password");
		ret->user = arena_strndup(
		    a, (const char *)text, (size_t)(colon - (const char *)text));
		ret->password = arena_strndup(
		    a, colon + 1, len - (size_t)(colon + 1 - (const char *)text));
		return ERR_OK;
	}
	if (user == NULL || password == NULL)
		return ERR_NOTFOUND;
	ret->user = arena_strdup(a, user);
	ret->password = arena_strdup(a, password);
	return ERR_OK;
}

static enum err_code
find(const struct json *j, const char *domain, const char *repository, struct arena *a,
    struct credentials *ret, struct err *e)
{
	const char *key = NULL,
		   *server = str_eq(domain, "docker.io") ? HUB_KEY : domain;
	const struct json *entry =
	    best(json_get(j, "credHelpers"), domain, repository, a, &key);
	const char *store = json_str(json_get(j, "credsStore"));
	enum err_code rc = ERR_NOTFOUND;

	if (json_str(entry) != NULL)
		return from_helper(json_str(entry), server, a, ret, e);
	entry = best(json_get(j, "auths"), domain, repository, a, &key);
	if (entry != NULL && (rc = from_entry(entry, a, ret, e)) != ERR_NOTFOUND)
		return rc;
	/* an entry without a secret says that the store has it */
	if (store != NULL && store[0] != '\0' && entry != NULL)
		return from_helper(store, server, a, ret, e);
	return rc;
}

enum err_code
docker_config_find(const char *path, const char *domain, const char *repository,
    struct arena *a, struct credentials *ret, struct err *e)
{
	struct buf text CLEANUP_BUF = BUF_INIT(MAX_FILE);
	struct stream *in = NULL;
	struct json *j = NULL;
	enum err_code rc;

	memset(ret, 0, sizeof(*ret));
	if ((rc = stream_open_file(&in, path, MAX_FILE, e)) == ERR_OK)
		rc = stream_read_all(in, &text, e);
	stream_close(in);
	if (rc == ERR_OK)
		rc = json_parse(&j, buf_str(&text), text.len, e);
	if (rc == ERR_OK)
		rc = find(j, domain, repository, a, ret, e);
	json_free(j);
	if (rc == ERR_NOTFOUND)
		return rc;
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "%s", path);
}
