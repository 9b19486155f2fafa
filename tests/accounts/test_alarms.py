"""What a person is told of sign-ins that may be somebody else's (N8, N9)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client

from accounts import failures
from methods import contacts
from methods.answers import Answer, Result
from securityinfo import disown_links
from securityinfo.audit import tags
from securityinfo.audit.models import Event
from securityinfo.messaging import alarms
from securityinfo.messaging.models import Message
from securityinfo.throttling import limits
from securityinfo.throttling.models import Counter
from tests import kinds
from tests.accounts.doors import (
    VERIFY,
    code_sent,
    forget_what_was_sent,
    has_method,
    is_signed_in,
    post_password,
    post_sign_in,
)

pytestmark = pytest.mark.django_db

NEW_SIGN_IN = "New sign-in to your account"
SOMEBODY = "Somebody may know your password"


def told(subject: str) -> list[Message]:
    notices = Message.objects.filter(category="notice").order_by("created_at")
    return [each for each in notices if each.sealed and each.sealed["subject"] == subject]


# --- N8: a browser that isn't known ---------------------------------------------------------------


def test_the_first_sign_in_of_a_browser_is_told_by_mail(bob, client):
    """SI9, R065."""
    has_method(bob)

    post_sign_in(client, "bob", HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")

    messages = told(NEW_SIGN_IN)
    assert {each.sealed["to"] for each in messages} == {"bob@example.org", "private@example.net"}
    assert {each.sealed["by"] for each in messages} == {"you"}
    assert {each.sealed["browser"] for each in messages} == {"Firefox on Linux"}
    (event,) = Event.objects.filter(tag=tags.SIGN_IN_COMPLETED)
    token = messages[0].sealed["link"].split("/")[-2]
    assert disown_links.event_of(token) == event.pk


def test_the_next_sign_in_in_the_same_browser_is_not(bob, client):
    has_method(bob)
    post_sign_in(client, "bob")
    Message.objects.all().delete()

    client.post("/sign-out/")
    post_sign_in(client, "bob")

    assert is_signed_in(client)
    assert told(NEW_SIGN_IN) == []


def test_another_browser_is_told_again(bob, client):
    has_method(bob)
    post_sign_in(client, "bob")
    Message.objects.update(created_at=F("created_at") - timedelta(minutes=16))

    post_sign_in(Client(), "bob")

    assert len(told(NEW_SIGN_IN)) == 4


def test_no_session_begins_without_its_notice(bob, client, monkeypatch):
    """R086: one transaction."""

    def fault(*_args: object, **_named: object) -> None:
        raise RuntimeError

    has_method(bob)
    monkeypatch.setattr(alarms, "new_sign_in", fault)

    with pytest.raises(RuntimeError):
        post_sign_in(client, "bob")

    assert not is_signed_in(client)
    assert not Event.objects.filter(tag=tags.SIGN_IN_COMPLETED).exists()


def test_a_password_that_was_right_and_nothing_more_is_no_sign_in(bob, client):
    has_method(bob)

    post_password(client, "bob")

    assert told(NEW_SIGN_IN) == []


# --- N9: the password was right, the second step wrong --------------------------------------------


def answer_wrong(client: Client) -> None:
    wrong = "000000" if code_sent() != "000000" else "111111"
    assert client.post(VERIFY, {"code": wrong}).status_code == 422


def wrong(number: int) -> Answer:
    """The account's wrong one of this number, today."""
    return Answer(Result.WRONG, tries_left=2, wrong_today=number)


@pytest.fixture
def half_way(bob, client) -> Client:
    has_method(bob)
    forget_what_was_sent()
    post_password(client, "bob")
    return client


def test_of_three_wrong_second_steps_every_contact_is_told(half_way, bob):
    """SI9, R065."""
    for _ in range(2):
        answer_wrong(half_way)
    before = told(SOMEBODY)

    answer_wrong(half_way)

    assert before == []
    assert {each.sealed["to"] for each in told(SOMEBODY)} == {
        each.value for each in contacts.contacts_of(bob)
    }
    assert told(SOMEBODY)[0].sealed["sentences"] == [
        "Somebody entered your password, and then a wrong answer three times.",
        "Choose a new password if this wasn't you.",
    ]


def test_wrong_ones_of_several_browsers_are_counted_together(bob):
    has_method(bob)
    for _ in range(3):
        browser = Client()
        forget_what_was_sent()
        post_password(browser, "bob")
        answer_wrong(browser)

    assert len(told(SOMEBODY)) == 2  # contacts


def test_of_six_a_further_message_is_under_way(bob):
    """NO4."""
    for number in range(1, 7):
        failures.note_wrong_second_step(bob, kinds.actor_for(bob), wrong(number))

    at_once, later = told(SOMEBODY)
    assert (at_once.folds, later.folds) == (0, 2)


def test_the_count_begins_anew_after_a_day(half_way):
    for _ in range(2):
        answer_wrong(half_way)
    Counter.objects.update(window_start=F("window_start") - limits.DAY)

    answer_wrong(half_way)

    assert told(SOMEBODY) == []


def test_a_right_answer_is_not_counted(half_way, bob):
    for _ in range(2):
        answer_wrong(half_way)
    half_way.post(VERIFY, {"code": code_sent()})
    forget_what_was_sent()
    again = Client()
    post_password(again, "bob")

    answer_wrong(again)

    assert len(told(SOMEBODY)) == 2  # contacts; it was the third


def test_the_failures_of_one_person_are_not_another_s(half_way, eve):
    for _ in range(2):
        answer_wrong(half_way)
    has_method(eve)
    other = Client()
    post_password(other, "eve")

    answer_wrong(other)

    assert told(SOMEBODY) == []


def test_recent_activity_tells_of_it(bob, signed_in):
    failures.note_wrong_second_step(bob, kinds.actor_for(bob), wrong(3))

    page = signed_in(bob).get("/security-info/activity/").content.decode()

    assert "Right password, then a wrong answer three times" in page
