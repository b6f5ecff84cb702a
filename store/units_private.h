/* SPDX-License-Identifier: Apache-2.0 */
/*
 * units_private - reading what a decision needs, for everybody in this room who puts
 * units together: due ones, new components, explain, scan.
 */
#ifndef STORE_UNITS_PRIVATE_H
#define STORE_UNITS_PRIVATE_H

#include "store/feeds.h"
#include "store/store_private.h"

struct subjects {
	struct subject *at;
	size_t n, cap;
};
struct statements {
	struct statement *at;
	size_t n, cap;
};

/* Append the component / the components of a package (installed as it or built from
 * it), by id. */
enum err_code subject_load(struct store *st, int64_t component_id, struct arena *a,
    struct subjects *out, struct err *e);
enum err_code subjects_of_package(struct store *st, int64_t package_id, struct arena *a,
    struct subjects *out, struct err *e);

/* Append what stands about the vulnerability / the package, denials that contradict
 * somebody included; grouped by vulnerability. */
enum err_code statements_of_vulnerability(struct store *st, int64_t vulnerability_id,
    struct arena *a, struct statements *out, struct err *e);
enum err_code statements_of_package(struct store *st, int64_t package_id,
    struct arena *a, struct statements *out, struct err *e);

/*
 * The units for subjects nobody has decided yet: one per vulnerability that some range
 * may hold one of them in; others cannot become matches and are left out.  Subjects need
 * no component row (a scan): they are told apart by component_id.
 */
enum err_code units_for_subjects(struct store *st, const struct subject *subjects,
    size_t n, struct arena *a, struct unit **ret, size_t *ret_n, struct err *e);

#endif
