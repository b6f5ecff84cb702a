#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold the drivers against a second reading of the vendors' own documents.

usage: shared_data.py FEED_PARSE_DUMP FEEDS-DIRECTORY

Every document of the drivers is parsed and reconciled record by record with what
the few lines of Python here make of it; everything else is refused.  Exit status 77
when the data is not there.
"""
import bz2
import csv
import glob
import gzip
import json
import lzma
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile

DUMP, FEEDS = sys.argv[1], sys.argv[2]
CODENAMES = {
    "wheezy": "7", "jessie": "8", "stretch": "9", "buster": "10", "bullseye": "11",
    "bookworm": "12", "trixie": "13", "forky": "14", "duke": "15", "sid": "unstable",
}
failures = 0
counts = {}


def fail(path, text):
    global failures
    failures += 1
    print("%s: %s" % (os.path.relpath(path, FEEDS), text))


def same(path, what, want, got):
    if want != got:
        if isinstance(want, dict) and isinstance(got, dict):
            keys = [k for k in set(want) | set(got) if want.get(k) != got.get(k)]
            key = sorted(keys)[0]
            want, got = "%s: %s" % (key, want.get(key)), "%s: %s" % (key, got.get(key))
        fail(path, "%s\n  expected %s\n  got      %s" % (what, want, got))


def dump(driver, path):
    """(exit status, records, skipped lines, refusal)"""
    out = subprocess.run([DUMP, driver, path], stdout=subprocess.PIPE, check=False)
    records, skipped, refused = [], [], None
    for line in out.stdout.decode().splitlines():
        if line.startswith("skipped\t"):
            skipped.append(line)
        elif line.startswith("refused\t"):
            refused = line
        else:
            records.append(json.loads(line))
    if out.returncode not in (0, 1):
        fail(path, "%s ended with status %d" % (driver, out.returncode))
    return out.returncode, records, skipped, refused


def load(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as f:
        return json.loads(f.read())


def accepted(driver, path):
    status, records, skipped, refused = dump(driver, path)
    if status != 0:
        fail(path, "%s refuses it: %s" % (driver, refused))
    total = counts.setdefault(driver.split("=")[0], [0, 0, 0])
    for i, n in enumerate((1, len(records), len(skipped))):
        total[i] += n
    return records, skipped


def must_be_refused(driver, path):
    status, records, _, _ = dump(driver, path)
    if status != 1:
        fail(path, "%s takes it, with %d records" % (driver, len(records)))


# ---- debian_tracker ----

def tracker_status(r):
    if r["status"] == "resolved":
        return ("not_affected", None) if r["fixed_version"] == "0" \
            else ("fixed", r["fixed_version"])
    if r["status"] == "open":
        if r["urgency"] == "end-of-life":
            return ("end_of_life", None)
        return ({"ignored": "wont_fix", "postponed": "deferred"}.get(
            r.get("nodsa_reason"), "affected"), None)
    return ("unknown", None)


def check_tracker(path):
    want, got, n_empty = {}, {}, 0
    for package, ids in load(path).items():
        for name, entry in ids.items():
            if not entry["releases"]:
                n_empty += 1  # [] as well as {}
                continue
            want["%s/%s" % (package, name)] = {
                "debian:" + CODENAMES[c]: tracker_status(r)
                for c, r in entry["releases"].items() if c in CODENAMES}
    records, skipped = accepted("debian_tracker", path)
    for r in records:
        got[r["record"]] = {
            a["ecosystem"]: (a["status"], a["fixed"]) for a in r["affected"]}
        for a in r["affected"]:
            same(path, "kind", "source", a["kind"])
            same(path, "scheme", "dpkg", a["scheme"])
    same(path, "records", want, got)
    same(path, "number of entries without releases", n_empty, len(skipped))


# ---- secdb ----

def secdb_ids(text):
    text = re.sub(r"\([^)]*\)", " ", text)
    cves = re.findall(r"CVE[-_ ](\d{4})[-_](\d+)(?![0-9A-Za-z])", text)
    if cves:
        return ["CVE-%s-%s" % c for c in cves]
    others = [w for w in text.split()
              if re.fullmatch(r"[A-Za-z][\w.:]*-[\w.:-]*\d[\w.:-]*", w)
              and not w.startswith("CVE")]
    return others[:1]


def check_secdb(path):
    document = load(path)
    want, n_junk = {}, 0
    for item in document["packages"] or []:
        pkg = item["pkg"]
        for version, texts in pkg["secfixes"].items():
            for text in texts if isinstance(texts, list) else []:
                ids = secdb_ids(text)
                n_junk += not ids
                for name in ids:
                    want.setdefault("%s/%s" % (pkg["name"], name), set()).add(version)
    for key, versions in want.items():
        real = versions - {"0"}
        want[key] = {("fixed", v) for v in real} or {("not_affected", None)}
    records, skipped = accepted("secdb", path)
    ecosystem = "alpine:" + document["distroversion"].lstrip("v")
    got = {}
    for r in records:
        if r["record"] in got:
            fail(path, "%s comes twice" % r["record"])
        got[r["record"]] = {(a["status"], a["fixed"]) for a in r["affected"]}
        for a in r["affected"]:
            same(path, "ecosystem", ecosystem, a["ecosystem"])
            same(path, "package", r["record"].split("/")[0], a["package"])
    same(path, "records", want, got)
    same(path, "number of texts without an id", n_junk, len(skipped))


# ---- nvd ----

def nvd_severity(metrics):
    def rank(version, source):
        who = {"nvd@nist.gov": 0, "134c704f-9b21-4f2e-91b3-4a467353bcc0": 2}.get(source, 1)
        if version in ("cvssMetricV40", "cvssMetricV31"):
            return (0, who, version == "cvssMetricV31")
        return (1 + (version == "cvssMetricV2"), who, False)

    scores = [(rank(v, m["source"]), m) for v in metrics if v.startswith("cvss")
              for m in metrics[v]]
    if not scores:
        return "unknown"
    best = min(scores, key=lambda s: s[0])[1]
    word = best["cvssData"].get("baseSeverity") or best["baseSeverity"]
    return {"NONE": "unknown"}.get(word, word.lower())


def check_nvd(path):
    cves = [v["cve"] for v in load(path)["vulnerabilities"]]
    want = {}
    for c in cves:
        newer = [m for v in ("cvssMetricV40", "cvssMetricV31", "cvssMetricV30")
                 for m in c["metrics"].get(v, [])]
        n = len(newer) or len(c["metrics"].get("cvssMetricV2", []))
        want[c["id"]] = (nvd_severity(c["metrics"]), n, c["published"][:19] + "Z",
                         c["vulnStatus"] == "Rejected", bool(c.get("cisaExploitAdd")),
                         len(set(r["url"] for r in c["references"])))
    records, skipped = accepted("nvd", path)
    got = {r["record"]: (r["severity"], len(r["cvss"]), r["published"],
                         r["withdrawn"] is not None, r.get("exploited") is not None,
                         len(r.get("references", []))) for r in records}
    same(path, "records", want, got)
    same(path, "skipped", [], skipped)
    same(path, "entries with packages", 0, sum(len(r["affected"]) for r in records))


# ---- kev ----

def check_kev(path):
    with open(path[:-len("json")] + "csv", encoding="utf-8-sig", newline="") as f:
        want = {row["cveID"]: (row["dateAdded"], row["vulnerabilityName"].strip())
                for row in csv.DictReader(f)}
    records, skipped = accepted("kev", path)
    got = {r["record"]: (r["exploited"][:10], r["title"]) for r in records}
    same(path, "records", {k: " ".join(v).split() for k, v in want.items()},
         {k: " ".join(v).split() for k, v in got.items()})
    same(path, "number of records", load(path)["count"], len(records))
    same(path, "skipped", [], skipped)
    for r in records:
        if not any(u.endswith(r["id"]) for u in r["references"]):
            fail(path, "%s: no link to NVD among %s" % (r["id"], r["references"]))


# ---- updateinfo ----

def unpacked(path):
    """The bytes, by the packing's magic; None for what Python has no module for."""
    with open(path, "rb") as f:
        data = f.read()
    if data[:2] == b"\x1f\x8b":
        return gzip.decompress(data)
    if data[:3] == b"BZh":
        return bz2.decompress(data)
    if data[:6] == b"\xfd7zXZ\0":
        return lzma.decompress(data)
    if data[:4] == b"\x28\xb5\x2f\xfd":
        return subprocess.run(["zstd", "-dc", path], stdout=subprocess.PIPE, check=True).stdout
    return data


def own_ecosystem(path):
    """Red Hat's notices do not say whose they are: a feed's configuration does."""
    el = re.search(r"fedora/492777|(fedora/updateinfo.xml)|(vmaas)", path)
    return "" if not el else "=redhat,rhel:%s" % ("5" if el[1] else "7" if el[2] else "6")


def check_updateinfo(path):
    want = {}
    for update in ET.fromstring(unpacked(path)).iter("update"):
        if update.get("type") != "security":
            continue
        packages = {}
        for p in update.iter("package"):
            if p.get("arch") in ("src", "nosrc"):
                continue
            evr = "%s-%s" % (p.get("version"), p.get("release"))
            if (p.get("epoch") or "0") != "0":
                evr = "%s:%s" % (p.get("epoch"), evr)
            archs = packages.setdefault((p.get("name"), evr), set())
            if p.get("arch") != "noarch":
                archs.add(p.get("arch"))
        cves = {r.get("id") for r in update.iter("reference") if r.get("type") == "cve"}
        if packages:
            want[update.findtext("id")] = (cves, packages)
    records, skipped = accepted("updateinfo" + own_ecosystem(path), path)
    got = {}
    for r in records:
        packages = {}
        for a in r["affected"]:
            same(path, "kind", "binary", a["kind"])
            same(path, "status", "fixed", a["status"])
            packages.setdefault((a["package"], a["fixed"]), set()).update(a["arch"])
        cves = set(r["vulnerabilities"])
        if r["id"] in want and not want[r["id"]][0]:
            cves = set()  # found in the prose, or named by its own id
        got[r["id"]] = (cves, packages)
    same(path, "records", want, got)
    same(path, "skipped", [], skipped)


# ---- epss ----

def check_epss(path):
    with gzip.open(path, "rt") as f:
        lines = f.read().splitlines()
    head = lines.pop(0) if lines[0].startswith("#") else ""
    model = re.search(r"model_version:([^,]+)", head)
    want = {}
    for row in csv.DictReader(lines):
        # decimals are cut off behind the sixth, not rounded
        want[row["cve"]] = tuple(
            row.get(k) and int((row[k] + ".").split(".")[0]) * 10 ** 6
            + int(((row[k] + ".").split(".")[1] + "000000")[:6])
            for k in ("epss", "percentile"))
    records, skipped = accepted("epss", path)
    got = {}
    for r in records:
        x = r["epss"]
        same(path, "model", model and model[1], x["model"])
        same(path, "vulnerabilities", [r["id"]], r["vulnerabilities"])
        got[r["record"]] = tuple(
            None if x[k] is None else round(x[k] * 10 ** 6)
            for k in ("score", "percentile"))
    same(path, "records", want, got)
    same(path, "skipped", [], skipped)


# ---- eol ----

# endoflife.date's name of a system, ours, and which of its days is meant
PRODUCTS = {
    "debian": ("debian", "eoes"), "ubuntu": ("ubuntu", "eol"),
    "alpine-linux": ("alpine", "eol"), "rhel": ("rhel", "eol"),
    "rocky-linux": ("rocky", "eol"), "almalinux": ("almalinux", "eol"),
    "oracle-linux": ("ol", "eol"), "amazon-linux": ("amzn", "eol"),
    "fedora": ("fedora", "eol"), "sles": ("sles", "eol"),
    "suse-linux-micro": ("slem", "eol"), "opensuse": ("opensuse.leap", "eol"),
    "vmware-photon": ("photon", "eol"), "mageia": ("mageia", "eol"),
}


def check_eol(path):
    want = {}
    with zipfile.ZipFile(path) as z:
        for name in z.namelist():
            product = os.path.basename(name)[:-3]
            if product not in PRODUCTS:
                continue
            family, day = PRODUCTS[product]
            head = z.read(name).decode().split("\n---", 1)[0]
            for part in re.split(r"\n\s*- releaseCycle: *", head)[1:]:
                release = part.split("\n", 1)[0].strip().strip("\"'")
                if not re.fullmatch(r"[0-9.]+", release):
                    continue
                facts = dict(re.findall(r"\n    (\w+): *(\S+)", part))
                ends = facts.get(day) if re.match("[0-9]", facts.get(day, "")) \
                    else facts.get("eol", "false")
                if ends != "false":
                    want["%s:%s" % (family, {"2018.03": "1"}.get(release, release)
                                    if family == "amzn" else release)] = ends
    records, skipped = accepted("eol", path)
    for r in records:
        same(path, "kind", ("release", []), (r["kind"], r["vulnerabilities"]))
    same(path, "records", want, {r["record"]: r["ends"][:10] for r in records})
    same(path, "skipped", [], skipped)


def main():
    def found(*patterns):
        paths = [p for pattern in patterns
                 for p in sorted(glob.glob(os.path.join(FEEDS, pattern), recursive=True))]
        if not paths:
            fail(FEEDS, "nothing matches %s" % (patterns,))
        return paths

    if not os.path.isdir(FEEDS):
        print("skipped: %s is not there" % FEEDS)
        return 77
    mine = {
        "debian_tracker": (check_tracker, found("debian-tracker/v*/*.json")),
        "secdb": (check_secdb, found("secdb/**/main.json", "secdb/**/community.json")),
        "nvd": (check_nvd, found("nvd/api-2.0/**/*.json", "nvd/feed-small-2.0/*.gz")),
        "kev": (check_kev, found("kev/*/*.json")),
        "epss": (check_epss, found("epss/formats/*.csv.gz") +
                 found("epss/full/*.csv.gz")[-1:]),
        "eol": (check_eol, found("eol/*.zip")),
        "updateinfo": (check_updateinfo, [
            p for p in found("updateinfo/**/*updateinfo*.xml", "updateinfo/**/*updateinfo*.xml.*",
                             "updateinfo/clair/*.xml")
            if not re.search("invalid|corrupt|almalinux/badid|repomd", p)]),
    }
    for check, paths in mine.values():
        for path in paths:
            check(path)
    foreign = found("debian-tracker/config.json", "debian-tracker/first-package/*.json",
                    "debian-tracker/DSA/list", "kev/*.json", "kev/*/*.csv",
                    "nvd/feed-1.1-full/*", "nvd/feed-small-1.1/*", "secdb/**/*.html",
                    "secdb/**/*.yaml", "osv/**/*.json", "cve5/**/*.json", "eol/**/*.json",
                    "updateinfo/**/repomd*.xml", "updateinfo/**/*invalid_xml*",
                    "updateinfo/**/corrupt*.gz", "updateinfo/almalinux/badid/**/badid*.gz", "oval/**/*.xml", "oval/**/*.xml.*",
                    "arch/**/*.json", "usn/**/*.json", "photon/**/*.json")
    for driver, (_, paths) in mine.items():
        others = [p for d, (_, ps) in mine.items() if d != driver for p in ps]
        for path in (others + foreign)[::1 if driver == "kev" else 3]:
            must_be_refused(driver, path)
    for driver, (documents, records, skipped) in counts.items():
        print("%s: %d documents, %d records, %d skipped"
              % (driver, documents, records, skipped))
    print("%d differences" % failures)
    return 1 if failures else 0


sys.exit(main())
