/* SPDX-License-Identifier: Apache-2.0 */
/* rpm's database in its three containers: what is read out of it, and what hurts. */
#include "unit/inventory/read.h"

#include "inventory/rpm_files.h"
#include "unit/inventory/rpm_make.h"

static struct made
make_bdb_little(struct arena *a, const struct made_package *p, size_t n)
{
	return make_bdb(a, p, n, false);
}

static struct made
make_bdb_big(struct arena *a, const struct made_package *p, size_t n)
{
	return make_bdb(a, p, n, true);
}

static struct made (*const makers[])(struct arena *a, const struct made_package *p,
    size_t n) = { make_sqlite, make_ndb, make_bdb_little, make_bdb_big };

static struct inventory *
read_made(struct arena *a, struct made m, const char *os)
{
	return read_bytes(a, m.p, m.n, os);
}

/* One package of the system OS, in whichever container. */
static const struct component *
read_one(struct arena *a, const struct made_package *p, const char *os)
{
	struct inventory *inv = read_made(a, make_ndb(a, p, 1), os);

	if (inv->n != 1)
		fail_msg("%zu packages", inv->n);
	return &inv->components[0];
}

static void
every_container_holds_the_same_packages(void **state)
{
	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
		struct inventory *inv = read_made(*state,
		    makers[i](*state, made_packages, n_made_packages), "rhel:9");

		assert_string_equal(inv->reader, "rpm");
		assert_false(inv->partial);
		assert_string_equal(told(inv, *state),
		    "htop 3.2.1-1.el9 [htop 3.2.1-1.el9]; "
		    "bash 5.1.8-6.el9 [bash 5.1.8-6.el9]; "
		    "bind-libs 32:9.16.23-1.el9 [bind 32:9.16.23-1.el9]; "
		    "nodejs 1:18.12.1-2.module+el9 [nodejs 1:18.12.1-2.module+el9]");
	}
}

static void
a_database_without_packages_is_one(void **state)
{
	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
		struct inventory *inv =
		    read_made(*state, makers[i](*state, NULL, 0), "rhel:9");

		assert_int_equal(inv->n, 0);
		assert_false(inv->partial);
	}
}

static void
a_package_keeps_what_decides_about_it(void **state)
{
	struct inventory *inv = read_made(
	    *state, make_sqlite(*state, made_packages, n_made_packages), "rhel:9");
	const struct component *c = component(inv, "nodejs");

	assert_string_equal(c->type, "rpm");
	assert_string_equal(c->ecosystem, "rhel:9");
	assert_string_equal(c->arch, "x86_64");
	assert_string_equal(c->module, "nodejs:18");
	assert_int_equal(c->vendor, VENDOR_OWN);
	assert_string_equal(c->purl, "pkg:rpm/redhat/nodejs@18.12.1-2.module%2Bel9"
				     "?arch=x86_64&epoch=1&distro=rhel-9");
}

static void
an_epoch_of_nothing_is_none(void **state)
{
	const struct made_package p = {
		.name = "a", .version = "1", .release = "2", .has_epoch = true
	};

	assert_string_equal(read_one(*state, &p, "rhel:9")->version, "1-2");
}

static void
a_source_is_split_at_its_last_two_dashes(void **state)
{
	static const struct {
		const char *sourcerpm, *want;
	} rows[] = {
		{ "a-b-c-1.0-2.src.rpm", "p 1-2 [a-b-c 1.0-2]" },
		{ "a-1-2.nosrc.rpm", "p 1-2 [a 1-2]" },
		{ "(none)", "p 1-2" },
		{ NULL, "p 1-2" },
		{ "a-1.src.rpm", "p 1-2" },
		{ "-1-2.src.rpm", "p 1-2" },
		{ ".src.rpm", "p 1-2" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct made_package p = { .name = "p",
			.version = "1",
			.release = "2",
			.sourcerpm = rows[i].sourcerpm };

		assert_string_equal(
		    told(read_made(*state, make_ndb(*state, &p, 1), "rhel:9"), *state),
		    rows[i].want);
	}
}

static void
who_has_the_sources_version_tells_its_epoch_to_the_others(void **state)
{
	static const struct made_package packages[] = {
		{ .name = "perl-Carp",
		    .version = "1.50",
		    .release = "439.el8",
		    .sourcerpm = "perl-5.26.3-420.el8.src.rpm" },
		{ .name = "perl-libs",
		    .version = "5.26.3",
		    .release = "420.el8",
		    .sourcerpm = "perl-5.26.3-420.el8.src.rpm",
		    .epoch = 4,
		    .has_epoch = true },
		{ .name = "other",
		    .version = "1",
		    .release = "1",
		    .sourcerpm = "source-2-1.src.rpm",
		    .epoch = 9,
		    .has_epoch = true },
	};

	assert_string_equal(
	    told(read_made(*state, make_bdb_little(*state, packages, 3), "rhel:8"),
		*state),
	    "other 9:1-1 [source 2-1]; "
	    "perl-Carp 1.50-439.el8 [perl 4:5.26.3-420.el8]; "
	    "perl-libs 4:5.26.3-420.el8 [perl 4:5.26.3-420.el8]");
}

static void
whose_package_it_is_says_the_vendor(void **state)
{
	static const struct {
		const char *os, *vendor, *release, *ecosystem;
		enum vendor want;
	} rows[] = {
		{ "rhel:9", "Red Hat, Inc.", "1.el9", "rhel:9", VENDOR_OWN },
		{ "rhel:7", "CentOS", "1.el7", "rhel:7", VENDOR_OWN },
		{ "rocky:9", "CentOS", "1.el9", "rocky:9", VENDOR_OWN },
		{ "rocky:9", "Rocky Enterprise Software Foundation", "1.el9", "rocky:9",
		    VENDOR_OWN },
		{ "rhel:9", "Docker", "1.el9", "rhel:9", VENDOR_THIRD_PARTY },
		{ "fedora:43", "Fedora Copr - user someone", "1.fc43", "fedora:43",
		    VENDOR_THIRD_PARTY },
		{ "fedora:43", "Fedora Project", "1.fc43", "fedora:43", VENDOR_OWN },
		{ "rhel:9", "Fedora Project", "1.el9", "epel:9", VENDOR_OWN },
		{ "almalinux:8", "Fedora Project", "1.el8.1", "epel:8", VENDOR_OWN },
		{ "ol:10", "Fedora Project", "1.el10_1", "epel:10", VENDOR_OWN },
		{ "amzn:2", "Fedora Project", "1.el7", "epel:7", VENDOR_OWN },
		{ "rhel:9", "Fedora Project", "1", "rhel:9", VENDOR_THIRD_PARTY },
		{ NULL, "Fedora Project", "1.el9", "epel:9", VENDOR_OWN },
		{ "rhel:9", "Microsoft Corporation", "1", "rhel:9",
		    VENDOR_THIRD_PARTY },
		{ "mariner:2.0", "Microsoft Corporation", "1.cm2", "mariner:2.0",
		    VENDOR_OWN },
		{ "photon:4.0", "VMware, Inc.", "1.ph4", "photon:4.0", VENDOR_OWN },
		{ "sles:15.5", "openSUSE", "1", "sles:15.5", VENDOR_OWN },
		{ "opensuse.leap:15.5", "obs://build.opensuse.org/home:someone", "1",
		    "opensuse.leap:15.5", VENDOR_THIRD_PARTY },
		{ "amzn:2", NULL, "1.amzn2", "amzn:2", VENDOR_OWN },
		{ "amzn:2", NULL, "1", "amzn:2", VENDOR_THIRD_PARTY },
		{ "rhel:9", "(none)", "1.el9", "rhel:9", VENDOR_OWN },
		{ "sles:15.5", NULL, "1", "sles:15.5", VENDOR_THIRD_PARTY },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct made_package p = { .name = "p",
			.version = "1",
			.release = rows[i].release,
			.vendor = rows[i].vendor };
		const struct component *c = read_one(*state, &p, rows[i].os);

		if (c->vendor != rows[i].want ||
		    !str_eq(c->ecosystem, rows[i].ecosystem))
			fail_msg("row %zu: %s, %s", i, str_or_empty(c->ecosystem),
			    c->vendor == VENDOR_OWN ? "own" : "third party");
	}
}

static void
oracles_flavours_are_streams(void **state)
{
	static const struct {
		const char *os, *release, *want;
	} rows[] = {
		{ "ol:8", "2.0.1.ksplice1.el8", "ksplice" },
		{ "ol:8", "3.el8_fips", "fips" },
		{ "ol:8", "3.el8", "" },
		{ "rhel:8", "3.el8_fips", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct made_package p = {
			.name = "gnutls", .version = "3.6", .release = rows[i].release
		};

		assert_string_equal(
		    read_one(*state, &p, rows[i].os)->streams, rows[i].want);
	}
}

static void
a_package_that_lacks_its_name_costs_itself_alone(void **state)
{
	static const struct made_package packages[] = {
		{ .name = "a", .version = "1", .release = "1" },
		{ .version = "1", .release = "1" },
		{ .name = "b", .version = "1" },
		{ .name = "c", .version = "\xff\xfe", .release = "1" },
		{ .name = "d", .version = "1", .release = "1" },
	};

	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
		struct inventory *inv =
		    read_made(*state, makers[i](*state, packages, 5), "rhel:9");

		assert_non_null(component(inv, "a"));
		assert_non_null(component(inv, "d"));
		assert_true(inv->partial);
		assert_true(inv->n_warnings >= 2);
	}
}

/* ---- files ---- */

struct told_files {
	struct arena *a;
	const char *text;
};

static void
tell_file(void *arg, const char *package, const char *folder, size_t folder_len,
    const char *name, size_t name_len)
{
	struct told_files *t = arg;

	t->text = arena_printf(t->a, "%s%s:%.*s/%.*s ", t->text, package,
	    (int)folder_len, folder, (int)name_len, name);
}

static const char *
files_of(struct arena *a, struct made m)
{
	struct told_files t = { a, "" };
	const struct rpm_file_sink sink = { .file = tell_file, .arg = &t };
	struct err e = ERR_INIT;

	if (rpm_files_read(m.p, m.n, &sink, &e) != ERR_OK)
		fail_msg("%s", e.text);
	return t.text;
}

static void
a_database_lists_whose_files_are_whose(void **state)
{
	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
		assert_string_equal(
		    files_of(*state, makers[i](*state, made_packages, n_made_packages)),
		    "bind-libs:/usr/lib64/libbind9.so.160 bind-libs:/bind ");
}

static void
lists_of_files_that_do_not_fit_are_passed_over(void **state)
{
	static const struct made_package p = { .name = "p",
		.version = "1",
		.release = "1",
		.files = { "/a/ b", "/c/ d" } };
	static const struct {
		const char *what;
		unsigned char tag, at, value;
	} rows[] = {
		{ "fewer indexes than names", 0x5c, 15, 1 },
		{ "more indexes than data", 0x5c, 13, 0xff },
		{ "indexes outside of the data", 0x5c, 8, 0x7f },
		{ "indexes at no place for numbers", 0x5c, 11, 1 },
		{ "names outside of the data", 0x5d, 8, 0x7f },
		{ "far too many folders", 0x5e, 12, 0x7f },
		{ "no folders", 0x5e, 15, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct made m = make_ndb(*state, &p, 1);
		unsigned char *entries = m.p + 4096 + 16 + 8;

		for (size_t k = 0; k < m.p[4096 + 16 + 3]; k++)
			if (entries[16 * k + 2] == 0x04 &&
			    entries[16 * k + 3] == rows[i].tag)
				entries[16 * k + rows[i].at] = rows[i].value;
		make_ndb_sums(&m);
		if (*files_of(*state, m) != '\0')
			fail_msg("%s: %s", rows[i].what, files_of(*state, m));
	}
}

/* ---- what hurts ---- */

static void
a_header_whose_numbers_do_not_add_up_is_left_out(void **state)
{
	static const struct {
		const char *what;
		size_t at;
		unsigned char value;
	} rows[] = {
		{ "more entries than fit", 3, 0xff },
		{ "no entries", 3, 0 },
		{ "far too many", 0, 0x7f },
		{ "more data than there is", 4, 0x7f },
		{ "a region that is no region", 8 + 4 + 3, 6 },
		{ "a region whose trailer is outside", 8 + 8, 0x7f },
		{ "a name outside of the data", 8 + 16 + 8, 0x7f },
		{ "a name that is a number", 8 + 16 + 7, 4 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct made m = make_ndb(*state, made_packages, 1);
		struct inventory *inv;

		m.p[4096 + 16 + rows[i].at] = rows[i].value;
		make_ndb_sums(&m);
		inv = read_made(*state, m, "rhel:9");
		if (inv->n != 0 || !inv->partial)
			fail_msg("%s: %zu packages", rows[i].what, inv->n);
	}
}

static void
the_entry_behind_the_region_overrules_the_one_inside(void **state)
{
	const struct made_package p = {
		.name = "a", .version = "1", .release = "2", .arch = "noarch"
	};
	struct made m = make_ndb(*state, &p, 1);
	unsigned char *blob = m.p + 4096 + 16, *entries = blob + 8;
	size_t n = blob[3];

	/* the last entry, an installation time, becomes the release: the text of arch */
	for (size_t i = 0; i < n; i++)
		if (entries[16 * i + 2] == 0x03 && entries[16 * i + 3] == 0xfe)
			memcpy(entries + 16 * (n - 1) + 4, entries + 16 * i + 4, 12);
	entries[16 * (n - 1) + 2] = 0x03;
	entries[16 * (n - 1) + 3] = 0xea;
	make_ndb_sums(&m);
	assert_string_equal(told(read_made(*state, m, "rhel:9"), *state), "a 1-noarch");
}

/* Many entries of one tag, each pointing at data that ends nowhere: read once. */
static void
a_header_of_one_tag_65535_times_costs_no_more_than_its_length(void **state)
{
	size_t n = 65535, data = 8u << 20, len = 8 + 16 * n + data;
	size_t blocks = (16 + len + 12 + 15) / 16;
	struct made m = { arena_zalloc(*state, 4096 + blocks * 16),
		4096 + blocks * 16 };
	struct made small = make_ndb(*state, made_packages, 1);
	unsigned char *blob = m.p + 4096;
	struct inventory *inv;

	memcpy(m.p, small.p, 4096);
	memcpy(m.p + 44, &(uint32_t){ (uint32_t)blocks }, 4);
	memcpy(blob, small.p + 4096, 12);
	memcpy(blob + 12, &(uint32_t){ (uint32_t)len }, 4);
	memcpy(blob + blocks * 16 - 8, &(uint32_t){ (uint32_t)len }, 4);
	memcpy(blob + blocks * 16 - 4, "BlbE", 4);
	blob += 16;
	memcpy(blob, "\0\0\xff\xff\0\x80\0\0", 8);
	for (size_t i = 0; i < n; i++)
		memcpy(blob + 8 + 16 * i, "\0\0\3\xe8\0\0\0\6\0\0\0\0\0\0\0\1", 16);
	memset(blob + 8 + 16 * n, 'x', data);
	make_ndb_sums(&m);
	inv = read_made(*state, m, "rhel:9");
	assert_int_equal(inv->n, 0);
	assert_true(inv->partial);
}

static void
an_ndb_blob_that_is_not_its_slots_is_left_out(void **state)
{
	static const struct {
		const char *what;
		size_t at;
		unsigned char value;
	} rows[] = {
		{ "no blob there", 4096, 'X' },
		{ "of another package", 4096 + 4, 9 },
		{ "another length in front", 4096 + 12, 9 },
		{ "one byte changed", 4096 + 100, 0xff },
		{ "a slot far behind the end", 32 + 8 + 3, 0x7f },
		{ "no blocks", 32 + 12, 0 },
		{ "far too many blocks", 32 + 15, 0x7f },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct made m = make_ndb(*state, made_packages, 2);
		struct inventory *inv;

		m.p[rows[i].at] = rows[i].value;
		inv = read_made(*state, m, "rhel:9");
		if (inv->n != 1 || !inv->partial ||
		    !str_eq(inv->components[0].name, "bind-libs"))
			fail_msg("%s: %zu packages", rows[i].what, inv->n);
	}
}

static void
an_ndb_slot_that_points_at_the_slots_is_left_out(void **state)
{
	struct made m = make_ndb(*state, made_packages, 1);
	struct inventory *inv;

	memcpy(m.p + 40, "\1\0", 2);
	inv = read_made(*state, m, "rhel:9");
	assert_int_equal(inv->n, 0);
	assert_non_null(strstr(inv->warnings[0], "outside of the file"));
}

static void
an_ndb_whose_slots_all_point_at_one_blob_is_refused(void **state)
{
	struct made m = make_ndb(*state, made_packages, 1);

	for (size_t slot = 48; slot < 4096; slot += 16)
		memcpy(m.p + slot, m.p + 32, 16);
	assert_non_null(strstr(refused_bytes(*state, m.p, m.n, "rhel:9", ERR_INPUT),
	    "longer than the file"));
}

static void
an_ndb_of_other_numbers_is_refused(void **state)
{
	static const struct {
		size_t at;
		unsigned char value;
	} rows[] = { { 4, 1 }, { 12, 0 }, { 12, 9 }, { 14, 1 }, { 64, 'X' } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct made m = make_ndb(*state, made_packages, 1);

		m.p[rows[i].at] = rows[i].value;
		(void)refused_bytes(*state, m.p, m.n, "rhel:9", ERR_INPUT);
	}
}

static void
a_chain_of_overflow_pages_that_bites_its_tail_ends(void **state)
{
	static const struct made_package large = {
		.name = "large", .version = "1", .release = "1", .padding = 4000
	};
	struct made m = make_bdb_little(*state, &large, 1);
	struct inventory *inv;

	/* page 2 holds the bucket, 3 to 7 the chain: its second page leads to itself */
	assert_int_equal(m.p[4 * 1024 + 25], 7);
	m.p[4 * 1024 + 16] = 4;
	inv = read_made(*state, m, "rhel:9");
	assert_int_equal(inv->n, 0);
	assert_true(inv->partial);
	assert_non_null(strstr(inv->warnings[0], "followed before"));
	/* and one that leads to a page that is no part of a chain */
	m.p[4 * 1024 + 16] = 1;
	assert_non_null(
	    strstr(read_made(*state, m, "rhel:9")->warnings[0], "leads nowhere"));
	m.p[4 * 1024 + 16] = 99;
	assert_non_null(
	    strstr(read_made(*state, m, "rhel:9")->warnings[0], "leads nowhere"));
}

static void
a_bucket_with_items_outside_of_it_is_left_out(void **state)
{
	static const struct {
		const char *what;
		size_t at;
		unsigned char value;
	} rows[] = {
		{ "more items than a page holds", 20 + 1, 0xff },
		{ "an item on top of the offsets", 26 + 2, 1 },
		{ "an item behind the one before it", 26 + 3, 0xff },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct made m = make_bdb_little(*state, made_packages, 1);
		struct inventory *inv;

		m.p[2048 + rows[i].at] = rows[i].value;
		if (i == 1)
			m.p[2048 + 26 + 3] = 0;
		inv = read_made(*state, m, "rhel:9");
		if (inv->n != 0 || !inv->partial)
			fail_msg("%s: %zu packages", rows[i].what, inv->n);
	}
}

static void
a_berkeley_db_of_other_numbers_is_refused(void **state)
{
	static const struct {
		const char *want;
		size_t at;
		unsigned char value;
	} rows[] = {
		{ "btree", 12, 0x62 },
		{ "version", 16, 7 },
		{ "size of a page", 21, 3 },
		{ "encrypted", 24, 1 },
		{ "cut short", 32, 200 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct made m = make_bdb_little(*state, made_packages, 2);
		const char *why;

		if (i == 0)
			memcpy(m.p + 12, "\x62\x31\x05\x00", 4);
		else
			m.p[rows[i].at] = rows[i].value;
		why = refused_bytes(*state, m.p, m.n, "rhel:9", ERR_INPUT);
		if (strstr(why, rows[i].want) == NULL)
			fail_msg("wanted %s, got %s", rows[i].want, why);
	}
}

static void
a_tree_of_pages_that_is_none_is_refused(void **state)
{
	static const struct {
		const char *what;
		size_t at;
		unsigned char value;
	} rows[] = {
		{ "the root is its own child", 1024 + 11, 2 },
		{ "a child that does not exist", 1024 + 11, 200 },
		{ "a child that is the schema", 1024 + 11, 1 },
		{ "two children that are one", 1024 + 11, 3 },
		{ "a page of an index", 1024, 2 },
		{ "more cells than fit", 1024 + 3, 0xff },
		{ "a cell outside of its page", 1024 + 12, 0xff },
		{ "pages of no size", 16, 3 },
		{ "text that is not UTF-8", 59, 2 },
		{ "more pages than there are", 30, 1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct made m = make_sqlite(*state, made_packages, 3);

		m.p[rows[i].at] = rows[i].value;
		(void)refused_bytes(*state, m.p, m.n, "rhel:9", ERR_INPUT);
	}
}

static void
a_chain_of_a_row_that_bites_its_tail_is_refused(void **state)
{
	static const struct made_package large = {
		.name = "large", .version = "1", .release = "1", .padding = 4000
	};
	struct made m = make_sqlite(*state, &large, 1);

	/* page 3 is the leaf, 4 and on its overflow */
	m.p[3 * 1024 + 3] = 4;
	assert_non_null(strstr(
	    refused_bytes(*state, m.p, m.n, "rhel:9", ERR_INPUT), "leads nowhere"));
}

static void
rows_that_lie_upon_each_other_are_refused(void **state)
{
	struct made m = make_sqlite(*state, made_packages, 1);
	unsigned char *leaf = m.p + 2 * 1024;

	/* three hundred cells, all of them the same one */
	leaf[3] = 1;
	leaf[4] = 0x2c;
	for (size_t i = 1; i < 300; i++)
		memcpy(leaf + 8 + 2 * i, leaf + 8, 2);
	(void)refused_bytes(*state, m.p, m.n, "rhel:9", ERR_INPUT);
}

static void
an_sqlite_file_that_is_no_rpm_database_is_refused(void **state)
{
	struct made m = make_sqlite(*state, made_packages, 1);
	unsigned char *name = memmem(m.p, 1024, "tablePackages", 13);

	assert_non_null(name);
	memcpy(name, "view ", 5);
	assert_non_null(strstr(
	    refused_bytes(*state, m.p, m.n, "rhel:9", ERR_INPUT), "no rpm database"));
	memcpy(name, "tableCustomer", 13);
	assert_non_null(strstr(
	    refused_bytes(*state, m.p, m.n, "rhel:9", ERR_INPUT), "no rpm database"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READ(every_container_holds_the_same_packages),
		READ(a_database_without_packages_is_one),
		READ(a_package_keeps_what_decides_about_it),
		READ(an_epoch_of_nothing_is_none),
		READ(a_source_is_split_at_its_last_two_dashes),
		READ(who_has_the_sources_version_tells_its_epoch_to_the_others),
		READ(whose_package_it_is_says_the_vendor),
		READ(oracles_flavours_are_streams),
		READ(a_package_that_lacks_its_name_costs_itself_alone),
		READ(a_database_lists_whose_files_are_whose),
		READ(lists_of_files_that_do_not_fit_are_passed_over),
		READ(a_header_whose_numbers_do_not_add_up_is_left_out),
		READ(the_entry_behind_the_region_overrules_the_one_inside),
		READ(a_header_of_one_tag_65535_times_costs_no_more_than_its_length),
		READ(an_ndb_blob_that_is_not_its_slots_is_left_out),
		READ(an_ndb_slot_that_points_at_the_slots_is_left_out),
		READ(an_ndb_whose_slots_all_point_at_one_blob_is_refused),
		READ(an_ndb_of_other_numbers_is_refused),
		READ(a_chain_of_overflow_pages_that_bites_its_tail_ends),
		READ(a_bucket_with_items_outside_of_it_is_left_out),
		READ(a_berkeley_db_of_other_numbers_is_refused),
		READ(a_tree_of_pages_that_is_none_is_refused),
		READ(a_chain_of_a_row_that_bites_its_tail_is_refused),
		READ(rows_that_lie_upon_each_other_are_refused),
		READ(an_sqlite_file_that_is_no_rpm_database_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
