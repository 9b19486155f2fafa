"""Writing events."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from contextlib import suppress
from dataclasses import replace

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from securityinfo.actor import SYSTEM, Actor, Origin
from securityinfo.audit import log, tags
from securityinfo.audit.models import Event, EventOrigin
from tests.statements import recording

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor(bob):
    origin = Origin(request_id="r1", address="2001:db8::7", browser="Firefox on Linux")
    return Actor(person=bob.public_id, role=bob.role, origin=origin)


def test_an_event_holds_who_what_whom_and_from_where(actor, bob):
    """AD1."""
    log.record(
        tags.METHOD_REGISTERED,
        actor=actor,
        subject=bob.public_id,
        kind="email",
        masked="a•••@example.net",
        purpose="register",
        policy_version=3,
        first=True,
    )

    event = log.of_person(bob.public_id).get()
    assert (event.actor, event.actor_role) == (actor.person, "person")
    assert event.subject == bob.public_id
    assert (event.tag, event.result, event.kind) == ("method.registered", "ok", "email")
    assert (event.masked, event.purpose, event.policy_version) == (
        "a•••@example.net",
        "register",
        3,
    )
    assert (event.request_id, event.facts) == ("r1", {"first": True})
    assert (event.address, event.browser) == ("2001:db8::7", "Firefox on Linux")


def test_the_time_is_the_databases(actor, clock):
    """R109: whoever moves the server's clock moves no event."""
    clock.move_to(dt.datetime(2001, 1, 1, tzinfo=dt.UTC))

    event = log.record(tags.SIGN_IN_COMPLETED, actor=actor)

    assert event.at.year > 2001
    assert Event.objects.get().at == event.at


def test_an_event_without_an_origin_has_none():
    log.record(tags.AUDIT_VERIFIED, actor=SYSTEM)

    event = Event.objects.get()
    assert (event.address, event.browser, event.actor_role) == ("", "", "system")
    assert not EventOrigin.objects.exists()


@pytest.mark.parametrize("values", [{"tag": "method.regstered"}, {"result": "maybe"}])
def test_what_is_not_in_the_lists_is_not_recorded(values):
    with pytest.raises(ValueError, match="is not a"):
        log.record(**{"tag": tags.METHOD_REGISTERED, "actor": SYSTEM} | values)


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_recorded():
    """R109."""
    with pytest.raises(TransactionManagementError):
        log.record(tags.METHOD_REGISTERED, actor=SYSTEM)


@pytest.mark.django_db(transaction=True)
def test_what_is_all_there_is_to_write_needs_no_transaction_around_it(actor):
    """R109: what it tells is committed already."""
    log.record(tags.CHALLENGE_ANSWERED, actor=actor, is_alone=True)

    assert [event.origin.address for event in Event.objects.all()] == [actor.origin.address]


@pytest.mark.parametrize("tag", sorted(tags.ALL))
def test_every_tag_can_be_recorded(tag):
    """R109."""
    assert log.record(tag, actor=SYSTEM).pk


def test_nothing_that_a_browser_says_makes_an_event_fail():
    """A strange value must not undo a sign-in."""
    strange = "x\x00\ud800" + "y" * 500
    actor = Actor(role=strange, origin=Origin(strange, strange, strange))

    event = log.record(
        tags.SIGN_IN_COMPLETED, actor=actor, masked=strange, found=[strange, {1: strange}]
    )

    event = Event.objects.select_related("origin").get(pk=event.pk)
    assert "\x00" not in event.browser + event.request_id + str(event.facts)
    assert len(event.browser) <= 200


def test_facts_are_the_same_on_every_database():
    public_id = uuid.uuid4()

    log.record(tags.POLICY_SAVED, actor=SYSTEM, who=public_id, share=0.1, groups={"b", "a"}, n=None)

    assert Event.objects.get().facts == {
        "who": str(public_id),
        "share": "0.1",
        "groups": ["a", "b"],
        "n": None,
    }


def test_a_persons_events_come_newest_first_with_one_query(bob, actor, django_assert_num_queries):
    for tag in (tags.METHOD_REGISTERED, tags.METHOD_DELETED):
        log.record(tag, actor=actor, subject=bob.public_id)
    log.record(tags.METHOD_CHANGED, actor=actor, subject=uuid.uuid4())

    with django_assert_num_queries(1):
        found = [(event.tag, event.address) for event in log.of_person(bob.public_id)]

    assert found == [("method.deleted", "2001:db8::7"), ("method.registered", "2001:db8::7")]


def test_a_line_is_written_when_the_event_is_there_for_good(
    actor, bob, caplog, django_capture_on_commit_callbacks
):
    caplog.set_level(logging.INFO, "securityinfo.audit")

    with django_capture_on_commit_callbacks(execute=True):
        log.record(tags.METHOD_REGISTERED, actor=actor, subject=bob.public_id, masked="a•••@b.org")
        assert not caplog.messages

    (line,) = caplog.messages
    assert line.startswith("method.registered result=ok")
    assert str(bob.public_id) in line
    assert "@" not in line
    assert "2001:db8" not in line
    (record,) = caplog.records
    event = Event.objects.get()
    assert record.fields == {
        "name": "method.registered",
        "result": "ok",
        "subject": bob.public_id,
        "actor": event.actor,
        "role": event.actor_role,
        "event": event.pk,
    }


def test_recording_inserts_an_event_and_its_origin_alone(actor, django_assert_num_queries):
    with django_assert_num_queries(recording()):
        log.record(tags.METHOD_REGISTERED, actor=actor)

    assert connection.in_atomic_block


# --- Two in one statement -------------------------------------------------------------------------


def test_the_first_event_waits_for_the_second(actor, django_assert_num_queries):
    """Both are there, in their order, each with its origin."""
    elsewhere = replace(actor, origin=Origin(address="198.51.100.7", browser="Edge"))
    # On PostgreSQL one statement; elsewhere one for each of four rows.
    statements = 1 if connection.vendor == "postgresql" else 4
    with django_assert_num_queries(statements), log.together():
        first = log.record(tags.CHALLENGE_ANSWERED, actor=actor)
        second = log.record(tags.SIGN_IN_COMPLETED, actor=elsewhere)

    found = list(Event.objects.select_related("origin").order_by("pk"))
    assert found == [first, second]
    assert [each.tag for each in found] == [tags.CHALLENGE_ANSWERED, tags.SIGN_IN_COMPLETED]
    assert [each.address for each in found] == [actor.origin.address, "198.51.100.7"]


def test_each_further_one_is_stored_at_once(actor):
    with log.together():
        for tag in (tags.CHALLENGE_ANSWERED, tags.SIGN_IN_COMPLETED, tags.BROWSER_KNOWN_ADDED):
            latest = log.record(tag, actor=actor)

        assert latest.pk
        assert Event.objects.count() == 3


def test_the_first_is_stored_where_no_second_comes(actor):
    with log.together():
        event = log.record(tags.CHALLENGE_ANSWERED, actor=actor)

    assert Event.objects.get() == event


def test_only_the_first_one_ever_waits(actor):
    """Whatever it is: whoever records a later one may use its key."""
    with log.together():
        first = log.record(tags.AUDIT_VERIFIED, actor=SYSTEM)  # without an origin
        assert log.record(tags.SIGN_IN_COMPLETED, actor=actor).pk

    assert list(Event.objects.order_by("pk"))[0] == first


@pytest.mark.postgresql
def test_what_waits_when_it_fails_is_never_stored(actor):
    with suppress(LookupError), log.together():
        log.record(tags.CHALLENGE_ANSWERED, actor=actor)
        raise LookupError

    log.record(tags.SIGN_IN_SIGNED_OUT, actor=actor)
    assert [each.tag for each in Event.objects.all()] == [tags.SIGN_IN_SIGNED_OUT]


@pytest.mark.postgresql
def test_a_second_that_can_not_be_made_leaves_the_first(actor):
    with log.together():
        log.record(tags.CHALLENGE_ANSWERED, actor=actor)
        with pytest.raises(ValueError, match="number"):
            log.record(tags.SIGN_IN_COMPLETED, actor=actor, policy_version="no number")

    assert [each.tag for each in Event.objects.all()] == [tags.CHALLENGE_ANSWERED]


def test_what_is_undone_alone_takes_no_other_with_it(actor):
    with log.together():
        log.record(tags.CHALLENGE_ANSWERED, actor=actor)
        with suppress(LookupError), transaction.atomic():
            log.record(tags.SIGN_IN_COMPLETED, actor=actor)
            raise LookupError

    assert [each.tag for each in Event.objects.all()] == [tags.CHALLENGE_ANSWERED]
