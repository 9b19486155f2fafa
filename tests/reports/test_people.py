"""The list of people: filters in the address, pages, and the file of what is listed."""

from __future__ import annotations

import csv
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from methods.models import Registration
from securityinfo import csv_files
from securityinfo.audit.models import Event
from tests import kinds

pytestmark = pytest.mark.django_db

LIST, FILE = "/admin/reports/people/", "/admin/reports/people.csv"


@pytest.fixture
def crowd(bob, eve, carol, email):
    """Bob has a method, is in Sales and was here yesterday; eve is frozen; carol is an agent."""
    kinds.register(bob)
    Group.objects.create(name="Sales").user_set.add(bob)
    now = timezone.now()
    User.objects.filter(pk=bob.pk).update(last_sign_in_at=now - timedelta(days=1))
    User.objects.filter(pk=eve.pk).update(frozen_at=now)


def names(response) -> list[str]:
    assert response.status_code == 200
    return [line.person.username for line in response.context["lines"]]


def rows_of(response) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(text.splitlines()))


def today(days: int = 0) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def test_everybody_is_listed_with_what_they_have(admin, crowd):
    response = admin.get(LIST)

    assert names(response) == ["ada", "bob", "carol", "eve"]
    row = re.search(r">bob</bdi>.*?</tr>", response.content.decode(), re.S)[0]
    for word in ("Bob Baker", "Sales", "Person", "Email", "today", ">yes<", ">no<"):
        assert word in row
    assert "bob@" not in row


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "bo"}, ["bob"]),
        ({"q": "Bob Ba"}, ["bob"]),
        ({"role": "helpdesk"}, ["carol"]),
        ({"state": "frozen"}, ["eve"]),
        ({"state": "deactivated"}, []),
        ({"kind": "email"}, ["bob"]),
        ({"kind": "none"}, ["ada", "carol", "eve"]),
        ({"default": "email"}, ["bob"]),
        ({"default": "none"}, ["ada", "carol", "eve"]),
        ({"group": "none"}, ["ada", "carol", "eve"]),
        ({"can_sign_in": "yes"}, ["bob"]),
        ({"can_sign_in": "no"}, ["ada", "carol", "eve"]),
        ({"registered_for_sign_in": "yes", "role": "person"}, ["bob"]),
        ({"registered_for_reset": "yes"}, []),
        ({"can_reset": "yes"}, []),
        ({"complete": "no", "q": "e"}, ["eve"]),
        ({"short": "yes", "kind": "email"}, ["bob"]),
        ({"waiting": "yes"}, ["bob"]),
        ({"asked_now": "yes", "role": "person"}, ["eve"]),
        ({"seen": "yes"}, ["bob"]),
        ({"seen": "no", "role": "person"}, ["eve"]),
        ({"seen_from": today(-2)}, ["bob"]),
        ({"seen_from": today(1)}, []),
        ({"seen_to": today(-5)}, []),
        ({"changed_from": today()}, ["bob"]),
        ({"changed_to": today()}, ["bob"]),
        ({"changed_to": today(-1)}, []),
        ({"sort": "-user_name"}, ["eve", "carol", "bob", "ada"]),
        ({"sort": "full_name"}, ["ada", "bob", "carol", "eve"]),
        ({"sort": "-last_sign_in", "role": "person"}, ["bob", "eve"]),
        ({"unknown": "x", "utm_source": "y"}, ["ada", "bob", "carol", "eve"]),
        ({"page": "nonsense"}, ["ada", "bob", "carol", "eve"]),
    ],
)
def test_people_are_found_by_every_column(admin, crowd, query, found):
    User.objects.filter(username="ada").update(last_sign_in_at=None)

    assert names(admin.get(LIST, query)) == found


def test_a_group_has_its_list(admin, crowd):
    sales = Group.objects.get(name="Sales")

    assert names(admin.get(LIST, {"group": sales.pk})) == ["bob"]


@pytest.mark.parametrize(
    "query",
    [
        {"role": "king"},
        {"kind": "pigeon"},
        {"group": "999"},
        {"group": "1 OR 1=1"},
        {"complete": "maybe"},
        {"sort": "password"},
        {"changed_from": "yesterday"},
        {"q": "x" * 151},
    ],
)
def test_a_value_that_is_not_known_is_named_and_lists_nobody(admin, crowd, query):
    response = admin.get(LIST, query)

    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()
    assert "lines" not in response.context
    assert not Event.objects.filter(tag="report.viewed").exists()


def test_nobody_found_is_said(admin, crowd):
    assert "Nobody is like this." in admin.get(LIST, {"q": "nobody"}).content.decode()


def test_pages_keep_the_filter(admin, make_person):
    User.objects.bulk_create(
        User(username=f"p{n:03}", work_address=f"p{n}@example.org") for n in range(60)
    )

    first = admin.get(LIST, {"role": "person"})
    second = admin.get(LIST, {"role": "person", "page": "2"})

    assert "?role=person&amp;page=2" in first.content.decode()
    assert names(second) == [f"p{n:03}" for n in range(50, 60)]


def test_the_file_holds_what_is_listed(admin, crowd):
    rows = rows_of(admin.get(FILE, {"can_sign_in": "yes"}))

    assert len(rows) == 1
    assert rows[0] | {"last_change": "", "last_sign_in": ""} == {
        "user_name": "bob",
        "full_name": "Bob Baker",
        "work_address": "bob@example.org",
        "groups": "Sales",
        "role": "person",
        "active": "yes",
        "registered_for_sign_in": "yes",
        "can_sign_in": "yes",
        "registered_for_reset": "no",
        "can_reset": "no",
        "complete": "no",
        "short": "yes",
        "methods": "Email",
        "default": "Email",
        "last_change": "",
        "last_sign_in": "",
    }
    assert rows[0]["last_sign_in"].endswith("+00:00")


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1"])
def test_no_cell_of_the_file_is_a_formula(admin, bob, name):
    """AD4: names come from people."""
    User.objects.filter(pk=bob.pk).update(full_name=name)
    Group.objects.create(name="=cmd|' /C calc'!A0").user_set.add(bob)

    [row] = rows_of(admin.get(FILE, {"q": "bob"}))

    assert row["full_name"] == f"'{name}"
    assert row["groups"].startswith("'=")


def test_a_file_that_is_cut_says_so(admin, crowd, monkeypatch):
    monkeypatch.setattr(csv_files, "MOST_ROWS", 2)

    rows = rows_of(admin.get(FILE))

    assert [row["user_name"] for row in rows[:2]] == ["ada", "bob"]
    assert rows[2]["user_name"].startswith("There are more people")


def test_looks_and_files_are_recorded_without_what_was_typed(admin, ada, crowd):
    """The name of somebody could not be erased from the log."""
    admin.get(LIST, {"q": "bob", "role": "person"})
    b"".join(admin.get(FILE, {"q": "bob", "role": "person"}).streaming_content)

    events = Event.objects.filter(tag__in=["report.viewed", "export.downloaded"])
    assert [event.tag for event in events.order_by("pk")] == ["report.viewed", "export.downloaded"]
    for event in events:
        assert event.actor == ada.public_id
        assert event.facts == {"report": "people", "filters": {"q": "given", "role": "person"}}


def test_a_refused_filter_leads_from_the_file_to_the_list(admin, crowd):
    response = admin.get(FILE, {"role": "king"})

    assert (response.status_code, response["Location"]) == (302, f"{LIST}?role=king")
    assert not Event.objects.filter(tag="export.downloaded").exists()


def test_the_list_shows_no_address_and_no_secret(admin, eve, email):
    kinds.register(eve, form={"address": "private@example.net"})

    page = admin.get(LIST).content.decode()
    file = b"".join(admin.get(FILE).streaming_content).decode()

    for text in (page, file):
        assert "private@example.net" not in text
        assert "argon2" not in text


def test_the_queries_are_as_many_however_many_are_listed(admin, crowd):
    def queries(query) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert admin.get(LIST, query).status_code == 200
        return len(captured)

    query = {"complete": "no", "role": "person"}
    queries(query)
    few = queries(query)
    people = User.objects.bulk_create(
        User(username=f"p{n}", work_address=f"p{n}@example.org") for n in range(60)
    )
    Registration.objects.bulk_create(
        Registration(user=user, kind="email", channel=str(user.pk), confirmed=True, details={})
        for user in people
    )

    assert queries(query) == few <= 16
