"""Tries the promises one after the other and prints what came of each."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.bench.promises import codes, flood, ground, reading, sign_ins, tries
from tests.bench.promises.ground import Ground
from tests.bench.promises.table import Outcome
from tests.servers.postgres import Postgres

# What hurts the most comes last. Each says in its first line what it is.
PROMISES: dict[str, tuple[Callable[[Ground], Awaitable[Outcome]], ...]] = {
    "L1": (sign_ins.steady,),
    "L2": (sign_ins.at_once,),
    "L3": (reading.reads,),
    "L4": (codes.overtaking,),
    "L6": (tries.one_code, tries.many_codes),
    "L5": (flood.guessing,),
}
APPS, TEXTS, READERS = 2_000, 1_500, 100


def keep(
    server: Postgres, filled: dict[str, str], folder: Path, names: list[str] | None = None
) -> bool:
    """Whether those of these names are kept, or all of them; `filled`: see ground.standing."""
    outcomes = []
    with ground.standing(
        server, filled, folder, apps=APPS, texts=TEXTS, readers=READERS
    ) as installation:
        for name in names or PROMISES:
            for promise in PROMISES[name]:
                outcome = asyncio.run(_tried(promise, installation))
                sys.stdout.write(f"{outcome}\n")
                sys.stdout.flush()
                outcomes.append(outcome)
    return all(each.kept for each in outcomes)


async def _tried(promise: Callable[[Ground], Awaitable[Outcome]], there: Ground) -> Outcome:
    return await promise(there)
