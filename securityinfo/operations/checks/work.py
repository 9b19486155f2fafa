"""Are the workers and the scheduler at work, and does nothing wait for them?"""

from __future__ import annotations

from datetime import timedelta

from securityinfo.messaging import breaker
from securityinfo.operations import heartbeats, waiting
from securityinfo.operations.findings import Findings, ok, warning, wrong

WHAT_TO_DO = {
    True: "start it: celery -A securityinfo.celery beat",
    False: "start one: celery -A securityinfo.celery worker",
}


def findings() -> Findings:
    silent = heartbeats.silent()
    for name in heartbeats.EXPECTED:
        if name not in silent:
            yield ok(name, f"Seen in the last {seconds(heartbeats.STALE_AFTER)} s.")
            continue
        age = silent[name]
        seen = "Never seen" if age is None else f"Last seen {seconds(age)} s ago"
        yield wrong(name, f"{seen}: {WHAT_TO_DO[name == heartbeats.SCHEDULER]}.")
    yield from _waiting()


def _waiting() -> Findings:
    age = waiting.oldest_code()
    if age and age > waiting.TOO_LONG:
        text = f"A code waits for {seconds(age)} s: start more workers of the queue codes."
        yield wrong("codes", text)
    else:
        yield ok("codes", "None waits for long.")
    for channel in sorted(breaker.open_now()):
        yield wrong(channel, "Its provider fails, and is left alone for a while: see the log.")
    if dead := waiting.dead_letters():
        text = f"{dead} could not be delivered in 24 h: see Deliveries in the administration."
        yield warning("notices", text)
    else:
        yield ok("notices", "All were delivered in the last 24 h.")


def seconds(span: timedelta) -> int:
    return int(span.total_seconds())
