"""A new password where one is due: after the last proof, before anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import passwords, people, sessions
from accounts.models import Session, User
from securityinfo.actor import SYSTEM
from securityinfo.audit.models import Event
from tests.accounts.doors import (
    HOME,
    KEEP_SECURE,
    SIGN_IN,
    SUMMARY,
    is_signed_in,
    main_of,
    policy,
    post_sign_in,
    set_up_email,
)
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db

PAGE = "/sign-in/new-password/"
NEW = "seven otters juggle lanterns"


@pytest.fixture
def due(make_person: Callable[..., User]) -> User:
    """Somebody whose password was chosen by others."""
    return make_person("nora", full_name="Nora New", must_change_password=True)


@pytest.fixture
def client(due: User) -> Client:
    """After the right password."""
    client = Client()
    assert post_sign_in(client, "nora")["Location"] == PAGE
    return client


def choose(client: Client, new: str = NEW, **fields: str) -> Any:
    return client.post(PAGE, {"new_password": new} | fields)


def is_due(user: User) -> bool:
    return User.objects.get(pk=user.pk).must_change_password


def test_a_start_password_opens_nothing_but_the_page_for_another_one(client, due):
    """AC2: no session before it is changed."""
    for address in (HOME, KEEP_SECURE, SUMMARY, "/security-info/password/", "/confirm/"):
        assert client.get(address)["Location"].startswith(SIGN_IN), address
    client.post(SUMMARY)
    client.post("/keep-secure/skip/")

    assert not Session.objects.of(due).exists()
    assert is_due(due)


def test_the_page_tells_the_rules_and_has_no_navigation(client):
    page = client.get(PAGE)

    assert "At least 15 characters." in main_of(page)
    assert "Current password" not in main_of(page)
    assert 'class="page-nav"' not in page.content.decode()


def test_after_it_required_registration_comes_and_then_the_session(client, due):
    """RR12: the order."""
    assert choose(client)["Location"] == KEEP_SECURE
    assert not is_due(due)

    set_up_email(client)
    client.post(SUMMARY)

    assert is_signed_in(client)
    assert passwords.matches(User.objects.get(pk=due.pk), NEW)


def test_without_required_registration_the_session_begins_at_once(due):
    policy(registration_required=False, methods_to_register=1)
    client = Client()
    post_sign_in(client, "nora", to="/security-info/activity/")

    response = choose(client)

    assert response["Location"] == "/security-info/activity/"
    assert is_signed_in(client)


def test_the_start_password_that_an_administrator_was_shown_is_dead_afterwards(db):
    """AC2, from the account to the session."""
    policy(registration_required=False)
    person = User(username="nora", work_address="nora@example.org")
    start = people.create(person, actor=SYSTEM)
    client = Client()
    assert post_sign_in(client, "nora", start)["Location"] == PAGE

    assert choose(client, start).status_code == 422
    assert choose(client)["Location"] == HOME

    assert post_sign_in(Client(), "nora", start).status_code == 422
    assert post_sign_in(Client(), "nora", NEW)["Location"] == HOME


def test_it_is_recorded_and_told(client, due):
    """N5."""
    choose(client)

    event = Event.objects.get(tag="password.changed")
    assert (event.actor, event.subject) == (due.public_id, due.public_id)


@pytest.mark.parametrize("new", ["", "short", "password123456789", "nora likes lanterns", PASSWORD])
def test_a_password_that_breaks_a_rule_is_refused(client, due, new):
    """R079."""
    response = choose(client, new)

    assert response.status_code == 422
    assert is_due(due)


def test_without_scripts_it_is_typed_twice(client, due):
    assert choose(client, new_password_again="").status_code == 422
    assert choose(client, new_password_again=NEW).status_code == 302


def test_other_sign_ins_under_way_end(client, due):
    """R069: whoever knew the old password starts over with it, and fails."""
    other = Client()
    post_sign_in(other, "nora")

    choose(client)

    assert other.get(PAGE)["Location"] == SIGN_IN
    assert choose(other, "eight herons fold umbrellas")["Location"] == SIGN_IN
    assert passwords.matches(User.objects.get(pk=due.pk), NEW)


def test_a_sign_in_whose_access_was_ended_changes_nothing(client, due):
    """R069."""
    sessions.end_all(due)

    assert choose(client)["Location"] == SIGN_IN
    assert is_due(due)


def test_access_that_ends_while_the_hash_is_computed_changes_nothing(client, due, monkeypatch):
    """R069: "This wasn't me" in this very moment."""
    encode = passwords.make_password

    def meanwhile(password: str) -> str:
        sessions.end_all(due)
        return encode(password)

    monkeypatch.setattr(passwords, "make_password", meanwhile)

    assert choose(client)["Location"] == SIGN_IN
    assert is_due(due)
    assert client.get(KEEP_SECURE)["Location"] == SIGN_IN


def test_a_password_that_becomes_due_during_registration_stops_the_sign_in(bob):
    """No path to a session leads past it."""
    client = Client()
    post_sign_in(client, "bob")
    set_up_email(client)
    User.objects.filter(pk=bob.pk).update(must_change_password=True)

    client.post(SUMMARY)

    assert not is_signed_in(client)


@pytest.mark.parametrize("signed", [False, True])
def test_the_page_is_for_those_only_who_owe_a_new_password(bob, signed_in, signed):
    client = signed_in(bob) if signed else Client()

    assert client.get(PAGE)["Location"] == SIGN_IN
    assert choose(client)["Location"] == SIGN_IN
    assert passwords.matches(User.objects.get(pk=bob.pk), PASSWORD)


def test_the_page_survives_a_reload_and_ends_after_ten_minutes(client, due, clock):
    """C13."""
    assert client.get(PAGE).status_code == 200
    assert client.get(PAGE).status_code == 200
    clock.advance(minutes=11)

    assert choose(client)["Location"] == SIGN_IN
    assert is_due(due)
