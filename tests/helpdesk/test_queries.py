"""How many queries the pages of the helpdesk need, however much there is to show."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import KnownBrowser, User
from methods.models import Registration
from securityinfo.audit import log, tags
from tests import kinds
from tests.helpdesk.steps import DESK, action_of, check_of, page_of, search

pytestmark = pytest.mark.django_db


# PostgreSQL writes the origin of an event in one statement with it.
NOT_COUNTED = ("SAVEPOINT", "RELEASE", "BEGIN", 'INSERT INTO "audit_eventorigin"')


def queries(client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    sql = [each["sql"] for each in captured.captured_queries]
    return len([each for each in sql if not each.startswith(NOT_COUNTED)])


def add_much(person: User) -> None:
    """Methods, browsers, events."""
    methods = [kinds.register(person, "authenticator") for _ in range(3)]
    Registration.objects.filter(pk__in=[each.pk for each in methods]).update(trusted_from=None)
    for number in range(10):
        KnownBrowser.objects.create(user=person, digest=f"digest {number}")
        with transaction.atomic():
            log.record(
                tags.SIGN_IN_COMPLETED, actor=kinds.actor_for(person), subject=person.public_id
            )


@pytest.mark.parametrize(
    ("name", "expected"),
    [("", 15), ("reregister", 5), ("end-sessions", 6), ("unlock", 8), ("pass", 4), ("explain", 5)],
)
def test_a_page_of_the_case_needs_as_many_with_more_to_show(case, dave, name, expected):
    address = action_of(dave, name) if name else page_of(dave)
    few = queries(case, address)
    add_much(dave)

    assert few == queries(case, address) == expected


def test_the_check_needs_as_many_with_more_methods(agent, dave, methods_of_dave):
    few = queries(agent, check_of(dave))
    add_much(dave)

    assert few == queries(agent, check_of(dave)) == 4


def test_the_start_page_needs_as_many_with_more_people(agent, make_person, dave):
    search(agent, "dave")
    few = queries(agent, DESK)
    for number in range(30):
        make_person(f"dave{number}", frozen_at=timezone.now())
    search(agent, "dave")

    assert few == queries(agent, DESK) == 6


def test_a_search_needs_a_fixed_number(agent, dave):
    with CaptureQueriesContext(connection) as captured:
        agent.post(DESK, {"typed": "dave"})

    reads = [each["sql"] for each in captured.captured_queries if "accounts_user" in each["sql"]]
    assert len([each for each in reads if each.startswith("SELECT")]) <= 8
