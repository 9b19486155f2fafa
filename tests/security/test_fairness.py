"""Whoever merely knows the password slows down nobody but themselves (R092, issue of fairness)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client

from accounts.models import KnownBrowser, Session
from methods.models import Challenge
from securityinfo.throttling import limits
from tests import kinds
from tests.accounts.doors import (
    HOME,
    VERIFY,
    code_sent,
    has_method,
    is_signed_in,
    main_of,
    post_password,
    post_sign_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def own_browser(bob) -> Client:
    """In which bob has signed in the day before yesterday."""
    has_method(bob)
    client = Client()
    post_sign_in(client, "bob")
    client.post("/sign-out/")
    KnownBrowser.objects.update(created_at=F("created_at") - timedelta(days=2))
    return client


def guess(client: Client) -> int:
    return client.post(VERIFY, {"code": "000000"}, REMOTE_ADDR="203.0.113.9").status_code


def test_guesses_elsewhere_do_not_stop_the_owner_here(own_browser):
    kinds.pass_time(minutes=31)
    stranger = Client()
    post_password(stranger, "bob", REMOTE_ADDR="203.0.113.9")
    answers = [guess(stranger) for _ in range(6)]
    assert answers[-1] == 429

    response = post_sign_in(own_browser, "bob")

    assert response["Location"] == HOME
    assert is_signed_in(own_browser)


def test_codes_sent_elsewhere_do_not_use_up_the_owners(own_browser):
    for number in range(6):
        kinds.pass_time(minutes=31)
        sent = post_password(Client(), "bob", REMOTE_ADDR=f"203.0.113.{number}")
        assert sent["Location"] == VERIFY
    stopped = Client()
    kinds.pass_time(minutes=31)
    post_password(stopped, "bob")
    assert "No more codes can be sent" in stopped.get(VERIFY).content.decode()

    post_password(own_browser, "bob")

    assert own_browser.post(VERIFY, {"code": code_sent()})["Location"] == HOME


def test_the_owners_own_guesses_are_limited_all_the_same(own_browser):
    kinds.pass_time(minutes=31)
    post_password(own_browser, "bob")

    answers = [guess(own_browser) for _ in range(7)]

    assert 429 in answers
    assert limits.ANSWERS_BY_ACCOUNT[-1].hits == 5


def test_a_sign_in_begun_elsewhere_does_not_end_the_owners(bob):
    """What an app shows is as good as before, whoever asks for it meanwhile."""
    kinds.allow("authenticator")
    app = kinds.register(bob, "authenticator")
    type(app).objects.update(last_counter=0)
    owner, stranger = Client(), Client()
    post_password(owner, "bob")
    challenge = Challenge.objects.get(purpose="sign_in", closed_at=None)
    post_password(stranger, "bob")

    response = owner.post(VERIFY, kinds.right(challenge))

    assert response["Location"].startswith("/")
    assert response.status_code == 302
    assert Session.objects.filter(user=bob).exists() or "keep-secure" in response["Location"]


def test_failures_of_strangers_end_no_session(own_browser, bob, signed_in):
    here = signed_in(bob)
    stranger = Client()
    kinds.pass_time(minutes=31)
    post_password(stranger, "bob")
    for _ in range(7):
        guess(stranger)

    assert is_signed_in(here)
    assert "Security info" in main_of(here.get(HOME))
