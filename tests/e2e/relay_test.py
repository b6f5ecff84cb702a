#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mail through relays as they are out there: STARTTLS, TLS from the start, PLAIN and LOGIN,
and those that do not offer what is asked of them.

    relay_test.py TOCSIN
"""
import asyncio
import base64
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

    def __init__(self, tls, implicit=False, starttls=False, auth=()):
        self.tls, self.implicit, self.starttls, self.auth = tls, implicit, starttls, auth
        self.mails, self.logins = [], []
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
        secure, known = self.implicit, not self.auth

        def say(*lines):
            for i, line in enumerate(lines):
                writer.write((line[:3] + ("-" if i + 1 < len(lines) else " ") + line[4:] + "\r\n").encode())

        async def ask(prompt):
            say("334 " + base64.b64encode(prompt).decode())
            return base64.b64decode(await reader.readline()).decode()

        say("220 relay")
        while line := (await reader.readline()).decode().strip():
            verb = line.split()[0].upper()
            if verb == "EHLO":
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
                say("250 taken")
            elif verb == "QUIT":
                say("221 bye")
                break
            else:
                say("502 no")
        writer.close()


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
        """A test message through the relay; how it went."""
        folder = tempfile.mkdtemp(dir=self.dir)
        config = os.path.join(folder, "tocsin.yaml")
        with open(config, "w", encoding="utf-8") as f:
            json.dump({"listen": "127.0.0.1:0", "db": f"sqlite:{folder}/t.db", "feeds": {"catalogue": []},
                       "notify": {"smtp": {"url": url, "from": "tocsin@example.org", **more}}}, f, ensure_ascii=False)
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
                tries = ask("GET", f"/v1/messages/{message}")["deliveries"]
                if tries:
                    with open(os.path.join(folder, "log"), encoding="utf-8") as f:
                        self.assertNotIn(PASSWORD, f.read())
                    return tries[0], ask("GET", "/v1/channels/mail")
                time.sleep(0.05)
            self.fail("the message was not tried")
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


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
