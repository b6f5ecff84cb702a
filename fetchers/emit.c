/* SPDX-License-Identifier: Apache-2.0 */
/* emit - from what a driver has read to a record that may be handed over. */
#include "fetchers/emit.h"

#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/xml_read.h"
#include "fetchers/fetchers.h"

/* Several times MAX_RECORD_BYTES: the arena also holds what a record leaves behind. */
#define GATHER_MAX (4 * MAX_RECORD_BYTES)
/* More links or names than any record has; what is beyond is left out. */
#define TEXTS_MAX 2000
/* Longest key that a report repeats. */
#define KEY_MAX 200

void
emitter_init(struct emitter *em, const struct parse_env *env, struct record_sink *sink)
{
	*em = (struct emitter){
		.sink = sink, .arena = arena_new(), .source = env->source
	};
}

void
emitter_done(struct emitter *em)
{
	arena_free(em->arena);
	em->arena = NULL;
}

enum err_code
emit_record(struct emitter *em, const struct record *r, struct err *e)
{
	struct err broken = ERR_INIT;
	enum err_code rc;

	if (record_check(r, &broken) != ERR_OK) {
		emit_skipped(em, r->key, broken.text);
		return ERR_OK;
	}
	if ((rc = em->sink->record(em->sink, r, e)) != ERR_OK)
		return rc;
	em->records++;
	return ERR_OK;
}

void
emit_skipped(struct emitter *em, const char *key, const char *why)
{
	const char *text = str_or_empty(key);

	em->skipped++;
	if (em->sink->skipped != NULL)
		em->sink->skipped(em->sink,
		    utf8_clean(em->arena, text, strlen(text), KEY_MAX, true), why);
}

enum err_code
emit_room(const struct emitter *em, struct err *e)
{
	if (arena_used(em->arena) <= GATHER_MAX)
		return ERR_OK;
	return err_set(
	    e, ERR_LIMIT, "one record takes more than %zu bytes", (size_t)GATHER_MAX);
}

enum err_code
emit_end(
    const struct emitter *em, struct json_reader *r, const char *what, struct err *e)
{
	struct json_value v;
	enum err_code rc = json_next(r, &v, e);

	return rc == ERR_OK ? emit_judge(em, what, e) : rc;
}

enum err_code
emit_judge(const struct emitter *em, const char *what, struct err *e)
{
	if (em->records > 0 || em->skipped == 0)
		return ERR_OK;
	return err_set(
	    e, ERR_INPUT, "nothing in the document can be read as part of %s", what);
}

bool
texts_have(const struct texts *t, const char *text)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->at[i], text) == 0)
			return true;
	return false;
}

void
texts_add(struct arena *a, struct texts *t, const char *text)
{
	if (t->n < TEXTS_MAX && !texts_have(t, text))
		*ARENA_PUSH(a, t) = text;
}

const char *
emit_clean(
    struct emitter *em, const char *s, size_t len, size_t max, enum text_form form)
{
	char *text = utf8_clean(em->arena, s, len, max, form == TEXT_LINE);

	if (form == TEXT_LINE)
		text = str_trim(em->arena, text, strlen(text));
	return text[0] == '\0' ? NULL : text;
}

static enum err_code
text_of(struct emitter *em, struct json_reader *r, const struct json_value *v,
    size_t max, enum text_form form, const char **ret, struct err *e)
{
	*ret = NULL;
	if (v->token != JSON_STRING)
		return json_skip(r, v, e);
	*ret = emit_clean(em, v->text, v->len, max, form);
	return emit_room(em, e);
}

enum err_code
emit_xml(struct emitter *em, struct xml_reader *r, size_t max, enum text_form form,
    const char **ret, struct err *e)
{
	const char *text;
	enum err_code rc;

	*ret = NULL;
	if ((rc = xml_text(r, em->arena, &text, e)) != ERR_OK)
		return rc;
	*ret = emit_clean(em, text, strlen(text), max, form);
	return emit_room(em, e);
}

enum err_code
emit_text(struct emitter *em, struct json_reader *r, size_t max, enum text_form form,
    const char **ret, struct err *e)
{
	struct json_value v;
	enum err_code rc;

	if ((rc = json_next(r, &v, e)) != ERR_OK)
		return rc;
	return text_of(em, r, &v, max, form, ret, e);
}

enum err_code
emit_texts(struct emitter *em, struct json_reader *r, size_t max, struct texts *t,
    struct err *e)
{
	struct json_value v;
	const char *text;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(r, JSON_ARRAY, &more, e)) != ERR_OK || !more)
		return rc;
	while ((rc = json_item(r, &v, &more, e)) == ERR_OK && more) {
		if ((rc = text_of(em, r, &v, max, TEXT_LINE, &text, e)) != ERR_OK)
			return rc;
		if (text != NULL)
			texts_add(em->arena, t, text);
	}
	return rc;
}

enum err_code
emit_time(struct emitter *em, struct json_reader *r, int64_t *ret, struct err *e)
{
	const char *text;
	enum err_code rc;

	*ret = 0;
	if ((rc = emit_text(em, r, MAX_NAME, TEXT_LINE, &text, e)) != ERR_OK)
		return rc;
	if (text != NULL && !time_parse(text, ret))
		*ret = 0;
	return ERR_OK;
}

/* True if S has 1..MAX bytes, all printable ASCII and none of them a blank. */
static bool
is_word(const char *s, size_t max)
{
	size_t n = 0;

	for (; s[n] != '\0'; n++)
		if (n == max || s[n] <= ' ' || s[n] > '~')
			return false;
	return n > 0;
}

bool
version_is_sane(const char *version)
{
	return is_word(version, MAX_STORED_VERSION);
}

bool
package_is_sane(const char *name)
{
	return is_word(name, PACKAGE_MAX);
}
