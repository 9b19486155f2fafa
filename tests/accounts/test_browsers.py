"""Known browsers: a stranger's failures don't keep the owner waiting."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import browsers
from accounts.models import KnownBrowser
from accounts.session_store import digest
from securityinfo.audit.models import Event
from securityinfo.throttling import limits
from tests.accounts import doors

pytestmark = pytest.mark.django_db

WRONG = "not the password at all"


@pytest.fixture(autouse=True)
def long_waits(monkeypatch):
    """The first wait is a second: on a busy machine it would be over before the next try."""
    monkeypatch.setattr(limits, "PASSWORD_HOLD", replace(limits.PASSWORD_HOLD, waits=(60,)))


@pytest.fixture
def at_home(bob):
    return doors.at_home(bob)


def flood(name: str, tries: int) -> None:
    """Strangers guess, each from an address of their own."""
    for number in range(tries):
        doors.post_sign_in(Client(), name, WRONG, REMOTE_ADDR=f"198.51.100.{number}")


def test_no_stranger_keeps_the_owner_from_signing_in(at_home, bob):
    """R092: the account is held back for everybody else."""
    flood("bob", 12)

    stranger = doors.post_sign_in(Client(), "bob", REMOTE_ADDR="203.0.113.1")
    owner = doors.post_sign_in(at_home, "bob", REMOTE_ADDR="203.0.113.2")

    assert stranger.status_code == 429
    assert owner.status_code == 302
    assert doors.is_signed_in(at_home)


def test_a_known_browser_has_limits_of_its_own(at_home, bob):
    for _ in range(10):
        doors.post_sign_in(at_home, "bob", WRONG)

    assert doors.post_sign_in(at_home, "bob").status_code == 429


def test_a_known_browser_that_moves_from_network_to_network_is_held_back_too(at_home, bob):
    """R091, R092: a stolen cookie is no way around the wait, whatever name is typed."""
    for number in range(12):
        name = "bob" if number % 2 else bob.work_address
        doors.post_sign_in(at_home, name, WRONG, REMOTE_ADDR=f"198.51.100.{number}")

    answer = doors.post_sign_in(at_home, "bob", REMOTE_ADDR="203.0.113.6")

    assert answer.status_code == 429
    assert doors.post_sign_in(Client(), "bob", REMOTE_ADDR="203.0.113.7").status_code == 302


def test_a_browser_is_known_to_its_own_person_only(at_home, bob, eve):
    doors.has_method(eve, "eve@example.net")
    flood("eve", 12)

    assert doors.post_sign_in(at_home, "eve", REMOTE_ADDR="203.0.113.3").status_code == 429


def test_the_cookie_is_worth_nothing_after_the_next_sign_in(at_home, bob):
    stolen = at_home.cookies[browsers.COOKIE].value
    doors.post_sign_in(at_home, "bob")

    assert at_home.cookies[browsers.COOKIE].value != stolen
    assert not KnownBrowser.objects.filter(digest=digest(stolen)).exists()
    assert KnownBrowser.objects.filter(user=bob).count() == 1


def test_a_planted_cookie_is_never_adopted(bob):
    doors.has_method(bob)
    victim = Client()
    victim.cookies[browsers.COOKIE] = "planted" * 4

    doors.post_sign_in(victim, "bob")

    assert not KnownBrowser.objects.filter(digest=digest("planted" * 4)).exists()


def test_two_people_of_one_browser_are_both_known(at_home, bob, eve):
    doors.has_method(eve, "eve@example.net")
    doors.post_sign_in(at_home, "eve")

    assert KnownBrowser.objects.values("digest").distinct().count() == 1
    assert KnownBrowser.objects.count() == 2


def test_the_cookie_is_for_our_pages_alone(at_home):
    cookie = at_home.cookies[browsers.COOKIE]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["domain"]


def test_a_browser_is_recorded_once(at_home, bob):
    doors.post_sign_in(at_home, "bob")

    assert Event.objects.filter(tag="browser.known_added", subject=bob.public_id).count() == 1


def test_a_browser_is_forgotten_after_90_days(at_home, bob):
    KnownBrowser.objects.update(last_used_at=timezone.now() - timedelta(days=91))
    flood("bob", 12)

    answer = doors.post_sign_in(at_home, "bob", REMOTE_ADDR="203.0.113.4")
    browsers.forget_old()

    assert answer.status_code == 429
    assert not KnownBrowser.objects.exists()


def test_an_unknown_name_asks_the_same_of_the_database(at_home, eve):
    """R062: the cookie of a known browser makes no name slower than another."""
    counts = []
    for name in ("eve", "nobody"):
        doors.post_sign_in(at_home, name, WRONG, REMOTE_ADDR="203.0.113.5")
        with CaptureQueriesContext(connection) as queries:
            doors.post_sign_in(at_home, name, WRONG, REMOTE_ADDR="203.0.113.5")
        counts.append(len(queries))

    assert counts[0] == counts[1]
