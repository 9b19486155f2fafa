"""R130: the time that the database has told counts, whatever this machine's own clock says."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from securityinfo import clock

THEIRS = datetime(2031, 5, 4, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def following(settings, monkeypatch):
    settings.CLOCK_OF_DATABASE = True
    monkeypatch.setattr(clock, "_heard", None)


def hear(moment: datetime, *, seconds_ago: float = 0) -> None:
    clock.hear(moment, asked_at=time.monotonic() - seconds_ago)


def is_now(moment: datetime) -> bool:
    return abs(clock.now() - moment) < timedelta(seconds=5)


def test_what_was_heard_counts():
    hear(THEIRS)

    assert is_now(THEIRS)


def test_as_long_as_nothing_was_heard_it_is_this_machines_time():
    assert is_now(timezone.now())


@pytest.mark.parametrize("hours", [-1, 1, 720])
def test_a_clock_that_is_set_changes_nothing(hours):
    hear(THEIRS)

    with time_machine.travel(timezone.now() + timedelta(hours=hours)):
        assert is_now(THEIRS)


def test_what_is_heard_later_counts_more():
    hear(THEIRS)
    hear(THEIRS - timedelta(hours=1))

    assert is_now(THEIRS - timedelta(hours=1))


def test_an_answer_that_took_long_says_what_time_it_was_and_not_what_it_is():
    hear(THEIRS)
    hear(THEIRS - timedelta(hours=1), seconds_ago=9)

    assert is_now(THEIRS)


def test_the_tests_may_move_the_clock_of_the_application(settings):
    settings.CLOCK_OF_DATABASE = False
    hear(THEIRS)

    assert is_now(timezone.now())
