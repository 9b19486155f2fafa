"""Trusted browsers: the second step isn't asked for there, for some days (TB1 to TB4).

The cookie holds a series, which stays, and a token, which is another one after every use. Whoever
comes with an old token has a copy of the cookie, or the owner's browser has one that a thief has
used: either way the series ends, and the person is told.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest

from accounts import browser_cookies
from accounts.models import TrustedBrowser, User
from accounts.session_store import digest
from methods import contacts
from methods.models import Registration
from methods.standing import Standing
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.crypto import fingerprint, fingerprints
from securityinfo.messaging import notices
from securityinfo.policy.rules import Settings

COOKIE = browser_cookies.name("trusted-browser")
_BINDING = "trusted browser of"
MOST = 10  # for each person (TB2)
TOKEN_BYTES = 32
CLICKED_TWICE_WITHIN = timedelta(minutes=5)  # or tried again after an answer that got lost


def may_be_offered(user: User, settings: Settings) -> bool:
    """Off by default, and never for agents, administrators and accounts that are frozen."""
    is_ordinary = not user.is_privileged and user.frozen_at is None
    return settings.trusted_browser_days > 0 and is_ordinary


def is_trusted(request: HttpRequest, standing: Standing, *, attempt: str) -> bool:
    """Whether this browser takes the place of the second step; if so, its token is used up.

    `attempt` names the form that was sent: of two clicks on one button both may use it. Not much
    later: whoever has copied all cookies has the form's as well.
    """
    user, settings = standing.user, standing.ruleset.settings
    series, _, token = request.COOKIES.get(COOKIE, "").partition(".")
    if not (token and may_be_offered(user, settings)):
        return False
    following = fingerprint("trusted browser", f"{series} {token} {attempt}")
    with transaction.atomic():
        mine = TrustedBrowser.objects.of(user).filter(series=digest(series))
        good = mine.younger_than(settings.trusted_browser_days).filter(
            bound_to__in=_bound_to(standing)
        )
        used = good.filter(token=digest(token)).update(
            token=digest(following), used_by=attempt, last_used_at=Now()
        )
        just_now = good.filter(last_used_at__gt=Now() - CLICKED_TWICE_WITHIN)
        again = not used and just_now.filter(token=digest(following), used_by=attempt).exists()
        if used:
            log.record(
                tags.BROWSER_TRUSTED_USED,
                actor=Actor.of(request).acting_as(user),
                subject=user.public_id,
            )
        elif not again and mine.exclude(token=digest(token)).delete()[0]:
            _tell_of_theft(request, user)
    if used or again:
        _keep(request, series, following, settings)
    return bool(used or again)


def trust(request: HttpRequest, standing: Standing) -> None:
    """From now on, by the person who has just proved it; in the transaction of the sign-in."""
    user, settings = standing.user, standing.ruleset.settings
    if not may_be_offered(user, settings):
        return
    old = request.COOKIES.get(COOKIE, "").partition(".")[0]
    theirs = TrustedBrowser.objects.of(user)
    theirs.filter(series=digest(old)).delete()
    theirs.filter(pk__in=[each.pk for each in theirs[MOST - 1 :]]).delete()
    series, token = secrets.token_urlsafe(TOKEN_BYTES), secrets.token_urlsafe(TOKEN_BYTES)
    actor = Actor.of(request)
    TrustedBrowser.objects.create(
        user=user,
        series=digest(series),
        token=digest(token),
        bound_to=_bound_to(standing)[0],
        address=actor.origin.address or None,
        browser=actor.origin.browser[:100],
    )
    _keep(request, series, token, settings)
    event = log.record(tags.BROWSER_TRUSTED_ADDED, actor=actor, subject=user.public_id)
    told = contacts.contacts_of(user)
    notices.trusted_browser_added(user, contacts=told, actor=actor, event=event)


@transaction.atomic
def forget(user: User, public_id: UUID, *, actor: Actor) -> bool:
    """One of this person's; False if it isn't theirs or is forgotten already."""
    forgotten, _ = TrustedBrowser.objects.of(user).filter(public_id=public_id).delete()
    if forgotten:
        log.record(tags.BROWSER_TRUSTED_FORGOTTEN, actor=actor, subject=user.public_id)
    return forgotten > 0


def forget_all(user: User) -> int:
    """Something that they are bound to has changed (SE2)."""
    return TrustedBrowser.objects.of(user).delete()[0]


def forget_old() -> None:
    old = timedelta(days=TrustedBrowser.LONGEST)
    TrustedBrowser.objects.filter(created_at__lt=Now() - old).delete()


def what_binds(user: User) -> str:
    """What `bind_anew` needs to know of how it was before."""
    return _binding(user, Registration.objects.confirmed().of(user))


def bind_anew(user: User, before: str) -> None:
    """Fingerprints are other ones, the methods are the same: so is the trust."""
    there = TrustedBrowser.objects.of(user).filter(bound_to__in=fingerprints(_BINDING, before))
    there.update(bound_to=fingerprint(_BINDING, what_binds(user)))


def _bound_to(standing: Standing) -> list[str]:
    """The password and the methods as they are; with other ones it is another account.

    Under each key, the current one first.
    """
    return fingerprints(_BINDING, _binding(standing.user, standing.registrations))


def _binding(user: User, registrations: Iterable[Registration]) -> str:
    methods = sorted(f"{each.uuid} {each.fingerprint}" for each in registrations)
    return " ".join([user.password, *methods])


def _tell_of_theft(request: HttpRequest, user: User) -> None:
    actor = Actor.of(request).acting_as(user)
    event = log.record(
        tags.BROWSER_TRUSTED_REPLAYED, actor=actor, subject=user.public_id, result="refused"
    )
    told = contacts.contacts_of(user)
    notices.trusted_browser_replayed(user, contacts=told, actor=actor, event=event)


def _keep(request: HttpRequest, series: str, token: str, settings: Settings) -> None:
    days = timedelta(days=settings.trusted_browser_days)
    browser_cookies.keep(request, COOKIE, f"{series}.{token}", max_age=days)
