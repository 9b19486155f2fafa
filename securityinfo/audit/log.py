"""Writes events, and finds those of one person."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from securityinfo import crypto
from securityinfo.actor import Actor
from securityinfo.audit import storing, tags
from securityinfo.audit.models import AppendOnlyQuerySet, Event, EventOrigin

logger = logging.getLogger("securityinfo.audit")

_RESULTS = frozenset(Event.Result.values)

together = storing.together

Row = TypeVar("Row", Event, EventOrigin)


def record(
    tag: str,
    *,
    actor: Actor,
    subject: UUID | None = None,
    result: str = Event.Result.OK,
    reason: str = "",
    kind: str = "",
    masked: str = "",
    purpose: str = "",
    policy_version: int = 0,
    is_alone: bool = False,
    **facts: Any,
) -> Event:
    """Add one event to the log, inside the transaction of what it tells.

    `is_alone`: what it tells is committed already, and the event is all there is to write.
    `facts` become JSON. Nothing secret and no whole contact belongs in any value. Raises ValueError
    for a tag that tags.py doesn't have, TransactionManagementError outside a transaction.
    """
    if tag not in tags.ALL:
        raise ValueError(f"{tag} is not a known event.")
    if result not in _RESULTS:
        raise ValueError(f"{result} is not a result.")
    if not (is_alone or connection.in_atomic_block):
        raise TransactionManagementError("An event is recorded in the transaction of its effect.")
    event = Event(
        tag=tag,
        result=str(result),
        reason=str(reason),
        actor=actor.person,
        actor_role=str(actor.role),
        subject=subject,
        kind=str(kind),
        masked=masked,
        purpose=str(purpose),
        request_id=actor.origin.request_id,
        policy_version=policy_version,
        facts=_plain(facts),
        stamp_key=crypto.current_key_id(),
    )
    _fit(event)
    event.stamp = crypto.audit_mac(event.stamped_bytes())
    storing.store(event, _origin(actor))
    transaction.on_commit(partial(_write_line, event), robust=True)
    return event


def record_many(
    tag: str, *, actor: Actor, subjects: Iterable[tuple[UUID, Mapping[str, Any]]]
) -> None:
    """The same event about many people, each with its facts, in a few statements.

    Like record(), but for one line in the server's log. Raises TransactionManagementError.
    """
    if tag not in tags.ALL:
        raise ValueError(f"{tag} is not a known event.")
    if not connection.in_atomic_block:
        raise TransactionManagementError("An event is recorded in the transaction of its effect.")
    events = [
        Event(
            tag=tag,
            actor=actor.person,
            actor_role=str(actor.role),
            subject=subject,
            request_id=actor.origin.request_id,
            facts=_plain(dict(facts)),
            stamp_key=crypto.current_key_id(),
        )
        for subject, facts in subjects
    ]
    for event in events:
        _fit(event)
        event.stamp = crypto.audit_mac(event.stamped_bytes())
    storing.store_all(events, [_origin(actor) for _ in events])
    line = f"{tag} count={len(events)} actor={actor.person} role={actor.role}"
    transaction.on_commit(partial(logger.info, line), robust=True)


def of_person(public_id: UUID, *, since: datetime | None = None) -> AppendOnlyQuerySet:
    """Events about this person, newest first, each with its origin: for "Recent activity"."""
    events = Event.objects.filter(subject=public_id).select_related("origin").order_by("-id")
    return events.filter(at__gte=since) if since else events


def _origin(actor: Actor) -> EventOrigin | None:
    address, browser = actor.origin.address, actor.origin.browser
    return _fit(EventOrigin(address=address, browser=browser)) if address or browser else None


def _plain(value: Any) -> Any:
    """As JSON on every database: text instead of what JSON has no exact form for."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, dict):
        return {_text(key): _plain(each) for key, each in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(_text(each) for each in value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return _text(value)


def _text(value: object) -> str:
    """PostgreSQL takes neither NUL nor half a surrogate pair; an event must not fail for that."""
    return str(value).encode("utf-8", "replace").decode().replace("\x00", "")


def _fit(row: Row) -> Row:
    """Cut what is too long: a strange browser must not undo a sign-in."""
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname, None)
        if isinstance(value, str) and field.max_length:
            setattr(row, field.attname, _text(value)[: field.max_length])
    return row


def _write_line(event: Event) -> None:
    parts = {
        "result": event.result,
        "reason": event.reason,
        "subject": event.subject,
        "actor": event.actor,
        "role": event.actor_role,
        "kind": event.kind,
        "purpose": event.purpose,
        "event": event.pk,
    }
    known = {name: value for name, value in parts.items() if value}
    words = " ".join(f"{name}={value}" for name, value in known.items())
    # For a SIEM: whoever is meant is named by the public id, which says nothing once it is erased.
    fields = {"name": event.tag, **known}
    logger.info("%s %s", event.tag, words, extra={"fields": fields})
