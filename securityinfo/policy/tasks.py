"""Keeping data: the daily job that removes what the policy no longer wants kept (AD6)."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task

from securityinfo import clock
from securityinfo.audit import retention
from securityinfo.messaging import service as messaging
from securityinfo.policy import service
from securityinfo.policy.models import Proposal


@shared_task(name="policy.retire_audit")
def retire_audit() -> None:
    """Events, their origins and delivery records, each after its days of the policy.

    And what was proposed for the policy and never saved, after a day.
    """
    settings = service.current()
    now = clock.now()
    retention.forget_origins(now - timedelta(days=settings.network_days))
    retention.retire_events(now - timedelta(days=settings.audit_days))
    Proposal.objects.outlived().delete()
    messaging.forget_before(timedelta(days=settings.delivery_days))
