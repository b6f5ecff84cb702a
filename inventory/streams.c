/* SPDX-License-Identifier: Apache-2.0 */
/* streams - what the files of three vendors say, in the words of the feeds. */
#include "inventory/streams.h"

#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/json.h"
#include "core/str.h"
#include "core/strmap.h"
#include "inventory/sqlite_table.h"

#define MAX_STREAMS 64 /* more than any system has; the rest is not kept */

static const char pro_status[] = "var/lib/ubuntu-advantage/status.json";
static const char dnf4[] = "var/lib/dnf/history.sqlite";
static const char dnf5[] = "usr/lib/sysimage/libdnf5/transaction_history.sqlite";
static const char *const manifests[] = { "root/buildinfo/content_manifests/",
	"usr/share/buildinfo/content_manifests/", "usr/share/buildinfo/" };

static bool
is_manifest(const char *path)
{
	for (size_t i = 0; i < sizeof(manifests) / sizeof(manifests[0]); i++)
		if (str_starts(path, manifests[i]) && str_ends(path, ".json") &&
		    strchr(path + strlen(manifests[i]), '/') == NULL)
			return true;
	return false;
}

bool
streams_wants(const char *path)
{
	return str_eq(path, pro_status) || str_eq(path, dnf4) || str_eq(path, dnf5) ||
	       is_manifest(path);
}

static void
add_text(struct arena *a, const char ***at, size_t *n, size_t *cap, const char *text)
{
	struct {
		const char **at;
		size_t n, cap;
	} list = { *at, *n, *cap };

	for (size_t i = 0; i < list.n; i++)
		if (str_eq(list.at[i], text))
			return;
	*ARENA_PUSH(a, &list) = arena_strdup(a, text);
	*at = list.at;
	*n = list.n;
	*cap = list.cap;
}

#define ADD(a, list, text) add_text((a), &(list)->at, &(list)->n, &(list)->cap, (text))

/* ---- Ubuntu Pro ---- */

/* {"services": [{"name": "esm-infra", "status": "enabled"}]} */
static void
read_pro(struct streams *s, const struct json *j, struct arena *a)
{
	const struct json *services = json_get(j, "services");

	for (size_t i = 0; i < json_count(services); i++) {
		const struct json *one = json_at(services, i);
		const char *name = json_str(json_get(one, "name"));

		if (name != NULL &&
		    str_eq(json_str(json_get(one, "status")), "enabled"))
			ADD(a, &s->services, name);
	}
}

bool
streams_has_esm(const struct streams *s)
{
	for (size_t i = 0; i < s->services.n; i++)
		if (str_eq(s->services.at[i], "esm-infra"))
			return true;
	return false;
}

/* ---- repositories ---- */

/* {"content_sets": ["rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2"]} */
static void
read_manifest(struct streams *s, const struct json *j, struct arena *a)
{
	const struct json *sets = json_get(j, "content_sets");

	for (size_t i = 0; i < json_count(sets); i++) {
		const char *set = json_str(json_at(sets, i));

		if (set != NULL)
			ADD(a, &s->repositories, set);
	}
}

/* What dnf did to an item last, and from where it came. */
struct history {
	struct arena *a;
	struct strmap *items; /* a package by its number to 1 + its place */
	struct {
		struct last {
			int64_t repository, action, number;
		} * at;
		size_t n, cap;
	} last;
	struct strmap *used; /* numbers of repositories that are in use */
	int64_t removed;     /* the action that takes a package away */
	struct streams *streams;
};

static const char *
number_text(struct arena *a, int64_t number)
{
	return arena_printf(a, "%lld", (long long)number);
}

/* id, item_id, repo_id, action */
static enum err_code
see_step(void *arg, const struct sqlite_value *v, struct err *e)
{
	struct history *h = arg;
	uint64_t *place = strmap_put(h->items, number_text(h->a, v[1].integer), NULL);
	struct last *last;

	(void)e;
	if (*place == 0) {
		(void)ARENA_PUSH(h->a, &h->last);
		*place = h->last.n;
	}
	last = &h->last.at[*place - 1];
	if (v[0].integer >= last->number)
		*last = (struct last){
			.number = v[0].integer,
			.repository = v[2].integer,
			.action = v[3].integer,
		};
	return ERR_OK;
}

/* id, name of an action of dnf5 */
static enum err_code
see_action(void *arg, const struct sqlite_value *v, struct err *e)
{
	struct history *h = arg;

	(void)e;
	if (v[1].kind == SQLITE_BYTES && v[1].len == strlen("Remove") &&
	    memcmp(v[1].bytes, "Remove", v[1].len) == 0)
		h->removed = v[0].integer;
	return ERR_OK;
}

/* id, repoid */
static enum err_code
see_repository(void *arg, const struct sqlite_value *v, struct err *e)
{
	struct history *h = arg;

	(void)e;
	if (v[1].kind == SQLITE_BYTES &&
	    strmap_get(h->used, number_text(h->a, v[0].integer)) != NULL)
		ADD(h->a, &h->streams->repositories,
		    arena_strndup(h->a, (const char *)v[1].bytes, v[1].len));
	return ERR_OK;
}

/* The steps of dnf4, else those of dnf5, whose actions are numbered in a table. */
static enum err_code
read_steps(struct history *h, const void *p, size_t n)
{
	struct sqlite_query steps = {
		.table = "trans_item",
		.columns = { "id", "item_id", "repo_id", "action" },
		.row = see_step,
		.arg = h,
	};
	const struct sqlite_query actions = {
		.table = "trans_item_action",
		.columns = { "id", "name" },
		.row = see_action,
		.arg = h,
	};
	enum err_code rc;

	h->removed = 8;
	if ((rc = sqlite_table_read(p, n, &steps, h->a, NULL)) != ERR_NOTFOUND)
		return rc;
	if ((rc = sqlite_table_read(p, n, &actions, h->a, NULL)) != ERR_OK)
		return rc;
	steps.columns[3] = "action_id";
	return sqlite_table_read(p, n, &steps, h->a, NULL);
}

static void
read_history(struct streams *s, const void *p, size_t n, struct arena *a)
{
	struct history h = {
		.a = a,
		.items = strmap_new(),
		.used = strmap_new(),
		.streams = s,
	};
	const struct sqlite_query repositories = {
		.table = "repo",
		.columns = { "id", "repoid" },
		.row = see_repository,
		.arg = &h,
	};

	if (read_steps(&h, p, n) == ERR_OK) {
		for (size_t i = 0; i < h.last.n; i++)
			if (h.last.at[i].action != h.removed)
				(void)strmap_put(h.used,
				    number_text(a, h.last.at[i].repository), NULL);
		(void)sqlite_table_read(p, n, &repositories, a, NULL);
	}
	strmap_free(h.items);
	strmap_free(h.used);
}

void
streams_read(
    struct streams *s, const char *path, const void *p, size_t n, struct arena *a)
{
	struct json *j = NULL;

	if (str_eq(path, dnf4) || str_eq(path, dnf5)) {
		read_history(s, p, n, a);
	} else if (json_parse(&j, p, n, NULL) == ERR_OK) {
		if (str_eq(path, pro_status))
			read_pro(s, j, a);
		else
			read_manifest(s, j, a);
	}
	json_free(j);
}

/* ---- in the words of the feeds ---- */

struct set {
	const char *at[MAX_STREAMS];
	size_t n;
};

static void
put(struct set *set, const char *name)
{
	for (size_t i = 0; i < set->n; i++)
		if (str_eq(set->at[i], name))
			return;
	if (set->n < MAX_STREAMS && strchr(name, ',') == NULL && *name != '\0')
		set->at[set->n++] = name;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *
text_of(struct set *set, struct arena *a)
{
	const char *text = "";

	qsort(set->at, set->n, sizeof(set->at[0]), compare_names);
	for (size_t i = 0; i < set->n; i++)
		text = arena_printf(a, "%s%s%s", text, i > 0 ? "," : "", set->at[i]);
	return text;
}

static void
put_list(struct set *set, const char *list, struct arena *a)
{
	while (list != NULL && *list != '\0') {
		size_t n = strcspn(list, ",");

		put(set, arena_strndup(a, list, n));
		list += n + (list[n] == ',');
	}
}

const char *
streams_join(const char *one, const char *other, struct arena *a)
{
	struct set set = { .n = 0 };

	put_list(&set, one, a);
	put_list(&set, other, a);
	return text_of(&set, a);
}

/* Is WORD one of the parts of ID that stand between dashes? */
static bool
has_part(const char *id, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = strstr(id, word); p != NULL; p = strstr(p + 1, word))
		if (p > id && p[-1] == '-' && p[n] == '-')
			return true;
	return false;
}

/* The minor of "...-rpms__9_DOT_2", else that of the system itself. */
static const char *
minor_of(const char *id, const struct os *os, struct arena *a)
{
	const char *dot = strstr(id, "_DOT_"), *mark = strstr(id, "__");

	if (dot == NULL || mark == NULL || mark > dot)
		return os->version;
	return arena_printf(a, "%.*s.%.*s", (int)(dot - mark - 2), mark + 2,
	    (int)strspn(dot + 5, "0123456789"), dot + 5);
}

static const char *
stream_of_redhat(const char *id, const struct os *os, struct arena *a)
{
	static const char *const lines[] = { "eus", "aus", "tus", "e4s" };
	const char *minor = minor_of(id, os, a);

	if (minor == NULL)
		return NULL;
	if (has_part(id, "els"))
		return arena_printf(a, "els:%.*s", (int)strcspn(minor, "."), minor);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (has_part(id, lines[i]))
			return arena_printf(a, "%s:%s", lines[i], minor);
	return NULL;
}

static const char *
stream_of_amazon(const char *id, struct arena *a)
{
	static const char extra[] = "amzn2extra-";
	static const char *const beside[] = { "kernel-livepatch", "nvidia" };

	if (str_starts(id, extra))
		return arena_printf(a, "extras:%s", id + strlen(extra));
	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++)
		if (str_starts(id, beside[i]))
			return arena_printf(a, "extras:%s", beside[i]);
	return NULL;
}

const char *
streams_of(const struct streams *s, const struct os *os, struct arena *a)
{
	struct set set = { .n = 0 };
	const char *family = str_or_empty(os->ecosystem), *name;

	for (size_t i = 0; str_starts(family, "ubuntu:") && i < s->services.n; i++) {
		name = s->services.at[i];
		put(&set, str_eq(name, "realtime-kernel") ? "realtime" : name);
	}
	for (size_t i = 0; i < s->repositories.n; i++) {
		name = s->repositories.at[i];
		if (str_starts(family, "rhel:"))
			name = stream_of_redhat(name, os, a);
		else if (str_starts(family, "amzn:"))
			name = stream_of_amazon(name, a);
		else
			name = NULL;
		if (name != NULL)
			put(&set, name);
	}
	return text_of(&set, a);
}
