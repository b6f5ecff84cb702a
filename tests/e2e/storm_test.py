#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A storm of facts against receivers that misbehave in every way, while the service is killed
with signal 9 again and again.  At the end every fact arrived, none under two ids, and what
came twice was either in flight at a kill or never properly taken by the receiver.

    storm_test.py TOCSIN [--seed N] [--subscriptions N] [--facts N] [--rounds N] [--kills N]

Without options a short form; the long one is in docs/MEASURED.md.
"""
import argparse
import asyncio
import base64
import email.utils
import hashlib
import hmac
import json
import os
import random
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

PACKAGES = 10
HANG_S = 17  # longer than an attempt may last
TAKEN = ("200", "202", "204", "lie")  # not to be sent again
ARRIVED = TAKEN + ("short", "endless")  # a 2xx whose body went wrong: either is right
FAR = ("86400", "3600")  # with a date years ahead, what a person does not wait for
COMMIT_S = 0.3  # how long after its arrival a delivery may still be on its way into the store


def wait_of(dice):
    """Retry-After in every spelling; what a header may say and what it may not."""
    now = time.time()
    return dice.choice([
        "0", "1", "2", "1.5", email.utils.formatdate(now + 2, usegmt=True), email.utils.formatdate(now - 9999, usegmt=True),
        "-5", "soon", "", "nan", "1e400", "99999999999999999999", "0x", "2 seconds", "Thu, 99 Foo 2099 99:99:99 GMT", "1,2",
        "\x7f", *FAR, email.utils.formatdate(now + 10**9, usegmt=True),
    ])


class Receiver:
    """One server for all channels: /h/N is that of subscription N.  What it does with a
    request is a matter of dice; what it saw is kept."""

    def __init__(self, seed, patience):
        self.dice, self.patience = random.Random(seed), patience
        self.seen = []  # (arrived, subscription, id, body digest, vulnerabilities, how)
        self.secrets, self.wrong, self.hows = {}, [], {}
        self.asleep = []  # (subscription, id): asked to wait longer than a person would
        self.ready = threading.Event()
        self.lock = threading.Lock()
        threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True).start()
        self.ready.wait(10)

    async def serve(self):
        server = await asyncio.start_server(self.talk, "127.0.0.1", 0, backlog=512)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        await server.serve_forever()

    def choose(self):
        odd = ["202", "204", "lie", "short", "endless", "400", "410", "429", "500", "redirect", "reset", "drip", "hang", "cut"]
        weight = [6, 6, 3, 2, 2, 1, 1, 5, 4, 2, 3, 0.4, 0.4, 3]
        return "200" if self.dice.random() > self.patience else self.dice.choices(odd, weight)[0]

    async def talk(self, reader, writer):
        try:
            await self.take(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the service was killed
        except Exception as e:  # pylint: disable=broad-except
            self.wrong.append(f"not understood: {e!r}")
        finally:
            writer.close()

    async def take(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = head.split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        exact = dict((k.lower(), v) for k, v in (line.split(": ", 1) for line in lines[1:] if ": " in line))
        how = self.choose()
        if how == "cut":  # before the request was read
            self.count(how)
            return
        body = await reader.readexactly(int(headers["content-length"]))
        who = self.keep(lines[0].split()[1], exact, body, how)
        if await getattr(self, "do_" + how, self.do_status)(writer, how):
            with self.lock:
                self.asleep.append(who)

    def count(self, how):
        with self.lock:
            self.hows[how] = self.hows.get(how, 0) + 1

    def keep(self, path, headers, body, how):
        number = int(path.rsplit("/", 1)[1])
        self.count(how)
        if not self.signed(number, headers, body):
            self.wrong.append(f"bad signature for {path}")
        told = self.facts_of(json.loads(body), path)
        with self.lock:
            self.seen.append((time.monotonic(), number, headers["webhook-id"], hashlib.sha256(body).hexdigest(), told, how))
        return number, headers["webhook-id"]

    def facts_of(self, message, path):
        if message["type"] != "tocsin.findings":
            return ()  # news of a channel that fails
        data = message["data"]
        if data["truncated"]:
            self.wrong.append(f"a cut message for {path}")
        return tuple(v["vulnerability"] for v in data["vulnerabilities"] if v["change"] == "opened")

    def signed(self, number, headers, body):
        """Standard Webhooks, by Python's hmac."""
        key = base64.b64decode(self.secrets[number].removeprefix("whsec_"))
        text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        good = base64.b64encode(hmac.new(key, text, "sha256").digest()).decode()
        fresh = abs(time.time() - int(headers["webhook-timestamp"])) < 300
        return fresh and f"v1,{good}" in headers["webhook-signature"].split()

    # ---- answers ----

    async def say(self, writer, status, more="", body=b"", length=None):
        length = len(body) if length is None else length
        text = f"HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {length}\r\n{more}\r\n"
        writer.write(text.encode() + body)
        await writer.drain()

    async def do_status(self, writer, how):
        if how == "204":
            writer.write(b"HTTP/1.1 204 X\r\nConnection: close\r\n\r\n")
            return await writer.drain()
        wait = wait_of(self.dice) if how in ("429", "500") and self.dice.random() < 0.8 else None
        await self.say(writer, how, f"Retry-After: {wait}\r\n" if wait is not None else "")
        return wait in FAR or (wait or "").endswith("GMT") and int(wait.split()[3]) > 2050

    async def do_lie(self, writer, _):
        await self.say(writer, 200, body=self.dice.choice([b'{"ok":false,"error":"no_service"}', b"{", b"\xff\xfe\0", b"HTTP 429"]))

    async def do_short(self, writer, _):
        await self.say(writer, 200, body=b"ok", length=4000)

    async def do_endless(self, writer, _):
        writer.write(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(200):
            writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            await writer.drain()

    async def do_redirect(self, writer, _):
        to = self.dice.choice([f"http://127.0.0.1:{self.port}/h/0", "http://169.254.169.254/", "file:///etc/passwd"])
        await self.say(writer, self.dice.choice([301, 302, 303, 307, 308]), f"Location: {to}\r\n")

    async def do_reset(self, writer, _):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async def do_drip(self, writer, _):
        for byte in b"HTTP/1.1 200 X\r\nContent-Length: 0\r\n":
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(1)

    async def do_hang(self, _writer, _):
        await asyncio.sleep(HANG_S)


class Storm:
    def __init__(self, o):
        self.o, self.dice = o, random.Random(o.seed)
        self.per_subscription = o.facts // o.subscriptions
        self.dir = tempfile.mkdtemp(prefix="tocsin-storm-")
        self.feed = os.path.join(self.dir, "main.json")
        self.receiver = Receiver(o.seed + 1, o.trouble)
        self.env = dict(os.environ, TOCSIN_STATE_DIR=os.path.join(self.dir, "state"))
        self.server, self.kills, self.replayed = None, [], set()
        self.publish(0)
        with open(os.path.join(self.dir, "tocsin.yaml"), "w", encoding="utf-8") as f:
            json.dump({
                "listen": "127.0.0.1:0", "db": f"sqlite:{self.dir}/t.db",
                "notify": {"allow_cidrs": ["127.0.0.0/8"], "gather": "1s", "retry": ["1s"] * 32},
                "feeds": {"catalogue": [], "list": [
                    {"name": "alpine", "driver": "secdb", "url": f"file://{self.feed}", "interval": "1s", "ecosystems": ["alpine:*"]}]},
            }, f)

    def name_of(self, i):
        return f"CVE-2030-{10000 + i}"

    def publish(self, n):
        """The feed with the first N vulnerabilities, spread over the packages."""
        packages = [{"pkg": {"name": f"engine{p}", "secfixes": {"2.0-r0": [self.name_of(i) for i in range(p, n, PACKAGES)]}}}
                    for p in range(PACKAGES) if p < n]
        packages.append({"pkg": {"name": "calm", "secfixes": {"1.0-r0": ["CVE-2029-10000"]}}})
        with open(self.feed + ".new", "w", encoding="utf-8") as f:
            json.dump({"distroversion": "v3.20", "reponame": "main", "packages": packages}, f)
        os.rename(self.feed + ".new", self.feed)

    def start(self):
        with open(os.path.join(self.dir, "log"), "ab") as log:
            self.server = subprocess.Popen([self.o.tocsin, "serve", "--config", os.path.join(self.dir, "tocsin.yaml")],
                                           env=self.env, stdout=subprocess.PIPE, stderr=log)
        for line in self.server.stdout:
            if b"listening" in line:
                self.url = line.split()[1].decode()
                break
        else:
            raise AssertionError("the service did not come up again\n" + self.log()[-3000:])
        with open(os.path.join(self.dir, "state", "token"), encoding="ascii") as f:
            self.token = f.read().strip()

    def stop(self):
        self.server.kill()
        self.server.wait()
        self.server.stdout.close()

    def log(self):
        with open(os.path.join(self.dir, "log"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def ask(self, method, path, body=None):
        if isinstance(body, dict):
            body = json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=body, method=method)
        request.add_header("Content-Type", "application/json")
        request.add_header("Authorization", "Bearer " + self.token)
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def prepare(self):
        document = "".join(f"P:engine{p}\nV:1.0-r0\nA:x86_64\no:engine{p}\n\n" for p in range(PACKAGES)).encode()
        while not any(f["state"] == "done" for f in self.ask("GET", "/v1/feeds")["items"]):
            time.sleep(0.05)
        for i in range(self.o.subscriptions):
            self.ask("PUT", f"/v1/lists/l{i}", {})
            self.ask("POST", f"/v1/inventories?name=i{i}&os=alpine:3.20&list=l{i}", document)
            made = self.ask("PUT", f"/v1/channels/c{i}", {"type": "webhook", "config": {"url": f"http://127.0.0.1:{self.receiver.port}/h/{i}"}})
            self.receiver.secrets[i] = made["secret"]
            self.ask("PUT", f"/v1/subscriptions/s{i}", {"list": f"l{i}", "channels": [f"c{i}"], "gather": "1s"})

    def operate(self):
        """What a person does meanwhile: brings stopped channels back, sends dead letters again,
        ends waits that are too long."""
        cursor = ""
        while cursor is not None:
            page = self.ask("GET", "/v1/channels?limit=100" + (f"&cursor={cursor}" if cursor else ""))
            for channel in page["items"]:
                if channel["state"] in ("failing", "disabled"):
                    self.ask("POST", f"/v1/channels/{channel['name']}/enable", b"")
            cursor = page.get("next_cursor")
        self.ask("POST", "/v1/messages/replay", {"since": "2020-01-01T00:00:00Z"})
        with self.receiver.lock:
            asleep, self.receiver.asleep = self.receiver.asleep, []
        for number, message in asleep:
            self.ask("POST", f"/v1/channels/c{number}/enable", b"")
            self.replay(message, number)

    def replay(self, message, number):
        self.replayed.add(message)
        try:
            self.ask("POST", f"/v1/messages/{message}/replay", b"")
        except urllib.error.HTTPError as e:
            if e.code != 409:
                raise
            with self.receiver.lock:
                self.receiver.asleep.append((number, message))  # under way just now

    def absent(self):
        with self.receiver.lock:
            got = {(n, v) for _, n, _, _, told, how in self.receiver.seen for v in told if how in ARRIVED}
        return {(n, self.name_of(i)) for n in range(self.o.subscriptions) for i in range(self.per_subscription)} - got

    def missing(self):
        return len(self.absent())

    def rage(self):
        """Rounds of news and kills, mixed by dice; each kill comes at any moment."""
        steps = ["news"] * self.o.rounds + ["kill"] * self.o.kills
        self.dice.shuffle(steps)
        done = 0
        for i, step in enumerate(steps):
            if step == "news":
                done += 1
                self.publish(self.per_subscription * done // self.o.rounds)
            time.sleep(self.dice.uniform(0.02, self.o.pace))
            if step == "kill":
                self.kills.append(time.monotonic())
                self.stop()
                self.start()
            if i % 20 == 19:
                self.operate()
        self.publish(self.per_subscription)

    def calm(self):
        end = time.monotonic() + self.o.patience
        while self.missing() > 0 or self.ask("GET", "/v1/messages?state=pending&limit=1")["items"]:
            assert self.server.poll() is None, "the service ended by itself\n" + self.log()[-3000:]
            assert time.monotonic() < end, f"{self.missing()} facts did not arrive in {self.o.patience} s, {sorted(self.absent())[:5]}; {self.dir}\n" + self.log()[-3000:]
            self.operate()
            time.sleep(1)
        time.sleep(4)  # what would still come twice comes now

    # ---- judgement ----

    def in_flight_at_a_kill(self, arrived):
        return any(arrived - 0.1 <= k <= arrived + COMMIT_S for k in self.kills)

    def judge(self):
        wrong, ids, bodies, taken, repeats = list(self.receiver.wrong), {}, {}, {}, {"kill": 0, "receiver": 0, "asked": 0}
        for arrived, number, message, body, told, how in self.receiver.seen:
            if bodies.setdefault(message, (number, body)) != (number, body):
                wrong.append(f"{message} changed its body or its way")
            for v in told:
                ids.setdefault((number, v), set()).add(message)
            if message in taken:
                before, how_before = taken[message]
                if how_before not in TAKEN:
                    repeats["receiver"] += 1
                elif message in self.replayed:
                    repeats["asked"] += 1
                elif self.in_flight_at_a_kill(before):
                    repeats["kill"] += 1
                else:
                    wrong.append(f"{message} came again {arrived - before:.1f} s after it was taken, without a kill")
            taken[message] = (arrived, how)
        wrong += [f"{fact} under {len(under)} ids" for fact, under in ids.items() if len(under) > 1]
        if self.missing() != 0:
            wrong.append(f"{self.missing()} facts are missing")
        text = self.log()
        for word in ("Sanitizer", "runtime error", "malformed", "corrupt"):
            if word in text:
                wrong.append(f"the log says {word}: " + text[text.index(word):][:300])
        return wrong, len(ids), len(bodies), repeats

    def run(self):
        started = time.monotonic()
        self.start()
        try:
            self.prepare()
            self.rage()
            raged = time.monotonic()
            self.calm()
            wrong, facts, messages, repeats = self.judge()
        finally:
            self.stop()
        print(f"seed {self.o.seed}: {facts} facts in {messages} messages over {self.o.subscriptions} subscriptions, "
              f"{len(self.kills)} kills, {len(self.receiver.seen)} requests read; repeats: {repeats['kill']} in flight at a kill, "
              f"{repeats['receiver']} not taken by the receiver, {repeats['asked']} sent again by hand; {raged - started:.0f} s of storm, {time.monotonic() - raged:.0f} s until all had arrived")
        print("the receivers: " + ", ".join(f"{how} {n}" for how, n in sorted(self.receiver.hows.items())))
        for line in wrong[:20]:
            print("WRONG: " + line)
        if wrong:
            print(f"{len(wrong)} wrong; what was left is in {self.dir}")
            return 1
        shutil.rmtree(self.dir)
        return 0


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("tocsin")
    p.add_argument("--seed", type=int, default=7)
    p.add_argument("--subscriptions", type=int, default=12)
    p.add_argument("--facts", type=int, default=1200)
    p.add_argument("--rounds", type=int, default=8)
    p.add_argument("--kills", type=int, default=8)
    p.add_argument("--pace", type=float, default=1.5, help="seconds between two steps, at most")
    p.add_argument("--trouble", type=float, default=0.35, help="share of requests that go wrong in some way")
    p.add_argument("--patience", type=float, default=240, help="seconds for the rest to arrive")
    return Storm(p.parse_args()).run()


if __name__ == "__main__":
    sys.exit(main())
