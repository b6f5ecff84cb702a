/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dpkg - /var/lib/dpkg/status, and distroless' status.d files, one or many in a row:
 *
 *   Package: bash
 *   Status: install ok installed
 *   Architecture: amd64
 *   Source: bash (5.2.15-2)
 *   Version: 5.2.15-2+b7
 *
 * Field names in any case, continuation lines begin with a blank, the last stanza may lack
 * its empty line.  status.d has no Status: what lies there is installed.
 */
#include <string.h>
#include <strings.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/databases.h"
#include "inventory/inventory_private.h"

struct stanza {
	const char *package, *status, *arch, *version, *source, *maintainer, *section;
	bool is_foreign; /* vcpkg uses the same form */
	bool is_empty;
};

static const char **
field(struct stanza *s, const char *name, size_t n)
{
	const struct {
		const char *name;
		const char **value;
	} fields[] = {
		{ "Package", &s->package },
		{ "Status", &s->status },
		{ "Architecture", &s->arch },
		{ "Version", &s->version },
		{ "Source", &s->source },
		{ "Maintainer", &s->maintainer },
		{ "Section", &s->section },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strlen(fields[i].name) == n &&
		    strncasecmp(fields[i].name, name, n) == 0)
			return fields[i].value;
	return NULL;
}

/* False if the line is no field at all. */
static bool
read_line(struct stanza *s, const char *line, struct arena *a)
{
	const char *colon = strchr(line, ':'), **value;

	if (line[0] == ' ' || line[0] == '\t')
		return !s->is_empty;
	if (colon == NULL || colon == line)
		return false;
	s->is_empty = false;
	if (str_starts(line, "Port-Version:") || str_starts(line, "Feature:"))
		s->is_foreign = true;
	value = field(s, line, (size_t)(colon - line));
	if (value != NULL)
		*value = str_trim(a, colon + 1, strlen(colon + 1));
	return true;
}

/* "want flag state": everything but these two has files on disk. */
static bool
is_installed(const char *status)
{
	const char *state;

	if (status == NULL)
		return true;
	state = strrchr(status, ' ');
	state = state != NULL ? state + 1 : status;
	return !str_eq(state, "not-installed") && !str_eq(state, "config-files");
}

/*
 * A version says of itself that it came out of Ubuntu Pro: "+esm1", and for certified builds
 * "fips".  Pro's two extended lines part where the archive does: main and restricted are
 * esm-infra's, universe and multiverse esm-apps'.
 */
static const char *
stream_of_version(const struct stanza *s)
{
	const char *section = str_or_empty(s->section);

	if (strstr(s->version, "fips") != NULL || strstr(s->version, "Fips") != NULL)
		return "fips,fips-updates";
	if (strstr(s->version, "+esm") == NULL && strstr(s->version, "~esm") == NULL)
		return NULL;
	if (str_starts(section, "universe/") || str_starts(section, "multiverse/"))
		return "esm-apps";
	return s->section != NULL ? "esm-infra" : "esm-apps,esm-infra";
}

static enum err_code
finish(struct stanza *s, struct inventory *inv, struct arena *a, struct err *e)
{
	struct component c = { .type = "deb", .ecosystem = inv->os.ecosystem };

	if (s->is_empty || !is_installed(s->status))
		return ERR_OK;
	if (s->is_foreign)
		return err_set(e, ERR_INPUT, "this is a vcpkg database, not dpkg's");
	if (s->package == NULL || s->version == NULL) {
		inventory_warn(inv, a, "a stanza without Package or Version");
		return ERR_OK;
	}
	c.name = s->package;
	c.version = s->version;
	c.arch = s->arch;
	c.vendor = vendor_of_maintainer(s->maintainer);
	if (s->source != NULL)
		split_source(s->source, a, &c.source_package, &c.source_version);
	else
		c.source_package = s->package;
	if (c.source_version == NULL)
		c.source_version = without_rebuild(s->version, a);
	if (c.ecosystem != NULL && str_starts(c.ecosystem, "ubuntu:"))
		c.streams = stream_of_version(s);
	return inventory_add(inv, &c, a, e);
}

static enum err_code
read_dpkg(struct stream *in, const struct inventory_hints *hints, struct arena *a,
    struct inventory *inv, struct err *e)
{
	struct lines *l = lines_new(in, a);
	struct stanza s = { .is_empty = true };
	size_t number = 0;
	enum err_code rc;

	if ((rc = inventory_system(inv, hints, a, e)) != ERR_OK)
		return rc;
	for (;;) {
		char *line;

		if ((rc = lines_next(l, &line, e)) != ERR_OK)
			return rc;
		number++;
		if (line == NULL || line[0] == '\0') {
			if ((rc = finish(&s, inv, a, e)) != ERR_OK)
				return rc;
			s = (struct stanza){ .is_empty = true };
			if (line == NULL)
				return ERR_OK;
		} else if (!read_line(&s, line, a)) {
			return err_set(e, ERR_INPUT,
			    "line %zu is no field of a dpkg database", number);
		}
	}
}

/* The first line that is not empty must be a field dpkg writes first. */
static int
sniff_dpkg(const char *head, size_t n)
{
	static const char *const first[] = { "Package:", "Status:", "Architecture:" };

	while (n > 0 && (*head == '\n' || *head == '\r')) {
		head++;
		n--;
	}
	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		if (n > strlen(first[i]) &&
		    strncasecmp(head, first[i], strlen(first[i])) == 0)
			return 90;
	return 0;
}

const struct reader reader_dpkg = {
	.name = "dpkg",
	.summary = "Debian's package database (status, status.d)",
	.sniff = sniff_dpkg,
	.read = read_dpkg,
};

/* ---- in a file system ---- */

#define STATUS   "var/lib/dpkg/status"
#define STATUS_D "var/lib/dpkg/status.d/"

static bool
wants_dpkg(const struct image_file *f)
{
	if (str_starts(f->path, STATUS_D))
		return strchr(f->path + strlen(STATUS_D), '/') == NULL &&
		       !str_ends(f->path, ".md5sums");
	return str_eq(f->path, STATUS);
}

static enum err_code
read_dpkg_file(
    const struct image_file *f, struct arena *a, struct inventory *inv, struct err *e)
{
	return inventory_read_file(&reader_dpkg, f, a, inv, e);
}

const struct database database_dpkg = {
	.name = "dpkg",
	.summary = "Debian's package database (status, status.d)",
	.type = "deb",
	.wants = wants_dpkg,
	.read = read_dpkg_file,
};
