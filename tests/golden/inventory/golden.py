#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tocsin inventory FILE -o json` over the project's own documents, byte for byte.

usage: golden.py TOCSIN DIRECTORY MADE

MADE holds what the tests themselves write: rpm's database in three forms, one answer.

With TOCSIN_GOLDEN_UPDATE=1 the answers are written anew: read the difference before it
is committed.
"""
import os
import subprocess
import sys

TOCSIN, DIRECTORY, MADE = sys.argv[1:4]
DOCUMENTS = [
    ("dpkg.status", ["--os", "debian:12"]),
    ("apk.installed", ["--os", "alpine:3.20"]),
    ("bom.cdx.json", []),
    ("image.cdx.json", []),
    ("image.cdx.xml", []),
    ("image.spdx.json", []),
    ("image.tag.spdx", []),
    ("image.syft.json", []),
    ("image.trivy.json", []),
    ("image.statement.json", []),
    ("image.intoto.jsonl", []),
    ("image.bundle.json", []),
    ("image.github-attestations.json", []),
    ("image.cosign1.json", []),
    ("github.spdx.json", []),
    ("packages.list", ["--os", "debian:12"]),
    ("rpm-qa.list", ["--os", "rocky:9"]),
    ("container-manifest-2", ["--os", "mariner:2.0"]),
    ("pacman.desc", ["--os", "arch"]),
]
DATABASES = [os.path.join(MADE, f"fuzz_rpm_{kind}", f"{kind}-0") for kind in ("sqlite", "ndb", "bdb")]


def main():
    bad = 0
    documents = [(os.path.join(DIRECTORY, name), name, options) for name, options in DOCUMENTS]
    documents += [(path, "rpm", ["--os", "rocky:9"]) for path in DATABASES]
    for path, name, options in documents:
        got = subprocess.run(
            [TOCSIN, "inventory", path, "-o", "json", *options], capture_output=True, text=True, check=False
        )
        if got.returncode != 0:
            print(f"{name}: exit status {got.returncode}: {got.stderr}")
            bad += 1
            continue
        want_path = os.path.join(DIRECTORY, name + ".json")
        if os.environ.get("TOCSIN_GOLDEN_UPDATE"):
            with open(want_path, "w", encoding="utf-8") as f:
                f.write(got.stdout)
        with open(want_path, encoding="utf-8") as f:
            want = f.read()
        if want != got.stdout:
            print(f"{name}: expected\n{want}\ngot\n{got.stdout}")
            bad += 1
    print(f"{len(documents)} documents, {bad} differ")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
