"""Which method is asked for first at sign-in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from methods import changes, contacts
from methods.models import Registration
from methods.standing import Standing
from securityinfo import throttling
from securityinfo.actor import Actor
from securityinfo.audit import tags
from securityinfo.messaging import notices
from securityinfo.policy.rules import Reason, Ruleset

if TYPE_CHECKING:
    from accounts.models import User


def make_default(registration: Registration, *, ruleset: Ruleset, actor: Actor) -> bool:
    """Ask for this method first at sign-in. False if it already was.

    Raises changes.Refused and throttling.Throttled.
    """
    hits = changes.charge(registration.user)
    is_new = _make_default(registration, ruleset, actor)
    if not is_new:
        throttling.give_back(*hits)
    return is_new


@transaction.atomic
def _make_default(registration: Registration, ruleset: Ruleset, actor: Actor) -> bool:
    user = changes.lock_for_change(registration.user)
    standing = Standing.of(user, ruleset)
    if registration.pk not in {each.pk for each in standing.for_sign_in}:
        raise changes.Refused(Reason.PURPOSE_OFF)
    if standing.default and standing.default.pk == registration.pk:
        return False
    _set(user, registration)
    event = changes.record(tags.METHOD_DEFAULT_CHANGED, registration, actor, ruleset)
    notices.default_changed(
        user,
        contacts=contacts.contacts_of(user),
        what=changes.what(registration),
        actor=actor,
        event=event,
    )
    return True


def ensure(user: User, ruleset: Ruleset, *, prefer_strongest: bool = False) -> Registration | None:
    """The default sign-in method; if there is none, the strongest becomes it (MG8).

    `prefer_strongest`: in the registration that sign-in demands nobody has chosen yet, so the
    strongest takes the place of a weaker one (RR7).
    """
    standing = Standing.of(user, ruleset)
    if not standing.for_sign_in:
        return standing.default
    if standing.default and not (prefer_strongest and _is_outdone(standing.default, standing)):
        return standing.default
    heir = _strongest(standing.for_sign_in)
    _set(user, heir)
    return heir


def heir_of(registration: Registration, standing: Standing) -> Registration | None:
    """Which method becomes the default when this one, the default now, is deleted."""
    left = standing.without(registration).for_sign_in
    return _strongest(left) if registration.is_default and left else None


def _is_outdone(default: Registration, standing: Standing) -> bool:
    return any(each.method.strength > default.method.strength for each in standing.for_sign_in)


def _strongest(registrations: Sequence[Registration]) -> Registration:
    """Among equals the one used last."""
    return min(
        registrations,
        key=lambda each: (-each.method.strength, -_used(each).timestamp(), each.pk),
    )


def _set(user: User, registration: Registration) -> None:
    Registration.objects.of(user).filter(is_default=True).update(is_default=False)
    Registration.objects.of(user).filter(pk=registration.pk).update(is_default=True)


def _used(registration: Registration) -> datetime:
    return registration.last_used_at or registration.added_at
