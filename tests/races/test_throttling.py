"""Many at once: the database alone decides who was in time."""

from __future__ import annotations

import itertools
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


def test_crowds_that_count_the_same_in_any_order_never_wait_for_each_other():
    """R091: every try counts all of its limits or none, whatever order they are asked for in."""
    one, other = Limit("races-one", 30, limits.DAY), Limit("races-other", 50, limits.DAY)
    narrow = Limit("races-narrow", 5, limits.DAY)
    orders = itertools.cycle(((one, other, narrow), (narrow, other, one), (other, narrow, one)))

    def count_and_give_back() -> None:
        kept, *given_back = throttling.hit_all(next(orders)[:2], "key")
        throttling.give_back(kept, *given_back)
        throttling.hit_all(next(orders), "key")

    assert all_at_once(count_and_give_back) == narrow.hits
    assert set(Counter.objects.values_list("hits", flat=True)) == {narrow.hits}
