/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm_sqlite - rpmdb.sqlite (RHEL 9 and newer, Fedora, Amazon Linux 2023, Azure Linux):
 * Packages(hnum, blob) holds the headers; all the other tables are indexes over them.
 */
#include "inventory/rpm_private.h"
#include "inventory/sqlite_table.h"

static bool
is_sqlite(const unsigned char *p, size_t n)
{
	return sqlite_table_is_file(p, n);
}

static enum err_code
take_row(void *arg, const struct sqlite_value *values, struct err *e)
{
	const struct rpm_sink *s = arg;

	if (values[0].kind == SQLITE_BYTES)
		return s->blob(s->arg, values[0].bytes, values[0].len, e);
	s->broken(s->arg, "a row without a header");
	return ERR_OK;
}

static enum err_code
read_sqlite(const unsigned char *p, size_t len, const struct rpm_sink *s, struct err *e)
{
	struct rpm_sink copy = *s;
	const struct sqlite_query q = {
		.table = "Packages",
		.columns = { "blob" },
		.row = take_row,
		.arg = &copy,
	};
	enum err_code rc = sqlite_table_read(p, len, &q, s->arena, e);

	if (rc == ERR_NOTFOUND)
		return err_set(e, ERR_INPUT, "an SQLite file that is no rpm database");
	return rc;
}

const struct rpm_container rpm_sqlite = {
	.name = "sqlite",
	.is = is_sqlite,
	.read = read_sqlite,
};
