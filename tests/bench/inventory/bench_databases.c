/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_databases [SECONDS] - components a second for every reader of package databases,
 * against one pass over the same bytes that only adds them up.
 *
 * The databases are made here, always the same ones: a hundred packages each, rpm's headers
 * with 12 KB of file names beside what is read, as real ones have.  The best of three
 * rounds counts, since machines are noisy.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "inventory/inventory.h"
#include "unit/inventory/rpm_make.h"

#define PACKAGES 100u
#define ROUNDS   3
#define PADDING  12000u

struct document {
	const char *name, *os;
	struct made bytes;
};

static struct made_package *
rpm_packages(struct arena *a)
{
	struct made_package *all = arena_array(a, PACKAGES, sizeof(*all));

	for (unsigned i = 0; i < PACKAGES; i++)
		all[i] = (struct made_package){
			.name = arena_printf(a, "package-%u", i),
			.version = arena_printf(a, "%u.%u", i % 9, i),
			.release = "3.el9_2",
			.arch = "x86_64",
			.vendor = "Red Hat, Inc.",
			.sourcerpm = arena_printf(
			    a, "package-%u-%u.%u-3.el9_2.src.rpm", i, i % 9, i),
			.padding = PADDING,
		};
	return all;
}

/* PACKAGES times FORMAT, the number of the package in place of every #. */
static struct made
text(struct arena *a, const char *format)
{
	struct buf b = BUF_INIT(1u << 24);
	struct made m;

	for (unsigned i = 0; i < PACKAGES; i++)
		for (const char *p = format; *p != '\0'; p++)
			if (*p == '#')
				buf_printf(&b, "%u", i);
			else
				buf_addc(&b, *p);
	m = (struct made){ arena_memdup(a, buf_str(&b), b.len), b.len };
	buf_done(&b);
	return m;
}

static void
read_once(const struct document *d)
{
	const struct inventory_hints hints = { .os = d->os };
	struct arena *a = arena_new();
	struct inventory *inv = NULL;
	struct err e = ERR_INIT;

	if (inventory_read_memory(d->bytes.p, d->bytes.n, &hints, a, &inv, &e) !=
		ERR_OK ||
	    inv->n != PACKAGES) {
		(void)fprintf(stderr, "%s: %zu packages %s\n", d->name,
		    inv != NULL ? inv->n : 0, e.text);
		exit(1);
	}
	arena_free(a);
}

static void
add_up(const struct document *d)
{
	static volatile unsigned kept;
	unsigned sum = kept;

	for (size_t i = 0; i < d->bytes.n; i++)
		sum = sum * 31 + d->bytes.p[i];
	kept = sum;
}

/* Seconds that one call takes, the best of some rounds of SECONDS each. */
static double
measure(
    void (*work)(const struct document *d), const struct document *d, double seconds)
{
	const struct clock *c = clock_system();
	double best = 0;

	for (int round = 0; round < ROUNDS; round++) {
		int64_t start = c->mono_ms(c), took;
		unsigned times = 0;
		double one;

		do {
			work(d);
			times++;
			took = c->mono_ms(c) - start;
		} while ((double)took < seconds * 1000);
		one = (double)took / 1000 / times;
		if (best <= 0 || one < best)
			best = one;
	}
	return best;
}

int
main(int argc, char **argv)
{
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 0.5;
	struct arena *a = arena_new();
	const struct made_package *rpms = rpm_packages(a);
	const struct document documents[] = {
		{ "dpkg", "debian:12",
		    text(a,
			"Package: package-#\nStatus: install ok installed\nPriority: "
			"optional\nSection: libs\nInstalled-Size: 1234\nMaintainer: "
			"Somebody <somebody@example.org>\nArchitecture: "
			"amd64\nMulti-Arch: same\nSource: source-# "
			"(1.#-2)\nVersion: 1.#-2+b1\nDepends: libc6 (>= 2.34), "
			"libgcc-s1 (>= 3.0)\nDescription: a package\n of which much "
			"is said\n .\n and more than that\n\n") },
		{ "apk", "alpine:3.20",
		    text(a,
			"C:Q1pSSeWbFYKFOmVHPDEPxVJLBvAYg=\nP:package-#\nV:1.#-r#\n"
			"A:x86_64\nS:1234\nI:5678\nT:a package\nU:https://"
			"example.org/\nL:MIT\no:origin-#\nF:usr/bin\nR:program\na:0:0:"
			"755\nZ:Q1pSSeWbFYKFOmVHPDEPxVJLBvAYg=\n\n") },
		{ "rpm-manifest", "mariner:2.0",
		    text(a,
			"package-#\t1.#-2.cm2\t1653816591\t1653753130\tMicrosoft "
			"Corporation\t(none)\t1000\tx86_64\t0\tpackage-#-1.#-2.cm2.src."
			"rpm\n") },
		{ "pacman", "arch",
		    text(a, "%NAME%\npackage-#\n\n%VERSION%\n1.#-2\n\n%BASE%\nbase-#"
			    "\n\n%DESC%\na package\n\n%ARCH%\nx86_64\n\n%PACKAGER%\n"
			    "Somebody <somebody@example.org>\n\n%LICENSE%\nGPL\n\n") },
		{ "rpm list", "rhel:9", text(a, "package-#-1.#-2.el9.x86_64\n") },
		{ "rpm sqlite", "rhel:9", make_sqlite(a, rpms, PACKAGES) },
		{ "rpm ndb", "rhel:9", make_ndb(a, rpms, PACKAGES) },
		{ "rpm bdb", "rhel:9", make_bdb(a, rpms, PACKAGES, false) },
	};

	(void)printf(
	    "%-14s %14s %10s %10s\n", "reader", "components/s", "MB/s", "x the sum");
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		const struct document *d = &documents[i];
		double took = measure(read_once, d, seconds);
		double floor = measure(add_up, d, seconds);

		(void)printf("%-14s %14.0f %10.0f %10.1f\n", d->name, PACKAGES / took,
		    (double)d->bytes.n / took / 1e6, took / floor);
	}
	arena_free(a);
	return 0;
}
