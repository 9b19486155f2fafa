"""Many rows at once, by COPY or inside PostgreSQL: many times as fast as `bulk_create`."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from operator import attrgetter
from typing import Any

from django.db import connection, models
from django.db.models.expressions import DatabaseDefault

BATCH = 5_000  # rows at a time: they fit into memory


def insert(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    """Every column has to be set as PostgreSQL takes it: nothing is converted or filled in.

    Each row is read when it is drawn, so the same object may come again with other values.
    """
    columns = [
        field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)
    ]
    names = ", ".join(f'"{field.column}"' for field in columns)
    values_of = attrgetter(*(field.attname for field in columns))
    into = f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'
    waiting = map(values_of, rows)
    # A connection that copies answers nobody else, and the rows may come from a query.
    while batch := list(itertools.islice(waiting, BATCH)):
        with connection.cursor() as cursor, cursor.copy(into) as copy:
            for values in batch:
                copy.write_row(values)


def multiply(row: models.Model, source: str, **own: str) -> None:
    """Rows like this one, made by PostgreSQL: one for each of `FROM source`.

    `own`: the columns in which they differ, in SQL.
    """
    columns: dict[str, str] = {}
    values: list[Any] = []
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if field.attname in own:
            columns[field.column] = own[field.attname]
        elif not isinstance(field, models.AutoField) and not isinstance(value, DatabaseDefault):
            columns[field.column] = f"%s::{field.db_type(connection)}"
            value = field.pre_save(row, add=True)
            values.append(field.get_db_prep_save(value, connection))
    names = ", ".join(f'"{column}"' for column in columns)
    asked = ", ".join(columns.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{row._meta.db_table}" ({names}) SELECT {asked} FROM {source}', values
        )


# 43 characters as a digest or a fingerprint has them; of nothing.
ANY_DIGEST = "translate(encode(sha256(gen_random_uuid()::text::bytea), 'base64'), '+/=', '-_')"


@contextmanager
def unchecked() -> Iterator[None]:
    """What is filled in is right: no reference is looked up for each row, no trigger runs.

    And it takes longer than a page may.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET statement_timeout = 0")
        try:
            yield
        finally:
            cursor.execute("RESET session_replication_role")
            cursor.execute("RESET statement_timeout")


def settle() -> None:
    """What autovacuum would do a while later, and then in the middle of a measurement."""
    with unchecked(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
