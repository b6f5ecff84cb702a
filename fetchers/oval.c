/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oval - the Open Vulnerability and Assessment Language (Oracle, SUSE, Azure Linux,
 * Ubuntu, Red Hat and others):
 *
 * <oval_definitions>
 *  <definitions>
 *   <definition id="oval:com.oracle.elsa:def:20190057" class="patch">
 *    <metadata> title, description, references, severity, scores </metadata>
 *    <criteria operator="AND">
 *     <criterion test_ref="..:tst:1" comment="Oracle Linux 8 is installed"/>
 *     <criterion test_ref="..:tst:2" comment="bind is earlier than 32:9.11-16.el8"/>
 *    </criteria>
 *   </definition>
 *  </definitions>
 *  <tests>   <rpminfo_test id="..:tst:2"> object, state </rpminfo_test> </tests>
 *  <objects> <rpminfo_object id> <name>bind</name> </rpminfo_object> </objects>
 *  <states>  <rpminfo_state id> <evr operation="less than">32:9.11-16.el8</evr> .. </states>
 * </oval_definitions>
 *
 * What a definition means is said by sections that come behind all definitions, so these
 * are laid aside (core/spool.h) and only the tables are kept; at the end of the document
 * the definitions come back one by one.  Names are compared without their prefixes, which
 * every publisher chooses anew.
 */
#include "fetchers/oval.h"
#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/spool.h"
#include "core/str.h"
#include "core/xml_read.h"
#include "fetchers/emit.h"
#include "fetchers/fetchers.h"

/* One definition, packed: never more than was gathered for it. */
#define PACKED_MAX (16 * MAX_RECORD_BYTES)

struct oval {
	struct emitter em;
	struct xml_reader *r;
	struct oval_tables *tables; /* owned */
	struct spool *aside;        /* owned: definitions */
	struct buf packed;
	const char *known; /* of the feed's configuration; NULL = not said there */
};

static enum err_code
read_definitions(struct oval *o, struct err *e)
{
	struct oval_definition d;
	struct xml_value v;
	bool more, is_used;
	enum err_code rc;

	while ((rc = xml_child(o->r, &v, &more, e)) == ERR_OK && more) {
		arena_reset(o->em.arena);
		buf_reset(&o->packed);
		rc = oval_definition_read(&o->em, o->r, &v, &d, &is_used, e);
		if (rc == ERR_OK && is_used) {
			oval_definition_pack(&d, &o->packed);
			rc = spool_add(o->aside, buf_str(&o->packed), o->packed.len, e);
		}
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_sections(struct oval *o, struct err *e)
{
	struct xml_value v;
	bool more;
	enum err_code rc;

	while ((rc = xml_child(o->r, &v, &more, e)) == ERR_OK && more) {
		rc = str_eq(v.name, "definitions")
			 ? read_definitions(o, e)
			 : oval_tables_read(o->tables, &o->em, o->r, &v, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
emit_definitions(struct oval *o, struct err *e)
{
	struct oval_definition d;
	const void *p;
	size_t len;
	enum err_code rc;

	while ((rc = spool_next(o->aside, &p, &len, e)) == ERR_OK && p != NULL) {
		arena_reset(o->em.arena);
		oval_definition_unpack(&d, p, len, o->em.arena);
		if ((rc = oval_emit(&o->em, o->tables, &d, o->known, e)) != ERR_OK)
			return rc;
	}
	return rc;
}

static enum err_code
read_document(struct oval *o, struct err *e)
{
	struct xml_value v;
	enum err_code rc;

	if ((rc = xml_next(o->r, &v, e)) != ERR_OK)
		return rc;
	if (!str_eq(v.name, "oval_definitions"))
		return err_set(e, ERR_INPUT, "this is no OVAL: <%s>", v.name);
	/* nothing is told before the document is known to be whole */
	if ((rc = read_sections(o, e)) != ERR_OK ||
	    (rc = xml_next(o->r, &v, e)) != ERR_OK ||
	    (rc = emit_definitions(o, e)) != ERR_OK)
		return rc;
	return emit_judge(&o->em, "an OVAL document", e);
}

static enum err_code
parse(struct stream *in, const struct parse_env *env, struct record_sink *sink,
    struct err *e)
{
	struct oval o = {
		.r = xml_reader_new(in),
		.tables = oval_tables_new(),
		.aside = spool_new(env->spool_dir),
		.packed = BUF_INIT(PACKED_MAX),
		.known = env->ecosystem,
	};
	enum err_code rc;

	emitter_init(&o.em, env, sink);
	rc = read_document(&o, e);
	emitter_done(&o.em);
	buf_done(&o.packed);
	spool_free(o.aside);
	oval_tables_free(o.tables);
	xml_reader_free(o.r);
	return rc;
}

const struct driver driver_oval = {
	.name = "oval",
	.summary = "OVAL definitions: Oracle, SUSE, Azure Linux, Ubuntu, Red Hat",
	.source = "oval",
	.source_rank = 0,
	.says = SAYS_FIXED | SAYS_UNFIXED | SAYS_NOT_AFFECTED | SAYS_SEVERITY,
	.revision = 1,
	.parse = parse,
};
