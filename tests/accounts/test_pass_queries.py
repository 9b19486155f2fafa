"""How many queries the pages of a temporary access pass need, however many methods there are."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import TemporaryPass
from tests.accounts.doors import KEEP_SECURE
from tests.flows.proofs import has, proving
from tests.passes import PASS, issue, type_in

pytestmark = pytest.mark.django_db

QUERIES = {"the page": 2, "a wrong pass": 6, "registering": 4, "choosing": 4}
NOT_COUNTED = ("SAVEPOINT", "RELEASE", "BEGIN", 'INSERT INTO "audit_eventorigin"')


def queries(act) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert act().status_code in (200, 422)
    return len([each for each in captured if not each["sql"].startswith(NOT_COUNTED)])


@pytest.mark.parametrize("methods", [2, 5])
def test_the_pages_of_a_pass_need_a_fixed_number_of_queries(bob, methods):
    for _ in range(methods):
        has(bob, "authenticator")
    text = issue(bob)
    browser = proving(bob)
    type_in(browser, "AAAA-BBBB-CCCC")  # the first one of a window begins its counters

    found = {
        "the page": queries(lambda: browser.get(PASS)),
        "a wrong pass": queries(lambda: type_in(browser, "AAAA-BBBB-CCCC")),
    }
    type_in(browser, text)
    found |= {
        "registering": queries(lambda: browser.get(KEEP_SECURE)),
        "choosing": queries(lambda: browser.get("/keep-secure/choose/")),
    }

    assert found == QUERIES


def test_they_are_as_many_when_others_have_passes(bob, make_person):
    """The row of a person is found by an index of the open ones."""
    has(bob, "authenticator")
    issue(bob)
    browser = proving(bob)
    alone = queries(lambda: browser.get("/sign-in/verify/"))
    for number in range(30):
        issue(make_person(f"somebody-{number}"))

    assert queries(lambda: browser.get("/sign-in/verify/")) == alone
    assert TemporaryPass.objects.live().count() == 31
