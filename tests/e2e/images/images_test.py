#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""
Image archives and folders through the real binary: every layout, every packing, every way
in gives the same; links, whiteouts and platforms mean what they mean to a runtime; what is
broken or hostile is refused with a word, and costs nothing else.

usage: images_test.py TOCSIN SHARED_DATA [unittest arguments]
"""
import gzip
import io
import json
import lzma
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zlib

from archives import (
    DEBIAN,
    PACKINGS,
    Image,
    blob_name,
    chunked_zstd,
    digest,
    docker_new_members,
    docker_old_members,
    hard,
    layer,
    link,
    oci_members,
    packages,
    skopeo_dir_members,
    skopeo_saved_members,
    tar_of,
    write_file,
    write_folder,
)

TOCSIN, SHARED = sys.argv[1], sys.argv[2]
STATUS = "var/lib/dpkg/status"
BASE = layer({"etc/os-release": DEBIAN, STATUS: packages("bash 5.2", "libc6 2.36", "perl 5.36")})
MIDDLE = layer({STATUS: packages("bash 5.2", "libc6 2.36", "nginx 1.22"), "usr/bin/nginx": b"\x7fELF"})
TOP = layer({STATUS: packages("bash 5.3", "libc6 2.36", "nginx 1.22"), "app": b"mine"})
HISTORY = [
    {"created_by": "/bin/sh -c #(nop) ADD file:1 in / "},
    {"created_by": '/bin/sh -c #(nop)  CMD ["bash"]', "empty_layer": True},
    {"created_by": "RUN apt-get install nginx"},
    {"created_by": "COPY app /app"},
    {"created_by": 'CMD ["nginx"]', "empty_layer": True},
]


class Images(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="tocsin-images-")
        self.addCleanup(shutil.rmtree, self.dir)

    def path(self, name):
        return os.path.join(self.dir, name)

    def run_it(self, what, *options, data=None):
        return subprocess.run(
            [TOCSIN, "inventory", what, "-o", "json", *options],
            input=data,
            stdin=None if data is not None else subprocess.DEVNULL,
            capture_output=True,
            timeout=300,
            check=False,
            env={**os.environ, "TMPDIR": self.dir},
        )

    def read(self, what, *options, data=None):
        done = self.run_it(what, *options, data=data)
        self.assertEqual(done.returncode, 0, f"{what}: {done.stderr.decode()}")
        return json.loads(done.stdout)

    def refused(self, what, word, *options, data=None):
        done = self.run_it(what, *options, data=data)
        self.assertEqual(done.returncode, 2, f"{what} was read: {done.stdout[:300]}")
        self.assertIn(word, done.stderr.decode())

    def archive(self, members, name="image.tar"):
        return write_file(self.path(name), tar_of(members))

    @staticmethod
    def named(got):
        return [f"{c['name']} {c['version']}" for c in got["components"]]

    def one_layer(self, entries, *options):
        """The inventory of an image of one layer, from a file that can be read again."""
        return self.read(self.archive(docker_old_members([(Image([layer(entries)]), "t:1")])), *options)

    # ---- layouts ----

    def check(self, image, got, how, subject="shop/web:1"):
        ids = image.diff_ids()
        self.assertEqual(self.named(got), ["bash 5.3", "libc6 2.36", "nginx 1.22"], how)
        self.assertEqual([c["layer"] for c in got["components"]], [ids[2], ids[0], ids[1]], how)
        self.assertEqual([c["origin"] for c in got["components"]], ["app", "base", "app"], how)
        self.assertEqual([x["diff_id"] for x in got["layers"]], ids, how)
        self.assertEqual(got["os"]["ecosystem"], "debian:12", how)
        self.assertEqual(got["platform"], "linux/amd64", how)
        self.assertEqual(got["subject"], subject, how)
        self.assertEqual(got["warnings"], [], how)

    def test_every_layout_packing_and_way_in_gives_the_same(self):
        for pack in PACKINGS:
            image = Image([BASE, MIDDLE, TOP], pack, history=HISTORY)
            named = [(image, "shop/web:1")]
            layouts = {
                "docker-archive": (docker_old_members(named), None),
                "docker-archive of skopeo": (skopeo_saved_members(image, "shop/web:1"), None),
                "docker-archive of 25": (docker_new_members(named), digest(image.manifest)),
                "oci": (oci_members(named), digest(image.manifest)),
            }
            for layout, (members, its_digest) in layouts.items():
                data = tar_of(members)
                ways_in = {
                    "file": (write_file(self.path("a.tar"), data), None),
                    "backwards": (self.archive(dict(reversed(members.items())), "b.tar"), None),
                    "gzip": (write_file(self.path("a.tar.gz"), gzip.compress(data, 1)), None),
                    "pipe": ("-", data),
                    "packed pipe": ("-", lzma.compress(data, preset=0)),
                    "folder": (write_folder(tempfile.mkdtemp(dir=self.dir), members), None),
                }
                for how, ways in ways_in.items():
                    # a packing more is a packing more, however it comes in
                    if pack != "gzip" and how not in ("file", "pipe"):
                        continue
                    with self.subTest(pack=pack, layout=layout, how=how):
                        got = self.read(ways[0], data=ways[1])
                        self.check(image, got, how)
                        self.assertEqual(got["digest"], its_digest)
                        self.assertEqual(got["reader"], layout.split()[0])
            got = self.read(write_folder(tempfile.mkdtemp(dir=self.dir), skopeo_dir_members(image)))
            self.check(image, got, "skopeo-dir", subject=None)
            self.assertEqual((got["reader"], got["digest"]), ("skopeo-dir", digest(image.manifest)))

    def test_a_root_file_system_needs_no_manifest(self):
        entries = {"./etc/os-release": DEBIAN, "./" + STATUS: packages("bash 5.2"), "./manifest.json": b"[1, 2]"}
        data = layer(entries)
        for what, given in [
            (write_file(self.path("root.tar"), data), None),
            (write_file(self.path("root.tar.zst"), chunked_zstd(data)), None),
            ("-", data),
            (write_folder(self.path("root"), entries), None),
        ]:
            got = self.read(what, data=given)
            self.assertEqual((got["reader"], self.named(got)), ("rootfs", ["bash 5.2"]))
            self.assertEqual(got["components"][0]["layer"], None)
            self.assertEqual(got["components"][0]["path"], STATUS)
        self.refused(self.archive({"a": b"b"}), "no package database")

    def test_prefixes_say_what_is_expected(self):
        image = Image([BASE])
        old = self.archive(docker_old_members([(image, "a:1")]), "old.tar")
        oci = self.archive(oci_members([(image, "a:1")]), "oci.tar")
        folder = write_folder(self.path("oci"), oci_members([(image, "a:1")]))
        for what in [f"docker-archive:{old}", f"docker-archive:{old}:a:1", f"oci-archive:{oci}", f"oci-dir:{folder}",
                     f"oci-dir:{folder}:a:1", f"dir:{folder}", f"file:{old}"]:
            self.assertEqual(len(self.read(what)["components"]), 3, what)
        self.refused(f"docker-archive:{oci}", "is no docker-archive but oci")
        self.refused(f"oci-dir:{old}", "is no oci-dir but docker-archive")
        self.refused(f"sbom:{old}", "is no sbom")
        self.refused(f"docker-archive:{old}:b:1", "no image b:1 in it; it has a:1")

    # ---- which image ----

    def test_of_several_images_one_has_to_be_named(self):
        one, two = Image([BASE]), Image([BASE, TOP])
        for members in [docker_old_members, docker_new_members, oci_members]:
            path = self.archive(members([(one, "shop/one:1"), (two, "shop/two:2")]))
            if members != docker_new_members:
                self.refused(path, "several images; say which: shop/one:1, shop/two:2")
                self.assertEqual(self.named(self.read(f"file:{path}:shop/two:2"))[0], "bash 5.3")
                self.assertEqual(self.named(self.read(f"file:{path}:shop/one:1"))[0], "bash 5.2")
        same = self.archive(oci_members([(one, "a:1"), (one, "a:latest")]))
        self.assertEqual(self.read(same)["subject"], "a:1")
        self.assertEqual(len(self.read(f"file:{same}:docker.io/library/a")["components"]), 3)

    def test_a_platform_is_chosen(self):
        here = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
        arch = [here, "s390x" if here != "s390x" else "amd64"]
        images = [Image([layer({"etc/os-release": DEBIAN, STATUS: packages("only-%s 1" % a)})], arch=a) for a in arch]
        inner = {"schemaVersion": 2, "manifests": []}
        members = {}
        for image in images:
            members.update({blob_name(b): b for b in image.blobs()})
            inner["manifests"].append(
                Image.descriptor(image.manifest, "application/vnd.oci.image.manifest.v1+json", platform=image.platform)
            )
        # what BuildKit puts beside them
        inner["manifests"].append(
            {
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "digest": "sha256:" + "0" * 64,
                "size": 1,
                "platform": {"os": "unknown", "architecture": "unknown"},
            }
        )
        inner = json.dumps(inner).encode()
        members[blob_name(inner)] = inner
        members["oci-layout"] = b'{"imageLayoutVersion": "1.0.0"}'
        members["index.json"] = json.dumps(
            {
                "schemaVersion": 2,
                "manifests": [
                    Image.descriptor(
                        inner,
                        "application/vnd.oci.image.index.v1+json",
                        annotations={"io.containerd.image.name": "docker.io/library/x:1"},
                    )
                ],
            }
        ).encode()
        data = tar_of(members)
        path = write_file(self.path("x.tar"), data)
        for what, given in [(path, None), ("-", data), (write_folder(self.path("x"), members), None)]:
            self.assertEqual(self.named(self.read(what, data=given)), ["only-%s 1" % here])
            for a in arch:
                got = self.read(what, "--platform", "linux/" + a, data=given)
                self.assertEqual(self.named(got), ["only-%s 1" % a])
                self.assertEqual(got["platform"], "linux/" + a)
                self.assertEqual(got["subject"], "docker.io/library/x:1")
            self.refused(what, "it has linux/", "--platform", "linux/riscv64", data=given)

    def test_what_is_no_image_is_said(self):
        def layout(manifest):
            members = {blob_name(manifest): manifest, "oci-layout": b"{}"}
            offer = Image.descriptor(manifest, "application/vnd.oci.image.manifest.v1+json")
            members["index.json"] = json.dumps({"manifests": [offer]}).encode()
            return self.archive(members)

        helm = {"mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": digest(b"{}"), "size": 2}
        self.refused(layout(json.dumps({"config": helm, "layers": []}).encode()), "not an image")
        self.refused(layout(b'{"schemaVersion": 1, "fsLayers": []}'), "schema 1")
        self.refused(layout(b'{"artifactType": "x/y", "layers": []}'), "not an image")
        self.refused(self.archive({"oci-layout": b"{}", "index.json": b'{"manifests": []}'}), "names no image")
        self.refused(self.archive({"oci-layout": b"{}", "index.json": b"{"}), "index.json cannot be read")

    def test_an_image_of_windows_is_unsupported(self):
        image = Image([layer({"Files/x": b""})], os_name="windows")
        got = self.read(self.archive(oci_members([(image, "w:1")])))
        self.assertEqual((got["os"]["id"], got["coverage"]["state"]), ("windows", "unsupported"))

    def test_nothing_inside_is_scratch_and_not_clean(self):
        got = self.one_layer({"hello": b"\x7fELF"})
        self.assertEqual((got["os"]["state"], got["components"]), ("scratch", []))
        got = self.one_layer({STATUS: packages("bash 5.2")})
        self.assertEqual(got["os"]["state"], "unidentified")
        got = self.one_layer({"etc/os-release": DEBIAN})
        self.assertEqual(got["coverage"]["state"], "partial")
        self.assertIn("no database of its packages", got["warnings"][0])

    # ---- what layers mean ----

    def stack(self, *layers, **more):
        image = Image([layer(one) for one in layers], **more)
        return image, self.read(self.archive(docker_old_members([(image, "t:1")])))

    def test_whiteouts_take_away(self):
        distroless = {
            "etc/os-release": DEBIAN,
            "var/lib/dpkg/status.d/a": b"Package: a\nVersion: 1",
            "var/lib/dpkg/status.d/b": b"Package: b\nVersion: 1",
            "var/lib/dpkg/status.d/a.md5sums": b"00 x\n",
        }
        for top, want in [
            ({"var/lib/dpkg/status.d/.wh.a": b""}, ["b 1"]),
            ({"var/lib/.wh.dpkg": b""}, []),
            ({"var/lib/dpkg/status.d/.wh..wh..opq": b"", "var/lib/dpkg/status.d/c": b"Package: c\nVersion: 2"}, ["c 2"]),
            ({"var/lib/dpkg/status.d": b"a file now"}, []),
            ({"var/.wh.never-there": b"", "not/.wh.there": b"", ".wh.": b""}, ["a 1", "b 1"]),
        ]:
            _, got = self.stack(distroless, top)
            self.assertEqual(self.named(got), want, top)

    def test_a_package_is_of_the_layer_that_brought_this_version(self):
        os_file = {"etc/os-release": DEBIAN}
        image, got = self.stack(
            {**os_file, STATUS: packages("a 1", "b 1", "c 1")},
            {STATUS: packages("a 2", "b 1", "c 1")},
            {"unrelated": b""},
            {STATUS: packages("a 2", "c 1")},
            {STATUS: packages("a 2", "b 1", "c 1")},
        )
        ids = image.diff_ids()
        # b went and came back: what is there now came with the last
        self.assertEqual([c["layer"] for c in got["components"]], [ids[1], ids[4], ids[0]])
        image, got = self.stack(
            {**os_file, STATUS: packages("a 1")}, {"var/lib/dpkg/.wh.status": b""}, {STATUS: packages("a 1")}
        )
        self.assertEqual(got["components"][0]["layer"], image.diff_ids()[2])
        self.assertEqual(got["components"][0]["origin"], None)

    def test_the_base_is_told_by_history_or_by_a_label(self):
        layers = [{"etc/os-release": DEBIAN, STATUS: packages("a 1")}, {"x": b""}]
        added = [{"created_by": "ADD"}, {"created_by": "COPY x"}]
        command = {"created_by": 'CMD ["sh"]', "empty_layer": True}
        for history, labels, want in [
            ([added[0], command, added[1]], None, "base"),
            ([added[0], added[1], command], None, None),
            ([added[0], command], None, None),  # one layer too few: nobody knows
            (added, {"org.opencontainers.image.base.name": "scratch"}, "app"),
            (None, None, None),
        ]:
            _, got = self.stack(*layers, history=history, labels=labels)
            self.assertEqual(got["components"][0]["origin"], want, history)
        image = Image([layer(one) for one in layers], notes={"org.opencontainers.image.base.name": "scratch"})
        got = self.read(self.archive(oci_members([(image, "t:1")])))
        self.assertEqual(got["components"][0]["origin"], "app")

    def test_links_are_followed_inside(self):
        real = packages("a 1")
        for why, entries in {
            "system": {"etc/os-release": link("../usr/lib/os-release"), "usr/lib/os-release": DEBIAN, STATUS: real},
            "system elsewhere": {"etc/os-release": link("/opt/words"), "opt/words": DEBIAN, STATUS: real},
            "file": {"etc/os-release": DEBIAN, STATUS: link("/data/db"), "data/db": real},
            "folder": {"etc/os-release": DEBIAN, "var/lib/dpkg": link("/opt/dpkg"), "opt/dpkg/status": real},
            "folder above": {"etc/os-release": DEBIAN, "var": link("v"), "v/lib/dpkg/status": real},
            "hard": {"etc/os-release": DEBIAN, "x": real, STATUS: hard("x")},
            "hard to hard": {"etc/os-release": DEBIAN, "x": real, "y": hard("x"), STATUS: hard("./y")},
            "hard to link": {"etc/os-release": DEBIAN, "x": real, "y": link("x"), "var/lib/dpkg/status": link("/y")},
        }.items():
            data = tar_of(docker_old_members([(Image([layer(entries)]), "t:1")]))
            for what in [write_file(self.path("l.tar"), data), write_file(self.path("l.gz"), gzip.compress(data))]:
                got = self.read(what)
                self.assertEqual((self.named(got), got["os"]["ecosystem"]), (["a 1"], "debian:12"), why)
            flat = write_file(self.path("flat.tar"), layer(entries))
            self.assertEqual(self.named(self.read(flat)), ["a 1"], why)
            folder = write_folder(tempfile.mkdtemp(dir=self.dir), entries)
            self.assertEqual(self.named(self.read(folder)), ["a 1"], why)
            # from a pipe it is found, or said to be missing
            got = self.read("-", data=data)
            self.assertTrue(self.named(got) == ["a 1"] or got["warnings"], why)

    def test_a_link_into_a_lower_layer_finds_its_bytes(self):
        image, got = self.stack(
            {"etc/os-release": DEBIAN, "x": packages("a 1"), "lib": link("usr/lib"), "usr/lib/": None},
            {STATUS: hard("x")},
            {".wh.x": b""},
        )
        self.assertEqual(self.named(got), ["a 1"])
        self.assertEqual(got["components"][0]["layer"], image.diff_ids()[1])

    # ---- broken ----

    def test_what_is_not_what_it_is_said_to_be_is_refused(self):
        image = Image([BASE, TOP])
        good = oci_members([(image, "t:1")])
        for member, word in [
            (blob_name(image.packed[1]), "layer"),
            (blob_name(image.config), "digest"),
            (blob_name(image.manifest), "digest"),
        ]:
            for change in [lambda b: b[:40] + bytes([b[40] ^ 1]) + b[41:], lambda b: b + b" ", lambda b: b[:-9]]:
                members = {**good, member: change(good[member])}
                self.refused(self.archive(members), word)
                self.refused("-", word, data=tar_of(members))
                self.refused(write_folder(tempfile.mkdtemp(dir=self.dir), members), word)
            members = {name: what for name, what in good.items() if name != member}
            self.refused(self.archive(members), "missing")
        other = Image([BASE, MIDDLE], "plain")
        members = docker_old_members([(Image([BASE, TOP], "plain"), "t:1")])
        swapped = {n: other.packed[1] if w == TOP else w for n, w in members.items()}
        self.refused(self.archive(swapped), "diff_id")
        wrong = json.loads(members["manifest.json"])
        wrong[0]["Layers"].pop()
        self.refused(self.archive({**members, "manifest.json": json.dumps(wrong).encode()}), "configuration 2")

    def test_cut_off_anywhere_it_is_refused(self):
        data = tar_of(docker_old_members([(Image([BASE, TOP]), "t:1")]))
        end = data.rindex(b'"Layers"')  # what comes behind the manifest is nobody's loss
        for n in range(512, end, max(end // 25, 1)):
            path = write_file(self.path("cut.tar"), data[:n])
            done = self.run_it(path)
            # an archive may end between two members: then something is missing
            self.assertEqual(done.returncode, 2, n)
            packed = gzip.compress(data)
            done = self.run_it("-", data=packed[: len(packed) * n // end])
            self.assertEqual(done.returncode, 2, n)

    def test_old_and_odd_tars_are_read(self):
        entries = {"etc/os-release": DEBIAN, STATUS: packages("a 1"), "l" * 200 + "/" + "m" * 120: b"x"}
        for form in [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]:
            self.assertEqual(self.named(self.read(write_file(self.path("r.tar"), layer(entries, form)))), ["a 1"])
        strange = [("etc/os-release", DEBIAN), ("caf\u00e9/\u2603", b""), (STATUS, packages("a 1")), ("\udcff", b"")]
        self.assertEqual(self.named(self.read(write_file(self.path("s.tar"), layer(strange)))), ["a 1"])
        # the last of two wins, the second name of the root does no harm
        twice = [("./", None), ("etc/os-release", DEBIAN), (STATUS, packages("a 1")), (STATUS, packages("b 2"))]
        self.assertEqual(self.named(self.read(write_file(self.path("t.tar"), layer(twice)))), ["b 2"])
        empty = Image([layer({}), BASE, b"\0" * 1024], "plain")
        self.assertEqual(len(self.read(self.archive(docker_old_members([(empty, "t:1")])))["components"]), 3)

    # ---- hostile ----

    def test_nothing_leads_outside(self):
        secret = write_file(self.path("secret"), packages("secret 1"))
        system = {"etc/os-release": DEBIAN, STATUS: packages("a 1")}
        for why, more in {
            "names": {"../../../../" + self.dir + "/x": b"x", "/abs/" + STATUS: b"x", "a/../../b": b"x"},
            "symbolic": {"var/lib/dpkg/status.d": link(self.dir), "etc/debian_version": link(secret)},
            "dots": {"var/lib/dpkg/status.d": link("../../../../../../../../" + self.dir)},
            "hard": {"var/lib/dpkg/status.d/x": hard("../../../../" + secret), "y": hard(secret)},
            "loop": {"var/lib/dpkg/status.d/l": link("l"), "a": link("b"), "b": link("a"), "a/x": b""},
        }.items():
            data = layer({**system, **more})
            for what, given in [(write_file(self.path("h.tar"), data), None), ("-", data)]:
                got = self.read(what, data=given)
                self.assertEqual(self.named(got), ["a 1"], why)
            self.assertEqual(sorted(os.listdir(self.dir)), ["h.tar", "secret"], why)
        folder = write_folder(
            self.path("root"),
            {**system, "var/lib/dpkg/status.d": link(self.dir), "var/lib/apk": link("/"), "up": link("..")},
        )
        self.assertEqual(self.named(self.read(folder)), ["a 1"])
        # a manifest that names files outside
        evil = docker_old_members([(Image([BASE]), "t:1")])
        manifest = json.loads(evil["manifest.json"])
        manifest[0]["Layers"] = ["../secret"]
        evil["manifest.json"] = json.dumps(manifest).encode()
        self.refused(write_folder(self.path("evil"), evil), "missing")
        manifest[0]["Config"] = "../../../../../../../../etc/passwd"
        evil["manifest.json"] = json.dumps(manifest).encode()
        self.refused(write_folder(self.path("evil2"), evil), "missing")

    def test_bombs_are_refused(self):
        zeros = gzip.compress(bytes(16 << 20), 9)
        head = tarfile.TarInfo("zeros")
        head.size = 3 << 30
        bomb = gzip.compress(head.tobuf()) + zeros * (3 * 64)
        image = Image([BASE])
        image.packed = [bomb]
        members = docker_old_members([(image, "t:1")])
        self.refused(self.archive(members), "times its size")
        self.refused("-", "times its size", data=bomb)
        within = zlib.compress(bytes(1 << 20))
        self.refused(self.archive({"manifest.json": b"[" * 100000 + b"]" * 100000, "a": within}), "no package")

    @staticmethod
    def headers(count, name):
        """COUNT empty files as a tar, made in a hurry: only digits of the name and the sum differ."""
        proto = bytearray(tarfile.TarInfo(name % 0).tobuf(tarfile.USTAR_FORMAT))
        at = name.index("%")
        base = sum(proto[:148]) + sum(proto[156:]) + 8 * 32 - 7 * 48
        out = []
        for i in range(count):
            digits = b"%07d" % i
            proto[at : at + 7] = digits
            proto[148:156] = b"%06o\0 " % (base + sum(digits))
            out.append(bytes(proto))
        return b"".join(out)

    def test_a_million_entries_are_read_and_no_more_than_two(self):
        few = layer({"etc/os-release": DEBIAN, STATUS: packages("a 1")}).rstrip(b"\0")
        few += bytes(-len(few) % 512)
        million = self.headers(1000000, "many/%07d")
        path = write_file(self.path("million.tar"), few + million + bytes(1024))
        self.assertEqual(self.named(self.read(path)), ["a 1"])
        with open(path, "wb") as f:
            f.write(few + million + million + bytes(1024))
        self.refused(path, "more than 2000000 entries")

    def test_folders_in_folders_in_folders(self):
        deep = [("/".join(["d"] * n), None) for n in (1, 1000, 2000, 2048)] + [("/".join(["d"] * 3000), b"too long")]
        system = [("etc/os-release", DEBIAN), (STATUS, packages("a 1"))]
        got = self.read(write_file(self.path("d.tar"), layer(system + deep)))
        self.assertEqual(self.named(got), ["a 1"])
        self.assertIn("too long", got["warnings"][0])
        many = [{"a/b/c/.wh..wh..opq": b"", "a/b/c/%d" % i: b""} for i in range(200)]
        _, got = self.stack(dict(system), *many)
        self.assertEqual(self.named(got), ["a 1"])
        _, got = self.stack(dict(system), *[{"x%d" % i: b""} for i in range(511)])
        self.assertEqual(self.named(got), ["a 1"])
        too_many = Image([BASE] + [layer({"x": b"%d" % i}) for i in range(512)])
        self.refused(self.archive(docker_old_members([(too_many, "t:1")])), "more than 512 layers")

    def test_indexes_do_not_nest_for_ever(self):
        image = Image([BASE])
        members = {blob_name(b): b for b in image.blobs()}
        offer = Image.descriptor(image.manifest, "application/vnd.oci.image.manifest.v1+json")
        for _ in range(12):
            index = json.dumps({"manifests": [offer]}).encode()
            members[blob_name(index)] = index
            offer = Image.descriptor(index, "application/vnd.oci.image.index.v1+json")
        members["index.json"] = json.dumps({"manifests": [offer]}).encode()
        self.refused(self.archive(members), "indexes inside each other")

    # ---- other people's ----

    def test_what_skopeo_and_umoci_write(self):
        if not shutil.which("skopeo") or not shutil.which("umoci"):
            self.skipTest("skopeo or umoci is not installed")
        image = Image([BASE, MIDDLE, TOP], "plain", history=HISTORY)
        source = "docker-archive:" + self.archive(docker_old_members([(image, "shop/web:1")]))
        for target, subject in [("oci:oci:shop/web:1", "shop/web:1"), ("dir:dir", None),
                                ("oci-archive:oci.tar:shop/web:1", "shop/web:1"),
                                ("docker-archive:saved.tar:shop/web:1", "docker.io/shop/web:1")]:
            subprocess.run(
                ["skopeo", "--insecure-policy", "copy", "-q", source, target], cwd=self.dir, check=True,
                env={**os.environ, "TMPDIR": self.dir}, capture_output=True,
            )
            got = self.read(self.path(target.split(":")[1]))
            self.check(image, {**got, "subject": "shop/web:1"}, target)
            self.assertIn(got["subject"], [subject, (subject or "").replace("docker.io/", "") or None], target)
        write_file(self.path("status"), packages("bash 9"))
        subprocess.run(
            ["umoci", "insert", "--rootless", "--image", "oci:shop/web:1", "status", "/" + STATUS],
            cwd=self.dir, check=True, capture_output=True,
        )
        got = self.read(f"oci-dir:{self.path('oci')}:shop/web:1")
        self.assertEqual(self.named(got), ["bash 9"])
        self.assertEqual(len(got["layers"]), 4)

    def test_real_archives(self):
        folder = os.path.join(SHARED, "inventories", "image-archive")
        golden = os.path.join(SHARED, "expected", "trivy", "packages", "alpine-310.json.golden")
        if not os.path.exists(golden):
            self.skipTest("no shared data")
        got = self.read(os.path.join(folder, "alpine-310.tar.gz"))
        with open(golden, encoding="utf-8") as f:
            want = sorted((p["Name"], p["Version"]) for p in json.load(f))
        self.assertEqual(sorted((c["name"], c["version"]) for c in got["components"]), want)
        self.assertEqual((got["subject"], got["os"]["ecosystem"]), ("alpine:3.10", "alpine:3.10"))
        with open(os.path.join(folder, "image3_gz_layers.tar"), "rb") as f:
            data = f.read()
        for given in [self.read("-", data=data), self.read(write_file(self.path("i.tar"), data))]:
            self.assertEqual(len(given["layers"]), 4)
            self.assertEqual({c["layer"] for c in given["components"]}, {given["layers"][0]["diff_id"]})
            self.assertEqual({c["origin"] for c in given["components"]}, {"base"})
        scancode = os.path.join(folder, "scancode.io", "docker")
        got = self.read(os.path.join(scancode, "alpine_3_15_4.tar.gz"))
        self.assertEqual(got["os"]["ecosystem"], "alpine:3.15")
        self.refused(os.path.join(scancode, "docker-images.tar.gz"), "several images")
        # its layers were emptied by somebody
        self.refused("file:%s:microscaling/microscaling" % os.path.join(scancode, "docker-images.tar.gz"), "diff_id")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
