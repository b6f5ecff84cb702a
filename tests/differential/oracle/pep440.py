#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""
What python3-packaging (the Debian package; Debian's own interpreter sees it) says about
lines "A B". Nothing is skipped.
"""
import sys

try:
    from packaging.version import InvalidVersion, Version
except ImportError as why:
    print(f"skipped: no python3-packaging: {why}", file=sys.stderr)
    sys.exit(77)


def read(text):
    try:
        return Version(text)
    except InvalidVersion:
        return None


def answer(line):
    a, b = map(read, line.split(" "))
    if a is None or b is None:
        return "unparsable"
    return str((a > b) - (a < b))


def main():
    answers = [answer(line.rstrip("\n")) for line in sys.stdin]
    sys.stdout.write("".join(a + "\n" for a in answers))


if __name__ == "__main__":
    main()
