/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm_list - an rpm in one line of a list:
 *
 *   bash-5.1.8-6.el9.x86_64                     rpm -qa
 *   bind-32:9.16.23-1.el9.x86_64                with its epoch; 32:bind-9.16.23-1... too
 *   bash-5.1.8-6.el9.x86_64 bash-5.1.8-6.el9.src.rpm (none) Red Hat, Inc.
 *       rpm -qa --qf '%{NEVRA} %{SOURCERPM} %{MODULARITYLABEL} %{VENDOR}\n', all but the
 *       first column as far as they are there
 *   bash.x86_64  5.1.8-6.el9  @anaconda         dnf list installed
 */
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/rpm_private.h"

static const char *const archs[] = { "noarch", "x86_64", "aarch64", "i386", "i486",
	"i586", "i686", "athlon", "ia64", "ppc", "ppc64", "ppc64le", "s390", "s390x",
	"armv5tel", "armv6hl", "armv7hl", "armv7hnl", "riscv64", "loongarch64", "mips",
	"mipsel", "mips64el", "src", "nosrc" };

/* Cut ".x86_64" off TEXT; NULL if it does not end with an architecture. */
static const char *
cut_arch(char *text)
{
	char *dot = strrchr(text, '.');

	for (size_t i = 0; dot != NULL && i < sizeof(archs) / sizeof(archs[0]); i++)
		if (str_eq(dot + 1, archs[i])) {
			*dot = '\0';
			return dot + 1;
		}
	return NULL;
}

/* "32:9.16" to "9.16" and 32; false if what stands before the colon is no epoch. */
static bool
cut_epoch(const char **text, uint32_t *ret)
{
	size_t digits = strspn(*text, "0123456789");
	uint64_t epoch = 0;

	if ((*text)[digits] != ':')
		return true;
	for (size_t i = 0; i < digits; i++)
		if ((epoch = epoch * 10 + (uint64_t)((*text)[i] - '0')) > UINT32_MAX)
			return false;
	*ret = (uint32_t)epoch;
	*text += digits + 1;
	return digits > 0;
}

/* "5.1.8-6.el9" */
static bool
cut_release(char *text, struct rpm_header *h)
{
	char *dash = strrchr(text, '-');
	const char *version = text;

	if (dash == NULL || dash == text || dash[1] == '\0')
		return false;
	*dash = '\0';
	h->release = dash + 1;
	if (!cut_epoch(&version, &h->epoch))
		return false;
	h->version = version;
	return *version != '\0';
}

/* "bash-5.1.8-6.el9.x86_64" */
static bool
read_nevra(char *text, struct rpm_header *h)
{
	char *release = strrchr(text, '-'), *version = release;
	const char *name = text;

	h->arch = cut_arch(text);
	while (version != NULL && version > text && version[-1] != '-')
		version--;
	if (version == NULL || version <= text + 1)
		return false;
	version[-1] = '\0';
	if (!cut_epoch(&name, &h->epoch) || *name == '\0')
		return false;
	h->name = name;
	return cut_release(version, h);
}

static char *
next_column(char **line)
{
	char *word = *line + strspn(*line, " \t"), *end = word + strcspn(word, " \t");

	*line = *end != '\0' ? end + 1 : end;
	*end = '\0';
	return word;
}

/* What stands behind the NEVRA; a column that says nothing is "(none)" or not there. */
static void
read_rest(char *rest, struct rpm_header *h)
{
	char *word = next_column(&rest);

	if (str_ends(word, "src.rpm")) {
		h->sourcerpm = word;
		word = next_column(&rest);
	} else if (str_eq(word, "(none)")) {
		word = next_column(&rest);
	}
	if (strchr(word, ':') != NULL)
		h->module = word;
	rest += strspn(rest, " \t");
	if (*rest != '\0')
		h->vendor = rest;
}

bool
rpm_list_line(char *line, struct rpm_header *ret)
{
	char *first = next_column(&line), *second;

	*ret = (struct rpm_header){ 0 };
	second = line + strspn(line, " \t");
	/* dnf puts the architecture behind the name, and the version on its own */
	if (*second >= '0' && *second <= '9' && strchr(second, '.') != NULL &&
	    !str_ends(second, ".rpm")) {
		ret->arch = cut_arch(first);
		ret->name = first;
		return cut_release(next_column(&line), ret);
	}
	read_rest(line, ret);
	return read_nevra(first, ret) && strpbrk(ret->version, "0123456789") != NULL;
}
