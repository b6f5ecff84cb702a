/* SPDX-License-Identifier: Apache-2.0 */
/* feeds_document - which feeds there are, and what each can and cannot say. */
#ifndef SERVER_FEEDS_DOCUMENT_H
#define SERVER_FEEDS_DOCUMENT_H

#include "core/err.h"

struct buf;

/* docs/FEEDS.md. */
enum err_code feeds_document(struct buf *out, struct err *e);

#endif
