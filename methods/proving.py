"""A person being proved in one browser: which method was asked for, and the challenge of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase

from methods import answers, challenges, sending
from methods.answers import Answer
from methods.models import Challenge, Outcome, Registration
from methods.proof_place import ProofPlace
from securityinfo.flows import FlowExpired, SessionFlow
from securityinfo.prepared import Prepared

# Every answer begins with it.
_challenge = Prepared(lambda pk: Challenge.objects.with_openness().filter(pk=pk), UUID(int=1))


class State(StrEnum):
    CHOOSING = "choosing"
    ASKING = "asking"
    PROVED = "proved"


@dataclass
class Proving(SessionFlow):
    """One person being proved, for one purpose. What is right is in the database, not in here."""

    KEY: ClassVar[str] = "proof"
    START: ClassVar[StrEnum] = State.CHOOSING
    MOVES: ClassVar[Any] = {
        State.CHOOSING: frozenset({State.ASKING}),
        State.ASKING: frozenset({State.ASKING, State.PROVED}),
        State.PROVED: frozenset(),
    }

    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    asked: str = ""  # public id of the method
    challenge: str = ""  # empty while nothing could be sent


def resume(session: SessionBase, place: ProofPlace) -> Proving | None:
    """What is under way here; None if nothing is, if its time is over, or if it is too weak."""
    try:
        flow = Proving.load(session, place.suffix)
    except FlowExpired:
        return None
    # In another tab it may have been asked for a page that needs less than this one.
    is_too_weak = flow is not None and flow.asked in {str(each.uuid) for each in place.left_out}
    return None if is_too_weak else flow


def asked(flow: Proving | None, place: ProofPlace) -> Registration | None:
    """The method that was asked for, as long as it may still prove this."""
    if flow is None:
        return None
    return next((each for each in place.offers if str(each.uuid) == flow.asked), None)


def challenge_of(flow: Proving | None, place: ProofPlace) -> Challenge | None:
    """What was sent for the method that was asked for, if anything was."""
    registration = asked(flow, place)
    if flow is None or registration is None or not flow.challenge:
        return None
    found = next(iter(_challenge(UUID(flow.challenge))), None)
    if found is None or (found.registration_id, found.flow) != (registration.pk, flow.id):
        return None
    found.registration, found.user = registration, place.user
    return found


def has_lapsed(challenge: Challenge) -> bool:
    """Whether nobody ended it: it took too long, or another browser asked for the same.

    Whoever knows the password and begins to sign in elsewhere must not end the owner's.
    """
    if challenge.closed_at:
        return challenge.outcome == Outcome.REPLACED
    return not challenge.was_open


def ask(session: SessionBase, place: ProofPlace, registration: Registration) -> Proving:
    """Ask for this method from now on, and send what it sends.

    Raises what sending.charge does; then the method is the one that was asked for, and nothing
    was sent. What was sent for it in this flow a moment ago is not sent twice.
    """
    flow = resume(session, place) or Proving(id=place.flow_id or secrets.token_urlsafe(16))
    flow.asked, flow.challenge = str(registration.uuid), ""
    flow.move(State.ASKING)
    flow.save(session, place.suffix)
    try:
        challenge = challenges.issue(
            registration,
            purpose=place.purpose,
            flow=flow.id,
            settings=place.ruleset.settings,
            actor=place.actor,
        )
    except sending.TooEarly:
        sent = _sent_already(flow, place, registration)
        if sent is None:
            raise
        challenge = sent
    flow.challenge = str(challenge.pk)
    flow.save(session, place.suffix)
    return flow


def ask_again(
    session: SessionBase, place: ProofPlace, flow: Proving, registration: Registration
) -> None:
    """A new code; after too many wrong ones, or where nothing was sent yet, a new challenge.

    Raises what sending.charge does.
    """
    challenge = challenge_of(flow, place)
    if challenge is None or challenge.closed_at or challenge.tries >= challenge.max_tries:
        ask(session, place, registration)
        return
    if not registration.method.sends:
        return  # what is asked for stays; each renewal would be recorded, for good
    challenges.resend(challenge, settings=place.ruleset.settings, actor=place.actor)
    flow.move(State.ASKING)
    flow.save(session, place.suffix)


def answer(
    flow: Proving,
    challenge: Challenge,
    place: ProofPlace,
    given: Mapping[str, Any],
    *,
    then: Callable[[Challenge], object],
) -> Answer:
    """Judge an answer; if it is right, `then` happens in the same transaction.

    Raises throttling.Throttled, and then nothing was compared.
    """
    return answers.judge(
        challenge, given, purpose=place.purpose, flow=flow.id, actor=place.actor, then=then
    )


def forget(session: SessionBase, place: ProofPlace) -> None:
    Proving.forget(session, place.suffix)


def _sent_already(flow: Proving, place: ProofPlace, registration: Registration) -> Challenge | None:
    open_ones = Challenge.objects.open().asking(registration, place.purpose)
    return open_ones.filter(flow=flow.id).first()
