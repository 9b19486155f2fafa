"""A queue that stays: strangers' passwords wait, owners and crowds don't."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from django.test import Client
from gunicorn.config import Config
from gunicorn.sock import TCPSocket

from accounts import crowd
from accounts.hashers import CappedArgon2Hasher
from securityinfo.audit import tags
from securityinfo.audit.models import Event
from securityinfo.throttling.models import Counter
from tests.accounts import doors

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="only Linux tells"),
]

Queue = Callable[[int], None]


@pytest.fixture
def queue() -> Iterator[Queue]:
    """`queue(30)`: so many connections wait at the web server, which takes none of them."""
    with ExitStack() as opened:
        listener = TCPSocket(("127.0.0.1", 0), Config(), None)
        opened.callback(listener.close)
        crowd.watch([listener])
        opened.callback(crowd.watch, [])

        def grow(count: int) -> None:
            for _ in range(count - listener.get_backlog()):
                opened.enter_context(socket.create_connection(listener.getsockname()))

        yield grow


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(crowd.time, "monotonic", lambda: now[0])
    return now


def test_a_stranger_is_sent_away_while_too_many_wait(bob, queue, monkeypatch):
    """L5: nothing is compared, counted or recorded, so it costs next to nothing."""
    doors.has_method(bob)
    queue(crowd.MOST + 1)
    monkeypatch.setattr(CappedArgon2Hasher, "verify", lambda *_: pytest.fail("compared"))

    answer = doors.post_sign_in(Client(), "bob")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert "The service is busy." in answer.content.decode()
    assert not Counter.objects.exists()
    assert not Event.objects.filter(tag__startswith="sign_in").exists()


def test_the_owner_signs_in_all_the_same(bob, queue):
    at_home = doors.at_home(bob)
    queue(crowd.MOST + 1)

    assert doors.post_sign_in(at_home, "bob").status_code == 302
    assert Event.objects.filter(tag=tags.SIGN_IN_PASSWORD_ACCEPTED).count() == 2


def test_a_cookie_that_nobody_was_given_makes_no_owner(bob, queue):
    doors.has_method(bob)
    browser = Client()
    browser.cookies["known-browser"] = "made up"
    queue(crowd.MOST + 1)

    assert doors.post_sign_in(browser, "bob").status_code == 503


def test_a_crowd_of_a_moment_is_served_in_turn(bob, queue, clock):
    """L2: 503 only where it has to be."""
    doors.has_method(bob)
    queue(crowd.MOST)

    assert doors.post_sign_in(Client(), "bob").status_code == 302


def test_a_queue_that_stays_is_none_of_a_moment(bob, queue, clock):
    doors.has_method(bob)
    queue(crowd.FEW + 1)
    answers = []
    for _second in range(int(crowd.PATIENCE) + 2):
        answers.append(doors.post_sign_in(Client(), "bob").status_code)
        clock[0] += crowd.FORGOTTEN

    assert answers == [302] * (int(crowd.PATIENCE) + 1) + [503]


def test_two_queues_are_not_taken_for_one(bob, queue, clock):
    """In between nobody came, so nobody knows whether it was short."""
    doors.has_method(bob)
    queue(crowd.FEW + 1)
    doors.post_sign_in(Client(), "bob")
    clock[0] += crowd.PATIENCE + 1

    assert doors.post_sign_in(Client(), "bob").status_code == 302


def test_a_few_may_wait_for_ever(bob, queue, clock):
    doors.has_method(bob)
    queue(crowd.FEW)
    for _ in range(3):
        assert doors.post_sign_in(Client(), "bob").status_code == 302
        clock[0] += crowd.FORGOTTEN
