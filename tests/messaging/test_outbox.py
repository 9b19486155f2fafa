from __future__ import annotations

from datetime import timedelta

import pytest

from securityinfo.messaging import outbox, outcomes
from securityinfo.messaging.models import Category, Message, Reason, State
from tests.messaging.conftest import age


def test_a_message_is_claimed_once(queue_code):
    message = queue_code()

    claims = [outbox.claim(message.pk), outbox.claim(message.pk)]

    assert [claim is not None for claim in claims] == [True, False]


def test_a_claim_holds_for_one_lease(queue_code):
    message = outbox.claim(queue_code().pk)

    assert message.state == State.CLAIMED
    assert message.tries == 1
    assert message.lease_until - message.created_at >= outbox.LEASE


def test_a_message_that_is_gone_is_not_claimed(queue_code):
    message = queue_code()
    Message.objects.all().delete()

    assert outbox.claim(message.pk) is None


def test_a_message_whose_next_try_has_not_come_is_left_alone(queue_code):
    message = queue_code()
    age(message, next_try_at=timedelta(seconds=30))

    assert outbox.claim(message.pk) is None


def test_a_code_with_less_than_a_minute_left_expires_instead(queue_code):
    message = queue_code()
    age(message, expires_at=timedelta(seconds=59))

    claimed = outbox.claim(message.pk)

    message.refresh_from_db()
    assert claimed is None
    assert message.state == State.EXPIRED


def test_a_notice_is_tried_until_its_last_second(queue_notice):
    message = queue_notice()
    age(message, expires_at=timedelta(seconds=5))

    assert outbox.claim(message.pk) is not None


def test_a_worker_whose_lease_ended_does_not_begin_the_call(queue_code):
    message = outbox.claim(queue_code().pk)
    age(message, lease_until=-timedelta(seconds=1))

    assert outbox.begin_call(message) is False


def test_a_worker_that_was_replaced_cannot_finish(queue_code):
    slow = outbox.claim(queue_code().pk)
    outbox.give_back(slow, reason=Reason.LOST)
    age(slow, next_try_at=-timedelta(seconds=1))
    quick = outbox.claim(slow.pk)

    assert outbox.finish(slow, State.SENT) is False
    assert outbox.finish(quick, State.SENT) is True


@pytest.mark.parametrize(
    "end", [State.SENT, State.STALE, State.EXPIRED, State.FAILED, State.UNKNOWN]
)
def test_what_has_ended_never_moves_back(queue_code, end):
    message = outbox.claim(queue_code().pk)
    outbox.finish(message, end)

    outbox.give_back(message, reason=Reason.DOWN)
    age(message, next_try_at=-timedelta(seconds=1), lease_until=-timedelta(seconds=1))

    assert outbox.claim(message.pk) is None
    assert outbox.begin_call(message) is False
    assert outbox.finish(message, State.FAILED) is False
    assert Message.objects.get(pk=message.pk).state == end


@pytest.mark.parametrize("end", [State.SENT, State.STALE, State.FAILED])
def test_a_sealed_notice_is_wiped_at_its_end(queue_notice, end):
    """R115."""
    message = outbox.claim(queue_notice().pk)
    assert message.sealed["to"] == "bob@example.org"

    outbox.finish(message, end)

    assert Message.objects.get(pk=message.pk).sealed is None


def test_a_fault_too_many_ends_a_message(queue_code):
    message = queue_code()

    for _ in range(outbox.MAX_FAULTS):
        age(message, next_try_at=-timedelta(seconds=1))
        outbox.give_back(outbox.claim(message.pk), reason=Reason.ERROR, is_fault=True)

    message.refresh_from_db()
    assert message.state == State.FAILED
    assert message.tries == outbox.MAX_FAULTS


def test_a_server_that_is_down_is_no_fault_of_the_message(queue_notice):
    message = queue_notice()

    for _ in range(outbox.MAX_FAULTS + 3):
        age(message, next_try_at=-timedelta(seconds=1))
        outbox.give_back(outbox.claim(message.pk), reason=Reason.DOWN)

    message.refresh_from_db()
    assert message.state == State.PENDING


def test_an_end_that_cannot_be_recorded_did_not_happen(queue_code):
    def refuse(_message):
        raise RuntimeError("no room in the log")

    outcomes.listen(refuse)
    message = outbox.claim(queue_code().pk)

    with pytest.raises(RuntimeError):
        outbox.finish(message, State.SENT)

    assert Message.objects.get(pk=message.pk).state == State.CLAIMED


@pytest.mark.parametrize(
    ("category", "tries", "shortest", "longest"),
    [
        (Category.CODE, 1, 1, 2),
        (Category.CODE, 2, 2, 4),
        (Category.CODE, 9, 10, 20),
        (Category.NOTICE, 1, 5, 10),
        (Category.NOTICE, 3, 20, 40),
        (Category.NOTICE, 500, 450, 900),
    ],
)
def test_the_pause_doubles_up_to_a_limit_and_is_spread(category, tries, shortest, longest):
    pauses = {outbox.pause(category, tries) for _ in range(200)}

    assert len(pauses) > 50
    assert shortest <= min(pauses)
    assert max(pauses) <= longest
