"""Stores an event with its origin: on PostgreSQL in one statement, a sign-in has several.

It saves a trip to the database for each, a twentieth of a right answer (docs/performance.md).
"""

from __future__ import annotations

from django.db import connection, transaction

from securityinfo.audit.models import Event, EventOrigin
from securityinfo.prepared import PreparedInsert

_add_event, _add_origin = PreparedInsert(Event), PreparedInsert(EventOrigin)
BATCH = 1_000
_BOTH = """
WITH event AS ({event})
INSERT INTO audit_eventorigin (event_id, address, browser) SELECT id, %s, %s FROM event
RETURNING event_id
"""


def store(event: Event, origin: EventOrigin | None) -> None:
    """`origin` is that of this event, and does not name it yet."""
    if origin is None:
        _add_event(event)
        return
    if connection.vendor == "postgresql":
        _add_both(event, origin)
        return
    with transaction.atomic(savepoint=False):
        _add_event(event)
        origin.event = event
        _add_origin(origin)


def store_all(events: list[Event], origins: list[EventOrigin | None]) -> None:
    """Each with the origin at its place, a thousand in a statement."""
    Event.objects.bulk_create(events, batch_size=BATCH)
    known = []
    for event, origin in zip(events, origins, strict=True):
        if origin is not None:
            origin.event = event
            known.append(origin)
    EventOrigin.objects.bulk_create(known, batch_size=BATCH)


def _add_both(event: Event, origin: EventOrigin) -> None:
    sql, values = _add_event.statement(event)
    with connection.cursor() as cursor:
        cursor.execute(_BOTH.format(event=sql), [*values, origin.address, origin.browser])
        _add_event.is_stored(event, key=cursor.fetchone()[0])
