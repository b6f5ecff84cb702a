/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin bundle: feeds in one signed file, for servers that reach no publisher. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "core/arena.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/sign.h"
#include "core/str.h"
#include "match/match.h"
#include "server/bundle.h"
#include "server/cli.h"
#include "server/cli_client.h"
#include "server/holder.h"
#include "server/live.h"
#include "server/progress.h"
#include "server/service.h"

struct bundle_args {
	const char *config_path, *db, *key, *key_file;
	struct option_list feeds, sources;
	bool older;
};

/* What every form of the command works with. */
struct bundle_work {
	struct arena *a;
	struct config *config;
	struct progress progress;
	struct worker w;
	char holder[HOLDER_SIZE];
};

static bool
show_progress(
    void *arg, const char *what, uint64_t bytes, uint64_t total, uint64_t records)
{
	progress_tell(arg, what, bytes, total, records);
	return true;
}

static enum err_code
open_work(struct bundle_work *b, const struct bundle_args *args, bool with_store,
    struct err *e)
{
	const struct store_options options = { .keyer = &match_keyer };
	const char *overrides[2] = { NULL, NULL };
	enum err_code rc;

	memset(b, 0, sizeof(*b));
	b->a = arena_new();
	if (args->db != NULL)
		overrides[0] = arena_printf(b->a, "db=%s", args->db);
	if ((rc = config_load(&b->config, args->config_path, overrides, e)) != ERR_OK)
		return rc;
	holder_write("tocsin bundle", b->holder);
	b->progress = (struct progress){ .clock = clock_system(),
		.is_terminal = isatty(STDERR_FILENO) == 1 };
	b->w = (struct worker){
		.clock = clock_system(),
		.config = b->config,
		.holder = b->holder,
		.progress = show_progress,
		.arg = &b->progress,
	};
	if (!with_store)
		return ERR_OK;
	rc = store_open(&b->w.store, b->config->db, &options, e);
	return rc == ERR_OK ? holders_bury(b->w.store, e) : rc;
}

static void
close_work(struct bundle_work *b)
{
	progress_end(&b->progress);
	store_close(b->w.store);
	config_free(b->config);
	arena_free(b->a);
}

/* The key that this machine signs with. */
static enum err_code
own_key(struct bundle_work *b, const struct bundle_args *args, struct sign_key *ret,
    struct err *e)
{
	const char *path = args->key_file != NULL ? args->key_file
						  : arena_printf(b->a, "%s/bundle.key",
							b->config->state_dir);

	return sign_key_load(path, ret, e);
}

/* ---- export ---- */

static const char *const *
globs_of(struct arena *a, const struct option_list *l)
{
	const char **globs = arena_array(a, l->n + 1, sizeof(*globs));

	if (l->n == 0)
		return NULL;
	memcpy(globs, l->at, l->n * sizeof(*globs));
	return globs;
}

static enum err_code export(struct bundle_work *b, const struct bundle_args *args,
    const char *path, struct err *e) {
	const struct bundle_choice choice = { .feeds = globs_of(b->a, &args->feeds),
	    .sources = globs_of(b->a, &args->sources) };
	struct bundle_figures f = { 0 };
	char hex[SIGN_HEX_SIZE];
	struct sign_key key;
	enum err_code rc;

	if ((rc = own_key(b, args, &key, e)) != ERR_OK ||
	    (rc = bundle_export(&b->w, path, &choice, &key, &f, e)) !=
		ERR_OK) return rc;
	printf("%s: %zu feeds, %llu records\nsigned by %s\n", path, f.feeds,
	    (unsigned long long)f.records, hex_encode(key.open, sizeof(key.open), hex));
	if (f.skipped > 0) fprintf(stderr, "tocsin: %llu records could not be read\n",
	    (unsigned long long)f.skipped);
	return ERR_OK;
}

/* ---- import ---- */

/* Ours or one that was named. */
static enum err_code
check_trust(struct bundle_work *b, const struct bundle_args *args,
    const unsigned char signer[SIGN_KEY_SIZE], struct err *e)
{
	unsigned char named[SIGN_KEY_SIZE];
	char hex[SIGN_HEX_SIZE];
	struct sign_key own;
	enum err_code rc;

	if (args->key != NULL) {
		if (!sign_key_parse(args->key, named))
			return err_set(e, ERR_INPUT,
			    "--key takes the 64 digits that export and key print");
		if (secret_eq(named, signer, SIGN_KEY_SIZE))
			return ERR_OK;
	} else if ((rc = own_key(b, args, &own, e)) != ERR_OK) {
		return rc;
	} else if (secret_eq(own.open, signer, SIGN_KEY_SIZE)) {
		return ERR_OK;
	}
	return err_set(e, ERR_DENIED, "the bundle is signed by %s, which is not %s",
	    hex_encode(signer, SIGN_KEY_SIZE, hex),
	    args->key != NULL
		? "the key given"
		: "this machine's key; name it with --key if you trust it");
}

/* One open file for the check and the reading: what was checked is what is read. */
static enum err_code
import_open(struct bundle_work *b, const struct bundle_args *args, const char *path,
    struct err *e)
{
	unsigned char signer[SIGN_KEY_SIZE];
	struct bundle_figures f = { 0 };
	enum err_code rc;

	if ((rc = bundle_signer(path, signer, e)) != ERR_OK ||
	    (rc = check_trust(b, args, signer, e)) != ERR_OK ||
	    (rc = bundle_import(&b->w, path, args->older, &f, e)) != ERR_OK ||
	    (rc = service_match_all(&b->w, e)) != ERR_OK)
		return rc;
	printf("%zu feeds, %llu records, %llu skipped\n", f.feeds,
	    (unsigned long long)f.records, (unsigned long long)f.skipped);
	if (f.held > 0)
		return err_set(e, ERR_CONFLICT,
		    "%zu feeds lost too many records and are held; look at them with "
		    "'tocsin feeds list'",
		    f.held);
	return ERR_OK;
}

static enum err_code
import(struct bundle_work *b, const struct bundle_args *args, const char *path,
    struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum err_code rc;

	if (fd < 0)
		return err_set(e, errno == ENOENT ? ERR_NOTFOUND : ERR_DENIED, "%s: %s",
		    path, strerror(errno));
	rc = import_open(b, args, arena_printf(b->a, "/proc/self/fd/%d", fd), e);
	(void)close(fd);
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "%s", path);
}

/* ---- looking ---- */

static enum err_code
show(struct bundle_work *b, const char *path, struct err *e)
{
	static const char *const heads[] = { "FEED", "SOURCE", "RECORDS", "AS OF",
		"ECOSYSTEMS" };
	unsigned char signer[SIGN_KEY_SIZE];
	struct bundle_feed *feeds = NULL;
	char hex[SIGN_HEX_SIZE], at[TIME_TEXT_SIZE];
	struct table *t;
	size_t n = 0;
	enum err_code rc;

	if ((rc = bundle_signer(path, signer, e)) != ERR_OK ||
	    (rc = bundle_list(path, b->a, &feeds, &n, e)) != ERR_OK)
		return rc;
	printf("signed by %s\n\n", hex_encode(signer, sizeof(signer), hex));
	t = table_new(heads, 5);
	for (size_t i = 0; i < n; i++) {
		const char *cells[5] = { feeds[i].name, feeds[i].source,
			arena_printf(
			    b->a, "%llu", (unsigned long long)feeds[i].records),
			time_format(feeds[i].as_of, at), feeds[i].ecosystems };

		table_row(t, cells);
	}
	table_print(t);
	return ERR_OK;
}

static enum err_code
print_key(struct bundle_work *b, const struct bundle_args *args, struct err *e)
{
	char hex[SIGN_HEX_SIZE];
	struct sign_key key;
	enum err_code rc = own_key(b, args, &key, e);

	if (rc == ERR_OK)
		printf("%s\n", hex_encode(key.open, sizeof(key.open), hex));
	return rc;
}

static int
bundle(int argc, char **argv)
{
	struct bundle_args args = { .older = false };
	const struct option_def options[] = {
		{ "--feed", OPTION_LIST, &args.feeds },
		{ "--source", OPTION_LIST, &args.sources },
		{ "--key", OPTION_TEXT, &args.key },
		{ "--key-file", OPTION_TEXT, &args.key_file },
		{ "--older", OPTION_FLAG, &args.older },
		{ "--config", OPTION_TEXT, &args.config_path },
		{ "--db", OPTION_TEXT, &args.db },
		{ NULL, OPTION_FLAG, NULL },
	};
	struct bundle_work b;
	struct err e = ERR_INIT;
	const char *verb;
	bool has_file, knows;
	enum err_code rc;

	if (!options_read(&argc, argv, options))
		return CLI_USAGE;
	verb = argc > 1 ? argv[1] : "";
	has_file = argc == 3;
	knows = has_file ? str_eq(verb, "export") || str_eq(verb, "import") ||
			       str_eq(verb, "show")
			 : argc == 2 && str_eq(verb, "key");
	if (!knows)
		return cli_usage(&command_bundle);
	rc = open_work(&b, &args, str_eq(verb, "export") || str_eq(verb, "import"), &e);
	if (rc == ERR_OK)
		rc = str_eq(verb, "export")   ? export(&b, &args, argv[2], &e)
		     : str_eq(verb, "import") ? import(&b, &args, argv[2], &e)
		     : str_eq(verb, "show")   ? show(&b, argv[2], &e)
					      : print_key(&b, &args, &e);
	close_work(&b);
	return rc == ERR_OK ? CLI_OK : cli_fail(CLI_ERROR, &e);
}

const struct command command_bundle = {
	.name = "bundle",
	.usage = "export FILE [--feed GLOB]... [--source GLOB]... [--key-file FILE]\n"
		 "import FILE [--key KEY] [--older]   (both: [--db STORE] [--config "
		 "FILE])\n"
		 "show FILE\n"
		 "key                                 (this machine's open key)",
	.summary = "feeds in one signed file, for servers without a network",
	.run = bundle,
};
