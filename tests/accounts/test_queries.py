"""How many statements the second step of a sign-in needs."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from methods.models import Challenge
from tests import kinds
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db

SIGN_IN, VERIFY = "/sign-in/", "/sign-in/verify/"
OF_TRANSACTIONS = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")

COUNTED = ["throttling_counter", "methods_challenge"]
# Whose session it is, who is signing in, with which methods, what was asked.
ASKED = ["accounts_session", "accounts_user", "methods_registration", "methods_challenge"]
# Challenge and step are used up; the person is locked in the first of these.
CONSUMED = ["methods_challenge", "methods_registration"]
# The session is the person's, and the browser is known by another name, whoever else uses it.
SIGNED_IN = ["accounts_user", "accounts_session"]
SEEN = ["audit_event", "accounts_knownbrowser"]


@pytest.fixture
def app(bob, registered, clock):
    kinds.allow("authenticator")
    app = registered("authenticator")
    clock.advance(seconds=30)  # the code that proved it is used up
    return app


@pytest.fixture
def browser(app):
    """In which bob has signed in before, and has given his password again."""
    client = Client()
    for _ in range(2):
        client.post(SIGN_IN, {"name": "bob", "password": PASSWORD, "next": ""})
        if "known-browser" not in client.cookies:
            assert client.post(VERIFY, right()).status_code == 302
            client.post("/sign-out/")
    client.get(VERIFY)  # the policy is read once by each process
    return client


def right() -> dict:
    return kinds.right(Challenge.objects.latest("issued_at"))


def wrong() -> dict:
    return kinds.wrong(Challenge.objects.latest("issued_at"))


def tables(client, answer: dict, *, status: int) -> list[str]:
    """Of each statement, in order; those of an event's origin left out."""
    names = [name for each in statements(client, answer, status=status) for name in _tables(each)]
    return [name for name in names if name != "audit_eventorigin"]


def statements(client, answer: dict, *, status: int) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        response = client.post(VERIFY, answer)
    assert response.status_code == status
    sql = [each["sql"].strip() for each in captured.captured_queries]
    return [each for each in sql if not each.startswith(OF_TRANSACTIONS)]


def _tables(sql: str) -> list[str]:
    """Which it is about, on PostgreSQL sometimes two; what stands in brackets before is another."""
    if sql.startswith("SELECT"):
        return re.findall(r'FROM "(\w+)', sql)[-1:]
    return re.findall(r'(?:INSERT INTO|(?<!DO )UPDATE|DELETE FROM) "?(\w+)', sql)


def test_a_wrong_code_needs_seven_statements(browser):
    """Whatever strangers do, it costs no more than this."""
    found = tables(browser, wrong(), status=422)

    assert found == [*ASKED, *COUNTED, "audit_event"]


def test_a_right_code_writes_each_thing_once(browser, clock):
    clock.advance(seconds=30)

    found = tables(browser, right(), status=302)

    first, given_back = ["audit_event"], ["throttling_counter"]
    # On PostgreSQL the first event waits for the second.
    written = [*SIGNED_IN, *first] if connection.vendor == "postgresql" else [*first, *SIGNED_IN]
    assert found == [*ASKED, *COUNTED, *CONSUMED, *written, *SEEN, *given_back]


def test_a_right_code_needs_twelve_statements_of_postgresql(browser, clock):
    """Elsewhere two more, and one for the origin of each event."""
    clock.advance(seconds=30)

    expected = 12 if connection.vendor == "postgresql" else 16
    assert len(statements(browser, right(), status=302)) == expected


def test_they_are_as_many_however_many_methods_a_person_has(browser, bob, clock):
    kinds.allow("email")
    for number in range(3):
        kinds.register(bob, "email", {"address": f"b{number}@example.net"})
    clock.advance(seconds=30)

    assert len(tables(browser, wrong(), status=422)) == 7
