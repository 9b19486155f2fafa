"""The cast itself, and the promises of the fixtures that everybody builds on."""

from __future__ import annotations

import socket

import pytest
import pytest_socket
from django.contrib.auth.hashers import check_password
from django.db import connection

from tests.cast import PASSWORD


def test_the_four_people_know_their_password(bob, eve, carol, ada):
    assert all(check_password(PASSWORD, person.password) for person in (bob, eve, carol, ada))


def test_the_clock_stands_still_until_it_is_moved(clock):
    before = clock.now

    clock.advance(minutes=10)

    assert (clock.now - before).total_seconds() == 600


def test_no_test_reaches_beyond_this_machine():
    with (
        pytest.warns(UserWarning, match="192.0.2.1"),
        pytest.raises(pytest_socket.SocketConnectBlockedError),
        socket.socket() as outside,
    ):
        outside.connect(("192.0.2.1", 80))


@pytest.mark.postgresql
def test_the_option_brings_a_real_postgresql(db):
    assert connection.vendor == "postgresql"


def test_a_method_is_registered_as_a_person_would(registered, bob):
    registration = registered("email")

    assert (registration.user, registration.confirmed) == (bob, True)


def test_a_ruleset_allows_everything_but_what_is_said(ruleset):
    assert ruleset(email_switch=False).settings.email_switch is False
