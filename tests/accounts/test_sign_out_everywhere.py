"""Where a person is signed in, and signing out there."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, Session, User
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from tests.accounts.doors import (
    HOME,
    SIGN_IN,
    has_method,
    is_signed_in,
    main_of,
    post_sign_in,
    proved_at,
    row,
)
from tests.statements import recording

pytestmark = pytest.mark.django_db

PAGE = "/security-info/sign-out-everywhere/"
PEOPLE = "/admin/accounts/user/"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.fixture
def client(bob: User) -> Client:
    """Bob, signed in through the door."""
    has_method(bob)
    client = Client(HTTP_USER_AGENT=WINDOWS)
    post_sign_in(client, "bob")
    return client


def address_of(client: Client) -> str:
    return f"{PAGE}{row(client).public_id}/"


def told(user: User) -> list[dict[str, object]]:
    """Of the end of the sessions; of the sign-ins before it they are told as well."""
    sealed = [message.sealed for message in Message.objects.filter(user=user, category="notice")]
    return [each for each in sealed if each["subject"] != "New sign-in to your account"]


# --- Everywhere -----------------------------------------------------------------------------------


def test_the_page_says_how_many_sessions_end(client, bob, signed_in):
    """SE3."""
    assert "This ends 1 session, this browser included. Your methods stay." in main_of(
        client.get(PAGE)
    )
    for _ in range(2):
        signed_in(bob)

    assert "This ends 3 sessions, this browser included." in main_of(client.get(PAGE))


def test_all_sessions_end_this_one_included(client, bob, signed_in):
    """R069, SE3."""
    others = [signed_in(bob) for _ in range(4)]

    response = client.post(PAGE, follow=True)

    assert response.redirect_chain == [(SIGN_IN, 302)]
    assert "You&#x27;re signed out everywhere." in main_of(response)
    assert not any(is_signed_in(each) for each in [client, *others])
    assert not Session.objects.of(bob).exists()


def test_no_proof_is_asked_for(client):
    """SE3: whoever has lost the phone can't give one."""
    proved_at(None)

    assert client.post(PAGE)["Location"] == SIGN_IN
    assert not is_signed_in(client)


def test_it_is_recorded_and_told_by_mail(client, bob):
    """N11."""
    client.post(PAGE)

    event = Event.objects.get(tag="session.ended_everywhere")
    assert (event.actor, event.subject, event.facts) == (
        bob.public_id,
        bob.public_id,
        {"sessions": 1},
    )
    assert {each["subject"] for each in told(bob)} == {"You were signed out everywhere"}
    assert {each["to"] for each in told(bob)} == {"bob@example.org", "private@example.net"}


def test_looking_ends_nothing(client):
    client.get(PAGE)
    client.head(PAGE)

    assert is_signed_in(client)


def test_what_the_browser_kept_is_cleared(client):
    """R071."""
    assert client.post(PAGE)["Clear-Site-Data"] == '"cache", "storage"'


def test_other_people_stay_signed_in(client, eve, signed_in):
    hers = signed_in(eve)

    client.post(PAGE)

    assert is_signed_in(hers)


# --- One of them ----------------------------------------------------------------------------------


def test_the_page_lists_browser_address_and_last_use(client, bob, signed_in):
    """R070."""
    signed_in(bob)

    page = main_of(client.get(PAGE))

    assert "Firefox on Windows" in page
    assert "Unknown browser" in page
    assert "127.0.0.1" in page
    assert page.count("Last used <time") == 2
    assert page.count("This browser") == 1
    assert page.index("This browser") < page.index("Unknown browser")


def test_keys_of_sessions_are_on_no_page(client):
    """R067: what names a session on the page opens nothing."""
    page = client.get(PAGE).content.decode()

    assert row(client).digest not in page
    assert client.cookies["session"].value not in page


def test_sessions_whose_time_is_over_are_not_listed(client, bob, signed_in):
    away = signed_in(bob)
    Session.objects.filter(pk=row(away).pk).update(
        last_used_at=F("last_used_at") - timedelta(hours=2)
    )

    assert "This ends 1 session," in main_of(client.get(PAGE))


def test_a_session_is_ended_from_another_browser(client, bob, signed_in):
    """R070: an ended cookie is dead."""
    other = signed_in(bob)

    response = client.post(address_of(other), follow=True)

    assert "That session has ended." in main_of(response)
    assert not is_signed_in(other)
    assert is_signed_in(client)
    event = Event.objects.filter(tag="sign_in.signed_out").get()
    assert (event.subject, event.reason) == (bob.public_id, "elsewhere")


def test_ending_one_needs_a_proof(client, bob, signed_in):
    """R081, SU2."""
    other = signed_in(bob)
    proved_at(None)

    response = client.post(address_of(other))

    assert response["Location"].startswith("/confirm/")
    assert is_signed_in(other)


def test_after_the_proof_the_question_is_there_again(client, bob, signed_in):
    """SU5: the address that a proof comes back to changes nothing."""
    other = signed_in(bob)

    assert "Sign out there?" in main_of(client.get(address_of(other)))
    assert is_signed_in(other)


def test_a_foreign_session_looks_like_none(client, eve, signed_in):
    """R070: 404, and she stays."""
    hers = signed_in(eve)

    assert client.post(address_of(hers)).status_code == 404
    assert is_signed_in(hers)


def test_an_ended_session_and_one_that_never_was_are_not_there(client, bob, signed_in):
    """R070."""
    address = address_of(signed_in(bob))
    client.post(address)

    assert client.post(address).status_code == 404
    assert client.post(f"{PAGE}{uuid.uuid4()}/").status_code == 404


def test_ending_this_one_is_signing_out(client, bob):
    response = client.post(address_of(client), follow=True)

    assert "You&#x27;re signed out." in main_of(response)
    assert not is_signed_in(client)
    assert Event.objects.get(tag="sign_in.signed_out").reason == ""


@pytest.mark.parametrize("count", [1, 20])
def test_the_page_needs_two_queries_however_many_sessions(client, bob, signed_in, count):
    """The session with its person; the sessions."""
    for _ in range(count):
        signed_in(bob)
    client.get(PAGE)

    with CaptureQueriesContext(connection) as captured:
        client.get(PAGE)

    assert len(captured) == 2


@pytest.mark.parametrize("count", [1, 20])
def test_ending_all_needs_a_fixed_number_of_queries(client, bob, signed_in, count):
    for _ in range(count):
        signed_in(bob)

    with CaptureQueriesContext(connection) as captured:
        client.post(PAGE)

    sql = [each["sql"] for each in captured.captured_queries]
    counted = [each for each in sql if not each.startswith(("SAVEPOINT", "RELEASE"))]
    assert len(counted) == 11 + recording()


# --- By an administrator --------------------------------------------------------------------------


@pytest.fixture
def admin(ada: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(ada)


def chosen(*people: User, **form: str) -> dict[str, object]:
    return {"action": "sign_out", "_selected_action": [each.pk for each in people]} | form


def test_an_administrator_is_asked_before_somebody_is_signed_out(admin, bob, eve, client):
    """R070."""
    page = admin.post(PEOPLE, chosen(bob, eve)).content.decode()

    assert "All sessions of 2 people end at once." in page
    assert "Bob Baker" in page
    assert is_signed_in(client)


def test_an_administrator_signs_people_out(admin, ada, bob, client):
    """R070: with event and notice."""
    response = admin.post(PEOPLE, chosen(bob, confirmed="yes"), follow=True)

    assert "1 person was signed out." in response.content.decode()
    assert not is_signed_in(client)
    event = Event.objects.get(tag="session.ended_everywhere")
    assert (event.actor, event.subject) == (ada.public_id, bob.public_id)
    assert {each["by"] for each in told(bob)} == {"an administrator"}


def test_the_administrator_who_does_it_stays(admin, ada, bob):
    admin.post(PEOPLE, chosen(ada, bob, confirmed="yes"))

    assert admin.get("/admin/").status_code == 200


def test_an_administrator_has_to_be_proved(admin, bob, client):
    """SU6."""
    proved_at(None)

    assert admin.post(PEOPLE, chosen(bob, confirmed="yes"))["Location"].startswith("/confirm/")
    assert is_signed_in(client)


@pytest.mark.parametrize("role", [Role.PERSON, Role.HELPDESK])
def test_nobody_else_signs_people_out(make_person, signed_in, bob, client, role):
    other = signed_in(make_person("sam", role=role))

    other.post(PEOPLE, chosen(bob, confirmed="yes"))

    assert is_signed_in(client)


def test_security_info_leads_to_the_page(client):
    assert "Lost your device? Sign out everywhere" in main_of(client.get(HOME)).replace(
        "&#x27;", "'"
    )
