"""An SMTP connection that ends at a deadline, whatever the server does or leaves undone."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from typing import Any

from securityinfo.messaging.transports.deadline import Deadline

GOODBYE = 0.5  # seconds for the answer to QUIT: the mail has been taken already


class BoundedSMTP(smtplib.SMTP):
    """Every operation together takes `seconds` at most."""

    def __init__(self, *, seconds: float, implicit_tls: ssl.SSLContext | None, name: str) -> None:
        self._deadline = Deadline(seconds)
        self._implicit_tls = implicit_tls
        super().__init__(local_hostname=name, timeout=seconds)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Called by smtplib's connect()."""
        self._host = host  # the name that STARTTLS verifies
        connection = self._deadline.connect(host, port)
        if not self._implicit_tls:
            return connection
        return self._implicit_tls.wrap_socket(connection, server_hostname=host)

    def getreply(self) -> tuple[int, bytes]:
        """smtplib takes half an answer for a whole one: "2" and a lost connection for success."""
        code, text = super().getreply()
        if self._deadline.has_struck or not 200 <= code <= 599:
            self.close()
            raise smtplib.SMTPServerDisconnected("no whole answer")
        return code, text

    def part(self) -> None:
        """Say goodbye without waiting long for the answer, and close in any case."""
        sock: Any = self.sock
        if sock is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                sock.settimeout(min(GOODBYE, self._deadline.seconds_left))
                self.docmd("QUIT")
        self.close()

    def close(self) -> None:
        self._deadline.release()
        super().close()
