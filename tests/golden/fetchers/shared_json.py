#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold the drivers of archives and lists in JSON against a second reading.

usage: shared_json.py FEED_PARSE_DUMP FEEDS-DIRECTORY

Every document of the vendors goes through its driver; what comes out is compared record
by record with the few lines of Python here, and the totals with jq, which reads the same
bytes once more.  Exit status 77 when the data or jq is not there.
"""
import glob
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

DUMP, FEEDS = sys.argv[1], sys.argv[2]
failures = 0
counts = {}


def fail(path, text):
    global failures
    failures += 1
    print("%s: %s" % (os.path.relpath(path, FEEDS), text))


def same(path, what, want, got):
    if want == got:
        return
    if isinstance(want, dict) and isinstance(got, dict):
        keys = sorted(k for k in set(want) | set(got) if want.get(k) != got.get(k))
        what = "%s: %d of %d differ" % (what, len(keys), len(want))
        want, got = "%s: %s" % (keys[0], want.get(keys[0])), got.get(keys[0])
    fail(path, "%s\n  expected %s\n  got      %s" % (what, want, got))


def dump(driver, path):
    """(exit status, records by key, {skipped key: why}, refusal)"""
    out = subprocess.run([DUMP, driver, path], stdout=subprocess.PIPE, check=False)
    records, skipped, refused = {}, {}, None
    for line in out.stdout.decode().splitlines():
        if line.startswith("skipped\t"):
            _, key, why = line.split("\t", 2)
            skipped[key] = why
        elif line.startswith("refused\t"):
            refused = line
        else:
            r = json.loads(line)
            if r["record"] in records:
                fail(path, "%s comes twice" % r["record"])
            records[r["record"]] = r
    if out.returncode not in (0, 1):
        fail(path, "%s ended with status %d" % (driver, out.returncode))
    return out.returncode, records, skipped, refused


def accepted(driver, path):
    status, records, skipped, refused = dump(driver, path)
    if status != 0:
        fail(path, "%s refuses it: %s" % (driver, refused))
    total = counts.setdefault(driver, {"files": 0, "records": 0, "entries": 0, "skipped": 0})
    total["files"] += 1
    total["records"] += len(records)
    total["entries"] += sum(len(r["affected"]) for r in records.values())
    total["skipped"] += len(skipped)
    return records, skipped


def must_be_refused(driver, path):
    status, records, _, _ = dump(driver, path)
    if status != 1:
        fail(path, "%s takes it, with %d records" % (driver, len(records)))


def members(path, suffix=".json"):
    """The bytes of every document in a zip, a tar, or a file that is one itself."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as z:
            return [(n, z.read(n)) for n in z.namelist() if n.endswith(suffix)]
    if tarfile.is_tarfile(path):
        with tarfile.open(path) as t:
            return [(m.name, t.extractfile(m).read()) for m in t.getmembers()
                    if m.isfile() and m.name.endswith(suffix)]
    with open(path, "rb") as f:
        return [(os.path.basename(path), f.read())]


def jq(program, documents):
    """The numbers that PROGRAM prints for each of DOCUMENTS, summed by position."""
    text = b"\n".join(documents)
    out = subprocess.run(["jq", "-c", program], input=text, stdout=subprocess.PIPE, check=True)
    sums = []
    for line in out.stdout.splitlines():
        values = json.loads(line)
        sums = [a + b for a, b in zip(sums or [0] * len(values), values)]
    return sums


# ---- osv ----

VIEWS = ("UBUNTU-CVE-", "DEBIAN-CVE-", "ALPINE-CVE-")
NO_FLAW = ("ALBA-", "ALEA-", "RLBA-", "RLEA-", "RHBA-", "RHEA-", "SUSE-RU-", "SUSE-FU-",
           "SUSE-OU-", "openSUSE-RU-")
DISTRO = VIEWS + NO_FLAW + (
    "USN-", "LSN-", "DSA-", "DLA-", "DTSA-", "ALSA-", "RLSA-", "RXSA-", "RHSA-", "SUSE-",
    "openSUSE-", "openEuler-", "OESA-", "MGASA-", "AZL-", "CGA-", "MINI-", "ECHO-")
LANGUAGES = {"npm": "npm", "PyPI": "pypi", "RubyGems": "gem", "Maven": "maven", "NuGet": "nuget",
             "crates.io": "cargo", "Packagist": "composer", "Hex": "hex", "Go": "go",
             "Pub": "pub", "CRAN": "cran", "Hackage": "hackage", "SwiftURL": "swift",
             "Julia": "julia", "GitHub Actions": "github-actions", "Bitnami": "bitnami",
             "MinimOS": "minimos", "Echo": "echo", "Wolfi": "wolfi", "Chainguard": "chainguard"}
RELEASES = {"Rocky Linux": "rocky", "AlmaLinux": "almalinux", "Mageia": "mageia",
            "openEuler": "openeuler", "Debian": "debian"}


def osv_ecosystem(text):
    """(ecosystem, stream), or None; only what is in the data, and written another way."""
    if text in LANGUAGES:
        return LANGUAGES[text], ""
    name, _, rest = (text or "").partition(":")
    if name in RELEASES:
        return "%s:%s" % (RELEASES[name], re.sub(r"\.0$", "", rest)), ""
    if name == "Alpine":
        return "alpine:" + rest.lstrip("v"), ""
    if name == "Ubuntu":
        return "ubuntu:" + re.search(r"\d\d\.\d\d", rest).group(), "pro" if "Pro" in rest else ""
    m = re.fullmatch(r"Red Hat:rhel_(eus):(\d+)(\.\d+)::\w+", text or "")
    if m:
        return "rhel:" + m[2], "%s:%s%s" % m.groups()
    m = re.fullmatch(r"SUSE:Linux Enterprise (?:Server|Software Development Kit|Workstation"
                     r" Extension)( for SAP Applications)? (\d+)(?: SP(\d))?", text or "")
    if m:
        return "sles:%s.%s" % (m[2], m[3] or 0), "sap" if m[1] else ""
    return None


def osv_modules(summary, version):
    if not re.search(r"\.module[_+]el", version or ""):
        return [None]
    return [w.split("/")[0] for w in (summary or "").split() if re.fullmatch(r"[\w.+-]+:[\w.+-]+(/.*)?", w)]


def osv_range(package, events):
    """(introduced, fixed, last_affected) of each pair."""
    out, start = [], None
    last = re.match(r"(<=?) (\S+)$", (package.get("database_specific") or {}).get(
        "last_known_affected_version_range", ""))
    for event in events:
        if "introduced" in event:
            start = event["introduced"]
            continue
        out.append((start, event.get("fixed"), event.get("last_affected")))
        start = None
    if start is not None:
        out.append((start, last[2] if last and last[1] == "<" else None,
                    last[2] if last and last[1] == "<=" else None))
    return [(None if i == "0" else i, f, la) for i, f, la in out]


def osv_entries(doc, is_malware):
    want = set()
    for p in doc.get("affected") or []:
        package = p.get("package") or {}
        where = osv_ecosystem(package.get("ecosystem"))
        if where is None or "module_name_regex" in (p.get("ecosystem_specific") or {}):
            continue
        eco, stream = where
        name = package["name"]
        if eco == "pypi":
            name = re.sub(r"[-_.]+", "-", name).lower()
        elif eco in ("nuget", "composer", "hex", "github-actions"):
            name = name.lower()
        distro = re.search(r"distro=([^&/]+)/|distro=[^&]*-(sig-\w+)", package.get("purl") or "")
        if distro:
            stream = distro[1] or distro[2]
        ranges = [r for r in p.get("ranges") or [] if r["type"] != "GIT"]
        for r in ranges:
            for start, fixed, last in osv_range(p, r["events"]):
                for module in osv_modules(doc.get("summary"), fixed):
                    want.add((eco, stream, name, module, start, fixed, last, ()))
        if not ranges and (p.get("versions") or is_malware):
            want.add((eco, stream, name, None, None, None, None, tuple(p.get("versions") or ())))
    return want


def osv_names(doc):
    """The vulnerabilities of a document, or None if it is about none."""
    cve = re.compile(r"CVE-\d{4}-\d{4,}$")
    ident = doc["id"]
    if ident.startswith(VIEWS):
        return [ident[ident.index("CVE-"):]]
    if ident.startswith(DISTRO):
        lists = (doc.get("aliases") or []) + (doc.get("upstream") or []) + (doc.get("related") or [])
        found = sorted(set(n for n in lists if cve.match(n)))
        return found or (None if ident.startswith(NO_FLAW) else doc.get("upstream") or [ident])
    if cve.match(ident):
        return [ident]
    found = sorted(set(n for n in (doc.get("aliases") or []) + (doc.get("upstream") or [])
                       if cve.match(n)))
    return found or [ident]


def check_osv(path):
    documents = members(path)
    want, want_skipped = {}, set()
    for name, raw in documents:
        doc = json.loads(raw)
        if not isinstance(doc, dict):
            want_skipped.add(name)
            continue
        names = osv_names(doc)
        is_malware = any(n.startswith("MAL-") for n in [doc["id"]] + (doc.get("aliases") or []))
        entries = osv_entries(doc, is_malware)
        if names is None:
            continue
        if " " in doc["id"] or (not entries and not doc.get("withdrawn")):
            want_skipped.add(doc["id"])
        else:
            want[doc["id"]] = (names, bool(doc.get("withdrawn")), is_malware, entries)
    records, skipped = accepted("osv", path)
    got = {}
    for key, r in records.items():
        got[key] = (sorted(r["vulnerabilities"]), r["withdrawn"] is not None,
                    r.get("kind") == "malware",
                    {(a["ecosystem"], a["stream"], a["package"], a["module"], a["introduced"],
                      a["fixed"], a["last_affected"], tuple(a["versions"]))
                     for a in r["affected"]})
        for a in r["affected"]:
            if (a["status"] == "fixed") != (a["fixed"] is not None and not got[key][2]) \
                    and a["status"] != "wont_fix":
                fail(path, "%s: %s" % (key, a))
    same(path, "records", want, got)
    same(path, "skipped", want_skipped, set(skipped))
    check_osv_totals(path, [raw for _, raw in documents], got)


# ends of ranges, beginnings, CVEs named, withdrawn
OSV_JQ = """
select(type == "object")
| select((.id | test("^(ALBA|ALEA|RLBA|RLEA|RHBA|RHEA)-") | not)
         or any((.aliases // [])[], (.upstream // [])[], (.related // [])[]; test("^CVE-")))
| [([.affected[]?.ranges[]? | select(.type != "GIT") | .events[] | select(.fixed)] | length),
   ([.affected[]?.ranges[]? | select(.type != "GIT") | .events[] | select(.last_affected)]
    | length),
   (if .withdrawn then 1 else 0 end)]
"""


def check_osv_totals(path, documents, got):
    """Where nothing is left out, jq counts the same ends of ranges."""
    if os.path.basename(os.path.dirname(path)) not in (
            "AlmaLinux_8", "AlmaLinux_9", "Bitnami-a-m", "crates.io", "2026-08-21", "2026-04-28"):
        return
    entries = [e for _, _, _, es in got.values() for e in es]
    want = jq(OSV_JQ, documents)
    if "AlmaLinux" in path:
        # of one package in two modules both have an entry, and of unnamed modules none has
        flat = {(k, e[0], e[2], e[5]) for k, (_, _, _, es) in got.items() for e in es}
        unnamed = jq("""
select(.id | startswith("ALSA")) | select(.summary | test("[A-Za-z0-9._+-]+:[A-Za-z0-9._+-]+") | not)
| [[.affected[].ranges[].events[] | select(.fixed // "" | test("\\\\.module[_+]el"))] | length]
""", documents)
        same(path, "ends by jq", want[0] - unnamed[0], len(flat))
        return
    same(path, "fixed by jq", want[0], sum(e[5] is not None for e in entries))
    same(path, "last_affected by jq", want[1], sum(e[6] is not None for e in entries))
    same(path, "withdrawn by jq", want[2], sum(w for _, w, _, _ in got.values()))


def found(*patterns):
    paths = [p for pattern in patterns
             for p in sorted(glob.glob(os.path.join(FEEDS, pattern), recursive=True))]
    if not paths:
        fail(FEEDS, "nothing matches %s" % (patterns,))
    return paths


def main():
    if not os.path.isdir(FEEDS) or shutil.which("jq") is None:
        print("skipped: %s or jq is not there" % FEEDS)
        return 77
    mine = {
        "osv": (check_osv, found("osv/**/all.zip", "osv/**/vulnerabilities.zip", "osv/**/*.tar.*",
                                 "osv/eco/openeuler/happy/OESA*.json")),
    }
    for check, paths in mine.values():
        for path in paths:
            check(path)
    refused = {
        "osv": found("osv/PyPI-yaml/*.zip", "osv/eco/openeuler/happy/all.json"),
    }
    for driver, (_, paths) in mine.items():
        foreign = [p for d, (_, ps) in mine.items() if d != driver for p in ps]
        foreign += found("kev/*/*.json", "nvd/api-2.0/**/*.json", "usn/**/*.json")
        for path in refused.get(driver, []) + foreign[::3]:
            must_be_refused(driver, path)
    for driver, n in counts.items():
        print("%s: %s" % (driver, ", ".join("%d %s" % (v, k) for k, v in n.items())))
    print("%d differences" % failures)
    return 1 if failures else 0


sys.exit(main())
