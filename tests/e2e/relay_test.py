#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mail through relays as they are out there: STARTTLS, TLS from the start, PLAIN and LOGIN,
and those that do not offer what is asked of them.

    relay_test.py TOCSIN
"""
import asyncio
import base64
import email
import email.policy
import json
import os
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

TOCSIN = sys.argv[1]
PATIENCE_S = 60
USER, PASSWORD = "relay-user", "relay-pässword"


class Relay:
    """One relay in a thread: what it offers is said when it is made."""

    def __init__(self, tls, implicit=False, starttls=False, auth=(), moods=None):
        """MOODS: at which stage (CONNECT, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, DOT) what is
        answered, one after the other, before all is well; "cut" = hangs up instead."""
        self.tls, self.implicit, self.starttls, self.auth = tls, implicit, starttls, auth
        self.moods = {stage: list(answers) for stage, answers in (moods or {}).items()}
        self.mails, self.logins, self.connections = [], [], 0
        self.ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True)
        self.thread.start()
        self.ready.wait(10)

    async def serve(self):
        server = await asyncio.start_server(self.talk, "127.0.0.1", 0, ssl=self.tls if self.implicit else None)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        await server.serve_forever()

    async def talk(self, reader, writer):
        try:
            await self.converse(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def converse(self, reader, writer):
        secure, known = self.implicit, not self.auth
        self.connections += 1

        def bad(stage):
            """Whether the mood of STAGE was let out; raises when it is to hang up."""
            if not self.moods.get(stage):
                return False
            answer = self.moods[stage].pop(0)
            if answer == "cut":
                raise ConnectionError
            say(answer)
            return True

        def say(*lines):
            for i, line in enumerate(lines):
                writer.write((line[:3] + ("-" if i + 1 < len(lines) else " ") + line[4:] + "\r\n").encode())

        async def ask(prompt):
            say("334 " + base64.b64encode(prompt).decode())
            return base64.b64decode(await reader.readline()).decode()

        if bad("CONNECT"):
            return
        say("220 relay")
        while line := (await reader.readline()).decode().strip():
            verb = line.split()[0].upper()
            if bad(verb):
                continue
            if verb in ("EHLO", "HELO"):
                offers = ["250 relay"]
                if self.starttls and not secure:
                    offers.append("250 STARTTLS")
                if self.auth and secure:
                    offers.append("250 AUTH " + " ".join(self.auth))
                say(*offers)
            elif verb == "STARTTLS" and self.starttls:
                say("220 go on")
                await writer.drain()
                try:
                    await writer.start_tls(self.tls)
                except (ssl.SSLError, ConnectionError):
                    return  # the other side does not trust the certificate
                secure = True
            elif verb == "AUTH":
                kind = line.split()[1].upper()
                if kind == "PLAIN":
                    given = line.split()[2] if len(line.split()) > 2 else ""
                    text = base64.b64decode(given).decode() if given else await ask(b"")
                    login = tuple(text.split("\0")[1:])
                else:
                    given = line.split()[2] if len(line.split()) > 2 else ""
                    user = base64.b64decode(given).decode() if given else await ask(b"User")
                    login = (user, await ask(b"Password"))
                self.logins.append((kind, secure, login))
                known = login == (USER, PASSWORD)
                say("235 welcome" if known else "535 who are you")
            elif verb == "MAIL" and not known:
                say("530 log in first")
            elif verb in ("MAIL", "RCPT", "RSET", "NOOP"):
                say("250 fine")
            elif verb == "DATA":
                say("354 go on")
                text = b""
                while (part := await reader.readline()) != b".\r\n":
                    text += part
                self.mails.append((secure, text))
                if not bad("DOT"):
                    say("250 taken")
            elif verb == "QUIT":
                say("221 bye")
                break
            else:
                say("502 no")


class Relays(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="tocsin-relay-")
        cls.cert = os.path.join(cls.dir, "cert.pem")
        made = subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=relay", "-addext",
             "subjectAltName=IP:127.0.0.1", "-keyout", cls.cert + ".key", "-out", cls.cert], capture_output=True, check=False,
        )
        if made.returncode != 0:
            print("skipped: no openssl to make a certificate with")
            sys.exit(77)
        cls.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        cls.tls.load_cert_chain(cls.cert, cls.cert + ".key")

    def send(self, url, more):
        """A test message through the relay; how its first try went, and the channel then."""
        tries, channel, _ = self.send_until(url, more, lambda _, tries: tries)
        return tries[0], channel

    def send_all(self, moods, more=None, **relay):
        """The same through a relay with MOODS, until it arrived or was given up."""
        relay = Relay(self.tls, moods=moods, **relay)
        tries, _, state = self.send_until(
            f"smtp://127.0.0.1:{relay.port}", more or {}, lambda m, _: m["state"] in ("accepted", "failed"))
        return [t["result"] for t in tries], state, relay

    def send_until(self, url, more, done):
        folder = tempfile.mkdtemp(dir=self.dir)
        config = os.path.join(folder, "tocsin.yaml")
        with open(config, "w", encoding="utf-8") as f:
            json.dump({"listen": "127.0.0.1:0", "db": f"sqlite:{folder}/t.db", "feeds": {"catalogue": []},
                       "notify": {"smtp": {"url": url, "from": "tocsin@example.org", **more},
                                  "retry": ["1s"] * 4}}, f, ensure_ascii=False)
        env = dict(os.environ, TOCSIN_STATE_DIR=os.path.join(folder, "state"))
        with open(os.path.join(folder, "log"), "wb") as log:
            server = subprocess.Popen([TOCSIN, "serve", "--config", config], env=env, stdout=subprocess.PIPE, stderr=log)
        try:
            for line in server.stdout:
                if b"listening" in line:
                    base = line.split()[1].decode()
                    break
            with open(os.path.join(folder, "state", "token"), encoding="ascii") as f:
                token = f.read().strip()

            def ask(method, path, body=None):
                request = urllib.request.Request(base + path, method=method, data=json.dumps(body).encode() if body is not None else None)
                request.add_header("Authorization", "Bearer " + token)
                request.add_header("Content-Type", "application/json")
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return json.loads(answer.read())

            ask("PUT", "/v1/channels/mail", {"type": "smtp", "config": {"to": ["ops@example.org"]}})
            message = ask("POST", "/v1/channels/mail/test", {})["message"]
            end = time.monotonic() + PATIENCE_S
            while time.monotonic() < end:
                answer = ask("GET", f"/v1/messages/{message}")
                tries = answer["deliveries"]
                if done(answer["message"], tries):
                    with open(os.path.join(folder, "log"), encoding="utf-8") as f:
                        self.assertNotIn(PASSWORD, f.read())
                    return tries, ask("GET", "/v1/channels/mail"), answer["message"]["state"]
                time.sleep(0.05)
            self.fail(f"the message was not tried enough: {tries}")
        finally:
            server.kill()
            server.wait()
            server.stdout.close()

    def login(self, **more):
        return dict(more, user=USER, password=PASSWORD, ca_file=self.cert)

    def test_starttls_and_plain(self):
        relay = Relay(self.tls, starttls=True, auth=["PLAIN"])
        tried, channel = self.send(f"smtp://127.0.0.1:{relay.port}", self.login(starttls=True))
        self.assertEqual((tried["result"], channel["state"]), ("accepted", "verified"), tried)
        self.assertEqual(relay.logins, [("PLAIN", True, (USER, PASSWORD))])
        self.assertTrue(relay.mails[0][0])
        self.assertIn(b"Auto-Submitted: auto-generated", relay.mails[0][1])

    def test_tls_from_the_start_and_login(self):
        relay = Relay(self.tls, implicit=True, auth=["LOGIN"])
        tried, _ = self.send(f"smtps://127.0.0.1:{relay.port}", self.login())
        self.assertEqual(tried["result"], "accepted", tried)
        self.assertEqual(relay.logins, [("LOGIN", True, (USER, PASSWORD))])

    def test_a_relay_without_the_starttls_that_is_asked_for_gets_nothing(self):
        relay = Relay(self.tls)
        tried, channel = self.send(f"smtp://127.0.0.1:{relay.port}", {"starttls": True, "ca_file": self.cert})
        self.assertEqual((tried["result"], channel["state"]), ("config", "failing"), tried)
        self.assertEqual(relay.mails, [])

    def test_a_certificate_nobody_trusts_gets_nothing(self):
        relay = Relay(self.tls, starttls=True)
        tried, _ = self.send(f"smtp://127.0.0.1:{relay.port}", {"starttls": True})
        self.assertNotEqual(tried["result"], "accepted", tried)
        self.assertEqual(relay.mails, [])

    def test_a_wrong_password_is_a_matter_of_configuration(self):
        relay = Relay(self.tls, starttls=True, auth=["PLAIN", "LOGIN"])
        tried, channel = self.send(f"smtp://127.0.0.1:{relay.port}", dict(self.login(starttls=True), password="wrong"))
        self.assertEqual((tried["result"], channel["state"]), ("config", "failing"), tried)
        self.assertEqual(relay.mails, [])

    def test_a_login_is_not_sent_in_the_clear(self):
        relay = Relay(self.tls, auth=["PLAIN"])
        tried, _ = self.send(f"smtp://127.0.0.1:{relay.port}", self.login())
        self.assertEqual(tried["result"], "config", tried)
        self.assertEqual(relay.logins, [])

    # ---- relays in a mood ----

    def test_a_no_for_now_at_any_stage_is_asked_again(self):
        for stage in ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "DOT"):
            with self.subTest(stage=stage):
                again = ["451 4.7.1 greylisted, come back"] * (3 if stage == "EHLO" else 2)
                results, state, relay = self.send_all({stage: again, "HELO": again if stage == "EHLO" else []})
                self.assertEqual(state, "accepted", results)
                self.assertEqual(set(results[:-1]), {"retry"})
                ids = {email.message_from_bytes(text)["Message-ID"] for _, text in relay.mails}
                self.assertEqual(len(ids), 1, "another Message-ID on a second try")

    def test_a_no_for_ever_is_not_asked_again(self):
        for stage in ("MAIL", "RCPT", "DATA", "DOT"):
            with self.subTest(stage=stage):
                results, state, relay = self.send_all({stage: ["550 5.1.1 never"] * 9})
                self.assertEqual((results, state), (["failed"], "failed"))
                self.assertEqual(relay.connections, 1)

    def test_a_relay_that_hangs_up_is_asked_again_with_the_same_message(self):
        for stage in ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "DOT"):
            with self.subTest(stage=stage):
                results, state, relay = self.send_all({stage: ["cut"]})
                self.assertEqual((results, state), (["retry", "accepted"], "accepted"))
                texts = [email.message_from_bytes(text) for _, text in relay.mails]
                # after the final dot nobody knows: it may come twice, and says so by its id
                self.assertEqual(len(texts), 2 if stage == "DOT" else 1)
                self.assertEqual(len({m["Message-ID"] for m in texts}), 1)

    def test_a_moody_starttls_and_login_are_asked_again(self):
        for stage, answer in (("STARTTLS", "454 4.7.0 no TLS just now"), ("AUTH", "454 4.7.0 directory is down"), ("AUTH", "cut")):
            with self.subTest(stage=stage, answer=answer):
                results, state, relay = self.send_all({stage: [answer]}, self.login(starttls=True), starttls=True, auth=["PLAIN"])
                self.assertEqual((results[-1], state), ("accepted", "accepted"), results)
                self.assertEqual([secure for secure, _ in relay.mails], [True])

    def test_what_arrives_reads_well_to_another_implementation(self):
        _, _, relay = self.send_all({})
        raw = relay.mails[0][1]
        self.assertNotIn(b"\n", raw.replace(b"\r\n", b""), "a bare LF")
        self.assertNotIn(b"\r", raw.replace(b"\r\n", b""), "a bare CR")
        self.assertLessEqual(max(map(len, raw.split(b"\r\n"))), 998)
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        for part in mail.walk():
            self.assertEqual(part.defects, [])
        for header in ("Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted"):
            self.assertEqual(len(mail.get_all(header, [])), 1, header)
        self.assertEqual(mail.get_content_type(), "multipart/alternative")
        self.assertEqual([p.get_content_type() for p in mail.iter_parts()], ["text/plain", "text/html"])
        text = mail.get_body(("plain",)).get_content()
        self.assertLessEqual(max(len(line) for line in text.splitlines() if "://" not in line), 78)
        self.assertEqual({c for c in text if not c.isprintable()} - set("\r\n"), set())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
