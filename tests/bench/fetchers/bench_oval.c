/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_oval [MEGABYTES] - how fast OVAL is read, against one SAX2 pass of libxml2 over
 * the same bytes in the same run, and how much memory reading adds.
 *
 * The document is generated: always the same one, in SUSE's shape (a definition with some
 * references and a dozen packages on a few products, a test for each of them, half of the
 * tests shared).  Three rounds; the best of each counts, since machines are noisy.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libxml/parser.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/record.h"
#include "core/str.h"
#include "fetchers/fetchers.h"

#define ROUNDS 3

/* ---- the document ---- */

static uint64_t seed = 20260309;

static unsigned
dice(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static const char *const words[] = { "buffer", "overflow", "in", "the", "parser",
	"allows", "remote", "attackers", "to", "cause", "a", "denial", "of", "service",
	"via", "crafted", "&quot;input&quot;", "before", "version", "1.2.3" };
static const char linux_ns[] =
    "xmlns=\"http://oval.mitre.org/XMLSchema/oval-definitions-5#linux\"";

static void
add_metadata(FILE *f, unsigned n)
{
	(void)fprintf(f,
	    "<definition id=\"oval:org.opensuse.security:def:%u\" version=\"1\" "
	    "class=\"vulnerability\">\n <metadata>\n <title>CVE-2026-%u</title>\n"
	    "    <affected family=\"unix\">\n            <platform>SUSE Linux "
	    "Enterprise Server 15 SP4</platform>\n    </affected>\n",
	    20260000 + n, 1000 + n);
	for (unsigned i = 3 + dice(10); i > 0; i--)
		(void)fprintf(f,
		    "    <reference ref_id=\"SUSE-SU-2026:%u-1\" ref_url=\"https://"
		    "lists.suse.com/pipermail/sle-security-updates/2026/0%u.html\" "
		    "source=\"SUSE-SU\"/>\n",
		    dice(9000), dice(90000));
	(void)fprintf(f, "    <description>\n    ");
	for (unsigned i = 30 + dice(60); i > 0; i--)
		(void)fprintf(f, "%s ", words[dice(sizeof(words) / sizeof(words[0]))]);
	(void)fprintf(f,
	    "\n    </description>\n<advisory from=\"security@suse.de\">\n"
	    "\t<issued date=\"2026-01-05\"/>\n\t<updated date=\"2026-02-06\"/>\n"
	    "\t<severity>Moderate</severity>\n\t<cve impact=\"medium\" "
	    "cvss3=\"5.5/CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H\" href=\"https://"
	    "www.suse.com/security/cve/CVE-2026-%u/\">CVE-2026-%u at SUSE</cve>\n"
	    "\t<bugzilla href=\"https://bugzilla.suse.com/%u\">SUSE bug</bugzilla>\n"
	    "\t<affected_cpe_list>\n\t\t<cpe>cpe:/o:suse:sles:15:sp4</cpe>\n"
	    "\t</affected_cpe_list>\n</advisory>\n </metadata>\n",
	    1000 + n, 1000 + n, 1000000 + dice(200000));
}

static void
add_definition(FILE *f, unsigned n, unsigned n_tests)
{
	static const char criterion[] =
	    "\t\t<criterion test_ref=\"oval:org.opensuse.security:tst:%u\" "
	    "comment=\"%s\"/>\n";

	add_metadata(f, n);
	(void)fprintf(f, "<criteria operator=\"AND\">\n\t<criteria operator=\"OR\">\n");
	for (unsigned i = 1; i <= 1 + dice(4); i++)
		(void)fprintf(f, criterion, i,
		    i == 1 ? "SUSE Linux Enterprise Server 15 SP4 is installed"
			   : "SUSE Linux Enterprise Module for Basesystem 15 SP4 is "
			     "installed");
	(void)fprintf(f, "\t</criteria>\n\t<criteria operator=\"OR\">\n");
	for (unsigned i = 4 + dice(16); i > 0; i--)
		(void)fprintf(f, criterion, 10 + dice(n_tests),
		    "libsomething-1.2.3-150400.3.1 is installed");
	(void)fprintf(f, "\t</criteria>\n</criteria>\n</definition>\n");
}

static void
add_tables(FILE *f, unsigned n_tests)
{
	static const char id[] = "oval:org.opensuse.security";

	(void)fprintf(f, "</definitions>\n<tests>\n");
	/* the tests of the products are missing: their comments say which they are */
	for (unsigned i = 10; i < 10 + n_tests; i++)
		(void)fprintf(f,
		    "\t<rpminfo_test id=\"%s:tst:%u\" version=\"1\" comment=\"package "
		    "is "
		    "&lt;1.2.3-150400.3.1 for aarch64,x86_64\" check=\"at least one\" "
		    "%s>\n\t\t<object object_ref=\"%s:obj:%u\"/>\n\t\t<state "
		    "state_ref=\"%s:ste:%u\"/>\n\t</rpminfo_test>\n",
		    id, i, linux_ns, id, 10 + i % (n_tests / 3 + 1), id,
		    10 + i % (n_tests / 4 + 1));
	(void)fprintf(f, "</tests>\n<objects>\n");
	for (unsigned i = 1; i <= 11 + n_tests / 3; i++)
		(void)fprintf(f,
		    "\t<rpminfo_object id=\"%s:obj:%u\" version=\"1\" %s>\n\t\t<name>"
		    "libsomething%u</name>\n\t</rpminfo_object>\n",
		    id, i, linux_ns, i);
	(void)fprintf(f, "</objects>\n<states>\n");
	for (unsigned i = 1; i <= 11 + n_tests / 4; i++)
		(void)fprintf(f,
		    "  <rpminfo_state id=\"%s:ste:%u\" version=\"1\" %s>\n   <arch "
		    "datatype=\"string\" operation=\"pattern match\">(aarch64|ppc64le|"
		    "s390x|x86_64)</arch>\n   <evr datatype=\"evr_string\" operation=\""
		    "less than\">0:%u.%u.%u-150400.%u.1</evr>\n  </rpminfo_state>\n",
		    id, i, linux_ns, dice(20), dice(20), dice(20), dice(90));
	(void)fprintf(f, "</states>\n</oval_definitions>\n");
}

/* About 5.6 KB a definition, with its share of the tables. */
static void
generate(FILE *f, uint64_t megabytes)
{
	unsigned n = (unsigned)(megabytes * 1000000 / 5600), n_tests = n * 2;

	(void)fprintf(f,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<oval_definitions "
	    "xmlns=\"http://oval.mitre.org/XMLSchema/oval-definitions-5\">\n"
	    "<definitions>\n");
	for (unsigned i = 0; i < n; i++)
		add_definition(f, i, n_tests);
	add_tables(f, n_tests);
}

/* The parent never holds the document, so that its peak is that of reading alone. */
static void
make_document(char *path, uint64_t megabytes)
{
	int fd = mkstemp(path);
	pid_t child = fd < 0 ? -1 : fork();

	if (child < 0)
		exit(1);
	if (child == 0) {
		FILE *f = fdopen(fd, "wb");

		if (f == NULL)
			_exit(1);
		generate(f, megabytes);
		_exit(fclose(f) != 0);
	}
	(void)close(fd);
	(void)waitpid(child, NULL, 0);
}

/* ---- what is measured ---- */

struct counter {
	struct record_sink sink; /* first: drivers hand this back */
	uint64_t records, entries, skipped;
};

static enum err_code
take_record(struct record_sink *s, const struct record *r, struct err *e)
{
	struct counter *c = (struct counter *)s;

	(void)e;
	c->records++;
	c->entries += r->n_affected;
	return ERR_OK;
}

static void
take_skipped(struct record_sink *s, const char *key, const char *why)
{
	(void)key, (void)why;
	((struct counter *)s)->skipped++;
}

static int64_t
now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static uint64_t sax_events;

static void
on_start(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *ns,
    int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted,
    const xmlChar **attributes)
{
	(void)arg, (void)name, (void)prefix, (void)ns, (void)n_namespaces;
	(void)namespaces, (void)n_attributes, (void)n_defaulted, (void)attributes;
	sax_events++;
}

static void
on_end(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *ns)
{
	(void)arg, (void)name, (void)prefix, (void)ns;
	sax_events++;
}

static void
on_text(void *arg, const xmlChar *p, int len)
{
	(void)arg, (void)p, (void)len;
	sax_events++;
}

/* Both read the file in pieces, as a feed is read. */
static int64_t
time_sax(const char *path)
{
	static char chunk[65536];
	xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
		.startElementNs = on_start,
		.endElementNs = on_end,
		.characters = on_text,
		.ignorableWhitespace = on_text };
	int64_t start = now_us();
	FILE *f = fopen(path, "rb");
	xmlParserCtxt *x = xmlCreatePushParserCtxt(&sax, NULL, NULL, 0, NULL);
	size_t n;

	sax_events = 0;
	if (f == NULL || x == NULL)
		exit(1);
	(void)xmlCtxtUseOptions(x, XML_PARSE_HUGE | XML_PARSE_NONET);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		(void)xmlParseChunk(x, chunk, (int)n, 0);
	if (xmlParseChunk(x, NULL, 0, 1) != 0)
		exit(1);
	xmlFreeParserCtxt(x);
	(void)fclose(f);
	return now_us() - start;
}

static int64_t
time_driver(const char *path, struct counter *c)
{
	const struct parse_env env = { .source = NULL };
	struct err e = ERR_INIT;
	int64_t start = now_us();

	*c = (struct counter){ .sink = {
				   .record = take_record, .skipped = take_skipped } };
	if (fetch_parse_file(driver_find("oval"), &env, path, &c->sink, &e) != ERR_OK) {
		(void)fprintf(stderr, "%s\n", e.text);
		exit(1);
	}
	return now_us() - start;
}

static long
peak_kib(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

int
main(int argc, char **argv)
{
	char path[] = "/tmp/bench-oval-XXXXXX";
	uint64_t megabytes = 100;
	int64_t best_sax = INT64_MAX, best_driver = INT64_MAX;
	struct counter c;
	long before, after;

	if (argc > 1 && !str_u64(argv[1], &megabytes))
		return 64;
	make_document(path, megabytes);
	before = peak_kib();
	best_driver = time_driver(path, &c);
	after = peak_kib();
	for (int i = 0; i < ROUNDS; i++) {
		int64_t sax = time_sax(path), mine = time_driver(path, &c);

		best_sax = sax < best_sax ? sax : best_sax;
		best_driver = mine < best_driver ? mine : best_driver;
	}
	(void)unlink(path);
	(void)printf("%" PRIu64 " MB, %" PRIu64 " events, %" PRIu64 " records, %" PRIu64
		     " entries, %" PRIu64 " skipped\n",
	    megabytes, sax_events, c.records, c.entries, c.skipped);
	(void)printf("SAX2    %6.1f ms\n", (double)best_sax / 1000);
	(void)printf("driver  %6.1f ms, %.2f times SAX2 (goal: 2.5)\n",
	    (double)best_driver / 1000, (double)best_driver / (double)best_sax);
	(void)printf("memory added %ld KiB (goal: 16384)\n", after - before);
	return 0;
}
