"""How long challenges and unfinished registrations are kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from methods.models import Challenge, Registration
from securityinfo.actor import SYSTEM
from securityinfo.audit import log, tags

KEPT = timedelta(hours=24)
BATCH = 5_000  # rows in one transaction: a purge never holds anybody up


def purge() -> int:
    """Delete what is over for a day; returns the number of rows."""
    challenges = Challenge.objects.filter(expires_at__lt=Now() - KEPT)
    unfinished = Registration.objects.under_way().filter(created_at__lt=Now() - KEPT)
    unanswered = challenges.filter(closed_at=None)
    return _delete_and_tell(unanswered) + _delete(challenges) + _delete(unfinished)


def _delete_and_tell(unanswered: QuerySet[Challenge]) -> int:
    """An event for each that ended by time alone, in the transaction that deletes it."""
    total = 0
    rows = unanswered.select_related("user", "registration")
    while found := list(rows[:BATCH]):
        with transaction.atomic():
            for each in found:
                _record_expired(each)
            total += _delete(Challenge.objects.filter(pk__in=[each.pk for each in found]))
    return total


def _record_expired(challenge: Challenge) -> None:
    log.record(
        tags.CHALLENGE_EXPIRED,
        actor=SYSTEM,
        subject=challenge.user.public_id,
        kind=challenge.registration.kind,
        purpose=challenge.purpose,
        expired_at=challenge.expires_at.isoformat(),
    )


def _delete(rows: QuerySet[Any]) -> int:
    total = 0
    while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
        deleted, _ = rows.model.objects.filter(pk__in=keys).delete()
        total += deleted
    return total
