"""Seals stored values anew under the current key, a few at a time, while everybody works on.

A row that is changed meanwhile keeps its change: it is written only if it is as it was read. What
is done shows in the rows themselves, so it can be broken off and taken up again at any point.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from django.apps import apps
from django.db.models import Count, Model, Q, QuerySet, TextField
from django.db.models.functions import Cast

from securityinfo import crypto
from securityinfo.crypto import Damaged, EncryptedJSONField, Sealed
from securityinfo.keyring import key_ring

BATCH = 200  # rows: a fraction of a second, so that nobody waits for a lock


@dataclass(frozen=True)
class Column:
    """One sealed column of one table."""

    model: type[Model]
    name: str

    def __str__(self) -> str:
        return f"{self.model._meta.db_table}.{self.name}"

    def sealed(self) -> QuerySet[Any]:
        """Rows that hold a value, each with its `text` as the database has it."""
        rows = self.model._default_manager.exclude(**{f"{self.name}__isnull": True})
        return rows.annotate(text=Cast(self.name, TextField()))

    def sealed_otherwise(self) -> QuerySet[Any]:
        """Those that the current key has not sealed."""
        return self.sealed().exclude(text__startswith=crypto.beginning(crypto.current_key_id()))


@dataclass
class Batch:
    """What became of some rows."""

    last: Any = None  # primary key; None when there was nothing to do
    resealed: int = 0
    damaged: list[str] = field(default_factory=list)


def columns() -> list[Column]:
    """Every sealed column there is."""
    return [
        Column(model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, EncryptedJSONField)
    ]


def damage_of(instance: Model, name: str) -> str:
    """Why the value of field `name`, as it was loaded, doesn't open; empty if it does.

    Nobody is alarmed: whoever asks is looking for damage.
    """
    field = cast(EncryptedJSONField, instance._meta.get_field(name))
    stored = instance.__dict__.get(field.attname)
    if not isinstance(stored, Sealed):
        return ""
    try:
        crypto.unseal(stored, field.row_of(instance))
    except Damaged as error:
        return str(error)
    return ""


def by_key(column: Column) -> dict[str, int]:
    """How many rows each key of the ring has sealed; "?" for keys that are not in it."""
    ids = list(key_ring().by_id)
    counts = {
        f"key{number}": Count("pk", filter=Q(text__startswith=crypto.beginning(key_id)))
        for number, key_id in enumerate(ids)
    }
    found = column.sealed().aggregate(total=Count("pk"), **counts)
    numbers = {key_id: found[f"key{number}"] for number, key_id in enumerate(ids)}
    numbers["?"] = found["total"] - sum(numbers.values())
    return {key_id: number for key_id, number in numbers.items() if number}


def damaged(column: Column) -> Iterator[str]:
    """Rows whose value doesn't open, and why."""
    for row in column.sealed().order_by("pk").iterator(chunk_size=1_000):
        if damage := damage_of(row, column.name):
            yield f"{column} of row {row.pk}: {damage}"


def reseal(column: Column, *, after: Any = None, limit: int = BATCH) -> Batch:
    """The next rows after this primary key."""
    rows = column.sealed_otherwise().order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    batch = Batch()
    for row in rows[:limit]:
        batch.last = row.pk
        if damage := damage_of(row, column.name):
            batch.damaged.append(f"{column} of row {row.pk}: {damage}")
        else:
            batch.resealed += _reseal_row(column, row)
    return batch


def _reseal_row(column: Column, row: Any) -> int:
    as_it_was = column.sealed().filter(pk=row.pk, text=row.text)
    sealed = crypto.seal_for(row, column.name, getattr(row, column.name))
    return as_it_was.update(**{column.name: sealed})
