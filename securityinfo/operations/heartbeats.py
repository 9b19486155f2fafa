"""Signs of life: the scheduler's and the workers', as rows that everybody can look at."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from securityinfo.operations.models import Heartbeat

EVERY = 15.0  # seconds
# Three are missed before anybody is called dead.
STALE_AFTER = timedelta(seconds=4 * EVERY)

SCHEDULER = "scheduler"
QUEUES = ("codes", "notices", "chores")


def worker_of(queue: str) -> str:
    return f"worker {queue}"


EXPECTED = (SCHEDULER, *(worker_of(queue) for queue in QUEUES))


def beat(name: str) -> None:
    """Written in one statement, whether or not the row is there."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, at=Now())],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["at"],
    )


def ages() -> dict[str, timedelta]:
    """How long ago each of them was seen, for those that ever were."""
    rows = Heartbeat.objects.annotate(now=Now()).values_list("name", "at", "now")
    return {name: now - at for name, at, now in rows}


def silent() -> dict[str, timedelta | None]:
    """Those that should have been heard of, and how long ago they were; None for never."""
    known = ages()
    return {
        name: known.get(name) for name in EXPECTED if name not in known or known[name] > STALE_AFTER
    }


def in_words(age: timedelta | None) -> str:
    return "was never seen" if age is None else f"last seen {int(age.total_seconds())} s ago"
