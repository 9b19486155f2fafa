"""The start page: what is well, what isn't, and what to do; and test messages."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role, Session, User
from accounts.reports import start
from accounts.reports.start import Level
from methods.models import Registration
from securityinfo.actor import SYSTEM
from securityinfo.audit import log, tags
from securityinfo.audit.models import Event
from securityinfo.duties import Duty, groups_with
from securityinfo.messaging import calls, tasks
from securityinfo.messaging.calls import Keyed
from securityinfo.messaging.models import Category, Message, Progress, Reason, State
from securityinfo.policy.models import MethodRule, OrgPolicy
from securityinfo.throttling import limits
from tests import kinds

pytestmark = pytest.mark.django_db

START, TRIAL = "/admin/", "/admin/reports/test-message/"
NUMBER = "06 12345678"


@pytest.fixture
def number(db) -> None:
    OrgPolicy.objects.update(home_country="NL")


def level_of(part: str) -> Level:
    [check] = [each for each in start.checks() if part in each.text]
    return check.level


def message(user, **fields) -> Message:
    defaults = {
        "job": "x",
        "category": Category.CODE,
        "channel": "email",
        "reference": uuid.uuid4(),
        "language": "en",
        "expires_at": timezone.now(),
    }
    created = fields.pop("created_at", timezone.now())
    row = Message.objects.create(user=user, **defaults | fields)
    Message.objects.filter(pk=row.pk).update(created_at=created)
    return row


def test_a_healthy_installation_has_only_good_news(ada, make_person, number):
    make_person("second", role=Role.ADMINISTRATOR)
    for person in User.objects.all():
        kinds.allow("authenticator")
        kinds.register(person, "authenticator")
    log.record(tags.AUDIT_VERIFIED, actor=SYSTEM)

    left = {each.text for each in start.checks() if each.level is not Level.GOOD}

    assert all("not tested yet" in text for text in left), left


def test_a_second_administrator_is_asked_for(ada, make_person):
    alone = level_of("1 administrator.")
    make_person("second", role=Role.ADMINISTRATOR)

    assert alone is Level.BAD
    assert level_of("2 administrators.") is Level.GOOD


@pytest.mark.parametrize(
    ("seconds", "part", "level"),
    [
        (5, "No code waits", Level.GOOD),
        (60, "has waited for 60", Level.LOOK),
        (300, "has waited for 300", Level.BAD),
    ],
)
def test_a_code_that_waits_too_long_is_named(bob, seconds, part, level):
    message(bob, created_at=timezone.now() - timedelta(seconds=seconds))

    assert level_of(part) is level


def test_notices_that_nobody_got_are_counted(bob):
    message(bob, category=Category.NOTICE, state=State.FAILED, finished_at=timezone.now())

    assert level_of("1 notice of the last 7 days") is Level.LOOK


def test_a_provider_in_trouble_is_named(bob):
    message(bob, state=State.FAILED, reason=Reason.MISCONFIGURED)

    assert level_of("1 message of the last hour") is Level.BAD


def test_a_channel_that_is_switched_off_is_named(db):
    OrgPolicy.objects.update(text_switch=False)

    assert level_of("Switched off in the policy: text message.") is Level.LOOK


def test_a_log_that_was_changed_is_named_until_it_is_intact(db):
    log.record(tags.AUDIT_BROKEN, actor=SYSTEM, result="refused")
    broken = level_of("The audit log was found changed")
    log.record(tags.AUDIT_VERIFIED, actor=SYSTEM)

    assert broken is Level.BAD
    assert level_of("The audit log was verified") is Level.GOOD


def test_people_who_can_not_sign_in_are_counted(bob, eve):
    kinds.allow("email")
    kinds.register(bob)
    kinds.register(eve)
    before = level_of("Everybody who has a method")
    Registration.objects.filter(user=bob).update(suspended_at=timezone.now())

    assert before is Level.GOOD
    assert level_of("1 person can't sign in") is Level.LOOK


def test_a_kind_that_proves_too_little_is_named(db):
    off = level_of("No method that proves too little")
    MethodRule.objects.filter(kind="questions").update(state="allowed")

    assert off is Level.GOOD
    assert level_of("Switched on: Security questions.") is Level.LOOK


def test_the_page_says_each_level_in_words(ada, signed_in):
    page = signed_in(ada).get(START).content.decode()

    assert "Act now" in page
    assert "Make a second one" in page
    assert TRIAL in page


def test_auditors_see_the_checks_and_send_nothing(bob, signed_in):
    bob.groups.add(*groups_with([Duty.READ_AND_AUDIT]))
    client = signed_in(User.objects.get(pk=bob.pk))

    page = client.get(START).content.decode()

    assert "Checks" in page
    assert TRIAL not in page
    assert client.post(TRIAL, {"channel": "email"}).status_code == 403
    assert not Message.objects.exists()


def test_whoever_only_edits_the_policy_sees_no_checks(bob, signed_in):
    bob.groups.add(*groups_with([Duty.EDIT_POLICY]))

    page = signed_in(User.objects.get(pk=bob.pk)).get(START).content.decode()

    assert "start-checks" not in page


def test_the_page_takes_as_many_queries_as_ever(ada, signed_in, django_assert_max_num_queries):
    client = signed_in(ada)
    client.get(START)

    with django_assert_max_num_queries(20):
        client.get(START)


def test_a_test_email_goes_to_the_work_address(ada, signed_in, outbox):
    """DE9."""
    client = signed_in(ada)
    response = client.post(TRIAL, {"channel": "email"})
    queued = Message.objects.get()

    tasks.send_trial(str(queued.pk))

    assert response["Location"] == START
    [sent] = outbox
    assert sent.outgoing.to == "ada@example.org"
    assert "whether messages arrive" in sent.outgoing.text
    assert re.search(r"Email: test of .*: sent\.", client.get(START).content.decode())


def test_a_test_text_goes_to_the_number_that_was_entered(ada, signed_in, outbox, number):
    response = signed_in(ada).post(TRIAL, {"channel": "text", "number": NUMBER})
    queued = Message.objects.get()

    tasks.send_trial(str(queued.pk))

    assert response.status_code == 302
    assert (queued.masked, queued.country) == ("ending 78", "NL")
    [sent] = outbox
    assert sent.outgoing.to == "+31612345678"
    assert sent.outgoing.text == "Security info: this is a test message."


def test_a_test_call_asks_for_any_key(ada, signed_in, outbox, number):
    signed_in(ada).post(TRIAL, {"channel": "call", "number": NUMBER})
    queued = Message.objects.get()
    tasks.send_trial(str(queued.pk))
    queued.refresh_from_db()

    assert "This is a test." in outbox[0].outgoing.script.ask
    assert calls.is_wanted(queued)
    assert calls.keys_pressed(queued, "7") is Keyed.RIGHT
    queued.refresh_from_db()
    assert queued.progress == Progress.RIGHT


def test_it_is_recorded_with_a_mask(ada, signed_in, number):
    signed_in(ada).post(TRIAL, {"channel": "text", "number": NUMBER})

    event = Event.objects.get(tag="test_message.sent")
    assert (event.subject, event.masked) == (ada.public_id, "ending 78")
    assert event.facts["channel"] == "text"
    assert "12345678" not in str(vars(event))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "This field is required."),
        ({"channel": "pigeon"}, "pigeon"),
        ({"channel": "text"}, "Enter a phone number."),
        ({"channel": "text", "number": "12"}, "Enter a phone number."),
        ({"channel": "text", "number": "+49 151 23456789"}, "The policy takes no such number."),
        ({"channel": "text", "number": "020 1234567"}, "The policy takes no such number."),
    ],
)
def test_what_can_not_be_sent_is_said(ada, signed_in, number, fields, words):
    response = signed_in(ada).post(TRIAL, fields)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Message.objects.exists()


def test_tests_are_limited(ada, signed_in):
    client = signed_in(ada)
    for _ in range(limits.TRIALS_BY_ACCOUNT.hits):
        client.post(TRIAL, {"channel": "email"})

    response = client.post(TRIAL, {"channel": "email"})

    assert response.status_code == 422
    assert "Too many tests." in response.content.decode()
    assert Message.objects.count() == limits.TRIALS_BY_ACCOUNT.hits


def test_sending_needs_a_fresh_proof(ada, signed_in):
    client = signed_in(ada)
    Session.objects.update(fresh_at=None)

    response = client.post(TRIAL, {"channel": "email"})

    assert response["Location"].startswith("/confirm/?next=")
    assert not Message.objects.exists()


def test_a_failed_test_is_shown_with_its_reason(ada, signed_in):
    client = signed_in(ada)
    client.post(TRIAL, {"channel": "email"})
    Message.objects.update(state=State.FAILED, reason=Reason.MISCONFIGURED)

    page = client.get(START).content.decode()

    assert "failed (wrong configuration)" in page
    assert level_of("Email: test of") is Level.BAD
