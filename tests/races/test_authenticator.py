"""One code of an authenticator app, answered many times at once on PostgreSQL."""

from __future__ import annotations

import re
from collections import Counter as Count

import pyotp
import pytest
from django.test import Client

from methods import answers, challenges
from methods.answers import Result
from methods.models import NEVER_COUNTED, Challenge, Registration
from securityinfo.audit.models import Event
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Purpose
from tests import kinds
from tests.races.crowd import all_at_once

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("wide"),
]

CROWD = 200
KIND = "authenticator"
PAGE = "/security-info/add/authenticator/"
SECRET = re.compile(r"secret=([A-Z2-7]{32})")


def code_of(registration: Registration) -> str:
    return pyotp.TOTP(registration.details["key"]).now()


def test_of_two_hundred_answers_with_one_code_one_is_accepted(clock, bob):
    """R015: in four challenges at once, so that no challenge is what decides."""
    kinds.allow(KIND)
    app = kinds.register(bob, KIND)
    Registration.objects.update(last_counter=NEVER_COUNTED)
    settings, actor = policy.current_for(bob).settings, kinds.actor_for(bob)
    purposes = [Purpose.SIGN_IN, Purpose.CONFIRM, Purpose.RESET, Purpose.CALLER]
    asked = [
        challenges.issue(app, purpose=each, flow="f1", settings=settings, actor=actor)
        for each in purposes
    ]
    Challenge.objects.update(max_tries=10_000)
    right = {"code": code_of(app)}

    def answer(number: int) -> Result:
        challenge = kinds.reload(asked[number % len(asked)])
        return answers.judge(
            challenge,
            right,
            purpose=Purpose(challenge.purpose),
            flow="f1",
            actor=actor,
            then=lambda _: None,
        ).result

    found = Count(all_at_once(answer, times=CROWD))

    assert found[Result.RIGHT] == 1
    assert set(found) <= {Result.RIGHT, Result.WRONG, Result.USED}
    assert sum(found.values()) == CROWD
    accepted = Event.objects.filter(tag="challenge.answered", result="ok")
    assert accepted.exclude(purpose="register").count() == 1


def test_of_two_hundred_posts_that_set_it_up_one_adds_it(clock, bob):
    """R015: and all of one browser are told that it was added."""
    kinds.allow(KIND)
    browser = Client()
    browser.force_login(bob)
    browser.get(PAGE)
    Challenge.objects.update(max_tries=10_000)
    right = {"code": code_of(Registration.objects.get())}
    cookies = browser.cookies

    def post(_: int) -> int:
        tab = Client()
        tab.cookies = cookies
        return tab.post(PAGE, right).status_code

    found = Count(all_at_once(post, times=CROWD))

    assert found == {302: CROWD}
    assert Registration.objects.of(bob).get().confirmed
    assert Event.objects.filter(tag="method.registered").count() == 1


def test_a_crowd_of_tabs_that_open_the_page_shows_one_key(clock, bob):
    """F14: each tab may be the one whose picture is scanned."""
    kinds.allow(KIND)
    browser = Client()
    browser.force_login(bob)
    browser.get("/security-info/")  # so that there is a session to share
    cookies = browser.cookies

    def open_tab(_: int) -> str:
        tab = Client()
        tab.cookies = cookies
        return SECRET.search(tab.get(PAGE).content.decode())[1]

    shown = set(all_at_once(open_tab, times=40))

    assert shown == {Registration.objects.get().details["key"]}
