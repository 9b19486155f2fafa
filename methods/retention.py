"""How long challenges and unfinished registrations are kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now

from methods.models import Challenge, Registration

KEPT = timedelta(hours=24)
BATCH = 5_000  # rows in one transaction: a purge never holds anybody up


def purge() -> int:
    """Delete what is over for a day; returns the number of rows."""
    challenges = Challenge.objects.filter(expires_at__lt=Now() - KEPT)
    unfinished = Registration.objects.under_way().filter(created_at__lt=Now() - KEPT)
    return _delete(challenges) + _delete(unfinished)


def _delete(rows: QuerySet[Any]) -> int:
    total = 0
    while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
        deleted, _ = rows.model.objects.filter(pk__in=keys).delete()
        total += deleted
    return total
