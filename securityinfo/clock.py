"""What time it is: by the database's clock, whatever this machine's own says (R130).

So all machines of an installation judge alike, and no clock that is set back brings anything back.
The database tells its time with each new connection and with each page of a session; in between a
process counts the seconds itself, by a clock that nobody can set.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

LATE = 0.5  # seconds; who was told so late keeps what was heard before

_heard: tuple[datetime, float] | None = None  # the database's time, and time.monotonic() then


def now() -> datetime:
    """This machine's own time as long as no database server has told another one."""
    if _heard is None:
        return timezone.now()
    moment, at = _heard
    return moment + timedelta(seconds=time.monotonic() - at)


def timestamp() -> float:
    """Unix time."""
    return now().timestamp()


def hear(moment: datetime, *, asked_at: float) -> None:
    """`moment` is what the database has answered to a question asked at this time.monotonic()."""
    global _heard
    if not settings.CLOCK_OF_DATABASE:
        return
    at = time.monotonic()
    if _heard is None or at - asked_at < LATE:
        _heard = moment, (asked_at + at) / 2
