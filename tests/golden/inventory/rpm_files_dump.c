/* SPDX-License-Identifier: Apache-2.0 */
/* rpm_files_dump DATABASE - "package path" for every file that an rpm database lists. */
#include <stdio.h>

#include "core/buf.h"
#include "core/limits.h"
#include "core/stream.h"
#include "inventory/rpm_files.h"

static void
print_file(void *arg, const char *package, const char *folder, size_t folder_len,
    const char *name, size_t name_len)
{
	(void)arg;
	(void)printf(
	    "%s %.*s/%.*s\n", package, (int)folder_len, folder, (int)name_len, name);
}

int
main(int argc, char **argv)
{
	const struct rpm_file_sink sink = { .file = print_file };
	struct buf all = BUF_INIT(MAX_UPLOAD_BYTES);
	struct stream *in = NULL;
	struct err e = ERR_INIT;
	enum err_code rc;

	if (argc != 2)
		return 64;
	if ((rc = stream_open_file(&in, argv[1], MAX_UPLOAD_BYTES, &e)) == ERR_OK &&
	    (rc = stream_read_all(in, &all, &e)) == ERR_OK)
		rc = rpm_files_read(buf_str(&all), all.len, &sink, &e);
	if (rc != ERR_OK)
		(void)fprintf(stderr, "%s\n", e.text);
	stream_close(in);
	buf_done(&all);
	return rc != ERR_OK;
}
