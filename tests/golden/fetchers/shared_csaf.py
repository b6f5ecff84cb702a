#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold the CSAF driver against a second reading of the publishers' own documents.

usage: shared_csaf.py FEED_PARSE_DUMP FEEDS-DIRECTORY

Every document is read here once more, id by id, with regular expressions where the driver
has tables, and compared entry by entry and architecture by architecture; how many ids
there are at all, jq says.  Exit status 77 when the data, jq or zstd is not there.
"""
import collections
import glob
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import urllib.parse
import zipfile

DUMP, FEEDS = sys.argv[1], sys.argv[2]
failures = 0
counts = collections.Counter()
statuses = collections.Counter()


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
        want, got = want.get(keys[0]), got.get(keys[0])
        if want and got and isinstance(want["entries"], set):
            missing, extra = want["entries"] - got["entries"], got["entries"] - want["entries"]
            if missing or extra:
                want, got = sorted(missing, key=str)[:3], sorted(extra, key=str)[:3]
        what += " (%s)" % keys[0]
    fail(path, "%s\n  expected %s\n  got      %s" % (what, want, got))


def members(path):
    """The bytes of every document of JSON in a zip, a tar, or a file that is one itself."""
    if path.endswith(".zst"):
        raw = subprocess.run(["zstd", "-dc", path], stdout=subprocess.PIPE, check=True).stdout
        tar = tarfile.open(fileobj=io.BytesIO(raw))
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as z:
            return [(n, z.read(n)) for n in z.namelist() if n.endswith(".json")]
    elif tarfile.is_tarfile(path):
        tar = tarfile.open(path)
    else:
        with open(path, "rb") as f:
            return [(os.path.basename(path), f.read())]
    with tar:
        return [(m.name, tar.extractfile(m).read()) for m in tar.getmembers()
                if m.isfile() and m.name.endswith(".json")]


# ---- products ----

def system(product):
    """(ecosystem, stream, what a bare name means) of the system that a product is, or None"""
    cpe = product.get("product_identification_helper", {}).get("cpe", "")
    m = re.match(r"cpe:/[ao]:redhat:(?:enterprise_linux|rhel_(eus|aus|tus|e4s|els)):"
                 r"(\d+)(\.\d+)?(?:::\w+)?$", cpe)
    if m:
        line = "" if m[1] is None else m[1] if m[3] is None else m[1] + ":" + m[2] + m[3]
        return "rhel:" + m[2], line, "source"
    m = re.match(r"cpe:/a:openEuler:openEuler:(.+)$", cpe)
    if m:
        return "openeuler:" + m[1], "", "binary"
    name = product["name"]
    m = re.match(r"SUSE Linux (?:Enterprise )?Micro (\d+\.\d+)$", name)
    if m:
        return "slem:" + m[1], "", "binary"
    m = re.match(r"SUSE Linux Enterprise (Server for SAP Applications|Server|"
                 r"High Performance Computing|Module for [A-Z][\w -]*|Software Development Kit|"
                 r"Workstation Extension) (\d+)(?:\.(\d+))?(?: SP(\d+))?(?:-([A-Z]+))?$", name)
    if m:
        first = {"Server for SAP Applications": "sap", "High Performance Computing": "hpc"}.get(m[1])
        line = "-".join(x for x in (first, m[5] and m[5].lower()) if x)
        return "sles:%s.%s" % (m[2], m[3] or m[4] or "0"), line, "binary"
    m = re.match(r"openSUSE Leap (\d+\.\d+)$", name)
    if m:
        return "opensuse.leap:" + m[1], "", "binary"
    return ("opensuse.tumbleweed", "", "binary") if name == "openSUSE Tumbleweed" else None


def module(text):
    return ":".join(text.split(":")[:2])


NVR = re.compile(r"(?P<n>.+)-(?:(?P<e>\d+):)?(?P<v>\d[^-:]*)-(?P<r>(?:lp|bp)?\d[^-]*\.[^-]*)$")
FILE = re.compile(r"(?P<nvr>.+?)(?:\.(?P<a>x86_64|i[3-6]86|aarch64|ppc|ppc64|ppc64le|s390|s390x|"
                  r"ia64|noarch|src|nosrc))?(?:\.rpm)?$")


def package(product, bare):
    """(name, kind, module, arch, version) of the package that a product is, or None"""
    purl = product.get("product_identification_helper", {}).get("purl")
    if purl is not None:
        m = re.match(r"pkg:rpm/[^/]+/([^@?]+)(?:@([^?]+))?(?:\?(.*))?$", purl)
        if m is None:
            return None
        q = dict(urllib.parse.parse_qsl(m[3] or ""))
        name, version, arch = urllib.parse.unquote(m[1]), m[2], q.get("arch")
        if version is not None:
            version = urllib.parse.unquote(version)
            if q.get("epoch", "0") != "0":
                version = q["epoch"] + ":" + version
        source = arch in ("src", "nosrc")
        return (name, "source" if source else "binary",
                module(q["rpmmod"]) if "rpmmod" in q else "", None if source else arch, version)
    text, in_module = product["name"], ""
    if "/" in text:
        in_module, text = text.split("/", 1)
        if ":" not in in_module:
            return None
    text, arch = FILE.match(text).group("nvr", "a")
    m, source = NVR.match(text), arch in ("src", "nosrc")
    if m is None:
        return None if ":" in text or "/" in text else (text, bare, in_module, None, None)
    version = m["v"] + "-" + m["r"]
    if m["e"] not in (None, "0"):
        version = m["e"] + ":" + version
    return m["n"], "source" if source else "binary", in_module, None if source else arch, version


def products_of(doc):
    """id -> (ecosystem, stream, name, kind, module, arch, version) or None"""
    tree, found = doc.get("product_tree", {}), {}
    stack = list(tree.get("branches", []))
    while stack:
        branch = stack.pop()
        stack.extend(branch.get("branches", []))
        if "product" in branch:
            found[branch["product"]["product_id"]] = branch["product"]
    for p in tree.get("full_product_names", []):
        found[p["product_id"]] = p
    out = {i: None for i in found}
    for r in tree.get("relationships", []):
        where = system(found[r["relates_to_product_reference"]])
        what = package(found[r["product_reference"]], where[2]) if where else None
        out[r["full_product_name"]["product_id"]] = where[:2] + what if what else None
    return out


# ---- statuses ----

LISTS = {"fixed": "fixed", "first_fixed": "fixed", "recommended": "fixed",
         "known_affected": "affected", "first_affected": "affected", "last_affected": "affected",
         "known_not_affected": "not_affected", "under_investigation": "under_investigation"}
REMEDIES = {("none_available", "Affected"): "affected", ("none_available", "Deferred"): "deferred",
            ("none_available", "Fix deferred"): "deferred",
            ("no_fix_planned", "Will not fix"): "wont_fix",
            ("no_fix_planned", "Out of support scope"): "end_of_life"}
WORDS = {"critical": "critical", "important": "high", "high": "high", "moderate": "medium",
         "medium": "medium", "low": "low"}


def read_vulnerability(v, products):
    """All entries, one for each architecture, and how many ids there were."""
    remedy, impact, flag = {}, {}, {}
    for r in v.get("remediations", []):
        if r["category"] in ("none_available", "no_fix_planned"):
            for i in r.get("product_ids", []):
                remedy[i] = r["category"], r["details"]
    for t in v.get("threats", []):
        if t["category"] == "impact" and t["details"].lower() in WORDS:
            for i in t.get("product_ids", products):
                impact[i] = WORDS[t["details"].lower()]
    for f in v.get("flags", []):
        for i in f.get("product_ids", []):
            flag[i] = f["label"]
    entries, n = set(), 0
    for key, ids in v.get("product_status", {}).items():
        for i in ids:
            n += 1
            if products[i] is None:
                continue
            place, (name, kind, mod, arch, version) = products[i][:2], products[i][2:]
            status, state, fixed, severity = LISTS[key], None, None, impact.get(i, "unknown")
            if status == "fixed":
                fixed = version
            elif status == "not_affected":
                state, severity = flag.get(i), "unknown"
            elif status == "affected" and i in remedy:
                status, state = REMEDIES[remedy[i]], remedy[i][1]
            entries.add(place + (name, kind, mod, arch, status, fixed, state, severity))
    return entries, n


def without_what_says_nothing(entries):
    builds = {(e[0], e[1], e[4], e[7]) for e in entries if e[6] == "fixed" and e[3] == "binary"}
    named = {e[:5] for e in entries if e[6] != "not_affected"}
    return {e for e in entries
            if not (e[6] == "fixed" and e[3] == "source" and (e[0], e[1], e[4], e[7]) in builds)
            and not (e[6] == "not_affected" and e[:5] in named)}


def severity_of(doc, v, entries):
    order = ["unknown", "low", "medium", "high", "critical"]
    worst = max((e[9] for e in entries), key=order.index)
    if worst == "unknown" and len(doc["vulnerabilities"]) == 1:
        word = doc["document"].get("aggregate_severity", {}).get("text", "").lower()
        worst = WORDS.get(word, "unknown")
    return worst


def read(path):
    """{key: record}, number of ids, of documents and of vulnerabilities"""
    records, n_ids, n_vulnerabilities, n = {}, 0, 0, 0
    for _, raw in members(path):
        doc = json.loads(raw)
        if "document" not in doc:
            continue
        n += 1
        products, own = products_of(doc), doc["document"]["tracking"]["id"]
        for v in doc.get("vulnerabilities", []):
            n_vulnerabilities += 1
            entries, n_here = read_vulnerability(v, products)
            n_ids += n_here
            entries = without_what_says_nothing(entries)
            if not entries:
                continue
            vectors = {c["vectorString"] for s in v.get("scores", []) for k, c in s.items()
                       if k.startswith("cvss_v3") and c["baseScore"] > 0}
            records[v["cve"] if v["cve"] == own else own + "/" + v["cve"]] = {
                "id": own, "cve": [v["cve"]], "entries": entries, "cvss": vectors,
                "severity": severity_of(doc, v, entries),
                "cwe": [v["cwe"]["id"]] if "cwe" in v else [],
                "description": any(x["category"] in ("description", "summary", "general")
                                   for x in v.get("notes", []))}
    return records, n_ids, n, n_vulnerabilities


# ---- the driver ----

def dump(path):
    out = subprocess.run([DUMP, "csaf", path], stdout=subprocess.PIPE, check=False)
    records, skipped, refused = {}, {}, None
    for line in out.stdout.decode().splitlines():
        if line.startswith("skipped\t"):
            skipped[line.split("\t")[1]] = line
        elif line.startswith("refused\t"):
            refused = line
        else:
            r = json.loads(line)
            if r["record"] in records:
                fail(path, "%s comes twice" % r["record"])
            records[r["record"]] = r
    if out.returncode not in (0, 1):
        fail(path, "the driver ended with status %d" % out.returncode)
    return records, skipped, refused


def as_read(r):
    entries = set()
    for a in r["affected"]:
        for arch in a["arch"] or [None]:
            entries.add((a["ecosystem"], a["stream"], a["package"], a["kind"], a["module"] or "",
                         arch, a["status"], a["fixed"], a["vendor_state"],
                         a.get("severity", "unknown")))
    return {"id": r["id"], "cve": r["vulnerabilities"], "entries": entries,
            "cvss": {c["vector"] for c in r["cvss"]}, "severity": r["severity"],
            "cwe": r.get("cwes", []), "description": bool(r.get("description"))}


def arch_free(records):
    """An entry for every architecture beside one for some of them is the first alone."""
    for r in records.values():
        every = {e[:5] + e[6:] for e in r["entries"] if e[5] is None}
        r["entries"] = {e for e in r["entries"] if e[5] is None or e[:5] + e[6:] not in every}
    return records


def check(path, not_csaf=0):
    want, n_ids, n_documents, n_vulnerabilities = read(path)
    records, skipped, refused = dump(path)
    if refused is not None:
        fail(path, refused)
    same(path, "records", arch_free(want), {k: as_read(r) for k, r in records.items()})
    same(path, "documents that are none of CSAF", not_csaf, len(skipped))
    text = b"\n".join(raw for _, raw in members(path))
    by_jq = subprocess.run(
        ["jq", "-s", "-c", "[.[] | select(.document)] | [length, (map(.vulnerabilities // []) | "
         "add // [] | length), ([.[].vulnerabilities[]?.product_status[]?[]] | length)]"],
        input=text, stdout=subprocess.PIPE, check=True).stdout
    same(path, "documents, vulnerabilities, ids by jq", json.loads(by_jq),
         [n_documents, n_vulnerabilities, n_ids])
    counts.update(files=1, documents=n_documents, vulnerabilities=n_vulnerabilities, ids=n_ids,
                  records=len(records), entries=sum(len(r["affected"]) for r in records.values()))
    statuses.update(a["status"] for r in records.values() for a in r["affected"])


def must_be_refused(path):
    records, _, refused = dump(path)
    if refused is None or records:
        fail(path, "is taken, with %d records" % len(records))


def found(*patterns):
    paths = [p for pattern in patterns
             for p in sorted(glob.glob(os.path.join(FEEDS, pattern), recursive=True))]
    if not paths:
        fail(FEEDS, "nothing matches %s" % (patterns,))
    return paths


def main():
    if not os.path.isdir(FEEDS) or not shutil.which("jq") or not shutil.which("zstd"):
        print("skipped: %s, jq or zstd is not there" % FEEDS)
        return 77
    broken = found("csaf/openeuler/**/csaf-openeuler-cve-2024-50187.json")
    for path in found("csaf/redhat-site/**/*.zst", "csaf/redhat-site/**/*.json",
                      "csaf/redhat-documents/*.json", "csaf/suse/*.bz2", "csaf/openeuler/**/*.json",
                      "csaf/oasis-2.0-examples/csaf/**/*.json", "csaf/cisa-ot/*.zip",
                      "vex/redhat-site/**/*.zst", "vex/redhat-site/**/*.json",
                      "vex/redhat-documents/**/*.json", "vex/suse/*.bz2",
                      "vex/openvex/**/csaf.json"):
        if path not in broken:
            check(path)
    for path in found("csaf/cisa-archive/*.tar.gz"):
        check(path, not_csaf=2)
    for path in broken + found(
            "csaf/oasis-2.0-examples/ROLIE/*.json", "csaf/oasis-2.0-examples/aggregator/*.json",
            "csaf/oasis-2.0-examples/provider-metadata/*.json", "csaf/cisa-ot/*.json",
            "kev/*/*.json", "nvd/api-2.0/**/*.json", "usn/**/*.json", "arch/**/*.json",
            "vex/openvex/**/*.vex.json"):
        must_be_refused(path)
    for what, n in (("csaf", counts), ("entries", statuses)):
        print("%s: %s" % (what, ", ".join("%d %s" % (v, k) for k, v in sorted(n.items()))))
    print("%d differences" % failures)
    return 1 if failures else 0


sys.exit(main())
