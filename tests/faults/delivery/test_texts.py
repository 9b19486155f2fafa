"""At most one paid message for each request, whatever happens to worker and provider (DE2, I5)."""

from __future__ import annotations

import signal

import pytest
from django.db.models.functions import Now

from securityinfo.messaging.models import Message, Reason, State
from securityinfo.messaging.status import DeliveryState
from tests.faults.delivery import paid
from tests.faults.delivery.rows import end_the_lease, row, told
from tests.servers import twilio as servers
from tests.servers.processes import wait_until
from tests.servers.twilio import TOO_MANY


@pytest.fixture
def start(start_worker, twilio):
    """A real worker that knows how to send a text, and sends it by this Twilio."""

    def start(**changes):
        return start_worker("--include", paid.__name__, **twilio.environment | changes)

    return start


@pytest.mark.parametrize(
    ("failpoint", "left_in", "end", "texts"),
    [
        ("delivery.after_claim", State.CLAIMED, State.SENT, 1),
        ("delivery.after_calling", State.CALLING, State.UNKNOWN, 0),
        ("delivery.after_send", State.CALLING, State.UNKNOWN, 1),
    ],
)
def test_a_killed_worker_never_causes_a_second_text(
    start, twilio, ask_for_text, failpoint, left_in, end, texts
):
    """F01, F02, I5: what may have been taken is not sent again."""
    message = ask_for_text()
    killed = start(FAILPOINT=failpoint)
    assert killed.kill_at(failpoint) == killed.pid
    assert killed.wait() == -signal.SIGKILL
    assert row(message).state == left_in

    end_the_lease(message)
    start()
    wait_until(lambda: row(message).state == end)

    assert len(twilio.texts) == texts


def test_the_provider_s_report_tells_what_a_killed_worker_could_not(start, twilio, ask_for_text):
    """F02: unknown, until Twilio reports of it; and again no second one."""
    message = ask_for_text()
    start(FAILPOINT="delivery.after_send").kill_at("delivery.after_send")
    end_the_lease(message)
    start()
    wait_until(lambda: row(message).state == State.UNKNOWN)
    assert row(message).reason == Reason.LOST
    assert told(message) == DeliveryState.UNCLEAR

    answers = [twilio.report(twilio.texts[0], each).status for each in ("sent", "delivered")]

    assert answers == [204, 204]
    assert told(message) == DeliveryState.DELIVERED
    assert row(message).provider_id == twilio.texts[0].sid
    assert len(twilio.texts) == 1


def test_what_the_broker_hands_out_again_after_its_timeout_is_not_sent_again(
    start, twilio, redis, ask_for_text
):
    """F11, I5: a worker that died acknowledged nothing; to the broker it is still to be done."""
    message = ask_for_text()
    start(FAILPOINT="delivery.after_send").kill_at("delivery.after_send")
    client = redis.client()
    taken = client.zrange("unacked_index", 0, -1)
    assert len(taken) >= 1
    client.zadd("unacked_index", dict.fromkeys(taken, 0))  # for longer than it may take

    worker = start()
    wait_until(lambda: f"Task {paid.SEND_TEXT}[" in worker.said, what="it is handed out again")
    wait_until(lambda: f"{paid.SEND_TEXT}[" in worker.said and "succeeded" in worker.said)
    assert row(message).state == State.CALLING
    end_the_lease(message)
    wait_until(lambda: row(message).state == State.UNKNOWN)

    assert len(twilio.texts) == 1


def test_a_number_that_is_none_is_told_at_once_and_the_next_text_goes_out(
    start, twilio, ask_for_text
):
    """F18."""
    twilio.next(servers.error(400, 21211))
    bad, good = ask_for_text(), ask_for_text()
    start()
    wait_until(lambda: row(good).state == State.SENT)

    assert (row(bad).state, row(bad).tries) == (State.FAILED, 1)
    assert told(bad) == DeliveryState.REFUSED
    assert len(twilio.texts) == 1


def test_a_busy_provider_is_asked_again_until_it_takes_the_text(start, twilio, ask_for_text):
    """F03: 429 three times, then 201; the pauses are the row's own."""
    twilio.next(TOO_MANY, TOO_MANY, TOO_MANY)
    message = ask_for_text()
    start()

    for tries in (1, 2, 3):
        wait_until(lambda tries=tries: (row(message).tries, row(message).state)[0] >= tries)
        Message.objects.filter(pk=message.pk, state=State.PENDING).update(next_try_at=Now())
    wait_until(lambda: row(message).state == State.SENT, seconds=60)

    assert twilio.requests == 4
    assert len(twilio.texts) == 1


@pytest.mark.parametrize("mood", [servers.HANG, servers.RESET, servers.error(503)], ids=str)
def test_an_unclear_text_is_told_and_the_worker_goes_on(start, twilio, ask_for_text, mood):
    """F04, F05, R127: a provider that hangs frees the worker, and the next text goes out."""
    twilio.next(mood)
    unclear = ask_for_text()
    worker = start()
    wait_until(lambda: row(unclear).state == State.UNKNOWN, seconds=20)
    other = ask_for_text()
    wait_until(lambda: row(other).state == State.SENT)

    assert told(unclear) == DeliveryState.UNCLEAR
    assert twilio.requests == 2
    assert twilio.texts[-1].fields["To"] not in worker.said
