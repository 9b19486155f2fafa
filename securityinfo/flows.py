"""A flow over several pages, kept in the session: its state, its moves, its expiry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import ClassVar, Self

from django.contrib.sessions.backends.base import SessionBase

from securityinfo import clock

IDLE_SECONDS = 10 * 60  # after the latest step or code
TOTAL_SECONDS = 30 * 60  # after the start, whatever happens


class IllegalMove(Exception):
    """A step that the flow's table doesn't have: a bug or a forged request, no mistyped answer."""


class FlowExpired(Exception):
    """There was a flow, and its time is over: nothing was changed."""


@dataclass
class SessionFlow:
    """Base of all flows: a dataclass of ids and a state. Never a secret, never form data.

    A subclass sets `KEY`, its `State` enum through `MOVES`, and its own fields (all JSON).
    """

    KEY: ClassVar[str]
    START: ClassVar[StrEnum]
    MOVES: ClassVar[Mapping[StrEnum, frozenset[StrEnum]]]

    state: str = ""
    started: float = field(default_factory=clock.timestamp)
    touched: float = field(default_factory=clock.timestamp)

    def __post_init__(self) -> None:
        self.state = self.state or self.START

    @classmethod
    def key(cls, suffix: str = "") -> str:
        return f"flow:{cls.KEY}:{suffix}" if suffix else f"flow:{cls.KEY}"

    @classmethod
    def load(cls, session: SessionBase, suffix: str = "") -> Self | None:
        """The flow of this browser, None if there is none. Raises FlowExpired, once."""
        stored = session.get(cls.key(suffix))
        if stored is None:
            return None
        try:
            flow = cls(**stored)
            type(cls.START)(flow.state)
        except (TypeError, ValueError):  # of a release with other fields or states
            cls.forget(session, suffix)
            return None
        if flow.is_over():
            cls.forget(session, suffix)
            raise FlowExpired
        return flow

    @classmethod
    def load_again(cls, session: SessionBase, suffix: str = "") -> Self | None:
        """The flow as stored by now, by whichever tab; None also if its time is over."""
        try:
            return cls.load(type(session)(session.session_key), suffix)
        except FlowExpired:
            return None

    @classmethod
    def forget(cls, session: SessionBase, suffix: str = "") -> None:
        session.pop(cls.key(suffix), None)

    def save(self, session: SessionBase, suffix: str = "") -> None:
        session[self.key(suffix)] = asdict(self)

    def touch(self) -> None:
        """A step was made or a code was sent: the idle time begins again."""
        self.touched = clock.timestamp()

    def ends_at(self) -> float:
        """Unix time when the flow is over."""
        return min(self.touched + IDLE_SECONDS, self.started + TOTAL_SECONDS)

    def is_over(self) -> bool:
        now = clock.timestamp()
        # A clock that went back makes a flow end, never live longer.
        return now >= self.ends_at() or now < max(self.started, self.touched) - 1

    def move(self, state: StrEnum) -> None:
        """Go to `state` if the table allows it. Raises IllegalMove."""
        if state not in self.MOVES.get(type(self.START)(self.state), frozenset()):
            raise IllegalMove(f"{self.KEY}: {self.state} to {state}")
        self.state = state
        self.touch()
