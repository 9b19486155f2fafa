"""Somebody knows the password and not what comes after it: the owner is told (N9)."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from methods import contacts
from securityinfo import throttling
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.messaging import alarms
from securityinfo.throttling import limits


def note_wrong_second_step(user: User, actor: Actor) -> None:
    """One wrong answer after a right password; of every third in a day a notice is sent.

    Outside of any transaction: what is counted stays counted.
    """
    try:
        throttling.hit(limits.WRONG_SECOND_STEPS, str(user.pk))
    except throttling.Throttled:
        throttling.clear(limits.WRONG_SECOND_STEPS, str(user.pk))
        _tell(user, actor)


@transaction.atomic
def _tell(user: User, actor: Actor) -> None:
    event = log.record(
        tags.LIMIT_REACHED,
        actor=actor,
        subject=user.public_id,
        result="refused",
        reason="second_step",
        purpose="sign_in",
    )
    alarms.second_step_failed(user, contacts=contacts.contacts_of(user), actor=actor, event=event)
