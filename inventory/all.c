/* SPDX-License-Identifier: Apache-2.0 */
/* The readers there are, and which of them a document is for. */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/stream.h"
#include "core/tar.h"
#include "inventory/image_private.h"
#include "inventory/sbom_private.h"
#include "inventory/strangers.h"

const struct reader *const inventory_readers[] = {
	&reader_dpkg,
	&reader_apk,
	&reader_rpm,
	&reader_rpm_manifest,
	&reader_bottlerocket,
	&reader_pacman,
	&reader_cyclonedx,
	&reader_cyclonedx_xml,
	&reader_spdx,
	&reader_spdx_tag,
	&reader_syft,
	&reader_trivy,
	&reader_attestation,
	/* last: any text may be a list */
	&reader_list,
	NULL,
};

#define HEAD_BYTES INVENTORY_HEAD

static enum err_code
refuse(const struct reader *reader, const char *head, size_t n, struct err *e)
{
	static const char accepted[] =
	    "accepted are images, the databases of dpkg, apk, "
	    "rpm and pacman, SBOMs (CycloneDX, SPDX, syft, trivy, "
	    "attested or not) and plain package lists";
	const struct stranger *s = stranger_of(head, n);

	if (s != NULL && s->is_wish)
		return err_set(
		    e, ERR_UNSUPPORTED, "this is %s; " STRANGER_ADVICE, s->what);
	if (s != NULL)
		return err_set(e, ERR_UNSUPPORTED, "this is %s; %s", s->what, accepted);
	return err_set(e, ERR_UNSUPPORTED, "no reader knows this document; %s%s",
	    accepted,
	    reader == &reader_list ? " (of a list, say the system: os=debian:12)" : "");
}

const struct reader *
inventory_recognise(const char *head, size_t n)
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

/* The reader by the first bytes, else by all keys of a JSON document, wherever they stand. */
static enum err_code
find_reader(const void *p, size_t len, const char *head, size_t n,
    const struct reader **ret, struct err *e)
{
	struct stream *in = NULL;
	char keys[HEAD_BYTES];
	size_t n_keys = 0;
	enum err_code rc;

	if ((*ret = inventory_recognise(head, n)) != NULL)
		return ERR_OK;
	if ((rc = stream_open_memory(&in, p, len, MAX_UPLOAD_BYTES, e)) != ERR_OK)
		return rc;
	head_of_keys(in, keys, sizeof(keys), &n_keys);
	stream_close(in);
	if (n_keys > 0)
		*ret = inventory_recognise(keys, n_keys);
	return ERR_OK;
}

/* A document in UTF-16, read as if it had been written in UTF-8. */
static enum err_code
read_utf16(const void *p, size_t len, const struct inventory_hints *hints,
    struct arena *a, struct inventory **ret, struct err *e)
{
	struct buf raw = BUF_INIT(MAX_UPLOAD_BYTES), text = BUF_INIT(MAX_UPLOAD_BYTES);
	struct stream *in = NULL;
	const char *start, *end;
	enum err_code rc = stream_open_memory(&in, p, len, MAX_UPLOAD_BYTES, e);

	if (rc == ERR_OK)
		rc = stream_read_all(in, &raw, e);
	stream_close(in);
	if (rc == ERR_OK)
		rc = utf16_convert(buf_str(&raw), raw.len, &text, e);
	buf_done(&raw);
	if (rc == ERR_OK) {
		start = buf_str(&text);
		/* the declaration of an XML document would say what is no longer true */
		if (str_starts(start, "<?xml") && (end = strstr(start, "?>")) != NULL)
			start = end + 2;
		rc = inventory_read_memory(start,
		    text.len - (size_t)(start - buf_str(&text)), hints, a, ret, e);
	}
	buf_done(&text);
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
	/* no row of the table: it has caps of its own, and is read in a child */
	if (tar_begins(head, n)) {
		const struct image_input archive = { .p = p, .len = len, .fd = -1 };
		const struct image_job job = { .archive = &archive, .hints = hints };

		return image_inventory(&job, a, ret, e);
	}
	if (utf16_is(head, n))
		return read_utf16(p, len, hints, a, ret, e);
	if ((rc = find_reader(p, len, head, n, &reader, e)) != ERR_OK)
		return rc;
	/* any text might be a list, but not one that is known to be something else */
	if (reader == NULL || (reader == &reader_list &&
				  (hints->os == NULL || stranger_of(head, n) != NULL)))
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
