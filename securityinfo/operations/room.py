"""Has the disk of the database room for what comes next?

A full disk still answers what is read. So a result is asked for that doesn't fit into the memory
that it may use: PostgreSQL writes it into a file, and deletes that at once.
"""

from __future__ import annotations

from django.db import connection, transaction

ROWS = 50_000  # about a megabyte


def ask() -> None:
    """Raises OperationalError if there is none. Does nothing where the database is a file."""
    if connection.vendor != "postgresql":
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64kB'")
        cursor.execute("SELECT count(*) FROM generate_series(1, %s)", (ROWS,))
