"""A task of the tests: sends a text, whatever kinds of method there are."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from securityinfo.messaging import delivery
from tests.messaging.telephony import a_text

SEND_TEXT = "tests.send_text"


@shared_task(name=SEND_TEXT, acks_late=True, reject_on_worker_lost=True)
def send_text(message_id: str) -> None:
    delivery.deliver(UUID(message_id), a_text)
