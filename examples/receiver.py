#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two receivers for the demonstration and the end-to-end tests, on loopback only:
a webhook receiver that checks the signature, and a mail sink.

    receiver.py DIR [--secret whsec_...] [--answers 503,503,200] [--seconds N]

Writes DIR/ports ("HTTP_PORT SMTP_PORT"), then one file per thing that arrived:
DIR/hook-0001.json with {"headers","body","signature"}, DIR/mail-0001.eml.  Ends after N
seconds (default 600), or when DIR/stop appears.
"""
import argparse
import asyncio
import base64
import hashlib
import hmac
import json
import os
import time

MAX_BODY = 4 << 20


class Receiver:
    def __init__(self, directory, secret, answers):
        self.directory = directory
        self.secret = secret
        self.answers = answers
        self.hooks = 0
        self.mails = 0

    def keep(self, name, data):
        path = os.path.join(self.directory, name)
        with open(path + ".new", "wb") as f:
            f.write(data)
        os.rename(path + ".new", path)

    def signature(self, headers, body):
        """Good, bad, or none: Standard Webhooks over id.timestamp.body."""
        if not self.secret:
            path = os.path.join(self.directory, "secret")
            if os.path.exists(path):
                with open(path, encoding="ascii") as f:
                    self.secret = f.read().strip()
        given = headers.get("webhook-signature")
        if not given or not self.secret:
            return "none"
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        text = f"{headers.get('webhook-id')}.{headers.get('webhook-timestamp')}.".encode()
        mac = hmac.new(key, text + body, hashlib.sha256).digest()
        want = "v1," + base64.b64encode(mac).decode()
        good = any(hmac.compare_digest(want, g) for g in given.split())
        return "good" if good else "bad"

    async def http(self, reader, writer):
        try:
            line = (await reader.readline()).decode("latin-1").split()
            headers = {}
            while True:
                raw = (await reader.readline()).decode("latin-1").strip()
                if not raw:
                    break
                name, _, value = raw.partition(":")
                headers[name.strip().lower()] = value.strip()
            length = min(int(headers.get("content-length", 0)), MAX_BODY)
            body = await reader.readexactly(length)
            self.hooks += 1
            status = self.answers.pop(0) if self.answers else 200
            self.keep(
                f"hook-{self.hooks:04d}.json",
                json.dumps(
                    {
                        "method": line[0] if line else "",
                        "path": line[1] if len(line) > 1 else "",
                        "headers": headers,
                        "body": json.loads(body) if body else None,
                        "raw": body.decode("utf-8", "replace"),
                        "signature": self.signature(headers, body),
                        "answered": status,
                        "at": time.time(),
                    }
                ).encode(),
            )
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        except (ValueError, asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def smtp(self, reader, writer):
        async def say(text):
            writer.write(text.encode() + b"\r\n")
            await writer.drain()

        mail = {"from": "", "to": []}
        try:
            await say("220 sink ready")
            while True:
                line = (await reader.readline()).decode("latin-1").rstrip("\r\n")
                verb = line.upper()
                if not line or verb.startswith("QUIT"):
                    await say("221 bye")
                    break
                if verb.startswith("EHLO") or verb.startswith("HELO"):
                    await say("250 sink")
                elif verb.startswith("MAIL FROM:"):
                    mail = {"from": line[10:].strip(), "to": []}
                    await say("250 ok")
                elif verb.startswith("RCPT TO:"):
                    address = line[8:].strip()
                    if "refused@" in address:
                        await say("550 no such person")
                        continue
                    mail["to"].append(address)
                    await say("250 ok")
                elif verb.startswith("DATA"):
                    if not mail["to"]:
                        await say("503 no recipient")
                        continue
                    await say("354 go on")
                    lines = []
                    while True:
                        raw = await reader.readline()
                        if raw in (b".\r\n", b""):
                            break
                        lines.append(raw[1:] if raw.startswith(b"..") else raw)
                    self.mails += 1
                    head = f"X-Envelope-From: {mail['from']}\r\nX-Envelope-To: {', '.join(mail['to'])}\r\n"
                    self.keep(f"mail-{self.mails:04d}.eml", head.encode() + b"".join(lines))
                    await say("250 kept")
                elif verb.startswith("RSET") or verb.startswith("NOOP"):
                    await say("250 ok")
                else:
                    await say("502 no")
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def main():
    p = argparse.ArgumentParser()
    p.add_argument("directory")
    p.add_argument("--secret", default="")
    p.add_argument("--answers", default="")
    p.add_argument("--seconds", type=int, default=600)
    a = p.parse_args()
    os.makedirs(a.directory, exist_ok=True)
    answers = [int(x) for x in a.answers.split(",") if x]
    r = Receiver(a.directory, a.secret, answers)
    http = await asyncio.start_server(r.http, "127.0.0.1", 0, limit=MAX_BODY)
    smtp = await asyncio.start_server(r.smtp, "127.0.0.1", 0, limit=MAX_BODY)
    ports = [s.sockets[0].getsockname()[1] for s in (http, smtp)]
    r.keep("ports", f"{ports[0]} {ports[1]}\n".encode())
    end = time.monotonic() + a.seconds
    while time.monotonic() < end and not os.path.exists(os.path.join(a.directory, "stop")):
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    asyncio.run(main())
