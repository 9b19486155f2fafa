"""L8: signing in for long, and what is left of it; only by name, not in `make bench`.

Days pass at the end: what the run left behind is moved into the past, and cleared away as always.
"""

from __future__ import annotations

import itertools
import os
from pathlib import Path

from tests.bench.promises import visits
from tests.bench.promises.ground import Ground
from tests.bench.promises.sign_ins import RATE, SignIn, sign_in
from tests.bench.promises.table import Outcome
from tests.servers.processes import session_members

MINUTES = float(os.environ.get("BENCH_LONG", "30"))
WARM_UP = 0.1
LEEWAY = 1.1
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
FOUR_DAYS_LATER = (
    "UPDATE accounts_session SET created_at = created_at - interval '4 days'",
    "UPDATE methods_challenge SET expires_at = expires_at - interval '4 days'",
    "UPDATE throttling_counter SET window_start = window_start - 4 * 86400, hold_until = 0",
)
CLEARED = ("accounts_session", "methods_challenge", "throttling_counter")
CLEAR = "from accounts import tasks as people; from methods import tasks as methods; " + (
    "from securityinfo import throttling; people.purge(); methods.purge(); throttling.purge()"
)


async def lasting(ground: Ground) -> Outcome:
    """L8."""
    persons = itertools.cycle(ground.apps)
    seen: list[tuple[int, int]] = []

    async def visit(number: int, due: float) -> SignIn:
        if number == int(RATE * MINUTES * 60 * WARM_UP):
            seen.append(_held(ground))
        return await sign_in(ground, next(persons), number, due)

    done = await visits.at_rate(RATE, MINUTES * 60, visit)
    seen.append(_held(ground))
    (connections, files), (connections_later, files_later) = seen
    wrong = sum(bool(each.wrong) for each in done)
    made = sum(_rows(ground))
    for statement in FOUR_DAYS_LATER:
        ground.change(statement)
    ground.run(CLEAR)
    left = sum(_rows(ground))
    return Outcome(
        "L8",
        f"{RATE} two-step sign-ins/s for {MINUTES:g} min, then four days",
        "no growth of connections, files, or rows beyond their time",
        f"connections {connections} → {connections_later}, files {files} → {files_later}, "
        f"rows {made:,} → {left:,}; {wrong} errors of {len(done)}",
        connections_later <= connections * LEEWAY
        and files_later <= files * LEEWAY
        and not left
        and not wrong,
    )


def _held(ground: Ground) -> tuple[int, int]:
    """Connections to the database, and files that web and workers have open."""
    parents = [ground.web.pid, *(each.pid for each in ground.workers)]
    members = [each for parent in parents for each in session_members(parent)]
    return ground.number(CONNECTIONS), sum(map(_files, members))


def _files(process: int) -> int:
    try:
        return len(list(Path(f"/proc/{process}/fd").iterdir()))
    except OSError:  # has just ended
        return 0


def _rows(ground: Ground) -> list[int]:
    return [ground.number(f"SELECT count(*) FROM {table}") for table in CLEARED]
