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


# ---- errata_json ----

def errata_release(rpm):
    tags = re.findall(r"[._+]el(\d+)", rpm["release"])
    return tags[-1] if tags else re.search(r" (\d+)", rpm["product"])[1]


def errata_rpms(doc):
    """The packages of either publisher in one form."""
    for p in doc["packages"]:
        if "nevra" not in p:
            yield dict(p, product="")
            continue
        m = re.fullmatch(r"(.+)-(?:(\d+):)?([^-]+)-([^-]+)\.(\w+)\.rpm", p["nevra"])
        module = "%s:%s" % (p["module_name"], p["module_stream"]) if p["module_name"] else None
        yield {"name": m[1], "epoch": m[2] or "0", "version": m[3], "release": m[4], "arch": m[5],
               "module": module, "product": p["product_name"]}


def check_errata(path):
    document = json.loads(members(path)[0][1])
    items = document.get("data") or document["advisories"]
    want = {}
    for doc in items:
        name = doc["name"] if "name" in doc else doc["id"]
        if (doc.get("type") or doc.get("kind")).lower() != "security":
            continue
        family = "rocky" if name.startswith("R") else "almalinux"
        entries = {}
        for p in errata_rpms(doc):
            if p["arch"] == "src":
                continue
            epoch = "" if str(p["epoch"]) == "0" else p["epoch"] + ":"
            module = ":".join((p.get("module") or "").split(":")[:2]) or None
            key = ("%s:%s" % (family, errata_release(p)), p["name"], module,
                   "%s%s-%s" % (epoch, p["version"], p["release"]))
            entries.setdefault(key, set()).add(p["arch"])
        cves = [c["cve"] for c in doc.get("cves", [])] or [
            r["id"] for r in doc.get("references", []) if r["type"] == "cve"]
        want[name] = (sorted(set(cves)), doc["severity"], entries)
    records, skipped = accepted("errata_json", path)
    got = {k: (sorted(r["vulnerabilities"]), r["vendor_severity"],
               {(a["ecosystem"], a["package"], a["module"], a["fixed"]): set(a["arch"])
                for a in r["affected"]}) for k, r in records.items()}
    same(path, "records", want, got)
    same(path, "skipped", {}, skipped)
    # Rocky lists what fits every machine once for each
    n = jq("""[((.data // .advisories)[] | select((.type // .kind | ascii_downcase) == "security")
               | [.packages[] | (.nevra // "\(.name)-\(.version)-\(.release).\(.arch).rpm")
                  | select(endswith(".src.rpm") | not)] | unique[])] | [length]""",
           [members(path)[0][1]])
    same(path, "packages by jq", n[0],
         sum(len(a) for _, _, e in got.values() for a in e.values()))


# ---- arch ----

ARCH_STATUS = {"Fixed": "fixed", "Vulnerable": "affected", "Testing": "affected",
               "Not affected": "not_affected", "Unknown": "under_investigation"}


def check_arch(path):
    raw = members(path)[0][1]
    want = {g["name"]: (sorted(g["issues"]), g["severity"],
                        {(p, ARCH_STATUS[g["status"]], g["fixed"]) for p in g["packages"]},
                        len(g["advisories"])) for g in json.loads(raw)}
    records, skipped = accepted("arch", path)
    got = {k: (sorted(r["vulnerabilities"]), r["vendor_severity"],
               {(a["package"], a["status"], a["fixed"]) for a in r["affected"]},
               len(r["references"]) - 1) for k, r in records.items()}
    same(path, "records", want, got)
    same(path, "skipped", {}, skipped)
    same(path, "groups and packages by jq", jq("[length, ([.[].packages[]] | length)]", [raw]),
         [len(records), sum(len(r["affected"]) for r in records.values())])


# ---- photon ----

def check_photon(path):
    raw = members(path)[0][1]
    rows = json.loads(raw)
    release = re.search(rb"\.ph(\d+)", raw)[1].decode() + ".0"
    want, n_junk = {}, 0
    for row in rows:
        if not re.fullmatch(r"[A-Z]+-\d{4}-\d+", row["cve_id"]):
            n_junk += 1
            continue
        denied = row.get("status") == "Not Affected"
        entry = ("photon:" + release, "not_affected" if denied else "fixed",
                 None if denied else row["res_ver"])
        want.setdefault("%s/%s" % (row["pkg"], row["cve_id"]), (row["cve_score"], set()))[1].add(entry)
    records, skipped = accepted("photon", path)
    got = {k: (r["cvss"][0]["score"], {(a["ecosystem"], a["status"], a["fixed"])
                                       for a in r["affected"]}) for k, r in records.items()}
    same(path, "records", want, got)
    same(path, "number of rows without an id", n_junk, len(skipped))
    same(path, "fixed rows by jq", jq("[[.[] | select(.res_ver != \"NA\")] | length]", [raw])[0],
         sum(a["status"] == "fixed" for r in records.values() for a in r["affected"]))


# ---- openvex ----

CODENAMES = {"trusty": "14.04", "xenial": "16.04", "bionic": "18.04", "focal": "20.04",
             "jammy": "22.04", "noble": "24.04", "oracular": "24.10", "plucky": "25.04"}


def check_ubuntu_vex(path):
    documents = [(n, json.loads(raw)) for n, raw in members(path)]
    want = {}
    for _, doc in documents:
        for s in doc["statements"]:
            for p in s["products"]:
                m = re.match(r"pkg:deb/ubuntu/([^@]+)@(.+)\?arch=source&distro=(?:([^/]+)/)?(\w+)$",
                             p["@id"])
                if m is None:
                    continue
                fixed = m[2] if s["status"] == "fixed" else None
                want.setdefault(s["vulnerability"]["name"], set()).add(
                    ("ubuntu:" + CODENAMES[m[4]], m[3] or "", m[1], s["status"], fixed))
    records, skipped = accepted("openvex", path)
    got = {k: {(a["ecosystem"], a["stream"], a["package"], a["status"], a["fixed"])
               for a in r["affected"]} for k, r in records.items()}
    same(path, "records", want, got)
    same(path, "skipped", {}, skipped)
    n = jq("[[.statements[].products[] | select(.[\"@id\"] | test(\"arch=source\"))] | length]",
           [raw for _, raw in members(path)])
    same(path, "source products by jq", n[0], sum(len(e) for e in got.values()))


def check_vex(path):
    """Documents of the first versions of the format: products are texts, or not there."""
    raw = members(path)[0][1]
    n = jq("[([.statements[].products // [] | .[]] | length)]", [raw])[0]
    records, _ = accepted("openvex", path)
    same(path, "products by jq", n, sum(len(r["affected"]) for r in records.values()))


def check_vexhub(path):
    """Nearly everything in it is about parts inside of other products, and left out."""
    raws = [raw for name, raw in members(path)
            if name.endswith(".json") and b'"statements"' in raw and b"csaf" not in raw[:200]]
    n = jq("""[([.statements[] | select(any(.products[]; (.subcomponents // []) | length > 0))]
               | length), (.statements | length)]""", raws)
    out = subprocess.run([DUMP, "openvex", path], stdout=subprocess.PIPE, check=False).stdout.decode()
    inside = out.count("\tis about a part inside of a product\n")
    other = out.count("\tdenied for one version alone\n")
    same(path, "statements about parts by jq", n[0], inside)
    same(path, "statements by jq", n[1], inside + other)


# ---- cve5 ----

def cve5_severity(doc):
    scores = []
    for who, container in [(0, doc["containers"]["cna"])] + [
            (1, c) for c in doc["containers"].get("adp", [])
            if c["providerMetadata"]["shortName"] == "CISA-ADP"]:
        for metric in container.get("metrics", []):
            for version, key in enumerate(("cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0")):
                if key in metric:
                    order = (0, who, version) if version < 2 else (version, who, 0)
                    scores.append((order, metric[key]["baseScore"], version))
    words = [m["other"]["content"]["value"] for m in doc["containers"]["cna"].get("metrics", [])
             if m.get("other", {}).get("type") == "Red Hat severity rating"]
    if not scores:
        return {"Moderate": "medium", "Important": "high"}.get(words[0], words[0].lower()) \
            if words else "unknown"
    _, score, version = min(scores)
    bands = [(9.0, "critical" if version < 3 else "high"), (7.0, "high"), (4.0, "medium"), (0.1, "low")]
    return next((name for low, name in bands if score >= low), "unknown")


def check_cve5(path):
    documents = members(path)
    want = {}
    for _, raw in documents:
        doc = json.loads(raw)
        meta, cna = doc["cveMetadata"], doc["containers"]["cna"]
        texts = cna.get("descriptions") or cna["rejectedReasons"]
        adp = doc["containers"].get("adp", [])
        kev = [m["other"]["content"]["dateAdded"] for c in adp for m in c.get("metrics", [])
               if m.get("other", {}).get("type") == "kev"]
        want[meta["cveId"]] = (
            cve5_severity(doc), meta["state"] == "REJECTED", kev[0] if kev else None,
            cna.get("title"), meta["datePublished"][:19] + "Z" if "datePublished" in meta else None,
            any(t["lang"].startswith("en") and t["value"].strip() for t in texts),
            len({r["url"] for c in [cna] + adp for r in c.get("references", [])}))
    records, skipped = accepted("cve5", path)
    got = {k: (r["severity"], r["withdrawn"] is not None, (r.get("exploited") or "")[:10] or None,
               r["title"], r["published"], bool(r.get("description")),
               len(r.get("references", []))) for k, r in records.items()}
    for k in want:
        title = want[k][3]
        want[k] = want[k][:3] + (" ".join(title.split()) if title else title,) + want[k][4:]
        if k in got and got[k][3]:
            got[k] = got[k][:3] + (" ".join(got[k][3].split()),) + got[k][4:]
    same(path, "records", want, got)
    same(path, "skipped", {}, skipped)
    n = jq("""[1, (if .cveMetadata.state == "REJECTED" then 1 else 0 end),
              ([.containers.cna.metrics[]? | select(.cvssV4_0 or .cvssV3_1 or .cvssV3_0)] | length),
              ([.containers.adp[]? | select(.providerMetadata.shortName == "CISA-ADP").metrics[]?
                | select(.cvssV3_1)] | length)]""", [raw for _, raw in documents])
    newer = [c for r in records.values() for c in r["cvss"] if c["vector"].startswith("CVSS:")]
    same(path, "records, rejected, scores of CNAs and CISA by jq", n,
         [len(records), sum(r["withdrawn"] is not None for r in records.values()),
          sum(c["speaker"] == "cna" for c in newer), sum(c["speaker"] == "adp" for c in newer)])


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
        "errata_json": (check_errata, found("errata-json/almalinux/errata*.json",
                                            "errata-json/rocky/**/*.json")),
        "arch": (check_arch, found("arch/**/*.json")),
        "photon": (check_photon, found("photon/**/cve_data*.json")),
        "openvex": (check_ubuntu_vex, found("vex/ubuntu/*.tar.xz")),
        "cve5": (check_cve5, found("cve5/*.zip")),
    }
    for check, paths in mine.values():
        for path in paths:
            check(path)
    for path in found("vex/openvex/**/*.vex.json"):
        check_vex(path)
    for path in found("vex/vexhub.zip"):
        check_vexhub(path)
    refused = {
        "osv": found("osv/PyPI-yaml/*.zip", "osv/eco/openeuler/happy/all.json"),
        "errata_json": found("errata-json/almalinux/invalid.json"),
        "photon": found("photon/**/photon_versions.json"),
        "openvex": found("vex/openvex/**/csaf.json", "vex/openvex/**/*.sarif.json",
                         "vex/openvex/**/*.yaml", "vex/redhat-documents/**/*.json"),
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
