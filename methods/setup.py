"""A method being set up in one browser: a value is entered, then proved."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from methods import changes, registrations, sending
from methods.answers import Answer, Result
from methods.models import Challenge, Registration
from methods.place import Place
from securityinfo import throttling
from securityinfo.flows import SessionFlow
from securityinfo.throttling import limits


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
    also: list[str] = field(default_factory=list)  # public ids: they follow the change

    @classmethod
    def ids_of(cls, session: SessionBase) -> list[str]:
        """Of every set-up under way in this browser."""
        flows = (stored for key, stored in session.items() if key.startswith(f"{cls.key()}:"))
        return [flow.get("id", "") for flow in flows]


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
    _charge(place)
    flow = SetUp(id=before.id) if before and before.state == State.PROVING else SetUp()
    flow.also = list(entered.get("also", ()))
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
        asked = _asked_already(session, place, entered)
        if asked is None:
            raise
        asked.also = flow.also
        asked.save(session, place.suffix)
        return
    _ask(session, place, flow, challenge)


def begin_at_once(
    session: SessionBase, place: Place, *, before: SetUp | None
) -> tuple[SetUp, Challenge]:
    """`begin` for a kind that asks nothing before the proof and sends nothing for it.

    What `before` has begun is over; of what it has set up nothing stays but what is confirmed. Two
    tabs opened in one moment get the same. Raises what registrations.begin does.
    """
    _charge(place)
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


def _charge(place: Place) -> None:
    """What sends something has limits of its own, lower ones. Raises throttling.Throttled."""
    if not place.method.sends:
        throttling.hit_all(limits.BEGINS_BY_ACCOUNT, str(place.user.pk))


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

    Raises what sending.charge does.
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
    also: Callable[[Registration], object] = lambda _: None,
) -> Answer | None:
    """What was wrong with the answer; None if it was right, and the method counts from now on.

    `also` and what is raised: see registrations.confirm.
    """
    answer = registrations.confirm(
        challenge,
        given,
        flow=flow.id,
        ruleset=place.ruleset,
        actor=place.actor,
        name=name,
        required=place.is_first_time,
        also=also,
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


def _asked_already(session: SessionBase, place: Place, entered: Mapping[str, Any]) -> SetUp | None:
    """What this browser, perhaps in another tab, waits for already: a code to the same value."""
    flow = SetUp.load_again(session, place.suffix)
    challenge = challenge_of(flow, place)
    if challenge is None or not registrations.is_same(
        challenge.registration, place.method.enrol(place.user, entered)
    ):
        return None
    return flow
