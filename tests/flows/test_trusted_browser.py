"""Stories of a trusted browser, over HTTP: of its owner, of a thief, of a person without one."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import TrustedBrowser, User
from accounts.trusted_browsers import COOKIE
from methods import registry
from methods.models import Registration
from securityinfo.messaging.models import Message
from securityinfo.policy.rules import Purpose
from tests import kinds
from tests.accounts.doors import (
    HOME,
    SIGN_IN,
    VERIFY,
    code_sent,
    confirm,
    forget_what_was_sent,
    has_method,
    is_signed_in,
    policy,
    post_password,
)
from tests.flows.steps import ACTIVITY, lands, text_of

pytestmark = pytest.mark.django_db

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0"
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
SIGNING_IN = [
    each.kind
    for each in registry.all_methods()
    if Purpose.SIGN_IN in each.traits.purposes and not each.is_issued
]
EVERYWHERE = "/security-info/sign-out-everywhere/"


@pytest.fixture(autouse=True)
def a_fortnight(db: None) -> None:
    policy(trusted_browser_days=14, methods_to_register=1)


@pytest.fixture
def home(bob: User) -> Client:
    has_method(bob)
    return Client(HTTP_USER_AGENT=WINDOWS)


def password(browser: Client, name: str = "bob") -> Any:
    """The first step, as if nothing had been sent for a long time."""
    forget_what_was_sent()
    return post_password(browser, name)


def second_step(browser: Client, **ticked: str) -> Any:
    return browser.post(VERIFY, {"code": code_sent()} | ticked)


def trusted(browser: Client) -> Client:
    password(browser)
    assert lands(second_step(browser, trust="on"), HOME)
    browser.post("/sign-out/")
    return browser


def forget_address() -> str:
    return f"/security-info/trusted-browsers/{TrustedBrowser.objects.get().public_id}/forget/"


def test_a_person_ticks_the_box_comes_back_and_forgets_the_browser(home):
    """TB1 to TB4."""
    assert lands(password(home), VERIFY)
    page = home.get(VERIFY)
    assert "Don't ask again on this browser for 14 days" in text_of(page)
    assert "Only on a device that nobody else uses." in text_of(page)
    assert lands(second_step(home, trust="on"), HOME)
    home.post("/sign-out/")

    assert lands(password(home), HOME)
    assert "Firefox on Windows" in text_of(home.get(HOME))
    assert home.post(forget_address())["Location"].startswith("/confirm/")
    assert lands(confirm(home, to=forget_address()), forget_address())
    asked = home.get(forget_address())  # to press the button again
    assert "Forget this trusted browser?" in asked.content.decode()
    assert lands(home.post(forget_address()), HOME)

    page = text_of(home.get(HOME))
    assert "That browser is forgotten." in page
    assert "Trusted browsers" not in page
    home.post("/sign-out/")
    assert lands(password(home), VERIFY)


def test_a_thief_with_a_copy_and_the_password_is_found_when_the_owner_comes(home, bob):
    """TB3."""
    trusted(home)
    thief = Client(HTTP_USER_AGENT=LINUX)
    thief.get(SIGN_IN)
    thief.cookies[COOKIE] = home.cookies[COOKIE].value
    assert lands(password(thief), HOME)
    assert thief.get("/security-info/add/")["Location"].startswith("/confirm/")

    assert lands(password(home), VERIFY)
    assert lands(second_step(home), HOME)

    subjects = {each.sealed["subject"] for each in Message.objects.filter(category="notice")}
    assert "Somebody may know your password" in subjects
    assert "A copy of a trusted browser was used" in text_of(home.get(ACTIVITY))
    assert lands(home.post(EVERYWHERE), SIGN_IN)
    assert not is_signed_in(thief)
    assert lands(password(thief), VERIFY)


def test_whoever_lost_the_device_ends_it_from_another_browser(home):
    """SE3."""
    trusted(home)
    office = Client(HTTP_USER_AGENT=LINUX)
    password(office)
    second_step(office)
    assert (
        "This ends 1 session and forgets 1 trusted browser, this browser included. "
        "Your methods stay."
    ) in text_of(office.get(EVERYWHERE))

    office.post(EVERYWHERE)

    assert lands(password(home), VERIFY)
    assert Registration.objects.count() == 1


def test_the_page_counts_several(home):
    """SE3."""
    trusted(home)
    trusted(Client())
    browsers = [Client(HTTP_USER_AGENT=LINUX) for _ in range(3)]
    for browser in browsers:
        password(browser)
        second_step(browser)

    page = text_of(browsers[0].get(EVERYWHERE))

    assert "This ends 3 sessions and forgets 2 trusted browsers, this browser included." in page


def test_a_person_who_does_not_tick_it_is_asked_every_time(home):
    """TB1."""
    for _ in range(2):
        assert lands(password(home), VERIFY)
        assert lands(second_step(home), HOME)
        home.post("/sign-out/")


@pytest.mark.parametrize("kind", SIGNING_IN)
def test_the_box_is_beside_the_answer_of_every_kind(bob, kind):
    """TB1: also where nothing is typed."""
    kinds.allow(kind)
    kinds.register(bob, kind)
    kinds.pass_time(hours=1)
    browser = Client()
    assert lands(password(browser), VERIFY)

    page = browser.get(VERIFY)

    assert "Don't ask again on this browser for 14 days" in text_of(page)
    assert page.content.decode().count('name="trust"') == 1


def test_a_wrong_code_keeps_the_tick(home):
    """Nobody has to tick it a second time."""
    password(home)
    wrong = "000000" if code_sent() != "000000" else "000001"

    page = home.post(VERIFY, {"code": wrong, "trust": "on"})

    assert page.status_code == 422
    assert "checked" in page.content.decode()
    assert not TrustedBrowser.objects.exists()


def test_a_day_is_one_day(home):
    policy(trusted_browser_days=1)
    password(home)

    assert "Don't ask again on this browser for 1 day " in text_of(home.get(VERIFY))


def test_where_the_policy_has_it_off_nothing_of_it_is_to_be_seen(home):
    """TB1: off by default."""
    trusted(home)
    policy(trusted_browser_days=0)

    assert lands(password(home), VERIFY)
    assert "again on this browser" not in text_of(home.get(VERIFY))
    second_step(home)
    assert "Trusted browsers" not in text_of(home.get(HOME))
    assert "This ends 1 session, this browser included." in text_of(home.get(EVERYWHERE))


def test_a_browser_for_two_people_trusts_the_one_who_ticked(home, eve):
    has_method(eve, "eve@example.net")
    trusted(home)

    assert lands(password(home, "eve"), VERIFY)
    assert lands(second_step(home), HOME)
    home.post("/sign-out/")

    assert lands(password(home), HOME)


def test_it_is_confirming_that_is_asked_for_and_nothing_at_sign_in(home):
    """SU1: "Confirm it's you" has no box."""
    trusted(home)
    password(home)

    page = home.get("/confirm/another-way/?next=/security-info/add/")

    assert "again on this browser" not in text_of(page)
    way = page.context["cards"][0]["value"]
    forget_what_was_sent()
    home.post("/confirm/another-way/?next=/security-info/add/", {"way": way})
    asked = home.get("/confirm/?next=/security-info/add/")
    assert asked.status_code == 200
    assert "again on this browser" not in text_of(asked)
