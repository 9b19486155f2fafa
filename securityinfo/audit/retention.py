"""Removes what is old enough: whole stretches of the chain from its oldest end, with a mark."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from django.db import models, transaction
from django.db.models import Max

from securityinfo.audit import chain
from securityinfo.audit.models import Event, EventOrigin, Mark, Seal

STRETCH = 2_000  # events in one transaction: nobody waits long for it

Row = TypeVar("Row", bound=models.Model)


def retire_events(before: datetime) -> int:
    """Remove the sealed events older than `before`; how many.

    Only an unbroken stretch goes, up to the first event that has to stay.
    """
    total = 0
    while count := _retire_stretch(before):
        total += count
    return total


def forget_origins(before: datetime) -> int:
    """Remove network address and browser of the events older than `before`; how many."""
    return _rows(EventOrigin).filter(event__at__lt=before).delete()[0]


@transaction.atomic
def _retire_stretch(before: datetime) -> int:
    done = Mark.objects.aggregate(latest=Max("position"))["latest"] or 0
    stretch = list(
        Seal.objects.filter(position__gt=done, position__lte=done + STRETCH)
        .select_related("event")
        .order_by("position")
    )
    gone: list[Seal] = []
    for seal in stretch:
        if seal.position != done + len(gone) + 1 or seal.event.at >= before:
            break
        gone.append(seal)
    if not gone:
        return 0
    mark = Mark(position=gone[-1].position, mac=bytes(gone[-1].mac))
    chain.sign(mark)
    mark.save()
    events = [seal.event_id for seal in gone]
    _rows(EventOrigin).filter(event_id__in=events).delete()
    _rows(Event).filter(pk__in=events).delete()
    _rows(Seal).filter(position__gt=done, position__lte=mark.position).delete()
    return len(gone)


def _rows(model: type[Row]) -> models.QuerySet[Row]:
    """A plain queryset: here, and nowhere else, rows of the log may be deleted."""
    return models.QuerySet(model)
