"""The way to and from the workers: the broker carries the id of a message, nothing else."""

from __future__ import annotations

import logging
import time
from uuid import UUID

from celery import current_app, shared_task

from securityinfo.messaging import delivery, letters, sweeper
from securityinfo.messaging.models import Message

log = logging.getLogger(__name__)

SEND_NOTICE = "messaging.send_notice"
SWEEP = "messaging.sweep"

# One more attempt, at once: behind us a page is waiting, and the sweeper is the guarantee.
RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1}
REST = 5.0  # seconds in which a broker that failed isn't asked again by a page

_broker_failed_at = -REST


def publish(job: str, message_id: UUID) -> bool:
    """Tell a worker of the message; False, within about a second, if the broker is away."""
    global _broker_failed_at  # noqa: PLW0603 - one process, one broker
    if time.monotonic() - _broker_failed_at < REST:
        return False
    try:
        current_app.send_task(job, args=[str(message_id)], retry=True, retry_policy=RETRY_POLICY)
    except Exception as error:  # noqa: BLE001 - whatever the broker's library raises: the sweeper will do it
        _broker_failed_at = time.monotonic()
        log.warning("The broker is away (%s): the sweeper will publish.", type(error).__name__)
        return False
    return True


def publish_or_note(job: str, message_id: UUID) -> None:
    """Publish, and remember in the row if that failed: the page then says "delayed"."""
    if not publish(job, message_id):
        Message.objects.filter(pk=message_id).update(published_at=None)


@shared_task(name=SEND_NOTICE, acks_late=True, reject_on_worker_lost=True)
def send_notice(message_id: str) -> None:
    delivery.deliver(UUID(message_id), letters.notice)


@shared_task(name=SWEEP)
def sweep() -> None:
    """Every few seconds: put right what a lost worker or a lost broker left behind."""
    sweeper.tidy()
    sweeper.mark_published(
        [message.pk for message in sweeper.due() if publish(message.job, message.pk)]
    )
