/* SPDX-License-Identifier: Apache-2.0 */
/* walk - objects by a table of keys, lists object by object. */
#include "fetchers/walk.h"

#include <stddef.h>

#include "core/str.h"

enum err_code
walk_members(
    struct json_reader *r, const struct walk_field *fields, void *arg, struct err *e)
{
	struct json_value key;
	bool more;
	enum err_code rc;

	while ((rc = json_key(r, &key, &more, e)) == ERR_OK && more) {
		const struct walk_field *f = fields;

		while (f->key != NULL && !str_eq(f->key, key.text))
			f++;
		rc = f->key != NULL ? f->read(arg, e) : json_skip_next(r, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

enum err_code
walk_object(struct json_reader *r, const struct walk_field *fields, void *arg,
    bool *ret_is_object, struct err *e)
{
	bool is_object;
	enum err_code rc = json_enter(r, JSON_OBJECT, &is_object, e);

	if (ret_is_object != NULL)
		*ret_is_object = rc == ERR_OK && is_object;
	if (rc != ERR_OK || !is_object)
		return rc;
	return walk_members(r, fields, arg, e);
}

enum err_code
walk_objects(struct json_reader *r, walk_reader each, void *arg, struct err *e)
{
	struct json_value v;
	bool more;
	enum err_code rc;

	if ((rc = json_enter(r, JSON_ARRAY, &more, e)) != ERR_OK || !more)
		return rc;
	while ((rc = json_item(r, &v, &more, e)) == ERR_OK && more) {
		rc = v.token == JSON_OBJECT ? each(arg, e) : json_skip(r, &v, e);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}
