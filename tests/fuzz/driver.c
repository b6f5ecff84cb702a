/* SPDX-License-Identifier: Apache-2.0 */
/*
 * driver - makes an ordinary test of a fuzz target: every file of the corpus directory
 * given as argument, whole, cut at some lengths and with some bytes changed, always the
 * same ones.  Each input is a copy of its exact size, so that AddressSanitizer sees a
 * read behind the end.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/cleanup.h"
#include "core/mem.h"

#define CUTS        48
#define CHANGES     96
#define INPUT_BYTES ((size_t)4 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
run(const uint8_t *data, size_t size)
{
	CLEANUP_FREE uint8_t *copy = mem_alloc(size);

	if (size > 0)
		memcpy(copy, data, size);
	(void)LLVMFuzzerTestOneInput(copy, size);
}

static void
run_variants(uint8_t *data, size_t size)
{
	static const uint8_t masks[] = { 0xff, 0x01, 0x80, 0x20, 0x03 };
	size_t cut_step = size / CUTS + 1, change_step = size / CHANGES + 1;

	run(data, size);
	for (size_t len = 0; len < size; len += cut_step)
		run(data, len);
	for (size_t i = 0, n = 0; i < size; i += change_step, n++) {
		uint8_t was = data[i];

		data[i] = (uint8_t)(was ^ masks[n % sizeof(masks)]);
		run(data, size);
		data[i] = was;
	}
}

/* True if PATH was a file that could be read. */
static bool
run_file(const char *path)
{
	CLEANUP_FREE uint8_t *data = mem_alloc(INPUT_BYTES);
	size_t size;
	FILE *f = fopen(path, "rb");

	if (f == NULL) {
		perror(path);
		return false;
	}
	size = fread(data, 1, INPUT_BYTES, f);
	(void)fclose(f);
	run_variants(data, size);
	return true;
}

int
main(int argc, char **argv)
{
	size_t files = 0;
	struct dirent *entry;
	DIR *dir;

	if (argc != 2 || (dir = opendir(argv[1])) == NULL) {
		(void)fprintf(stderr, "usage: %s CORPUS-DIRECTORY\n", argv[0]);
		return 1;
	}
	while ((entry = readdir(dir)) != NULL) {
		char path[4096];

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
		if (!run_file(path)) {
			(void)closedir(dir);
			return 1;
		}
		files++;
	}
	(void)closedir(dir);
	(void)printf("%zu corpus files\n", files);
	return files > 0 ? 0 : 1;
}
