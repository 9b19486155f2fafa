"""What the workers do for methods: deliver a code, clear away what is over."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from methods import courier, retention


@shared_task(name="methods.deliver", acks_late=True, reject_on_worker_lost=True)
def deliver(message_id: str) -> None:
    courier.deliver(UUID(message_id))


@shared_task(name="methods.purge")
def purge() -> None:
    retention.purge()
