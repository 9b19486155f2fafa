"""The broker is away, hangs, forgets, or says everything twice."""

from __future__ import annotations

import base64
import json
import time

import pytest
from redis.exceptions import OutOfMemoryError

from methods import contacts, sending
from methods.answers import Result
from securityinfo import throttling
from securityinfo.actor import SYSTEM
from securityinfo.messaging import notices, service, tasks
from securityinfo.messaging.models import Message, State
from securityinfo.messaging.status import DeliveryState
from tests import kinds
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


def test_what_a_broker_that_evicts_has_thrown_away_is_sent_by_the_sweeper(
    start_worker, mail, publishing, redis, ask_for_code
):
    """F10: a cache's own setting, which no broker should have."""
    _, message = ask_for_code()
    client = redis.client()
    client.config_set("maxmemory-policy", "allkeys-random")
    client.config_set("maxmemory", "1")
    assert client.get("anything") is None
    with pytest.raises(OutOfMemoryError):  # nothing is left to be thrown away
        client.set("anything", "else")
    assert client.llen("codes") == 0
    client.config_set("maxmemory", "0")

    start_worker()
    wait_until(lambda: state_of(message) == State.SENT)

    assert len(mail.received) == 1


def test_a_page_does_not_wait_for_a_broker_that_is_full(
    start_worker, mail, publishing, redis, ask_for_code
):
    """F10: with `noeviction` it refuses, and says so at once."""
    redis.client().config_set("maxmemory", "1")

    begun = time.monotonic()
    challenge, message = ask_for_code()
    status = service.status_of(challenge.pk, challenge.generation)
    took = time.monotonic() - begun

    assert took < 2
    assert status.state == DeliveryState.DELAYED
    redis.client().config_set("maxmemory", "0")
    start_worker()
    wait_until(lambda: state_of(message) == State.SENT)
    assert len(mail.received) == 1


@pytest.mark.parametrize("fault", ["kill", "pause", "flush"])
def test_limits_hold_and_everything_goes_out_afterwards(
    start_worker, mail, publishing, redis, ask_for_code, bob, fault
):
    """F10, R095, I2, I4: no limit is in Redis, and neither is anything that must not be lost."""
    challenge, message = ask_for_code()
    if fault == "flush":
        redis.client().flushall()
    else:
        getattr(redis, fault)()
    told = contacts.contacts_of(bob)
    notices_waiting = notices.method_deleted(bob, contacts=told, what="Email", actor=SYSTEM)

    with pytest.raises(sending.TooEarly):  # the pause between two codes
        kinds.ask(challenge.registration, purpose=challenge.purpose)
    wrong = [kinds.confirm(kinds.reload(challenge), kinds.wrong(challenge)) for _ in range(5)]
    with pytest.raises(throttling.Throttled):
        kinds.confirm(kinds.reload(challenge))

    assert [each.result for each in wrong] == [Result.WRONG] * 4 + [Result.EXHAUSTED]
    redis.kill()
    redis.start()
    start_worker()
    wait_until(lambda: {state_of(each) for each in notices_waiting} == {State.SENT})
    wait_until(lambda: state_of(message) == State.STALE)  # nobody can answer it any more
    assert len(mail.received) == len(told)


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
