"""What reaches the broker and the workers to see whether they are there."""

from __future__ import annotations

import logging
from typing import Any

from celery import current_app, shared_task
from celery.signals import before_task_publish, worker_init
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, close_old_connections

from securityinfo.operations import heartbeats, key_proofs, tally

log = logging.getLogger(__name__)

BEAT = "operations.beat"
TALLY = "operations.tally"


@shared_task(name=BEAT)
def beat(queue: str) -> None:
    """Sent to each queue: whoever takes it is a worker of that queue, and alive."""
    heartbeats.beat(heartbeats.worker_of(queue))
    key_proofs.leave()


@shared_task(name=TALLY)
def count_events() -> None:
    """For monitoring: what happened since the last time."""
    tally.count()


@before_task_publish.connect(sender=BEAT)
def note_scheduler(**_: Any) -> None:
    """In the scheduler's own process, which does nothing else with the database."""
    try:
        close_old_connections()
        heartbeats.beat(heartbeats.SCHEDULER)
    except DatabaseError as error:
        log.warning("The database is away: %s", type(error).__name__)


@worker_init.connect
def refuse_wrong_keys(**_: Any) -> None:
    """Before it takes anything. Celery logs what a receiver raises, and starts all the same."""
    try:
        key_proofs.refuse_wrong_keys()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from None


def ask_broker() -> None:
    """Connect once, as a page would. Raises whatever the broker's library raises."""
    with current_app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=0, interval_start=0, timeout=2)
