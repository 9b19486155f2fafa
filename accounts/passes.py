"""Temporary access passes: issued by staff, ended, required; each with event and notice."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from accounts import duties, pass_rules
from accounts.models import TemporaryPass, User
from accounts.pass_models import TemporaryPassQuerySet
from accounts.pass_rules import WhyNot
from methods import changes, contacts, registry
from methods.standing import Standing
from securityinfo.actor import COMMAND_LINE, SYSTEM, Actor
from securityinfo.audit import log, tags
from securityinfo.audit.models import Event
from securityinfo.duties import Duty
from securityinfo.messaging import pass_notices
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Purpose

_AT_ONCE = 1000  # of those that time has ended, in one run of the sweeper


class NotIssued(Exception):
    """`why` tells which text to show: pass_rules.in_words."""

    def __init__(self, why: WhyNot) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Issued:
    """Shown once: `text` is kept nowhere."""

    text: str = field(repr=False)
    until: datetime


@transaction.atomic
def issue(user: User, *, actor: Actor, sets_password: bool, **facts: Any) -> Issued:
    """A new pass; an older one, and the session that it opened, is over. Raises NotIssued.

    `sets_password`: "For a new password and signing in". `facts`: of its event.
    """
    user = changes.lock(user)
    method = registry.issued()
    why = pass_rules.may_issue(user, sets_password=sets_password) or pass_rules.whose(user, actor)
    if why is not None or method is None:
        raise NotIssued(why or WhyNot.OFF)
    end(user, actor=actor, why="replaced")
    row = TemporaryPass(user=user, sets_password=sets_password)
    text, row.digest = method.issue(row.id)
    row.expires_at = Now() + timedelta(minutes=policy.current().pass_minutes)
    row.save()
    row.refresh_from_db(fields=["expires_at"])
    event = log.record(
        tags.PASS_ISSUED,
        actor=actor,
        subject=user.public_id,
        kind=method.kind,
        purpose=Purpose.RESET if sets_password else Purpose.SIGN_IN,
        until=row.expires_at.isoformat(),
        **facts,
    )
    told = contacts.contacts_of(user)
    pass_notices.issued(user, contacts=told, sets_password=sets_password, actor=actor, event=event)
    return Issued(text, row.expires_at)


@transaction.atomic
def issue_on_the_server(user: User, *, sets_password: bool) -> Issued:
    """By whoever may run manage.py; every administrator is told. Raises NotIssued."""
    issued = issue(user, actor=COMMAND_LINE, sets_password=sets_password)
    for administrator in duties.holders(Duty.MANAGE_PEOPLE):
        pass_notices.issued_on_the_server(
            administrator,
            contacts=[contacts.work_contact(administrator)],
            whose=user.get_username(),
            actor=COMMAND_LINE,
        )
    return issued


@transaction.atomic
def revoke(user: User, *, actor: Actor) -> bool:
    """The pass and its session are over; False if there was none."""
    user = changes.lock(user)
    event = end(user, actor=actor, why="revoked")
    if event is None:
        return False
    pass_notices.revoked(user, contacts=contacts.contacts_of(user), actor=actor, event=event)
    return True


def end(user: User, *, actor: Actor, why: str) -> Event | None:
    """As `revoke`, without a notice: for what is told of anyway. In a transaction. Its event."""
    mine = TemporaryPass.objects.of(user)
    ended = mine.live().update(ended_at=Now()) + mine.carrying().update(ended_at=Now())
    _note_ends(mine)
    if not ended:
        return None
    return log.record(tags.PASS_REVOKED, actor=actor, subject=user.public_id, reason=why)


def live(user: User) -> TemporaryPass | None:
    """The one that still opens a sign-in."""
    return TemporaryPass.objects.live().of(user).first()


def is_live(user: User) -> bool:
    """As it was when the person was read, if that was read along."""
    known: bool | None = vars(user).get("has_live_pass")
    return known if known is not None else TemporaryPass.objects.live().of(user).exists()


def carries(pass_id: str) -> bool:
    """Whether the session that this pass has opened may go on (R058)."""
    return TemporaryPass.objects.carrying().filter(pk=pass_id).exists()


def finish(pass_id: str) -> None:
    """There are methods now: what it opened has become an ordinary session."""
    TemporaryPass.objects.open().filter(pk=pass_id).update(ended_at=Now())


def require(user: User) -> None:
    """The next sign-in asks for a pass and leads to required registration without grace (HD7).

    As long as policy has `pass_after_reset` on, and until there is a sign-in method again.
    """
    User.objects.filter(pk=user.pk).update(must_use_pass=True)
    user.must_use_pass = True


def is_required(user: User) -> bool:
    return user.must_use_pass and policy.current().pass_after_reset


def sweep() -> None:
    """Note the end of those that time has ended."""
    with transaction.atomic():
        _note_ends(TemporaryPass.objects.all())


def _note_ends(passes: TemporaryPassQuerySet) -> None:
    """An event for each that was never used."""
    for row in passes.run_out().select_related("user")[:_AT_ONCE]:
        ended = TemporaryPass.objects.open().filter(pk=row.pk).update(ended_at=Now())
        if ended and row.used_at is None:
            log.record(tags.PASS_EXPIRED, actor=SYSTEM, subject=row.user.public_id)


def after_security_info_changed(*, user: User, **_: object) -> None:
    """A receiver: whoever has a sign-in method again is asked for that, and for no pass."""
    if not user.must_use_pass:
        return
    standing = Standing.of(user, policy.current_for(user))
    if standing.has_sign_in_method:
        User.objects.filter(pk=user.pk).update(must_use_pass=False)
        user.must_use_pass = False
