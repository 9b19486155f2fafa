"""What was refused a moment ago is refused again without asking the database: a flood costs little.

Each process remembers for itself. It never lets anybody pass: only the database does that.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from securityinfo.throttling.statements import Try

# Whoever is refused is told to wait a second at least, so who keeps to that never meets this.
KEPT = 1.0  # seconds
MOST = 10_000  # keys

_refused: dict[tuple[str, int], tuple[float, int, int]] = {}


def note(refused: Try, *, until: int, now: int) -> None:
    """`now` is the database's, and so is `until`: of it only what is left counts here."""
    if len(_refused) >= MOST:
        _refused.clear()
    ends = time.monotonic() + min(KEPT, until - now)
    _refused[refused.key, refused.times] = ends, until, now


def recalled(tries: Sequence[Try]) -> tuple[int, int] | None:
    """Until when one of these has to wait, and when that was found."""
    for each in tries:
        found = _refused.get((each.key, each.times))
        if found and time.monotonic() < found[0]:
            return found[1:]
    return None


def forget() -> None:
    _refused.clear()
