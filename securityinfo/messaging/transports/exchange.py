"""One HTTP request and its answer, ended at a deadline whatever the server does."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Any, ClassVar

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from securityinfo.messaging.transports import base


class Exchange:
    """Everything together takes `seconds` at most, and it knows whether the request has left us.

    A timeout of the socket alone is renewed with each byte, so a server that drips could hold the
    worker for hours. Here a timer shuts the connection down, and whoever waits for it wakes up.
    """

    def __init__(self, seconds: float = base.SECONDS_PER_DELIVERY) -> None:
        self.seconds = seconds
        self.has_begun = False  # from then on a failure leaves open whether it was taken
        self._ends_at = time.monotonic() + seconds
        self._guard: socket.socket | None = None
        self._timer: threading.Timer | None = None

    @property
    def seconds_left(self) -> float:
        return max(0.001, self._ends_at - time.monotonic())

    def problem(self, error: Exception) -> base.DeliveryProblem:
        """What a failure of the connection means."""
        name = type(error).__name__
        return base.OutcomeUnknown(name) if self.has_begun else base.TransportDown(name)

    def pool_classes(self) -> dict[str, Any]:
        """For urllib3: pools of connections that this exchange watches."""
        plain = type("Plain", (_Watched, HTTPConnection), {"exchange": self})
        secure = type("Secure", (_Watched, HTTPSConnection), {"exchange": self})
        return {
            "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }

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

    def _watch(self, connection: socket.socket) -> None:
        """Cut this connection when the time is over."""
        self.close()
        # A second handle on the same connection: it stays when TLS wraps the first one.
        self._guard = connection.dup()
        self._timer = threading.Timer(self.seconds_left, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()
        if self._guard:
            self._guard.close()

    def _cut(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            self._guard.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]  # may be gone by now

    def __enter__(self) -> Exchange:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Watched:
    """A connection of one exchange; name look-up, connecting and TLS come before it has begun."""

    exchange: ClassVar[Exchange]
    host: str
    port: int

    def _new_conn(self) -> socket.socket:
        """Called by urllib3 before TLS."""
        return self.exchange.connect(self.host, self.port)

    def send(self, data: Any) -> None:
        if getattr(self, "sock", None) is None:
            self.connect()  # type: ignore[attr-defined]  # http.client would do it a line later
        self.exchange.has_begun = True
        super().send(data)  # type: ignore[misc]  # http.client's
