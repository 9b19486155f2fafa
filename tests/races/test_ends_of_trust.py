"""One trusted browser's cookie, used many times at once on PostgreSQL."""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Callable
from dataclasses import replace
from http.cookies import SimpleCookie

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts import sessions, trusted_browsers
from accounts.models import TrustedBrowser, User
from methods.models import Registration
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.throttling import limits
from securityinfo.throttling.models import Counter
from tests.accounts.doors import (
    HOME,
    SIGN_IN,
    VERIFY,
    code_sent,
    forget_what_was_sent,
    has_method,
    policy,
    post_password,
)
from tests.cast import PASSWORD
from tests.races.crowd import all_at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

COOKIE = trusted_browsers.COOKIE
ANOTHER_WAY = "/sign-in/another-way/"
CROWD = 20
ROUNDS = 6


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits far away, so that the row alone has to hold."""
    for name in ("PASSWORD_BY_ACCOUNT_AND_ADDRESS", "ANSWERS_BY_ADDRESS", "ANSWERS_BY_ACCOUNT"):
        far = tuple(replace(each, hits=10_000) for each in vars(limits)[name])
        monkeypatch.setattr(limits, name, far)
    monkeypatch.setattr(limits, "PASSWORD_HOLD", replace(limits.PASSWORD_HOLD, free=10_000))


@pytest.fixture
def at_home(bob: User) -> Client:
    """A browser that bob trusts, with the sign-in form open."""
    policy(trusted_browser_days=30)
    has_method(bob)
    browser = Client()
    trust(browser)
    browser.get(SIGN_IN)
    return browser


def trust(browser: Client) -> None:
    forget_what_was_sent()
    post_password(browser, "bob")
    browser.post(VERIFY, {"code": code_sent(), "trust": "on"})
    browser.post("/sign-out/")


def twin_of(browser: Client) -> Client:
    """Another click in the same browser: the same cookies, an answer of its own."""
    twin = Client()
    twin.cookies = SimpleCookie({name: each.value for name, each in browser.cookies.items()})
    return twin


def with_a_copy_from(browser: Client) -> Client:
    """Another browser with a form of its own, and the cookie alone."""
    thief = Client()
    thief.get(SIGN_IN)
    thief.cookies[COOKIE] = browser.cookies[COOKIE].value
    return thief


def press(browser: Client) -> str:
    """Where the right password leads from here."""
    return browser.post(SIGN_IN, {"name": "bob", "password": PASSWORD})["Location"]


def replays() -> int:
    return Event.objects.filter(tag="browser.trusted_replayed").count()


def test_twenty_equal_posts_all_sign_in_and_are_one_use(at_home):
    """TB3: whoever presses the button twice is no thief, and is left with one good cookie."""
    twins = [twin_of(at_home) for _ in range(CROWD)]

    found = all_at_once(lambda number: press(twins[number]), times=CROWD)

    assert Count(found) == {HOME: CROWD}
    assert len({twin.cookies[COOKIE].value for twin in twins}) == 1
    assert Event.objects.filter(tag="browser.trusted_used").count() == 1
    assert replays() == 0
    twins[0].post("/sign-out/")
    assert press(twins[0]) == HOME


def test_of_owner_and_thief_at_once_one_gets_in_and_the_series_ends(at_home):
    """TB3: the row decides who was first; the other one is asked for a method."""
    for _ in range(ROUNDS):
        forget_what_was_sent()
        both = [twin_of(at_home), with_a_copy_from(at_home)]

        found = all_at_once(lambda number, both=both: press(both[number]), times=2)

        assert Count(found) == {HOME: 1, VERIFY: 1}
        assert not TrustedBrowser.objects.exists()
        at_home = Client()
        trust(at_home)
    assert replays() == ROUNDS


def test_a_crowd_of_thieves_is_found_once_and_told_once(at_home, bob):
    """N9: the person gets no letter for each of them."""
    press(twin_of(at_home))
    Message.objects.all().delete()
    forget_what_was_sent()
    thieves = [with_a_copy_from(at_home) for _ in range(CROWD // 2)]

    found = all_at_once(lambda number: press(thieves[number]), times=CROWD // 2)

    assert Count(found) == {VERIFY: CROWD // 2}
    assert replays() == 1
    notices = [each.sealed for each in Message.objects.filter(user=bob, category="notice")]
    assert len([each for each in notices if each["to"] == bob.work_address]) == 1


def test_whoever_comes_while_all_sessions_end_leaves_no_trust(at_home, bob):
    """SE2: whichever of the two is first."""
    for _ in range(ROUNDS):
        forget_what_was_sent()
        here = twin_of(at_home)
        moves = [lambda here=here: press(here), lambda: sessions.end_all(User.objects.get())]

        all_at_once(lambda number, moves=moves: moves[number](), times=2)

        assert not TrustedBrowser.objects.exists()
        here.cookies.pop("session", None)
        forget_what_was_sent()
        assert press(here) == VERIFY
        at_home = Client()
        trust(at_home)


def test_a_browser_is_trusted_or_all_sessions_have_ended(bob):
    """SE2: no trust is left over by a sign-in that came too late."""
    policy(trusted_browser_days=30)
    has_method(bob)
    for _ in range(ROUNDS):
        forget_what_was_sent()
        browser = Client()
        post_password(browser, "bob")
        form = {"code": code_sent(), "trust": "on"}
        moves = [
            lambda browser=browser, form=form: browser.post(VERIFY, form),
            lambda: sessions.end_all(User.objects.get()),
        ]

        all_at_once(lambda number, moves=moves: moves[number](), times=2)

        assert not TrustedBrowser.objects.exists()


def test_never_more_than_ten_though_many_are_added_at_once(bob):
    """TB2: each by a method of its own, so that no code is the other's."""
    policy(trusted_browser_days=30)
    has_method(bob)
    methods = [second_method(bob, f"bob{number}@example.net") for number in range(5)]
    for _ in range(trusted_browsers.MOST):
        trust(Client())
    ready = [waiting_for(each) for each in methods]

    found = all_at_once(lambda number: ready[number]()["Location"], times=len(ready))

    assert TrustedBrowser.objects.count() == trusted_browsers.MOST
    assert Count(found) == {HOME: len(methods)}


def second_method(user: User, address: str) -> Registration:
    return Registration.objects.create(
        user=user,
        kind="email",
        confirmed=True,
        details={"address": address},
        fingerprint=address,
        channel=address,
    )


def waiting_for(method: Registration) -> Callable[[], HttpResponse]:
    """A browser with the right code and the tick, one click before the end."""
    Counter.objects.all().delete()
    browser = Client()
    post_password(browser, "bob")
    browser.post(ANOTHER_WAY, {"way": str(method.uuid)})
    challenge = method.challenges.latest("issued_at")
    form = {"code": challenge.prompt(method.details).code, "trust": "on"}
    return lambda: browser.post(VERIFY, form)
