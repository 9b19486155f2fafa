"""The broker is away, hangs, forgets, or says everything twice."""

from __future__ import annotations

import base64
import json
import time

import pytest

from securityinfo.messaging import service, tasks
from securityinfo.messaging.models import Message, State
from securityinfo.messaging.status import DeliveryState
from tests.servers.processes import wait_until


def state_of(message):
    return Message.objects.get(pk=message.pk).state


@pytest.mark.parametrize("fault", ["kill", "pause"])
def test_a_page_does_not_wait_for_a_broker_that_is_away(
    start_worker, mail, publishing, redis, ask_for_code, fault
):
    """F10, R095: the answer comes within 2 s and says "delayed"; later the code goes out."""
    getattr(redis, fault)()
    begun = time.monotonic()

    challenge, message = ask_for_code()
    status = service.status_of(challenge.pk, challenge.generation)
    took = time.monotonic() - begun

    assert took < 2
    assert status.state == DeliveryState.DELAYED

    redis.kill()
    redis.start()
    start_worker()
    wait_until(lambda: state_of(message) == State.SENT)
    assert len(mail.received) == 1


def test_a_page_notices_at_once_that_the_broker_is_back(
    publishing, redis, ask_for_code, transactional_db
):
    """The connection that was open is dead; the next one is not."""
    redis.kill()
    redis.start()

    challenge, _ = ask_for_code()

    assert redis.client().llen("codes") == 1
    status = service.status_of(challenge.pk, challenge.generation)
    assert status.state == DeliveryState.SENDING


def test_what_a_flushed_broker_forgot_is_sent_by_the_sweeper(
    start_worker, mail, publishing, redis, ask_for_code
):
    """F10, F11: nothing is lost, nothing comes twice."""
    _, message = ask_for_code()
    assert redis.client().llen("codes") == 1
    redis.client().flushall()

    start_worker()
    wait_until(lambda: state_of(message) == State.SENT)

    assert [each["Message-ID"] for each in mail.received] == [f"<{message.pk}@testserver>"]


def test_a_broker_killed_under_a_running_worker_delays_and_loses_nothing(
    start_worker, mail, publishing, redis, ask_for_code
):
    """F10, I8: the worker finds its way back without anybody's help."""
    worker = start_worker()
    wait_until(lambda: "ready" in worker.said)
    redis.kill()

    _, message = ask_for_code()
    redis.start()
    wait_until(lambda: state_of(message) == State.SENT, seconds=60)

    assert len(mail.received) == 1


def test_a_broker_that_says_everything_five_times_brings_one_mail(
    start_worker, mail, publishing, ask_for_code
):
    """F11."""
    _, message = ask_for_code()
    for _ in range(4):
        assert tasks.publish(message.job, message.pk)

    worker = start_worker()
    wait_until(lambda: worker.said.count("methods.deliver[") >= 5, what="five tasks were done")
    wait_until(lambda: state_of(message) == State.SENT)

    assert len(mail.received) == 1


def test_the_broker_sees_neither_code_nor_address(
    publishing, redis, ask_for_code, transactional_db
):
    """R002, R125, R126: the id of a row, and nothing that a person or a code could be known by."""
    challenge, message = ask_for_code()

    (raw,) = redis.client().lrange("codes", 0, -1)
    body = base64.b64decode(json.loads(raw)["body"])

    code = challenge.prompt(challenge.registration.details).code
    assert json.loads(body)[0] == [str(message.pk)]
    for secret in ("bob", "example.net", code):
        assert secret.encode() not in raw + body
