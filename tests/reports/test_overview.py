"""The overview: the numbers of this moment, for administrators."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from methods.models import Registration
from securityinfo.actor import SYSTEM
from securityinfo.audit import log, tags
from securityinfo.audit.models import Event
from tests import kinds

pytestmark = pytest.mark.django_db

OVERVIEW = "/admin/reports/"


def number_of(page: str, label: str) -> int:
    """The first number in the row of this label."""
    row = re.search(rf">\s*{re.escape(label)}\s*<.*?<td class=\"number\">(\d+)</td>", page, re.S)
    assert row, label
    return int(row[1])


def test_people_are_counted_by_what_they_have_and_can_use(admin, bob, eve, email):
    kinds.register(bob)
    kinds.register(eve)
    Registration.objects.filter(user=eve).update(suspended_at=timezone.now())

    page = admin.get(OVERVIEW).content.decode()

    assert "3 active people." in page
    assert number_of(page, "Registered for sign-in") == 2
    assert number_of(page, "Capable of sign-in") == 1
    assert number_of(page, "Complete") == 0


def test_numbers_follow_the_policy_at_once(admin, bob, email):
    kinds.register(bob)
    before = number_of(admin.get(OVERVIEW).content.decode(), "Capable of sign-in")
    kinds.allow("email", state="off")

    after = number_of(admin.get(OVERVIEW).content.decode(), "Capable of sign-in")

    assert (before, after) == (1, 0)


def test_deactivated_people_are_not_counted(admin, bob):
    User.objects.filter(pk=bob.pk).update(is_active=False)

    page = admin.get(OVERVIEW).content.decode()

    assert "1 active person." in page
    assert "1 account is deactivated" in page


def test_each_group_has_its_numbers(admin, bob, eve, email):
    kinds.register(bob)
    sales = Group.objects.create(name="Sales")
    sales.user_set.add(bob, eve)

    page = admin.get(OVERVIEW).content.decode()

    assert number_of(page, "Sales") == 2
    assert f"/admin/reports/people/?group={sales.pk}" in page


def test_what_happened_is_counted(admin, bob):
    for _ in range(3):
        log.record(tags.RESET_COMPLETED, actor=SYSTEM, subject=bob.public_id)

    page = admin.get(OVERVIEW).content.decode()

    assert number_of(page, "Passwords reset") == 3


def test_a_look_is_recorded_once(admin, ada):
    admin.get(OVERVIEW)

    event = Event.objects.get(tag="report.viewed")
    assert (event.actor, event.facts) == (ada.public_id, {"report": "overview"})


def test_it_works_for_an_organization_without_methods(admin):
    page = admin.get(OVERVIEW).content.decode()

    assert number_of(page, "Registered for sign-in") == 0


def test_it_changes_nothing_and_takes_no_posts(admin):
    assert admin.post(OVERVIEW).status_code == 405


def test_the_queries_are_as_many_however_many_people_and_groups_there_are(admin, bob, email):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert admin.get(OVERVIEW).status_code == 200
        return len(captured)

    queries()
    few = queries()
    people = User.objects.bulk_create(
        User(username=f"p{n}", work_address=f"p{n}@example.org") for n in range(100)
    )
    for group in Group.objects.bulk_create(Group(name=f"group {n}") for n in range(20)):
        group.user_set.set(people[:10])

    assert queries() == few
    assert few <= 14
