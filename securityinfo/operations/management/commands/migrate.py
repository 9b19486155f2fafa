"""`manage.py migrate`, which may take longer than a page may.

It still gives up after waiting 5 s for a lock: whoever comes later for the same table waits behind
it. Then nothing of this migration was done, and it may be tried again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with as_long_as_it_takes(connections[options["database"]]):
            super().handle(*args, **options)


@contextmanager
def as_long_as_it_takes(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """An index on a large table is made for longer than 10 s."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET statement_timeout")
