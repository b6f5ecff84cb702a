#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Package databases beside the programs they belong to: what tocsin reads must be what rpm
says of the same file, or a second reading in another language where rpm cannot.

usage: databases.py TOCSIN DATA-DIRECTORY RPM_FILES_DUMP

First databases that Debian's rpm makes here, with packages built for it, in each of its
forms; then every real one of the data directory. Exit status 77 when neither is there.
"""
import glob
import json
import os
import re
import shutil
import sqlite3
import struct
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree
import zlib

TOCSIN, DATA, FILES = sys.argv[1:4]
QUERY = "%{NAME}\t%{EPOCHNUM}\t%{VERSION}\t%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\t%{VENDOR}\t%{MODULARITYLABEL}\n"
failures = checked = 0


def fail(what, text):
    global failures
    failures += 1
    print(f"{what}: {text}")


def same(what, want, got):
    global checked
    checked += 1
    if sorted(want) != sorted(got):
        missing, extra = sorted(set(want) - set(got)), sorted(set(got) - set(want))
        fail(what, f"{len(want)} expected, {len(got)} read; missing {missing[:3]}, too many {extra[:3]}")
    else:
        print(f"{what}: {len(got)}, the same")


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, **more)


def inventory(path, *options):
    got = run(TOCSIN, "inventory", path, "-o", "json", *options)
    if got.returncode != 0:
        fail(path, f"exit status {got.returncode}: {got.stderr[:300]}")
        return {"components": [], "warnings": [], "os": {}}
    return json.loads(got.stdout)


def evr(epoch, version, release):
    return (f"{epoch}:" if int(epoch) else "") + f"{version}-{release}"


def plain(version):
    return re.sub(r"^\d+:", "", version) if version else version


def source(text):
    found = re.fullmatch(r"(.+)-([^-]+-[^-]+)\.(?:no)?src(?:\.rpm)?", text or "")
    return (found[1], plain(found[2])) if found else (None, None)


def facts(answer):
    """Sources without their epoch, which no header tells."""
    return [(c["name"], c["version"], c["arch"], c["source_package"], plain(c["source_version"]), c["module"])
            for c in answer["components"]]


def expected(rows):
    """Of rows as QUERY writes them."""
    for name, epoch, version, release, arch, sourcerpm, _, module in rows:
        if name == "gpg-pubkey":
            continue
        label = None if module in ("(none)", "") else ":".join(module.split(":")[:2])
        yield (name, evr(epoch, version, release), arch, *source(sourcerpm), label)


def rpm_says(folder):
    """What rpm itself finds; in a copy, since it writes where it reads."""
    with tempfile.TemporaryDirectory() as copy:
        for path in glob.glob(f"{folder}/*"):
            shutil.copy(path, copy)
            os.chmod(os.path.join(copy, os.path.basename(path)), 0o600)
        got = run("rpm", "--dbpath", copy, "-qa", "--qf", QUERY)
        return [line.split("\t") for line in got.stdout.splitlines()]


def same_files(name, path):
    """Whose files are whose, too."""
    with tempfile.TemporaryDirectory() as copy:
        shutil.copy(path, copy)
        os.chmod(os.path.join(copy, os.path.basename(path)), 0o600)
        want = run("rpm", "--dbpath", copy, "-qa", "--qf", "[%{=NAME} %{FILENAMES}\n]").stdout.splitlines()
    same(f"{name}, files", want, run(FILES, path).stdout.splitlines())


# ---- a second reading of headers and of ndb ----

def header_row(blob):
    entries, size = struct.unpack_from(">II", blob)
    data, tags = 8 + 16 * entries, {}
    assert data + size == len(blob)
    for i in range(entries):
        tag, kind, at, _ = struct.unpack_from(">IIII", blob, 8 + 16 * i)
        if kind in (6, 9):
            tags[tag] = blob[data + at:blob.index(b"\0", data + at)].decode(errors="replace")
        elif kind == 4:
            tags[tag] = struct.unpack_from(">I", blob, data + at)[0]
    return [tags.get(1000, ""), tags.get(1003, 0), tags.get(1001, ""), tags.get(1002, ""), tags.get(1022, ""),
            tags.get(1044, ""), tags.get(1011, ""), tags.get(5096, "")]


def ndb_rows(path):
    with open(path, "rb") as f:
        data = f.read()
    pages = struct.unpack_from("<I", data, 12)[0]
    for at in range(32, pages * 4096, 16):
        _, _, offset, blocks = struct.unpack_from("<4sIII", data, at)
        if offset:
            size = struct.unpack_from("<I", data, offset * 16 + 12)[0]
            end = (offset + blocks) * 16
            assert zlib.adler32(data[offset * 16:end - 12]) == struct.unpack_from("<I", data, end - 12)[0]
            yield header_row(data[offset * 16 + 16:offset * 16 + 16 + size])


def sqlite_rows(path):
    db = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    for (blob,) in db.execute("select blob from Packages"):
        yield header_row(blob)


# ---- databases that rpm makes here ----

SPEC = """Name: {name}
Version: {version}
Release: {release}
Summary: of the tests
License: none
{more}
%description
{description}
%package libs
Summary: of the tests
{libs}
%description libs
of the tests
%files
%files libs
"""
PACKAGES = [
    {"name": "plain", "version": "1.0", "release": "1.el9", "more": "Vendor: Red Hat, Inc."},
    {"name": "with-epoch", "version": "2.0~rc1", "release": "3.el9", "more": "Epoch: 4\nVendor: Red Hat, Inc."},
    {"name": "own-version", "version": "3", "release": "1", "more": "Epoch: 2", "libs": "Version: 9.9"},
    {"name": "modular", "version": "18.1", "release": "2.module+el9", "more": "ModularityLabel: nodejs:18:9020:rhel9"},
    {"name": "extra", "version": "1", "release": "1.el9", "more": "Vendor: Fedora Project"},
    {"name": "third-party", "version": "5^git1", "release": "1", "more": "Vendor: Docker"},
    {"name": "long", "version": "1", "release": "1", "description": "word " * 9000},
    {"name": "utf8", "version": "1", "release": "1", "more": "Vendor: Bücher & Söhne"},
]


def build(folder):
    files = []
    for p in PACKAGES:
        spec = os.path.join(folder, f"{p['name']}.spec")
        with open(spec, "w", encoding="utf-8") as f:
            f.write(SPEC.format(**{"more": "", "libs": "", "description": "of the tests", **p}))
        got = run("rpmbuild", "-bb", "--define", f"_topdir {folder}/top", "--define", "_build_id_links none",
                  "--target", "noarch", spec)
        if got.returncode != 0:
            fail(p["name"], got.stderr[-500:])
    for root, _, names in os.walk(f"{folder}/top/RPMS"):
        files += [os.path.join(root, n) for n in names]
    return sorted(files)


def bdb_of(folder, rows, path):
    """rpm writes no Berkeley DB any more; the program of that library does."""
    dump = "VERSION=3\nformat=bytevalue\ntype=hash\ndb_pagesize=4096\nHEADER=END\n"
    dump += " 00000000\n 00000000\n"
    for number, blob in enumerate(rows, 1):
        dump += f" {struct.pack('<I', number).hex()}\n {blob.hex()}\n"
    dump += "DATA=END\n"
    got = run("db5.3_load", "-t", "hash", path, input=dump)
    if got.returncode != 0:
        fail(folder, got.stderr)


def made_here():
    if not shutil.which("rpm") or not shutil.which("rpmbuild"):
        print("no rpm, no rpmbuild: nothing is made here")
        return
    with tempfile.TemporaryDirectory() as folder:
        files = build(folder)
        db = f"{folder}/root/var/lib/rpm"
        os.makedirs(db)
        got = run("rpm", "--dbpath", db, "--define", "_db_backend sqlite", "-i", "--justdb", "--nodeps", "--noplugins",
                  *files)
        if got.returncode != 0:
            fail(db, got.stderr)
        rows = rpm_says(db)
        if len(rows) != 2 * len(PACKAGES):
            fail(db, f"rpm installed {len(rows)} packages")
        os.makedirs(f"{folder}/root/etc")
        with open(f"{folder}/root/etc/os-release", "w", encoding="utf-8") as f:
            f.write('ID="rhel"\nVERSION_ID="9.3"\n')
        answer = inventory(f"{folder}/root")
        same("made by rpm, sqlite", list(expected(rows)), facts(answer))
        by_name = {c["name"]: c for c in answer["components"]}
        for name, ecosystem, vendor in (("plain", "rhel:9", None), ("extra", "epel:9", None),
                                        ("third-party", "rhel:9", "third_party"), ("utf8", "rhel:9", "third_party")):
            c = by_name.get(name, {})
            if (c.get("ecosystem"), c.get("vendor")) != (ecosystem, vendor):
                fail(name, f"{c}")
        if by_name["own-version-libs"]["source_version"] != "2:3-1":
            fail("own-version-libs", f"{by_name['own-version-libs']}")
        blobs = [b for (b,) in sqlite3.connect(f"{db}/rpmdb.sqlite").execute("select blob from Packages")]
        after_an_update(db, files, rows)
        if shutil.which("db5.3_load"):
            os.makedirs(f"{folder}/bdb")
            bdb_of(folder, blobs, f"{folder}/bdb/Packages")
            same("made by Berkeley DB", list(expected(rows)), facts(inventory(f"{folder}/bdb/Packages")))
            same("rpm on the same", list(expected(rows)), list(expected(rpm_says(f"{folder}/bdb"))))


def after_an_update(db, files, rows):
    """Pages that were freed and used again, and rows in another order than they came."""
    for _ in range(3):
        run("rpm", "--dbpath", db, "-e", "--justdb", "--nodeps", "--noplugins", "long", "plain-libs")
        run("rpm", "--dbpath", db, "-i", "--justdb", "--nodeps", "--noplugins",
            *[f for f in files if "/long-1" in f or "/plain-libs" in f])
    same("after erasing and installing again", list(expected(rows)), facts(inventory(f"{db}/rpmdb.sqlite")))


# dnf's history, its tables as libdnf and libdnf5 make them
DNF4 = """
    CREATE TABLE repo (
        id INTEGER PRIMARY KEY,
        repoid TEXT NOT NULL            /* repository ID aka 'repoid' */
    );
    CREATE TABLE trans_item (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        trans_id INTEGER REFERENCES trans(id), -- (of a whole, mostly
        item_id INTEGER REFERENCES item(id),
        repo_id INTEGER REFERENCES repo(id),
        action INTEGER NOT NULL,                                /* (enum) 1, 2 */
        reason INTEGER NOT NULL,                                /* (enum) */
        state INTEGER NOT NULL                                  /* (enum) */
    );"""
DNF5 = DNF4.replace("action INTEGER", "action_id INTEGER") + """
    CREATE TABLE "trans_item_action" ("id" INTEGER, "name" TEXT, PRIMARY KEY("id"));"""
REPOSITORIES = ["rhel-8-for-x86_64-baseos-rpms", "rhel-8-for-x86_64-baseos-eus-rpms", "epel",
                "rhel-8-for-x86_64-appstream-aus-rpms"]


def history(path, schema, removed):
    """Six hundred packages came from the first repository, one from the second; the only one
    of the last was taken away again."""
    os.makedirs(os.path.dirname(path))
    db = sqlite3.connect(path)
    db.executescript(schema)
    db.executemany("INSERT INTO repo VALUES(?, ?)", enumerate(REPOSITORIES, 1))
    steps = [(n, 1, n, 1, 1, 1, 1) for n in range(1, 601)] + [(700, 1, 601, 2, 1, 1, 1)]
    steps += [(710, 2, 602, 4, 1, 1, 1), (711, 3, 602, 4, removed, 1, 1)]
    db.executemany("INSERT INTO trans_item VALUES(?, ?, ?, ?, ?, ?, ?)", steps)
    if "trans_item_action" in schema:
        db.executemany("INSERT INTO trans_item_action VALUES(?, ?)", [(1, "Install"), (removed, "Remove")])
    db.commit()
    db.close()


def histories():
    for path, schema, removed in (("var/lib/dnf/history.sqlite", DNF4, 8),
                                  ("usr/lib/sysimage/libdnf5/transaction_history.sqlite", DNF5, 5)):
        with tempfile.TemporaryDirectory() as root:
            history(f"{root}/{path}", schema, removed)
            os.makedirs(f"{root}/etc")
            with open(f"{root}/etc/os-release", "w", encoding="utf-8") as f:
                f.write('ID="rhel"\nVERSION_ID="8.6"\n')
            os.makedirs(f"{root}/var/lib/rpmmanifest")
            with open(f"{root}/var/lib/rpmmanifest/container-manifest-2", "w", encoding="utf-8") as f:
                f.write("a\t1-1.el8\t1\t1\tRed Hat, Inc.\t(none)\t1\tnoarch\t0\ta-1-1.el8.src.rpm\n")
            same(path, ["eus:8.6"], [c.get("streams") for c in inventory(root)["components"]])


# ---- the data directory ----

def real_databases():
    has_rpm = shutil.which("rpm") is not None
    for path in sorted(glob.glob(f"{DATA}/rpmdb/*/*/*")):
        name = os.path.relpath(path, DATA)
        if path.endswith(".sqlite"):
            same(name, list(expected(sqlite_rows(path))), facts(inventory(path)))
        elif path.endswith(".db"):
            same(name, list(expected(ndb_rows(path))), facts(inventory(path)))
        if has_rpm and not path.endswith((".db", ".xz")):
            same(f"{name}, rpm", list(expected(rpm_says(os.path.dirname(path)))), facts(inventory(path)))
            same_files(name, path)
    archive = f"{DATA}/rpmdb/bdb/scancode/var-lib-rpm.tar.xz"
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as tar:
            tar.extractall(folder)
        root = f"{folder}/rootfs"
        got = facts(inventory(root))
        if has_rpm:
            same("scancode, rpm", list(expected(rpm_says(f"{root}/var/lib/rpm"))), got)
            same_files("scancode", f"{root}/var/lib/rpm/Packages")
        same("scancode, its dump", list(expected(dump_rows(f"{DATA}/rpmdb/bdb/scancode/rpm.xmlish.expected.tar.xz"))), got)


def dump_rows(archive):
    """<rpmHeader><rpmTag name="Name"><string>bash</string></rpmTag> ... one after another."""
    with tarfile.open(archive) as tar:
        text = tar.extractfile(tar.next()).read().decode(errors="replace")
    text = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)
    for one in re.findall(r"<rpmHeader>.*?</rpmHeader>", text, re.S):
        tags = {t.get("name"): t[0].text for t in xml.etree.ElementTree.fromstring(one) if len(t)}
        yield [tags.get("Name", ""), tags.get("Epoch", 0), tags.get("Version", ""), tags.get("Release", ""),
               tags.get("Arch", ""), tags.get("Sourcerpm", ""), tags.get("Vendor", ""),
               tags.get("Modularitylabel", "")]


NEVRA = re.compile(r"(.+)-(?:(\d+):)?([^-]+)-([^-]+)\.([^.]+)")


def nevra_facts(lines):
    want = set()
    for line in lines:
        words = line.split()
        name, epoch, version, release, arch = NEVRA.fullmatch(words[0]).groups()
        if name != "gpg-pubkey":
            label = words[2].split(":") if len(words) > 2 and ":" in words[2] else None
            want.add((name, evr(epoch or 0, version, release), arch, *source(words[1] if len(words) > 1 else ""),
                      ":".join(label[:2]) if label else None))
    return list(want)


def manifest_line(p):
    whole = p.get("nerva") or p.get("nvra") or f"{p['name']}-{p['version']}-{p['release']}.{p['architecture']}"
    return " ".join([whole, f"{p['srpm_nevra']}.rpm" if p.get("srpm_nevra") else "(none)",
                     p["module"] if ":" in p.get("module", "") else "(none)"])


def lists():
    """Red Hat's manifests hold what rpm -qa prints; a list is made of them and read back."""
    with tempfile.TemporaryDirectory() as folder:
        documents = {}
        for path in glob.glob(f"{DATA}/inventories/rpm-list/*.json"):
            with open(path, encoding="utf-8") as f:
                documents[os.path.basename(path)] = json.load(f)
        with open(f"{DATA}/inventories/rpm-list/ubi8_ubi.txtar", encoding="utf-8") as f:
            for part in re.split(r"^-- .* --$", f.read(), flags=re.M):
                if '"rpms":[' in part:
                    documents[f"ubi8_ubi.txtar, part {len(documents)}"] = json.loads(part)
        for name, document in documents.items():
            lines = [manifest_line(p) for p in document["rpms"]]
            path = os.path.join(folder, "list")
            with open(path, "w", encoding="utf-8") as f:
                f.write("\n".join(lines) + "\n")
            want = [w for w in nevra_facts(l for l in lines if "gpg-pubkey" not in l)]
            same(name, want, facts(inventory(path, "--os", "rhel:8")))
    path = f"{DATA}/inventories/rpm-list/vmaas-pkglist.txt"
    with open(path, encoding="utf-8") as f:
        want = nevra_facts(line for line in f.read().splitlines() if line)
    same("vmaas-pkglist.txt", want, facts(inventory(path, "--os", "rhel:6")))


def dpkg_lists():
    for path in sorted(glob.glob(f"{DATA}/inventories/dpkg-list/*")):
        want = set()
        with open(path, encoding="utf-8") as f:
            for line in f:
                words = line.split()
                if len(words) > 3 and re.fullmatch("[uirph][HUFWti]", words[0]):
                    name, _, arch = words[1].partition(":")
                    want.add((name, words[2], arch or words[3]))
        answer = inventory(path, "--os", "ubuntu:18.04")
        same(os.path.relpath(path, DATA), list(want),
             [(c["name"], c["version"], c["arch"]) for c in answer["components"]])


def txtar(path):
    with open(path, encoding="utf-8") as f:
        parts = re.split(r"^-- (.*) --$\n", f.read(), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def dpkg_trees():
    for path in sorted(glob.glob(f"{DATA}/inventories/dpkg/trivy/*.txtar")):
        with tempfile.TemporaryDirectory() as root:
            for name, text in txtar(path).items():
                os.makedirs(os.path.dirname(f"{root}/{name}"), exist_ok=True)
                with open(f"{root}/{name}", "w", encoding="utf-8") as f:
                    f.write(text)
            want = set()
            for block in re.split(r"\n\s*\n", txtar(path)["var/lib/dpkg/status"]):
                s = dict(re.findall(r"^([A-Za-z-]+): *(.*)$", block, re.M))
                if s.get("Package") and s.get("Version") and \
                        s.get("Status", "installed").split()[-1] not in ("not-installed", "config-files"):
                    want.add((s["Package"], s["Version"], s.get("Architecture")))
            got = [(c["name"], c["version"], c["arch"]) for c in inventory(root)["components"]]
            same(os.path.relpath(path, DATA), list(want), got)


def systems():
    """Every os-release there is, its system as a second reading has it."""
    global checked
    known = {"debian": 1, "alpine": 2, "ubuntu": 2, "rhel": 1, "fedora": 1, "opensuse-leap": 2}
    for path in sorted(glob.glob(f"{DATA}/inventories/os-release/**/os-release", recursive=True)):
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(f"{root}/etc")
            os.makedirs(f"{root}/lib/apk/db")
            shutil.copy(path, f"{root}/etc/os-release")
            with open(f"{root}/lib/apk/db/installed", "w", encoding="utf-8") as f:
                f.write("P:a\nV:1-r0\n")
            with open(path, encoding="utf-8") as f:
                words = dict(line.strip().split("=", 1) for line in f if re.match(r"[A-Z_]+=", line))
            words = {k: v.strip("\"'") for k, v in words.items()}
            name, version = words.get("ID", ""), words.get("VERSION_ID", "")
            want = ":".join([name, ".".join(version.split(".")[:known[name]])]) if name in known and version else None
            if "edge" in words.get("PRETTY_NAME", "") or "_alpha" in version:
                want = "alpine:edge"
            got = inventory(root)["os"].get("ecosystem")
            checked += 1
            if want and got != want:
                fail(path, f"wanted {want}, got {got}")


def main():
    made_here()
    histories()
    if os.path.isdir(DATA):
        real_databases()
        lists()
        dpkg_lists()
        dpkg_trees()
        systems()
    if checked == 0:
        return 77
    print(f"{checked} compared, {failures} differences")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
