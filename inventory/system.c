/* SPDX-License-Identifier: Apache-2.0 */
/*
 * system - os-release where there is one; before 2012 every distribution had a file of its
 * own, in its own words, and many images of those days are still pulled.
 */
#include "inventory/system.h"

#include <string.h>
#include <strings.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/inventory_private.h"

static const char *const paths[] = {
	[SYSTEM_OS_RELEASE] = "etc/os-release",
	[SYSTEM_USR_OS_RELEASE] = "usr/lib/os-release",
	[SYSTEM_DEBIAN_VERSION] = "etc/debian_version",
	[SYSTEM_ALPINE_RELEASE] = "etc/alpine-release",
	[SYSTEM_LSB_RELEASE] = "etc/lsb-release",
	[SYSTEM_ORACLE_RELEASE] = "etc/oracle-release",
	[SYSTEM_REDHAT_RELEASE] = "etc/redhat-release",
	[SYSTEM_CENTOS_RELEASE] = "etc/centos-release",
	[SYSTEM_RELEASE] = "etc/system-release",
	[SYSTEM_USR_RELEASE] = "usr/lib/system-release",
	[SYSTEM_RELEASE_CPE] = "etc/system-release-cpe",
	[SYSTEM_SUSE_RELEASE] = "etc/SuSE-release",
	[SYSTEM_ISSUE] = "etc/issue",
};
_Static_assert(
    sizeof(paths) / sizeof(paths[0]) == SYSTEM_FILES, "every file has a path");

const char *
system_path(enum system_file file)
{
	return paths[file];
}

/* What a distribution calls itself in a sentence, and its ID. */
static const struct {
	const char *name, *id;
} sentences[] = {
	{ "CentOS", "centos" },
	{ "Red Hat Enterprise Linux", "rhel" },
	{ "Rocky Linux", "rocky" },
	{ "AlmaLinux", "almalinux" },
	{ "Oracle Linux", "ol" },
	{ "Enterprise Linux Enterprise Linux", "ol" }, /* its name until 5.x */
	{ "Fedora", "fedora" },
	{ "Amazon Linux", "amzn" },
	{ "VMware Photon", "photon" },
	{ "Mageia", "mageia" },
	{ "SUSE Linux Enterprise Server", "sles" },
	{ "openSUSE", "opensuse-leap" },
	{ "Debian GNU/Linux", "debian" },
	{ "Ubuntu", "ubuntu" },
	{ "Alpine Linux", "alpine" },
};

/* The vendor and product of a CPE, and the ID. */
static const struct {
	const char *mark, *id;
} cpes[] = {
	{ ":redhat:enterprise_linux:", "rhel" },
	{ ":centos:linux:", "centos" },
	{ ":centos:centos:", "centos" },
	{ ":rocky:rocky:", "rocky" },
	{ ":almalinux:almalinux:", "almalinux" },
	{ ":oracle:linux:", "ol" },
	{ ":fedoraproject:fedora:", "fedora" },
	{ ":amazon:linux:", "amzn" },
	{ ":amazon:amazon_linux:", "amzn" },
};

/* The first number with its dots in the first line of TEXT; NULL if there is none. */
static const char *
first_number(const char *text, struct arena *a)
{
	size_t line = strcspn(text, "\n"), from = strcspn(text, "0123456789");

	if (from >= line)
		return NULL;
	return arena_strndup(a, text + from, strspn(text + from, "0123456789."));
}

/* "CentOS release 6.10 (Final)", "Debian GNU/Linux 6.0 \n \l" */
static bool
read_sentence(const char *text, struct arena *a, struct os_words *w)
{
	size_t line = strcspn(text, "\n");
	const char *first = arena_strndup(a, text, line);

	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		const char *name = strstr(first, sentences[i].name);

		if (name == NULL)
			continue;
		w->id = sentences[i].id;
		w->name = first;
		w->version_id = first_number(name + strlen(sentences[i].name), a);
		return true;
	}
	return false;
}

/* "cpe:/o:redhat:enterprise_linux:7.9:ga:server", "cpe:2.3:o:amazon:amazon_linux:2" */
static bool
read_cpe(const char *text, struct arena *a, struct os_words *w)
{
	for (size_t i = 0; i < sizeof(cpes) / sizeof(cpes[0]); i++) {
		const char *mark = strstr(text, cpes[i].mark);

		if (mark == NULL)
			continue;
		w->id = cpes[i].id;
		mark += strlen(cpes[i].mark);
		w->version_id = arena_strndup(a, mark, strspn(mark, "0123456789."));
		return true;
	}
	return false;
}

/* DISTRIB_ID=Ubuntu DISTRIB_RELEASE=14.04 DISTRIB_CODENAME=trusty */
static bool
read_lsb(const char *text, struct arena *a, struct os_words *w)
{
	const char *id = osrelease_value(text, "DISTRIB_ID", a);

	if (id == NULL || *id == '\0')
		return false;
	w->id = str_lower(a, id, strlen(id));
	w->name = id;
	w->version_id = osrelease_value(text, "DISTRIB_RELEASE", a);
	w->version_codename = osrelease_value(text, "DISTRIB_CODENAME", a);
	w->pretty_name = osrelease_value(text, "DISTRIB_DESCRIPTION", a);
	return true;
}

/* A sentence, then VERSION = 11 and PATCHLEVEL = 4 */
static bool
read_suse(const char *text, struct arena *a, struct os_words *w)
{
	const char *patch = strstr(text, "PATCHLEVEL");

	if (!read_sentence(text, a, w) || w->version_id == NULL)
		return false;
	if (patch != NULL && strchr(w->version_id, '.') == NULL &&
	    (patch = first_number(patch, a)) != NULL)
		w->version_id = arena_printf(a, "%s.%s", w->version_id, patch);
	return true;
}

static bool
read_alpine(const char *text, struct arena *a, struct os_words *w)
{
	w->id = "alpine";
	w->version_id = str_trim(a, text, strlen(text));
	return true;
}

static bool
read_debian(const char *text, struct arena *a, struct os_words *w)
{
	/* Ubuntu has the file too, with Debian's codename in it: it proves little */
	w->id = "debian";
	w->debian_version = str_trim(a, text, strlen(text));
	return true;
}

/* Without an os-release: who is asked, in this order. */
static const struct {
	enum system_file file;
	bool (*read)(const char *text, struct arena *a, struct os_words *w);
} witnesses[] = {
	{ SYSTEM_ALPINE_RELEASE, read_alpine },
	{ SYSTEM_LSB_RELEASE, read_lsb },
	{ SYSTEM_DEBIAN_VERSION, read_debian },
	{ SYSTEM_ORACLE_RELEASE, read_sentence },
	{ SYSTEM_REDHAT_RELEASE, read_sentence },
	{ SYSTEM_CENTOS_RELEASE, read_sentence },
	{ SYSTEM_RELEASE, read_sentence },
	{ SYSTEM_USR_RELEASE, read_sentence },
	{ SYSTEM_RELEASE_CPE, read_cpe },
	{ SYSTEM_SUSE_RELEASE, read_suse },
	{ SYSTEM_ISSUE, read_sentence },
};

static void
ask_witnesses(const struct system_texts *t, struct arena *a, struct os_words *w)
{
	for (size_t i = 0; i < sizeof(witnesses) / sizeof(witnesses[0]); i++) {
		const char *text = t->text[witnesses[i].file];
		struct os_words found = { 0 };

		if (text != NULL && witnesses[i].read(text, a, &found)) {
			*w = found;
			return;
		}
	}
}

void
system_identify(
    const struct system_texts *t, int64_t now_at, struct arena *a, struct os *ret)
{
	const char *release = t->text[SYSTEM_OS_RELEASE];
	const char *debian = t->text[SYSTEM_DEBIAN_VERSION];
	struct os_words w = { 0 };

	if (release == NULL)
		release = t->text[SYSTEM_USR_OS_RELEASE];
	if (release != NULL)
		osrelease_read(release, a, &w);
	if (w.id == NULL || *w.id == '\0')
		ask_witnesses(t, a, &w);
	if (w.debian_version == NULL && debian != NULL)
		w.debian_version = str_trim(a, debian, strlen(debian));
	w.has_esm = t->has_esm;
	ecosystem_of_os(&w, now_at, a, ret);
}

bool
system_is_busybox(
    const void *p, size_t n, struct arena *a, struct inventory *inv, struct err *e)
{
	static const char mark[] = "BusyBox v";
	const char *start = memmem(p, n, mark, strlen(mark));
	struct component c = { .type = "generic", .name = "busybox" };
	size_t left, len = 0;

	if (start == NULL)
		return false;
	start += strlen(mark);
	left = n - (size_t)(start - (const char *)p);
	while (len < left && len < 32 && strchr("0123456789.", start[len]) != NULL &&
	       start[len] != '\0')
		len++;
	if (len == 0)
		return false;
	c.version = arena_strndup(a, start, len);
	inv->os = (struct os){
		.id = "busybox",
		.version = c.version,
		.state = COVERAGE_UNSUPPORTED,
	};
	return inventory_add(inv, &c, a, e) == ERR_OK;
}
