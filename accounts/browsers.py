"""Browsers in which a person has signed in: a stranger's failures don't keep the owner waiting."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Case, F, When
from django.db.models.functions import Now
from django.http import HttpRequest

from accounts import browser_cookies
from accounts.models import KnownBrowser, User
from accounts.session_store import digest, new_key
from methods import contacts
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.audit.models import Event
from securityinfo.messaging import alarms
from securityinfo.prepared import PreparedUpdate

COOKIE = browser_cookies.name("known-browser")
KEPT = timedelta(days=90)

# Every sign-in gives its browser another value, whoever else signs in there.
_move = PreparedUpdate(lambda user, old: KnownBrowser.objects.filter(digest=old), -1, "old?")
_NOW_FOR_USER = Case(When(user=-1, then=Now()), default=F("last_used_at"))


def known_as(request: HttpRequest, user: User | None) -> str:
    """A name for this browser, if this person has completed a sign-in here in the last 90 days.

    Asks by the cookie alone, so that a name that exists takes no longer than one that doesn't.
    """
    key = request.COOKIES.get(COOKIE, "")
    if not key:
        return ""
    known = KnownBrowser.objects.filter(digest=digest(key), last_used_at__gt=Now() - KEPT)
    people = set(known.values_list("user_id", flat=True))
    return _name(user, key) if user is not None and user.pk in people else ""


def remember(request: HttpRequest, user: User, completed: Event, *, known: str) -> None:
    """A sign-in was completed here; in its transaction. `completed` is its event.

    `known`: known_as, when it began. Where it wasn't known before, the person is told (N8).
    """
    old, key = request.COOKIES.get(COOKIE, ""), new_key()
    browser_cookies.keep(request, COOKIE, key, max_age=KEPT)
    # Another value each time: one that was planted or stolen is soon worth nothing.
    moved = old and _move(user.pk, digest(old), digest=digest(key), last_used_at=_NOW_FOR_USER)
    if moved and known == _name(user, old):
        return
    KnownBrowser.objects.update_or_create(
        user=user, digest=digest(key), defaults={"last_used_at": Now()}
    )
    actor, told = Actor.of(request), contacts.contacts_of(user)
    log.record(tags.BROWSER_KNOWN_ADDED, actor=actor, subject=user.public_id)
    alarms.new_sign_in(user, contacts=told, actor=actor, event=completed)


def _name(user: User, key: str) -> str:
    return f"{user.pk} {digest(key)}"


def forget_old() -> None:
    KnownBrowser.objects.filter(last_used_at__lt=Now() - KEPT).delete()
