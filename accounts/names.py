"""Finds people by how a name of theirs begins, whatever its case."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

COLUMNS = ("username", "work_address", "full_name")  # each has an index for beginnings


def beginning_with(typed: str, columns: Sequence[str] = COLUMNS) -> Q:
    """People of whom one of these columns begins so: "Bob Ba" finds Bob Baker."""
    return Q(*((f"{column}__istartswith", typed) for column in columns), _connector=Q.OR)
