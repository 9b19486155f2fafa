"""What the workers do for the log: seal what is new, check everything at night."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import transaction

from securityinfo.actor import SYSTEM, Actor
from securityinfo.audit import anchor, log, seal, tags, verify
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


def check(*, actor: Actor, against: anchor.Anchor | None = None) -> verify.Report:
    """Seal what is pending, verify everything, and record the outcome as an event.

    `against`: an end of the chain that somebody has noted, besides the one in the file.
    """
    seal_events()
    report = verify.verify()
    _compare(report, against)
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
    if report.is_intact:
        _note()
    return report


def _compare(report: verify.Report, against: anchor.Anchor | None) -> None:
    """With what was noted outside of the database, which nobody who writes into it can change."""
    try:
        noted = [anchor.noted(), against]
    except anchor.Unreadable:
        report.add("anchor", "its file can't be read")
        return
    for each in noted:
        problem = each.problem() if each else ""
        if each and problem:
            report.add(f"anchor: position {each.position}", problem)


def _note() -> None:
    try:
        anchor.note()
    except OSError as error:
        logger.error("audit.broken the anchor can't be written: %s", error.strerror)
