/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An inventory as bytes, from the child that read it to its parent.  Numbers are 8 bytes,
 * texts a length and their bytes with a NUL behind them; a length of NONE is NULL.  The
 * parent trusts nothing: whatever does not fit exactly is no inventory.
 */
#include <string.h>

#include "core/arena.h"
#include "core/str.h"
#include "inventory/image_private.h"

#define NONE UINT64_MAX

/* A new field wants its line in pack_ and unpack_: then mend these. */
_Static_assert(sizeof(struct component) == 15 * sizeof(void *), "a field more");
_Static_assert(sizeof(struct inventory) == 18 * sizeof(void *), "a field more");

static void
pack_number(struct buf *out, uint64_t n)
{
	buf_add(out, &n, sizeof(n));
}

/* What is no UTF-8 gets a question mark for each byte that is not ASCII. */
static void
pack_text(struct buf *out, const char *text)
{
	size_t n = text != NULL ? strlen(text) : 0;

	pack_number(out, text != NULL ? n : NONE);
	if (text == NULL)
		return;
	if (utf8_valid(text, n)) {
		buf_add(out, text, n + 1);
		return;
	}
	for (; *text != '\0'; text++)
		buf_addc(out, (unsigned char)*text < 0x80 ? *text : '?');
	buf_addc(out, '\0');
}

static void
pack_component(struct buf *out, const struct component *c)
{
	const char *const texts[] = { c->type, c->ecosystem, c->name, c->version,
		c->arch, c->source_package, c->source_version, c->module, c->streams,
		c->purl, c->path, c->layer };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		pack_text(out, texts[i]);
	pack_number(out, c->vendor);
	pack_number(out, c->flags);
	pack_number(out, c->origin);
}

void
inventory_pack(const struct inventory *inv, struct buf *out)
{
	const char *const texts[] = { inv->reader, inv->os.id, inv->os.version,
		inv->os.ecosystem, inv->streams, inv->subject, inv->digest,
		inv->platform };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		pack_text(out, texts[i]);
	pack_number(out, inv->os.state);
	pack_number(out, inv->partial);
	pack_number(out, inv->n_layers);
	for (size_t i = 0; i < inv->n_layers; i++) {
		pack_text(out, inv->layers[i].diff_id);
		pack_number(out, inv->layers[i].origin);
	}
	pack_number(out, inv->n_warnings);
	for (size_t i = 0; i < inv->n_warnings; i++)
		pack_text(out, inv->warnings[i]);
	pack_number(out, inv->n);
	for (size_t i = 0; i < inv->n; i++)
		pack_component(out, &inv->components[i]);
}

struct unpacking {
	const char *p;
	size_t left;
	struct arena *a;
	bool bad;
};

/* A number up to MAX. */
static uint64_t
number(struct unpacking *u, uint64_t max)
{
	uint64_t n = 0;

	if (u->left < sizeof(n)) {
		u->bad = true;
		return 0;
	}
	memcpy(&n, u->p, sizeof(n));
	u->p += sizeof(n);
	u->left -= sizeof(n);
	if (n > max) {
		u->bad = true;
		return 0;
	}
	return n;
}

static const char *
text(struct unpacking *u)
{
	uint64_t n = number(u, NONE);
	const char *p = u->p;

	if (n == NONE || u->bad)
		return NULL;
	if (n >= u->left || p[n] != '\0' || memchr(p, '\0', (size_t)n) != NULL ||
	    !utf8_valid(p, (size_t)n)) {
		u->bad = true;
		return NULL;
	}
	u->p += n + 1;
	u->left -= (size_t)n + 1;
	return arena_strndup(u->a, p, (size_t)n);
}

/* One that is there. */
static const char *
some_text(struct unpacking *u)
{
	const char *value = text(u);

	u->bad = u->bad || value == NULL;
	return str_or_empty(value);
}

static void
unpack_component(struct unpacking *u, struct component *c)
{
	c->type = some_text(u);
	c->ecosystem = text(u);
	c->name = some_text(u);
	c->version = some_text(u);
	c->arch = some_text(u);
	c->source_package = text(u);
	c->source_version = text(u);
	c->module = some_text(u);
	c->streams = some_text(u);
	c->purl = text(u);
	c->path = text(u);
	c->layer = text(u);
	c->vendor = (enum vendor)number(u, VENDOR_COUNT - 1);
	c->flags = (unsigned)number(u, UINT32_MAX);
	c->origin = (enum origin)number(u, ORIGIN_APP);
}

static void
unpack_lists(struct unpacking *u, struct inventory *inv)
{
	struct inventory_layer *layers;

	inv->n_layers = (size_t)number(u, MAX_IMAGE_LAYERS);
	layers = arena_array(u->a, inv->n_layers, sizeof(*layers));
	for (size_t i = 0; i < inv->n_layers && !u->bad; i++) {
		layers[i].diff_id = some_text(u);
		layers[i].origin = (enum origin)number(u, ORIGIN_APP);
	}
	inv->layers = layers;
	/* a text takes more than one byte: no count is larger than what is left */
	inv->n_warnings = inv->cap_warnings = (size_t)number(u, u->left);
	inv->warnings = arena_array(u->a, inv->n_warnings, sizeof(*inv->warnings));
	for (size_t i = 0; i < inv->n_warnings && !u->bad; i++)
		inv->warnings[i] = some_text(u);
	inv->n = inv->cap = (size_t)number(u, MAX_COMPONENTS);
	if (inv->n > u->left)
		u->bad = true;
	if (!u->bad)
		inv->components = arena_array(u->a, inv->n, sizeof(*inv->components));
	for (size_t i = 0; i < inv->n && !u->bad; i++)
		unpack_component(u, &inv->components[i]);
}

enum err_code
inventory_unpack(
    const char *p, size_t len, struct arena *a, struct inventory **ret, struct err *e)
{
	struct unpacking u = { .p = p, .left = len, .a = a };
	struct inventory *inv = arena_zalloc(a, sizeof(*inv));

	inv->reader = some_text(&u);
	inv->os.id = text(&u);
	inv->os.version = text(&u);
	inv->os.ecosystem = text(&u);
	inv->streams = text(&u);
	inv->subject = text(&u);
	inv->digest = text(&u);
	inv->platform = text(&u);
	inv->os.state = (enum coverage_state)number(&u, COVERAGE_COUNT - 1);
	inv->partial = number(&u, 1) != 0;
	unpack_lists(&u, inv);
	if (u.bad || u.left > 0)
		return err_set(e, ERR_INPUT, "the reader of images gave no inventory");
	*ret = inv;
	return ERR_OK;
}
