/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits - every cap on input that somebody else sized, in one table, with the reason.
 * docs/CONFIG.md lists them from here.
 */
#ifndef CORE_LIMITS_H
#define CORE_LIMITS_H

#include <stddef.h>

/* LIMIT(name, value, "why") */
#define LIMITS(LIMIT)                                                                  \
	LIMIT(MAX_FEED_BYTES, 4294967296, "inflated size of one feed document")        \
	LIMIT(MAX_ARCHIVE_BYTES, 68719476736,                                          \
	    "inflated size of an archive of feed documents")                           \
	LIMIT(MAX_ARCHIVE_MEMBERS, 5000000, "members of an archive of feed documents") \
	LIMIT(MAX_FEED_RECORDS, 5000000, "records in one feed run")                    \
	LIMIT(MAX_RECORD_BYTES, 4194304, "one normalized record, as JSON")             \
	LIMIT(MAX_AFFECTED, 20000, "affected entries in one record")                   \
	LIMIT(MAX_JSON_DEPTH, 128, "nesting of any JSON document")                     \
	LIMIT(MAX_JSON_STRING, 8388608, "one JSON string")                             \
	LIMIT(MAX_XML_DEPTH, 128, "elements inside each other in any XML document")    \
	LIMIT(MAX_XML_TEXT, 8388608, "one text or attribute of an XML document")       \
	LIMIT(MAX_XML_ATTRIBUTES, 64, "attributes of one XML element")                 \
	LIMIT(MAX_UPLOAD_BYTES, 268435456, "one inventory document")                   \
	LIMIT(MAX_PAYLOAD, 67108864, "payload of one attestation, as base64")          \
	LIMIT(MAX_REQUEST_BYTES, 1048576, "one JSON request that is no document")      \
	LIMIT(MAX_LISTING_BYTES, 268435456, "a listing of what runs where")            \
	LIMIT(MAX_WATCHES, 500000, "images that a team lets us pull")                  \
	LIMIT(MAX_SIGHTINGS, 200000, "images that one listing names")                  \
	LIMIT(MAX_REGISTRY_MANIFEST, 4194304,                                          \
	    "a manifest or a small blob of a registry")                                \
	LIMIT(MAX_REGISTRY_PAGES, 1000, "pages of a registry's listing")               \
	LIMIT(MAX_COMPONENTS, 1000000, "components of one inventory")                  \
	LIMIT(MAX_LINE, 10485760, "one line of a package database")                    \
	LIMIT(MAX_IMAGE_LAYERS, 512, "layers of one image")                            \
	LIMIT(MAX_LAYER_BYTES, 8589934592, "inflated size of one layer of an image")   \
	LIMIT(MAX_IMAGE_BYTES, 34359738368, "inflated size of everything in an image") \
	LIMIT(MAX_IMAGE_ENTRIES, 2000000, "files, folders and links of one image")     \
	LIMIT(MAX_LAYER_RATIO, 200, "inflated bytes of a layer for one packed byte")   \
	LIMIT(MAX_LAYER_RATIO_FREE, 1073741824, "inflated bytes before that counts")   \
	LIMIT(MAX_IMAGE_FILE, 536870912, "one file of an image that is looked into")   \
	LIMIT(                                                                         \
	    MAX_IMAGE_SPOOL, 8589934592, "all files of an image that are looked into") \
	LIMIT(MAX_IMAGE_DOCUMENT, 4194304, "one manifest, index or configuration")     \
	LIMIT(                                                                         \
	    MAX_IMAGE_DOCUMENTS, 67108864, "all manifests and the like of an archive") \
	LIMIT(MAX_IMAGE_PATH, 4096, "bytes of a path inside an image")                 \
	LIMIT(                                                                         \
	    MAX_LINK_HOPS, 40, "symbolic links followed for one path inside an image") \
	LIMIT(MAX_INDEX_DEPTH, 4, "image indexes inside each other")                   \
	LIMIT(MAX_READER_MEMORY, 3221225472,                                           \
	    "memory of the process that reads an image")                               \
	LIMIT(MAX_READER_CPU_S, 600, "seconds of processor time to read an image")     \
	LIMIT(MAX_READER_WALL_S, 1800, "seconds to read an image")                     \
	LIMIT(MAX_READER_UPLOAD_S, 120, "seconds to read an image that was uploaded")  \
	LIMIT(MAX_READER_RESULT, 268435456, "what is found in an image, as bytes")     \
	LIMIT(MAX_VERSION, 4096, "bytes of a version that gets a key")                 \
	LIMIT(MAX_STORED_VERSION, 256, "bytes of an installed version")                \
	LIMIT(MAX_NAME, 512, "bytes of a package, image or object name")               \
	LIMIT(MAX_TEXT, 65536, "bytes of a description that is kept")                  \
	LIMIT(MAX_TITLE, 1024, "bytes of a title that is kept")                        \
	LIMIT(MAX_LANGUAGE_FILE, 4194304,                                              \
	    "one file that says what a language package is")                           \
	LIMIT(MAX_NESTED_DEPTH, 8, "archives of Java inside each other")               \
	LIMIT(MAX_NESTED_MEMBERS, 2000000, "members of one archive of Java")           \
	LIMIT(MAX_NESTED_BYTES, 4294967296, "inflated size of one archive of Java")    \
	LIMIT(MAX_NESTED_HELD, 536870912, "of that, held in memory at once")           \
	LIMIT(MAX_NESTED_RATIO, 200, "inflated bytes of it for one packed byte")       \
	LIMIT(MAX_OWNED_PATHS, 10000000, "files that the packages of a system own")    \
	LIMIT(MAX_HTTP_BODY, 4194304, "answer of a peer kept in memory")               \
	LIMIT(MAX_LABELS, 64, "labels on one image or list")                           \
	LIMIT(MAX_PAGE, 500, "items of one page of a collection")                      \
	LIMIT(MAX_MESSAGE_IMAGES, 100, "images spelled out per message entry")         \
	LIMIT(MAX_MESSAGE_ENTRIES, 200, "vulnerabilities spelled out per message")     \
	LIMIT(MAX_MESSAGE_PACKAGES, 50, "packages spelled out per message entry")      \
	LIMIT(MAX_MESSAGE_BYTES, 1048576, "one message body")

#define LIMIT_CONST_(name, value, why)                                                 \
	__attribute__((__unused__)) static const size_t name = value;
LIMITS(LIMIT_CONST_)
#undef LIMIT_CONST_

struct limit_row {
	const char *name;
	size_t value;
	const char *why;
};
extern const struct limit_row limits_table[]; /* ends with a NULL name */

#endif
