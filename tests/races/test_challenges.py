"""Many answers at once on PostgreSQL: the database alone decides who was in time."""

from __future__ import annotations

import itertools
from collections import Counter as Count

import pytest
from django.db import connection

from methods import answers, challenges
from methods.answers import Result
from methods.models import Challenge, Outcome, Registration
from securityinfo import throttling
from securityinfo.actor import Origin
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Purpose
from securityinfo.throttling import limits
from tests import kinds
from tests.methods import token
from tests.races.crowd import all_at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

CROWD = 200


@pytest.fixture
def comparisons(monkeypatch):
    """How often an answer was really compared: the kind's own `check`, counted."""
    method = kinds.registry.get("email")
    turns, real = itertools.count(), method.check

    def counted(prompt, answer):
        next(turns)
        return real(prompt, answer)

    monkeypatch.setattr(method, "check", counted, raising=False)
    return lambda: next(turns)


@pytest.fixture
def challenge(bob):
    kinds.allow("email")
    return kinds.begin(bob, kinds.registry.get("email"))


def answer(challenge, given) -> answers.Answer:
    return kinds.confirm(kinds.reload(challenge), given)


def results(found) -> Count:
    return Count(each.result if isinstance(each, answers.Answer) else type(each) for each in found)


def test_two_hundred_wrong_codes_are_compared_five_times(challenge, wide, comparisons):
    """R005: and the challenge is closed, with one event for that."""
    wrong = kinds.wrong(challenge)

    found = results(all_at_once(lambda _: answer(challenge, wrong), times=CROWD))

    stored = kinds.reload(challenge)
    assert comparisons() == 5
    assert set(found) == {Result.WRONG, Result.EXHAUSTED}
    assert sum(found.values()) == CROWD
    assert (stored.tries, stored.outcome) == (5, Outcome.EXHAUSTED)
    assert Event.objects.filter(tag="challenge.answered").count() == 5
    assert Event.objects.filter(tag="challenge.exhausted").count() == 1


def test_two_hundred_wrong_codes_from_everywhere_stop_at_the_limit_of_the_account(
    challenge, comparisons
):
    """R009: with tries without end, from two hundred addresses; two windows at most."""
    Challenge.objects.update(max_tries=10_000)
    wrong = kinds.wrong(challenge)

    def attack(number: int):
        origin = Origin(address=f"198.51.{number // 200}.{number % 200 + 1}")
        actor = kinds.actor_for(challenge.user, origin)
        return kinds.confirm(kinds.reload(challenge), wrong, actor=actor)

    found = results(all_at_once(attack, times=CROWD))

    assert found[Result.WRONG] + found[throttling.Throttled] == CROWD
    assert found[Result.WRONG] == comparisons() == kinds.reload(challenge).tries
    assert 5 <= found[Result.WRONG] <= 10


def test_two_hundred_right_codes_succeed_once(challenge, wide, bob):
    """R006: one registration, one event, one set of notices; the others hear of it."""
    Challenge.objects.update(max_tries=10_000)
    right = kinds.right(challenge)

    found = results(all_at_once(lambda _: answer(challenge, right), times=CROWD))

    assert found == {Result.RIGHT: 1, Result.USED: CROWD - 1}
    assert Registration.objects.of(bob).confirmed().count() == 1
    assert Event.objects.filter(tag="method.registered").count() == 1
    assert Event.objects.filter(tag="challenge.answered", result="ok").count() == 1
    assert Message.objects.filter(category="notice").count() == 2


def test_within_the_tries_one_right_code_of_two_hundred_wins(challenge, wide, comparisons):
    """R005, R006: the policy's five tries hold for right codes too."""
    right = kinds.right(challenge)

    found = results(all_at_once(lambda _: answer(challenge, right), times=CROWD))

    assert found[Result.RIGHT] == 1
    assert set(found) <= {Result.RIGHT, Result.USED, Result.EXHAUSTED}
    assert comparisons() <= 5


def test_a_right_code_in_a_crowd_of_wrong_ones_wins_once_or_not_at_all(challenge, wide, bob):
    right, wrong = kinds.right(challenge), kinds.wrong(challenge)

    found = results(
        all_at_once(lambda n: answer(challenge, right if n % 20 == 0 else wrong), times=CROWD)
    )

    assert found[Result.RIGHT] <= 1
    assert Registration.objects.of(bob).confirmed().count() == found[Result.RIGHT]


def test_counters_survive_a_request_that_fails_afterwards(challenge, wide):
    """R007: fifty requests break off after the comparison; their tries stay counted."""
    Challenge.objects.update(max_tries=10_000)
    right = kinds.right(challenge)

    def fail(_):
        raise RuntimeError("the request fails")

    def break_off(_):
        return answers.judge(
            kinds.reload(challenge),
            right,
            purpose=Purpose.REGISTER,
            flow=challenge.flow,
            actor=kinds.actor_for(challenge.user),
            then=fail,
        )

    found = results(all_at_once(break_off, times=50))

    stored = kinds.reload(challenge)
    assert found == {RuntimeError: 50}
    assert (stored.tries, stored.closed_at) == (50, None)
    counted = throttling.models.Counter.objects.filter(key__startswith="answers-account")
    assert sum(counted.values_list("hits", flat=True)) == 50 * len(limits.ANSWERS_BY_ACCOUNT)


def test_a_count_is_accepted_once_however_many_challenges_it_answers(bob, monkeypatch, wide):
    """R015 as far as it is the engine's: two hundred posts of one step, in flows of their own."""
    token.install(monkeypatch)
    registration = token.register(bob, count=1)
    given = {"serial": "S-1234", "count": 2}
    purposes = [Purpose.SIGN_IN, Purpose.CONFIRM, Purpose.RESET, Purpose.CALLER]
    asked = [
        challenges.start(
            registration,
            purpose=purpose,
            flow="s",
            settings=policy.current_for(bob).settings,
            actor=kinds.actor_for(bob),
        )
        for purpose in purposes
    ]
    Challenge.objects.update(max_tries=10_000)

    def use(number: int):
        challenge = kinds.reload(asked[number % len(asked)])
        return answers.judge(
            challenge,
            given,
            purpose=Purpose(challenge.purpose),
            flow="s",
            actor=kinds.actor_for(bob),
            then=lambda _: None,
        )

    found = results(all_at_once(use, times=CROWD))

    assert found[Result.RIGHT] == 1
    assert set(found) <= {Result.RIGHT, Result.WRONG, Result.USED}
    registration.refresh_from_db()
    assert registration.last_counter == 2


def test_a_crowd_that_asks_for_new_codes_gets_one(challenge):
    """C11: twenty clicks on "Send a new code"."""
    kinds.pass_time(seconds=31)

    def resend(_):
        return challenges.resend(
            kinds.reload(challenge),
            settings=policy.current_for(challenge.user).settings,
            actor=kinds.actor_for(challenge.user),
        )

    all_at_once(resend, times=20)

    assert kinds.reload(challenge).generation == 1
    assert Message.objects.filter(category="code").count() == 2


def test_a_crowd_that_starts_over_after_too_many_codes_gets_one(challenge):
    """R131: the constraint on open challenges is never met."""
    Challenge.objects.filter(pk=challenge.pk).close(Outcome.EXHAUSTED)
    kinds.pass_time(seconds=31)

    def issue(number: int):
        return challenges.issue(
            kinds.reload(challenge).registration,
            purpose=Purpose.REGISTER,
            flow=f"f{number}",
            settings=policy.current_for(challenge.user).settings,
            actor=kinds.actor_for(challenge.user),
        )

    found = Count(type(each).__name__ for each in all_at_once(issue, times=20))

    assert found["Challenge"] == 1
    assert set(found) <= {"Challenge", "TooEarly", "Throttled"}
    assert Challenge.objects.open().count() == 1


def test_this_runs_on_postgresql():
    """Race tests on SQLite prove nothing."""
    assert connection.vendor == "postgresql"
