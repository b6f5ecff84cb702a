#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Feeds carried in a bundle to a machine that reaches nobody: what comes over, what is
refused, and what the second bundle tells."""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest

TOCSIN = sys.argv.pop(1)
FIXES = {"3.3.1-r0": ["CVE-2024-4741"], "3.3.2-r0": ["CVE-2024-5535"]}


class Bundle(unittest.TestCase):
    def setUp(self):
        self.box = tempfile.TemporaryDirectory(prefix="tocsin-bundle-")
        self.addCleanup(self.box.cleanup)
        self.path = lambda name: os.path.join(self.box.name, name)
        self.say(FIXES)
        with open(self.path("out.yaml"), "w", encoding="utf-8") as f:
            f.write(f"""db: {self.path("out.db")}
feeds:
  catalogue: []
  shrink_least: 3
  list:
    - {{name: alpine-x, driver: secdb, source: alpine, url: "file://{self.path("main.json")}", interval: 1h, ecosystems: ["alpine:3.20"]}}
""")

    def say(self, fixes):
        document = {"distroversion": "v3.20", "reponame": "main", "packages": [
            {"pkg": {"name": "openssl", "secfixes": fixes}}]}
        with open(self.path("main.json"), "w", encoding="utf-8") as f:
            json.dump(document, f)

    def run_it(self, *words, status=0):
        done = subprocess.run([TOCSIN, *words], capture_output=True, text=True, timeout=120,
                              env={**os.environ, "HOME": self.box.name}, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def export(self, name="a.zst"):
        self.run_it("feeds", "run", "alpine-x", "--config", self.path("out.yaml"))
        out = self.run_it("bundle", "export", self.path(name), "--config", self.path("out.yaml"),
                          "--key-file", self.path("out.key"))
        return out.split("signed by ")[1].strip()

    def take(self, name="a.zst", key=None, status=0, *more):
        return self.run_it("bundle", "import", self.path(name), "--db", self.path("in.db"),
                           "--key-file", self.path("in.key"), *(["--key", key] if key else []),
                           *more, status=status)

    def scan(self):
        with open(self.path("list.txt"), "w", encoding="utf-8") as f:
            f.write("openssl 3.3.0-r0\n")
        out = self.run_it("scan", self.path("list.txt"), "--os", "alpine:3.20",
                          "--db", self.path("in.db"), "-o", "json")
        return sorted(f["vulnerability"] for f in json.loads(out)["findings"])

    def rows(self, sql):
        with sqlite3.connect(self.path("in.db")) as db:
            return db.execute(sql).fetchall()

    def test_what_was_fetched_there_is_judged_here(self):
        key = self.export()
        self.assertIn("1 feeds, 2 records", self.take(key=key))
        self.assertEqual(self.scan(), ["CVE-2024-4741", "CVE-2024-5535"])
        self.assertEqual(self.rows("SELECT imported, enabled, n_records FROM feed"), [(1, 1, 2)])

    def test_a_bundle_is_plain_zstd_with_one_object_a_line(self):
        self.export()
        try:
            text = subprocess.run(["zstd", "-dc", self.path("a.zst")], capture_output=True,
                                  check=True).stdout
        except FileNotFoundError:
            self.skipTest("zstd is not installed")
        lines = [json.loads(line) for line in text.splitlines()]
        self.assertEqual(lines[0]["tocsin_bundle"], 1)
        self.assertEqual(lines[1]["feed"]["name"], "alpine-x")
        self.assertEqual(lines[-1], {"end": True, "feeds": 1, "records": 2})

    def test_only_who_is_trusted_is_believed(self):
        key = self.export()
        self.assertIn("which is not this machine's key", self.take(status=2))
        self.assertIn("not the key given", self.take(key="0" * 64, status=2))
        self.assertFalse(self.rows("SELECT 1 FROM feed"))
        self.take(key=key)
        # what this machine has signed itself needs no word
        self.run_it("bundle", "import", self.path("a.zst"), "--db", self.path("in.db"),
                    "--key-file", self.path("out.key"))

    def test_every_changed_or_missing_byte_is_noticed(self):
        key = self.export()
        with open(self.path("a.zst"), "rb") as f:
            whole = f.read()
        places = list(range(0, len(whole), max(1, len(whole) // 40))) + [len(whole) - 1]
        for at in places:
            with open(self.path("bad.zst"), "wb") as f:
                f.write(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
            self.take("bad.zst", key, 2)
            with open(self.path("bad.zst"), "wb") as f:
                f.write(whole[:at])
            self.take("bad.zst", key, 2)
        self.assertFalse(self.rows("SELECT 1 FROM feed"))

    def test_the_second_bundle_brings_news_and_withdraws(self):
        key = self.export()
        self.take(key=key)
        baselines = self.rows("SELECT count(*) FROM run WHERE cause = 0")
        self.say({**FIXES, "3.3.3-r0": ["CVE-2024-6119"]})
        self.export("b.zst")
        self.take("b.zst", key)
        self.assertEqual(self.scan(), ["CVE-2024-4741", "CVE-2024-5535", "CVE-2024-6119"])
        self.assertEqual(baselines, [(1,)])
        self.assertEqual(self.rows("SELECT cause, n_added, n_unchanged FROM run ORDER BY id")[1],
                         (1, 1, 2))

    def test_an_older_bundle_is_not_taken_unasked(self):
        key = self.export()
        self.export("b.zst")
        self.take("b.zst", key)
        with sqlite3.connect(self.path("in.db")) as db:
            db.execute("UPDATE feed SET last_success_at = last_success_at + 60")
        self.assertIn("known from a later time", self.take("a.zst", key, 2))
        self.take("a.zst", key, 0, "--older")

    def test_a_bundle_that_lost_too_much_is_held(self):
        many = {f"3.3.{i}-r0": [f"CVE-2024-{1000 + i}"] for i in range(1, 11)}
        self.say(many)
        key = self.export()
        self.take(key=key)
        # to the server that exports it is a first load; the one that imports asks first
        self.say(FIXES)
        os.unlink(self.path("out.db"))
        self.export("b.zst")
        with open(self.path("in.yaml"), "w", encoding="utf-8") as f:
            f.write(f"db: {self.path('in.db')}\nfeeds: {{catalogue: [], shrink_least: 3}}\n")
        out = self.run_it("bundle", "import", self.path("b.zst"), "--key", key, "--key-file",
                          self.path("in.key"), "--config", self.path("in.yaml"), status=2)
        self.assertIn("held", out)
        self.assertEqual(len(self.scan()), 10)

    def test_scores_travel_with_their_model(self):
        def score(text):
            with open(self.path("epss.csv"), "w", encoding="utf-8") as f:
                f.write("#model_version:v2025.03.14,score_date:2025-08-14T12:55:00Z\n"
                        f"cve,epss,percentile\nCVE-2024-4741,{text},0.9\n"
                        "CVE-2024-5535,0.00012,0.02\n")

        with open(self.path("out.yaml"), "a", encoding="utf-8") as f:
            f.write(f"    - {{name: scores, driver: epss, source: epss, interval: 1h, "
                    f"url: \"file://{self.path('epss.csv')}\"}}\n")
        known = "SELECT score_micro, percentile_micro FROM epss ORDER BY cve"
        score("0.25")
        self.run_it("feeds", "run", "scores", "--config", self.path("out.yaml"))
        key = self.export()
        self.assertIn("2 feeds, 4 records", self.take(key=key))
        self.assertEqual(self.rows(known), [(250000, 900000), (120, 20000)])
        model = self.rows("SELECT cursor FROM feed WHERE name = 'scores'")
        self.assertEqual(model, [("v2025.03.14",)])
        # the next day is one change, not another model
        score("0.75")
        self.run_it("feeds", "run", "scores", "--config", self.path("out.yaml"))
        self.export("b.zst")
        self.take("b.zst", key)
        self.assertEqual(self.rows(known), [(750000, 900000), (120, 20000)])
        self.assertEqual(
            self.rows("SELECT r.cause, r.n_changed, r.n_unchanged FROM run r JOIN feed f"
                      " ON f.id = r.feed_id WHERE f.name = 'scores' ORDER BY r.id")[1], (1, 1, 1))

    def test_who_was_killed_keeps_no_feed(self):
        def held_by(pid, host=os.uname().nodename):
            with sqlite3.connect(self.path("out.db")) as db:
                db.execute("UPDATE feed SET lease_until = 1 << 40, lease_holder = ?",
                           (f"tocsin feeds run (process {pid} on {host})",))

        key = self.export()
        over = subprocess.Popen(["true"])
        over.wait()
        held_by(over.pid)
        self.run_it("feeds", "run", "alpine-x", "--config", self.path("out.yaml"))
        for pid, host in ((os.getpid(), os.uname().nodename), (over.pid, "elsewhere.test")):
            held_by(pid, host)
            out = self.run_it("feeds", "run", "alpine-x", "--config", self.path("out.yaml"),
                              status=2)
            self.assertIn(f"is being read by tocsin feeds run (process {pid}", out)
        # an import too
        self.take(key=key)
        with sqlite3.connect(self.path("in.db")) as db:
            db.execute("UPDATE feed SET lease_until = 1 << 40, lease_holder = ?",
                       (f"tocsin bundle (process {over.pid} on {os.uname().nodename})",))
        self.take(key=key)

    def test_a_key_that_others_may_read_is_refused(self):
        self.export()
        os.chmod(self.path("out.key"), 0o644)
        out = self.run_it("bundle", "key", "--key-file", self.path("out.key"), status=2)
        self.assertIn("chmod 600", out)


if __name__ == "__main__":
    unittest.main()
