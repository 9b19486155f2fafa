"""This wasn't me: one press protects the account, until the helpdesk has talked to its owner."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction

from accounts import passes, reset_rights, sessions
from accounts.helpdesk import cases
from accounts.models import Disowning, KnownBrowser, Role, User
from methods import changes, contacts, suspension
from methods.models import Registration
from securityinfo import clock
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.audit.models import Event
from securityinfo.messaging import alarms

# What was done to a method by these makes the method itself suspect; a new name doesn't.
_SUSPECT = (tags.METHOD_REGISTERED, tags.METHOD_CHANGED)


def is_open(event: Event) -> bool:
    """Whether nobody has disowned this event yet, nor settled it with the helpdesk since."""
    later = Event.objects.filter(subject=event.subject, tag=tags.ACCOUNT_UNFROZEN, pk__gt=event.pk)
    return not Disowning.objects.filter(event=event.pk).exists() and not later.exists()


@transaction.atomic
def protect(event: Event, actor: Actor) -> bool:
    """Ends all that is open, suspends what the event brought, freezes the account, tells everybody.

    Once for each event: False if it was disowned before, and then nothing is done. Raises
    User.DoesNotExist if the event is about nobody.
    """
    user = changes.lock(_person_of(event))
    if not is_open(event):
        return False
    Disowning.objects.create(event=event.pk, user=user)
    told = contacts.contacts_of(user)  # what is suspended stays one
    sessions.end_all(user)
    reset_rights.void(user)
    passes.end(user, actor=actor, why="disowned")
    if "case" in event.facts or event.tag == tags.PASS_USED:
        cases.end(user, actor=actor)  # an agent may be talking to a stranger right now
    KnownBrowser.objects.filter(user=user).delete()  # one of them may be the stranger's
    log.record(
        tags.ACCOUNT_DISOWNED, actor=actor, subject=user.public_id, reason=event.tag, event=event.pk
    )
    suspended = _suspend_what_came_by(event, user, actor)
    _freeze(user, actor)
    what = changes.what(suspended) if suspended else ""
    alarms.account_disowned(user, contacts=told, what=what, actor=actor)
    _tell_staff(user, actor)
    return True


def _person_of(event: Event) -> User:
    if event.subject is None:
        raise User.DoesNotExist
    return User.objects.get(public_id=event.subject)


def _suspend_what_came_by(event: Event, user: User, actor: Actor) -> Registration | None:
    if event.tag not in _SUSPECT or "method" not in event.facts:
        return None
    return suspension.suspend(user, event.facts["method"], actor=actor)


def _freeze(user: User, actor: Actor) -> None:
    """With a new password due at the next sign-in; a frozen account stays frozen since it was."""
    is_new = user.frozen_at is None
    user.frozen_at = user.frozen_at or clock.now()
    user.must_change_password = True
    user.save(update_fields=["frozen_at", "must_change_password"])
    if is_new:
        log.record(tags.ACCOUNT_FROZEN, actor=actor, subject=user.public_id)


def _tell_staff(user: User, actor: Actor) -> None:
    """Agents and administrators: whoever could be called about it."""
    others = User.objects.exclude(role=Role.PERSON).filter(is_active=True).exclude(pk=user.pk)
    for colleague in others:
        alarms.account_disowned_to_staff(
            colleague,
            contacts=[contacts.work_contact(colleague)],
            whose=user.get_username(),
            actor=actor,
        )


@transaction.atomic
def lift(user: User, restore: Collection[str], actor: Actor, **facts: Any) -> bool:
    """By somebody who has talked to the owner; `restore`: public ids of suspended methods.

    `facts`: what the event says beside it, such as the helpdesk's case.

    False if the account wasn't frozen any more; then nothing is done. A new password stays due.
    """
    user = changes.lock(user)
    if user.frozen_at is None:
        return False
    told = contacts.contacts_of(user)
    user.frozen_at = None
    user.save(update_fields=["frozen_at"])
    log.record(tags.ACCOUNT_UNFROZEN, actor=actor, subject=user.public_id, **facts)
    restored = suspension.restore(user, restore, actor=actor)
    alarms.freeze_lifted(
        user,
        contacts=told,
        restored=[changes.what(each) for each in restored],
        actor=actor,
    )
    return True
