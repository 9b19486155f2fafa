"""While many wait and passwords take up the time, strangers come later."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from django.test import Client
from gunicorn.config import Config
from gunicorn.sock import TCPSocket

from accounts import browsers, crowd
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
BURST, QUEUE = crowd.BUDGETS[-1].burst, crowd.BUDGETS[-1].waiting


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(crowd.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def queue(clock) -> Iterator[Queue]:
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
def flooded(queue) -> None:
    begin_flood(queue)


def begin_flood(queue: Queue) -> None:
    """Passwords were compared all the time, and one more waits than may."""
    queue(QUEUE + 1)
    crowd.note_comparison(BURST)


def test_a_stranger_is_sent_away_in_a_flood(bob, flooded, monkeypatch, caplog):
    """L5: nothing is compared, counted or recorded, so it costs next to nothing."""
    doors.has_method(bob)
    monkeypatch.setattr(CappedArgon2Hasher, "verify", lambda *_: pytest.fail("compared"))

    answers = [doors.post_sign_in(Client(), name) for name in ("bob", "nobody", "bob")]

    assert {each.status_code for each in answers} == {503}
    assert {each.headers["Retry-After"] for each in answers} == {"60"}
    assert len({each.content for each in answers}) == 1
    assert "The service is busy." in answers[0].content.decode()
    assert not Counter.objects.exists()
    assert not Event.objects.filter(tag__startswith="sign_in").exists()
    assert [each.getMessage() for each in caplog.records] == [
        f"{QUEUE + 1} connections wait: passwords of strangers are not tried."
    ]


def test_the_owner_signs_in_all_the_same(bob, queue):
    at_home = doors.at_home(bob)
    begin_flood(queue)

    assert doors.post_sign_in(at_home, "bob").status_code == 302
    assert Event.objects.filter(tag=tags.SIGN_IN_PASSWORD_ACCEPTED).count() == 2


def test_a_cookie_that_nobody_was_given_makes_no_owner(bob, flooded, django_assert_num_queries):
    """And nobody is looked for because of it: policy, then browser."""
    doors.has_method(bob)
    browser = Client()
    doors.post_sign_in(browser, "bob")  # what is read once
    browser.cookies[browsers.COOKIE] = "made up"

    with django_assert_num_queries(2):
        assert doors.post_password(browser, "bob").status_code == 503


def test_somebody_elses_browser_makes_no_owner(eve, bob, queue):
    at_hers = doors.at_home(eve)
    begin_flood(queue)

    assert doors.post_sign_in(at_hers, "bob").status_code == 503


def test_a_queue_alone_sends_nobody_away(bob, queue):
    """Whoever only fills it, with pages that are quick, keeps nobody out."""
    doors.has_method(bob)
    queue(200)

    assert doors.post_sign_in(Client(), "bob").status_code == 302


def test_nobody_is_sent_away_where_few_wait(bob, queue):
    doors.has_method(bob)
    queue(QUEUE)
    crowd.note_comparison(10 * BURST)

    assert doors.post_sign_in(Client(), "bob").status_code == 302


@pytest.mark.parametrize("budget", crowd.BUDGETS)
def test_the_longer_the_queue_the_less_is_compared(queue, clock, budget):
    queue(budget.waiting + 1)
    begun, compared = clock[0], 0.0
    for _step in range(10_000):
        clock[0] += 0.01
        if not crowd.is_too_large():
            crowd.note_comparison(0.03)
            clock[0] += 0.03
            compared += 0.03

    most = budget.share * (clock[0] - begun)
    assert most * 0.99 <= compared <= most + budget.burst + 0.03


def test_what_was_not_compared_in_a_quiet_hour_is_kept_for_a_moment_only(queue, clock):
    queue(QUEUE + 1)
    clock[0] += 3600
    crowd.note_comparison(BURST)

    assert crowd.is_too_large()


def test_what_was_compared_in_a_busy_hour_keeps_nobody_out_for_long(queue, clock):
    queue(QUEUE + 1)
    crowd.note_comparison(3600)
    clock[0] += 3 * BURST

    assert not crowd.is_too_large()
