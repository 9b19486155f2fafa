"""Among many thousand people every page and task costs what it costs among three: by index."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext

from accounts import browsers, impact, sessions
from accounts.models import User
from accounts.session_store import SessionStore
from methods import headcount, lookup, registrations, registry, statements
from methods.models import Challenge, Registration
from securityinfo import throttling
from securityinfo.messaging import outbox, sweeper
from securityinfo.messaging import service as messaging
from securityinfo.messaging.models import Message, State
from securityinfo.throttling import limits
from tests import backlog, kinds
from tests.bench import people, traces

pytestmark = [pytest.mark.postgresql, pytest.mark.slow, pytest.mark.django_db]

PEOPLE = int(os.environ.get("PEOPLE", "5000"))
LARGE = (
    "accounts_user",
    "accounts_session",
    "accounts_knownbrowser",
    "methods_registration",
    "methods_challenge",
    "messaging_message",
    "throttling_counter",
    "audit_event",
    "audit_eventorigin",
)
DESK = "/helpdesk/"
LIST, ADD, SET_UP = "/security-info/", "/security-info/add/", "/security-info/add/email/"
ACTIVITY, DEFAULT = "/security-info/activity/", "/security-info/default/"
PAGES = (LIST, ADD, SET_UP, DEFAULT)
ADMIN = ("/admin/accounts/user/", "/admin/methods/registration/", "/admin/audit/event/")
# Of the administration: the duties and the list take four; groups to filter by, or names, one more.
EXPECTED = dict(zip(ADMIN, (5, 4, 5), strict=True)) | {LIST: 2, ADD: 2, SET_UP: 4, DEFAULT: 2}


@pytest.fixture(scope="module")
def crowd(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """Made once for all tests here, and gone with the transaction in which it was made."""
    with django_db_blocker.unblock():
        atomics = TestCase._enter_atomics()
        people.fill(PEOPLE)
        traces.leave()
        # Not the catalogs that all databases share: another worker would wait for their locks.
        ours = connection.introspection.django_table_names(only_existing=True)
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(ours)}")
        yield
        TestCase._rollback_atomics(atomics)


@pytest.fixture
def one_of_many(crowd: None, db: None) -> User:
    for kind in ("sms", "call", "email"):
        kinds.allow(kind)
    return User.objects.get(username=people.user_name(PEOPLE // 2 + 1))


@pytest.fixture
def browser(one_of_many, signed_in) -> Client:
    client = signed_in(one_of_many)
    client.get(LIST)  # the policy is read once by each process
    return client


def plans_of(captured: CaptureQueriesContext) -> Iterator[tuple[str, str]]:
    """Each statement with what PostgreSQL says of how it would be done."""
    for each in captured.captured_queries:
        sql = each["sql"].strip()
        if sql.startswith(("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")):
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN " + sql.replace("%", "%%"), [])
                yield sql, "\n".join(row[0] for row in cursor.fetchall())


def scans(captured: CaptureQueriesContext) -> list[str]:
    """Statements that read a large table from end to end.

    A list counts 10,000 rows at most: among ten thousand people that looks like all of them.
    """
    return [
        f"{sql}\n{plan}"
        for sql, plan in plans_of(captured)
        if any(f"Seq Scan on {table} " in plan for table in LARGE) and not counts_all(sql)
    ]


def counts_all(sql: str) -> bool:
    return sql.startswith("SELECT COUNT(*)") and "WHERE" not in sql and "LIMIT 10000)" in sql


def watched() -> CaptureQueriesContext:
    return CaptureQueriesContext(connection)


def test_a_scan_would_be_found(one_of_many):
    with watched() as captured:
        list(Registration.objects.filter(name="nobody's")[:1])

    assert len(scans(captured)) == 1


@pytest.mark.parametrize("spelling", ["06 1{:07}", "+31 6 1{:07}", "person{:06}@EXAMPLE.net"])
def test_the_helpdesk_finds_a_number_or_an_address_by_index(one_of_many, spelling):
    """A hundred thousand people with three methods each: no row is read that isn't meant."""
    wanted = PEOPLE // 2 + 1
    with watched() as captured:
        found = list(lookup.find(spelling.format(wanted)))

    assert {each.user for each in found} == {one_of_many}
    assert scans(captured) == []
    [plan] = [plan for sql, plan in plans_of(captured) if "methods_registration" in sql]
    assert "methods_channel" in plan


@pytest.mark.parametrize(
    "typed",
    [
        "{name}",
        "{name}@EXAMPLE.org",
        "Quirine d",
        "E-{number}",
        "06 1{number:07}",
        "{name}@example.net",
    ],
)
def test_an_agent_searches_by_index(one_of_many, carol, signed_in, typed):
    """HD2; then everything about that person, page after page."""
    number = PEOPLE // 2 + 1
    User.objects.filter(pk=one_of_many.pk).update(
        full_name="Quirine de Vries", employee_number=f"E-{number}"
    )
    agent = signed_in(carol)
    agent.get(DESK)
    with watched() as captured:
        agent.post(DESK, {"typed": typed.format(name=people.user_name(number), number=number)})
        found = agent.get(DESK)

    assert f"/helpdesk/people/{one_of_many.public_id}/" in found.content.decode()
    assert scans(captured) == []


def count_much() -> None:
    """As on a busy day: a person's counters are some sixty, and a small table is read whole."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO throttling_counter (key, window_start, hits, hold_until)"
            " SELECT 'somebody:' || md5(n::text), 0, 1, 0 FROM generate_series(1, 50000) AS n"
        )
        cursor.execute("ANALYZE throttling_counter")


def test_a_case_is_worked_by_index(one_of_many, carol, signed_in):
    count_much()
    agent, home = signed_in(carol), f"{DESK}people/{one_of_many.public_id}/"
    check = {"reason": "Lost the phone", "how": "call-back", "did_it": "on"}
    with watched() as captured:
        agent.get(home)
        agent.get(f"{home}check/")
        agent.post(f"{home}check/", check)
        for page in ("", "reregister/", "end-sessions/", "unlock/", "pass/", "explain/"):
            assert agent.get(f"{home}{page}").status_code == 200
        agent.post(f"{home}end-sessions/", {"token": str(uuid4())})
        agent.post(f"{home}reregister/", {"token": str(uuid4())})
        agent.post(f"{home}close/")

    assert not Registration.objects.of(one_of_many).exists()
    assert scans(captured) == []


@pytest.mark.parametrize("address", [LIST, ADD, SET_UP, ACTIVITY, DEFAULT])
def test_a_page_reads_no_large_table_from_end_to_end(browser, address):
    with watched() as captured:
        response = browser.get(address)

    assert response.status_code in (200, 302)
    assert scans(captured) == []


def test_setting_up_a_method_reads_no_large_table_from_end_to_end(browser, one_of_many):
    """Limits, what was typed, the message, its status, a wrong code, the right one."""
    with watched() as captured:
        browser.post(SET_UP, {"address": "another@example.net"})
        challenge = Challenge.objects.filter(user=one_of_many).latest("issued_at")
        browser.get(f"{SET_UP}verify/status/")
        browser.post(f"{SET_UP}verify/", kinds.wrong(challenge))
        browser.post(f"{SET_UP}verify/", kinds.right(challenge))

    assert Registration.objects.of(one_of_many).confirmed().count() == 4
    assert scans(captured) == []


def test_what_runs_in_the_background_reads_no_large_table_from_end_to_end(one_of_many):
    """Sweeper, a report of the provider, counters, sessions, browsers, unfinished methods."""
    with watched() as captured:
        sweeper.tidy()
        sweeper.due()
        list(Message.objects.known_to_provider_as("SM123"))
        messaging.status_of(one_of_many.public_id, 0)
        throttling.hit_all(limits.ANSWERS_BY_ACCOUNT, "somebody")
        throttling.held_until(limits.PASSWORD_HOLD, "somebody")
        throttling.purge()
        sessions.end_all(one_of_many)
        SessionStore.clear_expired()
        browsers.forget_old()
        list(Registration.objects.under_way().filter(created_at__lt=one_of_many.created_at))

    assert scans(captured) == []


def test_one_of_thousands_that_wait_is_found_by_its_id(one_of_many):
    """L4: they came so fast that PostgreSQL's statistics know of none of them."""
    backlog.fill(2_000, in_broker=False)
    waiting = Message.objects.unfinished().latest("created_at")
    with watched() as captured:
        message = outbox.claim(waiting.pk)
        outbox.begin_call(message)
        outbox.finish(message, State.SENT)

    plans = [plan for sql, plan in plans_of(captured) if "messaging_message" in sql]
    assert len(plans) == 4
    assert [plan for plan in plans if "messaging_message_pkey" not in plan] == []


def test_one_of_thousands_that_are_asked_is_found_by_its_id(one_of_many):
    challenge = kinds.begin(one_of_many, registry.get("email"))
    Challenge.objects.exclude(pk=challenge.pk).update(closed_at=None, outcome="")
    with watched() as captured:
        statements.count_try(challenge, keyed=False)
        statements.consume(challenge, challenge.registration, 7, is_use=True)

    plans = [plan for sql, plan in plans_of(captured) if 'UPDATE "methods_challenge"' in sql]
    assert len(plans) == 2
    assert [plan for plan in plans if "methods_challenge_pkey" not in plan] == []


def test_a_preview_of_the_policy_reads_everybody_once(crowd):
    """It is fetched in pieces, and of those PostgreSQL believes that only the first are wanted.

    Among a million it then went through all methods for each person; not so among these.
    """
    with headcount.roomy(), connection.cursor() as cursor:
        cursor.execute("SHOW cursor_tuple_fraction")
        assert cursor.fetchone() == ("1",)
        cursor.execute(f"EXPLAIN DECLARE everybody CURSOR FOR {impact.PEOPLE}")
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "Hash" in plan
    assert "Nested Loop" not in plan


@pytest.mark.parametrize("address", ADMIN)
@pytest.mark.parametrize("query", ["", "?p=2", "?q=person000123"])
def test_a_list_of_the_administration_is_read_by_index(crowd, ada, signed_in, address, query):
    browser = signed_in(ada)
    with watched() as captured:
        response = browser.get(address + query)

    assert response.status_code == 200
    assert scans(captured) == []


@pytest.fixture
def pages(signed_in, ada) -> Callable[[User], dict[str, int]]:
    """The number of queries of each page and list, seen by this person and by an administrator."""

    def count(user: User) -> dict[str, int]:
        found = {}
        for client, addresses in ((signed_in(user), PAGES), (signed_in(ada), ADMIN)):
            for address in addresses:
                client.get(address)
                with watched() as captured:
                    client.get(address)
                found[address] = len(captured)
        return found

    return count


def test_pages_and_lists_need_the_same_queries_with_three_people(pages, bob):
    """What `EXPECTED` says of the crowd."""
    for kind in ("sms", "call", "email"):
        kinds.allow(kind)

    assert pages(bob) == EXPECTED


def test_pages_need_the_same_queries_with_one_and_with_ten_methods(browser, one_of_many, pages):
    three = pages(one_of_many)
    extra = [
        registrations.draft(one_of_many, method, method.enrol(one_of_many, {}))
        for method in [registry.get("authenticator")] * 7
    ]
    Registration.objects.bulk_create(extra)
    Registration.objects.of(one_of_many).update(confirmed=True)
    ten = pages(one_of_many)
    Registration.objects.of(one_of_many).filter(is_default=False).delete()
    one = pages(one_of_many)

    assert one == three == ten == EXPECTED
