"""Counts hits in the database: what is counted, and who has to wait.

A count is a transaction of its own, committed before its caller looks at anything: a request that
fails afterwards stays counted, and calling this inside a transaction fails loudly. Windows, waits
and verdicts follow the database's clock alone; the application's clock only guesses which row to
try first. A key is stored as its fingerprint: no counter says whom it counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import BigIntegerField, Func, Max, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.sql.compiler import SQLCompiler

from securityinfo import clock
from securityinfo.crypto import fingerprint
from securityinfo.throttling import refusals, statements
from securityinfo.throttling.limits import DAY, Hold, Limit
from securityinfo.throttling.statements import Hit, Try

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from securityinfo.throttling.models import Counter

# Guess, learn the database's time, count: more is needed only while others give back their hits.
_ATTEMPTS = 6
# Windows are counted from this second of Unix time; a test begins its own, so no edge is near.
WINDOWS_FROM = 0


class Throttled(Exception):
    """Too many: nothing was counted. `retry_at` is when the wait ends."""

    def __init__(self, until: int, now: int) -> None:
        super().__init__("Too many attempts.")
        self.retry_at = datetime.fromtimestamp(until, UTC)
        self.retry_after = max(1, until - now)


class EpochNow(Func):
    """Unix time in whole seconds, by the database's clock when the statement begins."""

    output_field = BigIntegerField()

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *args: Any, **extra: Any
    ) -> tuple[str, Any]:
        return statements.NOW[connection.vendor], ()


def wanted(key: str, *limits: Limit | Hold, times: int = 1) -> list[Try]:
    """A hit of `key` for each of these, to be asked for by `charge`."""
    return [Try(limit, _row_key(limit, key), times) for limit in limits]


def charge(*tries: Try) -> tuple[Hit, ...]:
    """Count all of them, or none: then Throttled says how long the first that refuses will wait."""
    refuse_again(*tries)
    now = int(clock.timestamp())
    for _attempt in range(_ATTEMPTS):
        hits = tuple(Hit(each.key, _window(now, each.limit.seconds)) for each in tries)
        if counted := statements.count(tries, hits, windows_from=WINDOWS_FROM):
            numbered = {each.key: each for each in counted}
            return tuple(numbered[each.key] for each in tries)
        now = statements.now()
        _refuse(tries, now)
    raise Throttled(now + 1, now)


def refuse_again(*tries: Try) -> None:
    """Raises Throttled if this process has seen one of these refused in the last second."""
    if found := refusals.recalled(tries):
        raise Throttled(*found)


def hit(limit: Limit, key: str, *, times: int = 1) -> Hit:
    """Count one. Raises Throttled if `limit.hits` × `times` are counted already."""
    return charge(*wanted(key, limit, times=times))[0]


def hit_all(limits: Iterable[Limit], key: str, *, times: int = 1) -> tuple[Hit, ...]:
    """Count one in each window. If one refuses, none of them counts it."""
    return charge(*wanted(key, *limits, times=times))


def hold_back(hold: Hold, key: str) -> Hit:
    """Count one and, beyond the free ones, begin its wait. Raises Throttled while a wait runs.

    Call it before the comparison and give the hit back after a success: then parallel tries get
    one comparison a wait, not one each.
    """
    return charge(*wanted(key, hold))[0]


def check(limit: Limit, key: str, *, times: int = 1) -> None:
    """Raises Throttled as `hit` would; counts nothing."""
    full = _counters().filter(
        key=_row_key(limit, key),
        window_start=_current_window(limit.seconds),
        hits__gte=limit.hits * times,
    )
    seen = full.values("window_start", now=EpochNow()).first()
    if seen:
        raise Throttled(seen["window_start"] + limit.seconds, seen["now"])


def held_until(hold: Hold, key: str) -> datetime | None:
    """When the wait of `key` ends; None if nothing holds it back. Shows, but decides nothing."""
    until = _longest_hold(_counters().filter(hold_until__gt=EpochNow()), _row_key(hold, key))
    return datetime.fromtimestamp(until, UTC) if until else None


def held(hold: Hold, keys: Iterable[str]) -> frozenset[str]:
    """Those of `keys` that are held back right now, in one query."""
    rows = {_row_key(hold, key): str(key) for key in keys}
    waiting = _counters().filter(key__in=list(rows), hold_until__gt=EpochNow())
    return frozenset(rows[key] for key in waiting.values_list("key", flat=True))


def check_hold(hold: Hold, key: str) -> None:
    """Raises Throttled while a wait of `key` runs; counts nothing."""
    held = _counters().filter(key=_row_key(hold, key), hold_until__gt=EpochNow())
    seen = held.order_by("-hold_until").values("hold_until", now=EpochNow()).first()
    if seen:
        raise Throttled(seen["hold_until"], seen["now"])


def give_back(*hits: Hit) -> None:
    """Take back these hits, and the waits that they began; no other hit of the same key."""
    if hits:
        statements.give_back(hits)


def clear(limit: Limit | Hold, key: str) -> None:
    """Forget all hits and waits of `key`: for the helpdesk, which records that it did so."""
    _counters().filter(key=_row_key(limit, key)).delete()


def clear_all(tries: Sequence[Try]) -> int:
    """As `clear`, of many at once; how many of them had counted something."""
    return _counted(tries).delete()[0]


def is_counted(tries: Sequence[Try]) -> bool:
    """Whether `clear_all` would do something."""
    return _counted(tries).exists()


def free_at(tries: Sequence[Try]) -> datetime | None:
    """When none of these would be refused; None if none is now. Shows, but decides nothing."""
    rows = _rows_of(tries)
    now = statements.now() if rows else 0
    until = max((_free_at(each, rows.get(each.key, []), now) for each in tries), default=0)
    return datetime.fromtimestamp(until, UTC) if until > now else None


def purge() -> int:
    """Delete windows that began a day ago: the longest is a day, so all of them are over.

    A wait that began late in one of them may go on.
    """
    over = _counters().filter(window_start__lte=EpochNow() - DAY, hold_until__lte=EpochNow())
    return over.delete()[0]


def _refuse(tries: Sequence[Try], now: int) -> None:
    """Raises Throttled for the first of them that has to wait; none has if the guess was wrong."""
    rows = _rows_of(tries)
    for each in tries:
        until = _free_at(each, rows.get(each.key, []), now)
        if until > now:
            refusals.note(each, until=until, now=now)
            raise Throttled(until, now)


def _rows_of(tries: Sequence[Try]) -> dict[str, list[Counter]]:
    rows: dict[str, list[Counter]] = {}
    for row in _counters().filter(key__in=[each.key for each in tries]):
        rows.setdefault(row.key, []).append(row)
    return rows


def _free_at(asked: Try, rows: Sequence[Counter], now: int) -> int:
    limit = asked.limit
    if isinstance(limit, Hold):
        return max((row.hold_until for row in rows), default=0)
    window = _window(now, limit.seconds)
    most = limit.hits * asked.times
    full = any(row.window_start == window and row.hits >= most for row in rows)
    return window + limit.seconds if full else 0


def _longest_hold(counters: QuerySet[Counter], key: str) -> int:
    return counters.filter(key=key).aggregate(until=Max("hold_until"))["until"] or 0


def _window(now: int, seconds: int) -> int:
    return now - (now - WINDOWS_FROM) % seconds


def _current_window(seconds: int) -> Combinable:
    return (EpochNow() - WINDOWS_FROM) / seconds * seconds + WINDOWS_FROM


def _row_key(limit: Limit | Hold, key: str) -> str:
    return f"{limit.name}:{fingerprint(limit.name, key)}"


def _counted(tries: Sequence[Try]) -> QuerySet[Counter]:
    return _counters().filter(key__in=[each.key for each in tries], hits__gt=0)


def _counters() -> QuerySet[Counter]:
    # The package exports these functions, so it is loaded before any model may be.
    counters: QuerySet[Counter] = apps.get_model("throttling", "Counter").objects.all()
    return counters
