/* SPDX-License-Identifier: Apache-2.0 */
/*
 * documents - one saved file, packed or not, through a driver's parse: a document, or an
 * archive of documents where the driver's publishers send such.
 *
 * A member of an archive that cannot be read costs itself: it is skipped under its name
 * and the file counts as read in part, so that nothing it may have said is taken for
 * withdrawn.  A damaged archive, or one without a readable member, is a bad document.
 */
#include "fetchers/documents.h"

#include "core/limits.h"
#include "core/members.h"
#include "core/str.h"
#include "core/stream.h"

struct reading {
	const struct driver *driver;
	const struct parse_env *env;
	struct record_sink *sink;
	struct documents documents;
};

static enum err_code
parse_document(struct reading *r, const char *path, struct err *e)
{
	struct stream *in;
	enum err_code rc;

	if ((rc = stream_open_file(&in, path, MAX_FEED_BYTES, e)) != ERR_OK)
		return rc;
	if ((rc = r->driver->parse(in, r->env, r->sink, e)) == ERR_OK)
		r->documents.n++;
	stream_close(in);
	return rc;
}

static void
skip(struct reading *r, const char *name, const char *why)
{
	r->documents.unread++;
	if (r->sink->skipped != NULL)
		r->sink->skipped(r->sink, name, why);
}

/* BAD is the failure of the first member that could not be read. */
static enum err_code
parse_member(struct reading *r, const char *name, struct stream *in, struct err *bad,
    struct err *e)
{
	struct err why = ERR_INIT;
	enum err_code rc = r->driver->parse(in, r->env, r->sink, &why);

	if (rc == ERR_OK) {
		r->documents.n++;
		return ERR_OK;
	}
	if (rc != ERR_INPUT)
		return err_set(e, rc, "%s: %s", name, why.text);
	skip(r, name, why.text);
	if (bad->code == ERR_OK)
		(void)err_set(bad, ERR_INPUT, "%s: %s", name, why.text);
	return ERR_OK;
}

static enum err_code
parse_members(struct reading *r, struct members *m, struct err *e)
{
	struct err bad = ERR_INIT;
	struct stream *in;
	const char *name;
	enum err_code rc;

	while ((rc = members_next(m, &name, &in, e)) == ERR_OK && name != NULL)
		if (str_ends(name, r->driver->member) &&
		    (rc = parse_member(r, name, in, &bad, e)) != ERR_OK)
			return rc;
	if (rc != ERR_OK || r->documents.n > 0)
		return rc;
	if (bad.code != ERR_OK)
		return err_set(e, ERR_INPUT, "no member can be read: %s", bad.text);
	return err_set(e, ERR_INPUT, "an archive without any *%s", r->driver->member);
}

enum err_code
documents_parse(const struct driver *d, const struct parse_env *env, const char *path,
    struct record_sink *sink, struct documents *ret, struct err *e)
{
	const struct members_caps caps = { .member_bytes = MAX_FEED_BYTES,
		.bytes = MAX_ARCHIVE_BYTES,
		.members = MAX_ARCHIVE_MEMBERS };
	struct reading r = { .driver = d, .env = env, .sink = sink };
	struct members *m;
	enum err_code rc = ERR_UNSUPPORTED;

	if (d->member != NULL) {
		struct err none = ERR_INIT;

		rc = members_open_file(&m, path, &caps, &none);
		if (rc == ERR_OK) {
			rc = parse_members(&r, m, e);
			members_close(m);
		} else if (rc != ERR_UNSUPPORTED) {
			return err_set(e, rc, "%s", none.text);
		}
	}
	if (rc == ERR_UNSUPPORTED)
		rc = parse_document(&r, path, e);
	if (rc == ERR_OK)
		*ret = r.documents;
	return rc;
}
