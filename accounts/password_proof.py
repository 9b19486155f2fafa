"""A password proved: one comparison, limited and recorded, for signing in and for confirming."""

from __future__ import annotations

from functools import cache

from django.db import transaction
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from accounts import attempts, browsers, passwords
from accounts.hashers import Busy
from accounts.models import User
from methods.places import SignedIn
from securityinfo import throttling
from securityinfo.actor import Actor
from securityinfo.audit import log, tags


@sensitive_variables("password")
def prove(request: HttpRequest, *, typed: str, password: str, purpose: str) -> User | None:
    """The active person with this name and password; every failure takes one hash's time.

    Raises throttling.Throttled (nothing was compared) and hashers.Busy.
    """
    named = cache(lambda: User.objects.named(typed))  # a flood is refused before anybody is found
    charged = attempts.charge(
        typed,
        Actor.of(request).origin,
        purpose=purpose,
        browser=lambda: browsers.known_as(request, named),
    )
    user = named()
    try:
        right = passwords.matches(user, password)
    except Busy:
        throttling.give_back(*charged)
        raise
    if user is None or not right or not user.is_active:
        _record_refusal(request, user, typed=typed, right=right, purpose=purpose)
        return None
    throttling.give_back(*charged)
    if purpose == "sign_in":
        with transaction.atomic():
            actor = Actor.of(request).acting_as(user)
            log.record(tags.SIGN_IN_PASSWORD_ACCEPTED, actor=actor, subject=user.public_id)
    return user


@sensitive_variables("password")
def prove_own(request: SignedIn, password: str) -> User | None:
    """The person who is signed in, read anew, if this is their password. Raises as `prove` does."""
    name = request.user.get_username()
    user = prove(request, typed=name, password=password, purpose="confirm")
    return user if user == request.user else None


def _record_refusal(
    request: HttpRequest, user: User | None, *, typed: str, right: bool, purpose: str
) -> None:
    reason = "unknown" if user is None else "inactive" if right else "wrong"
    subject = user.public_id if user else None
    actor = Actor.of(request)
    waits = attempts.is_held(typed, purpose=purpose)
    with transaction.atomic():
        log.record(
            tags.SIGN_IN_PASSWORD_REFUSED,
            actor=actor,
            subject=subject,
            result="refused",
            reason=reason,
            purpose=purpose,
        )
        if waits:
            log.record(tags.SIGN_IN_WAITING_STARTED, actor=actor, subject=subject)
