"""Moments as a person reads them: clock times and days in the active zone and language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache

from django.utils import timezone
from django.utils.dates import MONTHS_3
from django.utils.functional import lazy
from django.utils.translation import get_language, gettext


def clock(moment: datetime, *, seconds: bool = False) -> str:
    """`14:35`; `23 Nov, 14:35` if it isn't today; with the year if that is another one."""
    local = timezone.localtime(moment)
    today = timezone.localdate()
    time_of_day = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    if local.date() == today:
        return time_of_day
    return f"{_day_and_month(local.date(), today)}, {time_of_day}"


def day(moment: datetime | date) -> str:
    """`today`, `3 Mar`, or `3 Mar 2025` if that is another year."""
    local = timezone.localtime(moment).date() if isinstance(moment, datetime) else moment
    today = timezone.localdate()
    return gettext("today") if local == today else _day_and_month(local, today)


def without_year(moment: datetime) -> str:
    """`3 Mar`, also for today: for what is read later and has to be short, a text message."""
    local = timezone.localtime(moment)
    return f"{local.day} {_month(local)}"


def full(moment: datetime) -> str:
    """`3 Mar 2026, 14:35`, for what is read at any time: an email."""
    local = timezone.localtime(moment)
    return f"{local.day} {_month(local)} {local.year}, {local:%H:%M}"


def apart(moment: datetime, others: Iterable[datetime]) -> str:
    """`3 Mar`, or as much more of it as `others` don't share: the minute, the second."""
    local = timezone.localtime(moment)
    same_day = [each for each in map(timezone.localtime, others) if each.date() == local.date()]
    words = _day_and_month(local.date(), timezone.localdate())
    if not same_day:
        return words
    same_minute = any((each.hour, each.minute) == (local.hour, local.minute) for each in same_day)
    return f"{words}, {local:%H:%M:%S}" if same_minute else f"{words}, {local:%H:%M}"


apart_lazy = lazy(apart, str)  # for sentences that are put into words later


def _day_and_month(local: date, today: date) -> str:
    words = f"{local.day} {_month(local)}"
    return words if local.year == today.year else f"{words} {local.year}"


def _month(local: date) -> str:
    return _month_in(get_language() or "en", local.month)


@cache
def _month_in(language: str, month: int) -> str:
    """In the active language, which is this one."""
    words = str(MONTHS_3[month])
    if language.startswith("en"):
        return words.title()  # the catalogs of other languages have the case that is theirs
    return words
