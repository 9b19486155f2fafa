"""Can this installation do its work right now? Asked every few seconds, so it asks little."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import connection

from securityinfo.operations import (
    heartbeats,
    key_proofs,
    redaction,
    room,
    schema,
    tasks,
    waiting,
)
from securityinfo.operations.checks import clock

KEPT_FOR = 2.0  # seconds: however often strangers ask, little is asked of the database
OK = "ok"
UNKNOWN = "unknown: the database is away"


@dataclass(frozen=True)
class Readiness:
    """Each check with OK, or with what is wrong."""

    checks: dict[str, str] = field(default_factory=dict)

    @property
    def is_ready(self) -> bool:
        return all(said == OK for said in self.checks.values())


_lock = threading.Lock()
_latest: tuple[float, Readiness] | None = None


def recent() -> Readiness:
    """At most KEPT_FOR old; of those who ask at once, one looks."""
    global _latest
    with _lock:
        if _latest is None or time.monotonic() - _latest[0] > KEPT_FOR:
            _latest = time.monotonic(), look()
        return _latest[1]


def look() -> Readiness:
    found = {"broker": _said(_broker), "database": _said(_database)}
    is_there = found["database"] == OK
    for name, check in _IN_DATABASE.items():
        found[name] = _said(check) if is_there else UNKNOWN
    return Readiness(found)


def _said(check: Callable[[], Iterator[str]]) -> str:
    try:
        return "; ".join(check()) or OK
    except Exception as error:  # noqa: BLE001 - not being able to ask is an answer, too
        return redaction.of_error(error)


def _broker() -> Iterator[str]:
    tasks.ask_broker()
    yield from ()


def _database() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    yield from ()


def _room() -> Iterator[str]:
    room.ask()
    yield from ()


def _clock() -> Iterator[str]:
    if clock.is_off(off := clock.offset()):
        yield f"the database is {off:+.1f} s from us"


def _migrations() -> Iterator[str]:
    if missing := schema.missing():
        yield f"{len(missing)} missing"


def _keys() -> Iterator[str]:
    if closed := key_proofs.closed():
        yield f"other processes have another key {', '.join(closed)}"


def _workers() -> Iterator[str]:
    for name, age in heartbeats.silent().items():
        if name != heartbeats.SCHEDULER:
            yield f"{name} {heartbeats.in_words(age)}"


def _scheduler() -> Iterator[str]:
    silent = heartbeats.silent()
    if heartbeats.SCHEDULER in silent:
        yield heartbeats.in_words(silent[heartbeats.SCHEDULER])


def _codes() -> Iterator[str]:
    age = waiting.oldest_code()
    if age and age > waiting.TOO_LONG:
        yield f"the oldest waits for {int(age.total_seconds())} s"


_IN_DATABASE = {
    "room": _room,
    "clock": _clock,
    "migrations": _migrations,
    "keys": _keys,
    "workers": _workers,
    "scheduler": _scheduler,
    "codes": _codes,
}
