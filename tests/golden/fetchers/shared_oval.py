#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold the drivers of OVAL and GLSA against a second reading of the vendors' documents.

usage: shared_oval.py FEED_PARSE_DUMP FEEDS-DIRECTORY

The whole document lies in memory here, and a statement is found from its leaf upwards: a
test for a version of a package, and the conditions beside each of the nodes above it.
Exit status 77 when the data is not there.
"""
import bz2
import glob
import gzip
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

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
    """(exit status, records, skipped keys)"""
    out = subprocess.run([DUMP, driver, path], stdout=subprocess.PIPE, check=False)
    lines = out.stdout.decode().splitlines()
    if out.returncode not in (0, 1):
        fail(path, "%s ended with status %d" % (driver, out.returncode))
    return (out.returncode, [json.loads(s) for s in lines if s.startswith("{")],
            {s.split("\t")[1] for s in lines if s.startswith("skipped\t")})


def unpacked(path):
    with open(path, "rb") as f:
        data = f.read()
    if data[:2] == b"\x1f\x8b":
        return gzip.decompress(data)
    return bz2.decompress(data) if data[:3] == b"BZh" else data


# ---- OVAL ----

UBUNTU = (
    ("was vulnerable but", "fixed"), ("no release version", "unknown"),
    ("is related to the CVE", "not_affected"), ("to defer", "deferred"),
    ("to ignore", "wont_fix"), ("needs fixing", "affected"),
    ("may need fixing", "under_investigation"), ("pending publication", "affected"),
)
RELEASES = {"oraclelinux-release": "Oracle Linux ", "photon-release": "Photon OS ",
            "sles-release": "SUSE Linux Enterprise Server ",
            "openSUSE-release": "openSUSE Leap ",
            "SLE-Micro-release": "SUSE Linux Enterprise Micro ",
            "SUSE-MicroOS-release": "SUSE Linux Enterprise Micro ",
            "SL-Micro-release": "SUSE Linux Micro "}


def local(e):
    return e.tag.split("}")[-1]


def child(e, *names):
    return [c for c in e if local(c) in names]


def product(text):
    """(ecosystem, stream) of a product; None if it is none of ours"""
    rules = (
        (r"Oracle Linux (\d+)$", "ol:%s", ""), (r"Photon OS (\d+)", "photon:%s.0", ""),
        (r"AlmaLinux (\d+)$", "almalinux:%s", ""),
        (r"Red Hat Enterprise Linux (\d+)$", "rhel:%s", ""),
        (r"Debian (?:GNU/Linux )?(\d+)$", "debian:%s", ""),
        (r"Ubuntu (\d\d\.\d\d)", "ubuntu:%s", ""),
        (r"Ubuntu Pro FIPS-updates (\d\d\.\d\d)", "ubuntu:%s", "fips-updates"),
        (r"openSUSE Leap (\d+\.\d+)(?: NonFree)?$", "opensuse.leap:%s", ""),
        (r"SUSE Linux (?:Enterprise )?Micro (\d+\.\d+)$", "slem:%s", ""),
    )
    if text == "openSUSE Tumbleweed":
        return ("opensuse.tumbleweed", "")
    for pattern, name, stream in rules:
        m = re.match(pattern, text)
        if m:
            return (name % m[1], stream)
    m = re.match(r"SUSE Linux Enterprise (Server|Module for [^\d]+|Server for SAP "
                 r"Applications|High Performance Computing|Workstation Extension|Software "
                 r"Development Kit) (\d+)(?: SP(\d+)|\.(\d+))?(?:-(\w+))?$", text)
    if not m:
        return None
    if m[2] in ("12", "15") and not (m[3] or m[4]):
        release = m[2] + ".0"
    else:
        release = m[2] + ("." + (m[3] or m[4]) if m[3] or m[4] else "")
    words = {"Server for SAP Applications": "sap", "High Performance Computing": "hpc"}
    stream = [w for w in (words.get(m[1]), (m[5] or "").lower()) if w]
    return ("sles:" + release, "-".join(stream))


def evr(text):
    epoch, colon, rest = text.strip().partition(":")
    if not colon:
        return text.strip()
    return rest.strip() if not epoch.strip("0") else "%s:%s" % (epoch, rest.strip())


class Document:
    def __init__(self, path):
        self.root = ET.fromstring(unpacked(path))
        self.by_id, self.above = {}, {}
        self.leaves, self.statements = {}, {}
        for e in self.root.iter():
            if e.get("id") and e.get("id") not in self.by_id:
                self.by_id[e.get("id")] = e
            for c in e:
                self.above[c] = e

    def ref(self, e, name, attribute):
        return [self.by_id.get(c.get(attribute)) for c in child(e, name)]

    def names(self, test):
        for o in self.ref(test, "object", "object_ref"):
            for n in child(o, "name", "pattern") if o is not None else []:
                if n.get("var_ref"):
                    return [re.sub(r"^\^(.*?)\(\?.*", r"\1", v.text).replace("\\", "")
                            for v in child(self.by_id[n.get("var_ref")], "value")]
                if local(n) == "name" and n.text:
                    return [n.text.strip()]
        return []

    def state(self, test):
        found = {}
        for s in self.ref(test, "state", "state_ref"):
            for c in s if s is not None else []:
                name = {"subexpression": "evr"}.get(local(c), local(c))
                found[name] = (c.get("operation", "equals"), (c.text or "").strip())
        return found

    def leaf(self, criterion):
        if criterion not in self.leaves:
            self.leaves[criterion] = self.judge(criterion)
        return self.leaves[criterion]

    def judge(self, criterion):
        """(kind, what) of a criterion: home, never, module, arch, package, broken, true"""
        comment = criterion.get("comment") or ""
        test = self.by_id.get(criterion.get("test_ref"))
        names = self.names(test) if test is not None else []
        is_package = test is not None and (
            local(test) in ("rpminfo_test", "dpkginfo_test") or
            (local(test) == "textfilecontent54_test" and len(names) > 0))
        if is_package:
            state = self.state(test)
            if test.get("check_existence") == "none_exist":
                return ("absent", None)
            if names[0] in RELEASES and "version" in state:
                return ("home", product(RELEASES[names[0]] + state["version"][1].lstrip("^")))
            if "evr" in state and state["evr"][0] == "greater than or equal" and \
                    names[0] == "openSUSE-release":
                return ("home", product("openSUSE Tumbleweed"))
            if not names[0].endswith("-release") or "version" not in state:
                if not child(test, "state"):
                    return ("package", (names, {}))
                if test.get("check") == "none satisfy" or state.get("evr", [""])[0] == "equals":
                    return ("true", None)
                if "evr" in state or "version" in state:
                    return ("package", (names, state))
                return ("arch", archs(state)) if "arch" in state else ("true", None)
        m = re.match(r"Module (\S+) is enabled$", comment)
        if m:
            return ("module", m[1])
        m = re.match(r"(\S+ .*) is installed\.?$", comment)
        if m:
            return ("home", product(m[1]))
        if is_package:
            return ("home", None)  # the package of a release that nobody here knows
        return ("true" if test is not None or local(criterion) == "extend_definition"
                else "broken", None)

    def has_statement(self, node):
        if node not in self.statements:
            self.statements[node] = self.look_for_statement(node)
        return self.statements[node]

    def look_for_statement(self, node):
        return any(self.leaf(c)[0] in ("package", "broken")
                   for c in node.iter() if local(c) in ("criterion", "extend_definition"))

    def conditions(self, node):
        """What holds beside NODE, as (homes or None, module, archs or None)"""
        homes, module, built = None, None, None
        while local(node) != "definition":
            parent = self.above[node]
            if local(parent) == "criteria" and parent.get("operator", "AND") == "AND":
                for sibling in parent:
                    if sibling is node or self.has_statement(sibling):
                        continue
                    leaves = [self.leaf(c) for c in sibling.iter() if local(c) in
                              ("criterion", "extend_definition")]
                    here = {what for kind, what in leaves if kind == "home" and what}
                    if any(kind == "home" for kind, _ in leaves):
                        homes = here if homes is None else homes & here
                    for kind, what in leaves:
                        if kind == "module":
                            module = what
                        if kind == "arch":
                            built = set(what) if built is None else built & set(what)
            node = parent
        return homes, module, built


def archs(state):
    found = re.findall(r"\w+", state["arch"][1]) if "arch" in state else []
    return () if "noarch" in found else tuple(sorted(found))


def stated(state, status, zero="0:.-"):
    """(status, fixed, last affected) by a state alone"""
    if "evr" not in state:
        if state.get("version", ("", ""))[1] == "0":
            return ("not_affected", None, None)
        return (status, None, None)
    op, text = state["evr"]
    v = evr(text)
    if not v.strip(zero):
        return ("not_affected" if op == "less than" else "affected", None, None)
    if op == "less than":
        return ("fixed", v, None)
    return ("affected", None, v) if op == "less than or equal" else ("affected", None, None)


def stream_of(definition):
    """Red Hat: of a definition whose products are all extensions of the system"""
    names = []
    for c in definition.iter():
        m = local(c) == "cpe" and re.search(r":redhat:([^:]+)(?::([^:]*))?", c.text or "")
        if m and m[1] == "enterprise_linux":
            return ""
        if m:
            minor = m[2] if m[2] and "." in m[2] else None
            names.append(re.sub("^rhel_", "", m[1]) + (":" + minor if minor else ""))
    return names[0] if names else ""


def entries(doc, definition, only=None):
    """{(ecosystem, stream, kind, package, module, status, fixed, last): archs}"""
    which = definition.get("id")
    is_ubuntu, is_azure = "com.ubuntu" in which, "com.microsoft" in which
    denies = "redhat.unaffected" in which or any(
        local(e) == "patchable" and e.text == "Not Applicable" for e in definition.iter())
    resolutions = {c.text: r.get("state") for r in definition.iter() if local(r) == "resolution"
                   for c in child(r, "component")}
    platforms = {product(p.text.strip()) for p in definition.iter() if local(p) == "platform"}
    found, n_broken = {}, 0
    for c in definition.iter():
        if local(c) != "criterion" or (only and c.get("test_ref") != only):
            continue
        kind, what = doc.leaf(c)
        n_broken += kind == "broken"
        if kind != "package":
            continue
        names, state = what
        homes, module, built = doc.conditions(c)
        status, fixed, last = stated(state, "affected")
        comment = c.get("comment") or ""
        stream = None
        if is_ubuntu:
            status = next((s for words, s in UBUNTU if words in comment), "fixed")
            m = re.search(r" package in ([\w-]+)/", comment)
            stream = m[1] if m else "" if " package in " in comment else None
        elif denies:
            status = "not_affected"
        if status != "fixed":
            fixed = None
        if status == "not_affected" or is_ubuntu:
            last = None
        tag = re.search(r"\.(azl|cm)(\d)$", fixed or last or state.get("evr", "  ")[1])
        if is_azure:
            homes = {("%s:%s.0" % ({"azl": "azurelinux", "cm": "mariner"}[tag[1]], tag[2]), "")}
            if fixed and "-" not in fixed:
                fixed = fixed[:tag.start()]
        elif homes is None:
            homes = platforms - {None}
            if not homes:
                n_broken += 1
        own = archs(state) if "arch" in state else tuple(sorted(built or ()))
        for home in homes:
            for name in names:
                told = status
                if name in resolutions and status == "affected":
                    told = {"Will not fix": "wont_fix", "Affected": "affected"}[resolutions[name]]
                key = (home[0], (stream if stream is not None else home[1])
                       or stream_of(definition) if "redhat" in which else
                       stream if stream is not None else home[1],
                       "source" if is_azure or "org.debian" in which else "binary",
                       name, module, told, fixed, last)
                found.setdefault((key, own == ()), set()).update(own)
    return {k[0] + tuple(sorted(v)) for k, v in found.items()}, n_broken


def check_oval(path):
    doc = Document(path)
    want, skipped = {}, set()
    for d in doc.root.iter():
        if local(d) != "definition" or d.get("class") not in ("patch", "vulnerability"):
            continue
        cves = {m for e in d.iter() if local(e) == "reference"
                for m in re.findall(r"CVE-\d+-\d+", e.get("ref_id"))}
        cves |= {m for e in d.iter() if local(e) == "cve"
                 for m in re.findall(r"CVE-\d+-\d+", e.text or "")}
        parts = [(e.text, e.get("test_ref")) for e in d.iter()
                 if local(e) == "cve" and e.get("test_ref")]
        for cve, test in parts or [(None, None)]:
            key = d.get("id").strip() + ("/" + cve if cve else "")
            rows, n_broken = entries(doc, d, test)
            if rows:
                want[key] = ({cve} if cve else cves, rows)
            if n_broken or (not rows and not child(d, "criteria")) or \
                    (not rows and not [c for c in d.iter() if local(c) == "criterion"]):
                skipped.add(key)
    status, records, left = dump("oval", path)
    if status != (0 if want or not skipped else 1):
        fail(path, "oval ended with status %d" % status)
    got = {}
    for r in records:
        if r["record"] in got:
            fail(path, "%s comes twice" % r["record"])
        cves = set(r["vulnerabilities"])
        if want.get(r["record"], (1,))[0] == set():
            same(path, "named by itself", {r["id"]}, cves)
            cves = set()
        got[r["record"]] = (cves, {
            (a["ecosystem"], a["stream"], a["kind"], a["package"], a["module"], a["status"],
             a["fixed"], a["last_affected"]) + tuple(sorted(a["arch"])) for a in r["affected"]})
    same(path, "records", want, got)
    same(path, "skipped", skipped, left)
    total = counts.setdefault("oval", [0, 0, 0, 0])
    for i, n in enumerate((1, len(records), sum(len(r["affected"]) for r in records), len(left))):
        total[i] += n


# ---- GLSA ----

def check_glsa(path):
    root = ET.fromstring(unpacked(path))
    name = "GLSA-" + root.get("id")
    cves = set(re.findall(r"CVE-\d{4}-\d{4,}", ET.tostring(root.find("references"),
                                                           encoding="unicode")))
    status, records, skipped = dump("glsa", path)
    same(path, "status and skipped", (0, set()), (status, skipped))
    same(path, "names", [name], [r["record"] for r in records])
    for r in records:
        same(path, "vulnerabilities", cves or {name}, set(r["vulnerabilities"]))
        same(path, "packages", {p.get("name") for p in root.iter("package")},
             {a["package"] for a in r["affected"]})
        same(path, "impact", root.find("impact").get("type"), r["vendor_severity"])
        same(path, "announced", root.findtext("announced"), r["published"][:10])
        # the highest end is where the one general range of all these documents ends
        ends = [v.text for v in root.iter("vulnerable") if v.get("range") == "lt"]
        same(path, "fixed", True, set(ends) <= {a["fixed"] for a in r["affected"]})
    total = counts.setdefault("glsa", [0, 0, 0, 0])
    for i, n in enumerate((1, len(records), sum(len(r["affected"]) for r in records), 0)):
        total[i] += n


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
    oval = [p for p in found("oval/**/*.xml", "oval/**/*.xml.*") if "invalid" not in p]
    glsa = found("glsa/*.xml")
    for path in oval:
        check_oval(path)
    for path in glsa:
        check_glsa(path)
    foreign = found("oval/**/*invalid*", "oval/**/*.html", "oval/**/*.json", "kev/*.json",
                    "updateinfo/**/*.xml", "csaf/**/*.json", "rss/**/*.xml")
    for driver, others in (("oval", glsa), ("glsa", oval)):
        for path in (others + foreign)[::2]:
            status, records, _ = dump(driver, path)
            if status != 1 or records:
                fail(path, "%s takes it, with %d records" % (driver, len(records)))
    for driver, total in counts.items():
        print("%s: %d documents, %d records, %d entries, %d skipped" % ((driver,) + tuple(total)))
    print("%d differences" % failures)
    return 1 if failures else 0


sys.exit(main())
