"""How often things happened lately."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, Q

from securityinfo.audit.models import AppendOnlyQuerySet, Event


def after(moment: datetime) -> AppendOnlyQuerySet:
    """Events since then. By id, as every index of events ends in it: ids grow with time."""
    first = Event.objects.filter(at__gte=moment).order_by("at", "pk").values_list("pk", flat=True)
    begins = first.first()
    return Event.objects.filter(pk__gte=begins) if begins else Event.objects.none()


def tally(
    names: Collection[str], *, since: datetime, lately: datetime
) -> dict[tuple[str, str], tuple[int, int]]:
    """By name and result, how often since either moment; `lately` is the later one."""
    rows = (
        after(since)
        .filter(tag__in=names)
        .values_list("tag", "result")
        .annotate(all=Count("pk"), late=Count("pk", filter=Q(at__gte=lately)))
        .order_by("tag", "result")
    )
    return {(tag, result): (late, every) for tag, result, every, late in rows}
