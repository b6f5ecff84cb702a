/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err - what went wrong, for a program (the code) and for a person (the text).
 *
 * A function that can fail returns an err_code and describes the failure in *e,
 * which the caller owns and which may be NULL.  Outputs (ret_...) are written
 * only on ERR_OK.  Whoever notices a failure words it; whoever passes it on puts
 * the context in front with err_wrap(), so that the text reads outward:
 * "feed debian: https://...: HTTP 503".  A function logs or returns, never both.
 */
#ifndef CORE_ERR_H
#define CORE_ERR_H

enum err_code {
	ERR_OK = 0,
	ERR_NOTFOUND,    /* the thing asked for does not exist */
	ERR_CONFLICT,    /* it exists already, or changed under us */
	ERR_INPUT,       /* a person or a peer sent something malformed */
	ERR_LIMIT,       /* a size, count or rate cap was reached */
	ERR_DENIED,      /* not allowed */
	ERR_UNREACHABLE, /* network or peer trouble: try again later */
	ERR_BUSY,        /* a lock or queue is full: try again soon */
	ERR_STORAGE,     /* the database or the disk said no */
	ERR_UNSUPPORTED, /* understood, but no driver or reader for it */
	ERR_BUG          /* cannot happen; please report */
};

struct err {
	enum err_code code;
	char text[512];
};

#define ERR_INIT ((struct err){ .code = ERR_OK })

/* Fill in E (which may be NULL) and return CODE: "return err_set(e, ...)". */
enum err_code err_set(struct err *e, enum err_code code, const char *fmt, ...)
    __attribute__((__format__(__printf__, 3, 4)));

/* Put the formatted text and ": " in front of what is there; return CODE unchanged. */
enum err_code err_wrap(struct err *e, enum err_code code, const char *fmt, ...)
    __attribute__((__format__(__printf__, 3, 4)));

/* A stable lower-case word for CODE ("not_found", "conflict" ...). */
const char *err_code_name(enum err_code code);

#endif
