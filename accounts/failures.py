"""Somebody knows the password and not what comes after it: the owner is told (N9)."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from methods import contacts
from methods.answers import Answer
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.messaging import alarms

# Two a day are mistyped; of the third the owner is told, however slowly they come.
TOLD_OF_EVERY = 3


def note_wrong_second_step(user: User, actor: Actor, answer: Answer) -> None:
    """A wrong answer after a right password."""
    if answer.wrong_today % TOLD_OF_EVERY == 0:
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
