#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A small root file system with every kind of language package in it, made here byte by
byte, through all rows of the table; the answer is compared with languages.txt.  Then the
same root as a tar, as an image would be read.

usage: language_world.py ROWS_DUMP DIRECTORY TOCSIN
       language_world.py --corpus DIRECTORY      (writes each kind's files for the fuzzers)

With TOCSIN_GOLDEN_UPDATE=1 the answer is written anew: read the difference before it is
committed.
"""
import io
import json
import os
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib


def archive(members, before=b"", compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as z:
        for name, data in members.items():
            z.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data, compression)
    return before + out.getvalue()


def pom(group, artifact, version):
    return {
        f"META-INF/maven/{group}/{artifact}/pom.properties": f"version={version}\ngroupId={group}\nartifactId={artifact}\n"
    }


def elf(section, data, machine=62):
    """A 64-bit little-endian program with one writable segment that is one section."""
    names = b"\0" + section.encode() + b"\0.shstrtab\0"
    at = 64 + 56
    shoff = at + len(data) + len(names)
    header = b"\x7fELF\x02\x01\x01" + bytes(9)
    header += struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, 0x400000, 64, shoff, 0, 64, 56, 1, 64, 3, 2)
    segment = struct.pack("<IIQQQQQQ", 1, 6, at, 0x400000, 0x400000, len(data), len(data), 16)
    sections = bytes(64)
    sections += struct.pack("<IIQQQQIIQQ", 1, 1, 3, 0x400000, at, len(data), 0, 0, 16, 0)
    sections += struct.pack("<IIQQQQIIQQ", 2 + len(section), 3, 0, 0, at + len(data), len(names), 0, 0, 1, 0)
    return header + segment + data + names + sections


def macho(section, data):
    at = 32 + 72 + 80
    header = struct.pack("<IIIIIIII", 0xFEEDFACF, 0x01000007, 3, 2, 1, 152, 0, 0)
    command = struct.pack("<II16sQQQQIIII", 0x19, 152, b"__DATA", 0x400000, len(data), at, len(data), 3, 3, 1, 0)
    command += struct.pack("<16s16sQQIIIIIIII", section.encode(), b"__DATA", 0x400000, len(data), at, 4, 0, 0, 0, 0, 0, 0)
    return header + command + data


def pe(section, data):
    at = 64 + 24 + 112 + 40
    out = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0"
    out += struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, 112, 2)
    out += struct.pack("<H22xQ80x", 0x20B, 0x400000 - 0x1000)
    out += struct.pack("<8sIIIIIIHHI", section.encode(), len(data), 0x1000, len(data), at, 0, 0, 0, 0, 0xC0000040)
    return out + data


def varint(n):
    out = b""
    while n >= 0x80:
        out += bytes([n & 0x7F | 0x80])
        n >>= 7
    return out + bytes([n])


def go_info(version, modules):
    text = b"0w\xaf\x0c\x92t\x08\x02A\xe1\xc1\x07\xe6\xd6\x18\xe6" + modules.encode() + b"\xf92C1\x86\x18 r\x00\x82B\x10A\x16\xd8\xf2"
    version = version.encode()
    return b"\xff Go buildinf:\x08\x02" + bytes(16) + varint(len(version)) + version + varint(len(text)) + text


def go_info_old(version, modules):
    """Before Go 1.18: addresses of strings."""
    text = bytes(16) + modules.encode() + bytes(16)
    version = version.encode()
    base = 0x400000
    out = b"\xff Go buildinf:\x08\x00" + struct.pack("<QQ", base + 32, base + 48)
    out += struct.pack("<QQQQ", base + 64, len(version), base + 64 + len(version), len(text))
    return out + version + text


def crates(*packages):
    return zlib.compress(json.dumps({"packages": packages, "format": 3}).encode(), 9)


MODULES = (
    "path\texample.org/tool\nmod\texample.org/tool\t(devel)\t\n"
    "dep\tgithub.com/Azure/go-ntlm\tv0.1.0\th1:a=\ndep\texample.org/fork\tv1.0.0\n=>\texample.org/ours\tv1.0.1\th1:b=\n"
    'build\t-ldflags="-X main.version=2.3.4"\n'
)
DEPS = {
    "runtimeTarget": {"name": ".NETCoreApp,Version=v8.0", "signature": ""},
    "targets": {
        ".NETCoreApp,Version=v8.0": {
            "Shop/1.0.0": {"dependencies": {"Serilog": "3.1.1"}, "runtime": {"Shop.dll": {}}},
            "Serilog/3.1.1": {"runtime": {"lib/net7.0/Serilog.dll": {"fileVersion": "3.1.1.0"}}},
            "NETStandard.Library/2.0.3": {"dependencies": {}},
            "System.Drawing.Common/8.0.0": {"runtimeTargets": {"a.dll": {}}},
        }
    },
    "libraries": {
        "Shop/1.0.0": {"type": "project"},
        "Serilog/3.1.1": {"type": "package", "sha512": "sha512-x"},
        "NETStandard.Library/2.0.3": {"type": "package"},
        "System.Drawing.Common/8.0.0": {"type": "package"},
    },
}
BOM = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "components": [
        {"type": "library", "name": "left-pad", "purl": "pkg:npm/left-pad@1.3.0"},
        {"type": "library", "name": "zlib-ng", "purl": "pkg:cargo/zlib-ng@2.1.0"},
        {"type": "library", "name": "bash", "purl": "pkg:deb/debian/bash@1?distro=debian-12"},
    ],
}


def java():
    inner = archive({**pom("org.example", "inner", "1.0"), "a.class": "x"})
    shaded = archive({**pom("org.example", "outer", "2.0"), **pom("com.other", "swallowed", "3.0"), "b/lib/inner-1.0.jar": inner})
    boot = archive({"BOOT-INF/lib/outer-2.0.jar": shaded, "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\r\n\r\n"}, compression=zipfile.ZIP_STORED)
    return {
        "opt/app/shop.jar": archive({"WEB-INF/lib/outer-2.0.jar": shaded}, b"#!/bin/sh\nexec java -jar $0\n"),
        "opt/app/boot.war": boot,
        "opt/app/osgi-4.1.jar": archive({"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\nBundle-SymbolicName: org.example.osgi\nBundle-Version: 4.1.0\n"}),
        "opt/app/log4j-1.2-api-2.17.1.jar": archive({"A.class": "x"}),
        "opt/jenkins/git.jpi": archive({"META-INF/MANIFEST.MF": "Group-Id: org.jenkins-ci.plugins\nShort-Name: git\nPlugin-Version: 5.2.1\n"}),
        "usr/share/java/owned.jar": archive(pom("org.example", "owned", "1.0")),
        "opt/app/broken.jar": boot[:200],
    }


def programs():
    rust = crates(
        {"name": "serde", "version": "1.0.190", "source": "crates.io"},
        {"name": "cc", "version": "1.0.83", "source": "crates.io", "kind": "build"},
        {"name": "tool", "version": "0.1.0", "source": "local", "root": True, "dependencies": [0, 7]},
    )
    return {
        "usr/local/bin/tool": elf(".go.buildinfo", go_info("go1.21.4", MODULES)),
        "usr/local/bin/oldtool": elf(".go.buildinfo", go_info_old("go1.17.1", MODULES)),
        "usr/local/bin/tool.mac": macho("__go_buildinfo", go_info("go1.22rc1", MODULES)),
        "usr/local/bin/tool.exe": pe(".data", go_info("go1.20", MODULES)),
        "usr/local/bin/badtool": elf(".go.buildinfo", go_info("go1.21.4", MODULES)[:40] + b"\xff" * 12),
        "usr/local/bin/rtool": elf(".dep-v0", rust),
        "usr/local/lib/librtool.so": pe(".dep-v0", rust),
        "usr/bin/dockerd": elf(".go.buildinfo", go_info("go1.21.4", MODULES)),
        "usr/bin/ownedtool": elf(".go.buildinfo", go_info("go1.19.8", MODULES)),
    }


def texts():
    files = {
        "usr/local/lib/python3.11/site-packages/Foo_Bar-1.2.dist-info/METADATA": "Metadata-Version: 2.1\nName: Foo_Bar\nVersion: 1.2\n\nName: no\n",
        "usr/local/lib/python3.11/site-packages/old-0.9.egg-info/PKG-INFO": "Name: old\n",
        "usr/local/lib/python3.11/site-packages/very_old-0.1-py3.egg-info": "Name: very-old\nVersion: 0.1\n",
        "usr/local/lib/python3.11/site-packages/eggy-3.egg/EGG-INFO/PKG-INFO": "Name: eggy\nVersion: 3\n",
        "usr/lib/python3/dist-packages/six-1.16.0.egg-info/PKG-INFO": "Name: six\nVersion: 1.16.0\n",
        "usr/lib/python3/dist-packages/byhand-1.dist-info/METADATA": "Name: byhand\nVersion: 1\n",
        "opt/x/rpmish-1.dist-info/METADATA": "Name: rpmish\nVersion: 1\n",
        "opt/x/rpmish-1.dist-info/INSTALLER": "rpm\n",
        "srv/node_modules/left-pad/package.json": '{"name":"left-pad","version":"1.3.0"}',
        "srv/node_modules/@babel/core/package.json": '{"version":"7.23.0","name":"@babel/core"}',
        "srv/node_modules/left-pad/perf/package.json": '{"name":"no","version":"1"}',
        "srv/package.json": '{"name":"srv","version":"1"}',
        "srv/node_modules/broken/package.json": '{"name":"broken","version":"1"',
        "usr/lib/ruby/gems/3.1.0/specifications/rake-13.0.6.gemspec": '# stub: rake 13.0.6 ruby lib\nGem::Specification.new do |s|\n  s.name = "rake".freeze\n  s.version = "13.0.6"\nend\n',
        "usr/lib/ruby/gems/3.1.0/specifications/odd-1.0-java.gemspec": "# nothing\n",
        "app/Shop.deps.json": json.dumps(DEPS),
        "var/www/vendor/composer/installed.json": '{"packages":[{"name":"Symfony/Http-Kernel","version":"v6.3.1"}]}',
        "var/old/vendor/composer/installed.json": '[{"name":"monolog/monolog","version":"1.0.0"}]',
        "usr/lib/R/site-library/Rcpp/DESCRIPTION": "Package: Rcpp\nVersion: 1.0.11\n",
        "usr/lib/R/library/stats/DESCRIPTION": "Package: stats\nVersion: 4.2.2\nPriority: base\n",
        "opt/conda/conda-meta/openssl-3.0.13-0.json": '{"name":"openssl","version":"3.0.13"}',
        "usr/lib/erlang/lib/cowboy-2.9.0/ebin/cowboy.app": '{application, cowboy, [{vsn, "2.9.0"}]}.\n',
        "usr/local/lib/luarocks/lpeg-1.1.0-1.rockspec": 'package = "lpeg"\nversion = "1.1.0-1"\n',
        "opt/bitnami/x/.spdx-x.cdx.json": json.dumps(BOM),
        "var/lib/dpkg/status": "Package: python3-six\nStatus: install ok installed\nVersion: 1.16.0-4\n\n"
        "Package: docker-ce\nMaintainer: Docker <support@docker.com>\nStatus: install ok installed\nVersion: 5:24\n",
        "var/lib/dpkg/info/python3-six.list": "/.\n/usr/lib/python3/dist-packages/six-1.16.0.egg-info/PKG-INFO\n/usr/share/java/owned.jar\n/bin/ownedtool\n",
        "var/lib/dpkg/info/docker-ce.list": "/usr/bin/dockerd\n",
    }
    return {path: text.encode() for path, text in files.items()}


KINDS = {
    "python": ("METADATA", "PKG-INFO", ".egg-info"), "npm": ("package.json",), "gem": (".gemspec",),
    "dotnet": (".deps.json",), "php": ("installed.json",), "r": ("DESCRIPTION",), "conda": ("13-0.json",),
    "erlang": (".app",), "lua": (".rockspec",), "sbom": (".cdx.json",), "java": (".jar", ".war", ".jpi"),
    "go": ("tool", "tool.mac", "tool.exe"), "rust": ("rtool", ".so"), "owned": (".list", "INSTALLER"),
}


def write_corpus(directory, world):
    for kind, ends in KINDS.items():
        folder = os.path.join(directory, "lang_" + kind)
        os.makedirs(folder, exist_ok=True)
        for number, (path, data) in enumerate(world.items()):
            name = os.path.basename(path)
            if path.endswith(ends) and name != "dockerd" and not (kind == "go" and name in ("rtool", "ownedtool")):
                with open(os.path.join(folder, f"{number}-{name}"), "wb") as f:
                    f.write(data)


def read_as_image(tocsin, world):
    """The lines that rows_dump would print, of the root as a tar."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "root.tar")
        with tarfile.open(path, "w") as tar:
            for name, data in world.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                tar.addfile(entry, io.BytesIO(data))
        got = subprocess.run([tocsin, "inventory", path, "--os", "debian:12", "-o", "json"], capture_output=True, text=True, check=True)
    answer = json.loads(got.stdout)
    lines = []
    for c in answer["components"]:
        if c["type"] != "deb":
            flags = "".join(f[0].upper() for f in c.get("flags", []))
            lines.append("\t".join([c["type"], c["ecosystem"] or "-", c["name"], c["version"], flags, c["purl"] or "-", c["path"]]))
    return sorted(lines) + sorted(f"!\t{w}" for w in answer["warnings"])


def main():
    world = {**texts(), **java(), **programs()}
    if sys.argv[1] == "--corpus":
        write_corpus(sys.argv[2], world)
        return 0
    with tempfile.TemporaryDirectory() as root:
        for path, data in world.items():
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(root, path), "wb") as f:
                f.write(data)
        got = subprocess.run([sys.argv[1], root], capture_output=True, text=True, check=True).stdout
    # the folder's own order is the file system's
    lines = got.splitlines(True)
    got = "".join([l for l in lines if l[0] != "!"] + sorted(l for l in lines if l[0] == "!"))
    want_path = os.path.join(sys.argv[2], "languages.txt")
    if os.environ.get("TOCSIN_GOLDEN_UPDATE"):
        with open(want_path, "w", encoding="utf-8") as f:
            f.write(got)
    with open(want_path, encoding="utf-8") as f:
        want = f.read()
    if want != got:
        print(f"expected\n{want}\ngot\n{got}")
        return 1
    image = read_as_image(sys.argv[3], world)
    if sorted(want.splitlines()) != sorted(image):
        print(f"as an image: {set(want.splitlines()) ^ set(image)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
