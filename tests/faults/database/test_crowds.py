"""One form many times at once, many tries on one code, over several web processes (F14, F15)."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.invariants import DATABASE, Invariants
from tests.faults.sign_ins import HOME, USED, VERIFY, Browser, Person, people
from tests.servers.postgres import Postgres
from tests.servers.site import Site

PROCESSES = "4"
TABS, TRIES = 20, 200
MAY_FAIL = 5  # a person, in five minutes


@pytest.fixture
def person(site: Site) -> Person:
    (person,) = people(site, 1)
    return person


def events(postgres: Postgres, tag: str, result: str) -> int:
    with postgres.connect(DATABASE) as connection:
        found = connection.execute(
            "SELECT count(*) FROM audit_event WHERE tag = %s AND result = %s", (tag, result)
        ).fetchone()
    return found[0] if found else 0


def test_the_right_code_in_twenty_tabs_signs_in_once(postgres, site, person):
    """F14, R131, I1, I7: every tab ends on the page that the first one led to, or on its own."""
    before = Invariants(postgres, site)
    site.start_web(WEB_CONCURRENCY=PROCESSES)
    browser = Browser.of(person, site)
    assert browser.password()
    code = person.code()
    tabs = [browser.visitor.twin() for _ in range(TABS)]

    with ThreadPoolExecutor(TABS) as pool:
        list(pool.map(lambda tab: tab.send(VERIFY, code=code), tabs))
    signed_in = [tab for tab in tabs if tab.at.endswith(HOME)]

    assert {tab.status for tab in tabs} <= {200, USED, 429}
    assert len(signed_in) >= 1
    assert events(postgres, "sign_in.completed", "ok") == 1
    assert events(postgres, "challenge.answered", "ok") == 1
    before.hold()


def test_two_hundred_tries_on_one_code_are_compared_five_times(postgres, site, person):
    """F15, R005, I2: whichever process they meet."""
    before = Invariants(postgres, site)
    site.start_web(WEB_CONCURRENCY=PROCESSES)
    browser = Browser.of(person, site)
    assert browser.password()
    wrong = f"{(int(person.code(steps=40)) + 1) % 1_000_000:06}"
    tabs = [browser.visitor.twin() for _ in range(TRIES)]

    with ThreadPoolExecutor(TABS) as pool:
        list(pool.map(lambda tab: tab.send(VERIFY, code=wrong), tabs))
    answers = Counter(tab.status for tab in tabs)

    assert set(answers) <= {200, USED, 429}
    assert events(postgres, "challenge.answered", "refused") == MAY_FAIL
    assert answers[429] >= TRIES - 2 * MAY_FAIL
    before.hold()
