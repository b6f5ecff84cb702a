/* SPDX-License-Identifier: Apache-2.0 */
/* Every setting there is: parser, checks, --show-config and docs/CONFIG.md read this. */
#include <stddef.h>

#include "config/config_private.h"

#define AT(field) offsetof(struct config, field)

const struct setting settings[] = {
	{ "listen", SETTING_TEXT, SETTING_RESTART, AT(listen), 0, 0, "127.0.0.1:8080",
	    "Address and port of the REST server. Port 0 takes a free one and prints "
	    "it." },
	{ "db", SETTING_TEXT, SETTING_RESTART, AT(db), 0, 0, NULL,
	    "The store: a path, or sqlite:/path. Default: tocsin.db in the state "
	    "directory "
	    "($XDG_STATE_HOME/tocsin; /var/lib/tocsin for root)." },
	{ "public_url", SETTING_TEXT, 0, AT(public_url), 0, 0, NULL,
	    "Where people reach this server: the beginning of every link in a "
	    "message." },
	{ "log_level", SETTING_TEXT, 0, AT(log_level), 0, 0, "info",
	    "debug, info, warn or error." },
	{ "feeds.catalogue", SETTING_CATALOGUE, 0, AT(catalogue), 0, 0, "auto",
	    "Which feeds of the catalogue to load: auto (what the registered images "
	    "need, "
	    "plus enrichment), or a list of names and globs; [] for none." },
	{ "feeds.list", SETTING_FEEDS, 0, AT(feeds), 0, 0, NULL,
	    "Own feeds, or catalogue feeds with other values: name, driver, source, "
	    "url, interval, ecosystems, api_key, ca_file, proxy, start, stale_after, "
	    "enabled." },
	{ "feeds.mirror", SETTING_TEXT, 0, AT(mirror), 0, 0, NULL,
	    "Where the feeds of the catalogue are read instead: file:///srv/mirror or "
	    "https://mirror.example.org/x. What the publisher has at https://HOST/PATH "
	    "lies there as HOST/PATH." },
	{ "feeds.fetchers", SETTING_NUMBER, SETTING_RESTART, AT(fetchers), 1, 16, "4",
	    "How many feeds are read at once." },
	{ "feeds.per_host", SETTING_NUMBER, 0, AT(per_host), 1, 16, "4",
	    "How many requests one host sees at once; feeds of many small documents "
	    "use them all." },
	{ "feeds.jitter_percent", SETTING_NUMBER, 0, AT(feed_jitter_percent), 0, 50,
	    "10",
	    "Every interval is stretched by a random part of this, so that a fleet of "
	    "servers does not ask at once. Intervals under a minute are not "
	    "stretched." },
	{ "feeds.shrink_percent", SETTING_NUMBER, 0, AT(shrink_percent), 1, 100, "20",
	    "A run that loses more of a feed's (or ecosystem's) records than this is "
	    "held." },
	{ "feeds.shrink_least", SETTING_NUMBER, 0, AT(shrink_least), 1, 1000000, "50",
	    "... if it is at least so many records." },
	{ "feeds.user_agent", SETTING_TEXT, 0, AT(user_agent), 0, 0, NULL,
	    "How tocsin names itself to feed servers; some refuse empty ones." },
	{ "registries", SETTING_REGISTRIES, 0, AT(registries), 0, 0, "{}",
	    "What is to be known about registries, by host or host:port (globs): "
	    "mirror, ca_file, proxy, plain_http, docker_config, user, password. One "
	    "that stands here may lie in a private network; those that users name may "
	    "not." },
	{ "images.docker_config", SETTING_TEXT, 0, AT(docker_config), 0, 0, NULL,
	    "Where the credentials for registries are; by default what docker or "
	    "podman would read." },
	{ "images.check", SETTING_DURATION, 0, AT(check_ms), 1000, 2592000000, "1h",
	    "How often the tag of a watched image is looked at; that is one request "
	    "and no pull while it has not moved." },
	{ "images.pullers", SETTING_NUMBER, SETTING_RESTART, AT(pullers), 1, 16, "2",
	    "How many images are pulled at once." },
	{ "notify.allow_cidrs", SETTING_CIDRS, 0, AT(allow_cidrs), 0, 0, "[]",
	    "Private networks that webhooks may reach; by default none." },
	{ "notify.gather", SETTING_DURATION, 0, AT(gather_ms), 1000, 86400000, "60s",
	    "How long an immediate subscription waits for more of the same." },
	{ "retention.events", SETTING_DURATION, 0, AT(keep_events_ms), 86400000,
	    INT64_MAX, "400d",
	    "How long the event log is kept; what a subscription has yet to look at is "
	    "never thrown away." },
	{ "retention.messages", SETTING_DURATION, 0, AT(keep_messages_ms), 86400000,
	    INT64_MAX, "400d", "How long delivered and given up messages are kept." },
	{ "retention.bodies", SETTING_DURATION, 0, AT(keep_bodies_ms), 86400000,
	    INT64_MAX, "90d",
	    "How long their texts are kept; without its text a message cannot be "
	    "replayed." },
	{ "notify.retry", SETTING_DURATIONS, 0, AT(retry_ms), 0, 0,
	    "[5s, 30s, 2m, 10m, 1h, 6h, 24h]",
	    "Waits between the tries of a delivery, each with jitter; then it is given "
	    "up." },
	{ "notify.smtp.url", SETTING_TEXT, 0, AT(smtp_url), 0, 0, NULL,
	    "The mail relay: smtp://host:25, or smtps://host:465 for implicit TLS." },
	{ "notify.smtp.from", SETTING_TEXT, 0, AT(smtp_from), 0, 0, NULL,
	    "Sender address of every mail." },
	{ "notify.smtp.user", SETTING_TEXT, 0, AT(smtp_user), 0, 0, NULL,
	    "Login at the relay; needs TLS." },
	{ "notify.smtp.password", SETTING_TEXT, SETTING_SECRET, AT(smtp_password), 0, 0,
	    NULL, "Never printed." },
	{ "notify.smtp.starttls", SETTING_BOOL, 0, AT(smtp_starttls), 0, 0, "false",
	    "Refuse to send unless the relay offers STARTTLS." },
	{ "notify.smtp.ca_file", SETTING_TEXT, 0, AT(smtp_ca_file), 0, 0, NULL,
	    "Certificates to trust for the relay." },
	{ "api.threads", SETTING_NUMBER, SETTING_RESTART, AT(api_threads), 1, 64, "2",
	    "Threads that answer requests, each with its own read connection." },
	{ "api.connections", SETTING_NUMBER, SETTING_RESTART, AT(api_connections), 8,
	    65536, "512", "Connections at one time; more wait." },
	{ "api.max_upload", SETTING_BYTES, 0, AT(max_upload), 1024, 1073741824, "64MiB",
	    "Largest inventory document accepted; a larger one gets 413." },
	{ "api.max_request", SETTING_BYTES, 0, AT(max_request), 1024, 16777216, "1MiB",
	    "Largest JSON request that is no document." },
	{ NULL, SETTING_TEXT, 0, 0, 0, 0, NULL, NULL },
};
