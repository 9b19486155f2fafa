"""L7: appending to the audit log, and verifying it, when it is long."""

from __future__ import annotations

import json
import os

from tests.bench.promises import visits
from tests.bench.promises.ground import Ground
from tests.bench.promises.table import Outcome

EVENTS = int(os.environ.get("BENCH_EVENTS", "1000000"))


async def long_log(ground: Ground) -> Outcome:
    """L7."""
    code = "from tests.bench.promises import log_of_events; log_of_events.measure()"
    found = json.loads(ground.run(code))
    slow = visits.percentile(found["appended"], 95) * 1000
    rate = found["verified_a_second"]
    return Outcome(
        "L7",
        f"{found['verified']:,} events in the audit log",
        "append p95 under 20 ms, 20,000 rows/s or more verified",
        f"append p95 {slow:.1f} ms, {rate:,.0f} rows/s verified; "
        f"{'; '.join(found['findings']) or 'intact'}",
        slow < 20 and rate >= 20_000 and not found["findings"],
    )
