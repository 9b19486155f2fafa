"""How many statements the second step of a sign-in needs, the same on every database."""

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
CONSUMED = ["methods_challenge", "methods_registration", "audit_event"]
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
    """Of each statement, in order."""
    with CaptureQueriesContext(connection) as captured:
        response = client.post(VERIFY, answer)
    assert response.status_code == status
    sql = [each["sql"].strip() for each in captured.captured_queries]
    asked = [each for each in sql if not each.startswith(OF_TRANSACTIONS)]
    # With its event, on SQLite in a statement of its own.
    return [name for name in map(_table, asked) if name != "audit_eventorigin"]


def _table(sql: str) -> str:
    """Which it is about; what stands in brackets before that is about another one."""
    if sql.startswith("SELECT"):
        return re.findall(r'FROM "(\w+)', sql)[-1]
    return re.search(r'(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)', sql)[1]


def test_a_wrong_code_needs_seven_statements(browser):
    """Whatever strangers do, it costs no more than this."""
    found = tables(browser, wrong(), status=422)

    assert found == [*ASKED, *COUNTED, "audit_event"]


def test_a_right_code_needs_fourteen_statements(browser, clock):
    clock.advance(seconds=30)

    found = tables(browser, right(), status=302)

    given_back = ["throttling_counter"]
    assert found == [*ASKED, *COUNTED, *CONSUMED, *SIGNED_IN, *SEEN, *given_back]


def test_they_are_as_many_however_many_methods_a_person_has(browser, bob, clock):
    kinds.allow("email")
    for number in range(3):
        kinds.register(bob, "email", {"address": f"b{number}@example.net"})
    clock.advance(seconds=30)

    assert len(tables(browser, wrong(), status=422)) == 7
