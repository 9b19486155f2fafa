"""Confirm it's you: when it is asked for, and what a person without methods does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.http import HttpResponse
from django.test import Client

from accounts.models import Session, User
from methods.models import Registration
from securityinfo.audit.models import Event
from securityinfo.freshness import Need, proof_required
from tests import kinds
from tests.accounts.doors import (
    confirm,
    has_method,
    is_signed_in,
    main_of,
    policy,
    post_password,
    proved_at,
)
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db

ADD = "/security-info/add/"
ASKED = "/confirm/?next=%2Fsecurity-info%2Fadd%2F"
REFUSED = "That isn&#x27;t your current password."


@pytest.fixture
def client(bob, signed_in) -> Client:
    has_method(bob)
    return signed_in(bob)


@pytest.fixture
def without_methods(bob, signed_in) -> Client:
    client = signed_in(bob)
    proved_at(None)
    return client


def stale(minutes: int = 11) -> None:
    """As if so many minutes had passed since the person was proved."""
    Session.objects.update(fresh_at=F("fresh_at") - timedelta(minutes=minutes))


def is_asked(client: Client) -> bool:
    return client.get(ADD).get("Location", "") == ASKED


def test_signing_in_counts_as_a_proof(client):
    assert not is_asked(client)


def test_a_change_asks_again_after_the_minutes_of_the_policy(client):
    """SU1."""
    stale(9)
    assert not is_asked(client)
    stale(2)
    assert is_asked(client)


def test_fewer_minutes_hold_at_the_next_request(client):
    policy(step_up_minutes=5)
    stale(6)

    assert is_asked(client)


def test_reloading_renews_nothing(client):
    """R085."""
    stale(9)
    client.get("/confirm/")
    client.get(ADD)
    stale(2)

    assert is_asked(client)


def test_confirming_is_for_people_who_are_signed_in(db):
    assert Client().get("/confirm/")["Location"] == "/sign-in/?next=/confirm/"


def test_confirming_in_one_browser_does_nothing_in_another(client, bob, signed_in):
    """R085."""
    other = signed_in(bob)
    stale()

    assert confirm(client, to=ADD)["Location"] == ADD

    assert not is_asked(client)
    assert is_asked(other)


def test_who_has_just_confirmed_goes_straight_on(client):
    """A second tab, and the back button."""
    assert client.get(f"/confirm/?next={ADD}")["Location"] == ADD


def test_posted_data_is_not_carried_over(rf, bob):
    """SU5."""
    seen = []

    @proof_required(lambda _request: Need(strength=0))
    def view(request):
        seen.append(request.POST)
        return HttpResponse()

    request = rf.post("/somewhere/?page=2", {"secret": "x"})
    request.user = bob
    request.session = type("Stale", (), {"fresh_proof": lambda self: None})()

    response = view(request)

    assert response["Location"] == "/confirm/?next=%2Fsomewhere%2F%3Fpage%3D2"
    assert seen == []


# --- Without a method (SU3) -----------------------------------------------------------------------


def test_the_right_password_of_a_person_without_methods_leads_back(without_methods):
    page = main_of(without_methods.get(without_methods.get(ADD)["Location"]))
    assert "<h1>Confirm it's you</h1>" in page
    assert "Before you change your security info." in page

    response = without_methods.post("/confirm/", {"password": PASSWORD, "next": ADD})

    assert response["Location"] == ADD
    assert not is_asked(without_methods)
    assert Event.objects.get(tag="step_up.completed").purpose == "confirm"


def test_a_wrong_password_does_not(without_methods):
    wrong = without_methods.post("/confirm/", {"password": "wrong", "next": ADD})
    empty = without_methods.post("/confirm/", {"password": "", "next": ADD})

    assert (wrong.status_code, empty.status_code) == (422, 422)
    assert REFUSED in main_of(wrong)
    assert "Enter your password." in main_of(empty)
    assert is_asked(without_methods)
    assert is_signed_in(without_methods)


def test_another_persons_password_is_refused(without_methods, eve):
    """R085."""
    eve.set_password("the password of eve")
    eve.save()

    response = without_methods.post("/confirm/", {"password": "the password of eve"})

    assert response.status_code == 422


def test_wrong_passwords_are_limited_like_those_of_a_sign_in(without_methods):
    for _ in range(10):
        without_methods.post("/confirm/", {"password": "wrong"})

    response = without_methods.post("/confirm/", {"password": PASSWORD})

    assert response.status_code == 429
    assert "Retry-After" in response


def test_strangers_at_the_door_do_not_stop_a_person_from_confirming(without_methods):
    """R092: existing sessions are untouched by what happens at sign-in."""
    for _ in range(11):
        post_password(Client(), "bob", "wrong")
    assert post_password(Client(), "bob", "wrong").status_code == 429

    assert without_methods.post("/confirm/", {"password": PASSWORD}).status_code == 302


# --- Two pages that need different things ---------------------------------------------------------


def test_what_is_too_weak_for_another_page_is_not_said_to_be_forbidden(client, bob, registered):
    """An email was asked for to add a method; the app is to be deleted in another tab."""
    kinds.allow("authenticator")
    app = registered("authenticator")
    kinds.allow("email")
    proved_at(None)
    client.post(f"/confirm/another-way/?next={ADD}email/", {"way": str(email_of(bob).uuid)})

    page = client.get(f"/confirm/?next=/security-info/{app.uuid}/delete/")

    assert page.status_code == 200
    assert "Open your authenticator app" in main_of(page)
    assert "no longer allows" not in page.content.decode()


def email_of(person: User) -> Registration:
    return Registration.objects.of(person).get(kind="email")
