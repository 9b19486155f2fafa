"""Replacing a password: check → write → record → notify, and all else that it opened ends."""

from __future__ import annotations

from django.contrib import auth
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts import password_proof, password_rules, passwords, sessions
from accounts.models import User
from accounts.password_rules import Refused
from accounts.session_store import store_of
from accounts.signin_flow import SignInFlow
from methods import contacts
from methods.places import SignedIn
from securityinfo.actor import COMMAND_LINE, Actor
from securityinfo.audit import log, tags
from securityinfo.flows import FlowExpired
from securityinfo.messaging import notices


class WrongCurrent(Exception):
    """What was typed as the current password isn't."""

    def __str__(self) -> str:
        return _("That isn't your current password.")


class Outdated(Exception):
    """The password was changed meanwhile, or all that was open has ended."""


@sensitive_variables("current", "new", "encoded")
def change_own(request: SignedIn, *, current: str, new: str) -> None:
    """By a person who is signed in; this session goes on, under a new id.

    Raises WrongCurrent, Refused, throttling.Throttled, hashers.Busy and, if the session was ended
    in this moment, SessionInterrupted.
    """
    actor = Actor.of(request)
    password_rules.check(new, request.user)
    user = password_proof.prove_own(request, current)
    if user is None:
        raise WrongCurrent
    if constant_time_compare(passwords.normalized(new), passwords.normalized(current)):
        raise Refused(password_rules.already_yours())
    encoded = passwords.encoded(new)
    try:
        with transaction.atomic():
            _replace(user, encoded, actor)
            auth.update_session_auth_hash(request, user)
            store_of(request).save()
    except Outdated:
        raise WrongCurrent from None
    except UpdateError as ended:
        raise SessionInterrupted from ended
    rotate_token(request)


@sensitive_variables("new", "encoded")
def change_due(request: HttpRequest, flow: SignInFlow, user: User, *, new: str) -> None:
    """Within a sign-in, after its last proof; the sign-in under way goes on.

    Raises Refused, FlowExpired and hashers.Busy.
    """
    password_rules.check(new, user)
    password_rules.check_new(new, user)
    encoded = passwords.encoded(new)
    try:
        with transaction.atomic():
            _replace(user, encoded, Actor.of(request).acting_as(user))
    except Outdated:
        SignInFlow.forget(request.session)
        raise FlowExpired from None
    flow.epoch = user.access_epoch
    flow.touch()
    flow.save(request.session)


@sensitive_variables("new", "encoded")
def by_operator(user: User, new: str) -> None:
    """On the server's command line: good for one sign-in, because now two people know it (AC7).

    Raises Outdated and hashers.Busy; the caller has asked the rules.
    """
    encoded = passwords.encoded(new)
    with transaction.atomic():
        _replace(user, encoded, COMMAND_LINE, is_due=True)


def replace(user: User, encoded: str, *, keep: str = "", is_due: bool = False) -> None:
    """Inside a transaction. The session with the key `keep` stays, all others and open flows end.

    Raises Outdated.
    """
    unchanged = User.objects.filter(
        pk=user.pk, password=user.password, access_epoch=user.access_epoch, is_active=True
    )
    if not unchanged.update(
        password=encoded, password_changed_at=Now(), must_change_password=is_due
    ):
        raise Outdated
    user.password, user.must_change_password = encoded, is_due
    sessions.end_others(user, keep=keep)


def _replace(user: User, encoded: str, actor: Actor, *, is_due: bool = False) -> None:
    """`replace`, recorded and told."""
    replace(user, encoded, keep=actor.session, is_due=is_due)
    event = log.record(tags.PASSWORD_CHANGED, actor=actor, subject=user.public_id)
    told = contacts.contacts_of(user)
    notices.password_changed(user, contacts=told, actor=actor, event=event)
