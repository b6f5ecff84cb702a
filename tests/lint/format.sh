#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Is every C file as clang-format leaves it?  The version matters: Debian 12's.
command -v clang-format-14 >/dev/null || {
	echo "skipped: clang-format-14 is not installed"
	exit 77
}
cd "$1" || exit 1
find core fetchers inventory match store notify server config tests \
	\( -name '*.c' -o -name '*.h' \) -print0 |
	xargs -0 -P 2 -n 40 clang-format-14 --dry-run -Werror
