"""Tries the promises one after the other and prints what came of each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from tests.bench import report
from tests.bench.promises import codes, endurance, events, flood, ground, reading, sign_ins, tries
from tests.bench.promises.ground import Ground
from tests.bench.promises.table import NotTried, Outcome
from tests.servers.postgres import Postgres

# In an order in which none spoils the next: after L5 fifty accounts have to wait.
PROMISES: dict[str, tuple[Callable[[Ground], Awaitable[Outcome]], ...]] = {
    "L1": (sign_ins.steady,),
    "L2": (sign_ins.at_once,),
    "L3": (reading.reads,),
    "L4": (codes.overtaking,),
    "L6": (tries.one_code, tries.many_codes),
    "L5": (flood.guessing,),
    "L7": (events.long_log,),
}
LASTING = {"L8": (endurance.lasting,)}  # half an hour: only by name
MOVE_IN = (
    "from tests.bench.promises import residents; "
    "residents.move_in(apps=2_000, texts=1_500, readers=100)"
)
FILL = f"from tests.bench.promises import log_of_events; log_of_events.fill({events.EVENTS})"


def keep(
    server: Postgres, filled: dict[str, str], folder: Path, names: list[str] | None = None
) -> bool:
    """Whether those of these names are kept, or all of them; `filled`: see ground.standing."""
    names, outcomes = names or list(PROMISES), []
    prepare = [FILL, MOVE_IN] if "L7" in names else [MOVE_IN]
    with ground.standing(server, filled, folder, *prepare) as installation:
        for name in names:
            for promise in (PROMISES | LASTING)[name]:
                outcome = asyncio.run(_tried(promise, installation))
                report.say(str(outcome))
                outcomes.append(outcome)
    return all(each.kept for each in outcomes)


async def _tried(promise: Callable[[Ground], Awaitable[Outcome]], there: Ground) -> Outcome:
    """With the share of a core that each part took: it tells how near the machine's end is."""
    before, begun = there.cpu(), time.monotonic()
    try:
        outcome = await promise(there)
    except NotTried as why:
        said = (promise.__doc__ or "").split(".")[0].split(":")[0]
        outcome = Outcome(said, promise.__name__, "to be tried", str(why), kept=False)
    seconds, after = time.monotonic() - begun, there.cpu()
    shares = {part: (after[part] - before[part]) / seconds for part in before}
    said = ", ".join(f"{part} {share:.2f}" for part, share in shares.items())
    return replace(outcome, cores=f"{sum(shares.values()):.2f}: {said}")
