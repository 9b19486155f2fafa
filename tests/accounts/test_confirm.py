"""Confirm it's you: until methods are asked for, the password is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.http import HttpResponse
from django.test import Client

from accounts.models import Session
from securityinfo.audit.models import Event
from securityinfo.freshness import fresh_sign_in_required
from tests.accounts.doors import has_method, is_signed_in, main_of, policy, post_sign_in
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db

ADD = "/security-info/add/"


@pytest.fixture
def client(bob, signed_in) -> Client:
    has_method(bob)
    return signed_in(bob)


def stale(minutes: int = 11) -> None:
    """As if so many minutes had passed since the person was proved."""
    Session.objects.update(fresh_at=F("fresh_at") - timedelta(minutes=minutes))


def test_signing_in_counts_as_a_proof(client):
    assert client.get(ADD).status_code in (200, 302)
    assert not client.get(ADD).get("Location", "").startswith("/confirm/")


def test_a_change_asks_again_after_the_minutes_of_the_policy(client):
    """SU1."""
    stale(9)
    assert not client.get(ADD).get("Location", "").startswith("/confirm/")
    stale(2)
    assert client.get(ADD)["Location"] == "/confirm/?next=%2Fsecurity-info%2Fadd%2F"


def test_fewer_minutes_hold_at_the_next_request(client):
    policy(step_up_minutes=5)
    stale(6)

    assert client.get(ADD)["Location"].startswith("/confirm/")


def test_the_right_password_leads_back_and_is_good_for_a_while(client):
    stale()
    page = client.get(client.get(ADD)["Location"])
    assert "Confirm it's you" in main_of(page) or "Confirm it&#x27;s you" in main_of(page)

    response = client.post("/confirm/", {"password": PASSWORD, "next": ADD})

    assert response["Location"] == ADD
    assert not client.get(ADD).get("Location", "").startswith("/confirm/")
    assert Event.objects.get(tag="step_up.completed").purpose == "confirm"


def test_a_wrong_password_does_not(client):
    stale()

    wrong = client.post("/confirm/", {"password": "wrong", "next": ADD})
    empty = client.post("/confirm/", {"password": "", "next": ADD})

    assert (wrong.status_code, empty.status_code) == (422, 422)
    assert "That isn&#x27;t your current password." in main_of(wrong)
    assert "Enter your password." in main_of(empty)
    assert client.get(ADD)["Location"].startswith("/confirm/")
    assert is_signed_in(client)


def test_another_persons_password_is_refused(client, eve):
    """R085."""
    eve.set_password("the password of eve")
    eve.save()
    stale()

    assert client.post("/confirm/", {"password": "the password of eve"}).status_code == 422


def test_wrong_passwords_are_limited_like_those_of_a_sign_in(client):
    for _ in range(10):
        client.post("/confirm/", {"password": "wrong"})

    response = client.post("/confirm/", {"password": PASSWORD})

    assert response.status_code == 429
    assert "Retry-After" in response


def test_strangers_at_the_door_do_not_stop_a_person_from_confirming(client, bob):
    """R092: existing sessions are untouched by what happens at sign-in."""
    for _ in range(11):
        post_sign_in(Client(), "bob", "wrong")
    assert post_sign_in(Client(), "bob", "wrong").status_code == 429

    assert client.post("/confirm/", {"password": PASSWORD}).status_code == 302


def test_reloading_renews_nothing(client):
    """R085."""
    stale(9)
    client.get("/confirm/")
    client.get(ADD)
    stale(2)

    assert client.get(ADD)["Location"].startswith("/confirm/")


def test_confirming_is_for_people_who_are_signed_in(db):
    assert Client().get("/confirm/")["Location"] == "/sign-in/?next=/confirm/"


def test_confirming_in_one_browser_does_nothing_in_another(client, bob, signed_in):
    """R085."""
    other = signed_in(bob)
    stale()

    client.post("/confirm/", {"password": PASSWORD})

    assert other.get(ADD)["Location"].startswith("/confirm/")


def test_posted_data_is_not_carried_over(rf, bob):
    """SU5."""
    seen = []

    @fresh_sign_in_required
    def view(request):
        seen.append(request.POST)
        return HttpResponse()

    request = rf.post("/somewhere/?page=2", {"secret": "x"})
    request.user = bob
    request.session = type("Stale", (), {"is_fresh": lambda self: False})()

    response = view(request)

    assert response["Location"] == "/confirm/?next=%2Fsomewhere%2F%3Fpage%3D2"
    assert seen == []
