"""The two statements that count: all hits of a try at once, and all of them given back.

Five counters guard an answer. One by one through the ORM they took 20 ms of a right answer on a new
day, in these statements 2 ms (docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db import connection

from securityinfo.durable import durable
from securityinfo.throttling.limits import Hold, Limit

# Unix time in whole seconds, by the database's clock when the statement begins.
NOW = {
    "postgresql": "FLOOR(EXTRACT(EPOCH FROM STATEMENT_TIMESTAMP()))::bigint",
    "sqlite": "CAST(STRFTIME('%%s', 'now') AS INTEGER)",
}
# All or nothing: whatever must wait, or was asked for in another window, refuses the others too.
# The first hit of a window makes its row. What becomes full in this very moment is left out, and
# the number of rows says so.
_COUNT = """
INSERT INTO throttling_counter (key, window_start, hits, hold_until)
WITH asked (key, window_start, seconds, wait, most) AS (VALUES {rows}),
refused AS (
    SELECT 1 FROM asked LEFT JOIN throttling_counter AS counted
    ON counted.key = asked.key AND counted.window_start = asked.window_start
    WHERE counted.hits >= most {or_held} OR
    asked.window_start <> ({now} - {windows_from}) / seconds * seconds + {windows_from}
)
SELECT key, window_start, 1, CASE WHEN wait > 0 THEN {now} + wait ELSE 0 END FROM asked
WHERE NOT EXISTS (SELECT 1 FROM refused)
ON CONFLICT (key, window_start) DO UPDATE
SET hits = throttling_counter.hits + 1, hold_until = {wait}
WHERE CASE throttling_counter.key {free} END
RETURNING key, window_start, hits
"""
_OR_HELD = """OR {now} < COALESCE(
    (SELECT MAX(hold_until) FROM throttling_counter AS earlier WHERE earlier.key = asked.key), 0)"""
_GIVE_BACK = """
UPDATE throttling_counter SET hits = hits - 1, hold_until = 0 WHERE id IN (
    SELECT id FROM throttling_counter WHERE (key, window_start) IN (VALUES {rows}) AND hits > 0
    ORDER BY {in_turn}
)
"""
# In the order in which Python sorts the keys.
_IN_TURN = {"postgresql": 'key COLLATE "C" FOR UPDATE', "sqlite": "key"}


@dataclass(frozen=True)
class Try:
    """One hit that is asked for; `times` as many as the limit says are allowed."""

    limit: Limit | Hold
    key: str  # of the counter
    times: int = 1


@dataclass(frozen=True)
class Hit:
    """One hit of a counter in one of its windows, to be given back after a success."""

    key: str
    window_start: int
    number: int = 0  # which one in its window it was, once it is counted


def now() -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {NOW[connection.vendor]}", ())
        return cursor.fetchone()[0]


def count(tries: Sequence[Try], hits: Sequence[Hit], *, windows_from: int) -> list[Hit]:
    """Count all if each is in the window of this moment and free; otherwise none: an empty list.

    Rows are locked in the order of their keys, whoever counts: no two wait for each other. Where
    others took the last hit in this very moment, what was counted beside it is given back.
    """
    asked = sorted(zip(tries, hits, strict=True), key=lambda pair: pair[1].key)
    keys = [each.key for each, _ in asked]
    kinds = tuple((each.limit, each.times) for each, _ in asked)
    holds = any(isinstance(limit, Hold) for limit, _ in kinds)
    sql = _counting(kinds, connection.vendor, windows_from, holds=holds)
    rows = [value for _, hit in asked for value in (hit.key, hit.window_start)]
    with durable(), connection.cursor() as cursor:
        cursor.execute(sql, [*rows, *(keys if holds else ()), *keys])
        counted = [Hit(*row) for row in cursor.fetchall()]
    if len(counted) == len(asked):
        return counted
    if counted:
        give_back(counted)
    return []


def give_back(hits: Sequence[Hit]) -> None:
    """Take these back, and the waits that they began. Each is of another counter."""
    in_turn = _IN_TURN[connection.vendor]
    rows = ", ".join(["(%s, %s)"] * len(hits))
    keys = [value for hit in hits for value in (hit.key, hit.window_start)]
    with durable(), connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK.format(rows=rows, in_turn=in_turn), keys)


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
        rows=", ".join(
            f"(%s, %s, {limit.seconds}, {_first_wait(limit)}, {_most(limit, times)})"
            for limit, times in kinds
        ),
        or_held=_OR_HELD.format(now=clock) if holds else "",
        wait=f"CASE throttling_counter.key {waits} END" if holds else "0",
        free=" ".join(f"WHEN %s THEN {_free(limit, times, clock)}" for limit, times in kinds),
    )


def _free(limit: Limit | Hold, times: int, clock: str) -> str:
    """Whether the counter takes another hit."""
    if isinstance(limit, Hold):
        return f"throttling_counter.hold_until <= {clock}"
    return f"throttling_counter.hits < {limit.hits * times}"


def _most(limit: Limit | Hold, times: int) -> str:
    """How many hits a window takes; of a hold any number."""
    return "CAST(NULL AS BIGINT)" if isinstance(limit, Hold) else str(limit.hits * times)


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
