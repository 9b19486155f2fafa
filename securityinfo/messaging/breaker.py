"""Leaves a provider alone that fails again and again, until one message has got through.

Closed: all is sent. Five failures in 30 s open it: nothing is handed over, pages offer other ways,
the operator is alarmed. When its wait is over, one message at a time tries; a failure opens it
again, a success closes it. All of that is counted in the database, for all workers together.
"""

from __future__ import annotations

import logging
import time

from securityinfo import throttling
from securityinfo.messaging.content import Channel
from securityinfo.messaging.transports.base import DeliveryProblem, OutcomeUnknown, TransportDown
from securityinfo.throttling import limits

log = logging.getLogger(__name__)

KEPT_FOR = 2.0  # seconds: pages ask again and again, the database is asked now and then

_latest: tuple[float, frozenset[str]] | None = None


def resting() -> frozenset[str]:
    """Channels by which nothing is sent right now; at most KEPT_FOR old."""
    global _latest
    if _latest is None or time.monotonic() - _latest[0] > KEPT_FOR:
        _latest = time.monotonic(), open_now()
    return _latest[1]


def open_now() -> frozenset[str]:
    """The same, as it is in this moment."""
    return throttling.held(limits.PROVIDER_RESTS, Channel)


def lets_through(channel: str) -> bool:
    """Whether a worker may hand this message over; after a rest one at a time may."""
    if not _has_failed(channel):
        return True
    try:
        throttling.check_hold(limits.PROVIDER_RESTS, channel)
        throttling.hit(limits.PROVIDER_TRIALS, channel)
    except throttling.Throttled:
        return False
    return True


def note(channel: str, problem: DeliveryProblem | None) -> None:
    """What came of a message: None if the provider answered, whatever it said of the message."""
    if _is_failure(problem):
        _note_failure(channel)
    elif _has_failed(channel):
        throttling.clear(limits.PROVIDER_RESTS, channel)
        log.warning("%s: the provider works again.", channel)


def _is_failure(problem: DeliveryProblem | None) -> bool:
    """A provider that asks for patience works; one that doesn't answer, or with 5xx, doesn't."""
    return isinstance(problem, OutcomeUnknown) or type(problem) is TransportDown


def _note_failure(channel: str) -> None:
    try:
        if not _has_failed(channel):
            throttling.hit(limits.PROVIDER_FAILURES, channel)
            return
    except throttling.Throttled:  # once more than it may
        log.critical("ALERT %s: the provider fails. Nothing is sent for a while.", channel)
    try:
        throttling.hold_back(limits.PROVIDER_RESTS, channel)
    except throttling.Throttled:  # another worker was faster
        return


def _has_failed(channel: str) -> bool:
    """Whether it rests, or has rested and nothing got through since."""
    return throttling.is_counted(throttling.wanted(channel, limits.PROVIDER_RESTS))
