"""When so many wait that strangers' passwords are no longer tried: whoever is known comes first.

Comparing a password takes as long as twenty pages, and everybody stands in one queue. Whoever
guesses faster than we compare would keep everybody waiting. So the longer the queue, the less of
its time a process spends on comparing; beyond that strangers are sent away at once (503). In a
browser in which its owner has signed in before, passwords are always tried. A queue alone sends
nobody away: pages are quick.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Protocol

log = logging.getLogger(__name__)

SAID_EVERY = 60.0  # seconds


class Listener(Protocol):
    """A socket of gunicorn's."""

    def get_backlog(self) -> int:
        """Connections that wait to be accepted; -1 where the system doesn't tell."""
        ...


class Budget:
    """Seconds that may be spent on comparing while more than `waiting` wait.

    They come back with a `share` of the time that passes; `burst` is the most that is kept.
    """

    def __init__(self, *, waiting: int, share: float, burst: float) -> None:
        self.waiting, self.share, self.burst = waiting, share, burst
        self.refill()

    def refill(self) -> None:
        self._seconds, self._as_of = self.burst, time.monotonic()

    def left(self) -> float:
        now = time.monotonic()
        earned = (now - self._as_of) * self.share
        self._seconds, self._as_of = min(self.burst, self._seconds + earned), now
        return self._seconds

    def spend(self, seconds: float) -> None:
        # No deeper than a burst: what was compared long ago keeps nobody out.
        self._seconds = max(-self.burst, self.left() - seconds)


# The longest queue first. With up to twenty there is none: that is any busy moment.
BUDGETS = (
    Budget(waiting=100, share=0.2, burst=0.1),
    Budget(waiting=20, share=0.5, burst=1.0),  # some thirty who come at one moment, in turn
)

_listeners: Sequence[Listener] = ()
_said_at = -SAID_EVERY


def watch(listeners: Sequence[Listener]) -> None:
    """Called by the web server in each of its workers; where it isn't, nobody is sent away."""
    global _listeners, _said_at
    _listeners, _said_at = listeners, -SAID_EVERY
    for each in BUDGETS:
        each.refill()


def note_comparison(seconds: float) -> None:
    """So long did it take to compare a password, whoever's."""
    for each in BUDGETS:
        each.spend(seconds)


def is_too_large() -> bool:
    """Whether strangers have to go."""
    waiting = sum(each.get_backlog() for each in _listeners)
    budget = next((each for each in BUDGETS if waiting > each.waiting), None)
    if budget is None or budget.left() > 0:
        return False
    _say(waiting)
    return True


def _say(waiting: int) -> None:
    global _said_at
    if time.monotonic() - _said_at > SAID_EVERY:
        _said_at = time.monotonic()
        log.warning("%d connections wait: passwords of strangers are not tried.", waiting)
