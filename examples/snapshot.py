#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lay out the demonstration's feeds: as they were, or as they are.

    snapshot.py before|now FROM TO

"before" leaves a few facts out, so that the demonstration can let the vendors publish
them: an open hole in every Debian 12 system, a fix in Alpine, an exploited one.
"""
import json
import os
import sys

WITHHELD_DEBIAN = [("zlib", "CVE-2023-45853")]
WITHHELD_ALPINE = ["CVE-2024-6119"]
WITHHELD_KEV = ["CVE-2023-4911"]


def main():
    when, source, target = sys.argv[1:]
    os.makedirs(target, exist_ok=True)
    for name in sorted(os.listdir(source)):
        with open(os.path.join(source, name), encoding="utf-8") as f:
            document = json.load(f)
        if when == "before" and name == "debian.json":
            for package, cve in WITHHELD_DEBIAN:
                document.pop(package) if len(document[package]) == 1 else document[package].pop(cve)
        if when == "before" and name.startswith("alpine"):
            for entry in document["packages"]:
                fixes = entry["pkg"]["secfixes"]
                for version in list(fixes):
                    fixes[version] = [c for c in fixes[version] if c not in WITHHELD_ALPINE]
                    if not fixes[version]:
                        del fixes[version]
        if when == "before" and name == "kev.json":
            document["vulnerabilities"] = [
                v for v in document["vulnerabilities"] if v["cveID"] not in WITHHELD_KEV
            ]
            document["count"] = len(document["vulnerabilities"])
        path = os.path.join(target, name)
        with open(path + ".new", "w", encoding="utf-8") as f:
            json.dump(document, f)
        os.rename(path + ".new", path)


if __name__ == "__main__":
    main()
