/* SPDX-License-Identifier: Apache-2.0 */
/* Images, coverage, findings and explanations as JSON; see render.h. */
#include "server/render.h"

#include <string.h>

#include "core/arena.h"
#include "core/component.h"
#include "core/opaque.h"
#include "core/str.h"
#include "match/match.h"

void
render_id(struct render *r, const char *name, const char *prefix, int64_t id)
{
	char text[OPAQUE_SIZE];

	jw_ktext(&r->w, name, id > 0 ? opaque_format(r->key, prefix, id, text) : NULL);
}

void
render_owner(struct render *r, const struct owner *o)
{
	struct json_writer *w = &r->w;

	jw_key(w, "owner");
	if (o->name == NULL && o->contact == NULL && o->url == NULL) {
		jw_null(w);
		return;
	}
	jw_object(w);
	jw_ktext(w, "name", o->name);
	jw_ktext(w, "contact", o->contact);
	jw_ktext(w, "url", o->url);
	jw_object_end(w);
}

void
render_labels(struct render *r, const struct label *labels, size_t n)
{
	jw_key(&r->w, "labels");
	jw_object(&r->w);
	for (size_t i = 0; i < n; i++)
		jw_ktext(&r->w, labels[i].key, labels[i].value);
	jw_object_end(&r->w);
}

static void
render_texts(struct render *r, const char *key, const char *const *texts, size_t n)
{
	jw_key(&r->w, key);
	jw_array(&r->w);
	for (size_t i = 0; i < n; i++)
		jw_text(&r->w, texts[i]);
	jw_array_end(&r->w);
}

void
render_image(struct render *r, const struct image_row *i)
{
	struct json_writer *w = &r->w;

	jw_object(w);
	render_id(r, "id", "img", i->id);
	jw_ktext(w, "name", i->name);
	jw_ktext(w, "ref", i->ref);
	jw_ktext(w, "digest", i->digest);
	jw_ktext(w, "platform", i->platform);
	jw_ktext(w, "ecosystem", i->ecosystem);
	jw_ktext(w, "state", image_state_name(i->state));
	jw_ktext(w, "purpose", image_purpose_name(i->purpose));
	jw_ktext(w, "coverage", coverage_state_name(i->coverage));
	jw_kint(w, "components", i->n_components);
	render_texts(r, "lists", i->lists, i->n_lists);
	render_labels(r, i->labels, i->n_labels);
	render_owner(r, &i->owner);
	jw_ktext(w, "team", i->team);
	jw_ktime(w, "registered", i->registered_at);
	jw_ktime(w, "updated", i->updated_at);
	jw_object_end(w);
}

bool
render_is_judged(enum coverage_state s, int64_t found)
{
	return s == COVERAGE_COMPLETE || s == COVERAGE_PARTIAL ||
	       (s == COVERAGE_END_OF_LIFE && found > 0);
}

static void
render_coverage_feeds(struct render *r, const struct coverage *c)
{
	struct json_writer *w = &r->w;

	jw_key(w, "feeds");
	jw_array(w);
	for (size_t i = 0; i < c->n_feeds; i++) {
		const struct coverage_feed *f = &c->feeds[i];

		jw_object(w);
		jw_ktext(w, "name", f->name);
		jw_ktime(w, "newest_record", f->newest_record_at);
		jw_key(w, "age_s");
		if (f->last_success_at == 0)
			jw_null(w);
		else
			jw_int(w, r->now_at > f->last_success_at
				      ? r->now_at - f->last_success_at
				      : 0);
		jw_object_end(w);
	}
	jw_array_end(w);
}

void
render_coverage(struct render *r, const struct coverage *c)
{
	struct json_writer *w = &r->w;

	jw_object(w);
	jw_ktext(w, "state", coverage_state_name(c->state));
	render_coverage_feeds(r, c);
	jw_key(w, "not_covered");
	jw_array(w);
	for (size_t i = 0; i < c->n_not_covered; i++) {
		jw_object(w);
		jw_ktext(w, "ecosystem", c->not_covered[i].ecosystem);
		jw_kint(w, "components", (int64_t)c->not_covered[i].components);
		jw_ktext(w, "why", c->not_covered[i].why);
		jw_object_end(w);
	}
	jw_array_end(w);
	jw_object_end(w);
}

void
render_counts(struct render *r, const struct counts *c, bool judged)
{
	struct json_writer *w = &r->w;

	jw_object(w);
	jw_key(w, "total");
	if (judged)
		jw_int(w, c->total);
	else
		jw_null(w);
	jw_kint(w, "critical", c->critical);
	jw_kint(w, "high", c->high);
	jw_kint(w, "medium", c->medium);
	jw_kint(w, "low", c->low);
	jw_kint(w, "negligible", c->negligible);
	jw_kint(w, "unknown", c->unknown);
	jw_kint(w, "fixable", c->fixable);
	jw_kint(w, "exploited", c->exploited);
	jw_kint(w, "accepted", c->accepted);
	jw_object_end(w);
}

static void
render_severity(struct render *r, enum severity level, const char *by, const char *word)
{
	struct json_writer *w = &r->w;

	jw_key(w, "severity");
	jw_object(w);
	jw_ktext(w, "level", severity_name(level));
	jw_ktext(w, "by", by);
	jw_ktext(w, "vendor_word", word);
	jw_object_end(w);
}

static void
render_scores(struct render *r, int cvss_tenths, int64_t epss_micro, int64_t exploited)
{
	struct json_writer *w = &r->w;

	jw_key(w, "cvss");
	if (cvss_tenths > 0)
		jw_decimal(w, cvss_tenths, 1);
	else
		jw_null(w);
	jw_key(w, "epss");
	if (epss_micro >= 0)
		jw_decimal(w, epss_micro, 6);
	else
		jw_null(w);
	jw_kbool(w, "exploited", exploited != 0);
}

static void
render_fix(struct render *r, const struct finding_row *f)
{
	struct json_writer *w = &r->w;

	jw_key(w, "fix");
	jw_object(w);
	jw_ktext(w, "state", fix_state_name(f->fix));
	jw_ktext(w, "version", f->fix_version);
	if (f->fix_stream != NULL)
		jw_ktext(w, "stream", f->fix_stream);
	jw_ktime(w, "since", f->fix_since);
	jw_object_end(w);
}

static void
render_package(struct render *r, const struct finding_row *f)
{
	struct json_writer *w = &r->w;

	jw_key(w, "package");
	jw_object(w);
	jw_ktext(w, "name", f->package);
	jw_ktext(w, "version", f->version);
	jw_ktext(w, "source_package", f->source_package);
	jw_ktext(w, "source_version", f->source_version);
	jw_ktext(w, "purl", f->purl);
	jw_ktext(w, "ecosystem", f->ecosystem);
	jw_object_end(w);
}

static void
render_advisories(struct render *r, const struct advisory_ref *a, size_t n)
{
	struct json_writer *w = &r->w;

	jw_key(w, "advisories");
	jw_array(w);
	for (size_t i = 0; i < n; i++) {
		jw_object(w);
		jw_ktext(w, "source", a[i].source);
		jw_ktext(w, "id", a[i].id);
		jw_ktext(w, "url", a[i].url);
		jw_object_end(w);
	}
	jw_array_end(w);
}

void
render_finding(struct render *r, const struct finding_row *f, bool with_image)
{
	struct json_writer *w = &r->w;

	jw_object(w);
	if (with_image) {
		jw_key(w, "image");
		jw_object(w);
		render_id(r, "id", "img", f->image_id);
		jw_ktext(w, "name", f->image);
		jw_object_end(w);
	}
	jw_ktext(w, "vulnerability", f->vulnerability);
	render_texts(r, "aliases", f->aliases, f->n_aliases);
	render_package(r, f);
	jw_ktext(w, "state",
	    f->state == STATUS_UNDER_INVESTIGATION ? "under_investigation" : "open");
	jw_ktext(w, "vendor_status", status_name(f->state));
	jw_ktext(w, "vendor_state", f->vendor_state);
	render_fix(r, f);
	render_severity(r, f->severity, f->severity_by, f->vendor_word);
	render_scores(r, f->cvss_tenths, f->epss_micro, f->exploited);
	jw_ktext(w, "origin", origin_name(f->origin));
	jw_ktext(w, "confidence", f->guessed ? "low" : "high");
	render_advisories(r, f->advisories, f->n_advisories);
	jw_ktime(w, "first_seen", f->first_seen);
	jw_key(w, "acceptance");
	jw_null(w);
	jw_object_end(w);
}

/* ---- explain ---- */

static void
render_record(struct render *r, const struct statement *s)
{
	struct json_writer *w = &r->w;

	jw_key(w, "record");
	jw_object(w);
	jw_ktext(w, "source", s->source);
	jw_ktext(w, "id", s->advisory);
	jw_ktext(w, "key", s->record_key);
	jw_kint(w, "revision", s->revision);
	jw_ktime(w, "learned", s->learned_at);
	jw_object_end(w);
}

/* The fields both shapes share: what the statement says. */
static void
render_range(struct render *r, const struct statement *s)
{
	struct json_writer *w = &r->w;

	jw_ktext(w, "introduced", s->range.lo_text);
	jw_ktext(w, "fixed", s->fixed_version);
	jw_ktext(w, "last_affected",
	    s->range.bound == BOUND_LAST_AFFECTED ? s->range.hi_text : NULL);
	jw_ktext(w, "status", status_name(s->status));
	jw_ktext(w, "vendor_state", s->vendor_state);
}

void
render_statement(struct render *r, const struct statement *s)
{
	struct json_writer *w = &r->w;

	jw_object(w);
	jw_ktext(w, "kind", package_kind_name(s->kind));
	jw_ktext(w, "stream", s->stream);
	jw_ktext(w, "module", s->module);
	jw_ktext(w, "arch", s->archs);
	render_range(r, s);
	render_record(r, s);
	jw_object_end(w);
}

static void
render_explained(struct render *r, const struct explained_package *p)
{
	struct json_writer *w = &r->w;

	jw_object(w);
	jw_ktext(w, "name", p->name);
	jw_ktext(w, "installed", p->installed);
	jw_ktext(w, "source_package", p->source_package);
	jw_ktext(w, "source_version", p->source_version);
	jw_ktext(w, "ecosystem", p->ecosystem);
	jw_ktext(w, "stream", p->stream);
	jw_ktext(w, "reason", reason_name(p->reason));
	if (p->by != NULL) {
		render_range(r, p->by);
		render_record(r, p->by);
	} else {
		jw_ktext(w, "introduced", NULL);
		jw_ktext(w, "fixed", NULL);
		jw_ktext(w, "last_affected", NULL);
		jw_ktext(w, "status", NULL);
		jw_ktext(w, "record", NULL);
	}
	jw_object_end(w);
}

void
render_explanation(struct render *r, const char *image, const char *vulnerability,
    const struct explanation *x)
{
	struct json_writer *w = &r->w;

	jw_object(w);
	jw_ktext(w, "image", image);
	jw_ktext(w, "vulnerability",
	    x->vulnerability != NULL ? x->vulnerability : vulnerability);
	jw_kbool(w, "known", x->vulnerability != NULL);
	jw_kbool(w, "affected", x->affected);
	jw_ktext(w, "reason", reason_name(x->reason));
	jw_key(w, "packages");
	jw_array(w);
	for (size_t i = 0; i < x->n_packages; i++)
		render_explained(r, &x->packages[i]);
	jw_array_end(w);
	jw_key(w, "others");
	jw_array(w);
	for (size_t i = 0; i < x->n_others; i++)
		render_statement(r, x->others[i]);
	jw_array_end(w);
	jw_object_end(w);
}

/* ---- vulnerabilities ---- */

static void
render_said(struct render *r, const struct said_row *s)
{
	struct json_writer *w = &r->w;

	jw_object(w);
	jw_ktext(w, "source", s->s.source);
	jw_ktext(w, "id", s->s.advisory);
	jw_ktext(w, "url", s->url);
	jw_ktext(w, "ecosystem", s->ecosystem);
	jw_ktext(w, "stream", s->s.stream);
	jw_ktext(w, "package", s->package);
	jw_ktext(w, "kind", package_kind_name(s->s.kind));
	render_range(r, &s->s);
	render_severity(r, s->s.severity, s->s.source, s->s.vendor_severity);
	jw_ktime(w, "learned", s->s.learned_at);
	jw_object_end(w);
}

static bool
disagrees(const struct vulnerability_row *v)
{
	for (size_t i = 1; i < v->n_ratings; i++)
		if (v->ratings[i].severity != v->ratings[0].severity)
			return true;
	return false;
}

static void
render_ratings(struct render *r, const struct vulnerability_row *v)
{
	struct json_writer *w = &r->w;

	jw_key(w, "ratings");
	jw_array(w);
	for (size_t i = 0; i < v->n_ratings; i++) {
		const struct rating *x = &v->ratings[i];

		jw_object(w);
		jw_ktext(w, "by", x->by);
		jw_ktext(w, "speaker", speaker_name(x->speaker));
		jw_ktext(w, "level", severity_name(x->severity));
		jw_ktext(w, "word", x->word);
		jw_key(w, "cvss");
		if (x->score_tenths > 0)
			jw_decimal(w, x->score_tenths, 1);
		else
			jw_null(w);
		jw_object_end(w);
	}
	jw_array_end(w);
	jw_kbool(w, "sources_disagree", disagrees(v));
}

void
render_vulnerability(struct render *r, const struct vulnerability_row *v,
    const struct said_row *said, size_t n)
{
	struct json_writer *w = &r->w;

	jw_object(w);
	jw_ktext(w, "id", v->name);
	render_texts(r, "aliases", v->aliases, v->n_aliases);
	jw_ktext(w, "title", v->title);
	jw_ktext(w, "description", v->description);
	render_severity(r, v->severity, v->severity_by, NULL);
	render_scores(r, v->cvss_tenths, v->epss_micro, v->exploited);
	jw_key(w, "epss_percentile");
	if (v->epss_percentile_micro >= 0)
		jw_decimal(w, v->epss_percentile_micro, 6);
	else
		jw_null(w);
	jw_ktext(w, "cvss_vector", v->cvss_vector);
	jw_ktime(w, "exploited_since", v->exploited);
	jw_ktime(w, "published", v->published);
	jw_ktime(w, "modified", v->modified);
	render_ratings(r, v);
	render_texts(r, "references", v->references, v->n_references);
	jw_key(w, "statements");
	jw_array(w);
	for (size_t i = 0; i < n; i++)
		render_said(r, &said[i]);
	jw_array_end(w);
	jw_object_end(w);
}

/* ---- inventories ---- */

/* Only where there are any: most components are plain. */
static void
render_flags(struct json_writer *w, unsigned flags)
{
	static const struct {
		unsigned flag;
		const char *word;
	} words[] = { { COMPONENT_GUESSED, "guessed" }, { COMPONENT_OWNED, "owned" },
		{ COMPONENT_SUPERSEDED, "superseded" } };

	if (flags == 0)
		return;
	jw_key(w, "flags");
	jw_array(w);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if ((flags & words[i].flag) != 0)
			jw_text(w, words[i].word);
	jw_array_end(w);
}

static void
render_component(struct render *r, const struct component *c)
{
	struct json_writer *w = &r->w;

	jw_object(w);
	jw_ktext(w, "type", c->type);
	jw_ktext(w, "ecosystem", c->ecosystem);
	jw_ktext(w, "name", c->name);
	jw_ktext(w, "version", c->version);
	jw_ktext(w, "arch", c->arch != NULL && c->arch[0] != '\0' ? c->arch : NULL);
	jw_ktext(w, "source_package", c->source_package);
	jw_ktext(w, "source_version", c->source_version);
	jw_ktext(
	    w, "module", c->module != NULL && c->module[0] != '\0' ? c->module : NULL);
	/* what few packages are is said of those alone */
	if (c->vendor == VENDOR_THIRD_PARTY)
		jw_ktext(w, "vendor", "third_party");
	if (c->streams != NULL && c->streams[0] != '\0')
		jw_ktext(w, "streams", c->streams);
	if ((c->flags & COMPONENT_SUPERSEDED) != 0)
		jw_kbool(w, "superseded", true);
	jw_ktext(w, "purl", c->purl);
	jw_ktext(w, "path", c->path);
	jw_ktext(w, "layer", c->layer);
	if (c->layer != NULL)
		jw_ktext(w, "origin", origin_name(c->origin));
	render_flags(w, c->flags);
	jw_object_end(w);
}

/* What only an image has. */
static void
render_layers(struct render *r, const struct inventory *inv)
{
	struct json_writer *w = &r->w;

	jw_ktext(w, "platform", inv->platform);
	jw_key(w, "layers");
	jw_array(w);
	for (size_t i = 0; i < inv->n_layers; i++) {
		jw_object(w);
		jw_ktext(w, "diff_id", inv->layers[i].diff_id);
		jw_ktext(w, "origin", origin_name(inv->layers[i].origin));
		jw_object_end(w);
	}
	jw_array_end(w);
}

void
render_inventory(struct render *r, const struct inventory *inv)
{
	struct coverage c = { .state = inv->os.state };
	struct json_writer *w = &r->w;
	struct arena *a = arena_new();

	inventory_not_covered(inv, &match_keyer, a, &c.not_covered, &c.n_not_covered);
	if (c.state == COVERAGE_COMPLETE && (inv->partial || c.n_not_covered > 0))
		c.state = COVERAGE_PARTIAL;
	jw_object(w);
	jw_key(w, "os");
	jw_object(w);
	jw_ktext(w, "id", inv->os.id);
	jw_ktext(w, "version", inv->os.version);
	jw_ktext(w, "ecosystem", inv->os.ecosystem);
	jw_ktext(w, "state", coverage_state_name(inv->os.state));
	jw_object_end(w);
	jw_key(w, "coverage");
	render_coverage(r, &c);
	jw_ktext(w, "reader", inv->reader);
	jw_ktext(w, "subject", inv->subject);
	jw_ktext(w, "digest", inv->digest);
	if (inv->layers != NULL)
		render_layers(r, inv);
	render_texts(r, "warnings", inv->warnings, inv->n_warnings);
	jw_key(w, "components");
	jw_array(w);
	for (size_t i = 0; i < inv->n; i++)
		render_component(r, &inv->components[i]);
	jw_array_end(w);
	jw_object_end(w);
	arena_free(a);
}
