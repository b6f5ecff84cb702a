/* SPDX-License-Identifier: Apache-2.0 */
/* feed_parse_dump DRIVER[=SOURCE[,ECOSYSTEM]] FILE - print what the driver makes of it. */
#include <stdio.h>
#include <string.h>

#include "golden/fetchers/dump.h"

int
main(int argc, char **argv)
{
	CLEANUP_BUF struct buf out = BUF_INIT((size_t)1 << 30);
	const struct driver *driver;
	struct parse_env env = { .source = NULL };
	char *equals, *comma;
	struct dump d;
	enum err_code rc;

	if (argc == 3 && (equals = strchr(argv[1], '=')) != NULL) {
		*equals = '\0';
		env.source = equals + 1;
		if ((comma = strchr(equals + 1, ',')) != NULL) {
			*comma = '\0';
			env.ecosystem = comma + 1;
		}
	}
	if (argc != 3 || (driver = driver_find(argv[1])) == NULL) {
		(void)fprintf(stderr,
		    "usage: feed_parse_dump DRIVER[=SOURCE[,ECOSYSTEM]] FILE\n");
		return 64;
	}
	rc = dump_file(&d, driver, &env, argv[2], &out);
	(void)fwrite(buf_str(&out), 1, out.len, stdout);
	return rc == ERR_OK ? 0 : 1;
}
