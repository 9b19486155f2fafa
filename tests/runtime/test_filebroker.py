"""The broker without a server loses nothing, whoever dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from kombu import Connection, Consumer, Exchange, Producer, Queue

from securityinfo import filebroker

QUEUE = Queue("codes", Exchange("codes"), routing_key="codes")
CONSUMER = Path(__file__).with_name("consume.py")


def connect(folder: Path, **options: object) -> Connection:
    return Connection(
        f"{filebroker.SCHEME}://",
        transport_options={"folder": str(folder), "unacked_restore_interval": 0, **options},
    )


def publish(folder: Path, *bodies: object) -> None:
    with connect(folder) as connection, connection.channel() as channel:
        producer = Producer(channel, exchange=QUEUE.exchange, routing_key="codes")
        for body in bodies:
            producer.publish(body, declare=[QUEUE])


def received(connection: Connection, how_many: int = 1, timeout: float = 0.2) -> list:
    """Up to `how_many` messages, none of them acknowledged yet."""
    taken: list = []
    consumer = Consumer(connection, [QUEUE], on_message=taken.append)
    with consumer:
        while len(taken) < how_many:
            try:
                connection.drain_events(timeout=timeout)
            except TimeoutError:
                break
    return taken


def test_a_message_arrives_once(tmp_path):
    publish(tmp_path, {"id": 1})

    with connect(tmp_path) as connection:
        (message,) = received(connection)
        message.ack()
        again = received(connection)

    assert message.payload == {"id": 1}
    assert again == []


def test_messages_arrive_in_the_order_in_which_they_were_sent(tmp_path):
    publish(tmp_path, *range(20))

    with connect(tmp_path) as connection:
        assert [message.payload for message in received(connection, 20)] == list(range(20))


def test_what_was_not_acknowledged_goes_back_when_the_consumer_closes(tmp_path):
    publish(tmp_path, "code")
    with connect(tmp_path) as first:
        received(first)

    with connect(tmp_path) as second:
        assert [message.payload for message in received(second)] == ["code"]


def test_a_rejected_message_comes_again(tmp_path):
    publish(tmp_path, "code")

    with connect(tmp_path) as connection:
        received(connection)[0].requeue()

        assert [message.payload for message in received(connection)] == ["code"]


def test_a_claim_goes_back_only_after_the_visibility_timeout(tmp_path):
    publish(tmp_path, "code")
    holder = connect(tmp_path)
    (held,) = received(holder)
    (claim,) = (tmp_path / "codes" / "claimed").iterdir()

    with connect(tmp_path, visibility_timeout=60) as other:
        before = received(other)
        long_ago = time.time() - 61
        os.utime(claim, (long_ago, long_ago))
        after = received(other)

    assert before == []
    assert [message.payload for message in after] == ["code"]
    held.ack()
    holder.release()


def test_a_message_that_is_still_being_written_is_not_taken(tmp_path):
    publish(tmp_path, "whole")
    (tmp_path / "codes" / "writing" / "00-half").write_text('{"body": ')

    with connect(tmp_path) as connection:
        assert [message.payload for message in received(connection, 2)] == ["whole"]


def test_a_damaged_message_does_not_stop_the_queue(tmp_path):
    publish(tmp_path, "whole")
    (tmp_path / "codes" / "ready" / "00-damaged").write_text("")

    with connect(tmp_path) as connection:
        assert [message.payload for message in received(connection)] == ["whole"]


@pytest.mark.slow
@pytest.mark.servers
def test_two_thousand_messages_survive_a_killed_consumer(tmp_path):
    expected = set(range(2000))
    folder, results = tmp_path / "broker", tmp_path / "results"
    folder.mkdir()
    results.mkdir()
    consumers = [_consumer(folder, results / f"{number}") for number in range(4)]

    publish(folder, *range(1000))
    _wait(lambda: len(_seen(results)) > 200)
    os.kill(consumers[0].pid, signal.SIGKILL)
    publish(folder, *range(1000, 2000))

    try:
        _wait(lambda: _seen(results) == expected)
    finally:
        for consumer in consumers:
            consumer.kill()
            consumer.wait()
    assert _seen(results) == expected


def _consumer(folder: Path, result: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, str(CONSUMER), str(folder), str(result)])


def _seen(results: Path) -> set[int]:
    lines = [line for path in results.iterdir() for line in path.read_text().split()]
    return {int(line) for line in lines}


def _wait(condition, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
