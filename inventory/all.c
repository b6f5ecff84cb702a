/* SPDX-License-Identifier: Apache-2.0 */
/* The readers there are, and which of them a document is for. */
#include <string.h>

#include "core/arena.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/stream.h"
#include "inventory/inventory_private.h"

const struct reader *const inventory_readers[] = {
	&reader_dpkg,
	&reader_apk,
	&reader_rpm,
	&reader_rpm_manifest,
	&reader_bottlerocket,
	&reader_pacman,
	&reader_cyclonedx,
	/* last: any text may be a list */
	&reader_list,
	NULL,
};

#define HEAD_BYTES 4096

/* Documents we know the name of but have no reader for: say what they are. */
static const struct {
	const char *mark, *what;
} strangers[] = {
	{ "\"spdxVersion\"", "an SPDX document" },
	{ "SPDXVersion:", "an SPDX document" },
	{ "\"SchemaVersion\"", "a trivy report" },
	{ "\"artifacts\"", "a syft document" },
	{ "\"lockfileVersion\"", "an npm lock file" },
	{ "<bom", "a CycloneDX document in XML" },
	{ "\"payloadType\"", "a signed attestation" },
};

static const char *
stranger(const char *head, size_t n)
{
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
		if (memmem(head, n, strangers[i].mark, strlen(strangers[i].mark)) !=
		    NULL)
			return strangers[i].what;
	return NULL;
}

static enum err_code
refuse(const struct reader *reader, const char *head, size_t n, struct err *e)
{
	const char *what = stranger(head, n);

	if (what != NULL)
		return err_set(e, ERR_UNSUPPORTED,
		    "this is %s; accepted are the databases of dpkg, apk, rpm and "
		    "pacman, CycloneDX JSON and plain package lists",
		    what);
	return err_set(e, ERR_UNSUPPORTED,
	    "no reader knows this document; accepted are the databases of dpkg, apk, "
	    "rpm and pacman, CycloneDX JSON and plain package lists%s",
	    reader == &reader_list ? " (of a list, say the system: os=debian:12)" : "");
}

static const struct reader *
recognise(const char *head, size_t n)
{
	const struct reader *best = NULL;
	int most = 0;

	for (size_t i = 0; inventory_readers[i] != NULL; i++) {
		int sure = inventory_readers[i]->sniff(head, n);

		if (sure > most) {
			most = sure;
			best = inventory_readers[i];
		}
	}
	return best;
}

/* The first bytes, inflated, without using up the document. */
static enum err_code
peek(const void *p, size_t len, char head[HEAD_BYTES], size_t *ret_n, struct err *e)
{
	struct stream *in = NULL;
	enum err_code rc = stream_open_memory(&in, p, len, MAX_UPLOAD_BYTES, e);

	*ret_n = 0;
	while (rc == ERR_OK && *ret_n < HEAD_BYTES) {
		const char *piece;
		size_t n;

		rc = stream_read(in, &piece, &n, e);
		if (rc != ERR_OK || n == 0)
			break;
		if (n > HEAD_BYTES - *ret_n)
			n = HEAD_BYTES - *ret_n;
		memcpy(head + *ret_n, piece, n);
		*ret_n += n;
	}
	stream_close(in);
	return rc;
}

enum err_code
inventory_read_memory(const void *p, size_t len, const struct inventory_hints *hints,
    struct arena *a, struct inventory **ret, struct err *e)
{
	struct inventory *inv = arena_zalloc(a, sizeof(*inv));
	const struct reader *reader;
	char head[HEAD_BYTES];
	struct stream *in = NULL;
	size_t n = 0;
	enum err_code rc;

	if ((rc = peek(p, len, head, &n, e)) != ERR_OK)
		return rc;
	if (n == 0)
		return err_set(e, ERR_INPUT, "the document is empty");
	/* any text might be a list, but not one that is known to be something else */
	if ((reader = recognise(head, n)) == NULL ||
	    (reader == &reader_list &&
		(hints->os == NULL || stranger(head, n) != NULL)))
		return refuse(reader, head, n, e);
	inv->reader = reader->name;
	if ((rc = stream_open_memory(&in, p, len, MAX_UPLOAD_BYTES, e)) != ERR_OK)
		return rc;
	rc = reader->read(in, hints, a, inv, e);
	stream_close(in);
	if (rc != ERR_OK)
		return err_wrap(e, rc, "%s", reader->name);
	inventory_mark_superseded(inv, hints->keyer, a);
	inventory_normalize(inv);
	*ret = inv;
	return ERR_OK;
}
