/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oval_home - which ecosystem the words of a publisher mean.  Products are called much as
 * OSV calls them, so the table of ecosystems (config/ecosystems.tsv) has them already;
 * here the words are only brought into its form.
 */
#include "fetchers/oval.h"

#include <string.h>

#include "core/arena.h"
#include "core/ecosystem.h"
#include "core/str.h"

#define DIGITS "0123456789"

/* " is installed" ends the comment of every test for a product. */
static const char installed[] = " is installed";

const char *
oval_product_of_comment(struct arena *a, const char *comment)
{
	const char *end = comment == NULL ? NULL : strstr(comment, installed);

	/* Ubuntu's sentence has a full stop */
	if (end == NULL ||
	    end[sizeof(installed) - 1 + (end[sizeof(installed) - 1] == '.')])
		return NULL;
	return arena_strndup(a, comment, (size_t)(end - comment));
}

static bool
home_of_osv(struct arena *a, const char *word, struct oval_home *ret)
{
	struct osv_ecosystem found;

	if (!ecosystem_of_osv(word, a, &found))
		return false;
	*ret = (struct oval_home){ found.ecosystem, found.stream };
	return true;
}

/* Families that OSV does not speak of; NUMBER is their release. */
static bool
home_of_family(
    struct arena *a, const char *family, const char *number, struct oval_home *ret)
{
	const char *name = arena_printf(a, "%s:%s", family, number);

	if (*number == '\0' || strspn(number, DIGITS ".") != strlen(number) ||
	    ecosystem_find(name) == NULL)
		return false;
	*ret = (struct oval_home){ name, "" };
	return true;
}

/* "20.04 (focal)", "Pro FIPS-updates 22.04 LTS" behind "Ubuntu ". */
static bool
home_of_ubuntu(struct arena *a, const char *rest, struct oval_home *ret)
{
	const char *number = strpbrk(rest, DIGITS);
	size_t words;
	char *stream;

	if (number == NULL)
		return false;
	for (words = (size_t)(number - rest); words > 0 && rest[words - 1] == ' ';)
		words--;
	stream = arena_strndup(a, rest, words);
	for (char *p = stream; *p != '\0'; p++)
		if (*p == ' ')
			*p = ':';
	return home_of_osv(a,
	    arena_printf(a, "Ubuntu%s%s:%.*s", *stream == '\0' ? "" : ":", stream,
		(int)strspn(number, DIGITS "."), number),
	    ret);
}

bool
oval_home_of_product(struct arena *a, const char *product, struct oval_home *ret)
{
	static const struct {
		const char *word, *osv;
	} rows[] = {
		{ "SUSE ", "SUSE:" },
		{ "openSUSE ", "openSUSE:" },
		{ "Red Hat Enterprise Linux ", "Red Hat:enterprise_linux:" },
		{ "AlmaLinux ", "AlmaLinux:" },
		{ "Rocky Linux ", "Rocky Linux:" },
		{ "Debian GNU/Linux ", "Debian:" },
		{ "Debian ", "Debian:" },
		{ "Photon OS ", "Photon OS:" },
	};
	static const char oracle[] = "Oracle Linux ";
	static const char non_free[] =
	    " NonFree"; /* the same system's other repository */
	size_t len = strlen(product);

	if (str_starts(product, "Ubuntu "))
		return home_of_ubuntu(a, product + sizeof("Ubuntu ") - 1, ret);
	if (str_starts(product, oracle))
		return home_of_family(a, "ol", product + sizeof(oracle) - 1, ret);
	if (str_ends(product, non_free))
		len -= sizeof(non_free) - 1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t word = strlen(rows[i].word);
		const char *rest = product + word;

		if (str_starts(product, rows[i].word))
			/* "Photon OS 3" is release 3.0 */
			return home_of_osv(a,
			    arena_printf(a, "%s%.*s%s", rows[i].osv, (int)(len - word),
				rest,
				str_starts(rows[i].word, "Photon") &&
					strchr(rest, '.') == NULL
				    ? ".0"
				    : ""),
			    ret);
	}
	return false;
}

bool
oval_home_of_release(
    struct arena *a, const char *name, const char *version, struct oval_home *ret)
{
	static const struct {
		const char *name, *product, *suffix;
	} rows[] = {
		{ "oraclelinux-release", "Oracle Linux", "" },
		{ "sles-release", "SUSE Linux Enterprise Server", "" },
		{ "sles-ltss-release", "SUSE Linux Enterprise Server", "-LTSS" },
		{ "SLES_SAP-release",
		    "SUSE Linux Enterprise Server for SAP Applications", "" },
		{ "SLE_HPC-release", "SUSE Linux Enterprise High Performance Computing",
		    "" },
		{ "SUSE-MicroOS-release", "SUSE Linux Enterprise Micro", "" },
		{ "SLE-Micro-release", "SUSE Linux Enterprise Micro", "" },
		{ "SL-Micro-release", "SUSE Linux Micro", "" },
		{ "openSUSE-release", "openSUSE Leap", "" },
		{ "photon-release", "Photon OS", "" },
	};
	const char *number = version + (*version == '^'); /* "^8" is a pattern */
	size_t len = strspn(number, DIGITS ".");

	if (len == 0 || number[len] != '\0')
		return false;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_eq(rows[i].name, name))
			return oval_home_of_product(a,
			    arena_printf(
				a, "%s %s%s", rows[i].product, number, rows[i].suffix),
			    ret);
	return false;
}

bool
oval_home_of_version(struct arena *a, const char *version, struct oval_home *ret)
{
	static const struct {
		const char *tag, *family;
	} rows[] = {
		{ ".azl", "azurelinux" },
		{ ".cm", "mariner" },
	};

	/* the last one is the build's own: "3.2.0.azl2-3.azl3" */
	const char *dot = strrchr(version, '.');

	for (size_t i = 0; dot != NULL && i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *number = dot + strlen(rows[i].tag);

		if (str_starts(dot, rows[i].tag) && *number != '\0' &&
		    strspn(number, DIGITS) == strlen(number))
			return home_of_family(
			    a, rows[i].family, arena_printf(a, "%s.0", number), ret);
	}
	return false;
}
