"""A mail server on loopback that real workers send to; what it answers is a list of moods."""

from __future__ import annotations

import asyncio
import email
import threading
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers import processes

ACCEPT = "250 OK"
GREYLIST = "450 4.2.0 Try again later"
BUSY = "421 4.3.2 Busy"
REFUSE = "550 5.1.1 No such mailbox"
# Takes the mail, then is gone before it has said so: the sender cannot know.
TAKE_AND_DROP = "drop"


@dataclass
class Mailbox:
    """aiosmtpd's handler. Each mail uses up one of `moods`; without one it is accepted."""

    received: list[EmailMessage] = field(default_factory=list)
    moods: list[str] = field(default_factory=list)
    asked: int = 0  # deliveries begun
    pause: float = 0  # seconds until it has taken a mail
    _lock: threading.Lock = field(default_factory=threading.Lock)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list
    ) -> str:
        with self._lock:
            self.asked += 1
            mood = self.moods[0] if self.moods else ACCEPT
            if mood not in (ACCEPT, TAKE_AND_DROP):
                return self.moods.pop(0)
        envelope.rcpt_tos.append(address)
        return ACCEPT

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        await asyncio.sleep(self.pause)
        with self._lock:
            mood = self.moods.pop(0) if self.moods else ACCEPT
            self.received.append(
                email.message_from_bytes(envelope.original_content, policy=default)
            )
        if mood == TAKE_AND_DROP and server.transport:
            server.transport.abort()
        return ACCEPT


class MailServer:
    """`with MailServer() as server: server.url, server.received`."""

    def __init__(self) -> None:
        self.mailbox = Mailbox()
        self._controller: Any = None

    def start(self) -> Self:
        self._controller = Controller(
            self.mailbox, hostname="127.0.0.1", port=processes.free_port(), ready_timeout=60
        )
        self._controller.start()
        return self

    def stop(self) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        port = self._controller.server.sockets[0].getsockname()[1]
        return f"smtp+plain://127.0.0.1:{port}"

    @property
    def received(self) -> list[EmailMessage]:
        return self.mailbox.received

    def next(self, *moods: str) -> None:
        self.mailbox.moods.extend(moods)

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.received if address in str(mail["To"])]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
