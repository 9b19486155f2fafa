"""What happens to a call when nobody does anything."""

from __future__ import annotations

import logging
from uuid import UUID

from celery import Task, shared_task

from securityinfo.demo import phone
from securityinfo.demo.models import DemoMessage

PATIENCE = 45  # seconds: three times a sentence and a pause

log = logging.getLogger(__name__)


def later(task: Task, call: DemoMessage, *, seconds: int) -> None:
    """Without a broker the phone rings on; nothing else is lost."""
    try:
        task.apply_async((str(call.pk),), countdown=seconds, retry=False)
    except Exception as error:  # noqa: BLE001 - the broker's library raises what it likes
        log.warning("The demo phone has no broker (%s).", type(error).__name__)


@shared_task(name="demo.ring_out")
def ring_out(call_id: str) -> None:
    for call in DemoMessage.objects.filter(pk=UUID(call_id)):
        phone.ring_out(call)


@shared_task(name="demo.keep_silent")
def keep_silent(call_id: str) -> None:
    for call in DemoMessage.objects.filter(pk=UUID(call_id)):
        phone.keep_silent(call)
