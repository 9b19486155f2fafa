"""What was registered and reset of late, and how it ended."""

from __future__ import annotations

import csv
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.reports import recent_list, views
from securityinfo.actor import SYSTEM, Actor
from securityinfo.audit import log, tags
from securityinfo.audit.models import Event
from tests import kinds

pytestmark = pytest.mark.django_db

LIST, FILE = "/admin/reports/recent/", "/admin/reports/recent.csv"


@pytest.fixture
def happened(bob, eve):
    by_bob = Actor(person=bob.public_id, role="person")
    log.record(
        tags.METHOD_REGISTERED,
        actor=by_bob,
        subject=bob.public_id,
        kind="email",
        masked="b•••@x.org",
    )
    log.record(tags.SIGN_IN_COMPLETED, actor=by_bob, subject=bob.public_id)
    log.record(
        tags.RESET_CHECK_REFUSED,
        actor=SYSTEM,
        subject=eve.public_id,
        result="refused",
        reason="wrong",
    )
    log.record(tags.RESET_COMPLETED, actor=SYSTEM, subject=eve.public_id)


def test_what_the_helpdesk_deleted_is_in_the_list(admin, bob):
    log.record(tags.HELPDESK_METHOD_DELETED, actor=SYSTEM, subject=bob.public_id, kind="email")

    assert shown(admin.get(LIST, {"area": "methods"})) == [("helpdesk.method_deleted", "bob")]


def shown(response) -> list[tuple[str, str]]:
    assert response.status_code == 200
    return [(line.event.tag, line.user_name) for line in response.context["lines"]]


ADDED = ("method.registered", "bob")
WRONG = ("reset.check_refused", "eve")
DONE = ("reset.completed", "eve")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [DONE, WRONG, ADDED]),
        ({"area": "resets"}, [DONE, WRONG]),
        ({"area": "methods"}, [ADDED]),
        ({"tag": "reset.completed"}, [DONE]),
        ({"area": "methods", "tag": "reset.completed"}, []),
        ({"result": "refused"}, [WRONG]),
        ({"kind": "email"}, [ADDED]),
        ({"person": "EVE"}, [DONE, WRONG]),
        ({"since": timezone.localdate().isoformat()}, [DONE, WRONG, ADDED]),
        ({"until": "2002-01-01"}, []),
    ],
)
def test_it_is_filtered_by_every_column(admin, happened, query, found):
    assert shown(admin.get(LIST, query)) == found


def test_a_row_says_who_what_and_how_it_ended(admin, happened):
    page = admin.get(LIST).content.decode()

    for word in ("Method added", "b•••@x.org", "Check of a reset failed", "Refused", ">wrong<"):
        assert word in page


@pytest.mark.parametrize(
    "query",
    [
        {"person": "nobody"},
        {"tag": "sign_in.completed"},
        {"result": "maybe"},
        {"since": "2001-01-01"},
        {"before": "x"},
    ],
)
def test_what_is_not_known_is_named_and_finds_nothing(admin, happened, query):
    response = admin.get(LIST, query)

    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()
    assert "lines" not in response.context


def test_it_is_leafed_through_without_a_gap(admin, happened, monkeypatch):
    monkeypatch.setattr(views, "PER_PAGE", 2)

    first = admin.get(LIST)
    second = admin.get(LIST, {"before": first.context["more"]})

    assert shown(first) + shown(second) == [DONE, WRONG, ADDED]
    assert second.context["more"] is None


def test_the_file_holds_what_is_listed(admin, happened, monkeypatch):
    monkeypatch.setattr(recent_list, "CHUNK", 1)

    text = b"".join(admin.get(FILE, {"person": "eve"}).streaming_content).decode()

    rows = list(csv.DictReader(text.splitlines()))
    assert [(row["what"], row["user_name"]) for row in rows] == [DONE, WRONG]
    assert (rows[1]["result"], rows[1]["reason"]) == ("refused", "wrong")


def test_looks_and_files_are_recorded_without_a_name(admin, happened, bob):
    admin.get(LIST, {"person": "bob", "since": timezone.localdate().isoformat()})
    admin.get(FILE, {"person": "bob"})

    events = Event.objects.filter(tag__in=["report.viewed", "export.downloaded"])
    assert [event.facts["filters"]["person"] for event in events] == ["given", "given"]
    assert "bob" not in json.dumps([event.facts for event in events])
    assert str(bob.public_id) not in json.dumps([event.facts for event in events])


def test_real_registrations_are_listed(admin, bob, email):
    kinds.register(bob)

    assert shown(admin.get(LIST)) == [ADDED]


def test_the_queries_are_as_many_however_much_happened(admin, happened, bob):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            admin.get(LIST)
        return len(captured)

    queries()
    few = queries()
    for _ in range(40):
        log.record(tags.METHOD_DELETED, actor=SYSTEM, subject=bob.public_id)

    assert queries() == few <= 8
