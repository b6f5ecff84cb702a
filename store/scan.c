/* SPDX-License-Identifier: Apache-2.0 */
/* A document that is not registered: its components as subjects, nothing written. */
#include <string.h>

#include "core/arena.h"
#include "core/component.h"
#include "core/ecosystem.h"
#include "core/str.h"
#include "core/verdict.h"
#include "store/apply_private.h"
#include "store/components_private.h"
#include "store/dict.h"
#include "store/finding_private.h"
#include "store/units_private.h"

static enum err_code
make_subject(struct store *st, struct dict *d, const struct component *c,
    int64_t position, struct arena *a, struct subject *ret, struct err *e)
{
	struct version_key key, origin = { 0 };
	const char *scheme = "";
	int64_t ecosystem_id = 0;
	enum err_code rc;

	*ret = (struct subject){
		.component_id = position,
		.ecosystem = str_or_empty(c->ecosystem),
		.package = c->name,
		.version = c->version,
		.origin_package = c->source_package,
		.origin_version = c->source_version,
		.arch = c->arch,
		.module = c->module,
		.streams = c->streams,
		.vendor = c->vendor,
		.flags = c->flags,
	};
	rc = dict_ecosystem(d, ret->ecosystem, &ecosystem_id, &scheme, e);
	if (rc == ERR_OK && ecosystem_id != 0)
		rc = dict_package(d, ecosystem_id, c->name, &ret->package_id, e);
	if (rc == ERR_OK && ecosystem_id != 0 && c->source_package != NULL)
		rc = dict_package(
		    d, ecosystem_id, c->source_package, &ret->origin_package_id, e);
	if (rc != ERR_OK)
		return rc;
	ret->scheme = arena_strdup(a, str_or_empty(scheme));
	st->options.keyer->version(ret->scheme, c->version, a, &key);
	if (c->source_version != NULL)
		st->options.keyer->version(ret->scheme, c->source_version, a, &origin);
	ret->key = key.key;
	ret->exact = key.exact;
	ret->parsable = key.parsable;
	ret->origin_key = origin.key;
	ret->origin_exact = origin.exact;
	ret->origin_parsable = origin.parsable;
	return ERR_OK;
}

static enum err_code
make_units(struct store *st, const struct inventory *inv, struct arena *a,
    struct unit **ret, size_t *ret_n, struct err *e)
{
	struct subject *subjects = arena_array(a, inv->n, sizeof(*subjects));
	struct dict d;
	enum err_code rc = ERR_OK;

	dict_init(&d, st, false);
	for (size_t i = 0; i < inv->n && rc == ERR_OK; i++)
		rc = make_subject(
		    st, &d, &inv->components[i], (int64_t)i + 1, a, &subjects[i], e);
	dict_done(&d);
	return rc == ERR_OK ? units_for_subjects(st, subjects, inv->n, a, ret, ret_n, e)
			    : rc;
}

enum err_code
store_scan_units(struct store *st, const struct inventory *inv, struct arena *a,
    struct unit **ret, size_t *ret_n, struct err *e)
{
	enum err_code rc = tx_read(st, e);

	if (rc != ERR_OK)
		return rc;
	return tx_end(st, make_units(st, inv, a, ret, ret_n, e), e);
}

static void
fill_subject(const struct subject *s, struct arena *a, struct finding_row *f)
{
	const struct ecosystem *eco = ecosystem_find(s->ecosystem);
	const struct component c = {
		.type = eco != NULL ? eco->purl_type : "generic",
		.ecosystem = s->ecosystem[0] != '\0' ? s->ecosystem : NULL,
		.name = s->package,
		.version = s->version,
		.arch = s->arch,
	};

	f->component_id = s->component_id;
	f->package = s->package;
	f->version = s->version;
	f->arch = s->arch;
	f->ecosystem = s->ecosystem;
	f->source_package = s->origin_package;
	f->source_version = s->origin_version;
	f->purl = component_purl(&c, a);
	f->guessed = (s->flags & COMPONENT_GUESSED) != 0;
}

enum err_code
store_scan_finding(struct store *st, const struct unit *u, const struct subject *s,
    const struct decision *d, struct arena *a, struct finding_row *ret, struct err *e)
{
	struct query *q = query(st, STMT_VULNERABILITY);
	enum err_code rc;

	memset(ret, 0, sizeof(*ret));
	fill_subject(s, a, ret);
	ret->vulnerability_id = u->vulnerability_id;
	ret->state = d->state;
	ret->severity = d->severity;
	ret->fix = fix_of(d->state, d->fix_in_other_stream);
	ret->fix_stream = d->fix_stream;
	if (d->by != NULL) {
		ret->vendor_state = d->by->vendor_state;
		ret->vendor_word = d->by->vendor_severity;
		ret->fix_version =
		    d->state == STATUS_FIXED ? d->by->fixed_version : NULL;
	}
	bind_int(q, 1, u->vulnerability_id);
	if ((rc = query_one(q, e)) == ERR_OK) {
		ret->vulnerability = col_dup(q, 0, a);
		ret->cvss_tenths = (int)col_int(q, 2);
		ret->exploited = col_int(q, 3);
		ret->epss_micro = col_null(q, 4) ? -1 : col_int(q, 4);
	}
	query_done(q);
	if (rc == ERR_OK)
		rc = vulnerability_aliases(st, u->vulnerability_id, ret->vulnerability,
		    a, &ret->aliases, &ret->n_aliases, e);
	if (rc == ERR_OK)
		rc = vulnerability_advisories(st, u->vulnerability_id, a,
		    &ret->advisories, &ret->n_advisories, e);
	return rc == ERR_OK
		   ? rating_by(st, u->vulnerability_id, d->severity_by,
			 d->by != NULL ? d->by->record_id : 0, a, &ret->severity_by, e)
		   : rc;
}
