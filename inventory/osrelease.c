/* SPDX-License-Identifier: Apache-2.0 */
/*
 * osrelease - KEY=value lines; single quotes are literal, double quotes know \\ \" \$ \`;
 * '#' comments; the last of two wins; a bad line costs itself, not the file.
 */
#include <string.h>

#include "core/arena.h"
#include "inventory/inventory_private.h"

static bool
is_name(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!((s[i] >= 'A' && s[i] <= 'Z') || (s[i] >= '0' && s[i] <= '9') ||
			s[i] == '_'))
			return false;
	return n > 0;
}

/* The value of S[0..N); NULL if its quotes do not match. */
static const char *
unquote(const char *s, size_t n, struct arena *a)
{
	char *out = arena_alloc(a, n + 1), *p = out;
	char quote = n > 0 && (s[0] == '"' || s[0] == '\'') ? s[0] : '\0';
	size_t i = quote != '\0', end = n;

	if (quote != '\0') {
		if (n < 2 || s[n - 1] != quote)
			return NULL;
		end = n - 1;
	}
	for (; i < end; i++) {
		if (quote == '\'' || s[i] != '\\') {
			if (s[i] == quote && quote != '\0')
				return NULL;
			*p++ = s[i];
			continue;
		}
		if (++i == end)
			return NULL;
		if (strchr("\\\"$`", s[i]) == NULL)
			*p++ = '\\';
		*p++ = s[i];
	}
	*p = '\0';
	return out;
}

static void
set(struct os_words *w, const char *name, size_t n, const char *value)
{
	const struct {
		const char *name;
		const char **word;
	} words[] = {
		{ "ID", &w->id },
		{ "ID_LIKE", &w->id_like },
		{ "VERSION_ID", &w->version_id },
		{ "VERSION_CODENAME", &w->version_codename },
		{ "UBUNTU_CODENAME", &w->ubuntu_codename },
		{ "PRETTY_NAME", &w->pretty_name },
		{ "NAME", &w->name },
		{ "PLATFORM_ID", &w->platform_id },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i].name) == n && memcmp(words[i].name, name, n) == 0)
			*words[i].word = value;
}

/* The next KEY=value line from *TEXT on, which moves behind it; false at the end. */
static bool
next_pair(const char **text, struct arena *a, const char **ret_name, size_t *ret_len,
    const char **ret_value)
{
	while (**text != '\0') {
		const char *line = *text;
		size_t n = strcspn(line, "\n"), eq;

		*text += n + (line[n] == '\n');
		while (n > 0 && strchr(" \t\r", *line) != NULL) {
			line++;
			n--;
		}
		while (n > 0 && strchr(" \t\r", line[n - 1]) != NULL)
			n--;
		for (eq = 0; eq < n && line[eq] != '=';)
			eq++;
		if (n == 0 || line[0] == '#' || eq == n || !is_name(line, eq) ||
		    (*ret_value = unquote(line + eq + 1, n - eq - 1, a)) == NULL)
			continue;
		*ret_name = line;
		*ret_len = eq;
		return true;
	}
	return false;
}

void
osrelease_read(const char *text, struct arena *a, struct os_words *w)
{
	const char *name, *value;
	size_t n;

	while (next_pair(&text, a, &name, &n, &value))
		set(w, name, n, value);
}

const char *
osrelease_value(const char *text, const char *key, struct arena *a)
{
	const char *name, *value, *found = NULL;
	size_t n;

	while (next_pair(&text, a, &name, &n, &value))
		if (strlen(key) == n && memcmp(key, name, n) == 0)
			found = value;
	return found;
}
