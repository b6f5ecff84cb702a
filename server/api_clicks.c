/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages behind the links in messages.  A GET only shows a button, since mail scanners
 * follow every link; the POST acts, without a login and without a redirect, so that a
 * mail program may do it by itself (RFC 8058).
 */
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "notify/notify.h"
#include "server/api.h"
#include "server/live.h"

static enum err_code
read_click(struct request *r, bool unsubscribes, struct click *ret, struct err *e)
{
	unsigned char key[32];
	enum err_code rc = store_opaque_key(r->reader->store, key, e);

	if (rc != ERR_OK)
		return rc;
	if (!notify_click_read(key, r->segments[0], r->arena, ret) ||
	    (ret->kind == CLICK_UNSUBSCRIBES) != unsubscribes)
		return err_set(e, ERR_NOTFOUND, "no such link");
	return ERR_OK;
}

/* TEXT is ours: nothing in it is foreign.  BUTTON NULL = none; FIELD is what it posts. */
static void
page(struct response *out, const char *text, const char *button, const char *field)
{
	out->content_type = "text/html; charset=utf-8";
	buf_printf(&out->body,
	    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	    "<meta name=\"viewport\" content=\"width=device-width\">"
	    "<meta name=\"robots\" content=\"noindex\"><title>tocsin</title></head>\n"
	    "<body><main><h1>tocsin</h1>\n<p>%s</p>\n",
	    text);
	if (button != NULL)
		buf_printf(&out->body,
		    "<form method=\"post\"><button name=\"%s\" value=\"One-Click\">%s"
		    "</button></form>\n",
		    field, button);
	buf_adds(&out->body, "</main></body></html>\n");
}

HANDLER(api_confirm_get)
{
	struct click c;
	enum err_code rc = read_click(r, false, &c, e);

	if (rc == ERR_OK)
		page(out,
		    c.kind == CLICK_CONFIRMS_CHANNEL
			? "Did the test message of tocsin arrive where you see it?"
			: "Do you want to get security messages at this address?",
		    "Yes", "confirm");
	return rc;
}

HANDLER(api_confirm_post)
{
	struct click c;
	enum err_code rc = read_click(r, false, &c, e);

	if (rc != ERR_OK)
		return rc;
	rc = c.kind == CLICK_CONFIRMS_CHANNEL
		 ? store_channel_confirm(r->worker->store, c.id, "link", api_now(r), e)
		 : store_address_confirm(
		       r->worker->store, c.id, c.address, api_now(r), e);
	if (rc != ERR_OK)
		return rc;
	bell_ring(&r->live->deliver);
	page(out, "Thank you. Messages will come here.", NULL, NULL);
	return ERR_OK;
}

HANDLER(api_unsubscribe_get)
{
	struct click c;
	enum err_code rc = read_click(r, true, &c, e);

	if (rc == ERR_OK)
		page(out, "Do you want no more messages of this subscription?",
		    "No more of them", "List-Unsubscribe");
	return rc;
}

HANDLER(api_unsubscribe_post)
{
	struct click c;
	bool again = strstr(r->body, "again=") != NULL;
	enum err_code rc = read_click(r, true, &c, e);

	if (rc == ERR_OK)
		rc = store_unsubscribe(
		    r->worker->store, c.id, c.address, !again, api_now(r), e);
	if (rc != ERR_OK)
		return rc;
	if (again)
		page(out, "Messages of this subscription will come again.", NULL, NULL);
	else
		page(out, "No more messages of this subscription will come.",
		    "I want them again", "again");
	return ERR_OK;
}
