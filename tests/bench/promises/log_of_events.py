"""L7 in a process of the installation: the audit log with a million events in it."""

from __future__ import annotations

import itertools
import json
import sys
import time
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from securityinfo.actor import Actor, Origin
from securityinfo.audit import log, seal, tags, verify
from securityinfo.audit.models import Event
from tests.bench import copying, traces

APPENDED = 2_000
SINCE = timedelta(hours=2)  # old enough to be settled


def fill(events: int) -> None:
    """So many there are, sealed before anything runs: else the scheduler would do it meanwhile."""
    people = User.objects.order_by("pk").values_list("public_id", "role")
    missing = max(0, events - Event.objects.count())
    further = itertools.islice(itertools.cycle(people), missing)
    with copying.unchecked():
        copying.insert(Event, traces.events(further, at=timezone.now() - SINCE))
    copying.settle()
    seal.seal_all()
    copying.settle()


def measure() -> None:
    """Seal what has come since, append, and verify; prints what each took, as JSON."""
    seal.seal_all()
    appended = _append(User.objects.order_by("pk")[0])
    begun = time.perf_counter()
    report = verify.verify()
    found = {
        "appended": appended,
        "verified": report.events,
        "verified_a_second": report.events / (time.perf_counter() - begun),
        "findings": [str(each) for each in report.findings[:3]],
    }
    json.dump(found, sys.stdout)


def _append(person: User) -> list[float]:
    """Seconds for each event in a transaction of its own."""
    actor = Actor(
        person=person.public_id,
        role=person.role,
        origin=Origin(address="192.0.2.10", browser="Firefox on Linux"),
    )
    times = []
    for _ in range(APPENDED):
        begun = time.perf_counter()
        with transaction.atomic():
            log.record(tags.SIGN_IN_COMPLETED, actor=actor, subject=person.public_id)
        times.append(time.perf_counter() - begun)
    return times
