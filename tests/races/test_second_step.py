"""Many answers at once on PostgreSQL, over HTTP: at sign-in, and where a change is confirmed.

That fifty deletions of both of two methods leave one is in test_registrations.
"""

from __future__ import annotations

import itertools
from collections import Counter as Count

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Session
from methods import registry
from methods.models import Challenge, Outcome, Registration
from securityinfo import throttling
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.throttling import limits
from tests import kinds
from tests.accounts.doors import HOME, SIGN_IN, VERIFY, key
from tests.cast import PASSWORD
from tests.flows.proofs import (
    CONFIRM,
    TYPED,
    choose,
    has,
    new_browser,
    newest,
    proving,
    right,
    wrong,
)
from tests.races.crowd import all_at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

CROWD = 200
ADD = "/security-info/add/"

each_kind = pytest.mark.parametrize("kind", ["email", "authenticator"])


@pytest.fixture
def wide(monkeypatch):
    """Limits far away, so that the challenge alone has to hold."""
    for name in ("ANSWERS_BY_ADDRESS", "ANSWERS_BY_ACCOUNT"):
        far = tuple(
            throttling.Limit(each.name, 10_000, each.seconds) for each in vars(limits)[name]
        )
        monkeypatch.setattr(limits, name, far)


@pytest.fixture
def comparisons(monkeypatch):
    """How often an answer was really compared, of whatever kind."""
    turns = itertools.count()
    for kind in TYPED:
        method = registry.get(kind)

        def counted(prompt, answer, real=method.check):
            next(turns)
            return real(prompt, answer)

        monkeypatch.setattr(method, "check", counted, raising=False)
    return lambda: next(turns)


def twin(client: Client, number: int = 0) -> Client:
    """Another tab of the same browser; each of its requests is one of its own."""
    other = new_browser(REMOTE_ADDR=f"198.51.{number // 200}.{number % 200 + 1}")
    other.cookies["session"] = key(client)
    return other


def answers_of(found) -> Count:
    """Where each was led, or its status; whatever was raised by its name."""
    return Count(
        type(each).__name__
        if isinstance(each, Exception)
        else each.get("Location") or each.status_code
        for each in found
    )


@each_kind
def test_two_hundred_wrong_answers_on_one_sign_in_are_compared_five_times(
    bob, wide, comparisons, kind
):
    """R005."""
    has(bob, kind)
    browser, given = proving(bob), wrong()

    found = answers_of(all_at_once(lambda n: twin(browser, n).post(VERIFY, given), times=CROWD))

    assert found == {422: CROWD}
    assert comparisons() == 5
    assert (newest().tries, newest().outcome) == (5, Outcome.EXHAUSTED)
    assert Event.objects.filter(tag="challenge.exhausted").count() == 1
    assert not Session.objects.exclude(user=None).exists()


@each_kind
def test_two_hundred_right_answers_open_one_session(bob, wide, kind):
    """R006: one event of it; the others are led on or told that it is over."""
    has(bob, kind)
    browser = proving(bob)
    Challenge.objects.update(max_tries=10_000)
    given = right()

    found = answers_of(all_at_once(lambda n: twin(browser, n).post(VERIFY, given), times=CROWD))

    assert found[HOME] == 1
    assert set(found) <= {HOME, VERIFY, SIGN_IN, 422}
    assert Session.objects.of(bob).count() == 1
    assert Event.objects.filter(tag="sign_in.completed").count() == 1
    assert Event.objects.filter(tag="challenge.answered", result="ok").count() == 1


def test_two_hundred_answers_in_many_sign_ins_stop_at_the_limit_of_the_account(bob, comparisons):
    """R009: by five methods, from two hundred addresses; two windows at most."""
    first, *others = [has(bob, "authenticator") for _ in range(5)]
    browsers = []
    for app in (*others, first):  # who signs in anew is asked for the first one again
        browsers.append(proving(bob))
        choose(browsers[-1], app)
    Challenge.objects.update(max_tries=10_000)
    given = wrong()
    assert Challenge.objects.open().count() == 5

    def attack(number: int):
        return twin(browsers[number % len(browsers)], number).post(VERIFY, given)

    found = answers_of(all_at_once(attack, times=CROWD))

    assert found[422] + found[429] == CROWD
    assert found[422] == comparisons()
    assert 5 <= found[422] <= 10


def test_two_hundred_right_answers_confirm_once(bob, wide, signed_in):
    app = has(bob, "authenticator")
    client = signed_in(bob)
    Session.objects.update(fresh_at=None)
    code = {"code": "000000"}
    client.post(f"{CONFIRM}?next={ADD}", code)  # begins it
    Challenge.objects.update(max_tries=10_000)
    given = right()

    found = answers_of(
        all_at_once(lambda n: twin(client, n).post(f"{CONFIRM}?next={ADD}", given), times=CROWD)
    )

    app.refresh_from_db()
    assert found[ADD] >= 1
    assert not any(isinstance(each, str) and each.endswith("Error") for each in found)
    assert Event.objects.filter(tag="step_up.completed").count() == 1
    assert Session.objects.of(bob).count() == 1
    assert app.last_counter > 0


def test_a_crowd_of_clicks_on_the_password_sends_one_code(bob):
    """C11: one form, one browser; whichever answer comes last goes on."""
    has(bob, "email")
    first = new_browser()
    first.get(SIGN_IN)
    token = first.cookies[settings.CSRF_COOKIE_NAME].value

    def click(_: int):
        browser = new_browser()
        browser.cookies[settings.CSRF_COOKIE_NAME] = token
        browser.post(SIGN_IN, {"name": "bob", "password": PASSWORD})
        return browser

    browsers = all_at_once(click, times=4)

    assert Message.objects.filter(category="code").count() == 1
    given = right()
    assert {browser.get(VERIFY).status_code for browser in browsers} == {200}
    assert [browser.post(VERIFY, given).get("Location") for browser in browsers].count(HOME) == 1


def test_a_crowd_that_asks_for_new_codes_gets_one(bob):
    """C11."""
    has(bob, "email")
    browser = proving(bob)
    kinds.pass_time(seconds=31)

    found = answers_of(all_at_once(lambda n: twin(browser, n).post(f"{VERIFY}resend/"), times=20))

    assert set(found) <= {VERIFY, 400}  # of tabs that say something at once one may be late
    assert newest().generation == 1
    assert Message.objects.filter(category="code").count() == 2
    assert Registration.objects.count() == 1
