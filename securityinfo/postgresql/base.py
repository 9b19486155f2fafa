"""A kept connection is looked at before each request; it is asked only when there is reason to.

A server that shuts down, and one that ends a session, says so or closes the connection: either can
be seen on the socket in a microsecond. Django's own check is a query, a tenth of a page's cost
(docs/performance.md).
"""

from __future__ import annotations

import select
import time
from datetime import UTC, datetime

import psycopg
from django.db.backends.postgresql import base

from securityinfo import clock

_TIME = "SELECT EXTRACT(EPOCH FROM clock_timestamp())"


class DatabaseWrapper(base.DatabaseWrapper):
    def init_connection_state(self) -> None:
        """A new connection is also asked for the time."""
        super().init_connection_state()
        asked_at = time.monotonic()
        (seconds,) = self.connection.execute(_TIME).fetchone()
        clock.hear(datetime.fromtimestamp(float(seconds), UTC), asked_at=asked_at)

    def is_usable(self) -> bool:
        """Whether the kept connection can be used; see Django's CONN_HEALTH_CHECKS."""
        return self._is_quiet() or super().is_usable()

    def _is_quiet(self) -> bool:
        """Nothing went wrong, and the server has said nothing unasked, not even that it ends."""
        if self.connection is None or self.errors_occurred:
            return False
        try:
            socket = self.connection.pgconn.socket
        except psycopg.OperationalError:  # closed on our side
            return False
        watched = select.poll()
        watched.register(socket, select.POLLIN)
        return not watched.poll(0)
