/* SPDX-License-Identifier: Apache-2.0 */
/* The webhook body: {"type":"tocsin.findings","timestamp","data":{...}}. */
#include <string.h>

#include "core/buf.h"
#include "core/json_write.h"
#include "core/limits.h"
#include "core/opaque.h"
#include "notify/notify_private.h"

static void
write_id(struct json_writer *w, const struct digest *d, const char *prefix, int64_t id)
{
	char text[OPAQUE_SIZE];

	jw_ktext(w, "id", opaque_format(d->opaque_key, prefix, id, text));
}

static void
write_owner(struct json_writer *w, const struct owner *o)
{
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

static void
write_list(struct json_writer *w, const struct digest *d)
{
	const struct list_row *l = d->list;

	jw_object(w);
	write_id(w, d, "lst", l->id);
	jw_ktext(w, "name", l->name);
	write_owner(w, &l->owner);
	jw_key(w, "labels");
	jw_object(w);
	for (size_t i = 0; i < l->n_labels; i++)
		jw_ktext(w, l->labels[i].key, l->labels[i].value);
	jw_object_end(w);
	jw_object_end(w);
}

static void
write_coverage(struct json_writer *w, const struct coverage *c, int64_t now_at)
{
	jw_object(w);
	jw_ktext(w, "state", coverage_state_name(c->state));
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
			jw_int(w, now_at > f->last_success_at
				      ? now_at - f->last_success_at
				      : 0);
		jw_object_end(w);
	}
	jw_array_end(w);
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

static void
write_summary(struct json_writer *w, const struct digest *d)
{
	jw_object(w);
	jw_kint(w, "opened", d->n_opened);
	jw_kint(w, "fix_available", d->n_fix_available);
	jw_kint(w, "severity_raised", d->n_severity_raised);
	jw_kint(w, "exploited", d->n_exploited);
	jw_kint(w, "resolved", d->n_resolved);
	jw_kint(w, "images", d->n_images);
	if (d->changes->has_baseline) {
		const struct counts *c = &d->changes->baseline_counts;

		jw_key(w, "baseline");
		jw_object(w);
		jw_kint(w, "images", d->changes->n_baseline_images);
		jw_kint(w, "total", c->total);
		jw_kint(w, "critical", c->critical);
		jw_kint(w, "high", c->high);
		jw_kint(w, "medium", c->medium);
		jw_kint(w, "low", c->low);
		jw_kint(w, "negligible", c->negligible);
		jw_kint(w, "unknown", c->unknown);
		jw_kint(w, "fixable", c->fixable);
		jw_kint(w, "exploited", c->exploited);
		jw_object_end(w);
	}
	jw_object_end(w);
}

static void
write_image(struct json_writer *w, const struct digest *d, const struct change_image *i)
{
	write_id(w, d, "img", i->id);
	jw_ktext(w, "name", i->name);
	jw_ktext(w, "ref", i->ref);
	jw_ktext(w, "digest", i->digest);
	jw_key(w, "owner");
	if (i->owner == NULL && i->contact == NULL) {
		jw_null(w);
		return;
	}
	jw_object(w);
	jw_ktext(w, "name", i->owner);
	jw_ktext(w, "contact", i->contact);
	jw_object_end(w);
}

static void
write_packages(
    struct json_writer *w, const struct digest *d, const struct change_row *row)
{
	size_t n = digest_cut(d, row->n_packages, MAX_MESSAGE_PACKAGES);

	jw_array(w);
	for (size_t i = 0; i < n; i++) {
		const struct change_package *p = &row->packages[i];

		jw_object(w);
		jw_ktext(w, "ecosystem", p->ecosystem);
		jw_ktext(w, "name", p->name);
		jw_ktext(w, "version", p->version);
		jw_ktext(w, "source_package", p->source_package);
		jw_key(w, "fix");
		jw_object(w);
		jw_ktext(w, "state", fix_state_name(p->fix));
		jw_ktext(w, "version", p->fix_version);
		jw_object_end(w);
		jw_object_end(w);
	}
	jw_array_end(w);
}

static void
write_facts(struct json_writer *w, const struct change_row *row)
{
	jw_key(w, "severity");
	jw_object(w);
	jw_ktext(w, "level", severity_name(row->severity));
	jw_ktext(w, "by", row->severity_by);
	jw_ktext(w, "vendor_word", row->vendor_word);
	jw_object_end(w);
	jw_key(w, "cvss");
	if (row->cvss_tenths > 0)
		jw_decimal(w, row->cvss_tenths, 1);
	else
		jw_null(w);
	jw_key(w, "epss");
	if (row->epss_micro >= 0)
		jw_decimal(w, row->epss_micro, 6);
	else
		jw_null(w);
	jw_kbool(w, "exploited", row->exploited != 0);
}

static void
write_row(struct json_writer *w, const struct digest *d, const struct change_row *row)
{
	size_t n_images = digest_cut(d, row->n_listed, MAX_MESSAGE_IMAGES);

	jw_object(w);
	jw_ktext(w, "vulnerability", row->vulnerability);
	jw_ktext(w, "change", change_kind_name(row->kind));
	jw_ktext(w, "reason", row->reason);
	write_facts(w, row);
	jw_ktext(w, "title", row->title);
	jw_ktext(w, "url", row->n_advisories > 0 ? row->advisories[0].url : NULL);
	jw_key(w, "advisories");
	jw_array(w);
	for (size_t i = 0; i < row->n_advisories; i++) {
		jw_object(w);
		jw_ktext(w, "source", row->advisories[i].source);
		jw_ktext(w, "id", row->advisories[i].id);
		jw_ktext(w, "url", row->advisories[i].url);
		jw_object_end(w);
	}
	jw_array_end(w);
	jw_key(w, "packages");
	write_packages(w, d, row);
	jw_kint(w, "image_count", row->n_images);
	jw_key(w, "images");
	jw_array(w);
	for (size_t i = 0; i < n_images; i++) {
		jw_object(w);
		write_image(w, d, &row->images[i]);
		jw_object_end(w);
	}
	jw_array_end(w);
	jw_object_end(w);
}

static const char *
image_word(enum event_kind k)
{
	return k == EVENT_IMAGE_REGISTERED    ? "registered"
	       : k == EVENT_IMAGE_MOVED       ? "moved"
	       : k == EVENT_IMAGE_END_OF_LIFE ? "end_of_life"
	       : k == EVENT_IMAGE_UNREACHABLE ? "unreachable"
	       : k == EVENT_IMAGE_REACHABLE   ? "reachable"
					      : "deleted";
}

static void
write_image_changes(struct json_writer *w, const struct digest *d,
    const struct image_change *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		jw_object(w);
		write_image(w, d, &c[i].image);
		jw_ktext(w, "change", image_word(c[i].kind));
		jw_ktext(w, "previous_digest", c[i].previous_digest);
		jw_kint(w, "gained", c[i].gained);
		jw_kint(w, "lost", c[i].lost);
		if (c[i].kind == EVENT_IMAGE_END_OF_LIFE)
			jw_ktime(w, "ends", c[i].ends_at);
		jw_object_end(w);
	}
}

/* There only when there is something to say. */
static void
write_feed_changes(struct json_writer *w, const struct changes *c)
{
	if (c->n_feeds == 0)
		return;
	jw_key(w, "feeds");
	jw_array(w);
	for (size_t i = 0; i < c->n_feeds; i++) {
		const struct feed_change *f = &c->feeds[i];

		jw_object(w);
		jw_ktext(w, "name", f->feed);
		jw_ktext(w, "change", event_kind_name(f->kind) + strlen("feed."));
		jw_ktime(w, "since", f->at);
		jw_key(w, "detail");
		if (f->detail_json != NULL)
			jw_raw(w, f->detail_json, strlen(f->detail_json));
		else
			jw_null(w);
		jw_object_end(w);
	}
	jw_array_end(w);
}

static void
write_data(struct json_writer *w, const struct digest *d)
{
	const struct changes *c = d->changes;
	size_t shown = digest_cut(d, c->n_rows, MAX_MESSAGE_ENTRIES);
	size_t n_exploited =
	    digest_cut(d, c->n_baseline_exploited, MAX_MESSAGE_ENTRIES);
	bool cut = shown < c->n_rows || n_exploited < c->n_baseline_exploited ||
		   c->n_images > MAX_MESSAGE_IMAGES || d->shrink > 0;

	jw_object(w);
	jw_ktext(w, "message", d->message_id);
	jw_key(w, "subscription");
	jw_object(w);
	write_id(w, d, "sub", d->subscription->id);
	jw_ktext(w, "name", d->subscription->name);
	jw_object_end(w);
	jw_key(w, "list");
	write_list(w, d);
	jw_kid(w, "from", d->from_seq);
	jw_kid(w, "to", d->to_seq);
	jw_kbool(w, "baseline", c->has_baseline);
	jw_key(w, "coverage");
	write_coverage(w, d->coverage, d->at);
	jw_key(w, "summary");
	write_summary(w, d);
	jw_key(w, "vulnerabilities");
	jw_array(w);
	for (size_t i = 0; i < n_exploited; i++)
		write_row(w, d, &c->baseline_exploited[i]);
	for (size_t i = 0; i < shown; i++)
		write_row(w, d, &c->rows[i]);
	jw_array_end(w);
	jw_key(w, "images");
	jw_array(w);
	write_image_changes(w, d, c->baseline_images,
	    digest_cut(d, c->n_baseline_listed, MAX_MESSAGE_IMAGES));
	write_image_changes(
	    w, d, c->images, digest_cut(d, c->n_images, MAX_MESSAGE_IMAGES));
	jw_array_end(w);
	write_feed_changes(w, c);
	jw_kbool(w, "truncated", cut);
	jw_key(w, "next");
	jw_text(w, d->next_url);
	jw_object_end(w);
}

static void
write_notice(struct json_writer *w, const struct digest *d)
{
	jw_object(w);
	jw_ktext(w, "message", d->message_id);
	jw_ktext(w, "channel", d->notice->channel);
	jw_ktext(w, "title", d->notice->title);
	jw_ktext(w, "text", d->notice->text);
	if (d->notice->confirm_url != NULL)
		jw_ktext(w, "confirm", d->notice->confirm_url);
	jw_object_end(w);
}

void
digest_json(const struct digest *d, struct buf *out)
{
	struct json_writer w;

	jw_init(&w, out);
	jw_object(&w);
	jw_ktext(&w, "type", d->notice != NULL ? d->notice->type : "tocsin.findings");
	jw_ktime(&w, "timestamp", d->at);
	jw_key(&w, "data");
	if (d->notice != NULL)
		write_notice(&w, d);
	else
		write_data(&w, d);
	jw_object_end(&w);
}
