#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A real registry (Debian's docker-registry) with images that skopeo pushed: pulled by tag,
by digest and by platform, with a password and with the credentials docker keeps.

usage: registry_test.py TOCSIN; exit status 77 where registry or skopeo are missing."""

import base64
import gzip
import hashlib
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
import urllib.request

TOCSIN = sys.argv.pop(1)
NEEDED = ("docker-registry", "skopeo", "htpasswd")
STATUS = """Package: {name}
Status: install ok installed
Architecture: {arch}
Version: {version}
Description: x

"""


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def layer(files):
    """A tar with FILES: path -> text; None is a whiteout."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path, text in files.items():
            info = tarfile.TarInfo(path)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


class Layout:
    """An OCI layout with one image for each platform."""

    def __init__(self, path):
        self.path = path
        os.makedirs(os.path.join(path, "blobs/sha256"))
        self.manifests = []
        self.put("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')

    def put(self, name, data):
        with open(os.path.join(self.path, name), "wb") as f:
            f.write(data)

    def blob(self, data):
        self.put("blobs/sha256/" + digest(data)[7:], data)
        return {"digest": digest(data), "size": len(data)}

    def image(self, arch, layers):
        config = {"architecture": arch, "os": "linux", "config": {},
                  "rootfs": {"type": "layers", "diff_ids": [digest(l) for l in layers]}}
        manifest = {
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json",
                       **self.blob(json.dumps(config).encode())},
            "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
                        **self.blob(gzip.compress(l, mtime=0))} for l in layers]}
        self.manifests.append({"mediaType": manifest["mediaType"],
                               "platform": {"architecture": arch, "os": "linux"},
                               **self.blob(json.dumps(manifest).encode())})

    def close(self):
        index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
                 "manifests": self.manifests}
        if len(self.manifests) > 1:
            nested = self.blob(json.dumps(index).encode())
            index["manifests"] = [{"mediaType": index["mediaType"], **nested}]
        self.put("index.json", json.dumps(index).encode())


def debian(arch, version):
    """A base layer, and one above it that brings another package."""
    base = STATUS.format(name="libc6", arch=arch, version="2.36-9+deb12u1")
    return [layer({"etc/os-release": 'ID=debian\nVERSION_ID="12"\n',
                   "var/lib/dpkg/status": base}),
            layer({"var/lib/dpkg/status":
                   base + STATUS.format(name="openssl", arch=arch, version=version)})]


class Registry(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.box = tempfile.mkdtemp(prefix="tocsin-registry-")
        cls.path = staticmethod(lambda name: os.path.join(cls.box, name))
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            cls.host = f"127.0.0.1:{s.getsockname()[1]}"
        subprocess.run(["htpasswd", "-Bbc", cls.path("htpasswd"), "anna", "s3cret"],
                       check=True, capture_output=True)
        with open(cls.path("registry.yml"), "w", encoding="utf-8") as f:
            f.write(f"""version: 0.1
storage: {{filesystem: {{rootdirectory: {cls.path("storage")}}}}}
http: {{addr: "{cls.host}"}}
auth: {{htpasswd: {{realm: here, path: {cls.path("htpasswd")}}}}}
""")
        with open(cls.path("policy.json"), "w", encoding="utf-8") as f:
            f.write('{"default":[{"type":"insecureAcceptAnything"}]}')
        cls.log = open(cls.path("log"), "wb")
        cls.server = subprocess.Popen(["docker-registry", "serve", cls.path("registry.yml")],
                                      stdout=cls.log, stderr=cls.log)
        for _ in range(200):
            try:
                with socket.create_connection(tuple(cls.host.split(":")), 1):
                    break
            except OSError:
                time.sleep(0.05)
        os.mkdir(cls.path("docker"))
        with open(cls.path("docker/config.json"), "w", encoding="utf-8") as f:
            pair = base64.b64encode(b"anna:s3cret").decode()
            json.dump({"auths": {cls.host: {"auth": pair}}}, f)

    @classmethod
    def tearDownClass(cls):
        cls.server.kill()
        cls.server.wait()
        cls.log.close()
        shutil.rmtree(cls.box)

    def push(self, layout, name, *options):
        subprocess.run(["skopeo", "--policy", self.path("policy.json"), "copy", "--quiet",
                        "--dest-tls-verify=false", "--dest-creds", "anna:s3cret", *options,
                        f"oci:{layout}", f"docker://{self.host}/{name}"],
                       check=True, capture_output=True, timeout=120)

    def tocsin(self, *words, status=0, docker=True):
        env = {k: v for k, v in os.environ.items()
               if k not in ("DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR")}
        env["HOME"] = self.box
        if docker:
            env["DOCKER_CONFIG"] = self.path("docker")
        done = subprocess.run([TOCSIN, *words], env=env, capture_output=True, text=True,
                              timeout=120, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout if status == 0 else done.stderr

    def packages(self, ref, *options):
        found = json.loads(self.tocsin("inventory", ref, "-o", "json", *options))
        return found, {c["name"]: c for c in found["components"]}

    def one(self, name, version="3.0.11-1", *options):
        layout = Layout(self.path(name.replace("/", "_").replace(":", "_") + ".oci"))
        layout.image("amd64", debian("amd64", version))
        layout.close()
        self.push(layout.path, name, *options)
        return layout

    def test_an_image_is_pulled_by_its_tag(self):
        self.one("team/app:1")
        found, packages = self.packages(f"{self.host}/team/app:1")
        self.assertEqual(packages["openssl"]["version"], "3.0.11-1")
        self.assertEqual(found["os"]["ecosystem"], "debian:12")
        self.assertEqual(found["subject"], f"{self.host}/team/app:1")
        self.assertTrue(found["digest"].startswith("sha256:"))
        # which layer brought it
        self.assertNotEqual(packages["openssl"]["layer"], packages["libc6"]["layer"])

    def test_an_image_is_pulled_by_its_digest(self):
        layout = self.one("team/pinned:1")
        found, packages = self.packages(
            f"registry:{self.host}/team/pinned@{layout.manifests[0]['digest']}")
        self.assertIn("openssl", packages)
        self.assertEqual(found["digest"], layout.manifests[0]["digest"])

    def test_docker_schema_2_and_zstd_layers(self):
        for name, options in (("team/v2s2:1", ["--format", "v2s2"]),
                              ("team/zstd:1", ["--dest-compress-format", "zstd"])):
            self.one(name, "3.0.12-1", *options)
            _, packages = self.packages(f"{self.host}/{name}")
            self.assertEqual(packages["openssl"]["version"], "3.0.12-1", name)

    def test_a_platform_is_chosen_from_an_index(self):
        layout = Layout(self.path("multi.oci"))
        for arch in ("amd64", "arm64"):
            layout.image(arch, debian(arch, f"3.0.1-{len(arch) + ord(arch[1])}"))
        layout.close()
        self.push(layout.path, "team/multi:1", "--all")
        _, packages = self.packages(f"{self.host}/team/multi:1", "--platform", "linux/arm64")
        self.assertEqual(packages["openssl"]["arch"], "arm64")
        _, packages = self.packages(f"{self.host}/team/multi:1", "--platform", "linux/amd64")
        self.assertEqual(packages["openssl"]["arch"], "amd64")
        error = self.tocsin("inventory", f"{self.host}/team/multi:1", "--platform",
                            "linux/s390x", status=2)
        self.assertIn("linux/arm64", error)

    def test_who_is_not_logged_in_hears_so(self):
        self.one("team/closed:1")
        error = self.tocsin("inventory", f"{self.host}/team/closed:1", status=2, docker=False)
        self.assertIn("password", error)

    def test_what_is_not_there_is_named(self):
        self.assertIn("404", self.tocsin("inventory", f"{self.host}/team/none:1", status=2))

    def test_nothing_stays_in_the_spool(self):
        self.one("team/clean:1")
        before = {n for n in os.listdir("/tmp") if n.startswith("pull-")}
        self.packages(f"{self.host}/team/clean:1")
        self.assertEqual({n for n in os.listdir("/tmp") if n.startswith("pull-")}, before)


if __name__ == "__main__":
    missing = [n for n in NEEDED if shutil.which(n) is None]
    if missing:
        print("skipped: not installed: " + ", ".join(missing))
        sys.exit(77)
    unittest.main()
