"""Signing in while something else happens: the row of the person decides who was in time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from accounts import sessions
from accounts.models import Session, User
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.throttling.models import Counter
from tests.accounts.doors import (
    SUMMARY,
    VERIFY,
    has_method,
    is_signed_in,
    policy,
    post_password,
    post_sign_in,
    set_up_email,
)

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

ROUNDS = 12


def together(*actions: Callable[[], object]) -> list[object]:
    """All of them begin at the same instant, each with a connection of its own."""
    ready = threading.Barrier(len(actions))

    def run(action: Callable[[], object]) -> object:
        try:
            ready.wait(timeout=90)
            return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return [future.result() for future in [pool.submit(run, each) for each in actions]]


def test_a_sign_in_that_ends_in_the_moment_all_sessions_end_opens_none(make_person):
    """R069: whichever of the two comes first, nobody is signed in afterwards."""
    for number in range(ROUNDS):
        person, client = make_person(f"person{number}"), Client()
        post_sign_in(client, person.username)
        set_up_email(client, f"private{number}@example.net")

        together(
            lambda client=client: client.post(SUMMARY),
            lambda person=person: sessions.end_all(User.objects.get(pk=person.pk)),
        )

        assert not Session.objects.of(person).exists()
        assert not is_signed_in(client)


def test_done_pressed_twice_at_once_signs_in_once(bob):
    """F14."""
    client = Client()
    post_sign_in(client, "bob")
    set_up_email(client)
    twins = [Client(), Client()]
    for twin in twins:
        twin.cookies["session"] = client.cookies["session"].value

    together(*[lambda twin=twin: twin.post(SUMMARY) for twin in twins])

    assert sum(is_signed_in(twin) for twin in twins) >= 1
    assert Session.objects.of(bob).count() == sum(is_signed_in(twin) for twin in twins)


def test_skip_pressed_in_many_tabs_at_once_never_goes_past_the_limit(bob):
    """RR6."""
    policy(grace_days=5, grace_skips=3)
    clients = [Client() for _ in range(8)]
    for client in clients:
        post_sign_in(client, "bob")

    together(*[lambda client=client: client.post("/keep-secure/skip/") for client in clients])

    bob.refresh_from_db()
    assert bob.skips_used <= 3
    skipped = Event.objects.filter(tag="sign_in.skipped_registration").count()
    assert skipped == bob.skips_used


def test_many_right_passwords_at_once_all_go_on_send_one_code_and_leave_no_hit(bob):
    has_method(bob)
    clients = [Client() for _ in range(8)]

    answers = together(*[lambda client=client: post_password(client, "bob") for client in clients])

    assert {each["Location"] for each in answers} == {VERIFY}
    assert Message.objects.count() == 1
    kept = Counter.objects.exclude(key__startswith="sends")
    assert set(kept.values_list("hits", flat=True)) == {0}
