"""Counts what happened from the audit log, apart from the requests that make it happen.

The chain has a position for each event, without gaps, so each is counted once and none is missed.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Count, F

from securityinfo.audit.models import Event, Head
from securityinfo.operations.models import Counted, Tally

BATCH = 5_000  # events: a tenth of a second
MOST_BATCHES = 40  # at a time; what is left comes next time

Name = tuple[str, str, str]  # tag, result, kind


def count() -> int:
    """Count what was sealed since the last time; how many events it were."""
    total = 0
    for _ in range(MOST_BATCHES):
        counted = _count_batch()
        total += counted
        if counted < BATCH:
            break
    return total


@transaction.atomic
def _count_batch() -> int:
    """Of two at once the first one counts."""
    Counted.objects.get_or_create(pk=1)
    start = Counted.objects.values_list("position", flat=True).get(pk=1)
    sealed = Head.objects.values_list("position", flat=True).first() or 0
    end = min(sealed, start + BATCH)
    if end <= start or not Counted.objects.filter(pk=1, position=start).update(position=end):
        return 0
    _add(_numbers(start, end))
    return end - start


def _numbers(start: int, end: int) -> dict[Name, int]:
    """After `start`, up to and with `end`."""
    events = Event.objects.filter(seal__position__gt=start, seal__position__lte=end)
    rows = events.values_list("tag", "result", "kind").annotate(number=Count("pk"))
    return {(tag, result, kind): number for tag, result, kind, number in rows.order_by()}


def _add(numbers: dict[Name, int]) -> None:
    names = [Tally(tag=tag, result=result, kind=kind) for tag, result, kind in numbers]
    Tally.objects.bulk_create(names, ignore_conflicts=True)
    for (tag, result, kind), number in numbers.items():
        Tally.objects.filter(tag=tag, result=result, kind=kind).update(total=F("total") + number)
