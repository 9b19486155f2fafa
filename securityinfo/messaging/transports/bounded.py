"""An SMTP connection that ends at a deadline, whatever the server does or leaves undone."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import threading
import time
from typing import Any

GOODBYE = 0.5  # seconds for the answer to QUIT: the mail has been taken already


class BoundedSMTP(smtplib.SMTP):
    """Every operation together takes `seconds` at most.

    A timeout of the socket alone is renewed with each byte, so a server that drips could hold the
    worker for hours. Here a timer shuts the connection down, and whoever waits for it wakes up.
    """

    def __init__(self, *, seconds: float, implicit_tls: ssl.SSLContext | None, name: str) -> None:
        self._ends_at = time.monotonic() + seconds
        self._implicit_tls = implicit_tls
        self._guard: socket.socket | None = None
        self._timer: threading.Timer | None = None
        self._is_cut = False
        super().__init__(local_hostname=name, timeout=seconds)

    @property
    def seconds_left(self) -> float:
        return max(0.001, self._ends_at - time.monotonic())

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Called by smtplib's connect()."""
        self._host = host  # the name that STARTTLS verifies
        connection = self._connected(host, port)
        # A second handle on the same connection: it stays when TLS wraps the first one.
        self._guard = connection.dup()
        self._timer = threading.Timer(self.seconds_left, self._cut)
        self._timer.daemon = True
        self._timer.start()
        if not self._implicit_tls:
            return connection
        return self._implicit_tls.wrap_socket(connection, server_hostname=host)

    def _connected(self, host: str, port: int) -> socket.socket:
        """The first address that answers; all of them share the time."""
        failure = OSError("no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        ):
            connection = socket.socket(family, kind, protocol)
            connection.settimeout(self.seconds_left)
            try:
                connection.connect(address)
            except OSError as error:
                connection.close()
                failure = error
            else:
                return connection
        raise failure

    def getreply(self) -> tuple[int, bytes]:
        """smtplib takes half an answer for a whole one: "2" and a lost connection for success."""
        code, text = super().getreply()
        if self._is_cut or not 200 <= code <= 599:
            self.close()
            raise smtplib.SMTPServerDisconnected("no whole answer")
        return code, text

    def _cut(self) -> None:
        self._is_cut = True
        with contextlib.suppress(OSError, AttributeError):
            self._guard.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]  # may be gone by now

    def part(self) -> None:
        """Say goodbye without waiting long for the answer, and close in any case."""
        sock: Any = self.sock
        if sock is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                sock.settimeout(min(GOODBYE, self.seconds_left))
                self.docmd("QUIT")
        self.close()

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()
        if self._guard:
            self._guard.close()
        super().close()
