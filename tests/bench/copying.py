"""Many rows at once by COPY, three times as fast as `bulk_create`."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from operator import attrgetter

from django.db import connection, models

BATCH = 5_000  # rows at a time: they fit into memory


def insert(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    """Every column has to be set as PostgreSQL takes it: nothing is converted or filled in."""
    columns = [
        field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)
    ]
    names = ", ".join(f'"{field.column}"' for field in columns)
    values_of = attrgetter(*(field.attname for field in columns))
    into = f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'
    waiting = iter(rows)
    # A connection that copies answers nobody else, and the rows may come from a query.
    while batch := list(itertools.islice(waiting, BATCH)):
        with connection.cursor() as cursor, cursor.copy(into) as copy:
            for row in batch:
                copy.write_row(values_of(row))


def settle() -> None:
    """What autovacuum would do a while later, and then in the middle of a measurement."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
