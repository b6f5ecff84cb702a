/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli - the command line: one table of commands, one way of reading options, tables for
 * people and JSON for programs.
 *
 * Exit status: 0 done / pass, 1 found (commands that judge) or refused, 2 could not judge
 * or failed, 64 usage, 78 configuration.
 */
#ifndef SERVER_CLI_H
#define SERVER_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

#define CLI_OK     0
#define CLI_FOUND  1
#define CLI_ERROR  2
#define CLI_USAGE  64
#define CLI_CONFIG 78

struct command {
	const char *name;    /* MUST: "feeds" */
	const char *usage;   /* MUST: what stands behind the name, one form a line */
	const char *summary; /* MUST: one line */
	/* MUST.  ARGV[0] is the command's name.  Returns the exit status. */
	int (*run)(int argc, char **argv);
};

extern const struct command *const commands[]; /* main.c; NULL-ended */

extern const struct command command_serve, command_feeds, command_images,
    command_affected, command_explain, command_inventory, command_scan, command_vercmp,
    command_lists, command_channels, command_subscribe, command_messages, command_token,
    command_check_config, command_version, command_bundle;

/* ---- options ---- */

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_LIST };

/* One option of a command; VALUE points at a bool, a const char *, or a struct
 * option_list, as KIND says. */
struct option_def {
	const char *name; /* "--os"; a short one as "-o" */
	enum option_kind kind;
	void *value;
};
struct option_list {
	const char *at[64];
	size_t n;
};
/*
 * Take the options of DEFS (NULL-name-ended) out of ARGV, wherever they stand ("--os X"
 * and "--os=X"; "--" ends them); what is left stays in ARGV[1..*ARGC).  False after
 * having said on standard error what is wrong.
 */
bool options_read(int *argc, char **argv, const struct option_def *defs);

/* "tocsin: text" on standard error; returns STATUS. */
int cli_fail(int status, const struct err *e);
int cli_usage(const struct command *c);

#endif
