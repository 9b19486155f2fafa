"""L4: codes by text, while notices wait."""

from __future__ import annotations

import asyncio
import os

from tests.bench.promises import visits
from tests.bench.promises.ground import Ground, enter_password
from tests.bench.promises.table import Outcome
from tests.bench.promises.visits import Answer

RATE, SECONDS = 20, 60
NOTICES = int(os.environ.get("BENCH_NOTICES", "10000"))
SETTLE = 15  # seconds in which the last codes may still come
WAITING = (
    "SELECT count(*) FROM messaging_message WHERE category = 'notice' AND state NOT IN "
    "('sent', 'delivered', 'stale', 'expired', 'failed', 'unknown')"
)


# What still waits would be in the way of what is tried next.
DROP = "UPDATE messaging_message SET state = 'stale', finished_at = now() WHERE state = 'pending'"


async def overtaking(ground: Ground) -> Outcome:
    """L4: from the moment at which the password was sent to that at which the provider has it."""
    ground.run(f"from tests import backlog; backlog.fill({NOTICES}, in_broker=True)")
    ground.receivers.taken()
    asked: dict[str, float] = {}

    async def visit(number: int, due: float) -> Answer:
        person = ground.texts[number]
        asked[person.secret] = due
        return await enter_password(ground.browser(number, person), person, due=due)

    before = ground.number(WAITING)
    answers = await visits.at_rate(RATE, SECONDS, visit)
    left = ground.number(WAITING)
    came = await _arrivals(ground, len(asked))
    ground.change(DROP)
    ground.redis.client().delete("notices")
    waits = [came[number] - at for number, at in asked.items() if number in came]
    lost = len(asked) - len(waits)
    wrong = sum(each.to != "/sign-in/verify/" for each in answers)
    p95, p99 = visits.percentile(waits, 95), visits.percentile(waits, 99)
    return Outcome(
        "L4",
        f"{RATE} codes/s for {SECONDS} s while {NOTICES:,} notices wait",
        "code at the provider p95 under 3 s, p99 under 8 s",
        f"p95 {p95:.2f} s, p99 {p99:.2f} s, {lost} missing, {wrong} errors of {len(answers)}; "
        f"notices waiting {before:,} → {left:,}",
        p95 < 3 and p99 < 8 and not lost and not wrong,
    )


async def _arrivals(ground: Ground, count: int) -> dict[str, float]:
    """When each number got its text, on the clock of the visits."""
    came: dict[str, float] = {}
    for _second in range(SETTLE):
        texts, _mails = ground.receivers.taken()
        for text in texts:
            came.setdefault(text["to"], text["at"])
        if len(came) >= count:
            break
        await asyncio.sleep(1)
    return came
