"""Recent activity: a person's own events in plain words."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from methods import activity
from methods.models import Challenge
from securityinfo.actor import SYSTEM
from securityinfo.audit import log, tags
from securityinfo.audit.models import EventOrigin
from tests import kinds

pytestmark = pytest.mark.django_db

BAKER = {"address": "bob.baker@example.net"}


def record(tag: str, user, **facts) -> None:
    with transaction.atomic():
        log.record(tag, actor=kinds.actor_for(user), subject=user.public_id, **facts)


def sentences(user) -> list[str]:
    return [activity.entry(event).sentence for event in activity.events_of(user)]


def test_the_story_of_a_method_reads_in_plain_words(bob, email):
    first = kinds.begin(bob, email)
    kinds.confirm(first, kinds.wrong(first))
    kinds.confirm(kinds.reload(first))
    kinds.register(bob, form=BAKER, replaces=kinds.reload(first).registration)

    assert sentences(bob) == [
        "B•••@example.net was changed to Email, b•••@example.net",
        "A code was sent: Email, b•••@example.net",
        "Email, b•••@example.net was added",
        "Wrong code: Email, b•••@example.net",
        "A code was sent: Email, b•••@example.net",
    ]


def test_a_wrong_pass_is_not_called_used(bob):
    record(tags.PASS_USED, bob)
    record(tags.PASS_USED, bob, result="refused", reason="wrong")

    assert sentences(bob) == [
        "A wrong temporary access pass was given",
        "A temporary access pass was used",
    ]


def test_an_entry_says_when_from_where_and_with_what(bob, email):
    """MG11."""
    kinds.register(bob)

    entry = activity.entry(activity.events_of(bob)[0])

    assert (entry.icon, entry.day) == ("email", "today")
    assert (entry.browser, entry.address) == ("Firefox on Linux", "192.0.2.10")


def test_an_event_whose_origin_is_forgotten_is_still_shown(bob, email):
    kinds.register(bob)
    EventOrigin.objects.all()._raw_delete(using="default")

    entry = activity.entry(activity.events_of(bob)[0])

    assert (entry.browser, entry.address) == ("", "")


def test_other_peoples_events_are_not_shown(bob, eve, email):
    kinds.register(bob)

    assert sentences(eve) == []


def test_what_is_only_for_the_audit_is_not_shown(bob):
    record(tags.REGISTRATION_STARTED, bob)
    record(tags.BROWSER_KNOWN_ADDED, bob)

    assert sentences(bob) == []


def test_a_right_code_is_not_a_line_of_its_own(bob):
    record(tags.CHALLENGE_ANSWERED, bob, kind="email")
    record(tags.CHALLENGE_ANSWERED, bob, kind="email", result="refused")

    assert sentences(bob) == ["Wrong code: Email"]


@pytest.mark.parametrize("tag", activity.SHOWN)
def test_every_event_that_is_shown_has_a_sentence_without_gaps(bob, tag):
    record(tag, bob, kind="email", masked="b•••@example.net", result="refused", before="x")

    (sentence,) = sentences(bob)

    assert sentence
    assert "{" not in sentence
    assert sentence[0].isupper()


def test_a_kind_whose_folder_is_gone_is_named_by_what_was_shown(bob):
    record(tags.METHOD_DELETED, bob, kind="gone", masked="ending 78")
    record(tags.METHOD_DELETED, bob, kind="gone")

    assert sentences(bob) == [
        "A method that no longer exists was deleted",
        "Ending 78 was deleted",
    ]


def test_braces_in_a_value_are_only_braces(bob):
    record(tags.METHOD_DELETED, bob, kind="email", masked="{method.__class__}")

    assert sentences(bob) == ["Email, {method.__class__} was deleted"]


def test_it_goes_back_ninety_days(bob):
    record(tags.SIGN_IN_COMPLETED, bob)

    with time_machine.travel(timezone.now() + timedelta(days=89)):
        assert sentences(bob) == ["Signed in"]
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        assert sentences(bob) == []


def test_it_takes_one_query_however_many_events(bob, email, django_assert_num_queries):
    for _ in range(5):
        record(tags.SIGN_IN_COMPLETED, bob)

    with django_assert_num_queries(1):
        assert len(sentences(bob)) == 5


def test_what_the_system_did_is_shown_too(bob):
    with transaction.atomic():
        log.record(tags.SESSION_EXPIRED, actor=SYSTEM, subject=bob.public_id)

    assert sentences(bob) == ["Signed out after being away"]
    assert not Challenge.objects.exists()
