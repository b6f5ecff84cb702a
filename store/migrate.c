/* SPDX-License-Identifier: Apache-2.0 */
/* migrate - numbered schema files, each applied once with its number in one transaction;
 * and what a store is born with. */
#include "core/digest.h"
#include "store/rekey_private.h"
#include "store/store_private.h"

static int
newest(const struct engine *engine)
{
	int number = 0;

	for (const struct schema_file *f = engine->schemas; f->sql != NULL; f++)
		number = f->number;
	return number;
}

/* Another process may have been first: the number is read again under the lock. */
static enum err_code
apply_file(struct store *st, const struct schema_file *f, struct err *e)
{
	int number = 0;
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	rc = st->engine->schema_get(st, &number, e);
	if (rc == ERR_OK && number < f->number) {
		rc = st->engine->script(st, f->sql, e);
		if (rc == ERR_OK)
			rc = st->engine->schema_set(st, f->number, e);
	}
	rc = tx_end(st, rc, e);
	return rc == ERR_OK ? ERR_OK : err_wrap(e, rc, "schema file %d", f->number);
}

/* The secret that turns ids into opaque texts. */
static enum err_code
write_birthmark(struct store *st, struct err *e)
{
	unsigned char key[32];
	char hex[2 * sizeof(key) + 1];
	struct query *q;
	enum err_code rc;

	if ((rc = tx_begin(st, e)) != ERR_OK)
		return rc;
	random_bytes(key, sizeof(key));
	q = query(st, STMT_META_PUT);
	bind_text(q, 1, "opaque_key");
	bind_text(q, 2, hex_encode(key, sizeof(key), hex));
	rc = query_run(q, e);
	return tx_end(st, rc, e);
}

static enum err_code
mark(struct store *st, struct err *e)
{
	struct query *q = query(st, STMT_META_GET);
	enum err_code rc;

	bind_text(q, 1, "opaque_key");
	rc = query_one(q, e);
	query_done(q);
	if (rc == ERR_NOTFOUND)
		rc = st->options.read_only ? ERR_OK : write_birthmark(st, e);
	return rc;
}

enum err_code
migrate(struct store *st, struct err *e)
{
	int have = 0, want = newest(st->engine);
	enum err_code rc;

	if ((rc = st->engine->schema_get(st, &have, e)) != ERR_OK)
		return rc;
	if (have > want)
		return err_set(e, ERR_CONFLICT,
		    "its schema %d was made by a newer tocsin; this one knows up to %d",
		    have, want);
	if (have < want && st->options.read_only)
		return err_set(e, ERR_CONFLICT,
		    "its schema %d is older than this tocsin's %d; open it for writing "
		    "once to bring it up to date",
		    have, want);
	for (const struct schema_file *f = st->engine->schemas; f->sql != NULL; f++)
		if (f->number > have && (rc = apply_file(st, f, e)) != ERR_OK)
			return rc;
	if ((rc = mark(st, e)) != ERR_OK)
		return rc;
	return rekey_check(st, e);
}
