/* SPDX-License-Identifier: Apache-2.0 */
/* oval_scope - conditions: what holds together, what holds either way. */
#include "fetchers/oval_criteria.h"

#include "core/arena.h"
#include "core/str.h"

/* More systems than any definition names; what is beyond is left out. */
#define HOMES_MAX 2000

static bool
have_home(const struct homes *homes, const struct oval_home *h)
{
	for (size_t i = 0; i < homes->n; i++)
		if (str_eq(homes->at[i].ecosystem, h->ecosystem) &&
		    str_eq(homes->at[i].stream, h->stream))
			return true;
	return false;
}

void
oval_add_home(struct arena *a, struct homes *homes, const struct oval_home *h)
{
	if (homes->n < HOMES_MAX && !have_home(homes, h))
		*ARENA_PUSH(a, homes) = *h;
}

/* Both at once: the same system; of its streams the one that is not the base. */
static struct homes
meet_homes(struct arena *a, const struct homes *x, const struct homes *y)
{
	struct homes ret = { NULL, 0, 0 };

	for (size_t i = 0; i < x->n; i++) {
		for (size_t k = 0; k < y->n; k++) {
			const struct oval_home *p = &x->at[i], *q = &y->at[k];

			if (!str_eq(p->ecosystem, q->ecosystem))
				continue;
			if (str_eq(p->stream, q->stream) || *q->stream == '\0')
				oval_add_home(a, &ret, p);
			else if (*p->stream == '\0')
				oval_add_home(a, &ret, q);
		}
	}
	return ret;
}

static struct texts
meet_texts(struct arena *a, const struct texts *x, const struct texts *y)
{
	struct texts ret = { NULL, 0, 0 };

	for (size_t i = 0; i < x->n; i++)
		if (texts_have(y, x->at[i]))
			texts_add(a, &ret, x->at[i]);
	return ret;
}

void
oval_scope_narrow(struct arena *a, struct scope *s, const struct scope *c)
{
	if (c->is_placed) {
		s->homes =
		    s->is_placed ? meet_homes(a, &s->homes, &c->homes) : c->homes;
		s->is_placed = true;
	}
	if (c->is_built) {
		s->archs = s->is_built ? meet_texts(a, &s->archs, &c->archs) : c->archs;
		s->is_built = true;
	}
	if (c->module != NULL)
		s->module = c->module;
	s->is_never = s->is_never || c->is_never || (s->is_placed && s->homes.n == 0) ||
		      (s->is_built && s->archs.n == 0);
}

/* S or C; what the two do not share is no condition any more. */
static void
widen(struct arena *a, struct scope *s, const struct scope *c)
{
	if (c->is_never)
		return;
	if (s->is_never) {
		struct scope copy = *c;

		/* lists grow below: not in the place of another's */
		copy.homes.cap = copy.homes.n;
		copy.archs.cap = copy.archs.n;
		*s = copy;
		return;
	}
	s->is_placed = s->is_placed && c->is_placed;
	for (size_t i = 0; s->is_placed && i < c->homes.n; i++)
		oval_add_home(a, &s->homes, &c->homes.at[i]);
	s->is_built = s->is_built && c->is_built;
	for (size_t i = 0; s->is_built && i < c->archs.n; i++)
		texts_add(a, &s->archs, c->archs.at[i]);
	if (s->module != NULL && !str_eq(s->module, c->module))
		s->module = NULL;
}

static struct scope
scope_of_leaf(struct judge *j, const struct leaf *l)
{
	struct scope s = { .is_never = l->kind == LEAF_NEVER };

	if (l->kind == LEAF_HOME) {
		s.is_placed = true;
		oval_add_home(j->em->arena, &s.homes, &l->home);
	} else if (l->kind == LEAF_ARCH) {
		s.is_built = true;
		s.archs = l->archs;
	} else if (l->kind == LEAF_MODULE) {
		s.module = l->module;
	}
	return s;
}

struct scope
oval_scope_of(struct judge *j, size_t i)
{
	const struct oval_node *n = &j->d->nodes.at[i];
	struct scope s = { .is_never = n->kind == OVAL_OR };

	if (n->kind == OVAL_TEST)
		return scope_of_leaf(j, &j->leaves[i]);
	for (size_t c = i + 1; c < n->end; c = j->d->nodes.at[c].end) {
		struct scope child = oval_scope_of(j, c);

		if (n->kind == OVAL_AND)
			oval_scope_narrow(j->em->arena, &s, &child);
		else
			widen(j->em->arena, &s, &child);
	}
	/* "not all of that" is nothing that an entry could say */
	return n->negate ? (struct scope){ .is_never = false } : s;
}
