#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold the readers against a second reading of real package databases and SBOMs, and
against what another scanner found in the same images.

usage: shared_data.py TOCSIN DATA-DIRECTORY

Exit status 77 when the data is not there.
"""
import base64
import glob
import gzip
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import urllib.parse
import zipfile
from xml.etree import ElementTree

TOCSIN, DATA = sys.argv[1], sys.argv[2]
failures = 0
checked = 0


def fail(path, text):
    global failures
    failures += 1
    print(f"{os.path.relpath(path, DATA)}: {text}")


def inventory(path, *options):
    """The parsed answer, or None with the message it was refused with."""
    got = subprocess.run(
        [TOCSIN, "inventory", path, "-o", "json", *options], capture_output=True, text=True, check=False, timeout=120
    )
    if got.returncode == 0:
        return json.loads(got.stdout), ""
    if got.returncode != 2 or not got.stderr.startswith("tocsin: "):
        fail(path, f"exit status {got.returncode}: {got.stderr[:300]}")
    return None, got.stderr


def facts(answer):
    return sorted(
        (c["name"], c["version"], c["arch"], c["source_package"], c["source_version"])
        for c in answer["components"]
    )


def same(path, want, got):
    global checked
    checked += 1
    if want == got:
        return
    missing = [w for w in want if w not in got]
    extra = [g for g in got if g not in want]
    fail(path, f"{len(want)} expected, {len(got)} read; missing {missing[:3]}, too many {extra[:3]}")


def stanzas(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        for block in re.split(r"\n\s*\n", f.read()):
            fields = {}
            for line in block.split("\n"):
                if line[:1] not in (" ", "\t") and ":" in line:
                    key, value = line.split(":", 1)
                    fields[key.lower()] = value.strip()
            if fields:
                yield fields


def dpkg(path):
    want = set()
    for s in stanzas(path):
        state = s.get("status", "install ok installed").split()[-1]
        if state in ("not-installed", "config-files") or "package" not in s or "version" not in s:
            continue
        source = re.match(r"(\S+)\s*(?:\((.*)\))?", s.get("source", s["package"]))
        plain = re.sub(r"\+b\d+$", "", s["version"])
        want.add((s["package"], s["version"], s.get("architecture", ""), source[1], source[2] or plain))
    return sorted(want)


def apk(path):
    want = set()
    with open(path, encoding="utf-8") as f:
        for block in f.read().split("\n\n"):
            b = {l[0]: l[2:] for l in block.split("\n") if l[1:2] == ":" and l[0] in "PVAo"}
            if "P" in b and "V" in b and not b["P"].startswith("."):
                want.add((b["P"], b["V"], b.get("A", ""), b.get("o", b["P"]), b["V"]))
    return sorted(want)


NO_PACKAGES = ("file", "operating-system", "device", "device-driver", "container", "firmware", "data",
               "platform", "machine-learning-model", "cryptographic-asset")
DISTROS = ("deb", "rpm", "apk", "alpm")


def split_purl(text):
    """(type, namespace/name, version, qualifiers) of a package URL, or None if it is none."""
    head, _, _ = text.partition("#")
    head, _, query = head.partition("?")
    if not head.lower().startswith("pkg:"):
        return None
    kind, _, rest = head[4:].lstrip("/").partition("/")
    if not re.fullmatch(r"[A-Za-z.+-][A-Za-z0-9.+-]*", kind):
        return None
    name, at, version = rest.rpartition("@")
    if not at or ((name == "" or name.endswith("/")) and "/" in version):
        name, version = rest, ""
    parts = [urllib.parse.unquote(p) for p in name.split("/") if p]
    if not parts or name.endswith("/") and at:
        return None
    keys = dict(q.split("=", 1) for q in query.split("&") if "=" in q)
    return kind.lower(), "/".join(parts), urllib.parse.unquote(version), keys


def wanted(urls):
    """What is a package among (package URL, version beside it), as comparable triples."""
    out = set()
    for url, beside in urls:
        p = split_purl(url)
        if p is None:
            continue
        kind, name, version, keys = p
        kind = "apk" if kind == "alpine" else kind
        version = version or beside or ""
        if kind in ("oci", "docker", "k8s") or not version:
            continue
        if kind in DISTROS and keys.get("arch") in ("src", "nosrc", "source"):
            continue
        last = name.split("/")[-1]
        if (kind == "apk" and last.startswith(".")) or (kind == "rpm" and last == "gpg-pubkey"):
            continue
        out.add((kind, name.lower().replace("_", "-"), version))
    return out


def read(answer):
    out = set()
    for c in answer["components"]:
        kind, name, version, _ = split_purl(c["purl"]) or ("unreadable", c["purl"], "", {})
        kind = "apk" if kind == "alpine" else kind
        out.add((kind, name.lower().replace("_", "-"), version or c["version"]))
    return out


def generic(group, name):
    """The URL of what has no better name than a CPE."""
    return "pkg:generic/" + "".join(f"{urllib.parse.quote(g)}/" for g in [group] if g) + urllib.parse.quote(name, safe="")


def origins(urls):
    """What package URLs say that a package was built from: (name, version, arch) to (source, its version)."""
    out = {}
    for url, beside in urls:
        kind, name, version, keys = split_purl(url) or ("", "", "", {})
        upstream = urllib.parse.unquote(keys.get("upstream", ""))
        version = version or beside or ""
        if kind not in DISTROS + ("alpine",) or not upstream:
            continue
        if kind == "rpm":
            parts = re.fullmatch(r"(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm", upstream)
            if not parts:
                continue
            epoch = keys.get("epoch", "0")
            source = parts[1], parts[2] if epoch == "0" else f"{epoch}:{parts[2]}"
        else:
            source = tuple(upstream.rsplit("@", 1)) if "@" in upstream else (upstream, version)
        out[(name.split("/")[-1].lower(), version, keys.get("arch", ""))] = source
    return out


def cyclonedx_urls(document):
    def walk(items):
        for c in items or []:
            if not isinstance(c, dict):
                continue
            dev = any(p.get("name") == "cdx:npm:package:development" and p.get("value") == "true"
                      for p in c.get("properties") or [])
            url = c.get("purl") or (c.get("bom-ref") if str(c.get("bom-ref", "")).startswith("pkg:") else None)
            if not url and c.get("cpe") and c.get("version"):
                url = generic(c.get("group"), c["name"])
            if url and c.get("type") not in NO_PACKAGES and c.get("scope") != "excluded" and not dev \
                    and not c.get("isExternal"):
                yield url, c.get("version")
            yield from walk(c.get("components"))

    yield from walk(document.get("components"))
    yield from walk((document.get("metadata", {}).get("component") or {}).get("components"))


def cyclonedx_xml_urls(text):
    def walk(element):
        for c in element:
            tag = c.tag.split("}")[-1]
            if tag != "component":
                continue
            fields = {f.tag.split("}")[-1]: f for f in c}
            word = lambda k: (fields[k].text or "").strip() if k in fields else ""
            url = word("purl") or (c.get("bom-ref") if c.get("bom-ref", "").startswith("pkg:") else "")
            if not url and word("cpe") and word("version"):
                url = generic(word("group"), word("name"))
            if url and c.get("type") not in NO_PACKAGES and word("scope") != "excluded":
                yield url, word("version")
            if "components" in fields:
                yield from walk(fields["components"])

    for part in ElementTree.fromstring(text):
        if part.tag.split("}")[-1] == "components":
            yield from walk(part)


TOOLS = {"BUILD_DEPENDENCY_OF", "DEV_DEPENDENCY_OF", "TEST_DEPENDENCY_OF", "BUILD_TOOL_OF", "DEV_TOOL_OF",
         "TEST_TOOL_OF"}


def spdx_urls(document):
    relations = [(r.get("spdxElementId"), r.get("relationshipType"), r.get("relatedSpdxElement"))
                 for r in document.get("relationships") or []]
    used = {b for _, t, b in relations if t in ("CONTAINS", "DEPENDS_ON", "DYNAMIC_LINK", "STATIC_LINK")}
    used |= {a for a, t, _ in relations if t in ("CONTAINED_BY", "DEPENDENCY_OF", "RUNTIME_DEPENDENCY_OF")}
    away = {a for a, t, _ in relations if t in TOOLS}
    away |= {b for _, t, b in relations if t == "GENERATED_FROM"} | {a for a, t, _ in relations if t == "GENERATES"}
    described = set(document.get("documentDescribes") or []) | {b for _, t, b in relations if t in ("DESCRIBES", "DESCRIBE")}
    described.discard("SPDXRef-DOCUMENT")
    packages = document.get("packages") or []
    for p in packages:
        name = p.get("SPDXID")
        urls = [r["referenceLocator"] for r in p.get("externalRefs") or [] if r.get("referenceType") == "purl"
                and not r["referenceLocator"].startswith(("pkg:oci/", "pkg:docker/"))]
        cpe = any(r.get("referenceType") in ("cpe23Type", "cpe22Type") for r in p.get("externalRefs") or [])
        if not urls and cpe and p.get("versionInfo", "NOASSERTION") not in ("", "NONE", "NOASSERTION"):
            urls = [generic("", p["name"])]
        if not urls or (name in away and name not in used):
            continue
        if described == {name} and len(packages) > 1:
            continue
        version = p.get("versionInfo") or ""
        yield urls[0], "" if version in ("NOASSERTION", "NONE") else version


def spdx_tag_document(text):
    """Tag-value as the JSON would be, as far as spdx_urls() looks."""
    document = {"packages": [], "relationships": []}
    text = re.sub(r"<text>.*?</text>", "", text, flags=re.S)
    package = None
    for line in text.splitlines():
        tag, _, value = line.partition(":")
        value = value.strip()
        if tag == "PackageName":
            package = {"externalRefs": []}
            document["packages"].append(package)
        elif tag in ("FileName", "SnippetSPDXID", "LicenseID"):
            package = None
        elif tag == "Relationship" and len(value.split()) >= 3:
            a, t, b = value.split()[:3]
            document["relationships"].append({"spdxElementId": a, "relationshipType": t, "relatedSpdxElement": b})
        elif package is not None and tag == "SPDXID":
            package["SPDXID"] = value
        elif package is not None and tag == "PackageVersion":
            package["versionInfo"] = value
        elif package is not None and tag == "ExternalRef":
            _, kind, locator = value.split(None, 2)
            package["externalRefs"].append({"referenceType": kind, "referenceLocator": locator})
    return document


# Documents that are no inventory, or not JSON, and what must be said of them.
REFUSED = {
    "osv-scanner.toml": "no reader knows",
    "mandrel-for-jdk-21-rhel8-container-23.1-16_amd64.cdx.json": "a value is wanted",
    "bashrc2-sbom-cdx.json": "no reader knows",
    "scanoss-sbom-cdx.json": "no reader knows",
}


def expected_urls(path, text):
    """The package URLs of a document by a reading of its own, or None: not an inventory."""
    if text.lstrip()[:1] == b"<":
        return cyclonedx_xml_urls(text)
    if b"SPDXVersion:" in text[:4096]:
        return spdx_urls(spdx_tag_document(text.decode()))
    document = json.loads(text)
    if "payload" in document:
        return cyclonedx_urls(json.loads(base64.b64decode(document["payload"]))["predicate"])
    if document.get("bomFormat") == "CycloneDX":
        if document.get("vulnerabilities") and not document.get("components"):
            return None
        return cyclonedx_urls(document)
    return spdx_urls(document) if "spdxVersion" in document else None


def sbom(path):
    global checked
    with open(path, "rb") as f:
        text = f.read()
    answer, why = inventory(path)
    if os.path.basename(path) in REFUSED:
        if answer or REFUSED[os.path.basename(path)] not in why:
            fail(path, f"should be refused: {why}")
        return
    urls = expected_urls(path, text)
    if (urls is None) != (answer is None):
        fail(path, f"should{' not' if urls is None else ''} be read: {why}")
        return
    if answer is None:
        return
    checked += 1
    urls = list(urls)
    want, got = wanted(urls), read(answer)
    built = origins(urls)
    for c in answer["components"]:
        plain = c["version"].split(":", 1)[-1] if c["type"] == "rpm" else c["version"]
        source = built.get((c["name"], plain, c["arch"] or ""))
        if source and source != (c["source_package"], c["source_version"]):
            fail(path, f"{c['name']} {c['version']}: built from {source}, said {c['source_package']} {c['source_version']}")
    if want != got:
        fail(path, f"{len(want)} packages, {len(got)} read; missing {sorted(want - got)[:3]}, "
                   f"too many {sorted(got - want)[:3]}")


def zipped(path):
    with zipfile.ZipFile(path) as z, tempfile.TemporaryDirectory() as folder:
        for name in sorted(z.namelist()):
            sbom(z.extract(name, folder))


def siblings(path, other, but=lambda fact: fact):
    """Two documents about the same thing, in two formats; BUT evens out what their writer did not."""
    (one, why), (two, _) = inventory(path), inventory(other)
    if one is None or two is None:
        fail(path, f"not read: {why}")
        return
    same(path, sorted({but(f) for f in facts(one)}), sorted({but(f) for f in facts(two)}))


def without_source(fact):
    return fact[:3]


def image_tree(archive, target):
    """The package databases of a saved image, later layers over earlier ones."""
    with gzip.open(archive) as g:
        image = tarfile.open(fileobj=io.BytesIO(g.read()))
    manifest = json.load(image.extractfile("manifest.json"))
    wanted = {"etc/os-release", "usr/lib/os-release", "etc/alpine-release", "etc/debian_version",
              "lib/apk/db/installed", "var/lib/dpkg/status"}
    for layer in manifest[0]["Layers"]:
        data = image.extractfile(layer).read()
        tar = tarfile.open(fileobj=io.BytesIO(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data))
        for member in tar:
            name = member.name.removeprefix("./")
            if name in wanted and member.isreg():
                path = os.path.join(target, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as f:
                    f.write(tar.extractfile(member).read())


def against_scanner(archive, golden):
    with open(golden, encoding="utf-8") as f:
        want = sorted((p["Name"], p["Version"], p["SrcName"], p["SrcVersion"]) for p in json.load(f))
    with tempfile.TemporaryDirectory() as tree:
        image_tree(archive, tree)
        answer, why = inventory(tree)
        if answer is None:
            fail(archive, why)
            return
        got = sorted((c["name"], c["version"], c["source_package"], c["source_version"]) for c in answer["components"])
        same(archive, want, got)
        if answer["os"]["ecosystem"] != "alpine:3.10":
            fail(archive, f"taken for {answer['os']}")


def main():
    if not os.path.isdir(DATA):
        print(f"skipped: {DATA} is not there")
        return 77
    for path in sorted(glob.glob(f"{DATA}/inventories/dpkg/*.status")):
        answer, why = inventory(path, "--os", "debian:12")
        same(path, dpkg(path), facts(answer)) if answer else fail(path, why)
    for path in sorted(glob.glob(f"{DATA}/inventories/apk/*")):
        answer, why = inventory(path, "--os", "alpine:3.20")
        same(path, apk(path), facts(answer)) if answer else fail(path, why)
    for path in sorted(glob.glob(f"{DATA}/sboms/**/*", recursive=True)):
        if os.path.isfile(path) and not path.endswith(".zip"):
            sbom(path)
    zipped(f"{DATA}/sboms/cyclonedx/in-the-wild.zip")
    zipped(f"{DATA}/sboms/spdx/popular-containers.zip")
    for path in sorted(glob.glob(f"{DATA}/sboms/cyclonedx/bom-examples/SBOM/*/*bom.xml")):
        siblings(path, path.removesuffix("xml") + "json")
    centos = f"{DATA}/sboms/trivy/centos-7-"
    siblings(f"{centos}cyclonedx.json", f"{centos}cyclonedx.intoto.jsonl")
    siblings(f"{centos}spdx.json", f"{centos}spdx.txt")
    # the SPDX documents name openssl-libs as its own source, the CycloneDX one names openssl
    siblings(f"{centos}cyclonedx.json", f"{centos}spdx.json", without_source)
    against_scanner(f"{DATA}/inventories/image-archive/alpine-310.tar.gz",
                    f"{DATA}/expected/trivy/packages/alpine-310.json.golden")
    # whatever else lies there is refused with a sentence, never a crash
    for path in sorted(glob.glob(f"{DATA}/inventories/**/*", recursive=True))[:400]:
        if os.path.isfile(path):
            inventory(path)
    print(f"{checked} documents compared, {failures} differences")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
