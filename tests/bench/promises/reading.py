"""L3: people who look at their security info."""

from __future__ import annotations

from tests.bench.promises import visits
from tests.bench.promises.ground import Ground
from tests.bench.promises.table import Outcome, milliseconds
from tests.bench.promises.visits import Answer, Browser

RATE, SECONDS = 100, 30
PAGE = "/security-info/"


async def reads(ground: Ground) -> Outcome:
    """L3. How many queries the page makes is asserted by tests/methods/test_queries.py."""
    readers = [
        Browser(ground.site.port, f"192.0.2.{number}", {"session": session})
        for number, session in enumerate(ground.sessions)
    ]

    async def visit(number: int, due: float) -> Answer:
        return await readers[number % len(readers)].get(PAGE, due=due)

    answers = await visits.at_rate(RATE, SECONDS, visit)
    wrong = sum(each.status != 200 for each in answers)
    slow = visits.percentile([each.seconds for each in answers], 95)
    return Outcome(
        "L3",
        f"{RATE} reads/s of {PAGE} for {SECONDS} s",
        "p95 under 250 ms",
        f"p95 {milliseconds(slow)}, {wrong} errors of {len(answers)}",
        slow < 0.25 and not wrong,
    )
