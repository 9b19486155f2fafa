"""What only this kind does: a number on the page, keys on the phone, nothing secret spoken."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from methods.base import Prompt, Purpose
from methods.kinds.call.forms import CallForm
from methods.kinds.call.method import method
from securityinfo import crypto
from securityinfo.policy.models import OrgPolicy
from securityinfo.policy.rules import Settings

pytestmark = pytest.mark.django_db

CHALLENGE = UUID("00112233-4455-6677-8899-aabbccddeeff")
HERE = Settings(home_country="NL", allowed_countries=("NL", "GB"))
OFFICE = {"number": "+31101234567", "extension": "123", "type": "office"}


def prompt(purpose: Purpose = Purpose.SIGN_IN, **options) -> Prompt:
    values = {
        "id": CHALLENGE,
        "nonce": bytes(range(16)),
        "generation": 0,
        "purpose": purpose,
        "details": OFFICE,
        "expires_at": timezone.now() + timedelta(minutes=10),
    }
    return Prompt(**values | options)


def form(settings: Settings = HERE, others=(), **filled_in) -> CallForm:
    values = {"type": "office", "country": "NL", "number": "010 1234567"} | filled_in
    return CallForm(values, person=None, settings=settings, others=others)


def test_the_number_has_two_digits_and_another_one_in_each_call():
    """CA4."""
    numbers = [crypto.derived_number(CHALLENGE, bytes(16), each) for each in range(300)]

    assert all(10 <= int(each) <= 99 for each in numbers)
    assert all(one != next_one for one, next_one in zip(numbers, numbers[1:], strict=False))
    assert len(set(numbers)) > 80


def test_the_page_shows_the_number():
    assert method.page(prompt()) == {"number": prompt().number}


@pytest.mark.parametrize("keys", ["", "#", "0", "1", "100", "00", "٤٧", "11111", "\x00"])
def test_nothing_but_the_number_is_right(keys):
    """R025: silence, a bare #, a tone and a wrong number verify nothing."""
    assert prompt().number not in ("", keys)
    assert not method.check(prompt(), {"keys": keys}).right
    assert not method.check(prompt(), {}).right


def test_the_number_is_right():
    assert method.check(prompt(), {"keys": prompt().number}).right


@pytest.mark.parametrize("purpose", Purpose)
def test_the_number_is_in_no_text_spoken(purpose):
    """R025."""
    OrgPolicy.objects.update(short_name="ACME")
    for generation in range(50):
        asked = prompt(purpose, generation=generation)
        content = method.compose(asked)

        spoken = " ".join(map(str, asdict(content.script).values()))
        assert not any(letter.isdigit() for letter in spoken)
        assert asked.number not in repr(content)
        assert "ACME" in content.script.ask
    assert (content.to, content.extension) == ("+31101234567", "123")


def asked_with(call_key):
    """What a challenge keeps under this policy."""
    return method.prepare(OFFICE, settings=Settings(call_key=call_key), last_counter=-1)


def test_policy_may_ask_for_a_bare_pound_key():
    """CA4."""
    asked = prompt(context=asked_with("hash"))

    assert method.page(asked) == {"number": ""}
    assert method.check(asked, {"keys": "#"}).right
    assert not method.check(asked, {"keys": ""}).right
    assert method.compose(asked).script.bare
    assert "press the pound key" in method.compose(asked).script.ask
    assert "key in the number" not in method.compose(asked).script.ask


def test_a_caller_always_keys_the_number_of_the_agent():
    """HD3."""
    asked = prompt(Purpose.CALLER, context=asked_with("hash"))

    assert not method.check(asked, {"keys": "#"}).right
    assert not method.compose(asked).script.bare
    assert "the helpdesk tells you" in method.compose(asked).script.ask


def test_a_landline_is_taken_with_its_extension():
    """CA2, CA3."""
    filled = form(extension="123")

    assert filled.is_valid(), filled.errors
    enrolment = method.enrol(None, filled.cleaned_data)
    assert enrolment.details == OFFICE
    assert enrolment.identity == "+31101234567;123"
    assert method.full_value(OFFICE) == "+31 10 123 4567, extension 123"
    assert method.summary(OFFICE) == "ending 67"


@pytest.mark.parametrize(
    ("filled_in", "field", "error"),
    [
        ({"type": ""}, "type", "Choose which phone this is."),
        ({"type": "home"}, "type", "Choose which phone this is."),
        ({"extension": "12345678"}, "extension", "An extension has 1 to 7 digits."),
        ({"extension": "12a"}, "extension", "An extension has 1 to 7 digits."),
        ({"extension": "1\n2"}, "extension", "An extension has 1 to 7 digits."),
        (
            {"type": "mobile", "extension": "1"},
            "extension",
            "Only an office phone has an extension.",
        ),
    ],
)
def test_a_refusal_says_why(filled_in, field, error):
    assert form(**filled_in).errors[field] == [error]


def test_a_type_is_offered_once_and_only_if_policy_has_it():
    """CA1."""
    settings = Settings(home_country="NL", call_types=("mobile", "office"))

    offered = form(settings, others=[OFFICE]).fields["type"].choices

    assert [value for value, _ in offered] == ["mobile"]
