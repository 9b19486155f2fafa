"""The two statements that count: all hits of a try at once, and all of them given back.

Five counters guard an answer. One by one through the ORM they took 20 ms of a right answer on a new
day, in these statements 2 ms (docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db import connection, transaction

from securityinfo.durable import durable
from securityinfo.throttling.limits import Hold, Limit

# Unix time in whole seconds, by the database's clock when the statement begins.
NOW = {
    "postgresql": "FLOOR(EXTRACT(EPOCH FROM STATEMENT_TIMESTAMP()))::bigint",
    "sqlite": "CAST(STRFTIME('%%s', 'now') AS INTEGER)",
}
# What isn't free is left out, and the number of rows says so. The first hit of a window makes its
# row, unless a wait that began in an earlier window goes on.
_COUNT = """
INSERT INTO throttling_counter (key, window_start, hits, hold_until)
WITH asked (key, window_start, seconds, wait) AS (VALUES {rows})
SELECT key, window_start, 1, CASE WHEN wait > 0 THEN {now} + wait ELSE 0 END FROM asked
WHERE window_start = ({now} - {windows_from}) / seconds * seconds + {windows_from} {and_not_held}
ON CONFLICT (key, window_start) DO UPDATE
SET hits = throttling_counter.hits + 1, hold_until = {wait}
WHERE CASE throttling_counter.key {free} END
"""
_AND_NOT_HELD = """AND {now} >= COALESCE(
    (SELECT MAX(hold_until) FROM throttling_counter AS earlier WHERE earlier.key = asked.key), 0)"""
_GIVE_BACK = """
UPDATE throttling_counter SET hits = hits - 1, hold_until = 0 WHERE id IN (
    SELECT id FROM throttling_counter WHERE (key, window_start) IN (VALUES {rows}) AND hits > 0
    ORDER BY key {lock}
)
"""


@dataclass(frozen=True)
class Try:
    """One hit that is asked for; `times` as many as the limit says are allowed."""

    limit: Limit | Hold
    key: str  # of the counter
    times: int = 1


@dataclass(frozen=True)
class Hit:
    """One counted hit, to be given back after a success."""

    key: str
    window_start: int


def now() -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {NOW[connection.vendor]}", ())
        return cursor.fetchone()[0]


def count(tries: Sequence[Try], hits: Sequence[Hit], *, windows_from: int) -> bool:
    """Count all if each is in the window of this moment and free; otherwise none.

    Rows are locked in the order of their keys, whoever counts: no two wait for each other.
    """
    asked = sorted(zip(tries, hits, strict=True), key=lambda pair: pair[1].key)
    keys = [each.key for each, _ in asked]
    kinds = tuple((each.limit, each.times) for each, _ in asked)
    holds = any(isinstance(limit, Hold) for limit, _ in kinds)
    sql = _counting(kinds, connection.vendor, windows_from, holds=holds)
    rows = [value for _, hit in asked for value in (hit.key, hit.window_start)]
    with durable() if len(asked) == 1 else transaction.atomic(durable=True):
        counted = _execute(sql, [*rows, *keys, *(keys if holds else ())]) == len(asked)
        if not counted and len(asked) > 1:
            transaction.set_rollback(True)
    return counted


def give_back(hits: Sequence[Hit]) -> None:
    """Take these back, and the waits that they began. Each is of another counter."""
    lock = "FOR UPDATE" if connection.features.has_select_for_update else ""
    rows = ", ".join(["(%s, %s)"] * len(hits))
    keys = [value for hit in hits for value in (hit.key, hit.window_start)]
    with durable():
        _execute(_GIVE_BACK.format(rows=rows, lock=lock), keys)


@lru_cache(maxsize=64)
def _counting(
    kinds: tuple[tuple[Limit | Hold, int], ...], vendor: str, windows_from: int, *, holds: bool
) -> str:
    """The same for whomever and whenever, so that the database keeps its plan."""
    clock = NOW[vendor]
    waits = " ".join(f"WHEN %s THEN {_wait(limit, clock)}" for limit, _ in kinds)
    return _COUNT.format(
        now=clock,
        windows_from=windows_from,
        rows=", ".join(f"(%s, %s, {limit.seconds}, {_first_wait(limit)})" for limit, _ in kinds),
        and_not_held=_AND_NOT_HELD.format(now=clock) if holds else "",
        wait=f"CASE throttling_counter.key {waits} END" if holds else "0",
        free=" ".join(f"WHEN %s THEN {_free(limit, times, clock)}" for limit, times in kinds),
    )


def _free(limit: Limit | Hold, times: int, clock: str) -> str:
    """Whether the counter takes another hit."""
    if isinstance(limit, Hold):
        return f"throttling_counter.hold_until <= {clock}"
    return f"throttling_counter.hits < {limit.hits * times}"


def _first_wait(limit: Limit | Hold) -> int:
    return limit.waits[0] if isinstance(limit, Hold) and not limit.free else 0


def _wait(limit: Limit | Hold, clock: str) -> str:
    """Until when this hit holds back, by the hits before it."""
    if isinstance(limit, Limit):
        return "0"
    steps = "".join(
        f"WHEN throttling_counter.hits = {limit.free + number} THEN {clock} + {wait} "
        for number, wait in enumerate(limit.waits[:-1])
    )
    free = f"WHEN throttling_counter.hits < {limit.free} THEN 0"
    return f"CASE {free} {steps} ELSE {clock} + {limit.waits[-1]} END"


def _execute(sql: str, values: list[str | int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount
