"""What only this kind does: one segment with the code, and nothing that a person typed."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone, translation

from methods.base import Prompt, Purpose
from methods.kinds.sms.method import method
from securityinfo.policy.models import OrgPolicy
from securityinfo.policy.values import PLAIN_LETTERS

pytestmark = pytest.mark.django_db

CHALLENGE = UUID("00112233-4455-6677-8899-aabbccddeeff")
LONG_HOST = "a23456789.b23456789.c23456789.d23456.org"  # 40 characters
LONG_NAME = "Twenty letters in it"
ONE_SEGMENT = 160
GSM_7 = set(PLAIN_LETTERS) | {"\n"}

GOLDEN = {
    Purpose.REGISTER: "{code} is your ACME code to add this phone (ref B7). "
    "Valid 10 minutes. Don't share it.{origin}",
    Purpose.SIGN_IN: "{code} is your ACME code to sign in (ref B7). "
    "Valid 10 minutes. Don't share it.{origin}",
    Purpose.CONFIRM: "{code} is your ACME code to confirm it's you (ref B7). "
    "Valid 10 minutes. Don't share it.{origin}",
    Purpose.RESET: "{code} is your ACME code to reset your password (ref B7). "
    "Valid 10 minutes. Don't share it.{origin}",
    Purpose.CALLER: "ACME helpdesk check: {code}. Read it out only if you called the helpdesk "
    "yourself. Nobody else may ask for it.",
}


def prompt(purpose: Purpose = Purpose.SIGN_IN, **options) -> Prompt:
    values = {
        "id": CHALLENGE,
        "nonce": bytes(range(16)),
        "generation": 0,
        "purpose": purpose,
        "details": {"number": "+31612345678"},
        "reference": "B7",
        "expires_at": timezone.now() + timedelta(minutes=10),
        "person_name": "https://evil.example",
    }
    return Prompt(**values | options)


@pytest.fixture(autouse=True)
def organization(settings):
    settings.PUBLIC_URL = "https://id.example.org"
    OrgPolicy.objects.update(short_name="ACME")


@pytest.mark.parametrize("purpose", Purpose)
def test_the_text_says_service_action_and_time_and_ends_in_the_code_for_our_site(purpose):
    """R023."""
    asked = prompt(purpose)

    text = method.compose(asked).text

    origin = f"\n\n@id.example.org #{asked.code}"
    assert text == GOLDEN[purpose].format(code=asked.code, origin=origin)


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("purpose", Purpose)
def test_a_text_is_one_segment_with_the_longest_names(purpose, language, settings):
    """R023, DE4."""
    settings.PUBLIC_URL = f"https://{LONG_HOST}"
    OrgPolicy.objects.update(short_name=LONG_NAME)

    with translation.override(language):
        text = method.compose(prompt(purpose)).text

    assert len(text) <= ONE_SEGMENT
    assert set(text) <= GSM_7
    assert "evil" not in text


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_two_words_of_a_caller_check_fit_in_as_well(language, settings):
    """HD13."""
    OrgPolicy.objects.update(short_name=LONG_NAME)
    words = "camping gorilla"  # as long as any two

    with translation.override(language):
        text = method.compose(prompt(Purpose.CALLER, context={"words": words})).text

    assert text.endswith(f": {words}.")
    assert len(text) <= ONE_SEGMENT


def test_a_host_that_is_too_long_leaves_the_last_line_out(settings):
    """DE4."""
    settings.PUBLIC_URL = f"https://x{LONG_HOST}"

    text = method.compose(prompt()).text

    assert "@" not in text
    assert "\n" not in text


def test_the_provider_is_told_how_long_the_code_lives():
    """DE4."""
    content = method.compose(prompt(expires_at=timezone.now() + timedelta(seconds=90)))

    assert content.to == "+31612345678"
    assert 85 <= content.valid_for <= 90
    assert "Valid 2 minutes" in content.text


def test_a_number_is_one_proof_however_it_is_reached():
    """PR7."""
    assert method.channel_of("+31612345678") == "phone:+31612345678"


def test_the_whole_number_is_for_its_owner():
    """SM2, K5."""
    assert method.full_value({"number": "+31612345678"}) == "+31 6 12345678"
    assert method.summary({"number": "+31612345678"}) == "ending 78"
