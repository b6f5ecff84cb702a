/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin: the table of commands, and nothing else. */
#include <stdio.h>
#include <string.h>

#include "core/str.h"
#include "server/cli.h"

const struct command *const commands[] = {
	&command_serve,
	/* what do we run, what hits it */
	&command_images,
	&command_affected,
	&command_explain,
	&command_lists,
	/* who is told */
	&command_channels,
	&command_subscribe,
	&command_messages,
	/* where it comes from */
	&command_feeds,
	&command_bundle,
	/* without a server */
	&command_inventory,
	&command_scan,
	&command_vercmp,
	/* operation */
	&command_token,
	&command_check_config,
	&command_version,
	NULL,
};

static int
help(FILE *out)
{
	fprintf(out, "usage: tocsin COMMAND [ARGUMENTS]\n\n");
	for (size_t i = 0; commands[i] != NULL; i++)
		fprintf(out, "  %-13s %s\n", commands[i]->name, commands[i]->summary);
	fprintf(out, "\n'tocsin COMMAND --help' tells more.\n");
	return out == stdout ? CLI_OK : CLI_USAGE;
}

int
main(int argc, char **argv)
{
	if (argc < 2)
		return help(stderr);
	if (str_eq(argv[1], "help") || str_eq(argv[1], "--help") ||
	    str_eq(argv[1], "-h"))
		return help(stdout);
	if (str_eq(argv[1], "--version"))
		return command_version.run(argc - 1, argv + 1);
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (!str_eq(argv[1], commands[i]->name))
			continue;
		if (argc > 2 && (str_eq(argv[2], "--help") || str_eq(argv[2], "-h"))) {
			printf("%s\n\n", commands[i]->summary);
			(void)cli_usage(commands[i]);
			return CLI_OK;
		}
		return commands[i]->run(argc - 1, argv + 1);
	}
	fprintf(stderr, "tocsin: no command \"%s\"\n", argv[1]);
	return help(stderr);
}
