/* SPDX-License-Identifier: Apache-2.0 */
/* Records for tests; see record_sample.h. */
#include "record_sample.h"

#include "core/arena.h"

const char **
sample_texts(struct arena *a, const char *one, const char *two)
{
	const char **list = arena_array(a, 2, sizeof(*list));

	list[0] = one;
	list[1] = two;
	return list;
}

struct record *
sample_small(struct arena *a)
{
	struct record *r = arena_zalloc(a, sizeof(*r));

	r->key = "openssl/CVE-2023-5678";
	r->source = "debian";
	r->id = "CVE-2023-5678";
	r->vulnerabilities = sample_texts(a, "CVE-2023-5678", NULL);
	r->n_vulnerabilities = 1;
	return r;
}

struct record *
sample_full(struct arena *a)
{
	struct record *r = sample_small(a);

	r->vulnerabilities[1] = "CVE-2024-0001";
	r->n_vulnerabilities = 2;
	r->aliases = sample_texts(a, "GHSA-aaaa-bbbb-cccc", NULL);
	r->n_aliases = 1;
	r->kind = RECORD_MALWARE;
	r->title = "A \"title\"";
	r->description = "Two\nlines, caf\xc3\xa9";
	r->references =
	    sample_texts(a, "https://example.org/1", "https://example.org/2");
	r->n_references = 2;
	r->cwes = sample_texts(a, "CWE-79", NULL);
	r->n_cwes = 1;
	r->severity = SEVERITY_HIGH;
	r->vendor_severity = "important";
	r->published = 1700000000;
	r->modified = 1700000001;
	r->withdrawn = 1700000002;
	r->exploited = 1700000003;
	r->epss = arena_zalloc(a, sizeof(*r->epss));
	*r->epss = (struct epss){ 975670, 999950, "v2025.03.14" };
	r->cvss = arena_array(a, 2, sizeof(*r->cvss));
	r->n_cvss = 2;
	r->cvss[0] = (struct cvss){ "nvd@nist.gov", "CVSS:3.1/AV:N", 98, SPEAKER_NVD };
	r->cvss[1] = (struct cvss){ NULL, NULL, 100, SPEAKER_NONE };
	r->affected = arena_array(a, 3, sizeof(*r->affected));
	r->n_affected = 3;
	r->affected[0] = (struct affected){ .ecosystem = "debian:12",
		.stream = "",
		.package = "openssl",
		.kind = KIND_SOURCE,
		.module = "",
		.fixed = "3.0.11-1~deb12u2",
		.status = STATUS_FIXED,
		.vendor_state = "no-dsa",
		.severity = SEVERITY_LOW,
		.vendor_severity = "unimportant" };
	r->affected[1] = (struct affected){ .ecosystem = "rhel:8",
		.stream = "els",
		.package = "perl",
		.kind = KIND_BINARY,
		.module = "perl:5.32",
		.archs = sample_texts(a, "x86_64", "aarch64"),
		.n_archs = 2,
		.introduced = "0",
		.last_affected = "5.32.1",
		.status = STATUS_AFFECTED };
	r->affected[2] = (struct affected){ .ecosystem = "npm",
		.stream = "",
		.package = "@scope/pkg",
		.module = "",
		.versions = sample_texts(a, "1.0", "1.1"),
		.n_versions = 2,
		.status = STATUS_WONT_FIX };
	return r;
}

struct record *
sample_release(struct arena *a)
{
	struct record *r = arena_zalloc(a, sizeof(*r));

	r->key = r->id = "debian:12";
	r->source = "eol";
	r->kind = RECORD_RELEASE;
	r->ends = 1845763200;
	return r;
}
