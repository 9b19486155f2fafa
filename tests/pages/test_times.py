from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone, translation

from securityinfo import times

NOW = dt.datetime(2026, 11, 23, 13, 35, 30, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def in_amsterdam():
    with time_machine.travel(NOW, tick=False), timezone.override(ZoneInfo("Europe/Amsterdam")):
        yield


def test_today_needs_no_date():
    assert times.clock(NOW) == "14:35"


def test_a_wait_of_moments_has_seconds():
    assert times.clock(NOW, seconds=True) == "14:35:30"


def test_today_is_the_day_of_the_reader_and_not_of_the_server():
    after_midnight_there = NOW + dt.timedelta(hours=9, minutes=30)

    assert times.clock(after_midnight_there) == "24 Nov, 00:05"


def test_another_year_is_named():
    assert times.clock(dt.datetime(2027, 5, 21, 8, 0, tzinfo=dt.UTC)) == "21 May 2027, 10:00"
    assert times.day(dt.date(2027, 5, 21)) == "21 May 2027"


def test_days_are_short():
    assert times.day(NOW) == "today"
    assert times.day(dt.date(2026, 3, 3)) == "3 Mar"


def test_months_are_in_the_language_of_the_page():
    with translation.override("nl"):
        assert times.day(dt.date(2026, 5, 3)) == "3 mei"
