"""The log searched field by field, and taken away as files."""

from __future__ import annotations

import csv
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role, User
from securityinfo import csv_files
from securityinfo.actor import SYSTEM, Actor, Origin
from securityinfo.audit import exports, log, tags, tasks
from securityinfo.audit.models import Event
from securityinfo.duties import Duty, groups_with

pytestmark = pytest.mark.django_db

LIST = "/admin/audit/event/"
CSV, LINES = f"{LIST}events.csv", f"{LIST}events.jsonl"


@pytest.fixture
def admin(ada, signed_in):
    return signed_in(ada)


@pytest.fixture
def events(bob, eve, carol):
    origin = Origin("request-7", "192.0.2.7", "Firefox on Linux")
    agent = Actor(person=carol.public_id, role="helpdesk", origin=origin)
    log.record(
        tags.METHOD_REGISTERED,
        actor=Actor(person=bob.public_id, role="person", origin=origin),
        subject=bob.public_id,
        kind="email",
        masked="b•••@example.net",
    )
    log.record(tags.METHOD_DELETED, actor=agent, subject=bob.public_id, left=1)
    log.record(tags.METHOD_DELETED, actor=agent, subject=eve.public_id)


def shown(response) -> list[str]:
    assert response.status_code == 200
    return [f"{each.tag} {each.subject_name}" for each in response.context["cl"].result_list]


def table(response) -> list[dict[str, str]]:
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(text.splitlines()))


def objects(response) -> list[dict]:
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode()
    return [json.loads(line) for line in text.splitlines()]


def local(**difference: float) -> str:
    return (timezone.localtime() + timedelta(**difference)).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"person": "bob"}, ["method.deleted bob", "method.registered bob"]),
        ({"person": "EVE@example.org"}, ["method.deleted eve"]),
        ({"actor": "carol"}, ["method.deleted eve", "method.deleted bob"]),
        ({"actor": "carol", "person": "bob"}, ["method.deleted bob"]),
        ({"tag": "method.registered"}, ["method.registered bob"]),
        (
            {"person": "bob", "since": local(hours=-1)},
            ["method.deleted bob", "method.registered bob"],
        ),
        ({"since": local(hours=1)}, []),
        ({"until": local(hours=-1)}, []),
        ({"person": "bob", "area": "method", "result__exact": "refused"}, []),
    ],
)
def test_events_are_searched_field_by_field(admin, events, query, found):
    """AD3."""
    assert shown(admin.get(LIST, query)) == found


def test_a_person_who_is_gone_is_found_by_the_public_id(admin, events, eve):
    key = eve.public_id
    User.objects.filter(pk=eve.pk).delete()

    assert shown(admin.get(LIST, {"person": str(key)})) == ["method.deleted None"]


@pytest.mark.parametrize(
    "query", [{"person": "nobody"}, {"actor": "x" * 255}, {"tag": "no.such"}, {"since": "soon"}]
)
def test_what_makes_no_sense_is_said_and_finds_nothing(admin, events, query):
    response = admin.get(LIST, query)

    assert shown(response) == []
    [filter_] = [each for each in response.context["cl"].filter_specs if hasattr(each, "form")]
    [problem] = next(iter(filter_.form.errors.values()))
    assert problem in response.content.decode()


@pytest.mark.parametrize("address", [CSV, LINES])
def test_no_file_is_made_of_what_makes_no_sense(admin, events, address):
    response = admin.get(address, {"person": "nobody"})

    assert (response.status_code, response["Location"]) == (302, f"{LIST}?person=nobody")
    assert admin.get(address, {"user__password": "x"}).status_code == 400
    assert not Event.objects.filter(tag="export.downloaded").exists()


def test_the_table_holds_what_the_list_shows(admin, events, bob, carol):
    """AD3, AD4."""
    [row] = table(admin.get(CSV, {"person": "bob", "actor": "carol"}))

    assert row | {"event": "", "time": ""} == {
        "event": "",
        "time": "",
        "name": "method.deleted",
        "result": "ok",
        "reason": "",
        "actor": "carol",
        "actor_id": str(carol.public_id),
        "actor_role": "helpdesk",
        "person": "bob",
        "person_id": str(bob.public_id),
        "kind": "",
        "value": "",
        "purpose": "",
        "request": "request-7",
        "policy_version": "0",
        "address": "192.0.2.7",
        "browser": "Firefox on Linux",
        "details": '{"left": 1}',
    }
    assert row["time"].endswith("+00:00")


def test_each_line_is_an_object(admin, events):
    lines = objects(admin.get(LINES, {"area": "method"}))

    assert [line["name"] for line in lines] == [
        "method.deleted",
        "method.deleted",
        "method.registered",
    ]
    assert lines[1]["details"] == {"left": 1}
    assert lines[2]["value"] == "b•••@example.net"


def test_no_cell_of_the_table_is_a_formula(admin, bob):
    actor = Actor(origin=Origin("r", "192.0.2.7", "=HYPERLINK(1)"))
    log.record(tags.METHOD_RENAMED, actor=actor, subject=bob.public_id, masked="@SUM(1)")

    [row] = table(admin.get(CSV, {"person": "bob"}))

    assert (row["value"], row["browser"]) == ("'@SUM(1)", "'=HYPERLINK(1)")


def test_files_are_read_in_parts_and_cut_with_a_note(admin, events, monkeypatch):
    monkeypatch.setattr(exports, "CHUNK", 1)
    whole = objects(admin.get(LINES, {"area": "method"}))
    monkeypatch.setattr(csv_files, "MOST_ROWS", 2)

    rows = table(admin.get(CSV, {"area": "method"}))
    lines = objects(admin.get(LINES, {"area": "method"}))

    assert len(whole) == 3
    assert len(rows) == len(lines) == 3
    assert rows[2]["event"].startswith("There are more events")
    assert set(lines[2]) == {"note"}


def test_a_file_is_recorded_without_whom_it_was_about(admin, ada, events):
    admin.get(CSV, {"person": "bob", "tag": "method.deleted", "q": "eve"})

    event = Event.objects.get(tag="export.downloaded")
    assert event.actor == ada.public_id
    assert event.facts == {
        "report": "events.csv",
        "filters": {"person": "given", "q": "given", "tag": "method.deleted"},
    }


@pytest.mark.parametrize("address", [CSV, LINES])
def test_auditors_get_the_files_and_nobody_else(bob, carol, make_person, signed_in, address):
    editor = make_person("ed")
    bob.groups.add(*groups_with([Duty.READ_AND_AUDIT]))
    editor.groups.add(*groups_with([Duty.EDIT_POLICY]))

    assert signed_in(User.objects.get(pk=bob.pk)).get(address).status_code == 200
    assert signed_in(User.objects.get(pk=editor.pk)).get(address).status_code == 403
    for role in (Role.PERSON, Role.HELPDESK):
        client = signed_in(make_person(f"sam-{role}", role=role))
        assert client.get(address, follow=True).status_code == 404
    assert Event.objects.filter(tag="export.downloaded").count() == 1


@pytest.mark.parametrize("address", [CSV, LINES])
def test_a_file_is_only_asked_for(admin, address):
    assert admin.post(address).status_code == 405


def test_the_list_says_when_the_chain_was_verified(admin):
    before = admin.get(LIST).content.decode()
    tasks.check(actor=SYSTEM)
    after = admin.get(LIST).content.decode()
    log.record(tags.AUDIT_BROKEN, actor=SYSTEM, result="refused")
    broken = admin.get(LIST).content.decode()

    assert "Not verified yet." in before
    assert "Verified: <time" in after
    assert "Found changed when it was verified" in broken


def test_a_file_costs_the_same_however_many_events_there_are(admin, events):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            objects(admin.get(LINES, {"area": "method"}))
        return len(captured)

    queries()
    few = queries()
    for _ in range(30):
        log.record(tags.METHOD_DELETED, actor=SYSTEM)

    assert queries() == few
