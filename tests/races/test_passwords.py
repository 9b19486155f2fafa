"""Changing a password while something else happens."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts import passwords, sessions
from accounts.models import User
from securityinfo.audit.models import Event
from tests.accounts.doors import is_signed_in
from tests.cast import PASSWORD
from tests.races.crowd import all_at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

PAGE = "/security-info/password/"
FORM = {"current_password": PASSWORD, "new_password": "otters juggle lanterns"}


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_of_ten_changes_at_once_one_holds_and_its_session_alone_goes_on(bob):
    """R069, R086."""
    clients = [signed_in(bob) for _ in range(10)]
    words = ["otters", "herons", "badgers", "weasels", "magpies"]
    chosen = [f"{word} juggle lanterns {n}" for n, word in enumerate(words * 2)]

    def change(number: int) -> int:
        form = {"current_password": PASSWORD, "new_password": chosen[number]}
        return clients[number].post(PAGE, form).status_code

    all_at_once(change, times=10)

    bob.refresh_from_db()
    holds = [passwords.matches(bob, each) for each in chosen]
    assert holds.count(True) == 1
    assert [is_signed_in(each) for each in clients] == holds
    assert Event.objects.filter(tag="password.changed").count() == 1


def test_a_change_and_the_end_of_all_sessions_leave_no_session(make_person):
    """R069: whichever comes first."""
    for number in range(6):
        person = make_person(f"person{number}")
        client = signed_in(person)

        def act(which: int, client: Client = client, person: User = person) -> object:
            if which:
                return sessions.end_all(User.objects.get(pk=person.pk))
            return client.post(PAGE, FORM).status_code

        all_at_once(act, times=2)

        assert not is_signed_in(client)
