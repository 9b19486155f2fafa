"""An administrator made on the server, and the link at which the first password is chosen."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables

from accounts import duties, password_change, password_rules, passwords, signin, staff_news
from accounts.models import Role, User, Welcome
from accounts.password_change import Outdated
from accounts.session_store import digest
from methods import contacts
from securityinfo.actor import COMMAND_LINE, Actor
from securityinfo.audit import log, tags
from securityinfo.duties import Duty
from securityinfo.flows import FlowExpired
from securityinfo.messaging import notices

LASTS = timedelta(hours=1)
TOKEN_BYTES = 32  # 256 bits


class NotNew(Exception):
    """Somebody of this name is here already, and has a password or has signed in."""


@dataclass(frozen=True)
class Link:
    """Shown once: the token is kept nowhere."""

    address: str = field(repr=False)
    until: datetime


@transaction.atomic
def invite(user_name: str, work_address: str, *, actor: Actor = COMMAND_LINE) -> Link:
    """A new administrator, or another link for one who hasn't come in yet; the older one is over.

    Raises NotNew, and ValidationError for a name or an address that can't be used.
    """
    user = User.objects.named(user_name)
    if user is None:
        user = _created(user_name, work_address, actor)
    elif not is_waiting(user):
        raise NotNew
    elif user.work_address != work_address.lower():  # mistyped the first time
        user.work_address = work_address
        user.full_clean(exclude=["password"])
        user.save(update_fields=["work_address"])
        log.record(
            tags.ACCOUNT_UPDATED, actor=actor, subject=user.public_id, fields=["work_address"]
        )
    return _link(user, actor)


def is_waiting(user: User) -> bool:
    """Made here, and nobody has come in yet."""
    is_administrator = user.role == Role.ADMINISTRATOR and user.is_active
    return is_administrator and user.last_sign_in_at is None and not user.has_usable_password()


def _created(user_name: str, work_address: str, actor: Actor) -> User:
    user = User.objects.create_user(user_name, work_address, role=Role.ADMINISTRATOR)
    duties.give(user, [Duty.EDIT_POLICY])
    log.record(tags.ACCOUNT_CREATED, actor=actor, subject=user.public_id, role=user.role)
    staff_news.tell(user, had=frozenset(), actor=actor)
    return user


def _link(user: User, actor: Actor) -> Link:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    values = {"digest": digest(token), "expires_at": Now() + LASTS}
    row, _made = Welcome.objects.update_or_create(user=user, defaults=values)
    row.refresh_from_db(fields=["expires_at"])
    log.record(
        tags.ACCOUNT_INVITED,
        actor=actor,
        subject=user.public_id,
        until=row.expires_at.isoformat(),
    )
    return Link(settings.PUBLIC_URL + reverse("accounts:welcome", args=[token]), row.expires_at)


def find(token: str) -> Welcome | None:
    """The link with its person, while it works."""
    return Welcome.objects.open().select_related("user").filter(digest=digest(token)).first()


@sensitive_variables("new", "encoded")
def accept(request: HttpRequest, link: Welcome, new: str) -> str:
    """Uses the link up, sets the password, and goes on to the first method. The next address.

    Nothing is open before a strong method is registered: staff never sign in without one (SI10).
    Raises password_rules.Refused, FlowExpired and hashers.Busy.
    """
    user = link.user
    password_rules.check(new, user)
    encoded = passwords.encoded(new)
    actor = Actor.of(request).acting_as(user)
    try:
        with transaction.atomic():
            _use(link, user, encoded, actor)
    except Outdated:
        raise FlowExpired from None
    request.session.flush()  # whoever was signed in here before
    flow = signin.started(request, user, reverse("admin:index"))
    return signin.go_on(request, flow, user)


def _use(link: Welcome, user: User, encoded: str, actor: Actor) -> None:
    """Of many at the same time one gets through. Raises Outdated."""
    used, _ = Welcome.objects.open().filter(pk=link.pk, digest=link.digest).delete()
    if not used:
        raise Outdated
    password_change.replace(user, encoded)
    event = log.record(tags.ACCOUNT_WELCOMED, actor=actor, subject=user.public_id)
    told = contacts.contacts_of(user)
    notices.password_changed(user, contacts=told, actor=actor, event=event)
