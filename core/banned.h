/* SPDX-License-Identifier: Apache-2.0 */
/*
 * banned - put in front of every .c file by the build: what must not be called
 * and what to call instead.
 */
#ifndef CORE_BANNED_H
#define CORE_BANNED_H

/* Seen before the poisoning, so that system headers stay usable. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* buf_printf(), arena_printf() or snprintf() */
#pragma GCC poison strcpy strcat sprintf vsprintf
/* a scanner of your own; strtok keeps hidden state */
#pragma GCC poison strtok
/* time_format(), time_parse() of core/clock.h */
#pragma GCC poison gmtime localtime asctime ctime
/* str_u64() of core/str.h */
#pragma GCC poison atoi atol atoll
/* random_bytes() of core/digest.h; not poisoned, since libraries name parameters so */
#define BANNED_RANDOM __attribute__((__deprecated__("use random_bytes()")))
int rand(void) BANNED_RANDOM;
void srand(unsigned seed) BANNED_RANDOM;
long random(void) BANNED_RANDOM;
double drand48(void) BANNED_RANDOM;
/* nothing here starts a shell */
#pragma GCC poison system popen

#endif
