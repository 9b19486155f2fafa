"""What the workers do for the counters: forget those that are over."""

from __future__ import annotations

from celery import shared_task

from securityinfo.throttling import service


@shared_task(name="throttling.purge")
def purge() -> None:
    service.purge()
