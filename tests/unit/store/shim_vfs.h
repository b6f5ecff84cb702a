/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shim_vfs - SQLite's file system with an accident in it: at the Nth write or sync the
 * disk is full, answers with an error, or the process is killed.
 */
#ifndef UNIT_STORE_SHIM_VFS_H
#define UNIT_STORE_SHIM_VFS_H

enum accident { ACCIDENT_NONE, ACCIDENT_FULL, ACCIDENT_IO, ACCIDENT_KILL };

/* Put it in front of the default file system; stores opened from now on use it. */
void shim_install(void);
/* The accident happens at the Nth write from now (1 = the next), and at all after it. */
void shim_set(enum accident what, long nth);
/* Writes and syncs since shim_set(). */
long shim_count(void);

#endif
