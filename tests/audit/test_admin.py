"""The log in the administration: searched, never changed."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from securityinfo.actor import SYSTEM, Actor, Origin
from securityinfo.admin_site import BoundedPaginator
from securityinfo.audit import log, tags
from securityinfo.audit.models import Event

pytestmark = pytest.mark.django_db
LIST = "/admin/audit/event/"


@pytest.fixture
def admin(ada, signed_in):
    return signed_in(ada)


@pytest.fixture
def events(bob, eve):
    origin = Origin("request-7", "192.0.2.7", "Firefox on Linux")
    return [
        log.record(
            tags.METHOD_REGISTERED,
            actor=Actor(person=bob.public_id, role="person", origin=origin),
            subject=bob.public_id,
            kind="email",
            masked="b•••@example.net",
            first=True,
        ),
        log.record(tags.METHOD_DELETED, actor=SYSTEM, subject=eve.public_id),
        log.record(tags.SIGN_IN_PASSWORD_REFUSED, actor=SYSTEM, result="refused"),
    ]


def shown(response):
    return [event.tag for event in response.context["cl"].result_list]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("bob", ["method.registered"]),
        ("EVE", ["method.deleted"]),
        ("eve@example.org", ["method.deleted"]),
        ("method.", ["method.deleted", "method.registered"]),
        ("bob method.registered", ["method.registered"]),
        ("bob method.deleted", []),
        ("request-7", ["method.registered"]),
        ("nothing-like-it", []),
    ],
)
def test_events_are_found_by_person_name_and_request(admin, events, words, found):
    """AD3."""
    assert shown(admin.get(LIST, {"q": words})) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"area": "sign_in"}, ["sign_in.password_refused"]),
        ({"area": "method"}, ["method.deleted", "method.registered"]),
        ({"result__exact": "refused"}, ["sign_in.password_refused"]),
        ({"at__lt": "2002-01-01 00:00:00+00:00"}, []),
    ],
)
def test_events_are_filtered(admin, events, query, found):
    """AD3."""
    assert shown(admin.get(LIST, query)) == found


def test_an_event_opens_with_everything_it_holds(admin, events):
    page = admin.get(f"{LIST}{events[0].pk}/change/").content.decode()

    for word in ("method.registered", "bob", "b•••@example.net", "192.0.2.7", "Firefox", "first"):
        assert word in page


@pytest.mark.parametrize("action", ["add", "{event}/delete"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_events_are_neither_added_nor_deleted(admin, events, action, method):
    """R107, R109."""
    address = f"{LIST}{action.format(event=events[0].pk)}/"

    assert getattr(admin, method)(address, {"post": "yes"}).status_code == 403
    assert Event.objects.filter(pk=events[0].pk).exists()


def test_an_event_is_not_changed(admin, events):
    """R107, R109."""
    response = admin.post(f"{LIST}{events[0].pk}/change/", {"tag": "policy.saved"})

    assert response.status_code == 403
    assert Event.objects.get(pk=events[0].pk).tag == "method.registered"


def test_bulk_actions_delete_nothing(admin, events):
    """R107."""
    values = {"action": "delete_selected", "_selected_action": [each.pk for each in events]}

    admin.post(LIST, values | {"post": "yes"})

    assert Event.objects.filter(pk__in=[each.pk for each in events]).count() == 3


def test_the_list_costs_the_same_however_many_events_there_are(admin, events):
    admin.get(LIST)  # whatever a first page costs
    with CaptureQueriesContext(
        connection,
    ) as few:
        admin.get(LIST)
    for _ in range(40):
        log.record(tags.METHOD_DELETED, actor=SYSTEM)

    with CaptureQueriesContext(connection) as many:
        admin.get(LIST)

    assert len(many) == len(few)


def test_nothing_counts_all_events(admin, events, monkeypatch):
    monkeypatch.setattr(BoundedPaginator, "MOST", 2)

    with CaptureQueriesContext(connection) as queries:
        response = admin.get(LIST)

    counts = [
        each["sql"] for each in queries if "COUNT(" in each["sql"] and "audit_event" in each["sql"]
    ]
    assert counts
    assert all("LIMIT 2" in sql for sql in counts)
    assert response.context["cl"].result_count == 2
