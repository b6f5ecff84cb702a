/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spdx_tag - SBOMs, SPDX 2.2 and 2.3 as tag-value text:
 *
 *   SPDXVersion: SPDX-2.3
 *   DocumentName: repo:tag
 *   PackageName: bash
 *   SPDXID: SPDXRef-1
 *   PackageVersion: 5.2.15-2+b7
 *   ExternalRef: PACKAGE-MANAGER purl pkg:deb/debian/bash@...
 *   Relationship: SPDXRef-image CONTAINS SPDXRef-1
 *
 * PackageName begins a package, FileName, SnippetSPDXID and LicenseID end one; '#' begins a
 * comment, "<text>" a value that goes on until "</text>".
 */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/str.h"
#include "inventory/spdx_private.h"

enum place { IN_DOCUMENT, IN_PACKAGE, ELSEWHERE };

struct walk {
	struct spdx doc;
	struct spdx_package p;
	enum place place;
};

static enum err_code
finish_package(struct walk *w, struct err *e)
{
	enum err_code rc = ERR_OK;

	if (w->place == IN_PACKAGE)
		rc = spdx_push(&w->doc, &w->p, e);
	w->p = (struct spdx_package){ 0 };
	return rc;
}

/* The first N words of VALUE, the last with all that is left; false if there are less. */
static bool
words(struct walk *w, const char *value, size_t n, const char *ret[])
{
	for (size_t i = 0; i < n; i++) {
		size_t len = i + 1 < n ? strcspn(value, " \t") : strlen(value);

		if (len == 0)
			return false;
		ret[i] = arena_strndup(w->doc.sbom.a, value, len);
		value += len;
		value += strspn(value, " \t");
	}
	return true;
}

static void
take_relationship(struct walk *w, const char *value)
{
	const char *got[3];

	if (words(w, value, 3, got))
		spdx_relationship(&w->doc, got[0], got[1],
		    arena_strndup(w->doc.sbom.a, got[2], strcspn(got[2], " \t")));
}

static void
take_in_package(struct walk *w, const char *tag, const char *value)
{
	struct spdx_package *p = &w->p;
	const struct {
		const char *tag;
		const char **field;
	} fields[] = {
		{ "SPDXID", &p->p.ref },
		{ "PackageVersion", &p->p.version },
		{ "PrimaryPackagePurpose", &p->purpose },
		{ "PackageSourceInfo", &p->source_info },
		{ "PackageSupplier", &p->supplier },
		{ "PackageOriginator", &p->originator },
	};
	const char *got[3];

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (str_eq(fields[i].tag, tag))
			*fields[i].field = arena_strdup(w->doc.sbom.a, value);
	if (str_eq(tag, "ExternalRef") && words(w, value, 3, got))
		spdx_reference(&w->doc, p, got[1], got[2]);
	else if (str_eq(tag, "PackageAttributionText"))
		spdx_remark(&w->doc, p, value);
	else if (str_eq(tag, "PackageChecksum") && str_starts(value, "SHA256:"))
		spdx_checksum(&w->doc, p, "SHA256", value + 7 + strspn(value + 7, " "));
}

static enum err_code
take(struct walk *w, const char *tag, const char *value, struct err *e)
{
	enum err_code rc = ERR_OK;

	if (str_eq(tag, "SPDXVersion")) {
		w->doc.version = arena_strdup(w->doc.sbom.a, value);
	} else if (str_eq(tag, "DocumentName")) {
		w->doc.name = arena_strdup(w->doc.sbom.a, value);
	} else if (str_eq(tag, "Relationship")) {
		take_relationship(w, value);
	} else if (str_eq(tag, "PackageName")) {
		rc = finish_package(w, e);
		w->place = IN_PACKAGE;
		w->p.p.name = arena_strdup(w->doc.sbom.a, value);
	} else if (str_eq(tag, "FileName") || str_eq(tag, "SnippetSPDXID") ||
		   str_eq(tag, "LicenseID")) {
		rc = finish_package(w, e);
		w->place = ELSEWHERE;
	} else if (w->place == IN_PACKAGE) {
		take_in_package(w, tag, value);
	}
	return rc;
}

/* ---- lines ---- */

/* What is behind "<text>", up to "</text>" on this line or a later one. */
static enum err_code
read_text(struct lines *l, const char *value, struct walk *w, size_t *number,
    const char **ret, struct err *e)
{
	static const char end[] = "</text>";
	struct buf text = BUF_INIT(MAX_LINE);
	size_t began = *number;
	char *line = NULL;
	enum err_code rc = ERR_OK;

	while (strstr(value, end) == NULL) {
		buf_adds(&text, value);
		buf_addc(&text, '\n');
		if ((rc = lines_next(l, &line, e)) != ERR_OK)
			break;
		if (line == NULL) {
			rc = err_set(e, ERR_INPUT,
			    "the text that begins in line %zu has no end", began);
			break;
		}
		(*number)++;
		value = line;
	}
	if (rc == ERR_OK) {
		buf_add(&text, value, (size_t)(strstr(value, end) - value));
		if (text.full)
			rc = err_set(
			    e, ERR_LIMIT, "a text is longer than %zu bytes", MAX_LINE);
		*ret = arena_strndup(w->doc.sbom.a, buf_str(&text), text.len);
	}
	buf_done(&text);
	return rc;
}

static enum err_code
read_line(struct lines *l, char *line, struct walk *w, size_t *number, struct err *e)
{
	char *colon, *end;
	const char *tag, *value;
	enum err_code rc;

	line += strspn(line, " \t");
	if (*line == '\0' || *line == '#')
		return ERR_OK;
	colon = strchr(line, ':');
	if (colon == NULL || colon == line ||
	    strcspn(line, " \t") < (size_t)(colon - line))
		return err_set(e, ERR_INPUT,
		    "line %zu is no tag and value of an SPDX document", *number);
	*colon = '\0';
	value = colon + 1 + strspn(colon + 1, " \t");
	if (!str_starts(value, "<text>")) {
		for (end = line + (value - line) + strlen(value);
		     end > value && (end[-1] == ' ' || end[-1] == '\t');)
			*--end = '\0';
		return take(w, line, value, e);
	}
	/* the next line takes the place of this one */
	tag = arena_strdup(w->doc.sbom.a, line);
	value += strlen("<text>");
	if ((rc = read_text(l, value, w, number, &value, e)) != ERR_OK)
		return rc;
	return take(w, tag, value, e);
}

static enum err_code
read_lines(struct stream *in, struct walk *w, struct err *e)
{
	struct lines *l = lines_new(in, w->doc.sbom.a);
	size_t number = 0;
	enum err_code rc;

	for (;;) {
		char *line;

		if ((rc = lines_next(l, &line, e)) != ERR_OK)
			return rc;
		if (line == NULL)
			return finish_package(w, e);
		if (number++ == 0 && str_starts(line, "\xef\xbb\xbf"))
			line += 3;
		if ((rc = read_line(l, line, w, &number, e)) != ERR_OK)
			return rc;
	}
}

static enum err_code
read_spdx_tag(struct stream *in, const struct inventory_hints *hints, struct arena *a,
    struct inventory *inv, struct err *e)
{
	struct walk w = { .place = IN_DOCUMENT };
	enum err_code rc;

	spdx_init(&w.doc, hints, a);
	rc = read_lines(in, &w, e);
	if (rc == ERR_OK)
		rc = spdx_finish(&w.doc, inv, e);
	spdx_done(&w.doc);
	return rc;
}

/* The tag stands at the beginning of a line; comments may come first. */
static int
sniff_spdx_tag(const char *head, size_t n)
{
	static const char mark[] = "SPDXVersion:";
	const char *p = head_start(head, &n), *end = p + n;

	while (p < end) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));

		if ((size_t)(end - p) >= sizeof(mark) - 1 &&
		    memcmp(p, mark, sizeof(mark) - 1) == 0)
			return 95;
		if (stop == NULL)
			break;
		p = stop + 1;
	}
	return 0;
}

const struct reader reader_spdx_tag = {
	.name = "spdx-tag",
	.summary = "SPDX SBOM, tag-value text, 2.2 and 2.3",
	.sniff = sniff_spdx_tag,
	.read = read_spdx_tag,
};
