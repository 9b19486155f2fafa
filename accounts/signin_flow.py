"""A sign-in under way in one browser: where it is, and what it knows; nobody's session yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from securityinfo.flows import SessionFlow
from securityinfo.freshness import Proof
from securityinfo.policy.rules import Strength


class State(StrEnum):
    PASSWORD_ACCEPTED = "password-accepted"  # noqa: S105 - the name of a state
    PROVING = "proving"
    NEW_PASSWORD = "new-password"  # noqa: S105 - the name of a state
    REGISTERING = "registering"
    COMPLETED = "completed"


# Where the browser is in each state, by the names of the pages.
PAGES = {
    State.PROVING: "accounts:verify",
    State.NEW_PASSWORD: "accounts:new-password",
    State.REGISTERING: "accounts:keep-secure",
}


@dataclass
class SignInFlow(SessionFlow):
    """What a browser may do between the right password and the session: only the next step."""

    KEY: ClassVar[str] = "sign-in"
    START: ClassVar[StrEnum] = State.PASSWORD_ACCEPTED
    MOVES: ClassVar[Mapping[StrEnum, frozenset[StrEnum]]] = {
        State.PASSWORD_ACCEPTED: frozenset(
            {State.PROVING, State.NEW_PASSWORD, State.REGISTERING, State.COMPLETED}
        ),
        State.PROVING: frozenset({State.NEW_PASSWORD, State.REGISTERING, State.COMPLETED}),
        State.NEW_PASSWORD: frozenset({State.REGISTERING, State.COMPLETED}),
        State.REGISTERING: frozenset({State.COMPLETED}),
        State.COMPLETED: frozenset(),
    }

    person: int = 0
    epoch: int = 0  # the person's access_epoch when the password was right
    next: str = ""
    id: str = ""
    known_browser: str = ""  # its name, if this person has signed in here before
    has_own_counters: bool = False  # see browsers.known
    proved_by: str = ""  # kind of the method that was the second step
    registered: str = ""  # kind of the method that was set up last, in the wizard (RR7)
    strength: int = Strength.NONE  # of the strongest of both
    is_settled: bool = True  # it was not a method in its first hours (K9)
    is_trusted: bool = False  # a trusted browser took the place of the second step
    trust: bool = False  # it shall do so from now on
    passed: str = ""  # id of the temporary access pass that took its place
    pass_ends: float = 0.0  # Unix time at which that lets nobody register any more
    beside_others: bool = False  # there were sign-in methods when it was used

    def ends_at(self) -> float:
        return min(super().ends_at(), self.pass_ends) if self.passed else super().ends_at()

    @property
    def proof(self) -> Proof:
        """What the session will know of how it was opened: by the password, and by what else."""
        return Proof(self.strength, is_settled=self.is_settled, with_password=True)
