"""How many queries the pages need: a fixed number, however many methods a person has."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from methods.models import Challenge, Registration
from securityinfo.policy.models import OrgPolicy
from securityinfo.throttling.models import Counter
from tests import kinds
from tests.methods import token
from tests.statements import recording

pytestmark = pytest.mark.django_db

LIST, ACTIVITY = "/security-info/", "/security-info/activity/"
START, VERIFY = "/security-info/add/email/", "/security-info/add/email/verify/"


@pytest.fixture
def browser(bob, signed_in, token_kind, email):
    client = signed_in(bob)
    client.get(LIST)  # the policy is read once by each process
    return client


def queries(browser, address: str, data: dict | None = None, *, status: int = 200) -> int:
    """Without those of the counters, which a test of their own counts."""
    return len([sql for sql in _sql(browser, address, data, status) if not _is_charge(sql)])


def _sql(browser, address: str, data: dict | None, status: int) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        response = browser.get(address) if data is None else browser.post(address, data)
    assert response.status_code == status
    sql = [each["sql"] for each in captured.captured_queries]
    return [each for each in sql if not each.startswith(("SAVEPOINT", "RELEASE", "BEGIN"))]


def _is_charge(sql: str) -> bool:
    return "throttling_counter" in sql


def with_methods(user, count: int) -> None:
    for number in range(Registration.objects.of(user).count(), count):
        token.register(user, serial=f"S-{number:04}")


def test_the_list_needs_two_queries_however_many_methods(browser, bob):
    """The session with its person and the policy's token; the methods."""
    with_methods(bob, 1)
    one = queries(browser, LIST)
    with_methods(bob, 30)

    assert one == queries(browser, LIST) == 2


def test_the_list_needs_no_more_for_a_person_in_many_groups(browser, bob):
    for number in range(10):
        bob.groups.create(name=f"group {number}")

    assert queries(browser, LIST) == 2


def test_trusted_browsers_cost_the_list_one_query_where_policy_has_them(browser, bob):
    """However many there are; without them not even that."""
    with_methods(bob, 1)
    OrgPolicy.objects.update(trusted_browser_days=30)
    browser.get(LIST)
    none = queries(browser, LIST)
    for number in range(10):
        bob.trusted_browsers.create(series=f"series {number}", token="t", bound_to="b")

    assert none == queries(browser, LIST) == 3


def test_recent_activity_needs_three_queries_however_many_events(browser, bob):
    """The session, the number of events, a page of them."""
    with_methods(bob, 1)
    few = queries(browser, ACTIVITY)
    with_methods(bob, 20)

    assert few == queries(browser, ACTIVITY) == 3


@pytest.mark.parametrize("count", [1, 30])
def test_the_pages_that_ask_need_few_queries(browser, bob, count):
    with_methods(bob, count)
    registration = Registration.objects.first()
    browser.post(START, {"address": "bob@example.net"})
    delete = f"/security-info/{registration.uuid}/delete/"

    found = {
        "start": queries(browser, START),
        "verify": queries(browser, VERIFY),
        "status": queries(browser, f"{VERIFY}status/"),
        "delete": queries(browser, delete),
        "default": queries(browser, "/security-info/default/"),
    }

    assert found == {"start": 5, "verify": 5, "status": 4, "delete": 2, "default": 2}


@pytest.mark.parametrize("count", [1, 30])
def test_a_code_needs_a_fixed_number_of_queries(browser, bob, count):
    """Right or wrong; a wrong one costs a stranger no more work than this."""
    with_methods(bob, count)
    browser.post(START, {"address": "bob@example.net"})
    challenge = Challenge.objects.latest("issued_at")

    wrong = queries(browser, VERIFY, kinds.wrong(challenge), status=422)
    right = queries(browser, VERIFY, kinds.right(challenge), status=302)

    assert (wrong, right) == (6 + recording(), 17 + recording(events=2))


def test_a_code_charges_its_counters_in_one_statement_and_gives_them_back_in_another(browser, bob):
    """Two windows of the address, three of the account."""
    browser.post(START, {"address": "bob@example.net"})
    challenge = Challenge.objects.latest("issued_at")

    wrong = [s for s in _sql(browser, VERIFY, kinds.wrong(challenge), 422) if _is_charge(s)]
    assert answered() == {"answers-address": [1, 1], "answers-account": [1, 1, 1]}
    right = [s for s in _sql(browser, VERIFY, kinds.right(challenge), 302) if _is_charge(s)]

    assert (len(wrong), len(right)) == (1, 2)
    assert answered() == {"answers-address": [1, 1], "answers-account": [1, 1, 1]}


def answered() -> dict[str, list[int]]:
    return {
        name: list(Counter.objects.filter(key__startswith=name).values_list("hits", flat=True))
        for name in ("answers-address", "answers-account")
    }
