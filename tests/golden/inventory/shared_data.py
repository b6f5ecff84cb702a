#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold the readers against a second reading of real package databases and SBOMs, and
against what another scanner found in the same images.

usage: shared_data.py TOCSIN DATA-DIRECTORY

Exit status 77 when the data is not there.
"""
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


def cyclonedx(path, answer):
    """Every package URL with a version that the document lists as a library or so."""
    global checked
    with open(path, encoding="utf-8") as f:
        document = json.load(f)
    urls = set()

    def walk(items):
        for c in items or []:
            if c.get("type") not in ("file", "operating-system", "device", "container", "firmware", "data",
                                     "platform", "machine-learning-model", "cryptographic-asset") \
                    and c.get("scope") != "excluded":
                url = c.get("purl") or (c.get("bom-ref") if str(c.get("bom-ref", "")).startswith("pkg:") else None)
                if url and ("@" in url.split("?")[0].split("/")[-1] or c.get("version")):
                    urls.add(url)
            walk(c.get("components"))

    walk(document.get("components"))
    checked += 1
    got = {c["purl"] for c in answer["components"]}
    if not got <= urls:
        fail(path, f"read from nowhere: {sorted(got - urls)[:3]}")
    if len(urls - got) > len(urls) // 50:
        fail(path, f"{len(urls)} package URLs, {len(got)} read; missing {sorted(urls - got)[:3]}")


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
    for path in sorted(glob.glob(f"{DATA}/sboms/**/*.json", recursive=True)):
        answer, _ = inventory(path)
        if answer:
            cyclonedx(path, answer)
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
