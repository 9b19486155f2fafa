"""The end of a reset: the password is replaced, and all else that the old one opened ends."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts import (
    attempts,
    browsers,
    duties,
    password_change,
    password_rules,
    passwords,
    reset_policy,
    reset_rights,
)
from accounts.models import TemporaryPass, User
from accounts.password_change import Outdated
from accounts.password_rules import Refused
from accounts.reset import State, UnderWay
from accounts.reset_models import PasswordReset, ResetRight
from methods import changes, contacts
from methods.models import Registration
from methods.standing import Standing
from securityinfo import clock, throttling
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.duties import Duty
from securityinfo.flows import FlowExpired
from securityinfo.messaging import notices
from securityinfo.policy import service as policy
from securityinfo.throttling import limits


@sensitive_variables("new", "encoded")
def finish(request: HttpRequest, under_way: UnderWay, new: str) -> None:
    """Sets the password, once; nobody is signed in afterwards, whoever was before.

    Raises password_rules.Refused, FlowExpired (the right is used, old or worth nothing any more),
    throttling.Throttled and hashers.Busy.
    """
    user, reset = under_way.user, under_way.reset
    right = reset_rights.find(request, reset, user)
    if right is None:
        raise FlowExpired
    password_rules.check(new, user)
    throttling.hit(limits.RESET_PASSWORDS_BY_ACCOUNT, str(user.pk))
    if passwords.matches(user, new):
        text = _(
            "This is your current password. "
            "You can go back and sign in with it, or choose another one."
        )
        raise Refused(text)
    encoded = passwords.encoded(new)
    actor = Actor.of(request).acting_as(user)
    try:
        with transaction.atomic():
            held_until = _replace(user, encoded, reset, right, actor)
            attempts.forget(user, actor.origin, browser=browsers.known(request, user).name)
    except Outdated:
        raise FlowExpired from None
    _end(request, under_way, held_until)


def _replace(
    user: User, encoded: str, reset: PasswordReset, right: ResetRight, actor: Actor
) -> datetime | None:
    """Inside a transaction. Until when the one channel that was proved is held; None if it isn't.

    Raises Outdated.
    """
    locked = changes.lock(user)  # first, as every change does: of many posts the others wait here
    signed_in_meanwhile = locked.last_sign_in_at != user.last_sign_in_at
    if signed_in_meanwhile or _is_pass_over(reset) or not reset_rights.use(right):
        raise Outdated
    password_change.replace(user, encoded)
    event = log.record(tags.RESET_COMPLETED, actor=actor, subject=user.public_id)
    held_until = _hold(user, reset, actor)
    told = contacts.contacts_of(user)
    notices.password_reset(user, contacts=told, actor=actor, event=event)
    if user.is_privileged:
        _tell_administrators(user, actor)
    return held_until


def _is_pass_over(reset: PasswordReset) -> bool:
    """It was revoked, or another one was issued, since this request has read the reset."""
    used = reset.by_pass_id
    return used is not None and not TemporaryPass.objects.open().filter(pk=used).exists()


def _hold(user: User, reset: PasswordReset, actor: Actor) -> datetime | None:
    """PR8: one channel doesn't open both doors."""
    channels = reset_policy.channels_proved(reset)
    first = reset.first
    if first is None or len(channels) != 1:
        return None
    until = clock.now() + timedelta(hours=policy.current().reset_hold_hours)
    Registration.objects.of(user).confirmed().on(channels).update(held_until=until)
    log.record(
        tags.RESET_HOLD_STARTED,
        actor=actor,
        subject=user.public_id,
        kind=first.kind,
        masked=first.summary,
        until=until.isoformat(),
    )
    is_felt = any(each.pk == first.pk for each in Standing.of(user, policy.current_for(user)).held)
    return until if is_felt else None


def _tell_administrators(user: User, actor: Actor) -> None:
    """PR13: a reset of somebody who can help or administer is news to all who could."""
    others = duties.holders(Duty.MANAGE_PEOPLE).exclude(pk=user.pk)
    for administrator in others:
        notices.staff_password_reset(
            administrator,
            contacts=[contacts.work_contact(administrator)],
            whose=user.username,
            actor=actor,
        )


def _end(request: HttpRequest, under_way: UnderWay, held_until: datetime | None) -> None:
    """A new session, nobody's, that knows only that it is done."""
    flow, first = under_way.flow, under_way.reset.first
    flow.move(State.DONE)
    if held_until is not None and first is not None:
        flow.held, flow.held_until = first.kind, held_until.timestamp()
    if under_way.reset.by_pass is not None:
        flow.pass_until = under_way.reset.by_pass.expires_at.timestamp()
    request.session.flush()
    rotate_token(request)
    flow.save(request.session)
