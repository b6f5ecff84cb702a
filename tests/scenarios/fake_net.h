/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_net - a network that answers from a script: documents by URL, posts that are kept,
 * mails that are kept, peers that refuse as often as they are told to.
 */
#ifndef TESTS_SCENARIOS_FAKE_NET_H
#define TESTS_SCENARIOS_FAKE_NET_H

#include <stdbool.h>
#include <stddef.h>

#include "core/net.h"

struct arena;

struct fake_document {
	const char *url, *body;
	size_t len;
	int status;       /* 200 unless the peer is to fail */
	unsigned version; /* its ETag; bumped by every change */
	unsigned asked;   /* how often */
};

/* Something that arrived at a receiver. */
struct fake_delivery {
	const char *to; /* URL or mail address */
	const char *body;
	const char *id; /* webhook-id, or Message-ID */
	bool accepted;
};

struct fake_net {
	struct net net; /* first: a struct net * points here */
	struct arena *arena;
	struct {
		struct fake_document *at;
		size_t n, cap;
	} documents;
	struct {
		struct fake_delivery *at;
		size_t n, cap;
	} deliveries;
	const char *failing;   /* receiver that fails ... */
	int fail_status;       /* ... with this ... */
	int failures;          /* ... so many times more */
	int64_t retry_after_s; /* ... asking to wait so long; -1 = not */
};

void fake_net_init(struct fake_net *n, struct arena *a);
/* What URL answers from now on. */
void fake_net_serve(struct fake_net *n, const char *url, const char *body, int status);
struct fake_document *fake_net_document(struct fake_net *n, const char *url);

#endif
