"""Messages by channel, and what became of them (RE2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from securityinfo.messaging import tally
from securityinfo.messaging.models import WAITING, State
from securityinfo.messaging.words import CHANNELS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NOT_SENT = (State.STALE, State.EXPIRED)


@dataclass(frozen=True)
class Line:
    """One channel: each message is in exactly one of the columns."""

    channel_name: str
    channel: StrOrPromise
    waiting: int
    sent: int
    delivered: int
    failed: int
    unknown: int
    not_needed: int

    @property
    def all(self) -> int:
        return sum(self.states.values())

    @property
    def states(self) -> dict[str, int]:
        return {
            "waiting": self.waiting,
            "sent": self.sent,
            "delivered": self.delivered,
            "failed": self.failed,
            "unknown": self.unknown,
            "not_needed": self.not_needed,
        }


def lines(*, since: datetime) -> tuple[Line, ...]:
    """One query."""
    counts = tally.tally(since=since)

    def of(channel: str, *states: State) -> int:
        return sum(counts.get((channel, state), 0) for state in states)

    return tuple(
        Line(
            str(channel),
            label,
            waiting=of(channel, *WAITING),
            sent=of(channel, State.SENT),
            delivered=of(channel, State.DELIVERED),
            failed=of(channel, State.FAILED),
            unknown=of(channel, State.UNKNOWN),
            not_needed=of(channel, *NOT_SENT),
        )
        for channel, label in CHANNELS.items()
    )
