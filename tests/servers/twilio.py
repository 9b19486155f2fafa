"""Twilio on loopback: takes texts and calls as documented, and plays whatever a test asks for."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from django.utils import timezone

from securityinfo.demo import gateway, twiml
from securityinfo.demo.gateway import Account, Resource

ACCOUNT = Account("AC" + "0a" * 16, "twilio-token-of-the-tests")
FROM = "+15005550006"
SERVICE = "MG" + "0b" * 16

# --- Moods: each request uses up one ---
HANG = "takes it, says nothing"
DRIP = "takes it, one byte of the answer at a time"
DROP = "takes it, closes the connection"
RESET = "takes it, resets the connection"
BAD_JSON = "takes it, answers half an object"
NO_SID = "takes it, answers another object"
REDIRECT = "sends somewhere else"
QUIET_AT_FIRST = "closes the connection before it reads"


def error(status: int, number: int = 0) -> tuple[int, int]:
    """An error with Twilio's number; without one the answer isn't Twilio's but a proxy's."""
    return status, number


TOO_MANY = error(429, 20429)


@dataclass
class Sent:
    """A text or a call that was taken."""

    sid: str
    resource: Resource
    fields: dict[str, str]
    events: int = 0
    heard: list[str] = field(default_factory=list)  # what the call has said
    document: twiml.Document | None = None


@dataclass(frozen=True)
class Answer:
    status: int
    body: str


Post = Callable[[str, dict[str, str], str], Answer]


def post_over_the_network(url: str, fields: dict[str, str], signature: str) -> Answer:
    request = urllib.request.Request(
        url,
        data=urlencode(fields).encode(),
        headers={"X-Twilio-Signature": signature, "User-Agent": "TwilioProxy/1.1"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return Answer(answer.status, answer.read().decode())
    except urllib.error.HTTPError as refusal:
        return Answer(refusal.code, refusal.read().decode())


class TwilioServer:
    """`with TwilioServer() as twilio:`; `post` is how it reaches the application."""

    def __init__(self, post: Post = post_over_the_network) -> None:
        self.post = post
        self.taken: list[Sent] = []
        self.refused: list[int] = []
        self.status = "active"  # of the account
        self.requests = 0
        self.asked: list[str] = []  # addresses, as they would stand in a log of Twilio's
        self.moods: list[Any] = []
        self.posted: list[tuple[str, dict[str, str]]] = []  # every callback, with its address
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to send by this server."""
        return {
            "SECURITYINFO_TELEPHONY": "twilio",
            "TWILIO_ACCOUNT_SID": ACCOUNT.sid,
            "TWILIO_AUTH_TOKEN": ACCOUNT.auth_token,
            "TWILIO_FROM": FROM,
            "TWILIO_API_URL": self.url,
        }

    @property
    def texts(self) -> list[Sent]:
        return [sent for sent in self.taken if sent.resource is Resource.MESSAGES]

    @property
    def calls(self) -> list[Sent]:
        return [sent for sent in self.taken if sent.resource is Resource.CALLS]

    def next(self, *moods: Any) -> None:
        self.moods.extend(moods)

    # --- What Twilio does by itself ---

    def report(self, sent: Sent, status: str, *, error: int = 0) -> Answer:
        """Post a status, as often and in whatever order the test likes."""
        if sent.resource is Resource.MESSAGES:
            fields = gateway.text_report(ACCOUNT, sent.sid, sent.fields, status=status, error=error)
        else:
            more = gateway.progress_of(sent.events, timezone.now())
            fields = gateway.call_request(ACCOUNT, sent.sid, sent.fields, status=status, **more)
            sent.events += 1
        return self.call_back(sent.fields["StatusCallback"], fields)

    def answer(self, sent: Sent) -> Answer:
        """Somebody picks up: fetch the document and begin to say it."""
        return self._follow(sent, sent.fields["Url"])

    def press(self, sent: Sent, digits: str) -> Answer | None:
        """`digits` and then #. None: that made no request, and the call goes on asking."""
        assert sent.document, "nobody has answered"
        gather, *left = sent.document.gathers
        sent.heard += gather.said
        keyed = twiml.gathered(gather, f"{digits}#")
        if keyed.posted:
            return self._follow(sent, gather.action, **keyed.posted)
        sent.document = replace(sent.document, gathers=tuple(left))
        return None if left else self._follow(sent, sent.document.redirect)

    def wait(self, sent: Sent) -> Answer:
        """Press nothing until the document is through."""
        assert sent.document, "nobody has answered"
        for gather in sent.document.gathers:
            sent.heard += gather.said
        return self._follow(sent, sent.document.redirect)

    def call_back(self, url: str, fields: dict[str, str]) -> Answer:
        self.posted.append((url, fields))
        return self.post(url, fields, gateway.signature(ACCOUNT, url, fields))

    def _follow(self, sent: Sent, url: str, **more: str) -> Answer:
        fields = gateway.call_request(ACCOUNT, sent.sid, sent.fields, status="in-progress", **more)
        answer = self.call_back(url, fields)
        if answer.status == 200:
            sent.document = twiml.read(answer.body)
            sent.heard += sent.document.said
        return answer

    # --- What is asked of it ---

    def take(self, path: str, authorization: str, body: str) -> dict[str, Any]:
        """Raises gateway.Refused."""
        form = parse_qs(body, keep_blank_values=True)
        parts = path.strip("/").split("/")
        names = {f"{resource}.json": resource for resource in Resource}
        if len(parts) != 4 or parts[:2] != [gateway.VERSION, "Accounts"] or parts[3] not in names:
            raise gateway.Refused(404, 20404, "The requested resource was not found")
        gateway.authorize(ACCOUNT, parts[2], authorization)
        resource = names[parts[3]]
        fields = gateway.read(resource, form)
        sent = Sent(gateway.new_sid(resource), resource, fields)
        with self._lock:
            self.taken.append(sent)
        return gateway.created(resource, ACCOUNT, sent.sid, fields)

    def describe(self, path: str, authorization: str) -> dict[str, str]:
        """The account at this address. Raises gateway.Refused."""
        sid = path.rpartition("/")[2].removesuffix(".json")
        gateway.authorize(ACCOUNT, sid, authorization)
        return gateway.described(ACCOUNT) | {"status": self.status}

    def mood(self, address: str) -> Any:
        with self._lock:
            self.requests += 1
            self.asked.append(address)
            return self.moods.pop(0) if self.moods else None

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(twilio: TwilioServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            mood = twilio.mood(self.path)
            if mood == QUIET_AT_FIRST:
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if isinstance(mood, tuple):
                self.refuse(*mood)
            elif mood == REDIRECT:
                self.say(307, "{}", Location=f"{twilio.url}/elsewhere")
            else:
                self.take(body, mood)

        def do_GET(self) -> None:
            twilio.mood(self.path)
            try:
                found = twilio.describe(self.path, self.headers.get("Authorization", ""))
            except gateway.Refused as refused:
                self.say(refused.status, json.dumps(refused.body))
            else:
                self.say(200, json.dumps(found))

        def take(self, body: str, mood: str | None) -> None:
            try:
                created = twilio.take(
                    urlsplit(self.path).path, self.headers.get("Authorization", ""), body
                )
            except gateway.Refused as refused:
                twilio.refused.append(refused.number)
                self.say(refused.status, json.dumps(refused.body))
                return
            self.play(json.dumps(created), mood)

        def play(self, answer: str, mood: str | None) -> None:
            if mood == HANG:
                twilio.stopping.wait(30)
            elif mood == DRIP:
                self.drip(answer)
            elif mood == RESET:
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
            elif mood == DROP:
                pass
            else:
                self.say(201, {BAD_JSON: answer[:40], NO_SID: "{}"}.get(mood or "", answer))
                return
            self.close_connection = True

        def drip(self, answer: str) -> None:
            self.wfile.write(
                f"HTTP/1.1 201 Created\r\nContent-Length: {len(answer)}\r\n\r\n".encode()
            )
            for letter in answer:
                if twilio.stopping.is_set():
                    return
                try:
                    self.wfile.write(letter.encode())
                except OSError:
                    return
                time.sleep(0.05)

        def refuse(self, status: int, number: int) -> None:
            if not number:
                self.say(status, "<html>an error of a proxy</html>")
                return
            body = gateway.Refused(status, number, "as the test asked").body
            self.say(status, json.dumps(body))

        def say(self, status: int, body: str, **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Nothing: the tests read `requests`."""

    return Handler
