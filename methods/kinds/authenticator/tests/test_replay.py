"""Each half minute's code is accepted once for ever."""

from __future__ import annotations

from dataclasses import replace

import pytest

from methods import answers, challenges, registry
from methods.answers import Result
from methods.kinds.authenticator import totp
from methods.models import NEVER_COUNTED, Registration
from methods.standing import Standing
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Purpose
from tests import kinds

pytestmark = pytest.mark.django_db

KIND = "authenticator"


def sign_in_with(registration, code: str) -> Result:
    """The answer to a fresh challenge of signing in."""
    facts = {"purpose": Purpose.SIGN_IN, "flow": "f2"}
    actor = kinds.actor_for(registration.user)
    settings = policy.current_for(registration.user).settings
    challenge = challenges.issue(registration, settings=settings, actor=actor, **facts)
    given = {"code": code}
    return answers.judge(challenge, given, actor=actor, then=lambda _: None, **facts).result


def code_of(registration, steps: int = 0) -> str:
    return totp.code_at(registration.details["key"], totp.step_now() + steps)


def test_the_code_that_confirmed_it_does_not_sign_in(clock, registered):
    """R015."""
    app = registered(KIND)

    assert sign_in_with(app, code_of(app)) is Result.WRONG


def test_an_earlier_code_than_the_last_one_is_refused(clock, registered):
    """R015, R014: although it lies in the window."""
    app = registered(KIND)

    assert sign_in_with(app, code_of(app, -1)) is Result.WRONG


def test_the_next_code_signs_in_once(clock, registered):
    """R015."""
    app = registered(KIND)
    clock.advance(seconds=30)

    assert sign_in_with(app, code_of(app)) is Result.RIGHT
    assert sign_in_with(app, code_of(app)) is Result.WRONG


def test_a_clock_that_went_back_five_minutes_opens_nothing(clock, registered):
    """R015: neither the codes of then nor the one that was used."""
    app = registered(KIND)
    used = code_of(app)
    clock.advance(minutes=-5)

    assert [sign_in_with(app, code) for code in (used, code_of(app))] == [Result.WRONG] * 2


def test_the_code_that_moved_it_to_another_phone_does_not_sign_in(clock, bob, registered):
    """R015, AU5: the step goes along with the key."""
    old = registered(KIND)
    Registration.objects.update(last_counter=NEVER_COUNTED)
    moved = kinds.register(bob, KIND, replaces=old)

    assert moved.last_counter == totp.step_now()
    assert sign_in_with(moved, code_of(moved)) is Result.WRONG


def test_the_old_phone_works_until_the_new_one_is_confirmed_and_not_after(clock, bob, registered):
    """AU5."""
    app = registered(KIND)
    clock.advance(minutes=1)
    challenge = kinds.begin(bob, app.method, replaces=app, flow="f3")

    before = sign_in_with(app, code_of(app))
    kinds.confirm(challenge)
    clock.advance(minutes=1)
    moved = Registration.objects.get(pk=app.pk)

    assert before is Result.RIGHT
    assert sign_in_with(moved, code_of(app)) is Result.WRONG
    assert sign_in_with(moved, code_of(moved)) is Result.RIGHT


def test_one_that_is_being_set_up_is_offered_for_nothing(bob):
    """R017, AU3."""
    kinds.begin(bob, registry.get(KIND))

    assert Standing.of(bob, policy.current_for(bob)).registrations == ()


@pytest.mark.parametrize("purpose", [each for each in Purpose if each != Purpose.REGISTER])
def test_the_key_is_given_to_no_page_but_that_of_its_set_up(bob, registered, purpose):
    """R017: what a template doesn't get, it can't show."""
    app = registered(KIND)
    being_set_up = kinds.begin(bob, app.method, flow="f3")
    prompt = being_set_up.prompt(app.details, "bob")

    assert app.method.page(prompt)["key"].replace(" ", "") == app.details["key"]
    assert app.method.page(replace(prompt, purpose=purpose)) == {}


def test_two_apps_are_two_proofs(bob, registered):
    """PR7."""
    registered(KIND)
    registered(KIND)

    assert Standing.of(bob, policy.current_for(bob)).channels == 2
