"""A method being set up in one browser: a value is entered, then proved."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from methods import changes, phone, registrations, registry, sending
from methods.answers import Answer, Result
from methods.base import Method
from methods.models import Challenge, Registration
from methods.phone import PhoneForm, PhoneNumber
from methods.standing import Standing
from securityinfo import crypto
from securityinfo.actor import Actor
from securityinfo.flows import SessionFlow
from securityinfo.policy.rules import Decision, Ruleset

if TYPE_CHECKING:
    from accounts.models import User


class State(StrEnum):
    ENTERING = "entering"
    PROVING = "proving"
    DONE = "done"


@dataclass
class SetUp(SessionFlow):
    """One method being set up in this browser. The address is in the database, not in here."""

    KEY: ClassVar[str] = "set-up"
    START: ClassVar[StrEnum] = State.ENTERING
    MOVES: ClassVar[Any] = {
        State.ENTERING: frozenset({State.PROVING, State.DONE}),
        State.PROVING: frozenset({State.PROVING, State.DONE}),
        State.DONE: frozenset(),
    }

    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    challenge: str = ""
    added: str = ""  # without proof: the method's public id

    @classmethod
    def ids_of(cls, session: SessionBase) -> list[str]:
        """Of every set-up under way in this browser."""
        flows = (stored for key, stored in session.items() if key.startswith(f"{cls.key()}:"))
        return [flow.get("id", "") for flow in flows]


@dataclass(frozen=True)
class Place:
    """Where the pages of setting up stand: for whom, their addresses, and what comes after."""

    user: User
    method: Method
    ruleset: Ruleset
    actor: Actor
    title: str
    start_url: str
    verify_url: str
    resend_url: str
    status_url: str
    cancel_url: str
    done: Callable[[HttpRequest, Registration], HttpResponse]
    call_url: str = ""  # "Call me instead", where a call could take the place of a text
    different_url: str = ""  # "I want to set up a different method", where there is a choice
    progress: tuple[int, int] | None = None  # method 1 of 2
    replaces: Registration | None = None  # this is a change of that method
    required: bool = False  # sign-in demands it

    @property
    def suffix(self) -> str:
        """Keeps the set-ups of one browser apart."""
        return str(self.replaces.uuid) if self.replaces else self.start_url

    @property
    def current_value(self) -> str:
        """In full: who changes a method has just been proved. Empty unless this is a change."""
        old = self.replaces
        return old.method.full_value(old.details) if old else ""

    @cached_property
    def _standing(self) -> Standing:
        return Standing.of(self.user, self.ruleset)

    @property
    def others(self) -> list[Mapping[str, Any]]:
        """The details of the person's other methods of this kind."""
        return [
            each.details
            for each in self._standing.readable
            if self._is_of_kind(each) and each != self.replaces
        ]

    @property
    def proven(self) -> dict[str, PhoneNumber]:
        """Numbers that other kinds have proved; to adopt one, step-up is enough (SM3).

        Not in the registration that sign-in demands: there nobody has been proved yet.
        """
        if self.required or self.replaces or not issubclass(self.method.enrol_form, PhoneForm):
            return {}
        used = {each.channel for each in self._standing.registrations if self._is_of_kind(each)}
        found = {}
        for each in self._standing.usable:
            number = each.method.destination(each.details)
            if number and each.channel not in used and each.channel == _channel_of(number):
                found[str(each.uuid)] = number
        return found

    def initial(self, session: SessionBase) -> Mapping[str, str]:
        """ "Call me instead": the number just typed for another kind, in this browser only (K5)."""
        if not issubclass(self.method.enrol_form, PhoneForm):
            return {}
        here = SetUp.ids_of(session)
        typed = Registration.objects.of(self.user).just_entered().in_flow(*here).first()
        if typed is None or not registry.has(typed.kind) or typed.is_damaged:
            return {}
        number = typed.method.destination(typed.details)
        return phone.typed_again(number) if number else {}

    def _is_of_kind(self, registration: Registration) -> bool:
        return registration.kind == self.method.kind

    def may_begin(self) -> Decision:
        """Policy and maximum, as they are at this moment."""
        standing = self._standing
        if self.replaces:
            decision = standing.may_change(self.replaces)
        else:
            decision = standing.may_add(self.method)
        return decision and self.ruleset.may_send(self.method.traits)


def _channel_of(number: PhoneNumber) -> str:
    """Of the number alone: behind an extension somebody else may be reached."""
    return crypto.fingerprint("channel", phone.channel_of(number.e164))


def challenge_of(flow: SetUp | None, place: Place) -> Challenge | None:
    """What the person was asked to prove in this flow; None before a value was entered.

    A value that can't be read any more is as good as none: it is entered again.
    """
    if flow is None or not flow.challenge:
        return None
    challenge = (
        Challenge.objects.with_openness()
        .select_related("registration__user", "registration__replaces")
        .filter(pk=flow.challenge, user=place.user, flow=flow.id)
        .first()
    )
    return None if challenge is None or challenge.registration.is_damaged else challenge


def is_asking(flow: SetUp | None, challenge: Challenge | None) -> bool:
    """Whether the proof is still waited for: nothing has ended, expired or been confirmed."""
    return (
        flow is not None
        and flow.state == State.PROVING
        and challenge is not None
        and not challenge.registration.confirmed
        and challenge.was_open
    )


def begin(
    session: SessionBase, place: Place, entered: Mapping[str, Any], *, before: SetUp | None
) -> None:
    """Ask for proof of what was entered, the cleaned data of the kind's form.

    `before`: what this browser has begun already, of which a new value is a correction. A double
    click or a second tab with the same value sends nothing more. Raises what registrations.begin
    does.
    """
    flow = SetUp(id=before.id) if before and before.state == State.PROVING else SetUp()
    try:
        challenge = registrations.begin(
            place.user,
            place.method,
            entered,
            flow=flow.id,
            ruleset=place.ruleset,
            actor=place.actor,
            replaces=place.replaces,
        )
    except sending.TooEarly:
        if _asked_already(session, place, entered):
            return
        raise
    _ask(session, place, flow, challenge)


def begin_at_once(
    session: SessionBase, place: Place, *, before: SetUp | None
) -> tuple[SetUp, Challenge]:
    """`begin` for a kind that asks nothing before the proof and sends nothing for it.

    What `before` has begun is over; of what it has set up nothing stays but what is confirmed. Two
    tabs opened in one moment get the same. Raises what registrations.begin does.
    """
    with transaction.atomic():
        changes.lock(place.user)
        begun = _begun_meanwhile(session, place)
        if begun:
            return begun
        cancel(session, place, before)
        flow = SetUp()
        challenge = registrations.begin(
            place.user,
            place.method,
            {},
            flow=flow.id,
            ruleset=place.ruleset,
            actor=place.actor,
            replaces=place.replaces,
        )
        _ask(session, place, flow, challenge)
        session.save()  # the other tab must find it as soon as it holds the lock
    return flow, challenge


def _begun_meanwhile(session: SessionBase, place: Place) -> tuple[SetUp, Challenge] | None:
    """What another tab has begun since this request read the session."""
    flow = SetUp.load_again(session, place.suffix)
    challenge = challenge_of(flow, place)
    if flow is None or challenge is None or not is_asking(flow, challenge):
        return None
    flow.save(session, place.suffix)
    return flow, challenge


def renew(session: SessionBase, place: Place, flow: SetUp, challenge: Challenge) -> None:
    """Send a new code; a challenge that has ended is followed by a new one.

    Raises sending.TooEarly and throttling.Throttled.
    """
    renewed = registrations.ask_again(
        challenge, flow=flow.id, ruleset=place.ruleset, actor=place.actor
    )
    _ask(session, place, flow, renewed)


def prove(
    session: SessionBase,
    place: Place,
    flow: SetUp,
    challenge: Challenge,
    given: Mapping[str, Any],
    *,
    name: str = "",
) -> Answer | None:
    """What was wrong with the answer; None if it was right, and the method counts from now on.

    Raises what registrations.confirm does.
    """
    answer = registrations.confirm(
        challenge,
        given,
        flow=flow.id,
        ruleset=place.ruleset,
        actor=place.actor,
        name=name,
        required=place.required,
    )
    if not answer and answer.result is not Result.USED:  # used: the other click of a double click
        return answer
    flow.move(State.DONE)
    flow.save(session, place.suffix)
    challenge.refresh_from_db()
    return None


def cancel(session: SessionBase, place: Place, flow: SetUp | None) -> None:
    """Forget what was entered."""
    if flow:
        registrations.cancel(place.user, flow=flow.id, ruleset=place.ruleset, actor=place.actor)
    SetUp.forget(session, place.suffix)


def _ask(session: SessionBase, place: Place, flow: SetUp, challenge: Challenge) -> None:
    flow.challenge = str(challenge.pk)
    flow.move(State.PROVING)
    flow.save(session, place.suffix)


def _asked_already(session: SessionBase, place: Place, entered: Mapping[str, Any]) -> bool:
    """Whether this browser, in another tab, already waits for the code to the very same value."""
    challenge = challenge_of(SetUp.load_again(session, place.suffix), place)
    return challenge is not None and registrations.is_same(
        challenge.registration, place.method.enrol(place.user, entered)
    )
