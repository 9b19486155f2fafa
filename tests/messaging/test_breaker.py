"""F04: a provider that fails again and again is left alone, and tried again by itself."""

from __future__ import annotations

import logging

import pytest
from django.db.models import F

from securityinfo.messaging import breaker, service
from securityinfo.messaging.models import Reason, State
from securityinfo.messaging.transports import base
from securityinfo.messaging.transports.memory import MemoryTransport
from securityinfo.throttling.models import Counter
from tests.messaging.telephony import a_text

pytestmark = pytest.mark.django_db

FAILS = base.OutcomeUnknown("503")


@pytest.fixture
def deliver(queue_code, monkeypatch):
    """`deliver(FAILS)`: another text, and what the provider makes of it; the row afterwards."""
    asked = []

    def deliver(problem=None):
        def send(self, outgoing, message_id):
            asked.append(message_id)
            if problem:
                raise problem
            return base.Receipt()

        monkeypatch.setattr(MemoryTransport, "send", send)
        message = queue_code(channel="text")
        service.deliver(message.pk, a_text)
        message.refresh_from_db()
        return message

    deliver.asked = asked
    return deliver


def fail(deliver, times: int) -> None:
    for _ in range(times):
        deliver(FAILS)


def pass_time(seconds: int) -> None:
    """As if everything that is counted had been counted earlier."""
    rows = Counter.objects.filter(key__startswith="provider-")
    rows.update(window_start=F("window_start") - seconds)
    rows.filter(hold_until__gt=0).update(hold_until=F("hold_until") - seconds)


def is_open() -> bool:
    return breaker.open_now() == {"text"}


def test_the_fifth_failure_in_half_a_minute_opens_it_and_alarms(deliver, caplog):
    fail(deliver, 4)
    assert not is_open()
    assert not caplog.records[-1].levelno >= logging.CRITICAL

    fail(deliver, 1)

    assert is_open()
    alarms = [each.message for each in caplog.records if each.levelno == logging.CRITICAL]
    assert alarms == ["ALERT text: the provider fails. Nothing is sent for a while."]


def test_failures_that_are_far_apart_open_nothing(deliver):
    fail(deliver, 4)
    pass_time(60)

    fail(deliver, 4)

    assert not is_open()


@pytest.mark.parametrize(
    "problem", [base.Busy("429"), base.Undeliverable("21211"), base.Misconfigured("20003")]
)
def test_a_provider_that_answers_works(deliver, problem):
    """Whatever it says: greylisting and wrong numbers are no fault of its own."""
    for _ in range(9):
        deliver(problem)

    assert not is_open()


def test_one_that_is_not_reached_counts_as_well(deliver):
    for _ in range(5):
        deliver(base.TransportDown("ConnectionRefusedError"))

    assert is_open()


def test_while_it_is_open_nothing_is_handed_over_and_nothing_lost(deliver):
    fail(deliver, 5)

    message = deliver()

    assert len(deliver.asked) == 5
    assert (message.state, message.reason) == (State.PENDING, Reason.HELD)


def test_another_channel_goes_on(deliver, queue_code):
    fail(deliver, 5)

    assert breaker.lets_through("email")
    assert breaker.lets_through("call")
    assert not breaker.lets_through("text")


def test_after_its_rest_one_message_tries_and_closes_it(deliver):
    fail(deliver, 5)
    pass_time(30)

    trial = deliver()

    assert trial.state == State.SENT
    assert not is_open()
    fail(deliver, 4)  # counted from the beginning
    assert not is_open()


def test_of_those_that_come_at_once_after_the_rest_one_tries(deliver):
    fail(deliver, 5)
    pass_time(30)

    assert [breaker.lets_through("text") for _ in range(5)] == [True] + [False] * 4


def test_a_trial_that_fails_opens_it_again_for_a_while(deliver):
    fail(deliver, 5)
    pass_time(30)
    assert not is_open()

    fail(deliver, 1)

    assert is_open()
    assert len(deliver.asked) == 6


def test_pages_ask_the_database_now_and_then(deliver, monkeypatch, django_assert_num_queries):
    fail(deliver, 5)
    monkeypatch.setattr(breaker, "_latest", None)

    with django_assert_num_queries(1):
        assert [breaker.resting() for _ in range(9)] == [{"text"}] * 9
