from __future__ import annotations

import logging
import uuid

import pytest
from celery import current_app
from kombu.exceptions import OperationalError

from securityinfo.messaging import sweeper, tasks
from securityinfo.messaging.models import Message, State
from securityinfo.messaging.transports.memory import MemoryTransport


class Broker:
    """Stands where Celery's app hands a task to the broker."""

    def __init__(self):
        self.told = []
        self.is_away = False

    def send_task(self, name, args, **_options):
        if self.is_away:
            raise OperationalError("redis://:secret@broker is away")
        self.told.append((name, *args))


@pytest.fixture
def broker(monkeypatch):
    broker = Broker()
    monkeypatch.setattr(tasks, "current_app", broker)
    return broker


def test_the_broker_gets_the_id_and_nothing_else(broker):
    """R126, R125."""
    message_id = uuid.uuid4()

    assert tasks.publish("methods.deliver", message_id) is True
    assert broker.told == [("methods.deliver", str(message_id))]


def test_a_broker_that_is_away_is_no_error(broker, caplog):
    """R095: the page goes on, and the log keeps the broker's address to itself."""
    broker.is_away = True

    assert tasks.publish("methods.deliver", uuid.uuid4()) is False
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "secret" not in caplog.text


def test_a_broker_that_failed_has_a_rest(broker, monkeypatch):
    broker.is_away = True
    tasks.publish("methods.deliver", uuid.uuid4())
    broker.is_away = False

    during = tasks.publish("methods.deliver", uuid.uuid4())
    monkeypatch.setattr(tasks, "REST", 0)
    after = tasks.publish("methods.deliver", uuid.uuid4())

    assert (during, after) == (False, True)
    assert len(broker.told) == 1


def test_a_failed_publishing_is_noted_for_the_sweeper(broker, queue_code):
    broker.is_away = True
    message = queue_code()

    tasks.publish_or_note(message.job, message.pk)

    assert [each.pk for each in sweeper.due()] == [message.pk]


def test_a_sweep_publishes_what_nobody_was_told_of(broker, queue_code, queue_notice):
    """R126."""
    code, notice = queue_code(), queue_notice()
    Message.objects.update(published_at=None)

    tasks.sweep()

    assert broker.told == [
        ("methods.deliver", str(code.pk)),
        ("messaging.send_notice", str(notice.pk)),
    ]
    assert sweeper.due() == []


def test_a_sweep_without_broker_leaves_all_for_the_next(broker, queue_code):
    broker.is_away = True
    queue_code()
    Message.objects.update(published_at=None)

    tasks.sweep()

    assert len(sweeper.due()) == 1


def test_the_task_of_notices_sends_what_was_sealed(queue_notice):
    message = queue_notice()

    tasks.send_notice(str(message.pk))

    message.refresh_from_db()
    assert message.state == State.SENT
    assert MemoryTransport.outbox[0].outgoing.subject == "Something happened"


def test_a_task_for_a_message_that_is_gone_does_nothing(db):
    tasks.send_notice(str(uuid.uuid4()))

    assert not MemoryTransport.outbox


def test_a_killed_worker_gives_its_task_back():
    """R126: acknowledged late; the claim makes the repeat safe."""
    task = current_app.tasks[tasks.SEND_NOTICE]

    assert task.acks_late
    assert task.reject_on_worker_lost
