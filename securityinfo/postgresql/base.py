"""Django's wrapper of PostgreSQL, with two things done faster (docs/performance.md).

A kept connection is looked at before each request; it is asked only when there is reason to. A
server that shuts down, and one that ends a session, says so or closes the connection: either can be
seen on the socket in a microsecond. Django's own check is a query, a tenth of a page's cost.

Points in time are read by Python itself, not by a regular expression: a row has several.
"""

from __future__ import annotations

import select
import time
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.adapt import AdaptersMap
from psycopg.types.datetime import TimestamptzLoader

from securityinfo import clock

_TIME = "SELECT EXTRACT(EPOCH FROM clock_timestamp())"


class TimeLoader(TimestamptzLoader):
    """In UTC, whatever the connection's own zone is."""

    timezone = UTC  # by which Django knows that it fits

    def load(self, data: bytes | bytearray | memoryview) -> datetime:
        try:
            return datetime.fromisoformat(str(data, "ascii")).astimezone(UTC)
        except ValueError:  # infinity, or a year that Python doesn't have
            return super().load(data)


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        parameters = super().get_connection_params()
        adapters = AdaptersMap(parameters["context"])
        adapters.register_loader("timestamptz", TimeLoader)
        return parameters | {"context": adapters}

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
