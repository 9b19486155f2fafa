"""Changing one's password, while signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import passwords, sessions
from accounts.hashers import Busy
from accounts.models import Session, User
from methods.models import Registration
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from tests.accounts.doors import HOME, confirm, has_method, is_signed_in, key, main_of, proved_at
from tests.cast import PASSWORD
from tests.statements import recording

pytestmark = pytest.mark.django_db

PAGE = "/security-info/password/"
NEW = "seven otters juggle lanterns"
WRONG = "That isn&#x27;t your current password."


@pytest.fixture
def client(bob: User, signed_in: Callable[[User], Client]) -> Client:
    has_method(bob)
    return signed_in(bob)


def change(client: Client, *, current: str = PASSWORD, new: str = NEW, **fields: str) -> Any:
    form = {"current_password": current, "new_password": new}
    return client.post(PAGE, form | fields)


def has_password(user: User, password: str) -> bool:
    return passwords.matches(User.objects.get(pk=user.pk), password)


def test_the_page_tells_the_rules_before_anything_is_typed(client):
    page = main_of(client.get(PAGE))

    assert "At least 15 characters. A few unrelated words work well." in page
    assert "Spaces and all characters are fine." in page
    assert "New password again" in page


def test_the_password_is_changed(client, bob):
    """MG9."""
    response = change(client)

    assert response["Location"] == HOME
    assert has_password(bob, NEW)
    assert "Your password was changed. Other sessions were ended." in main_of(client.get(HOME))


def test_this_session_goes_on_under_another_id_and_all_others_end(client, bob, signed_in):
    """SE2, R067, R069."""
    other, before = signed_in(bob), key(client)

    change(client)

    assert is_signed_in(client)
    assert not is_signed_in(other)
    assert key(client) != before
    assert Session.objects.of(bob).count() == 1


def test_it_is_recorded_and_told_at_every_contact(client, bob):
    """N5, R087: one notice for each contact."""
    change(client)

    event = Event.objects.get(tag="password.changed")
    assert (event.actor, event.subject) == (bob.public_id, bob.public_id)
    told = [message.sealed for message in Message.objects.filter(user=bob)]
    assert {each["to"] for each in told} == {"bob@example.org", "private@example.net"}
    assert {each["subject"] for each in told} == {"Your password was changed"}
    assert NEW not in str(told)
    assert NEW not in str(event.__dict__)


def test_security_info_says_since_when_the_password_is_the_one_it_is(client, bob):
    User.objects.update(created_at="2026-03-03T12:00:00Z")
    assert "Changed <time" in main_of(client.get(HOME))
    assert "3 Mar" in main_of(client.get(HOME))

    change(client)

    bob.refresh_from_db()
    assert bob.password_changed_at is not None
    assert "today" in main_of(client.get(HOME)).split("Changed")[1][:120]


def test_a_wrong_current_password_changes_nothing(client, bob):
    response = change(client, current="wrong")

    assert response.status_code == 422
    assert WRONG in main_of(response)
    assert has_password(bob, PASSWORD)
    assert not Event.objects.filter(tag="password.changed").exists()


def test_another_persons_password_is_not_the_current_one(client, bob, eve):
    """R085."""
    eve.set_password("the long password of eve")
    eve.save()

    assert change(client, current="the long password of eve").status_code == 422
    assert has_password(bob, PASSWORD)


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("", "Use at least 15 characters."),
        ("short", "Use at least 15 characters."),
        ("password123456789", "This password is too common. Choose another one."),
        ("Baker juggles lanterns", "use your name or"),
        (PASSWORD, "This is your current password."),
    ],
)
def test_a_password_that_breaks_a_rule_is_refused_with_the_reason(client, bob, new, said):
    """R079."""
    response = change(client, new=new)

    assert response.status_code == 422
    assert said in main_of(response)
    assert has_password(bob, PASSWORD)


def test_without_scripts_it_is_typed_twice(client, bob):
    """With them the second field is not there, and not sent."""
    for again in ("", "seven otters"):
        response = change(client, new_password_again=again)
        assert response.status_code == 422
        assert "The two passwords aren&#x27;t the same." in main_of(response)
    assert has_password(bob, PASSWORD)

    assert change(client, new_password_again=NEW).status_code == 302


def test_nothing_that_was_typed_comes_back(client):
    page = change(client, current="wrong").content.decode()

    assert NEW not in page
    assert "wrong" not in page


def test_wrong_current_passwords_are_limited_like_those_of_confirming(client, bob):
    """R092."""
    for _ in range(10):
        change(client, current="wrong")

    assert change(client).status_code == 429
    proved_at(None)
    assert confirm(client).status_code == 429
    assert has_password(bob, PASSWORD)


def test_a_refused_new_password_uses_up_no_tries(client, bob):
    for _ in range(11):
        change(client, new="short")

    assert change(client).status_code == 302


def test_a_stale_session_has_to_confirm_first(client, bob):
    """R081."""
    proved_at(None)

    assert client.get(PAGE)["Location"].startswith("/confirm/")
    assert change(client)["Location"].startswith("/confirm/")
    assert has_password(bob, PASSWORD)


def test_nobody_changes_a_password_without_being_signed_in(bob):
    assert change(Client())["Location"].startswith("/sign-in/")
    assert has_password(bob, PASSWORD)


def test_a_busy_server_says_so(client, bob, monkeypatch):
    def busy(*_args: object) -> None:
        raise Busy

    monkeypatch.setattr(passwords, "make_password", busy)

    assert change(client).status_code == 503
    assert has_password(bob, PASSWORD)


def test_hashing_is_done_before_the_transaction_begins(client, monkeypatch):
    """A slow hash must not hold the person's row."""
    inside = []
    depth = len(connection.savepoint_ids)
    make, verify = passwords.make_password, passwords.check_password
    monkeypatch.setattr(
        passwords,
        "make_password",
        lambda *given: inside.append(len(connection.savepoint_ids) > depth) or make(*given),
    )
    monkeypatch.setattr(
        passwords,
        "check_password",
        lambda *given: inside.append(len(connection.savepoint_ids) > depth) or verify(*given),
    )

    change(client)

    assert inside == [False, False]


def test_of_two_changes_of_one_moment_the_first_one_holds(client, bob, monkeypatch):
    """The password that was compared is the one that is replaced, or nothing is."""
    encode = passwords.make_password

    def meanwhile(password: str) -> str:
        User.objects.filter(pk=bob.pk).update(password=encode("eight herons fold umbrellas"))
        return encode(password)

    monkeypatch.setattr(passwords, "make_password", meanwhile)

    response = change(client)

    assert has_password(bob, "eight herons fold umbrellas")
    assert not Event.objects.filter(tag="password.changed").exists()
    assert response.status_code == 422


def test_a_session_that_was_ended_meanwhile_changes_nothing(client, bob, monkeypatch):
    """R069: "Sign out everywhere" in another browser, while the hash is computed here."""
    encode = passwords.make_password

    def meanwhile(password: str) -> str:
        sessions.end_all(bob)
        return encode(password)

    monkeypatch.setattr(passwords, "make_password", meanwhile)

    change(client)

    assert has_password(bob, PASSWORD)
    assert not is_signed_in(client)


def test_methods_and_role_stay_as_they_are(client, bob):
    change(client)

    assert Registration.objects.of(bob).confirmed().count() == 1
    assert User.objects.get(pk=bob.pk).role == bob.role


@pytest.mark.parametrize("count", [1, 10])
def test_a_change_needs_a_fixed_number_of_queries(bob, signed_in, count):
    """However many sessions end; apart from notices and counters."""
    clients = [signed_in(bob) for _ in range(count)]
    clients[0].get(PAGE)
    with CaptureQueriesContext(connection) as captured:
        change(clients[0])

    sql = [each["sql"] for each in captured.captured_queries]
    counted = [
        each
        for each in sql
        if "throttling_counter" not in each
        and "messaging_message" not in each
        and not each.startswith(("SAVEPOINT", "RELEASE"))
    ]
    assert len(counted) == 11 + recording(), "\n".join(counted)
