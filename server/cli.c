/* SPDX-License-Identifier: Apache-2.0 */
/* Reading options and saying what went wrong, the same for every command. */
#include "server/cli.h"

#include <stdio.h>
#include <string.h>

#include "core/str.h"

int
cli_fail(int status, const struct err *e)
{
	fprintf(stderr, "tocsin: %s\n", e->text);
	return status;
}

int
cli_usage(const struct command *c)
{
	const char *line = c->usage;

	for (;;) {
		size_t n = strcspn(line, "\n");

		fprintf(stderr, "usage: tocsin %s%s%.*s\n", c->name, n > 0 ? " " : "",
		    (int)n, line);
		if (line[n] == '\0')
			return CLI_USAGE;
		line += n + 1;
	}
}

static const struct option_def *
find(const struct option_def *defs, const char *arg, const char **ret_value)
{
	for (; defs->name != NULL; defs++) {
		size_t n = strlen(defs->name);

		if (strncmp(arg, defs->name, n) != 0)
			continue;
		*ret_value = arg[n] == '=' ? arg + n + 1 : NULL;
		if (arg[n] == '\0' || (arg[n] == '=' && n > 2))
			return defs;
	}
	return NULL;
}

static bool
store(const struct option_def *o, const char *value)
{
	if (o->kind == OPTION_FLAG) {
		memcpy(o->value, &(bool){ true }, sizeof(bool));
	} else if (o->kind == OPTION_TEXT) {
		memcpy(o->value, &value, sizeof(value));
	} else {
		struct option_list *list = o->value;

		if (list->n == sizeof(list->at) / sizeof(list->at[0])) {
			fprintf(stderr, "tocsin: %s is given too often\n", o->name);
			return false;
		}
		list->at[list->n++] = value;
	}
	return true;
}

bool
options_read(int *argc, char **argv, const struct option_def *defs)
{
	int out = 1;

	for (int i = 1; i < *argc; i++) {
		const char *value = NULL;
		const struct option_def *o;

		if (str_eq(argv[i], "--")) {
			while (++i < *argc)
				argv[out++] = argv[i];
			break;
		}
		if (argv[i][0] != '-' || argv[i][1] == '\0') {
			argv[out++] = argv[i];
			continue;
		}
		if ((o = find(defs, argv[i], &value)) == NULL) {
			fprintf(stderr, "tocsin: no option %s here\n", argv[i]);
			return false;
		}
		if (o->kind == OPTION_FLAG && value != NULL) {
			fprintf(stderr, "tocsin: %s takes no value\n", o->name);
			return false;
		}
		if (o->kind != OPTION_FLAG && value == NULL) {
			if (i + 1 == *argc) {
				fprintf(stderr, "tocsin: %s needs a value\n", o->name);
				return false;
			}
			value = argv[++i];
		}
		if (!store(o, value))
			return false;
	}
	*argc = out;
	return true;
}
