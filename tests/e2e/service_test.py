#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The real binary end to end: feeds from files, images over REST, a webhook and a mail that
really arrive, kill -9 in the middle, SIGTERM, two teams, bad requests.

    service_test.py TOCSIN PROJECT_DIR
"""
import email
import email.policy
import glob
import gzip
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "images"))

from archives import Image, digest, docker_new_members, layer, tar_of  # noqa: E402

TOCSIN, PROJECT = sys.argv[1:3]
PATIENCE_S = 60


def secdb(packages):
    return json.dumps(
        {
            "distroversion": "v3.20",
            "reponame": "main",
            "packages": [{"pkg": {"name": n, "secfixes": f}} for n, f in packages.items()],
        }
    )


def apk(**packages):
    return "".join(f"P:{n}\nV:{v}\nA:x86_64\no:{n}\n\n" for n, v in packages.items()).encode()


class Rig(unittest.TestCase):
    more_smtp, more = "", ""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="tocsin-e2e-")
        self.inbox = os.path.join(self.dir, "inbox")
        self.feed = os.path.join(self.dir, "main.json")
        self.server = None
        self.write_feed({"zlib": {"1.2.12-r2": ["CVE-2022-37434"]}})
        self.receiver = subprocess.Popen(
            [sys.executable, os.path.join(PROJECT, "examples/receiver.py"), self.inbox, "--seconds", "240"]
        )
        self.until(lambda: os.path.exists(os.path.join(self.inbox, "ports")), "the receiver to start")
        with open(os.path.join(self.inbox, "ports"), encoding="ascii") as f:
            self.http_port, self.smtp_port = f.read().split()
        self.env = dict(os.environ, TOCSIN_STATE_DIR=os.path.join(self.dir, "state"))
        self.config = os.path.join(self.dir, "tocsin.yaml")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(
                f"""
listen: 127.0.0.1:0
{self.more}
db: sqlite:{self.dir}/t.db
api.max_upload: 1MiB
notify:
  allow_cidrs: ["127.0.0.0/8"]
  gather: 1s
  retry: [1s, 1s, 1s, 1s]
  smtp: {{url: "smtp://127.0.0.1:{self.smtp_port}", from: "tocsin@example.org"{self.more_smtp}}}
feeds:
  catalogue: []
  list:
    - {{name: alpine, driver: secdb, url: "file://{self.feed}", interval: 1s, ecosystems: ["alpine:*"]}}
"""
            )
        self.start()

    def tearDown(self):
        if self.server and self.server.poll() is None:
            self.server.kill()
            self.server.wait()
        open(os.path.join(self.inbox, "stop"), "w", encoding="ascii").close()
        self.receiver.wait(30)
        for stream in (self.server.stdout,) if self.server else ():
            stream.close()

    # ---- tools ----

    def until(self, done, what):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            value = done()
            if value:
                return value
            time.sleep(0.05)
        text = self.read_log()[-3000:]
        self.fail(f"waited {PATIENCE_S} s for {what}\n{text}")

    def read_log(self):
        with open(os.path.join(self.dir, "log"), encoding="utf-8") as f:
            return f.read()

    def write_feed(self, packages):
        with open(self.feed + ".new", "w", encoding="utf-8") as f:
            f.write(secdb(packages))
        os.rename(self.feed + ".new", self.feed)

    def start(self):
        with open(os.path.join(self.dir, "log"), "ab") as log:
            self.server = subprocess.Popen(
                [TOCSIN, "serve", "--config", self.config],
                env=self.env, stdout=subprocess.PIPE, stderr=log,
            )
        for line in self.server.stdout:
            if b"listening" in line:
                self.url = line.split()[1].decode()
                self.port = int(self.url.rsplit(":", 1)[1])
                break
        token = os.path.join(self.dir, "state", "token")
        with open(token, encoding="ascii") as f:
            self.token = f.read().strip()
        self.assertEqual(os.stat(token).st_mode & 0o777, 0o600)

    def ask(self, method, path, body=None, token=None, status=None):
        if isinstance(body, (dict, list)):
            body, kind = json.dumps(body).encode(), "application/json"
        else:
            kind = "application/octet-stream"
        request = urllib.request.Request(self.url + path, data=body, method=method)
        request.add_header("Content-Type", kind)
        if token != "":
            request.add_header("Authorization", "Bearer " + (token or self.token))
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                got, text = answer.status, answer.read()
        except urllib.error.HTTPError as e:
            got, text = e.code, e.read()
        if status is not None:
            self.assertEqual(got, status, text)
        return json.loads(text) if text.startswith(b"{") else text

    def register(self, name, document, token=None, **query):
        query = urllib.parse.urlencode(dict(name=name, os="alpine:3.20", **query))
        return self.ask("POST", f"/v1/inventories?{query}", document, token)

    def cli(self, *arguments, code=0):
        env = dict(self.env, TOCSIN_URL=self.url)
        done = subprocess.run([TOCSIN, *arguments], env=env, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout

    def feeds_done(self):
        items = self.ask("GET", "/v1/feeds")["items"]
        return items and all(f["state"] == "done" for f in items)

    def hooks(self):
        found = []
        for path in sorted(glob.glob(os.path.join(self.inbox, "hook-*.json"))):
            with open(path, encoding="utf-8") as f:
                found.append(json.load(f))
        return found

    def subscribe(self):
        self.ask("PUT", "/v1/lists/web", {}, status=201)
        hook = self.ask(
            "POST", "/v1/channels",
            {"name": "hook", "type": "webhook", "config": {"url": f"http://127.0.0.1:{self.http_port}/h"}},
            status=201,
        )
        with open(os.path.join(self.inbox, "secret"), "w", encoding="ascii") as f:
            f.write(hook["secret"])
        self.ask("POST", "/v1/channels", {"name": "mail", "type": "smtp", "config": {"to": ["ops@example.org"]}}, status=201)
        self.ask(
            "POST", "/v1/subscriptions",
            {"name": "news", "list": "web", "channels": ["hook", "mail"], "gather": "1s"}, status=201,
        )


class Service(Rig):

    def test_a_change_of_a_feed_reaches_webhook_and_mailbox_once(self):
        self.until(self.feeds_done, "the feed")
        self.ask("PUT", "/v1/lists/web", {}, status=201)
        self.register("shop", apk(openssl="3.3.0-r0", zlib="1.3.1-r1"), list="web")
        self.ask("DELETE", "/v1/lists/web", status=204)
        self.subscribe()
        self.ask("POST", "/v1/lists/web/images", {"add": ["shop"]}, status=200)
        first = self.until(self.hooks, "the baseline of a joined image")
        self.assertTrue(first[0]["body"]["data"]["baseline"])
        self.write_feed({"zlib": {"1.2.12-r2": ["CVE-2022-37434"]}, "openssl": {"3.3.1-r1": ["CVE-2024-5535"]}})
        hook = self.until(lambda: [h for h in self.hooks() if "CVE-2024-5535" in h["raw"]], "the webhook")[0]
        self.assertEqual(hook["signature"], "good")
        row = hook["body"]["data"]["vulnerabilities"][0]
        self.assertEqual((row["vulnerability"], row["change"]), ("CVE-2024-5535", "opened"))
        self.assertEqual(row["packages"][0]["fix"], {"state": "available", "version": "3.3.1-r1"})
        self.assertEqual([i["name"] for i in row["images"]], ["shop"])
        self.until(
            lambda: [p for p in glob.glob(os.path.join(self.inbox, "mail-*.eml")) if b"CVE-2024-5535" in open(p, "rb").read()],
            "the mail",
        )
        affected = self.ask("GET", "/v1/vulnerabilities/CVE-2024-5535/images")
        self.assertEqual((affected["count"], affected["items"][0]["name"]), (1, "shop"))
        self.assertIn("shop", self.cli("affected", "CVE-2024-5535"))
        self.assertIn("version_has_fix", self.cli("explain", "shop", "CVE-2022-37434"))
        number = next(e["seq"] for e in self.ask("GET", "/v1/events?limit=200")["items"] if e["kind"] == "finding.opened")
        before = self.ask("GET", f"/v1/images/shop/findings?as_of=seq:{int(number) - 1}")
        self.assertNotIn("CVE-2024-5535", [f["vulnerability"] for f in before["items"]])
        self.assertEqual(before["scores_as_of"], "now")
        self.assertIn("CVE-2024-5535", self.cli("images", "findings", "shop", "--as-of", f"seq:{number}"))
        time.sleep(3)
        self.assertEqual(len([h for h in self.hooks() if "CVE-2024-5535" in h["raw"]]), 1)

    def test_kill_nine_loses_nothing_and_enqueues_nothing_twice(self):
        self.until(self.feeds_done, "the feed")
        self.subscribe()
        self.register("shop", apk(openssl="3.3.0-r0"), list="web")
        self.until(self.hooks, "the baseline")
        for n in range(4):
            fixes = {f"3.3.1-r{i + 1}": [f"CVE-2024-000{i + 1}"] for i in range(n + 1)}
            self.write_feed({"zlib": {"1.2.12-r2": ["CVE-2022-37434"]}, "openssl": fixes})
            time.sleep(0.3 * n)
            self.server.send_signal(signal.SIGKILL)
            self.server.wait()
            self.server.stdout.close()
            self.start()
            self.ask("GET", "/v1/images/shop", status=200)
        names = {f"CVE-2024-000{i + 1}" for i in range(4)}

        def told():
            by_id = {h["headers"]["webhook-id"]: h for h in self.hooks()}
            opened = [
                v["vulnerability"] for h in by_id.values() for v in h["body"]["data"]["vulnerabilities"]
                if v["change"] == "opened"
            ]
            return opened if names <= set(opened) else None

        opened = self.until(told, "all four to be told")
        self.assertEqual(sorted(opened), sorted(names), "told more than once under different ids")

    def test_sigterm_ends_it_cleanly_and_a_second_server_is_refused(self):
        second = subprocess.run([TOCSIN, "serve", "--config", self.config], env=self.env, capture_output=True, text=True, timeout=60, check=False)
        self.assertNotEqual(second.returncode, 0)
        began = time.monotonic()
        self.server.send_signal(signal.SIGTERM)
        self.assertEqual(self.server.wait(10), 0)
        self.assertLess(time.monotonic() - began, 10)

    def test_an_image_kept_on_purpose_is_listed_and_counted_apart(self):
        self.register("kept", apk(zlib="1.2.12-r0"))
        self.register("live", apk(zlib="1.2.12-r0"))
        self.cli("images", "purpose", "kept", "archive")
        self.assertEqual(self.ask("GET", "/v1/images/kept")["image"]["purpose"], "archive")
        archived = self.ask("GET", "/v1/images?purpose=archive")
        self.assertEqual(([i["name"] for i in archived["items"]], archived["count"]), (["kept"], 1))
        rest = [i["name"] for i in self.ask("GET", "/v1/images?purpose=none")["items"]]
        self.assertIn("live", rest)
        self.assertNotIn("kept", rest)
        for wrong in ("scrap", "", "none", 7, ["test"]):
            self.ask("PATCH", "/v1/images/kept", {"purpose": wrong}, status=400)
        self.ask("GET", "/v1/images?purpose=scrap", status=400)
        self.ask("PATCH", "/v1/images/kept", {"owner": {"name": "ops"}})
        self.assertEqual(self.ask("GET", "/v1/images/kept")["image"]["purpose"], "archive")
        self.assertIsNone(self.ask("PATCH", "/v1/images/kept", {"purpose": None})["image"]["purpose"])

    def test_two_teams_do_not_see_each_other(self):
        self.until(self.feeds_done, "the feed")
        crimson = self.cli("token", "create", "--team", "crimson", "--scope", "admin", "--config", self.config).strip()
        blue = self.cli("token", "create", "--team", "blue", "--scope", "admin", "--config", self.config).strip()
        both = apk(zlib="1.2.12-r0")
        crimson_image = self.register("crimson-shop", both, crimson)["image"]
        self.register("blue-shop", both, blue)
        self.ask("PUT", "/v1/lists/crimson-list", {}, crimson, 201)
        number = self.ask("GET", "/v1/events?limit=200", token=crimson)["next_cursor"]
        everything = [
            "/v1/images", "/v1/findings", f"/v1/findings?as_of=seq:{number}", "/v1/lists", "/v1/channels", "/v1/subscriptions", "/v1/messages",
            "/v1/events", "/v1/teams", "/v1/tokens", "/v1/audit", "/v1/vulnerabilities/CVE-2022-37434/images",
        ]
        for path in everything:
            text = json.dumps(self.ask("GET", path, token=blue))
            self.assertNotIn("crimson", text, path)
        for path in (crimson_image["id"], "crimson-shop"):
            self.ask("GET", f"/v1/images/{path}", token=blue, status=404)
            self.ask("DELETE", f"/v1/images/{path}", token=blue, status=404)
            self.ask("PATCH", f"/v1/images/{path}", {"purpose": "archive"}, blue, 404)
        self.assertIsNone(self.ask("GET", "/v1/images/crimson-shop", token=crimson)["image"]["purpose"])
        self.ask("GET", "/v1/lists/crimson-list", token=blue, status=404)
        self.ask("GET", "/v1/images/crimson-shop/findings?as_of=seq:1", token=blue, status=404)
        self.assertEqual(self.ask("GET", "/v1/vulnerabilities/CVE-2022-37434/images", token=blue)["count"], 1)
        self.ask("POST", "/v1/feeds/alpine/accept", b"", blue, 403)
        # how many findings a run opened is counted over everybody's images
        for run in self.ask("GET", "/v1/feeds/alpine", token=blue)["runs"]:
            self.assertNotIn("opened", run)
        self.assertNotIn('"opened"', json.dumps(self.ask("GET", "/v1/events", token=blue)))
        reader = self.ask("POST", "/v1/tokens", {"name": "r", "scope": "read"}, blue, 201)["token"]
        self.ask("PUT", "/v1/lists/x", {}, reader, 403)

    def test_bad_requests_get_clear_answers_and_leave_nothing(self):
        self.ask("GET", "/v1/images", token="", status=401)
        self.ask("GET", "/v1/images", token="tcs_" + "x" * 49, status=401)
        self.ask("GET", "/v1/nothing", status=404)
        self.ask("PUT", "/v1/images", status=405)
        self.ask("GET", "/v1/images?limit=0", status=400)
        self.ask("GET", "/v1/images?colour=red", status=400)
        self.ask("GET", "/v1/findings?as_of=yesterday", status=400)
        self.ask("GET", "/v1/findings?as_of=seq:999999999", status=400)
        self.ask("GET", "/v1/findings?as_of=2999-01-01T00:00:00Z", status=400)
        self.ask("GET", "/v1/findings?as_of=1999-01-01T00:00:00Z", status=410)
        self.ask("GET", "/v1/images?limit=1&limit=2", status=400)
        self.ask("GET", "/v1/images/%00", status=400)
        self.ask("GET", "/v1/images?cursor=AAAA", status=400)
        self.ask("POST", "/v1/inventories?name=a&os=alpine:3.20", b"", status=400)
        self.ask("POST", "/v1/inventories?name=a&os=plan9:4", b"P:a\nV:1-r0\n", status=400)
        self.ask("POST", "/v1/inventories?name=a", b"\x00\x01\x02", status=415)
        self.ask("POST", "/v1/inventories?name=a", b'{"bomFormat":"CycloneDX","specVersion":"1.5","components":[', status=400)
        self.ask("POST", "/v1/inventories?name=a&list=none&os=alpine:3.20", apk(zlib="1-r0"), status=404)
        self.ask("POST", "/v1/inventories?name=a", b"x" * (1 << 20) + b"y", status=413)
        self.ask("POST", "/v1/lists", {"name": "a b"}, status=400)
        self.ask("POST", "/v1/lists", {"name": "ok", "colour": 1}, status=400)
        self.ask("POST", "/v1/lists", {"name": "ok"}, status=201)
        self.ask("POST", "/v1/lists", {"name": "ok"}, status=409)
        self.ask("POST", "/v1/channels", {"name": "c", "type": "pigeon", "config": {}}, status=400)
        self.ask("POST", "/v1/subscriptions", {"name": "s", "list": "ok", "channels": ["none"]}, status=404)
        self.assertEqual(self.ask("GET", "/v1/images")["count"], 0)
        self.assertEqual(self.ask("GET", "/healthz", token=""), b"ok\n")
        self.assertIn(b"tocsin_build_info", self.ask("GET", "/metrics", token=""))

    def test_smuggled_lengths_are_refused(self):
        with socket.create_connection(("127.0.0.1", self.port), 10) as s:
            s.sendall(
                b"POST /v1/scan HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            )
            self.assertIn(b" 400 ", s.recv(4096).split(b"\r\n")[0] + b" ")

    def test_an_unsupported_system_is_never_clean(self):
        rpms = b"P:openssl\nV:3.3.0-r0\n"
        answer = self.ask("POST", "/v1/inventories?name=fedora&os=fedora:30", rpms, status=201)
        self.assertEqual(answer["coverage"]["state"], "unsupported")
        self.assertIsNone(answer["findings"]["total"])
        answer = self.ask("POST", "/v1/inventories?name=bare", rpms, status=201)
        self.assertEqual(answer["coverage"]["state"], "unidentified")

    def test_a_version_without_an_order_is_never_clean(self):
        self.until(self.feeds_done, "the feed")
        odd = b"Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: not:a-version\n"
        answer = self.ask("POST", "/v1/inventories?name=odd&os=debian:12", odd, status=201)
        self.assertNotEqual(answer["coverage"]["state"], "complete")
        self.assertIn("not_comparable", json.dumps(answer["coverage"]["not_covered"]))

    def test_an_image_archive_is_a_document(self):
        self.until(self.feeds_done, "the feed")
        system = "ID=alpine\nVERSION_ID=3.20.1\n".encode()
        image = Image(
            [
                layer({"etc/os-release": system, "lib/apk/db/installed": apk(musl="1.2.5-r0")}),
                layer({"lib/apk/db/installed": apk(musl="1.2.5-r0", zlib="1.2.12-r0")}),
            ],
            history=[
                {"created_by": "ADD"},
                {"created_by": 'CMD ["sh"]', "empty_layer": True},
                {"created_by": "RUN apk add zlib"},
            ],
        )
        archive = tar_of(docker_new_members([(image, "shop/web:1")]))
        answer = self.ask("POST", "/v1/inventories", archive, status=201)
        self.assertEqual(answer["image"]["name"], "shop/web:1")
        self.assertEqual(answer["image"]["digest"], digest(image.manifest))
        self.assertEqual(answer["image"]["platform"], "linux/amd64")
        self.assertEqual(answer["findings"]["total"], 1)
        self.ask("POST", "/v1/inventories?ref=other/name:2", archive, status=201)
        found = self.ask("POST", "/v1/scan", archive)["findings"]
        self.assertEqual([(f["vulnerability"], f["origin"]) for f in found], [("CVE-2022-37434", "app")])
        path = os.path.join(self.dir, "web.tar.gz")
        with open(path, "wb") as f:
            f.write(gzip.compress(archive))
        self.cli("images", "add", path, "--name", "third")
        broken = archive.replace(b"shop/web:1", b"shop/web:2").replace(digest(image.config).encode()[7:], b"0" * 64)
        self.ask("POST", "/v1/inventories", broken, status=400)
        self.ask("POST", "/v1/inventories?platform=linux/riscv64", archive, status=400)
        self.ask("POST", "/v1/inventories?name=empty", tar_of({"a": b"b"}), status=415)
        self.assertEqual(self.ask("GET", "/v1/images")["count"], 3)

    def test_scan_reads_a_served_store_and_fails_on_request(self):
        self.until(self.feeds_done, "the feed")
        path = os.path.join(self.dir, "installed")
        with open(path, "wb") as f:
            f.write(apk(zlib="1.2.12-r0"))
        common = ["scan", path, "--os", "alpine:3.19", "--db", f"{self.dir}/t.db"]
        self.assertEqual(json.loads(self.cli(*common, "-o", "json"))["findings"], [])
        common[3] = "alpine:3.20"
        found = json.loads(self.cli(*common, "-o", "json"))["findings"]
        self.assertEqual([f["vulnerability"] for f in found], ["CVE-2022-37434"])
        self.cli(*common, "--fail-on", "critical", code=2)

    def test_reload_takes_a_good_file_and_refuses_a_bad_one(self):
        with open(self.config, "a", encoding="utf-8") as f:
            f.write("nonsense: 1\n")
        self.server.send_signal(signal.SIGHUP)
        self.until(lambda: "not reloaded" in self.read_log(), "the refusal")
        self.ask("GET", "/v1/images", status=200)



class People(Rig):
    """Who gets mail is asked first; what is written into a channel lies sealed."""

    more_smtp, more = "", "public_url: https://tocsin.test"

    def mails(self, word):
        found = []
        for path in sorted(glob.glob(os.path.join(self.inbox, "mail-*.eml"))):
            with open(path, "rb") as f:
                mail = email.message_from_binary_file(f, policy=email.policy.default)
            if word in mail["subject"] or word in mail.get_body(("plain",)).get_content():
                found.append(mail)
        return found

    def path_of(self, link):
        self.assertTrue(link.startswith("https://tocsin.test/"), link)
        return link[len("https://tocsin.test"):]

    def test_an_address_is_asked_first_and_may_say_no_later(self):
        self.until(self.feeds_done, "the feed")
        self.subscribe()
        self.assertEqual(self.ask("GET", "/v1/channels/mail")["unconfirmed"], ["ops@example.org"])
        self.register("shop", apk(openssl="3.3.0-r0"), list="web")
        self.until(self.hooks, "the baseline")
        question = self.until(lambda: self.mails("Do you want"), "the question")[0]
        time.sleep(2)
        self.assertEqual(self.mails("registered"), [], "a mail before the yes")
        asked = [m for m in self.ask("GET", "/v1/messages")["items"] if "Do you want" in m["subject"]]
        self.assertIsNone(self.ask("GET", f"/v1/messages/{asked[0]['id']}")["body"], "who asks could answer")
        link = re.search(r"https://\S+/c/\S+", question.get_body(("plain",)).get_content())[0]
        self.assertIn(b"<button", self.ask("GET", self.path_of(link), token="", status=200))
        self.assertEqual(self.mails("registered"), [], "a GET is no yes: scanners follow links")
        self.ask("POST", self.path_of(link) + "x", b"", token="", status=404)
        self.ask("POST", self.path_of(link), b"confirm=One-Click", token="", status=200)
        mail = self.until(lambda: self.mails("registered"), "what waited for the yes")[0]
        self.assertEqual(mail["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        self.assertEqual(self.ask("GET", "/v1/channels/mail")["unconfirmed"], [])

        leave = self.path_of(mail["List-Unsubscribe"].strip("<>"))
        self.assertIn(b"<button", self.ask("GET", leave, token="", status=200))
        self.ask("POST", leave, b"List-Unsubscribe=One-Click", token="", status=200)
        self.assertEqual(self.ask("GET", "/v1/subscriptions/news")["unsubscribed"], ["ops@example.org"])
        self.write_feed({"openssl": {"3.3.1-r1": ["CVE-2024-5535"]}})
        self.until(lambda: [h for h in self.hooks() if "CVE-2024-5535" in h["raw"]], "the webhook")
        time.sleep(2)
        self.assertEqual(self.mails("CVE-2024-5535"), [])

    def test_what_a_channel_is_given_lies_sealed_beside_its_key(self):
        made = self.ask(
            "PUT", "/v1/channels/chat",
            {"type": "slack", "config": {"url": "https://hooks.slack.test/services/T0/B0/verysecretpath"}}, status=201,
        )
        self.assertEqual(made["config"]["url"], "https://hooks.slack.test/...path")
        hook = self.ask("PUT", "/v1/channels/hook", {"type": "webhook", "config": {"url": "https://x.test/"}}, status=201)
        fresh = self.ask("POST", "/v1/channels/hook/rotate", b"", status=200)
        self.assertNotEqual(fresh["secret"], hook["secret"])
        self.assertTrue(fresh["config"]["old_secret"].endswith(hook["secret"][-4:]))
        self.ask("POST", "/v1/channels/chat/rotate", b"", status=400)
        self.server.send_signal(signal.SIGTERM)
        self.server.wait(10)
        self.server.stdout.close()
        for name in glob.glob(os.path.join(self.dir, "t.db*")) + [os.path.join(self.dir, "log")]:
            with open(name, "rb") as f:
                text = f.read()
            for secret in (b"verysecretpath", hook["secret"].encode(), fresh["secret"].encode()):
                self.assertNotIn(secret, text, name)
        key = os.path.join(self.dir, "t.db.key")
        self.assertEqual(os.stat(key).st_mode & 0o777, 0o600)
        os.rename(key, key + ".away")
        self.start()
        self.assertIn("sealed", self.ask("GET", "/v1/channels/chat")["last_error"])
        self.assertEqual(self.ask("GET", "/v1/channels/chat")["config"], {"dialect": "slack", "url": None})


    def test_a_click_in_the_test_says_that_a_chat_sees_it(self):
        config = {"url": f"http://127.0.0.1:{self.http_port}/teams"}
        self.ask("PUT", "/v1/channels/teams", {"type": "msteams", "config": config}, status=201)
        self.ask("POST", "/v1/channels/teams/test", b"", status=202)
        card = self.until(self.hooks, "the test")[0]["body"]["attachments"][0]["content"]
        link = self.path_of(card["actions"][0]["url"])
        self.assertIn(b"<button", self.ask("GET", link, token="", status=200))
        self.ask("POST", link, b"", token="", status=200)
        self.assertEqual(self.ask("GET", "/v1/channels/teams")["state"], "verified")
        self.assertIn("channel.confirmed", [a["action"] for a in self.ask("GET", "/v1/audit")["items"]])
        self.ask("POST", link.replace("/c/", "/u/"), b"", token="", status=404)

    def test_a_subscription_is_a_news_feed_behind_a_secret_address(self):
        self.until(self.feeds_done, "the feed")
        self.ask("PUT", "/v1/lists/web", {}, status=201)
        self.ask("PUT", "/v1/subscriptions/quiet", {"list": "web", "channels": [], "gather": "1s"}, status=400)
        self.ask("PUT", "/v1/subscriptions/news", {"list": "web", "channels": [], "news": True, "gather": "1s"}, status=201)
        made = self.ask("POST", "/v1/subscriptions/news/news", b"", status=201)
        atom, feed = self.path_of(made["atom"]), self.path_of(made["json"])
        self.assertEqual(self.ask("GET", "/v1/subscriptions/news")["news"], "..." + made["atom"][-9:-5])
        self.assertEqual(self.ask("GET", feed, token="", status=200)["items"], [])
        self.register("shop <&> co", apk(openssl="3.3.0-r0"), list="web")
        self.until(lambda: self.ask("GET", feed, token="")["items"], "the baseline")
        self.write_feed({"openssl": {"3.3.1-r1": ["CVE-2024-5535"]}})
        items = self.until(lambda: [x for x in self.ask("GET", feed, token="")["items"] if "CVE-2024-5535" in x["content_text"]], "the news")
        self.assertIn("1 new", items[0]["title"])
        root = xml.etree.ElementTree.fromstring(self.ask("GET", atom, token="", status=200))
        ns = "{http://www.w3.org/2005/Atom}"
        entries = root.findall(ns + "entry")
        self.assertEqual(entries[0].find(ns + "id").text, items[0]["id"])
        self.assertIn("shop <&> co", entries[0].find(ns + "content").text)
        self.assertEqual(root.find(ns + "link").get("href"), made["atom"])
        request = urllib.request.Request(self.url + atom)
        with urllib.request.urlopen(request, timeout=30) as answer:
            request.add_header("If-None-Match", answer.headers["ETag"])
        with self.assertRaises(urllib.error.HTTPError) as unchanged:
            urllib.request.urlopen(request, timeout=30)
        self.assertEqual(unchanged.exception.code, 304)
        again = self.ask("POST", "/v1/subscriptions/news/news", b"", status=201)
        self.ask("GET", atom, token="", status=404)
        self.ask("GET", self.path_of(again["atom"]), token="", status=200)
        self.ask("DELETE", "/v1/subscriptions/news/news", status=204)
        self.ask("GET", self.path_of(again["atom"]), token="", status=404)
        self.ask("GET", "/f/", token="", status=404)
        self.ask("GET", "/f/.atom", token="", status=404)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
