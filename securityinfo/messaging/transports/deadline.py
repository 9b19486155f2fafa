"""Connections that end at a deadline, whatever the server does or leaves undone."""

from __future__ import annotations

import contextlib
import socket
import threading
import time


class Deadline:
    """One delivery: all that it does with its connections takes `seconds` at most.

    A timeout of the socket alone is renewed with each byte, so a server that drips could hold the
    worker for hours. Here a timer shuts the connection down, and whoever waits for it wakes up.
    """

    def __init__(self, seconds: float) -> None:
        self.has_struck = False  # and the connection was cut
        self._ends_at = time.monotonic() + seconds
        self._guard: socket.socket | None = None
        self._timer: threading.Timer | None = None

    @property
    def seconds_left(self) -> float:
        """Never 0, which would mean to sockets that they must not wait at all."""
        return max(0.001, self._ends_at - time.monotonic())

    def connect(self, host: str, port: int) -> socket.socket:
        """The first address that answers; all of them share the time. Raises OSError."""
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
                self._watch(connection)
                return connection
        raise failure

    def release(self) -> None:
        """The connection is over, or nobody waits for it any more."""
        if self._timer:
            self._timer.cancel()
        if self._guard:
            self._guard.close()

    def _watch(self, connection: socket.socket) -> None:
        self.release()
        # A second handle on the same connection: it stays when TLS wraps the first one.
        self._guard = connection.dup()
        self._timer = threading.Timer(self.seconds_left, self._strike)
        self._timer.daemon = True
        self._timer.start()

    def _strike(self) -> None:
        self.has_struck = True
        with contextlib.suppress(OSError, AttributeError):
            self._guard.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]  # may be gone by now
