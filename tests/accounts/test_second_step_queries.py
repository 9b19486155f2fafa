"""How many queries the second step needs: a fixed number, in one place."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from methods.models import Registration
from tests.accounts.doors import HOME, VERIFY
from tests.flows.proofs import has, proving, right, wrong

pytestmark = pytest.mark.django_db

# Of an authenticator, counters included, the beginnings and ends of transactions not.
QUERIES = {"the page": 4, "a wrong answer": 7, "the right answer": 19}
# Two at a time: the challenge with its method, the first event with the second.
ON_POSTGRESQL = {"the right answer": 17}
# PostgreSQL writes the origin of an event in one statement with it.
NOT_COUNTED = ("SAVEPOINT", "RELEASE", "BEGIN", 'INSERT INTO "audit_eventorigin"')


def queries(browser, data: dict | None = None) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = browser.get(VERIFY) if data is None else browser.post(VERIFY, data)
    assert (response.get("Location") or response.status_code) in (200, 422, HOME)
    return len([each for each in captured if not each["sql"].startswith(NOT_COUNTED)])


@pytest.mark.parametrize("methods", [2, 5])
def test_the_second_step_needs_a_fixed_number_of_queries(bob, methods):
    """However many methods there are; the policy is read once by each process."""
    for _ in range(methods):
        has(bob, "authenticator")
    browser = proving(bob)
    browser.post(VERIFY, wrong())  # the first one of a window begins its counters

    found = {
        "the page": queries(browser),
        "a wrong answer": queries(browser, wrong()),
        "the right answer": queries(browser, right()),
    }

    assert found == QUERIES | (ON_POSTGRESQL if connection.vendor == "postgresql" else {})
    assert Registration.objects.count() == methods
