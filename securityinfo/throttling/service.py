"""Counts hits in the database, one conditional UPDATE each whose row count is the verdict.

Every count is a transaction of its own, committed before its caller looks at anything: a request
that fails afterwards stays counted, and calling this inside a transaction fails loudly. Windows,
waits and verdicts follow the database's clock alone; the application's clock only guesses which
row to try first. A key is stored as its fingerprint: no counter says whom it counts.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import transaction
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    ExpressionWrapper,
    F,
    Func,
    Max,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.sql.compiler import SQLCompiler

from securityinfo.crypto import fingerprint
from securityinfo.throttling.limits import DAY, Hold, Limit

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from securityinfo.throttling.models import Counter

# Guess, insert, learn the database's time, insert, count: more is needed only while others insert
# the same row or give back hits, and then refusing is right.
_ATTEMPTS = 6
# Windows are counted from this second of Unix time; a test begins its own, so no edge is near.
WINDOWS_FROM = 0


class Throttled(Exception):
    """Too many: nothing was counted. `retry_at` is when the wait ends."""

    def __init__(self, until: int, now: int) -> None:
        super().__init__("Too many attempts.")
        self.retry_at = datetime.fromtimestamp(until, UTC)
        self.retry_after = max(1, until - now)


@dataclass(frozen=True)
class Hit:
    """One counted hit, to be given back after a success."""

    key: str
    window_start: int
    holds: bool = False


class EpochNow(Func):
    """Unix time in whole seconds, by the database's clock when the statement begins."""

    output_field = BigIntegerField()

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any
    ) -> tuple[str, Any]:
        template = "CAST(STRFTIME('%%%%s', 'now') AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, **extra)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any
    ) -> tuple[str, Any]:
        template = "FLOOR(EXTRACT(EPOCH FROM STATEMENT_TIMESTAMP()))::bigint"
        return self.as_sql(compiler, connection, template=template, **extra)


class CurrentWindow(Func):
    """Beginning of the window of some seconds in which the database's clock is."""

    output_field = BigIntegerField()

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds=seconds, start=WINDOWS_FROM)

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any
    ) -> tuple[str, Any]:
        since = "(CAST(STRFTIME('%%%%s', 'now') AS INTEGER) - %(start)s)"
        template = f"({since} / %(seconds)s * %(seconds)s + %(start)s)"
        return self.as_sql(compiler, connection, template=template, **extra)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any
    ) -> tuple[str, Any]:
        since = "(EXTRACT(EPOCH FROM STATEMENT_TIMESTAMP()) - %(start)s)"
        template = f"(FLOOR({since} / %(seconds)s)::bigint * %(seconds)s + %(start)s)"
        return self.as_sql(compiler, connection, template=template, **extra)


def hit(limit: Limit, key: str, *, times: int = 1) -> Hit:
    """Count one. Raises Throttled if `limit.hits` × `times` are counted already."""
    return _count(
        _row_key(limit, key),
        limit.seconds,
        only_if=Q(hits__lt=limit.hits * times),
        changes={"hits": F("hits") + 1},
    )


def hit_all(limits: Iterable[Limit], key: str, *, times: int = 1) -> tuple[Hit, ...]:
    """Count one in each window, longest first. If one refuses, none of them counts it."""
    with all_or_none() as counted:
        for limit in limits:
            counted.append(hit(limit, key, times=times))
    return tuple(counted)


@contextmanager
def all_or_none() -> Iterator[list[Hit]]:
    """A list for hits that belong together: when one is refused, those before it are given back."""
    counted: list[Hit] = []
    try:
        yield counted
    except Throttled:
        give_back(*counted)
        raise


def check(limit: Limit, key: str, *, times: int = 1) -> None:
    """Raises Throttled as `hit` would; counts nothing."""
    full = _counters().filter(
        key=_row_key(limit, key),
        window_start=CurrentWindow(limit.seconds),
        hits__gte=limit.hits * times,
    )
    seen = full.values("window_start", now=EpochNow()).first()
    if seen:
        raise Throttled(seen["window_start"] + limit.seconds, seen["now"])


def hold_back(hold: Hold, key: str) -> Hit:
    """Count one and, beyond the free ones, begin its wait. Raises Throttled while a wait runs.

    Call it before the comparison and give the hit back after a success: then parallel tries get
    one comparison a wait, not one each.
    """
    steps = [
        When(hits=hold.free + number, then=EpochNow() + wait)
        for number, wait in enumerate(hold.waits[:-1])
    ]
    beyond = When(hits__gte=hold.free, then=EpochNow() + hold.waits[-1])
    return _count(
        _row_key(hold, key),
        hold.seconds,
        only_if=Q(hold_until__lte=EpochNow()),
        changes={
            "hits": F("hits") + 1,
            "hold_until": Case(*steps, beyond, default=Value(0), output_field=BigIntegerField()),
        },
        holds=True,
    )


def held_until(hold: Hold, key: str) -> datetime | None:
    """When the wait of `key` ends; None if nothing holds it back. Shows, but decides nothing."""
    until = _longest_hold(_counters().filter(hold_until__gt=EpochNow()), _row_key(hold, key))
    return datetime.fromtimestamp(until, UTC) if until else None


def check_hold(hold: Hold, key: str) -> None:
    """Raises Throttled while a wait of `key` runs; counts nothing."""
    held = _counters().filter(key=_row_key(hold, key), hold_until__gt=EpochNow())
    seen = held.order_by("-hold_until").values("hold_until", now=EpochNow()).first()
    if seen:
        raise Throttled(seen["hold_until"], seen["now"])


def give_back(*hits: Hit) -> None:
    """Take back these hits, and the waits that they began; no other hit of the same key."""
    for each in hits:
        row = _counters().filter(key=each.key, window_start=each.window_start, hits__gt=0)
        changes: dict[str, Any] = {"hits": F("hits") - 1}
        if each.holds:
            changes["hold_until"] = 0
        with transaction.atomic(durable=True):
            row.update(**changes)


def clear(limit: Limit | Hold, key: str) -> None:
    """Forget all hits and waits of `key`: for the helpdesk, which records that it did so."""
    _counters().filter(key=_row_key(limit, key)).delete()


def purge() -> int:
    """Delete windows that began a day ago: the longest is a day, so all of them are over.

    A wait that began late in one of them may go on.
    """
    over = _counters().filter(window_start__lte=EpochNow() - DAY, hold_until__lte=EpochNow())
    return over.delete()[0]


def _count(
    key: str, seconds: int, *, only_if: Q, changes: dict[str, Any], holds: bool = False
) -> Hit:
    """One UPDATE if the window's row is there, as it nearly always is."""
    window = _window(int(time.time()), seconds)
    until = now = window
    for _attempt in range(_ATTEMPTS):
        row = _counters().filter(key=key, window_start=window)
        with transaction.atomic(durable=True):
            current = row.filter(only_if, window_start=CurrentWindow(seconds))
            counted = current.update(**changes)
        if counted:
            return Hit(key, window, holds)
        free = ExpressionWrapper(only_if, BooleanField())
        seen = row.values("hold_until", free=free, now=EpochNow()).first()
        if seen is None:
            _insert(key, window, hold_until=_longest_hold(_counters(), key) if holds else 0)
            continue
        until, now = window + seconds, seen["now"]
        window = _window(now, seconds)
        if window + seconds == until and not seen["free"]:
            break
    raise Throttled(seen["hold_until"] if holds and seen else until, now)


def _insert(key: str, window: int, *, hold_until: int) -> None:
    """A wait that began in the window before goes on in the new one."""
    counters = _counters()
    row = counters.model(key=key, window_start=window, hold_until=hold_until)
    with transaction.atomic(durable=True):
        counters.bulk_create([row], ignore_conflicts=True)


def _longest_hold(counters: QuerySet[Counter], key: str) -> int:
    return counters.filter(key=key).aggregate(until=Max("hold_until"))["until"] or 0


def _window(now: int, seconds: int) -> int:
    return now - (now - WINDOWS_FROM) % seconds


def _row_key(limit: Limit | Hold, key: str) -> str:
    return f"{limit.name}:{fingerprint(limit.name, key)}"


def _counters() -> QuerySet[Counter]:
    # The package exports these functions, so it is loaded before any model may be.
    counters: QuerySet[Counter] = apps.get_model("throttling", "Counter").objects.all()
    return counters
