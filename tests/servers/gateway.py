"""A gateway on loopback that takes signed JSON, as docs/developers/gateway.md describes."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from django.test import Client

from securityinfo.messaging.transports import webhook
from tests.servers.twilio import Answer

SECRET = "a-secret-of-the-gateway-of-the-tests"


class GatewayServer:
    """`with GatewayServer() as gateway:`; each request uses up one of `answers`."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.answers: list[tuple[int, Any]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/send"

    def answer(self, body: bytes, headers: Any) -> tuple[int, Any]:
        if not webhook.is_genuine(body, headers, SECRET):
            return 401, {"error": "misconfigured"}
        if self.answers:
            return self.answers.pop(0)
        self.taken.append(json.loads(body))
        return 202, {"id": f"g-{len(self.taken)}"}

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def report(path: str, fields: dict[str, Any], **changes: Any) -> Answer:
    """Post signed JSON to the application; `secret`, `seconds` or `body` make it a false one."""
    body = json.dumps(fields).encode()
    at = int(time.time()) + changes.get("seconds", 0)
    headers = webhook.signed(body, changes.get("secret", SECRET), at=at)
    answer = Client(enforce_csrf_checks=True).post(
        path, changes.get("body", body), content_type="application/json", headers=headers
    )
    return Answer(answer.status_code, answer.content.decode())


def _handler(gateway: GatewayServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = gateway.answer(body, self.headers)
            said = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Nothing: the tests read `taken`."""

    return Handler
