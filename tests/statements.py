"""How many statements something costs, where that differs by database."""

from __future__ import annotations

from django.db import connection


def recording(events: int = 1) -> int:
    """An event and its origin: one statement on PostgreSQL, one each on SQLite."""
    return events if connection.vendor == "postgresql" else 2 * events
