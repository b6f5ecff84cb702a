/* SPDX-License-Identifier: Apache-2.0 */
/*
 * python - what pip, setuptools and the like leave beside a distribution they installed:
 *
 *   site-packages/Foo-1.2.dist-info/METADATA
 *   site-packages/Foo-1.2-py3.11.egg-info            (a file)
 *   site-packages/Foo-1.2-py3.11.egg-info/PKG-INFO
 *   site-packages/Foo-1.2-py3.11.egg/EGG-INFO/PKG-INFO
 *
 * each a mail header, "Name: Foo", "Version: 1.2", up to the first empty line.
 */
#include <string.h>
#include <strings.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/str.h"
#include "inventory/language.h"

static bool
wants_python(const struct image_file *f)
{
	return str_ends(f->path, ".dist-info/METADATA") ||
	       str_ends(f->path, ".egg-info/PKG-INFO") ||
	       str_ends(f->path, ".egg/EGG-INFO/PKG-INFO") ||
	       str_ends(f->path, ".egg-info");
}

/* The value if LINE is field NAME and has one; the first counts. */
static void
take_field(
    const char *line, size_t n, const char *name, struct arena *a, const char **ret)
{
	size_t len = strlen(name);

	if (*ret != NULL || n <= len || line[len] != ':' ||
	    strncasecmp(line, name, len) != 0)
		return;
	*ret = str_trim(a, line + len + 1, n - len - 1);
	if (**ret == '\0')
		*ret = NULL;
}

/*
 * The folder's own name, "Foo-1.2.dist-info": what installers go by, but here only for what
 * the file leaves out, and then it is a guess.
 */
static void
read_folder(const char *path, struct language_package *p, struct arena *a)
{
	const char *end = strstr(path, ".dist-info/"), *start, *dash;

	if (end == NULL && (end = strstr(path, ".egg-info")) == NULL)
		return;
	for (start = end; start > path && start[-1] != '/';)
		start--;
	if ((dash = memchr(start, '-', (size_t)(end - start))) == NULL)
		return;
	if (p->name == NULL)
		p->name = arena_strndup(a, start, (size_t)(dash - start));
	if (p->version == NULL) {
		start = dash + 1;
		dash = memchr(start, '-', (size_t)(end - start));
		p->version = arena_strndup(
		    a, start, (size_t)((dash != NULL ? dash : end) - start));
	}
	p->flags |= COMPONENT_GUESSED;
}

static enum err_code
parse_python(const struct image_file *f, struct language_list *l, struct err *e)
{
	struct language_package p = { .ecosystem = "pypi" };
	const char *text = f->bytes, *line;
	size_t n = f->len, len;

	while (language_line(&text, &n, &line, &len) && len > 0) {
		take_field(line, len, "Name", l->a, &p.name);
		take_field(line, len, "Version", l->a, &p.version);
	}
	if (p.name == NULL || p.version == NULL)
		read_folder(f->path, &p, l->a);
	if (p.name == NULL || p.version == NULL)
		return err_set(e, ERR_INPUT, "neither it nor its folder has a %s",
		    p.name == NULL ? "name" : "version");
	language_push(l, &p);
	return ERR_OK;
}

static enum err_code
read_python(
    const struct image_file *f, struct arena *a, struct inventory *inv, struct err *e)
{
	return language_read(f, MAX_LANGUAGE_FILE, parse_python, inv, a, e);
}

const struct database database_python = {
	.name = "python",
	.summary = "Python: METADATA of .dist-info, PKG-INFO of .egg-info and .egg",
	.wants = wants_python,
	.read = read_python,
};
