"""Temporary access pass: R057 to R059 of the requirements."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from accounts import passes, sessions
from accounts.models import Session, TemporaryPass
from methods import registry
from methods.models import Registration
from securityinfo.actor import COMMAND_LINE
from tests import kinds
from tests.accounts.doors import (
    HOME,
    KEEP_SECURE,
    SIGN_IN,
    SUMMARY,
    is_signed_in,
    policy,
    post_password,
    set_up_email,
)
from tests.flows.proofs import CONFIRM, TYPED, has, new_browser, newest, older
from tests.flows.steps import lands, text_of
from tests.flows.walk import Walker, rows
from tests.passes import issue, let_in, type_in

pytestmark = pytest.mark.django_db

OURS = ("accounts:keep-secure", "accounts:sign-out")


def age(**duration):
    by = timedelta(**duration)
    for name in ("created_at", "expires_at", "used_at"):
        TemporaryPass.objects.update(**{name: F(name) - by})


# --- R057: it registers and replaces, and nothing else --------------------------------------------


@pytest.mark.parametrize("whose", ["bob", "carol", "ada"])
def test_after_a_pass_no_page_opens_but_those_of_registering(whose, request):
    """All routes, looking and posting: led back or refused, and nothing was changed."""
    user = request.getfixturevalue(whose)
    app = has(user, "authenticator")
    for each in registry.all_methods():
        kinds.allow(each.kind)
    walker = Walker(let_in(user), {"kind": list(TYPED), "uuid": [app.uuid]})
    before, opened = rows(), set()

    for name, pattern in walker.routes():
        is_open = not getattr(pattern.callback, "login_required", True)
        if name.startswith(OURS) or name == "accounts:sign-in" or is_open:
            continue
        for address in walker.addresses(name, pattern):
            for response in (walker.client.get(address), walker.client.post(address, {})):
                leads = response.get("Location", "").startswith((SIGN_IN, "/admin/"))
                if not (leads or response.status_code in (403, 404, 405)):
                    opened.add(name)

    assert opened == set()
    assert rows() == before
    assert lands(walker.client.get(SIGN_IN), KEEP_SECURE)
    assert not Session.objects.exclude(user=None).exists()


def test_no_post_after_a_pass_ends_in_a_session(bob):
    """R061: not without a method that was set up and proved."""
    app = has(bob, "authenticator")
    kinds.allow("email")
    walker = Walker(let_in(bob), {"kind": ["email"], "uuid": [app.uuid]})

    for name, pattern in walker.routes():
        for address in walker.addresses(name, pattern):
            walker.post(address)
            assert not Session.objects.exclude(user=None).exists(), name
    assert list(Registration.objects.of(bob).confirmed()) == [app]


def test_after_a_quarter_of_an_hour_it_is_over(bob):
    """R057: whatever was done meanwhile, by the database's clock."""
    has(bob, "authenticator")
    kinds.allow("email")
    browser = let_in(bob)

    age(minutes=14, seconds=50)
    before = browser.get(KEEP_SECURE)
    age(seconds=11)
    after = browser.get(KEEP_SECURE)

    assert before.status_code == 200
    assert lands(after, SIGN_IN)
    assert lands(browser.get(KEEP_SECURE), SIGN_IN)


def test_no_step_puts_the_end_off(bob, clock):
    has(bob, "authenticator")
    browser = let_in(bob)

    for _ in range(3):
        clock.advance(minutes=4, seconds=50)
        last = browser.get("/keep-secure/authenticator/")
        browser.post("/keep-secure/authenticator/", {"code": "000000"})
    clock.advance(minutes=1)

    assert last.status_code == 200
    assert lands(browser.get(KEEP_SECURE), SIGN_IN)


def test_the_page_says_until_when(bob, clock):
    has(bob, "authenticator")
    browser = let_in(bob)

    page = browser.get(KEEP_SECURE)

    until = timezone.localtime(clock.now + timedelta(minutes=15))
    assert f"{until:%H:%M}" in text_of(page)


def test_somebody_idle_for_ten_minutes_starts_over(bob):
    """C13."""
    has(bob, "authenticator")
    browser = let_in(bob)
    older(browser, 601, key="flow:sign-in")

    assert lands(browser.get(KEEP_SECURE), SIGN_IN)


def test_what_was_confirmed_stays_when_it_is_over(bob):
    """RR2."""
    kinds.allow("email")
    passes.require(bob)
    browser = let_in(bob)
    set_up_email(browser)
    age(minutes=16)

    assert lands(browser.post(SUMMARY), SIGN_IN)
    assert Registration.objects.of(bob).confirmed().count() == 1
    assert not Session.objects.exclude(user=None).exists()


# --- R058: its sessions end with it ---------------------------------------------------------------


def ended_by_time(user):
    TemporaryPass.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def ended_by_another(user):
    issue(user)


def ended_by_hand(user):
    passes.revoke(user, actor=COMMAND_LINE)


def ended_with_all_sessions(user):
    sessions.end_all(user)


@pytest.mark.parametrize(
    "end", [ended_by_time, ended_by_another, ended_by_hand, ended_with_all_sessions]
)
def test_at_its_end_the_session_is_dead(bob, end):
    has(bob, "authenticator")
    kinds.allow("email")
    browser = let_in(bob)
    browser.post("/keep-secure/email/", {"address": "private@example.net"})
    code = kinds.right(newest(purpose="register"))

    end(bob)
    late = browser.post("/keep-secure/email/verify/", code)

    assert lands(late, SIGN_IN)
    assert lands(browser.get(KEEP_SECURE), SIGN_IN)
    assert not Registration.objects.of(bob).confirmed().filter(kind="email").exists()


def test_a_used_pass_opens_no_second_browser(bob):
    has(bob, "authenticator")
    text = issue(bob)
    for number, browser in enumerate([new_browser(), new_browser()]):
        post_password(browser, "bob")
        page = type_in(browser, text)
        assert page.status_code == (422 if number else 302)


def test_the_cookie_of_before_is_dead_after_the_pass(bob):
    """R067."""
    has(bob, "authenticator")
    text = issue(bob)
    browser = new_browser()
    post_password(browser, "bob")
    old = browser.cookies["session"].value
    type_in(browser, text)

    browser.cookies["session"] = old

    assert lands(browser.get(KEEP_SECURE), SIGN_IN)


# --- R059: neither removing nor administration ----------------------------------------------------


def finished(user):
    """The ordinary session that follows: another app was set up beside the first."""
    browser = let_in(user)
    browser.get("/keep-secure/authenticator/")
    browser.post("/keep-secure/authenticator/", kinds.right(newest(purpose="register")))
    assert lands(browser.post(SUMMARY), HOME)
    return browser


def test_the_session_that_follows_removes_nothing_before_a_proof(bob):
    has(bob, "email")
    app = has(bob, "authenticator")
    browser = finished(bob)
    address = f"/security-info/{app.uuid}/delete/"

    asked = browser.post(address)

    assert is_signed_in(browser)
    assert asked["Location"].startswith(CONFIRM)
    assert Registration.objects.filter(pk=app.pk).exists()


def test_the_new_method_is_no_proof_for_removing_an_older_one(bob):
    """With the reason: only the older ones would do."""
    app = has(bob, "authenticator")
    browser = finished(bob)
    new = Registration.objects.of(bob).exclude(pk=app.pk).get()

    page = browser.get(f"{CONFIRM}another-way/?next=/security-info/{app.uuid}/delete/")

    assert str(new.uuid) not in page.content.decode()
    assert "To change this, confirm with" in text_of(page)


def test_the_session_that_follows_administers_nothing_before_a_proof(ada):
    """R106: the pass is no strong method, and what it let her set up was not yet asked for."""
    has(ada, "authenticator")
    browser = finished(ada)

    page = browser.get("/admin/", follow=True)

    assert page.redirect_chain[-1][0].startswith((CONFIRM, "/confirm/"))


def test_a_pass_proves_nothing_at_step_up(bob):
    """It is for signing in, once."""
    has(bob, "authenticator")
    browser = finished(bob)
    issue(bob)
    policy(step_up_minutes=5)

    page = browser.get(f"{CONFIRM}another-way/?next=/security-info/password/")

    assert "temporary access pass" not in "".join(
        str(card["label"]) for card in (page.context or {}).get("cards", [])
    )
