"""Judges the keys pressed in a call, by the same rules as what is typed on a page."""

from __future__ import annotations

from django.db import transaction

from methods import answers, challenges, contacts, sending
from methods.answers import Result
from methods.models import Challenge
from securityinfo import throttling
from securityinfo.actor import SYSTEM
from securityinfo.messaging import notices
from securityinfo.messaging.calls import REPORT, SILENCE, Keyed
from securityinfo.messaging.models import Message


def keys_pressed(message: Message, digits: str) -> Keyed:
    """One try for each call: a wrong number or silence is a wrong answer, and the call is over."""
    challenge = _asked_by(message)
    if challenge is None:
        return Keyed.OVER
    if digits == REPORT:
        return _reported(challenge)
    try:
        answer = answers.key_in(challenge, {"keys": digits}, actor=SYSTEM)
    except throttling.Throttled:
        return Keyed.OVER
    if answer.result is Result.RIGHT:
        return Keyed.RIGHT
    if answer.result in (Result.WRONG, Result.EXHAUSTED):
        return Keyed.SILENCE if digits == SILENCE else Keyed.WRONG
    return Keyed.OVER


def is_wanted(message: Message) -> bool:
    """Whether somebody still waits for this call."""
    return _asked_by(message) is not None


def _asked_by(message: Message) -> Challenge | None:
    """What this call asks for; None if it is answered, over or followed by a newer one."""
    return (
        Challenge.objects.open()
        .select_related("registration__user")
        .filter(pk=message.reference, generation=message.generation, keyed="")
        .first()
    )


def _reported(challenge: Challenge) -> Keyed:
    """No call is made there again for a while, whatever becomes of the challenge."""
    sending.disown(challenge.registration)
    return _end(challenge)


@transaction.atomic
def _end(challenge: Challenge) -> Keyed:
    """The challenge ends, and every contact hears of it (N14)."""
    event = challenges.disown(challenge, actor=SYSTEM)
    if event is None:
        return Keyed.OVER
    user = challenge.user
    told = contacts.contacts_of(user)
    notices.call_disowned(user, contacts=told, actor=SYSTEM, event=event)
    return Keyed.REPORTED
