"""Many at once: the database alone decides who was in time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from securityinfo import throttling
from securityinfo.throttling import Hold, Limit, Throttled, limits
from securityinfo.throttling.models import Counter

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

CROWD = 200
THREADS = 40  # connections at once; the server allows a hundred

LIMIT = Limit("races", 5, limits.DAY)
HOLD = Hold("races-hold", 0, (900,), limits.DAY)


def all_at_once(action: Callable[[], object]) -> int:
    """How many of the crowd were let through."""
    ready = threading.Barrier(THREADS)

    def some() -> int:
        passed = 0
        try:
            ready.wait(timeout=90)
            for _turn in range(CROWD // THREADS):
                try:
                    action()
                    passed += 1
                except Throttled:
                    continue
        finally:
            connection.close()
        return passed

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(future.result() for future in [pool.submit(some) for _n in range(THREADS)])


@pytest.mark.parametrize("begun", [False, True])
def test_two_hundred_hits_on_a_limit_of_five_let_five_through(begun):
    """R005, R091: in a new window as in one that is already there."""
    if begun:
        throttling.give_back(throttling.hit(LIMIT, "key"))

    assert all_at_once(lambda: throttling.hit(LIMIT, "key")) == 5
    assert Counter.objects.get().hits == 5


def test_two_hundred_tries_on_a_hold_let_one_through():
    """R063: parallel tries get one comparison a wait, not one each."""
    assert all_at_once(lambda: throttling.hold_back(HOLD, "key")) == 1


def test_hits_given_back_by_a_crowd_are_all_free_again():
    wide = Limit("races-wide", 10 * CROWD, limits.DAY)

    assert all_at_once(lambda: throttling.give_back(throttling.hit(wide, "key"))) == CROWD
    assert Counter.objects.get().hits == 0
