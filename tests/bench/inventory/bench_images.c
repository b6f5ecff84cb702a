/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_images [MEGABYTES] - how fast an image archive is read (inflated, hashed,
 * listed, laid, its packages found; child process and all), against "gzip -dc" over its
 * layers in the same run.
 *
 * The archive is generated, always the same: docker save with four gzip layers of files of
 * some ten kilobytes, each layer with a package database.  1024 MB is the size of a large
 * image; the default is an eighth.  Three rounds; the best of each counts, since machines
 * are noisy.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ZLIB_CONST
#include <zlib.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/str.h"
#include "inventory/image_private.h"

#define ROUNDS   3
#define LAYERS   4
#define PACKAGES 400
#define BLOCK    512

static uint64_t seed = 20261125;

static unsigned
dice(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

/* ---- the archive ---- */

static void
add_member(struct buf *tar, const char *name, const void *bytes, size_t len)
{
	char head[BLOCK] = { 0 };
	unsigned sum = 8 * ' ';

	(void)snprintf(head, 100, "%s", name);
	memcpy(head + 100, "0000644", 8);
	(void)snprintf(head + 124, 12, "%011zo", len);
	head[156] = '0';
	memcpy(head + 257, "ustar\00000", 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)head[i];
	(void)snprintf(head + 148, 8, "%06o", sum);
	head[155] = ' ';
	buf_add(tar, head, BLOCK);
	buf_add(tar, bytes, len);
	for (size_t i = len; i % BLOCK != 0; i++)
		buf_addc(tar, '\0');
}

static void
end_tar(struct buf *tar)
{
	static const char zeros[2 * BLOCK];

	buf_add(tar, zeros, sizeof(zeros));
}

/* Words and noise, which pack as well as what is in images: to a third or so. */
static void
add_file(struct buf *tar, unsigned number)
{
	static char bytes[65536];
	char name[64];
	size_t len = 8192 + dice(sizeof(bytes) - 8192), at = 0;

	while (at < len) {
		unsigned word = dice(4096), kind = dice(3);
		int n = kind == 0 ? snprintf(bytes + at, len - at, "%08x", dice(~0u))
				  : snprintf(bytes + at, len - at, "symbol_%u(%s) ",
					word, kind == 1 ? "void" : "const char *");

		at += n < (int)(len - at) ? (size_t)n : len - at;
	}
	(void)snprintf(name, sizeof(name), "usr/lib/%03u/%06u", number / 100, number);
	add_member(tar, name, bytes, len);
}

static void
make_layer(struct buf *tar, unsigned number, size_t size)
{
	static const char os[] = "ID=debian\nVERSION_ID=\"12\"\n";
	struct buf status = BUF_INIT(1u << 24);

	if (number == 0)
		add_member(tar, "etc/os-release", os, strlen(os));
	for (unsigned i = 0; i < PACKAGES; i++)
		buf_printf(&status,
		    "Package: package-%u\nStatus: install ok installed\n"
		    "Architecture: amd64\nVersion: 1.%u\n\n",
		    i, i % LAYERS == number ? number : 0);
	add_member(tar, "var/lib/dpkg/status", buf_str(&status), status.len);
	for (unsigned i = 0; tar->len < size; i++)
		add_file(tar, number * 1000000 + i);
	end_tar(tar);
	buf_done(&status);
}

static void
pack(const struct buf *in, struct buf *out)
{
	z_stream z = { 0 };
	size_t bound;
	char *bytes;

	if (deflateInit2(&z, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		die("deflate");
	bound = deflateBound(&z, in->len);
	if ((bytes = malloc(bound)) == NULL)
		die("malloc");
	z.next_in = (const Bytef *)in->data;
	z.avail_in = (uInt)in->len;
	z.next_out = (Bytef *)bytes;
	z.avail_out = (uInt)bound;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		die("deflate");
	buf_add(out, bytes, z.total_out);
	(void)deflateEnd(&z);
	free(bytes);
}

static int
unnamed(const struct buf *b)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);

	if (fd < 0 || write(fd, b->data, b->len) != (ssize_t)b->len)
		die("/tmp");
	return fd;
}

/* FDS: the archive, and the packed layers one behind the other.  Inflated bytes. */
static size_t
make_archive(size_t size, int fds[2])
{
	struct buf archive = BUF_INIT((size_t)8 << 30), all = BUF_INIT((size_t)8 << 30);
	struct buf ids = BUF_INIT(4096), names = BUF_INIT(4096), json = BUF_INIT(16384);
	size_t inflated = 0;

	for (unsigned i = 0; i < LAYERS; i++) {
		struct buf tar = BUF_INIT((size_t)8 << 30),
			   packed = BUF_INIT((size_t)8 << 30);
		unsigned char sum[SHA256_SIZE];
		char hex[SHA256_HEX_SIZE], name[32];

		make_layer(&tar, i, size / LAYERS);
		inflated += tar.len;
		sha256_of(tar.data, tar.len, sum);
		buf_printf(&ids, "%s\"sha256:%s\"", i > 0 ? "," : "",
		    hex_encode(sum, sizeof(sum), hex));
		(void)snprintf(name, sizeof(name), "layer%u.tar.gz", i);
		buf_printf(&names, "%s\"%s\"", i > 0 ? "," : "", name);
		pack(&tar, &packed);
		buf_add(&all, packed.data, packed.len);
		add_member(&archive, name, packed.data, packed.len);
		buf_done(&tar);
		buf_done(&packed);
	}
	buf_printf(&json, "{\"rootfs\":{\"diff_ids\":[%s]}}", buf_str(&ids));
	add_member(&archive, "config.json", json.data, json.len);
	buf_reset(&json);
	buf_printf(
	    &json, "[{\"Config\":\"config.json\",\"Layers\":[%s]}]", buf_str(&names));
	add_member(&archive, "manifest.json", json.data, json.len);
	end_tar(&archive);
	fds[0] = unnamed(&archive);
	fds[1] = unnamed(&all);
	buf_done(&archive);
	buf_done(&all);
	buf_done(&ids);
	buf_done(&names);
	buf_done(&json);
	return inflated;
}

/* ---- the two ---- */

static double
seconds(const struct clock *clock, int64_t since_ms)
{
	return (double)(clock->mono_ms(clock) - since_ms) / 1000;
}

static double
time_gzip(const struct clock *clock, int fd)
{
	int64_t start = clock->mono_ms(clock);
	int status = 1;
	pid_t child;

	if ((child = fork()) == 0) {
		int null = open("/dev/null", O_WRONLY);

		if (lseek(fd, 0, SEEK_SET) == 0 && dup2(fd, 0) == 0 &&
		    dup2(null, 1) == 1)
			(void)execlp("gzip", "gzip", "-dc", (char *)NULL);
		_exit(1);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
		die("gzip");
	return seconds(clock, start);
}

static double
time_reading(const struct clock *clock, int fd)
{
	const struct inventory_hints hints = { 0 };
	const struct image_input in = { .p = "", .fd = fd };
	const struct image_job job = { .archive = &in, .hints = &hints };
	struct arena *a = arena_new();
	struct inventory *inv = NULL;
	struct err e = ERR_INIT;
	int64_t start = clock->mono_ms(clock);
	double took;

	if (lseek(fd, 0, SEEK_SET) != 0)
		die("lseek");
	if (image_inventory(&job, a, &inv, &e) != ERR_OK || inv->n != PACKAGES) {
		(void)fprintf(stderr, "%s\n", e.text);
		exit(1);
	}
	took = seconds(clock, start);
	arena_free(a);
	return took;
}

int
main(int argc, char **argv)
{
	const struct clock *clock = clock_system();
	uint64_t megabytes = 128;
	double gzip = 1e9, own = 1e9;
	int fds[2];
	size_t inflated;

	if (argc > 1 && !str_u64(argv[1], &megabytes))
		return 1;
	inflated = make_archive((size_t)megabytes << 20, fds);
	for (int i = 0; i < ROUNDS; i++) {
		double g = time_gzip(clock, fds[1]), o = time_reading(clock, fds[0]);

		gzip = g < gzip ? g : gzip;
		own = o < own ? o : own;
	}
	printf("image of %.0f MB, %.0f MB packed\n", (double)inflated / 1e6,
	    (double)lseek(fds[1], 0, SEEK_END) / 1e6);
	printf("gzip -dc of its layers  %.2f s  %.0f MB/s\n", gzip,
	    (double)inflated / 1e6 / gzip);
	printf("reading the archive     %.2f s  %.0f MB/s  %.0f %% of gzip's speed\n",
	    own, (double)inflated / 1e6 / own, 100 * gzip / own);
	return 0;
}
