"""Creating and changing accounts: what an administrator does, each with event and notice."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction

from accounts import duties, passes, passwords, reset_rights, sessions, staff_news
from accounts.models import User
from methods import contacts
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.audit.models import Event
from securityinfo.duties import GIVEN_BY_GROUP, Duty
from securityinfo.messaging import notices
from securityinfo.messaging.content import Contact
from securityinfo.messaging.notices import AccountChange

# What was begun with other rights ends.
_ENDING = {AccountChange.ROLE, AccountChange.DUTIES, AccountChange.DEACTIVATED}


def create(user: User, *, actor: Actor, given: Collection[Duty] = ()) -> str:
    """Stores the account with a generated start password and returns that, for once.

    `given`: duties by permission groups.

    Raises hashers.Busy.
    """
    user.start_password = passwords.generated()
    user.set_password(user.start_password)
    user.must_change_password = True
    with transaction.atomic():
        user.save()
        log.record(tags.ACCOUNT_CREATED, actor=actor, subject=user.public_id, role=user.role)
        if given:
            _give(user, frozenset[Duty](), given, actor)
        staff_news.tell(user, had=frozenset[Duty](), actor=actor)
    return user.start_password


@transaction.atomic
def update(
    user: User,
    *,
    changed: Collection[str],
    actor: Actor,
    given: Collection[Duty] | None = None,
    giveable: Collection[Duty] = GIVEN_BY_GROUP,
    **facts: object,
) -> None:
    """Stores the fields that were `changed`; a new role, other duties or a deactivation end all
    sessions.

    `given`: the duties to be held by permission groups; None leaves them, and so it is with all
    that is not `giveable`. `facts` go into each event. Raises duties.NobodyLeft.
    """
    wanted = duties.held_by(user) if given is None else frozenset(given)
    duties.keep_somebody(user, role=user.role, is_active=user.is_active, given=wanted)
    before = User.objects.select_for_update().get(pk=user.pk)
    # Again: what somebody else took away meanwhile must not come back by this.
    held = duties.held_by(user)
    given = held if given is None else (wanted & {*giveable}) | (held - {*giveable})
    told = contacts.contacts_of(before)
    had = before.duties if before.is_active else frozenset[Duty]()
    user.access_epoch = before.access_epoch
    # Nothing else: the row may have a newer password, or one skip more, than the form has read.
    columns = {field.name for field in User._meta.concrete_fields}
    user.save(update_fields=columns.intersection(changed))
    changes = _changes(before, user)
    event = _record(user, before, changed, changes, actor, facts)
    if given != held:
        duty = _give(user, held, given, actor)
        event = event or duty
        changes.append(AccountChange.DUTIES)
    _end_sessions(user, changes, actor)
    if AccountChange.WORK_ADDRESS in changes:
        reset_rights.void(user)
    if changes:
        _tell(user, told, changes, actor, event)
    staff_news.tell(user, had=had, actor=actor)


def _tell(
    user: User,
    before: list[Contact],
    changes: list[AccountChange],
    actor: Actor,
    event: Event | None,
) -> None:
    """N16: by mail, at the old work address and at the new one."""
    told = before + [each for each in contacts.contacts_of(user) if each not in before]
    by_mail = [each for each in told if each.channel == "email"]
    notices.account_changed(user, contacts=by_mail, changes=changes, actor=actor, event=event)


def _give(user: User, held: Collection[Duty], given: Collection[Duty], actor: Actor) -> Event:
    duties.give(user, given)
    return log.record(
        tags.ACCOUNT_DUTIES_CHANGED,
        actor=actor,
        subject=user.public_id,
        given=sorted(each.codename for each in set(given).difference(held)),
        taken=sorted(each.codename for each in set(held).difference(given)),
    )


def deactivate(user: User, *, actor: Actor) -> None:
    """Nothing if the account is inactive already. Raises duties.NobodyLeft."""
    if user.is_active:
        user.is_active = False
        update(user, changed=["is_active"], actor=actor)


def _changes(before: User, after: User) -> list[AccountChange]:
    """Those of which the person is told (N16)."""
    found = []
    if before.work_address != after.work_address:
        found.append(AccountChange.WORK_ADDRESS)
    if before.role != after.role:
        found.append(AccountChange.ROLE)
    if before.is_active != after.is_active:
        found.append(AccountChange.ACTIVATED if after.is_active else AccountChange.DEACTIVATED)
    return found


def _end_sessions(user: User, changes: list[AccountChange], actor: Actor) -> None:
    if not _ENDING.isdisjoint(changes):
        sessions.end_all(user)
        passes.end(user, actor=actor, why="account_changed")


def _record(
    user: User,
    before: User,
    changed: Collection[str],
    changes: list[AccountChange],
    actor: Actor,
    facts: Mapping[str, object],
) -> Event | None:
    """One event for each kind of change; returns the first."""
    events: list[Event] = []

    def add(tag: str, **further: object) -> None:
        known: dict[str, Any] = {**facts, **further}
        events.append(log.record(tag, actor=actor, subject=user.public_id, **known))

    if AccountChange.ROLE in changes:
        add(tags.ACCOUNT_ROLE_CHANGED, old=before.role, new=user.role)
    if AccountChange.DEACTIVATED in changes:
        add(tags.ACCOUNT_DEACTIVATED)
    others = sorted(set(changed) - {"role", "duties"})
    if AccountChange.DEACTIVATED in changes:
        others = [name for name in others if name != "is_active"]
    if others:
        add(tags.ACCOUNT_UPDATED, fields=others)
    return events[0] if events else None
