"""Is the audit log sealed as it grows, and was it verified lately?"""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.db.models.functions import Now

from securityinfo import clock
from securityinfo.audit import anchor, guards, tags
from securityinfo.audit.models import Event, Head
from securityinfo.operations.findings import Findings, ok, warning, wrong

ABOUT = "audit log"
SEALED_WITHIN = timedelta(minutes=5)  # it is due every 5 s
VERIFIED_WITHIN = timedelta(hours=48)  # it is due every night


def findings() -> Findings:
    if missing := guards.missing(connection):
        yield wrong(ABOUT, f"The trigger {missing[0]} is missing: ask who removed it, and migrate.")
    if is_behind():
        yield wrong(ABOUT, "Events wait for their seal: start the scheduler and a worker.")
    else:
        yield ok(ABOUT, "Every event is sealed.")
    yield from _anchored()
    yield from _verified()


def _anchored() -> Findings:
    try:
        noted = anchor.noted()
    except anchor.Unreadable:
        yield wrong(ABOUT, "The file of SECURITYINFO_AUDIT_ANCHOR can't be read.")
        return
    if noted and noted.problem():
        text = "An older state of the database was put back: see Restore in docs/operators.md."
        yield wrong(ABOUT, text)


def is_behind() -> bool:
    """Whether an event should have had its seal by now."""
    settled = Head.objects.values_list("settled", flat=True).first() or 0
    late = Event.objects.filter(pk__gt=settled, at__lt=Now() - SEALED_WITHIN)
    return late.filter(seal=None).exists()


def is_intact() -> bool:
    """By the last check; True if there was none yet."""
    good, bad = last_of(tags.AUDIT_VERIFIED), last_of(tags.AUDIT_BROKEN)
    return bad is None or (good is not None and good.pk > bad.pk)


def last_of(tag: str) -> Event | None:
    return Event.objects.filter(tag=tag).order_by("-pk").first()


def _verified() -> Findings:
    good, bad = last_of(tags.AUDIT_VERIFIED), last_of(tags.AUDIT_BROKEN)
    if bad and not is_intact():
        yield wrong(ABOUT, f"Found changed on {bad.at:%Y-%m-%d %H:%M} UTC: manage.py verify_audit.")
    elif good is None:
        yield warning(ABOUT, "Never verified: manage.py verify_audit.")
    elif clock.now() - good.at > VERIFIED_WITHIN:
        text = f"Last verified on {good.at:%Y-%m-%d %H:%M} UTC: manage.py verify_audit."
        yield warning(ABOUT, text)
    else:
        yield ok(ABOUT, f"Verified on {good.at:%Y-%m-%d %H:%M} UTC.")
