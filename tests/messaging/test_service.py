from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from securityinfo.messaging import service, tasks
from securityinfo.messaging.models import Message
from tests.messaging.conftest import age, an_email


def test_what_is_rolled_back_is_not_queued(queue_code):
    """R126: the change and its message are one transaction."""
    with transaction.atomic():
        queue_code()
        transaction.set_rollback(True)

    assert not Message.objects.exists()


def test_workers_hear_of_a_message_after_the_commit_only(
    queue_code, monkeypatch, django_capture_on_commit_callbacks
):
    """R126."""
    published = []
    monkeypatch.setattr(tasks, "publish", lambda job, pk: published.append((job, pk)) or True)

    with django_capture_on_commit_callbacks(execute=True):
        message = queue_code()
        before = list(published)

    assert before == []
    assert published == [("methods.deliver", message.pk)]


def test_one_code_has_one_message(queue_code, bob):
    message = queue_code()

    with pytest.raises(IntegrityError), transaction.atomic():
        service.queue_code(
            bob,
            channel="email",
            reference=message.reference,
            generation=message.generation,
            expires_at=timezone.now(),
        )


@pytest.mark.parametrize(
    ("own", "expected"), [("nl", "nl"), ("", "en"), ("klingon", "en"), ("../x", "en")]
)
def test_a_message_is_in_the_language_of_the_person_or_of_the_organization(
    queue_code, bob, own, expected
):
    """DE8."""
    bob.language = own

    assert queue_code().language == expected


def test_the_row_of_a_notice_shows_neither_address_nor_words(queue_notice):
    """R115, R125."""
    message = queue_notice()

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM messaging_message")
        stored = str(cursor.fetchall())

    assert message.sealed["to"] == "bob@example.org"
    assert "bob@" not in stored
    assert "Something happened" not in stored


def test_old_messages_are_forgotten_and_waiting_ones_are_not(queue_code):
    """AD6."""
    old, waiting = queue_code(), queue_code()
    service.deliver(old.pk, an_email)
    age(old, finished_at=-timedelta(days=31))
    age(waiting, created_at=-timedelta(days=31))

    assert service.forget_before(timedelta(days=30)) == 1
    assert list(Message.objects.all()) == [waiting]


def test_a_status_of_nothing_is_none(db):
    assert service.status_of(uuid.uuid4(), 0) is None
