/* SPDX-License-Identifier: Apache-2.0 */
/*
 * severity_word - what vendors call it: "Important", "MODERATE", "urgent", in any case.
 *
 * For the files of this room only.
 */
#ifndef FETCHERS_SEVERITY_WORD_H
#define FETCHERS_SEVERITY_WORD_H

#include "core/words.h"

/* SEVERITY_UNKNOWN for NULL and for words that name no degree ("None", "Unknown"). */
enum severity severity_of_word(const char *word);

#endif
