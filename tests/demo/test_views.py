"""The simulated phone, as a page and as data."""

from __future__ import annotations

import json
from datetime import datetime

import pyotp
import pytest
from django.test import Client
from django.urls import reverse

from methods import registry
from securityinfo.demo import organization, views
from securityinfo.messaging import letterhead
from tests import kinds

PHONE = "/demo/phone/"
DATA = "/demo/phone.json"


def test_the_addresses_are_the_documented_ones():
    assert reverse("demo:phone") == PHONE
    assert reverse("demo:phone-json") == DATA


@pytest.mark.django_db
def test_the_phone_asks_nobody_to_sign_in():
    assert Client().get(PHONE).status_code == 200
    assert Client().get(DATA).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("address", [PHONE, DATA])
def test_the_phone_is_only_read(address):
    assert Client().post(address).status_code == 405


@pytest.mark.django_db
def test_an_empty_phone_says_what_to_do():
    page = Client().get(PHONE).content.decode()

    assert "Nothing yet." in page
    assert "Sign in as alice" in page
    assert reverse("accounts:sign-in") in page


def test_a_code_is_shown_apart_from_its_message(arrived):
    arrived(body="Use this code:\n\n073040\n\nIt works once.")

    page = Client().get(PHONE).content.decode()

    assert '<bdi dir="ltr">073040</bdi>' in page
    assert 'data-demo-copy="073040"' in page
    assert "It works once." in page


def test_a_message_without_a_code_is_shown_at_once(arrived):
    arrived(body="Email was added.\n\nThis wasn't me:\nhttp://testserver/not-me/x/")

    page = Client().get(PHONE).content.decode()

    assert "data-demo-copy" not in page
    assert '<a href="http://testserver/not-me/x/"' in page


def test_what_a_message_says_is_shown_as_text(arrived):
    arrived(subject="<script>alert(1)</script>", body="<img src=x onerror=alert(1)>")

    page = Client().get(PHONE).content.decode()

    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_the_newest_message_is_first(arrived):
    arrived(subject="Older", age=2)
    arrived(subject="Newest", age=0)
    arrived(subject="Oldest", age=5)

    received = Client().get(DATA).json()["messages"]

    assert [message["subject"] for message in received] == ["Newest", "Older", "Oldest"]


def test_one_person_s_messages_can_be_picked_out(arrived, bob, eve):
    arrived(bob, subject="For bob")
    arrived(eve, subject="For eve")

    page = Client().get(PHONE, {"person": "eve"}).content.decode()

    assert "For eve" in page
    assert "For bob" not in page


def test_somebody_without_messages_is_told_so_by_name(arrived, eve):
    arrived()

    page = Client().get(PHONE, {"person": "eve"}).content.decode()

    assert "Nothing for eve yet." in page


def test_a_person_nobody_knows_has_an_empty_phone(arrived):
    arrived()

    page = Client().get(PHONE, {"person": "<nobody>"})

    assert page.status_code == 200
    assert "Nothing for &lt;nobody&gt; yet." in page.content.decode()


def test_the_data_has_exactly_the_documented_form(arrived, bob):
    message = arrived()

    data = json.loads(Client().get(DATA).content)

    assert set(data) == {"messages", "authenticator"}
    (entry,) = data["messages"]
    assert set(entry) == {"id", "user", "channel", "to", "subject", "body", "sent_at", "state"}
    assert entry["id"] == str(message.id)
    assert entry["user"] == bob.username
    assert (entry["channel"], entry["state"]) == ("email", "sent")
    assert datetime.fromisoformat(entry["sent_at"]) == message.sent_at


@pytest.mark.django_db
def test_apps_are_shown_with_their_codes_also_while_they_are_set_up(clock, bob, eve, registered):
    app = registered("authenticator")
    pending = kinds.begin(eve, registry.get("authenticator"), flow="f2").registration

    hers, his = Client().get(DATA).json()["authenticator"]
    page = Client().get(PHONE).content.decode()

    assert his == {
        "user": "bob",
        "account": f"{letterhead.current().name}: bob",
        "code": pyotp.TOTP(app.details["key"]).now(),
        "pending": False,
    }
    assert (hers["user"], hers["pending"]) == ("eve", True)
    assert hers["code"] == pyotp.TOTP(pending.details["key"]).now()
    assert his["code"] in page
    assert hers["code"] in page
    assert "Pending" in page


@pytest.mark.django_db
def test_what_was_begun_and_left_is_on_no_phone(bob):
    kinds.begin(bob, registry.get("authenticator"))
    kinds.pass_time(minutes=31)

    assert Client().get(DATA).json()["authenticator"] == []


@pytest.mark.django_db
def test_one_person_s_apps_can_be_picked_out(clock, bob, eve, registered):
    mine, hers = registered("authenticator"), registered("authenticator", eve)

    page = Client().get(PHONE, {"person": "eve"}).content.decode()

    assert pyotp.TOTP(hers.details["key"]).now() in page
    assert pyotp.TOTP(mine.details["key"]).now() not in page


def test_the_page_needs_the_same_queries_for_many_messages_as_for_one(
    arrived, django_assert_max_num_queries
):
    for number in range(30):
        arrived(subject=f"Message {number}")
    Client().get(PHONE)  # a process reads the whole policy once

    with django_assert_max_num_queries(5):
        Client().get(PHONE)


def test_a_full_phone_shows_the_newest_only(arrived):
    for number in range(views.SHOWN + 1):
        arrived(age=number)

    assert len(Client().get(DATA).json()["messages"]) == views.SHOWN


@pytest.mark.django_db
def test_the_phone_names_the_people_and_their_password():
    page = Client().get(PHONE).content.decode()

    for person in organization.PEOPLE:
        assert person.full_name in page
    assert organization.PASSWORD in page
