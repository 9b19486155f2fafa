"""What a provider says many times at once is heard once (F13)."""

from __future__ import annotations

from collections import Counter as Count

import pytest

from methods import challenges
from methods.answers import Result
from methods.models import Challenge, Registration
from securityinfo.audit.models import Event
from securityinfo.messaging import calls, reports
from securityinfo.messaging.calls import Closed, Keyed
from securityinfo.messaging.models import Message, Progress, Reason, State
from securityinfo.messaging.reports import Report
from securityinfo.policy import service as policy
from tests import kinds
from tests.races.crowd import all_at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

CROWD = 100
SID = "CA" + "0a" * 16


@pytest.fixture
def challenge(bob):
    kinds.allow("call")
    return kinds.begin(bob, kinds.registry.get("call"))


@pytest.fixture
def message(challenge):
    return Message.objects.get(reference=challenge.pk)


def number_of(challenge):
    return challenge.prompt(challenge.registration.details).number


def wrong_number(challenge):
    return "10" if number_of(challenge) != "10" else "11"


def press_many(message, keys):
    """Each of the crowd presses its own of `keys`; what became of them."""
    found = all_at_once(
        lambda turn: calls.keys_pressed(message, keys[turn % len(keys)]), times=CROWD
    )
    return Count(each if isinstance(each, Keyed) else type(each) for each in found)


@pytest.mark.parametrize("is_right", [True, False])
def test_keys_posted_a_hundred_times_are_judged_once(challenge, message, is_right):
    """R005, R025, I2: one try for each call, counted before anything is compared."""
    digits = number_of(challenge) if is_right else wrong_number(challenge)

    found = press_many(message, [digits])

    assert found == {Keyed.RIGHT if is_right else Keyed.WRONG: 1, Closed: CROWD - 1}
    assert kinds.reload(challenge).tries == 1
    assert Event.objects.filter(tag="challenge.answered").count() == int(not is_right)


def test_a_hundred_guesses_in_one_call_are_one_guess(challenge, message):
    """R025, I2: all the numbers there are, and the right one among them."""
    press_many(message, [f"{number:02}" for number in range(CROWD)])

    assert kinds.reload(challenge).tries == 1


def test_a_page_that_goes_on_a_hundred_times_confirms_once(challenge, message, bob):
    """R006, I1, I3."""
    calls.keys_pressed(message, number_of(challenge))

    found = all_at_once(
        lambda _: kinds.confirm(kinds.reload(challenge), {"go_on": "yes"}).result, times=CROWD
    )

    assert Count(found) == {Result.RIGHT: 1, Result.USED: CROWD - 1}
    assert Registration.objects.of(bob).confirmed().count() == 1
    assert Event.objects.filter(tag="method.registered").count() == 1
    assert Event.objects.filter(tag="challenge.answered", result="ok").count() == 1


def test_confirmed_or_reported_but_never_both(challenge, message, bob):
    """CA5, I7: both are keyed in the same moment."""
    found = press_many(message, [number_of(challenge), "0"])
    result = kinds.confirm(kinds.reload(challenge), {"go_on": "yes"}).result

    assert found in ({Keyed.RIGHT: 1, Closed: CROWD - 1}, {Keyed.REPORTED: 1, Closed: CROWD - 1})
    assert result is (Result.RIGHT if found[Keyed.RIGHT] else Result.ENDED)
    assert Registration.objects.of(bob).confirmed().count() == found[Keyed.RIGHT]


@pytest.mark.parametrize("turn", range(5))
def test_keys_of_a_call_never_answer_the_next_one(challenge, message, turn):
    """R008, I1: the old number arrives in the moment in which another call is asked for."""
    kinds.pass_time(minutes=3)
    settings = policy.current_for(challenge.user).settings

    def key_or_ask(turn: int) -> object:
        if turn % 2:
            return calls.keys_pressed(message, number_of(challenge))
        return challenges.resend(
            kinds.reload(challenge), settings=settings, actor=kinds.actor_for(challenge.user)
        )

    all_at_once(key_or_ask, times=20)

    stored = Challenge.objects.get()
    assert stored.generation == 1
    assert stored.keyed == ""
    assert Message.objects.filter(category="code").count() == 2


def test_reports_posted_a_hundred_times_move_a_call_forward_once(challenge, message):
    """R128, I3: whatever is reported in whatever order, its end is told once."""
    Message.objects.update(state=State.CALLING)
    said = [
        Report(SID, state=State.SENT, progress=Progress.RINGING),
        Report(SID, state=State.SENT, progress=Progress.ANSWERED),
        Report(SID, state=State.FAILED, reason=Reason.UNREACHED),
        Report(SID, state=State.SENT, progress=Progress.ENDED),
    ]

    found = all_at_once(lambda turn: reports.take(message, said[turn % 4]), times=CROWD)

    stored = Message.objects.get(pk=message.pk)
    assert set(found) == {None}
    assert (stored.state, stored.progress) == (State.FAILED, Progress.ENDED)
    assert Event.objects.filter(tag="delivery.failed").count() == 1


def test_of_many_calls_that_claim_a_message_the_first_one_stays(challenge, message):
    """R026: the matching CallSid, also when the worker has not written it down."""
    found = all_at_once(lambda turn: reports.adopt(message, f"CA{turn:032}"), times=CROWD)

    assert Count(map(type, found)) == {type(None): 1, reports.Foreign: CROWD - 1}
