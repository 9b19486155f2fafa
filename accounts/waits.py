"""Everything that makes one person wait at sign-in and in resets, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from accounts import attempts
from accounts.models import KnownBrowser, User
from methods import unlocking
from methods.models import Registration
from securityinfo import clock, throttling
from securityinfo.audit import log, tags

MOST_BROWSERS = 50
MOST_ADDRESSES = 100


def of(person: User) -> list[throttling.Try]:
    """Every counter that can hold this person back, but for those of a whole network."""
    browsers = _browsers(person)
    registrations = Registration.objects.of(person).confirmed()
    return [
        *attempts.counters_of(person, _addresses(person), browsers),
        *unlocking.answers_of(person, browsers),
        *unlocking.sends_of(person, registrations, browsers),
    ]


def until(person: User) -> datetime | None:
    """When the longest of them ends; None if nothing holds this person back."""
    return throttling.free_at(of(person))


def _browsers(person: User) -> list[str]:
    """Those that have counters of their own; see browsers.known."""
    latest = KnownBrowser.objects.filter(user=person).order_by("-last_used_at")
    return [f"{person.pk} {pk}" for pk in latest.values_list("pk", flat=True)[:MOST_BROWSERS]]


def _addresses(person: User) -> Iterable[str]:
    """From where wrong passwords came in the last day: each of them counts by itself."""
    since = clock.now() - timedelta(days=1)
    refused = log.of_person(person.public_id, since=since).filter(
        tag=tags.SIGN_IN_PASSWORD_REFUSED, origin__isnull=False
    )
    return set(refused.values_list("origin__address", flat=True)[:MOST_ADDRESSES])
