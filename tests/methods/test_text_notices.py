"""Notices as text messages: one segment, no name, no link."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from methods import defaults, registry, sending
from methods.models import Registration
from securityinfo import throttling
from securityinfo.messaging import outbox as moves
from securityinfo.messaging import tasks, texts
from securityinfo.messaging.models import Message, Reason, State
from securityinfo.messaging.texts import About
from securityinfo.messaging.transports import base
from securityinfo.messaging.transports.memory import MemoryTransport
from securityinfo.policy.models import OrgPolicy
from securityinfo.policy.values import PLAIN_LETTERS
from securityinfo.throttling import limits
from securityinfo.throttling.models import Counter
from tests import kinds

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 14, 35, tzinfo=UTC)
NUMBER, OTHER = "+31612345678", "+447400123456"


def notice(about: About = About.ADDED, kind: str = "text message") -> str:
    facts = {"to": NUMBER, "at": NOW.isoformat(), "about": about.value, "kind": kind}
    with timezone.override(UTC):
        return texts.notice(Message(sealed=facts)).text


def test_a_text_says_what_when_and_whom_to_call():
    OrgPolicy.objects.update(short_name="ACME", helpdesk_phone="+1 201-555-0123")

    assert notice() == (
        "ACME: your security info was changed on 22 Nov at 14:35 (text message added). "
        "Not you? Call the helpdesk: +1 201-555-0123"
    )
    assert notice(About.OTHER) == (
        "ACME: there is a security notice about your account. "
        "Check your email or call the helpdesk: +1 201-555-0123"
    )


def test_without_a_number_of_the_helpdesk_it_ends_in_words():
    OrgPolicy.objects.update(short_name="ACME", helpdesk_phone="")

    assert notice(About.DELETED).endswith("(text message deleted). Not you? Contact the helpdesk.")


def test_a_month_is_written_as_its_language_writes_it():
    with translation.override("nl"):
        assert "op 22 nov 14:35" in notice()


@pytest.mark.parametrize("phone", ["", "+1 201-555-0123 ext 1234"])
@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("about", About)
def test_a_notice_is_one_segment_with_the_longest_names(about, language, phone):
    """DE4."""
    OrgPolicy.objects.update(short_name="Twenty letters in it", helpdesk_phone=phone)

    with translation.override(language):
        text = notice(about, str(max((str(m.in_words) for m in registry.all_methods()), key=len)))

    assert len(text) <= 160
    assert set(text) <= set(PLAIN_LETTERS)


def told() -> set[tuple[str, str]]:
    found = Message.objects.filter(category="notice")
    return {(each.channel, each.sealed["to"]) for each in found}


@pytest.fixture
def text_kind(db):
    kinds.allow("sms")
    return "sms"


def test_a_change_is_told_to_the_old_number_and_to_the_new_one(bob, text_kind, outbox):
    """R022, NO1."""
    old = kinds.register(bob, text_kind, {"country": "NL", "number": NUMBER})
    Message.objects.all().delete()

    kinds.register(bob, text_kind, {"country": "GB", "number": OTHER}, replaces=old)

    assert told() == {("email", bob.work_address), ("text", NUMBER), ("text", OTHER)}
    for message in Message.objects.filter(channel="text", category="notice"):
        tasks.send_notice(str(message.pk))
    assert {sent.outgoing.to for sent in outbox} == {NUMBER, OTHER}
    assert all("(text message changed)" in sent.outgoing.text for sent in outbox)


@pytest.mark.parametrize(
    "policy", [{"text_notices": False}, {"text_switch": False}, {"allowed_countries": ["US"]}]
)
def test_policy_may_leave_texts_out(bob, text_kind, policy):
    """NO1, R021."""
    kinds.register(bob, text_kind, {"country": "NL", "number": NUMBER})
    Message.objects.all().delete()
    OrgPolicy.objects.update(**policy)

    kinds.allow("email")
    OrgPolicy.objects.update(**policy)
    kinds.register(bob, "email")

    assert {channel for channel, _ in told()} == {"email"}
    assert Registration.objects.of(bob).confirmed().count() == 2


def test_a_new_default_is_told_by_mail_alone(bob, text_kind):
    """N4."""
    kinds.register(bob, text_kind, {"country": "NL", "number": NUMBER})
    kinds.allow("email")
    email = kinds.register(bob, "email")
    Message.objects.all().delete()

    defaults.make_default(email, ruleset=kinds.policy.current_for(bob), actor=kinds.actor_for(bob))

    assert {channel for channel, _ in told()} == {"email"}


# --- Once more in the worker ----------------------------------------------------------------------


@pytest.fixture
def waiting(bob, text_kind, outbox) -> Message:
    """A notice by text that no worker has taken yet."""
    kinds.register(bob, text_kind, {"country": "NL", "number": NUMBER})
    outbox.clear()
    return Message.objects.get(category="notice", channel="text")


def work(message: Message) -> tuple[str, str]:
    Message.objects.filter(pk=message.pk).update(next_try_at=timezone.now() - timedelta(hours=1))
    tasks.send_notice(str(message.pk))
    message.refresh_from_db()
    return message.state, message.reason


def charged_today() -> int:
    rows = Counter.objects.filter(key__startswith="messages-day:")
    return sum(rows.values_list("hits", flat=True))


def spend(hits: int) -> None:
    by_day = limits.messages_by_day(hits, to_proven_number=True)
    while True:
        try:
            throttling.hit(by_day, sending.SITE)
        except throttling.Throttled:
            return


def test_a_notice_by_text_is_charged_to_the_day(waiting, outbox):
    """C10: texts and calls in all."""
    before = charged_today()

    assert work(waiting)[0] == State.SENT
    assert charged_today() == before + 1


def test_it_may_use_what_is_kept_for_numbers_already_proved(waiting, outbox):
    """C10: strangers never use it up."""
    OrgPolicy.objects.update(messages_per_day=100)
    spend(99)

    assert work(waiting)[0] == State.SENT


def test_on_a_day_that_is_used_up_it_waits_for_the_next_one(waiting, outbox):
    """R089, NO3: never lost, and what was due by email has gone."""
    OrgPolicy.objects.update(messages_per_day=100)
    spend(100)

    held = work(waiting)
    Counter.objects.all().delete()

    assert held == (State.PENDING, Reason.HELD)
    assert work(waiting)[0] == State.SENT
    assert len(outbox) == 1
    assert Message.objects.filter(category="notice", channel="email").exists()


def test_while_the_channel_is_stopped_it_waits(waiting, outbox):
    """DE7, NO3."""
    OrgPolicy.objects.update(text_switch=False)
    held = work(waiting), charged_today()
    OrgPolicy.objects.update(text_switch=True)

    assert held[0] == (State.PENDING, Reason.HELD)
    assert outbox == []
    assert work(waiting)[0] == State.SENT


def test_what_waited_too_long_is_told_to_somebody(waiting, outbox, caplog):
    """NO3: tried for 24 hours, then a dead letter."""
    OrgPolicy.objects.update(text_switch=False)
    work(waiting)
    Message.objects.update(expires_at=timezone.now() - timedelta(minutes=1))

    moves.end_late(Message.objects.filter(pk=waiting.pk))

    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == (State.FAILED, Reason.HELD)
    assert "dead letter (held)" in caplog.text


@pytest.mark.parametrize(
    "policy",
    [{"text_notices": False}, {"allowed_countries": ["US"], "home_country": "US"}],
)
def test_what_policy_no_longer_texts_is_left_to_email(waiting, outbox, policy):
    """NO1, R099: without an alarm, for the work address hears of it."""
    OrgPolicy.objects.update(**policy)

    assert work(waiting)[0] == State.STALE
    assert outbox == []


@pytest.mark.parametrize("number", ["+18762101234", "+31900123456", "+31101234567"])
def test_a_forged_notice_to_another_kind_of_number_is_not_sent(waiting, outbox, number):
    """R099, R021: another country, a premium line, a landline."""
    waiting.sealed = waiting.sealed | {"to": number}
    waiting.save(update_fields=["sealed"])

    assert work(waiting)[0] == State.STALE
    assert outbox == []


def test_a_number_refused_for_good_since_then_is_not_tried(waiting, outbox):
    """R028."""
    refused = Message.objects.filter(category="code")
    refused.update(state=State.FAILED, reason=Reason.OPTED_OUT, finished_at=timezone.now())

    assert work(waiting) == (State.FAILED, Reason.OPTED_OUT)
    assert outbox == []


def test_a_refusal_of_a_notice_marks_the_method(bob, waiting, outbox):
    """R028."""
    MemoryTransport.problems.append(base.OptedOut("400 21610"))

    work(waiting)

    assert Registration.objects.get(user=bob).undeliverable == Reason.OPTED_OUT


def test_a_provider_that_is_down_costs_one_message(waiting, outbox):
    """A hundred tries are not a hundred texts."""
    before = charged_today()
    MemoryTransport.problems.extend([base.TransportDown("x"), base.TransportDown("x")])

    states = [work(waiting)[0] for _ in range(3)]

    assert states == [State.PENDING, State.PENDING, State.SENT]
    assert charged_today() == before + 1
