"""How many wait for this web server: while they are too many, strangers' passwords are not tried.

Comparing a password takes as long as twenty pages, and everybody stands in one queue. So whoever
guesses faster than we compare would keep everybody waiting; instead they are sent away at once
(503), until the queue is short again. In a browser in which its owner has signed in before,
passwords are always tried. A crowd that comes at one moment is served in turn: what counts is a
queue that stays.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

from accounts.hashers import Busy

MOST = 100  # a whole office at nine, served within 3 s
FEW, PATIENCE = 20, 10.0  # seconds for which more than a few may wait
FORGOTTEN = 1.0  # seconds after which nobody knows whether the queue was long all the time


class Listener(Protocol):
    """A socket of gunicorn's."""

    def get_backlog(self) -> int:
        """Connections that wait to be accepted; -1 where the system doesn't tell."""
        ...


_listeners: Sequence[Listener] = ()
_long: tuple[float, float] | None = None  # since when the queue is, and was last seen to be


def watch(listeners: Sequence[Listener]) -> None:
    """Called by the web server in each of its workers; where it isn't, nobody is sent away."""
    global _listeners, _long
    _listeners, _long = listeners, None


def send_away() -> None:
    """Raises Busy if too many wait."""
    global _long
    waiting, now = sum(each.get_backlog() for each in _listeners), time.monotonic()
    if waiting <= FEW:
        _long = None
        return
    is_still = _long is not None and now - _long[1] <= FORGOTTEN
    since = _long[0] if _long and is_still else now
    _long = since, now
    if waiting > MOST or now - since > PATIENCE:
        raise Busy
