"""SI2, R093, C6: signing in as oneself renews nobody else's counters."""

from dataclasses import replace

import pytest
from django.test import Client

from securityinfo.throttling import limits
from tests import kinds
from tests.accounts import doors
from tests.accounts.doors import VERIFY, post_password, post_sign_in
from tests.flows.proofs import has

pytestmark = pytest.mark.django_db


@pytest.fixture
def shared(bob, eve):
    """A shared computer: both have signed in there; eve leaves with a copy of its cookie."""
    doors.has_method(bob)
    doors.has_method(eve, "eve@example.com")
    browser = Client()
    for name in ("bob", "eve"):
        assert post_sign_in(browser, name).status_code == 302
        browser.post("/sign-out/")
    return browser


def test_guessing_a_colleagues_password_is_held_back(shared, monkeypatch):
    """Only the known browser's cookie, no password: 9 free tries a day, then waits."""
    monkeypatch.setattr(limits, "PASSWORD_HOLD", replace(limits.PASSWORD_HOLD, waits=(900,)))
    statuses = []
    for turn in range(4):
        for number in range(9):
            ip = f"198.51.{turn}.{number}"
            statuses.append(post_password(shared, "bob", "wrong", REMOTE_ADDR=ip).status_code)
        post_sign_in(shared, "eve", REMOTE_ADDR=f"203.0.113.{turn}")
        shared.post("/sign-out/")
    assert statuses.count(429) > 0, f"{len(statuses)} guesses at bob's password, none held back"


def test_second_step_answers_are_limited_for_the_account(shared, bob):
    """With bob's password: more than 5 wrong answers in 5 minutes."""
    kinds.allow("authenticator")
    app = has(bob, "authenticator")
    compared = 0
    for turn in range(4):
        assert post_password(shared, "bob", REMOTE_ADDR=f"198.51.100.{turn}")["Location"] == VERIFY
        shared.post("/sign-in/another-way/", {"way": str(app.uuid)})
        for _number in range(4):
            answer = shared.post(VERIFY, {"code": "000000"}, REMOTE_ADDR=f"198.51.100.{turn}")
            compared += answer.status_code == 422
        post_sign_in(shared, "eve", REMOTE_ADDR=f"203.0.113.{turn}")
        shared.post("/sign-out/")
    assert compared <= 5, f"{compared} wrong answers compared within 5 minutes"
