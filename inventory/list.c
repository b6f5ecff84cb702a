/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list - plain package lists, one package a line, for a given system:
 *
 *   name version                          (blanks or a tab; also name=version)
 *   name version source source-version    (dpkg-query -W with four columns)
 *   name-1.2.3-r4                         (apk info -v)
 *   ii  name  version  arch  description  (dpkg -l)
 *   name-1.2.3-4.el9.x86_64 ...           (rpm -qa and more: rpm_list.c)
 *
 * '#' begins a comment.  The system must be given; a list does not say.
 */
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/inventory_private.h"
#include "inventory/rpm_private.h"

#define COLUMNS 4

/* "name-1.2-r3": the version begins behind the last '-' that a digit follows and that is
 * not the revision's. */
static bool
split_apk(char *text, const char **ret_version)
{
	char *revision = strrchr(text, '-'), *p = NULL;

	if (revision == NULL || revision[1] != 'r')
		return false;
	for (char *q = text; q < revision; q++)
		if (*q == '-' && q[1] >= '0' && q[1] <= '9')
			p = q;
	if (p == NULL)
		return false;
	*p = '\0';
	*ret_version = p + 1;
	return true;
}

static size_t
split_line(char *line, char *words[COLUMNS + 1])
{
	size_t n = 0;

	while (n <= COLUMNS) {
		line += strspn(line, " \t");
		if (*line == '\0')
			break;
		words[n++] = line;
		line += strcspn(line, " \t");
		if (*line != '\0')
			*line++ = '\0';
	}
	return n;
}

/* False if the line is no package. */
static bool
read_line(char *line, struct component *c)
{
	char *words[COLUMNS + 1];
	size_t n = split_line(line, words);
	char *equals;

	if (n == 0)
		return false;
	c->name = words[0];
	if (n == 1 && (equals = strchr(words[0], '=')) != NULL) {
		*equals = '\0';
		c->version = equals + 1 + (equals[1] == '='); /* pip writes == */
	} else if (n == 1) {
		return split_apk(words[0], &c->version);
	} else {
		c->version = words[1];
	}
	if (n == COLUMNS) {
		c->source_package = words[2];
		c->source_version = words[3];
	}
	/* no version anybody writes is without a digit, prose is */
	return (n == 1 || n == 2 || n == COLUMNS) &&
	       strpbrk(c->version, "0123456789") != NULL;
}

/*
 * "ii  bash  5.2.15-2+b7  amd64  GNU Bourne Again SHell", the first column what is wanted
 * and what is: of a package that is only known there is nothing to tell.  False if LINE is
 * no such line; *RET_INSTALLED what it says.
 */
static bool
read_dpkg_line(char *line, struct component *c, bool *ret_installed)
{
	char *words[COLUMNS + 1];
	size_t n = strcspn(line, " \t");

	if (n < 2 || n > 3 || strchr("uirph", line[0]) == NULL ||
	    strchr("ncHUFWti", line[1]) == NULL)
		return false;
	*ret_installed = line[1] != 'n' && line[1] != 'c';
	if (split_line(line, words) < COLUMNS || words[2][0] < '0' || words[2][0] > '9')
		return false;
	c->name = words[1];
	c->version = words[2];
	c->arch = words[3];
	return true;
}

/* What dpkg -l prints above its lines. */
static bool
is_dpkg_head(const char *line)
{
	static const char *const heads[] = {
		"Desired=", "| Status=", "|/ Err?=", "||/ Name", "+++-"
	};

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (str_starts(line, heads[i]))
			return true;
	return false;
}

/* Is LINE in one of the forms that are written of rpms only? */
static bool
read_rpm_line(const char *line, struct arena *a, struct rpm_header *ret)
{
	char *words[COLUMNS + 1], *copy = arena_strdup(a, line);
	size_t n = split_line(copy, words);
	bool has_versions = n == COLUMNS && strchr("0123456789", words[1][0]) != NULL &&
			    strchr("0123456789", words[3][0]) != NULL;

	if (has_versions || (n == 1 && strchr(words[0], '=') != NULL))
		return false;
	return rpm_list_line(arena_strdup(a, line), ret);
}

static enum err_code
add_line(
    char *line, size_t number, struct inventory *inv, struct arena *a, struct err *e)
{
	const struct ecosystem *eco =
	    inv->os.ecosystem != NULL ? ecosystem_find(inv->os.ecosystem) : NULL;
	struct component c = {
		.type = eco != NULL ? eco->purl_type : "generic",
		.ecosystem = inv->os.ecosystem,
	};
	bool is_deb = str_eq(c.type, "deb"), is_installed = true;
	struct rpm_header h;
	char *colon;

	if (is_deb && is_dpkg_head(line))
		return ERR_OK;
	if (str_eq(c.type, "rpm") && read_rpm_line(line, a, &h))
		return rpm_package_add(inv, &h, a, e);
	if (is_deb && read_dpkg_line(arena_strdup(a, line), &c, &is_installed)) {
		if (!is_installed)
			return ERR_OK;
	} else if (!read_line(line, &c)) {
		inventory_warn(inv, a, "line %zu is no package", number);
		return ERR_OK;
	}
	c.name = arena_strdup(a, c.name);
	c.version = arena_strdup(a, c.version);
	c.arch = arena_strdup(a, c.arch);
	/* "libc6:amd64", as dpkg-query writes packages of several architectures */
	if (is_deb && (colon = strchr(c.name, ':')) != NULL) {
		c.arch = arena_strdup(a, colon + 1);
		c.name = arena_strndup(a, c.name, (size_t)(colon - c.name));
	}
	if (c.source_package != NULL) {
		c.source_package = arena_strdup(a, c.source_package);
		c.source_version = arena_strdup(a, c.source_version);
	} else if (is_deb || str_eq(c.type, "apk")) {
		c.source_package = c.name;
		c.source_version = c.version;
		c.flags = COMPONENT_GUESSED;
	}
	return inventory_add(inv, &c, a, e);
}

static enum err_code
read_list(struct stream *in, const struct inventory_hints *hints, struct arena *a,
    struct inventory *inv, struct err *e)
{
	struct lines *l = lines_new(in, a);
	size_t number = 0;
	enum err_code rc;

	if ((rc = inventory_system(inv, hints, a, e)) != ERR_OK)
		return rc;
	for (;;) {
		char *line;

		if ((rc = lines_next(l, &line, e)) != ERR_OK || line == NULL)
			break;
		number++;
		line[strcspn(line, "#")] = '\0';
		if (line[strspn(line, " \t")] == '\0')
			continue;
		if ((rc = add_line(line, number, inv, a, e)) != ERR_OK)
			return rc;
	}
	if (rc == ERR_OK && inv->n == 0 && inv->n_warnings > 0)
		return err_set(e, ERR_INPUT, "no line of this is a package");
	rpm_package_epochs(inv, 0, a);
	return rc;
}

/* Any text may be a list: only when nothing else knows it. */
static int
sniff_list(const char *head, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)head[i] < ' ' && strchr("\t\r\n", head[i]) == NULL)
			return 0;
	return n > 0 && head[0] != '{' && head[0] != '[' && head[0] != '<' ? 1 : 0;
}

const struct reader reader_list = {
	.name = "list",
	.summary = "a plain list of packages, for a given system",
	.sniff = sniff_list,
	.read = read_list,
};
