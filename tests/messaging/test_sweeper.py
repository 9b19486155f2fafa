from __future__ import annotations

from datetime import timedelta

import pytest

from securityinfo.messaging import outbox, outcomes, sweeper
from securityinfo.messaging.models import Message, Reason, State
from tests.messaging.conftest import age

A_SECOND_AGO = -timedelta(seconds=1)


def state_of(message):
    return Message.objects.get(pk=message.pk).state


def test_a_lost_claim_waits_again(queue_code):
    """F01."""
    message = outbox.claim(queue_code().pk)
    age(message, lease_until=A_SECOND_AGO)

    sweeper.tidy()

    assert state_of(message) == State.PENDING
    assert [each.pk for each in sweeper.due()] == [message.pk]


def test_a_lease_that_runs_is_left_alone(queue_code):
    message = outbox.claim(queue_code().pk)

    sweeper.tidy()

    assert state_of(message) == State.CLAIMED


def test_mail_that_was_being_handed_over_is_sent_again(queue_code):
    """F02."""
    message = outbox.claim(queue_code().pk)
    outbox.begin_call(message)
    age(message, lease_until=A_SECOND_AGO)

    sweeper.tidy()

    assert state_of(message) == State.PENDING


@pytest.mark.parametrize("channel", ["text", "call"])
def test_a_paid_message_that_was_being_handed_over_is_unclear(queue_code, channel):
    """F02, I5."""
    message = outbox.claim(queue_code(channel=channel).pk)
    outbox.begin_call(message)
    age(message, lease_until=A_SECOND_AGO)

    sweeper.tidy()

    assert state_of(message) == State.UNKNOWN


def test_a_paid_message_that_was_only_claimed_waits_again(queue_code):
    message = outbox.claim(queue_code(channel="text").pk)
    age(message, lease_until=A_SECOND_AGO)

    sweeper.tidy()

    assert state_of(message) == State.PENDING


def test_a_message_that_kills_its_workers_is_put_aside(queue_notice):
    """F18."""
    message = queue_notice()
    heard = []
    outcomes.listen(lambda each: heard.append((each.pk, each.state, each.reason)))

    for _ in range(outbox.MAX_FAULTS):
        age(outbox.claim(message.pk), lease_until=A_SECOND_AGO)
        sweeper.tidy()

    assert heard == [(message.pk, State.FAILED, Reason.LOST)]
    assert state_of(message) == State.FAILED


def test_a_code_expires_while_it_waits(queue_code):
    message = queue_code()
    age(message, expires_at=timedelta(seconds=59))

    sweeper.tidy()

    assert state_of(message) == State.EXPIRED


def test_a_notice_that_was_tried_for_a_day_is_a_dead_letter(queue_notice, caplog):
    """NO3, R089: stored for 24 hours, then somebody is told."""
    message = queue_notice()
    assert timedelta(hours=23) < message.expires_at - message.created_at <= timedelta(hours=24)
    age(message, expires_at=A_SECOND_AGO)

    sweeper.tidy()

    assert state_of(message) == State.FAILED
    assert "dead letter" in caplog.text


def test_what_was_just_published_is_not_published_again(queue_code, queue_notice):
    queue_code()
    queue_notice()

    assert sweeper.due() == []


def test_what_the_broker_lost_is_published_again(queue_code, queue_notice):
    """F11."""
    code, notice = queue_code(), queue_notice()
    age(code, published_at=-timedelta(seconds=6))
    age(notice, published_at=-timedelta(seconds=46))

    due = sweeper.due()
    sweeper.mark_published([message.pk for message in due])

    assert [message.pk for message in due] == [code.pk, notice.pk]
    assert sweeper.due() == []


def test_what_is_not_due_is_not_published(queue_code):
    message = outbox.claim(queue_code().pk)
    outbox.give_back(message, reason=Reason.DOWN)

    assert sweeper.due() == []


def test_notices_never_crowd_out_codes(queue_code, queue_notice, monkeypatch):
    """NO4."""
    monkeypatch.setattr(outbox, "BATCH", 3)
    notices = [queue_notice() for _ in range(5)]
    code = queue_code()
    Message.objects.update(published_at=None)

    due = [message.pk for message in sweeper.due()]

    assert due[0] == code.pk
    assert due[1:] == [message.pk for message in notices[:3]]


@pytest.mark.parametrize("backlog", [1, 12])
def test_a_sweep_takes_the_same_queries_whatever_waits(
    queue_code, queue_notice, django_assert_max_num_queries, backlog
):
    for _ in range(backlog):
        age(queue_code(), expires_at=timedelta(0))
        age(queue_notice(), expires_at=timedelta(0))
        age(outbox.claim(queue_code().pk), lease_until=A_SECOND_AGO)
        age(queue_code(), published_at=-timedelta(minutes=1))

    with django_assert_max_num_queries(16):
        sweeper.tidy()
        sweeper.mark_published([message.pk for message in sweeper.due()])


def test_a_sweep_moves_a_bounded_number_of_rows(queue_code, monkeypatch):
    monkeypatch.setattr(outbox, "BATCH", 2)
    for _ in range(5):
        age(queue_code(), expires_at=timedelta(0))

    sweeper.tidy()

    assert Message.objects.filter(state=State.EXPIRED).count() == 2
