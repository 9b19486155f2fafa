"""Stores an event with its origin: on PostgreSQL in one statement, a sign-in has several.

It saves a trip to the database for each, a twentieth of a right answer (docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.db import connection, transaction

from securityinfo.audit.models import Event, EventOrigin
from securityinfo.prepared import PreparedInsert

_add_event, _add_origin = PreparedInsert(Event), PreparedInsert(EventOrigin)
BATCH = 1_000
_ADD = """
WITH {events}
INSERT INTO audit_eventorigin (event_id, address, browser) {origins}
RETURNING event_id
"""
_ORIGIN = "SELECT id, %s, %s FROM event_{number}"

Pair = tuple[Event, EventOrigin | None]


@dataclass
class _Place:
    """Where the first event of a transaction waits for the next one."""

    depth: int
    is_free: bool = True
    held: list[Pair] = field(default_factory=list)


_place: ContextVar[_Place | None] = ContextVar("_place", default=None)


@contextmanager
def together() -> Iterator[None]:
    """In a transaction: on PostgreSQL the first event in here waits for the second.

    Both are one statement then; until that the first has no key. What is stored inside of a
    savepoint goes alone, as it may be undone alone: here it would come before the first.
    """
    place = _Place(_depth())
    token = _place.set(place if connection.vendor == "postgresql" else None)
    try:
        yield
        _add(place.held)
    finally:
        _place.reset(token)


def store(event: Event, origin: EventOrigin | None) -> None:
    """`origin` is that of this event, and does not name it yet."""
    place = _place.get()
    if place is None or place.depth != _depth():
        _add([(event, origin)])
    elif place.is_free:
        place.is_free, place.held = False, [(event, origin)]
    else:
        _add([*place.held, (event, origin)])
        place.held = []


def store_all(events: list[Event], origins: list[EventOrigin | None]) -> None:
    """Each with the origin at its place, a thousand in a statement."""
    Event.objects.bulk_create(events, batch_size=BATCH)
    known = []
    for event, origin in zip(events, origins, strict=True):
        if origin is not None:
            origin.event = event
            known.append(origin)
    EventOrigin.objects.bulk_create(known, batch_size=BATCH)


def _add(pairs: list[Pair]) -> None:
    """In their order."""
    whole = [(event, origin) for event, origin in pairs if origin is not None]
    if whole and len(whole) == len(pairs) and connection.vendor == "postgresql":
        _add_at_once(whole)
        return
    for event, origin in pairs:
        _add_alone(event, origin)


def _add_alone(event: Event, origin: EventOrigin | None) -> None:
    if origin is None:
        _add_event(event)
        return
    with transaction.atomic(savepoint=False):
        _add_event(event)
        origin.event = event
        _add_origin(origin)


def _add_at_once(pairs: list[tuple[Event, EventOrigin]]) -> None:
    events, origins, values, named = [], [], [], []
    for number, (event, origin) in enumerate(pairs):
        sql, parameters = _add_event.statement(event)
        events.append(f"event_{number} AS ({sql})")
        origins.append(_ORIGIN.format(number=number))
        values += parameters
        named += [origin.address, origin.browser]
    sql = _ADD.format(events=", ".join(events), origins=" UNION ALL ".join(origins))
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, *named])
        for (event, _), (key,) in zip(pairs, cursor.fetchall(), strict=True):
            _add_event.is_stored(event, key=key)


def _depth() -> int:
    return len(connection.savepoint_ids)
