"""Browsers in which a person has signed in: a stranger's failures don't keep the owner waiting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import BooleanField, Case, ExpressionWrapper, F, Q, When
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
_IS_OLD = ExpressionWrapper(Q(created_at__lt=Now() - timedelta(hours=24)), BooleanField())

# Every sign-in gives its browser another value, whoever else signs in there.
_move = PreparedUpdate(lambda user, old: KnownBrowser.objects.filter(digest=old), -1, "old?")
_NOW_FOR_USER = Case(When(user=-1, then=Now()), default=F("last_used_at"))


@dataclass(frozen=True)
class Known:
    """What is known of this browser as this person's; its name stays while its cookie changes."""

    name: str = ""  # empty if this person has not completed a sign-in here in the last 90 days
    has_own_counters: bool = False  # of the second step


def known(request: HttpRequest, user: User | None) -> Known:
    """Asks by the cookie alone, so that a name that exists takes no longer than one that doesn't.

    Counters of its own has a browser that was known yesterday: whoever has the password and the
    weakest of the methods could else make browsers known, each with further guesses.
    """
    return _known_among(_here(request), user)


def known_as(request: HttpRequest, find: Callable[[], User | None]) -> str:
    """The name of this browser for this person; empty if it isn't known.

    Nobody is looked for where nobody has signed in.
    """
    here = _here(request)
    return _known_among(here, find()).name if here else ""


def _here(request: HttpRequest) -> dict[int, KnownBrowser]:
    """Who has signed in here, by the person's key."""
    key = request.COOKIES.get(COOKIE, "")
    if not key:
        return {}
    here = KnownBrowser.objects.filter(digest=digest(key), last_used_at__gt=Now() - KEPT)
    return {row.user_id: row for row in here.annotate(is_old=_IS_OLD)}


def _known_among(here: dict[int, KnownBrowser], user: User | None) -> Known:
    row = here.get(user.pk) if user is not None else None
    return Known(f"{row.user_id} {row.pk}", bool(vars(row)["is_old"])) if row else Known()


def remember(request: HttpRequest, user: User, completed: Event, *, known: str) -> None:
    """A sign-in was completed here; in its transaction. `completed` is its event.

    `known`: known_as, when it began. Where it wasn't known before, the person is told (N8).
    """
    old, key = request.COOKIES.get(COOKIE, ""), new_key()
    browser_cookies.keep(request, COOKIE, key, max_age=KEPT)
    # Another value each time: one that was planted or stolen is soon worth nothing.
    moved = old and _move(user.pk, digest(old), digest=digest(key), last_used_at=_NOW_FOR_USER)
    if moved and known:
        return
    KnownBrowser.objects.update_or_create(
        user=user, digest=digest(key), defaults={"last_used_at": Now()}
    )
    actor, told = Actor.of(request), contacts.contacts_of(user)
    log.record(tags.BROWSER_KNOWN_ADDED, actor=actor, subject=user.public_id)
    alarms.new_sign_in(user, contacts=told, actor=actor, event=completed)


def forget_old() -> None:
    KnownBrowser.objects.filter(last_used_at__lt=Now() - KEPT).delete()
