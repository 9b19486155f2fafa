"""Notices as text messages: one segment, no name, no link."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import timezone, translation

from methods import defaults, registry
from methods.models import Registration
from securityinfo.messaging import tasks, texts
from securityinfo.messaging.models import Message
from securityinfo.messaging.texts import About
from securityinfo.policy.models import OrgPolicy
from securityinfo.policy.values import PLAIN_LETTERS
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
