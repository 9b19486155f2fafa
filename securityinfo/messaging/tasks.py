"""The way to and from the workers: the broker carries the id of a message, nothing else."""

from __future__ import annotations

import logging
import time
from functools import partial
from uuid import UUID

from celery import current_app, shared_task

from securityinfo.messaging import delivery, letters, sweeper, texts, trial
from securityinfo.messaging.calls import TRIAL
from securityinfo.messaging.content import Channel, Outgoing
from securityinfo.messaging.models import Message

log = logging.getLogger(__name__)

SEND_NOTICE = "messaging.send_notice"
SWEEP = "messaging.sweep"

# kombu's own retries each wait for the broker again; here time is what is bounded.
AT_ONCE = {"max_retries": 0, "interval_start": 0, "interval_step": 0, "interval_max": 0}
QUICK = 0.5  # seconds; a connection that a restarted broker has forgotten fails at once
REST = 5.0  # seconds in which a broker that failed isn't asked again by a page

_broker_failed_at = -REST


def publish(job: str, message_id: UUID) -> bool:
    """Tell a worker of the message; False, within two seconds, if the broker is away."""
    global _broker_failed_at
    if time.monotonic() - _broker_failed_at < REST:
        return False
    try:
        _tell_worker(job, message_id)
    except Exception as error:  # noqa: BLE001 - the broker's library raises what it likes
        _broker_failed_at = time.monotonic()
        log.warning("The broker is away (%s): the sweeper publishes.", type(error).__name__)
        return False
    return True


def _tell_worker(job: str, message_id: UUID) -> None:
    """Twice, if the first time failed at once: the connection may only have been an old one."""
    send = partial(
        current_app.send_task, job, args=[str(message_id)], retry=True, retry_policy=AT_ONCE
    )
    begun = time.monotonic()
    try:
        send()
    except Exception:
        if time.monotonic() - begun > QUICK:
            raise
        send()


def publish_or_note(job: str, message_id: UUID) -> None:
    """Publish, and remember in the row if that failed: the page then says "delayed"."""
    if not publish(job, message_id):
        Message.objects.filter(pk=message_id).update(published_at=None)


@shared_task(name=SEND_NOTICE, acks_late=True, reject_on_worker_lost=True)
def send_notice(message_id: str) -> None:
    delivery.deliver(UUID(message_id), _notice)


def _notice(message: Message) -> Outgoing:
    if message.channel != Channel.TEXT:
        return letters.notice(message)
    texts.check(message)
    return texts.notice(message)


@shared_task(name=TRIAL, acks_late=True, reject_on_worker_lost=True)
def send_trial(message_id: str) -> None:
    delivery.deliver(UUID(message_id), trial.compose)


@shared_task(name=SWEEP)
def sweep() -> None:
    """Every few seconds: put right what a lost worker or a lost broker left behind."""
    sweeper.tidy()
    sweeper.mark_published(
        [message.pk for message in sweeper.due() if publish(message.job, message.pk)]
    )
