"""Connections end in the middle of a request, and transactions wait for each other (F08)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.faults.invariants import DATABASE, Invariants
from tests.faults.sign_ins import Browser, Crowd, people
from tests.servers.postgres import Postgres
from tests.servers.processes import wait_until

END_ONE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s "
    "AND pid <> pg_backend_pid() {} ORDER BY random() LIMIT 1"
)
AT_WORK = "AND state <> 'idle'"
WAITS_FOR_A_LOCK = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
)
CYCLE_IS_LOOKED_FOR_AFTER = "3s"  # the test has to lock its part of the cycle before


def test_sign_ins_survive_connections_that_end_at_random(postgres, site):
    """F08, R129, I1–I5, I7."""
    everybody = people(site, 36)
    before = Invariants(postgres, site)
    site.start_web()

    with Crowd(site, everybody) as crowd, ending_connections(postgres):
        crowd.await_answers(503, more=3)

    crowd.check()
    before.hold()


class ending_connections:  # noqa: N801 - reads as what it does
    """Until the block ends: those of a statement or a transaction, any of them."""

    def __init__(self, postgres: Postgres) -> None:
        self.postgres = postgres
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._end_one_after_the_other)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(30)

    def _end_one_after_the_other(self) -> None:
        with self.postgres.connect() as admin:
            while not self._over.wait(0.01):
                admin.execute(END_ONE.format(AT_WORK), (DATABASE,))


@pytest.fixture
def options() -> dict[str, str]:
    return {"deadlock_timeout": CYCLE_IS_LOOKED_FOR_AFTER}


def test_a_deadlock_undoes_the_answer_and_not_the_counted_try(postgres, site):
    """F08, R129: nothing is repeated by itself; the same code is still good afterwards."""
    (person,) = people(site, 1)
    before = Invariants(postgres, site)
    web = site.start_web()
    browser = Browser.of(person, site)
    assert browser.password()
    code = person.code()

    with ThreadPoolExecutor(1) as pool, postgres.connect(DATABASE) as other:
        other.execute("SET deadlock_timeout = '1h'")  # the other one finds the cycle
        with other.transaction():
            other.execute("SELECT 1 FROM methods_registration FOR UPDATE")
            answer = pool.submit(browser.code, code)
            wait_until(lambda: waiting(postgres) == 1, 30, "for the answer to wait for us")
            other.execute("SELECT 1 FROM accounts_user FOR UPDATE")
            is_in = answer.result(30)
    undone = browser.asked[-1]
    tries = counted(postgres)

    assert not is_in
    assert (undone.status, undone.retry_after) == (503, "60")
    assert "deadlock detected" in web.said
    assert tries == 1
    assert browser.code(code)
    assert counted(postgres) == 2
    before.hold()


def waiting(postgres: Postgres) -> int:
    return one(postgres, WAITS_FOR_A_LOCK, DATABASE)


def counted(postgres: Postgres) -> int:
    return one(postgres, "SELECT sum(tries) FROM methods_challenge")


def one(postgres: Postgres, sql: str, *values: str) -> int:
    with postgres.connect(DATABASE) as connection:
        (value,) = connection.execute(psycopg.sql.SQL(sql), values).fetchone()
    return value
