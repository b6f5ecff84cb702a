/* SPDX-License-Identifier: Apache-2.0 */
/* Lists, events, feeds, runs and messages as JSON; see render.h. */
#include <string.h>

#include "core/str.h"
#include "server/render.h"

static void
render_raw(struct render *r, const char *key, const char *json)
{
	jw_key(&r->w, key);
	if (json == NULL)
		jw_null(&r->w);
	else
		jw_raw(&r->w, json, strlen(json));
}

void
render_list(struct render *r, const struct list_row *l)
{
	struct json_writer *w = &r->w;

	jw_object(w);
	render_id(r, "id", "lst", l->id);
	jw_ktext(w, "name", l->name);
	render_raw(r, "select", l->selector_json);
	render_owner(r, &l->owner);
	render_labels(r, l->labels, l->n_labels);
	jw_kint(w, "images", l->n_images);
	jw_ktext(w, "team", l->team);
	jw_ktime(w, "created", l->created_at);
	jw_object_end(w);
}

void
render_event(struct render *r, const struct event_row *e)
{
	struct json_writer *w = &r->w;

	jw_object(w);
	jw_kid(w, "seq", e->seq);
	jw_ktext(w, "kind", event_kind_name(e->kind));
	jw_ktime(w, "at", e->at);
	if (e->vulnerability != NULL) {
		jw_ktext(w, "vulnerability", e->vulnerability);
		jw_ktext(w, "ecosystem", e->ecosystem);
		jw_ktext(w, "package", e->package);
		jw_ktext(w, "status", status_name(e->state));
		jw_ktext(w, "severity", severity_name(e->severity));
		jw_kbool(w, "fixable", (e->flags & EVENT_FIXABLE) != 0);
		jw_kbool(w, "exploited", (e->flags & EVENT_EXPLOITED) != 0);
		jw_kint(w, "images", e->n_images);
	}
	if (e->flags & EVENT_QUIET)
		jw_kbool(w, "quiet", true);
	if (e->image_id > 0) {
		jw_key(w, "image");
		jw_object(w);
		render_id(r, "id", "img", e->image_id);
		jw_ktext(w, "name", e->image);
		jw_object_end(w);
	}
	render_raw(r, "detail", e->detail_json);
	jw_object_end(w);
}

void
render_feed(struct render *r, const struct feed_row *f)
{
	struct json_writer *w = &r->w;

	jw_object(w);
	jw_ktext(w, "name", f->name);
	jw_ktext(w, "source", f->source);
	jw_ktext(w, "driver", f->driver);
	jw_ktext(w, "url", f->url);
	jw_ktext(w, "ecosystems", f->ecosystems);
	jw_ktext(w, "remark", f->remark);
	jw_kbool(w, "enabled", f->enabled);
	jw_kbool(w, "imported", f->imported);
	jw_kint(w, "interval_s", f->interval_ms / 1000);
	jw_ktext(w, "state",
	    f->ever_applied || f->state != RUN_DONE ? run_state_name(f->state)
						    : "waiting");
	jw_kint(w, "records", f->n_records);
	jw_ktime(w, "newest_record", f->newest_record_at);
	jw_ktime(w, "last_news", f->news_at);
	jw_ktime(w, "stale_since", f->stale_since);
	jw_ktime(w, "last_success", f->last_success_at);
	jw_kbool(w, "reading", f->holder != NULL);
	jw_ktime(w, "next", f->next_at);
	jw_kint(w, "failures", f->failures);
	jw_ktext(w, "last_error", f->last_error);
	jw_object_end(w);
}

void
render_run(struct render *r, const struct run_row *run, bool with_matches)
{
	struct json_writer *w = &r->w;

	jw_object(w);
	jw_kid(w, "id", run->id);
	jw_ktext(w, "feed", run->feed);
	jw_ktext(w, "state", run_state_name(run->state));
	jw_ktext(w, "cause", run_cause_name(run->cause));
	jw_kbool(w, "complete", run->complete);
	jw_ktime(w, "started", run->started_at);
	jw_ktime(w, "finished", run->finished_at);
	jw_key(w, "duration_s");
	if (run->finished_at >= run->started_at && run->finished_at != 0)
		jw_int(w, run->finished_at - run->started_at);
	else
		jw_null(w);
	jw_kint(w, "records", run->records);
	jw_kint(w, "added", run->added);
	jw_kint(w, "changed", run->changed);
	jw_kint(w, "unchanged", run->unchanged);
	jw_kint(w, "withdrawn", run->withdrawn);
	jw_kint(w, "skipped", run->skipped);
	if (with_matches) {
		jw_kint(w, "opened", run->opened);
		jw_kint(w, "closed", run->closed);
	}
	jw_kint(w, "bytes", run->bytes);
	jw_ktext(w, "error", run->error);
	render_raw(r, "skipped_records", run->skipped_json);
	jw_object_end(w);
}

void
render_revision(struct render *r, const struct advisory_revision *v)
{
	struct json_writer *w = &r->w;

	jw_object(w);
	jw_ktext(w, "feed", v->feed);
	jw_ktext(w, "record", v->key);
	jw_kint(w, "revision", v->revision);
	jw_ktime(w, "learned", v->learned_at);
	jw_ktime(w, "until", v->until);
	jw_kbool(w, "withdrawn", v->is_withdrawn);
	jw_ktime(w, "missing_since", v->missing_since);
	render_raw(r, "says", v->body_json);
	jw_object_end(w);
}

void
render_message(struct render *r, const struct message_row *m)
{
	struct json_writer *w = &r->w;

	jw_object(w);
	jw_ktext(w, "id", m->id);
	jw_ktext(w, "subscription", m->subscription);
	jw_ktext(w, "channel", m->channel);
	jw_ktext(w, "recipient", m->recipient[0] != '\0' ? m->recipient : NULL);
	jw_ktext(w, "subject", m->subject);
	jw_ktext(w, "state", message_state_name(m->state));
	jw_kid(w, "from", m->first_seq);
	jw_kid(w, "to", m->last_seq);
	jw_kint(w, "attempts", m->attempt);
	jw_kint(w, "last_status", m->last_status);
	jw_ktext(w, "last_error", m->last_error);
	jw_ktext(w, "team", m->team);
	jw_ktime(w, "created", m->created_at);
	jw_ktime(w, "next_try", m->next_at);
	jw_ktime(w, "finished", m->finished_at);
	jw_object_end(w);
}
