/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_inventory [PACKAGES] - components per second of each reader, beside one pass over
 * the same bytes in the same run that makes nothing of them: yajl for JSON, libxml2's SAX2
 * for XML, a search for line ends for text.
 *
 * The image is generated: always the same one, of Debian packages with as many properties
 * and names for other databases as scanners write.  Times are the processor's, and the best of
 * five rounds counts, since machines are noisy.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libxml/parser.h>
#include <yajl/yajl_parse.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/digest.h"
#include "core/str.h"
#include "inventory/inventory.h"

#define ROUNDS    5
#define MAX_BYTES ((size_t)256 << 20)
#define LAYER     "sha256:1111111111111111111111111111111111111111111111111111111111111111"

/* ---- the image, in every format ---- */

struct package {
	char name[40], source[40], version[40], purl[240];
};

static struct package
package(unsigned i)
{
	struct package p;

	(void)snprintf(p.name, sizeof(p.name), "libexample%u-%u", i % 7, i);
	(void)snprintf(p.source, sizeof(p.source), "example-%u", i / 3);
	(void)snprintf(p.version, sizeof(p.version), "%u.%u.%u-1+deb12u%u", i % 9,
	    i % 31, i, i % 4);
	(void)snprintf(p.purl, sizeof(p.purl),
	    "pkg:deb/debian/%s@%u.%u.%u-1%%2Bdeb12u%u?arch=amd64&distro=debian-12.5"
	    "&upstream=%s",
	    p.name, i % 9, i % 31, i, i % 4, p.source);
	return p;
}

static void
write_property(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, "{\"name\":\"%s\",\"value\":\"%s\"},", name, value);
}

static void
write_cyclonedx(struct buf *b, unsigned n)
{
	buf_adds(
	    b, "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":[");
	for (unsigned i = 0; i < n; i++) {
		struct package p = package(i);

		buf_printf(b,
		    "%s{\"bom-ref\":\"%s&package-id=0123456789abcdef\",\"type\":"
		    "\"library\","
		    "\"publisher\":\"Example "
		    "<example@lists.debian.org>\",\"name\":\"%s\","
		    "\"version\":\"%s\",\"licenses\":[{\"license\":{\"id\":\"MIT\"}}],"
		    "\"cpe\":\"cpe:2.3:a:%s:%s:%s:*:*:*:*:*:*:*\",\"purl\":\"%s\","
		    "\"properties\":[",
		    i > 0 ? "," : "", p.purl, p.name, p.version, p.name, p.name,
		    p.version, p.purl);
		write_property(b, "syft:package:foundBy", "dpkg-db-cataloger");
		write_property(b, "syft:package:type", "deb");
		write_property(b, "syft:cpe23", "cpe:2.3:a:x:y:1:*:*:*:*:*:*:*");
		write_property(b, "syft:location:0:layerID", LAYER);
		write_property(b, "syft:location:0:path", "/var/lib/dpkg/status");
		write_property(b, "syft:metadata:source", p.source);
		buf_adds(
		    b, "{\"name\":\"syft:metadata:installedSize\",\"value\":\"7\"}]}");
	}
	buf_adds(b, "]}");
}

static void
write_cyclonedx_xml(struct buf *b, unsigned n)
{
	buf_adds(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		    "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\"><components>");
	for (unsigned i = 0; i < n; i++) {
		struct package p = package(i);

		buf_printf(b,
		    "\n  <component type=\"library\" bom-ref=\"%u\">\n   "
		    "<name>%s</name>\n"
		    "   <version>%s</version>\n   "
		    "<licenses><license><id>MIT</id></license>"
		    "</licenses>\n   <cpe>cpe:2.3:a:x:y:1:*:*:*:*:*:*:*</cpe>\n   "
		    "<purl>",
		    i, p.name, p.version);
		for (const char *c = p.purl; *c != '\0'; c++)
			if (*c == '&')
				buf_adds(b, "&amp;");
			else
				buf_addc(b, *c);
		buf_printf(b,
		    "</purl>\n   <properties>\n"
		    "    <property name=\"syft:package:type\">deb</property>\n"
		    "    <property name=\"syft:location:0:layerID\">" LAYER
		    "</property>\n"
		    "    <property name=\"syft:metadata:source\">%s</property>\n"
		    "   </properties>\n  </component>",
		    p.source);
	}
	buf_adds(b, "</components></bom>");
}

static void
write_spdx(struct buf *b, unsigned n)
{
	buf_adds(b, "{\"spdxVersion\":\"SPDX-2.3\",\"SPDXID\":\"SPDXRef-DOCUMENT\","
		    "\"packages\":[");
	for (unsigned i = 0; i < n; i++) {
		struct package p = package(i);

		buf_printf(b,
		    "%s{\"name\":\"%s\",\"SPDXID\":\"SPDXRef-Package-%u\","
		    "\"versionInfo\":"
		    "\"%s\",\"supplier\":\"NOASSERTION\",\"downloadLocation\":"
		    "\"NOASSERTION\","
		    "\"filesAnalyzed\":false,\"sourceInfo\":\"acquired package info "
		    "from DPKG "
		    "DB: /var/lib/dpkg/status\",\"licenseConcluded\":\"NOASSERTION\","
		    "\"copyrightText\":\"NOASSERTION\",\"externalRefs\":["
		    "{\"referenceCategory\":\"SECURITY\",\"referenceType\":"
		    "\"cpe23Type\","
		    "\"referenceLocator\":\"cpe:2.3:a:x:y:1:*:*:*:*:*:*:*\"},"
		    "{\"referenceCategory\":\"PACKAGE-MANAGER\",\"referenceType\":"
		    "\"purl\","
		    "\"referenceLocator\":\"%s\"}]}",
		    i > 0 ? "," : "", p.name, i, p.version, p.purl);
	}
	buf_adds(b, "],\"relationships\":[");
	for (unsigned i = 0; i < n; i++)
		buf_printf(b,
		    "%s{\"spdxElementId\":\"SPDXRef-image\",\"relatedSpdxElement\":"
		    "\"SPDXRef-Package-%u\",\"relationshipType\":\"CONTAINS\"}",
		    i > 0 ? "," : "", i);
	buf_adds(b, "]}");
}

static void
write_spdx_tag(struct buf *b, unsigned n)
{
	buf_adds(b, "SPDXVersion: SPDX-2.3\n");
	for (unsigned i = 0; i < n; i++) {
		struct package p = package(i);

		buf_printf(b,
		    "\n##### Package: %s\n\nPackageName: %s\nSPDXID: "
		    "SPDXRef-Package-%u\n"
		    "PackageVersion: %s\nPackageDownloadLocation: NOASSERTION\n"
		    "FilesAnalyzed: false\nPackageSourceInfo: acquired package info "
		    "from "
		    "DPKG DB: /var/lib/dpkg/status\nPackageLicenseConcluded: "
		    "NOASSERTION\n"
		    "ExternalRef: SECURITY cpe23Type cpe:2.3:a:x:y:1:*:*:*:*:*:*:*\n"
		    "ExternalRef: PACKAGE-MANAGER purl %s\n"
		    "Relationship: SPDXRef-image CONTAINS SPDXRef-Package-%u\n",
		    p.name, p.name, i, p.version, p.purl, i);
	}
}

static void
write_syft(struct buf *b, unsigned n)
{
	buf_adds(b, "{\"artifacts\":[");
	for (unsigned i = 0; i < n; i++) {
		struct package p = package(i);

		buf_printf(b,
		    "%s{\"id\":\"%u\",\"name\":\"%s\",\"version\":\"%s\",\"type\":"
		    "\"deb\","
		    "\"foundBy\":\"dpkg-db-cataloger\",\"locations\":[{\"path\":"
		    "\"/var/lib/dpkg/status\",\"layerID\":\"" LAYER
		    "\"}],\"licenses\":[],"
		    "\"cpes\":[{\"cpe\":\"cpe:2.3:a:x:y:1:*:*:*:*:*:*:*\",\"source\":"
		    "\"x\"}],"
		    "\"purl\":\"%s\",\"metadataType\":\"dpkg-db-entry\",\"metadata\":{"
		    "\"package\":\"%s\",\"source\":\"%s\",\"version\":\"%s\","
		    "\"sourceVersion\":"
		    "\"\",\"architecture\":\"amd64\",\"maintainer\":\"x "
		    "<x@debian.org>\","
		    "\"installedSize\":7,\"files\":[{\"path\":\"/usr/share/doc/"
		    "x\",\"digest\":"
		    "{\"algorithm\":\"md5\",\"value\":\"0123456789abcdef\"},"
		    "\"isConfigFile\":false}]}}",
		    i > 0 ? "," : "", i, p.name, p.version, p.purl, p.name, p.source,
		    p.version);
	}
	buf_adds(b, "],\"distro\":{\"id\":\"debian\",\"versionID\":\"12.5\"}}");
}

static void
write_trivy(struct buf *b, unsigned n)
{
	buf_adds(b, "{\"SchemaVersion\":2,\"ArtifactName\":\"x\",\"Metadata\":{\"OS\":{"
		    "\"Family\":\"debian\",\"Name\":\"12.5\"}},\"Results\":[{\"Class\":"
		    "\"os-pkgs\",\"Type\":\"debian\",\"Packages\":[");
	for (unsigned i = 0; i < n; i++) {
		struct package p = package(i);

		buf_printf(b,
		    "%s{\"ID\":\"%s@%s\",\"Name\":\"%s\",\"Identifier\":{\"PURL\":\"%"
		    "s\","
		    "\"UID\":\"0123456789abcdef\"},\"Version\":\"%s\",\"Arch\":"
		    "\"amd64\","
		    "\"SrcName\":\"%s\",\"SrcVersion\":\"%s\",\"Licenses\":[\"MIT\"],"
		    "\"Maintainer\":\"x "
		    "<x@debian.org>\",\"DependsOn\":[\"libc6@2.36\"],"
		    "\"Layer\":{\"DiffID\":\"" LAYER
		    "\"},\"InstalledFiles\":[\"/usr/x\"]}",
		    i > 0 ? "," : "", p.name, p.version, p.name, p.purl, p.version,
		    p.source, p.version);
	}
	buf_adds(b, "]}]}");
}

static void
write_attestation(struct buf *b, unsigned n)
{
	struct buf bom = BUF_INIT(MAX_BYTES), statement = BUF_INIT(MAX_BYTES);
	struct arena *a = arena_new();

	write_cyclonedx(&bom, n);
	buf_adds(&statement,
	    "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[],"
	    "\"predicateType\":\"https://cyclonedx.org/bom\",\"predicate\":");
	buf_add(&statement, buf_str(&bom), bom.len);
	buf_addc(&statement, '}');
	buf_printf(b,
	    "{\"payloadType\":\"application/vnd.in-toto+json\",\"payload\":\"%s\"}",
	    base64_encode(a, buf_str(&statement), statement.len));
	arena_free(a);
	buf_done(&statement);
	buf_done(&bom);
}

static void
write_dpkg(struct buf *b, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct package p = package(i);

		buf_printf(b,
		    "Package: %s\nStatus: install ok installed\nPriority: optional\n"
		    "Maintainer: x <x@debian.org>\nArchitecture: amd64\nSource: %s\n"
		    "Version: %s\nDepends: libc6 (>= 2.36)\nDescription: an example\n"
		    " that goes on for\n some lines\n\n",
		    p.name, p.source, p.version);
	}
}

static void
write_apk(struct buf *b, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct package p = package(i);

		buf_printf(b,
		    "C:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\nP:%s\nV:%u.%u-r0\nA:x86_64\n"
		    "S:1000\nI:2000\nT:an "
		    "example\nL:MIT\no:%s\nD:so:libc.musl-x86_64.so.1\n"
		    "F:usr/lib\nR:x.so\na:0:0:755\nZ:Q1AAAA=\n\n",
		    p.name, i % 9, i, p.source);
	}
}

/* ---- floors ---- */

static int64_t
now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int
seen(void *arg)
{
	(*(uint64_t *)arg)++;
	return 1;
}

static int
seen_bool(void *arg, int value)
{
	(void)value;
	return seen(arg);
}

static int
seen_text(void *arg, const unsigned char *text, size_t len)
{
	(void)text, (void)len;
	return seen(arg);
}

static void
pass_yajl(const struct buf *b, uint64_t *ret_n)
{
	static const yajl_callbacks callbacks = { .yajl_null = seen,
		.yajl_boolean = seen_bool,
		.yajl_string = seen_text,
		.yajl_start_map = seen,
		.yajl_map_key = seen_text,
		.yajl_end_map = seen,
		.yajl_start_array = seen,
		.yajl_end_array = seen };
	yajl_handle y = yajl_alloc(&callbacks, NULL, ret_n);

	if (yajl_parse(y, (const unsigned char *)b->data, b->len) != yajl_status_ok ||
	    yajl_complete_parse(y) != yajl_status_ok)
		exit(1);
	yajl_free(y);
}

static void
seen_element(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
    int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted,
    const xmlChar **attributes)
{
	(void)name, (void)prefix, (void)uri, (void)n_namespaces, (void)namespaces;
	(void)n_attributes, (void)n_defaulted, (void)attributes;
	(void)seen(arg);
}

static void
seen_characters(void *arg, const xmlChar *text, int len)
{
	(void)text, (void)len;
	(void)seen(arg);
}

static void
pass_sax(const struct buf *b, uint64_t *ret_n)
{
	xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
		.startElementNs = seen_element,
		.characters = seen_characters };

	if (xmlSAXUserParseMemory(&sax, ret_n, b->data, (int)b->len) != 0)
		exit(1);
}

static void
pass_lines(const struct buf *b, uint64_t *ret_n)
{
	const char *p = b->data, *end = b->data + b->len;

	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		(*ret_n)++;
		p++;
	}
}

/* ---- the table ---- */

static const struct {
	const char *reader, *os;
	void (*write)(struct buf *b, unsigned n);
	void (*pass)(const struct buf *b, uint64_t *ret_n);
	const char *floor;
} rows[] = {
	{ "cyclonedx", NULL, write_cyclonedx, pass_yajl, "yajl" },
	{ "cyclonedx-xml", NULL, write_cyclonedx_xml, pass_sax, "SAX2" },
	{ "spdx", NULL, write_spdx, pass_yajl, "yajl" },
	{ "spdx-tag", NULL, write_spdx_tag, pass_lines, "lines" },
	{ "syft", NULL, write_syft, pass_yajl, "yajl" },
	{ "trivy", NULL, write_trivy, pass_yajl, "yajl" },
	{ "attestation", NULL, write_attestation, pass_yajl, "yajl" },
	{ "dpkg", "debian:12", write_dpkg, pass_lines, "lines" },
	{ "apk", "alpine:3.20", write_apk, pass_lines, "lines" },
};

static int64_t
time_reader(size_t row, const struct buf *b, unsigned n)
{
	const struct inventory_hints hints = { .os = rows[row].os };
	struct arena *a = arena_new();
	struct inventory *inv = NULL;
	struct err e = ERR_INIT;
	int64_t start = now_us(), took;

	if (inventory_read_memory(b->data, b->len, &hints, a, &inv, &e) != ERR_OK ||
	    !str_eq(inv->reader, rows[row].reader) || inv->n != n || inv->partial) {
		(void)fprintf(stderr, "%s: %s\n", rows[row].reader, e.text);
		exit(1);
	}
	took = now_us() - start;
	arena_free(a);
	return took;
}

static void
measure(size_t row, unsigned n)
{
	struct buf b = BUF_INIT(MAX_BYTES);
	int64_t best = INT64_MAX, floor = INT64_MAX;

	rows[row].write(&b, n);
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t tokens = 0;
		int64_t start = now_us(), took;

		rows[row].pass(&b, &tokens);
		took = now_us() - start;
		floor = took < floor ? took : floor;
		took = time_reader(row, &b, n);
		best = took < best ? took : best;
	}
	(void)printf(
	    "%-14s %6.1f MB  floor %-5s %6.1f ms  reader %7.1f ms  ratio %5.2f  "
	    "%5.0f k components/s\n",
	    rows[row].reader, (double)b.len / 1e6, rows[row].floor, (double)floor / 1e3,
	    (double)best / 1e3, (double)best / (double)(floor > 0 ? floor : 1),
	    (double)n * 1e3 / (double)best);
	buf_done(&b);
}

int
main(int argc, char **argv)
{
	uint64_t n = 20000;

	if (argc > 1 && (!str_u64(argv[1], &n) || n == 0 || n > 100000)) {
		(void)fprintf(stderr, "usage: bench_inventory [PACKAGES]\n");
		return 64;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		measure(i, (unsigned)n);
	return 0;
}
