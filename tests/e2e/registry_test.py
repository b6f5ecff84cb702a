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
import threading
import time
import unittest
import urllib.parse
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
        shutil.rmtree(path, ignore_errors=True)
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
storage: {{filesystem: {{rootdirectory: {cls.path("storage")}}}, delete: {{enabled: true}}}}
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

    # ---- a server that pulls ----

    def serve(self):
        """A server of its own with a fresh store; returns ask(method, path, body)."""
        box = tempfile.mkdtemp(prefix="tocsin-serve-", dir=self.box)
        with open(os.path.join(box, "t.yaml"), "w", encoding="utf-8") as f:
            f.write(f"""listen: 127.0.0.1:0
db: {box}/t.db
feeds: {{catalogue: []}}
images: {{check: 1s, docker_config: "{self.path("docker/config.json")}"}}
registries: {{"{self.host}": {{plain_http: true}}}}
""")
        token = subprocess.run(
            [TOCSIN, "token", "create", "--team", "shop", "--scope", "admin", "--config",
             f"{box}/t.yaml"], capture_output=True, text=True, check=True).stdout.strip()
        server = subprocess.Popen([TOCSIN, "serve", "--config", f"{box}/t.yaml"],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        lines = []
        for line in server.stdout:
            lines.append(line)
            found = [w for w in line.replace(",", " ").split() if w.startswith("http://127.0.0.1:")]
            if found:
                url = found[0].rstrip("/").rstrip(".")
                break
        else:
            self.fail("".join(lines))
        # nobody reads the rest otherwise, and a full pipe would stop the server
        threading.Thread(target=lambda: [None for _ in server.stdout], daemon=True).start()
        self.client = {"TOCSIN_URL": url, "TOCSIN_TOKEN": token}

        def ask(method, path, body=None, status=(200, 201, 202, 204)):
            request = urllib.request.Request(
                url + path, method=method, data=body.encode() if body is not None else None,
                headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=30) as answer:
                self.assertIn(answer.status, status)
                text = answer.read()
            return json.loads(text) if text else None
        return ask

    def until(self, check, what):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            got = check()
            if got:
                return got
            time.sleep(0.1)
        self.fail(what)

    def cli(self, *words, stdin=None, status=0):
        done = subprocess.run([TOCSIN, *words], env={**os.environ, **self.client}, input=stdin,
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_a_watched_tag_is_pulled_again_when_it_moves(self):
        self.one("team/moving:1", "3.0.11-1")
        ask = self.serve()
        ask("PUT", "/v1/lists/web", "{}")
        ref = f"{self.host}/team/moving:1"
        out = self.cli("images", "add", ref, "--list", "web", "--label", "env=prod")
        self.assertIn(f"{ref}  ok", out)
        name = urllib.parse.quote(ref, safe="")
        image = ask("GET", f"/v1/images/{name}")
        self.assertEqual(image["image"]["lists"], ["web"])
        self.assertEqual(image["image"]["labels"], {"env": "prod"})
        self.assertEqual(image["watch"]["state"], "ok")
        first = image["image"]["digest"]
        self.one("team/moving:1", "3.0.99-1")
        moved = self.until(
            lambda: (lambda i: i if i["image"]["digest"] != first else None)(
                ask("GET", f"/v1/images/{name}")), "the image does not move")
        packages = ask("GET", f"/v1/images/{name}/components")
        self.assertIn("3.0.99-1", json.dumps(packages))
        self.assertNotEqual(moved["image"]["digest"], first)
        kinds = [e["kind"] for e in ask("GET", "/v1/events")["items"]]
        self.assertEqual(kinds.count("image.moved"), 1)
        # deleted is deleted: it is not pulled again
        ask("DELETE", f"/v1/images/{name}")
        time.sleep(2)
        self.assertEqual(ask("GET", "/v1/images")["count"], 0)

    def test_what_the_registry_lost_is_told_and_so_is_its_return(self):
        self.one("team/lost:1")
        ask = self.serve()
        ref = f"{self.host}/team/lost:1"
        self.cli("images", "add", ref)
        name = urllib.parse.quote(ref, safe="")
        seen = ask("GET", f"/v1/images/{name}")["image"]["id"]

        def kinds():
            return [e["kind"] for e in ask("GET", "/v1/events")["items"]
                    if e["kind"] in ("image.unreachable", "image.reachable")]

        def look_until(state, failures):
            """Ask for a look, and wait until it was taken."""
            ask("POST", f"/v1/images/{name}/pull")
            self.until(lambda: (lambda w: w["state"] == state and w["failures"] == failures)(
                ask("GET", f"/v1/images/{name}")["watch"]), f"never {state} {failures}")

        subprocess.run(["skopeo", "delete", "--tls-verify=false", "--creds", "anna:s3cret",
                        f"docker://{ref}"], check=True, capture_output=True, timeout=120)
        self.until(lambda: ask("GET", f"/v1/images/{name}")["watch"]["state"] == "gone",
                   "the registry still has it")
        self.assertEqual(kinds(), [])
        look_until("gone", 1)
        self.until(kinds, "nobody is told")
        self.assertEqual(kinds(), ["image.unreachable"])
        # what is known of it stays
        self.assertIn("openssl", json.dumps(ask("GET", f"/v1/images/{name}/components")))
        self.one("team/lost:1")
        look_until("ok", 0)
        self.until(lambda: kinds() == ["image.unreachable", "image.reachable"], "not back")
        self.assertEqual(ask("GET", f"/v1/images/{name}")["image"]["id"], seen)

    def test_what_cannot_be_pulled_says_why(self):
        ask = self.serve()
        answer = ask("POST", "/v1/images", json.dumps({"images": [
            {"ref": f"{self.host}/team/none:1"}, {"ref": "Not A Reference"},
            {"ref": "x", "list": "nolist"}]}))
        self.assertEqual(answer["accepted"], 1)
        self.assertEqual(len(answer["refused"]), 2)
        gone = self.until(lambda: [i for i in ask("GET", f"/v1/imports/{answer['import']}")["items"]
                                   if i["state"] != "waiting"], "nothing was tried")
        self.assertEqual(gone[0]["state"], "gone")
        self.assertIn("404", gone[0]["error"])

    def test_a_cluster_is_followed(self):
        layout = self.one("team/web:1", "3.0.11-1")
        running = layout.manifests[0]["digest"]
        self.one("team/job:1", "3.0.11-1")
        ask = self.serve()

        def pods(*names):
            return json.dumps({"apiVersion": "v1", "kind": "List", "items": [
                {"apiVersion": "v1", "kind": "Pod",
                 "metadata": {"name": n, "namespace": "shop", "labels": {"owner": "anna"}},
                 "spec": {"containers": [{"name": "c", "image": f"{self.host}/team/{n}:1"}]},
                 "status": {"containerStatuses": [
                     {"name": "c", "imageID": f"{self.host}/team/{n}@{running}"}]
                     if n == "web" else []}} for n in names]})

        words = ("images", "sync", "--from", "prod", "-", "--list-by", "namespace",
                 "--owner-from", "owner", "--grace", "1s")
        out = self.cli(*words, "--dry-run", stdin=pods("web", "job"))
        self.assertIn("2 new here", out)
        self.assertEqual(ask("GET", "/v1/images")["count"], 0)
        self.cli(*words, stdin=pods("web", "job"))
        self.until(lambda: ask("GET", "/v1/images")["count"] == 2, "nothing was pulled")
        web = ask("GET", "/v1/images/" + urllib.parse.quote(f"{self.host}/team/web:1", safe=""))
        self.assertEqual(web["image"]["digest"], running)
        self.assertEqual(web["image"]["lists"], ["shop"])
        self.assertEqual(web["image"]["owner"]["name"], "anna")
        self.assertEqual(web["places"][0]["workload"], "Pod/web")
        # gone from the cluster, retired after the grace
        self.cli(*words, stdin=pods("web"))
        self.until(lambda: ask("GET", "/v1/images")["count"] == 1, "nothing was retired")

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
