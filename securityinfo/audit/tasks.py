"""What the workers do for the log: seal what is new, check everything at night."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import transaction

from securityinfo.actor import SYSTEM, Actor
from securityinfo.audit import log, seal, tags, verify
from securityinfo.audit.models import Event

logger = logging.getLogger("securityinfo.audit")
SHOWN = 20  # findings that are recorded; the command prints all of them


@shared_task(name="audit.seal")
def seal_events() -> None:
    """Every few seconds; a chain that can't be continued is left as it is, and named aloud."""
    try:
        seal.seal_all()
    except seal.Broken as error:
        logger.error("audit.broken %s", error)


@shared_task(name="audit.verify")
def verify_events() -> None:
    """Every night."""
    check(actor=SYSTEM)


def check(*, actor: Actor) -> verify.Report:
    """Seal what is pending, verify everything, and record the outcome as an event."""
    seal_events()
    report = verify.verify()
    for finding in report.findings:
        logger.error("audit.broken %s", finding)
    with transaction.atomic():
        if report.is_intact:
            log.record(tags.AUDIT_VERIFIED, actor=actor, events=report.events, mac=report.mac)
        else:
            found = [str(finding) for finding in report.findings[:SHOWN]]
            log.record(
                tags.AUDIT_BROKEN,
                actor=actor,
                result=Event.Result.REFUSED,
                count=len(report.findings),
                findings=found,
            )
    return report
