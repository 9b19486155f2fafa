"""One HTTP request and its answer, ended at a deadline whatever the server does."""

from __future__ import annotations

import socket
from typing import Any, ClassVar

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from securityinfo.messaging.transports import base
from securityinfo.messaging.transports.deadline import Deadline


class Exchange:
    """Everything together takes `seconds` at most, and it knows whether the request has left us."""

    def __init__(self, seconds: float = base.SECONDS_PER_DELIVERY) -> None:
        self.seconds = seconds
        self.has_begun = False  # from then on a failure leaves open whether it was taken
        self.deadline = Deadline(seconds)

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

    def __enter__(self) -> Exchange:
        return self

    def __exit__(self, *_: object) -> None:
        self.deadline.release()


class _Watched:
    """A connection of one exchange; name look-up, connecting and TLS come before it has begun."""

    exchange: ClassVar[Exchange]
    host: str
    port: int

    def _new_conn(self) -> socket.socket:
        """Called by urllib3 before TLS."""
        return self.exchange.deadline.connect(self.host, self.port)

    def send(self, data: Any) -> None:
        if getattr(self, "sock", None) is None:
            self.connect()  # type: ignore[attr-defined]  # http.client would do it a line later
        self.exchange.has_begun = True
        super().send(data)  # type: ignore[misc]  # http.client's
