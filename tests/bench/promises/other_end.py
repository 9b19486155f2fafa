"""The other end: a gateway that notes when each text comes, and a mail server that counts.

`python -m tests.bench.promises.other_end` prints where they are; after each line on stdin, what
came since the last one.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from aiosmtpd.controller import Controller  # noqa: E402 - after setup
from aiosmtpd.smtp import SMTP, Envelope, Session  # noqa: E402 - after setup

from tests.servers import processes  # noqa: E402 - after setup
from tests.servers.gateway import SECRET, GatewayServer  # noqa: E402 - after setup


class _Noting(GatewayServer):
    def __init__(self) -> None:
        super().__init__()
        self.noted: list[dict[str, Any]] = []

    def answer(self, body: bytes, headers: Any) -> tuple[int, Any]:
        now = time.monotonic()  # the same clock in all processes of a machine
        status, answer = super().answer(body, headers)
        self.noted.append({"at": now, "status": status} | json.loads(body))
        return status, answer


class _Counting:
    """aiosmtpd's handler; reads no mail."""

    count = 0

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, _envelope: Envelope
    ) -> str:
        self.count += 1
        return "250 OK"


def main() -> None:
    mail = _Counting()
    port = processes.free_port()
    Controller(mail, hostname="127.0.0.1", port=port, ready_timeout=60).start()
    with _Noting() as gateway:
        environment = {
            "EMAIL_URL": f"smtp+plain://127.0.0.1:{port}",
            "SECURITYINFO_TELEPHONY": "webhook",
            "SECURITYINFO_GATEWAY_URL": gateway.url,
            "SECURITYINFO_GATEWAY_SECRET": SECRET,
        }
        _say(environment)
        told = mails = 0
        for _line in sys.stdin:
            texts, count = gateway.noted[told:], mail.count
            _say({"texts": texts, "mails": count - mails})
            told, mails = told + len(texts), count
    os._exit(0)  # the mail server's thread has nothing to finish


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
