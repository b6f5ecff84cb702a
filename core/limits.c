/* SPDX-License-Identifier: Apache-2.0 */
/* limits - the caps once more, as rows that the documentation is made from. */
#include "core/limits.h"

#define LIMIT_ROW(name, value, why) { #name, value, why },
const struct limit_row limits_table[] = { LIMITS(LIMIT_ROW){ NULL, 0, NULL } };
#undef LIMIT_ROW
