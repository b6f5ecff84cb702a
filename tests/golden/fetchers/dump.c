/* SPDX-License-Identifier: Apache-2.0 */
/* dump - a sink that writes down what it gets. */
#include "golden/fetchers/dump.h"

#include <stddef.h>

#include "core/record.h"
#include "fetchers/documents.h"

static enum err_code
take_record(struct record_sink *s, const struct record *r, struct err *e)
{
	struct dump *d = (struct dump *)s;

	record_write(r, d->out);
	buf_addc(d->out, '\n');
	d->records++;
	return d->out->full ? err_set(e, ERR_LIMIT, "too much to print") : ERR_OK;
}

static void
take_skipped(struct record_sink *s, const char *key, const char *why)
{
	struct dump *d = (struct dump *)s;

	buf_printf(d->out, "skipped\t%s\t%s\n", key, why);
	d->skipped++;
}

enum err_code
dump_file(struct dump *d, const struct driver *driver, const struct parse_env *env,
    const char *path, struct buf *out)
{
	struct parse_env known = *env;
	struct documents read;
	struct err e = ERR_INIT;
	enum err_code rc;

	if (known.source == NULL)
		known.source = driver->source;
	*d = (struct dump){ .sink = { .record = take_record, .skipped = take_skipped },
		.out = out };
	rc = documents_parse(driver, &known, path, &d->sink, &read, &e);
	if (rc != ERR_OK)
		buf_printf(out, "refused\t%s\t%s\n", err_code_name(rc), e.text);
	return rc;
}
