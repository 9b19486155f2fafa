"""Events to take away: as CSV for a spreadsheet, as JSON lines for another system (AD3, AD4)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from securityinfo import csv_files
from securityinfo.audit.models import Event

CHUNK = 2_000  # events read at a time
HEADER = (
    "event",
    "time",
    "name",
    "result",
    "reason",
    "actor",
    "actor_id",
    "actor_role",
    "person",
    "person_id",
    "kind",
    "value",
    "purpose",
    "request",
    "policy_version",
    "address",
    "browser",
    "details",
)


def as_csv(events: QuerySet[Event]) -> StreamingHttpResponse:
    """`events` as the list reads them, with the names of people."""
    rows = (list(_cells(event).values()) for event in _read(events))
    return csv_files.response("events", HEADER, rows, note=_note())


def as_lines(events: QuerySet[Event]) -> StreamingHttpResponse:
    """One JSON object a line; the last one has only a note, where events were left out."""
    return StreamingHttpResponse(
        _lines(events),
        content_type="application/jsonl; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="events.jsonl"',
            "Cache-Control": "no-store",
        },
    )


def _lines(events: QuerySet[Event]) -> Iterator[str]:
    unread = _read(events)
    for event in islice(unread, csv_files.MOST_ROWS):
        yield _line(_cells(event) | {"time": _time(event), "details": event.facts})
    if next(unread, None) is not None:
        yield _line({"note": _note()})


def _line(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False) + "\n"


def _cells(event: Any) -> dict[str, Any]:
    values = (
        event.pk,
        event.at,
        event.tag,
        event.result,
        event.reason,
        event.actor_name or "",
        str(event.actor or ""),
        event.actor_role,
        event.subject_name or "",
        str(event.subject or ""),
        event.kind,
        event.masked,
        event.purpose,
        event.request_id,
        event.policy_version,
        event.address,
        event.browser,
        json.dumps(event.facts, ensure_ascii=False, sort_keys=True) if event.facts else "",
    )
    return dict(zip(HEADER, values, strict=True))


def _time(event: Event) -> str:
    return event.at.astimezone(UTC).isoformat(timespec="milliseconds")


def _read(events: QuerySet[Event]) -> Iterator[Event]:
    """Newest first, from one part to the next by the key: nothing is held while it is sent."""
    events = events.order_by("-pk")
    part = list(events[:CHUNK])
    while part:
        yield from part
        part = list(events.filter(pk__lt=part[-1].pk)[:CHUNK])


def _note() -> str:
    return _("There are more events than fit into one file. Narrow the search.")
