#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""
What no compiler knows about this house: who may know whom, where SQL, the network and the
clock live, what a door tells. One line a finding; status 1 if there is any.

    lint.py PROJECT_DIR
"""
import os
import re
import sys

ROOMS = {
    "core": set(),
    "fetchers": {"core"},
    "inventory": {"core"},
    "match": {"core"},
    "store": {"core"},
    "config": {"core"},
    "notify": {"core", "store"},
    "server": {"core", "fetchers", "inventory", "match", "store", "config", "notify"},
}
# The slab has many small headers instead of one door; nobody enters the server.
DOORS = [room for room in ROOMS if room not in ("core", "server")]
PARAGRAPHS = ["What it is for", "What it promises", "What it does not do", "Threads",
              "Memory", "Errors", "Limits", "Start reading"]
MAX_FUNCTION = 120

SQL = re.compile(r'"\s*(SELECT\s.*\sFROM\s|INSERT\s+(OR \w+ )?INTO\s|DELETE\s+FROM\s|UPDATE\s+\w+\s+SET\s'
                 r'|CREATE\s+(TABLE|INDEX)\s|PRAGMA\s)')
# pattern, where it is at home (path prefixes), what to do instead
AT_HOME = [
    (SQL, ("store/",), "SQL lives in store/"),
    (re.compile(r"\bsqlite3_\w+\("), ("store/sqlite",), "SQLite lives in store/sqlite*.c"),
    (re.compile(r"\bPQ[a-z]\w+\("), ("store/postgres",), "libpq lives in store/postgres*.c"),
    (re.compile(r"\bcurl_\w+\("), ("core/net_", "core/url"), "libcurl lives in core/net_*.c"),
    (re.compile(r"\b(time|clock_gettime|gettimeofday|localtime_r|gmtime_r)\("), ("core/clock.c",),
     "time is asked of core/clock.h"),
    (re.compile(r"\b(sleep|usleep|nanosleep)\("), ("core/clock.c",), "nobody sleeps: wait for an event"),
    (re.compile(r"\bMHD_\w+\("), ("server/",), "libmicrohttpd lives in server/"),
    (re.compile(r"\barchive_\w+_\w+\("), ("core/",), "libarchive lives in core/"),
    (re.compile(r"\bxml\w*(Reader|Parser|SAX)\w*\("), ("core/",), "libxml2 lives in core/"),
]
FORMATTED_SQL = re.compile(r'"[^"]*\b(SELECT|WHERE|VALUES|SET)\b[^"]*%[a-z]')
INCLUDE = re.compile(r'^#include "([a-z]+)/')
DEFINITION = re.compile(r"^[a-z]\w*\(")
TODO = re.compile(r"\b(TODO|FIXME|XXX)\b(?!.*#\d)")
# (file, word of the rule): why it is right there
ALLOWED = [
    ("inventory/registry.c", "nobody sleeps"),  # a registry's pace; tests replace it
    ("fetchers/fetch_get.c", "nobody sleeps"),  # a publisher's pace; tests replace it
]


class Lint:
    def __init__(self, root):
        self.root = root
        self.found = 0

    def say(self, path, number, text):
        if any(path == p and word in text for p, word in ALLOWED):
            return
        print(f"{path}:{number}: {text}")
        self.found += 1

    def sources(self):
        for room in ROOMS:
            for folder, _, names in sorted(os.walk(os.path.join(self.root, room))):
                for name in sorted(names):
                    if name.endswith((".c", ".h", ".def")):
                        path = os.path.join(folder, name)
                        with open(path, encoding="utf-8") as f:
                            yield room, os.path.relpath(path, self.root), f.read().split("\n")

    def line(self, room, path, number, line):
        include = INCLUDE.match(line)
        if include and include[1] in ROOMS and include[1] != room and include[1] not in ROOMS[room]:
            self.say(path, number, f"{room} may not know {include[1]}")
        if TODO.search(line):
            self.say(path, number, "what is left to do has an issue's number")
        if line.rstrip() != line:
            self.say(path, number, "blanks at the end of the line")
        code = line.split("/*")[0]
        if line.lstrip().startswith("*"):
            return
        for pattern, homes, advice in AT_HOME:
            if pattern.search(code) and not path.startswith(homes):
                self.say(path, number, advice)
        if room == "store" and FORMATTED_SQL.search(code):
            self.say(path, number, "SQL is bound, never formatted")

    def functions(self, path, lines):
        """Definitions begin with their name and end with a brace at the line's start."""
        start = None
        for number, line in enumerate(lines, 1):
            if DEFINITION.match(line):
                start = number
            elif line == "}" and start:
                if number - start > MAX_FUNCTION:
                    self.say(path, start, f"a function of {number - start} lines")
                start = None

    def door(self, room):
        path = f"{room}/{room}.h"
        with open(os.path.join(self.root, path), encoding="utf-8") as f:
            head = f.read().split("*/")[1]
        for paragraph in PARAGRAPHS:
            if not re.search(rf"^ \* {paragraph}\b", head, re.M):
                self.say(path, 1, f'the door does not tell "{paragraph}"')

    def run(self):
        for room, path, lines in self.sources():
            if "SPDX-License-Identifier: Apache-2.0" not in lines[0]:
                self.say(path, 1, "no SPDX line")
            for number, line in enumerate(lines, 1):
                self.line(room, path, number, line)
            if path.endswith(".c"):
                self.functions(path, lines)
        for room in DOORS:
            self.door(room)
        return self.found


if __name__ == "__main__":
    found = Lint(sys.argv[1]).run()
    print(f"{found} findings")
    sys.exit(1 if found else 0)
