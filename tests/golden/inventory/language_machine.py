#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold the readers of language packages against other readings of what is installed on this
machine: Python's own mail parser and zip reader, RubyGems, "go version -m", dpkg's lists.

usage: language_machine.py ROWS_DUMP [ROOT]

Exit status 77 when nothing is installed.
"""
import collections
import email.parser
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile

DUMP = sys.argv[1]
ROOT = sys.argv[2] if len(sys.argv) > 2 else "/"
# all of usr/lib would be gigabytes of programs of other languages
FOLDERS = ["usr/lib/python3", "usr/lib/ruby", "usr/lib/node_modules", "usr/share", "usr/local", "opt", "var/lib/gems", "var/lib/dpkg"]
ARCHIVES = (".jar", ".war", ".ear", ".par", ".sar", ".nar", ".jpi", ".hpi", ".kar", ".far", ".lpkg")
NODE = re.compile(r"(^|.*/)node_modules/(@[^/]+/)?[^/@][^/]*/package\.json$")
PYTHON = re.compile(r".*(\.dist-info/METADATA|\.egg-info/PKG-INFO|\.egg/EGG-INFO/PKG-INFO|\.egg-info)$")
checked = collections.Counter()
failures = 0


def fail(text):
    global failures
    failures += 1
    print(text)


def files():
    for folder in FOLDERS:
        for parent, _, names in os.walk(os.path.join(ROOT, folder)):
            for name in names:
                path = os.path.join(parent, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    yield os.path.relpath(path, ROOT), path


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def python(path, real):
    with open(real, encoding="utf-8", errors="surrogateescape") as f:
        head = email.parser.HeaderParser().parse(f)
    if head["Name"] and head["Version"]:
        return {("pypi", normal(head["Name"].strip()), head["Version"].strip(), path)}
    return None


def npm(path, real):
    with open(real, encoding="utf-8-sig") as f:
        try:
            package = json.load(f)
        except ValueError:
            return None
    if isinstance(package, dict) and package.get("name") and package.get("version"):
        return {("npm", package["name"], package["version"], path)}
    return set()


def poms(path, data):
    found = set()
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        for name in z.namelist():
            if name.lower().endswith(ARCHIVES):
                inner = z.read(name)
                if inner[:2] == b"PK":
                    found |= poms(f"{path}!/{name}", inner)
            elif "META-INF/maven/" in name and name.endswith("/pom.properties"):
                rows = re.findall(r"^\s*(groupId|artifactId|version)\s*[=:]\s*(\S+)", z.read(name).decode("latin-1"), re.M)
                p = dict(rows)
                if len(p) == 3 and not any(v.startswith("${") for v in p.values()):
                    found.add(("maven", f"{p['groupId']}:{p['artifactId']}", p["version"], path))
    return found


def java(path, real):
    with open(real, "rb") as f:
        data = f.read()
    return poms(path, data) if data[:2] == b"PK" else None


def gem(path, real):
    if not shutil.which("ruby"):
        return None
    code = "s = Gem::Specification.load(ARGV[0]); print s.name, \"\\n\", s.version"
    got = subprocess.run(["ruby", "-e", code, real], capture_output=True, text=True, check=False).stdout.split("\n")
    return {("gem", got[0], got[1], path)} if len(got) == 2 else None


def go_version(text):
    m = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?(?:(rc|beta)(\d+))?", text)
    return m and f"{m[1]}.{m[2]}.{m[3] or 0}" + (f"-{m[4]}.{m[5]}" if m[4] else "")


def go(path, real):
    with open(real, "rb") as f:
        if f.read(4) != b"\x7fELF":
            return None
    got = subprocess.run(["go", "version", "-m", real], capture_output=True, text=True, check=False)
    if got.returncode or not got.stdout:
        return None
    lines = got.stdout.split("\n")
    found, last = {("golang", "stdlib", go_version(lines[0].rsplit(": ", 1)[1]), path)}, None
    for line in lines[1:] + ["\tend"]:
        words = line.strip("\n").split("\t")[1:] + ["", "", ""]
        if words[0] == "=>":
            last = words[1:3]
            continue
        if last and last[1] not in ("", "(devel)"):
            found.add(("golang", last[0], last[1], path))
        last = words[1:3] if words[0] in ("mod", "dep") else None
    return {f for f in found if f[2]}


def second_reading():
    for path, real in files():
        if PYTHON.match(path):
            yield "python", path, python(path, real)
        elif NODE.match(path):
            yield "npm", path, npm(path, real)
        elif path.endswith(".gemspec") and "/specifications/" in path:
            yield "gem", path, gem(path, real)
        elif path.lower().endswith(ARCHIVES):
            yield "java", path, java(path, real)
        elif shutil.which("go") and ("/go" in path or path.startswith("usr/local")) and os.access(real, os.X_OK):
            yield "go", path, go(path, real)


def third_parties():
    """Packages of vendors who publish their own: what they ship, nobody else covers."""
    with open(os.path.join(ROOT, "var/lib/dpkg/status"), encoding="utf-8", errors="replace") as f:
        for stanza in f.read().split("\n\n"):
            if re.search(r"^Maintainer:.*@(docker|nvidia|hashicorp|microsoft|google|nodesource)\.", stanza, re.M | re.I):
                yield re.search(r"^Package: (\S+)", stanza, re.M)[1]


def owned_paths():
    owned = set()
    folder = os.path.join(ROOT, "var/lib/dpkg/info")
    others = set(third_parties()) if os.path.isdir(folder) else set()
    for name in os.listdir(folder) if os.path.isdir(folder) else []:
        if name.endswith(".list") and name[:-5].split(":")[0] not in others:
            with open(os.path.join(folder, name), encoding="utf-8", errors="surrogateescape") as f:
                owned |= {re.sub(r"^/(bin|sbin|lib|lib32|lib64|libx32)/", r"/usr/\1/", l.rstrip("\n"))[1:] for l in f}
    return owned


def main():
    folders = [f for f in FOLDERS if os.path.isdir(os.path.join(ROOT, f))]
    got = subprocess.run([DUMP, ROOT, *folders], capture_output=True, text=True, errors="surrogateescape", check=True)
    told, flags = collections.defaultdict(set), {}
    for line in got.stdout.splitlines():
        if line.startswith("!"):
            print(line)
            continue
        kind, _, name, version, flag, _, path = line.split("\t")
        outer = path.split("!/")[0]
        told[outer].add((kind, name, version, path, "G" in flag))
        flags[outer] = "O" in flag
    for kind, path, want in second_reading():
        if want is None:
            continue
        checked[kind] += 1
        mine = {c[:4] for c in told[path] if not c[4] and c[0] == (next(iter(want))[0] if want else c[0])}
        # an archive whose manifest says all three is certain without a pom
        if (mine & want if kind == "java" else mine) != want:
            fail(f"{path}: missing {sorted(want - mine)[:3]}, too many {sorted(mine - want)[:3]}")
    owned = owned_paths()
    for path, is_owned in flags.items() if owned else ():
        checked["owner"] += 1
        if is_owned != (path in owned):
            fail(f"{path}: {'owned' if is_owned else 'not owned'}, dpkg says otherwise")
    print(f"{dict(checked)} compared, {failures} differ")
    return 77 if not checked else failures > 0


if __name__ == "__main__":
    sys.exit(main())
