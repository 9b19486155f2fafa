"""What only this kind does: addresses masked and compared, and the mail with the code."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from methods.base import Prompt, Purpose, Strength
from methods.kinds.email.method import method

ALICE = {"address": "Alice@example.net"}
CHALLENGE = UUID("00112233-4455-6677-8899-aabbccddeeff")


def prompt(purpose: Purpose = Purpose.REGISTER, **options) -> Prompt:
    options = {
        "id": CHALLENGE,
        "nonce": bytes(range(16)),
        "generation": 0,
        "purpose": purpose,
        "details": ALICE,
        "reference": "B7",
        "expires_at": timezone.now() + timedelta(minutes=10),
    } | options
    return Prompt(**options)


def test_it_is_the_weakest_kind_and_never_for_staff():
    assert method.strength is Strength.WEAK


def test_an_address_is_masked_to_its_first_letter_and_domain():
    """K5."""
    assert method.summary(ALICE) == "A•••@example.net"
    assert method.full_value(ALICE) == "Alice@example.net"


def test_addresses_are_compared_without_regard_to_case():
    """EM3; what is stored and written to stays as typed."""
    one = method.enrol(None, {"address": "Alice@example.net"})
    other = method.enrol(None, {"address": "alice@example.net"})

    assert one.identity == other.identity
    assert one.details == ALICE


def test_a_tag_is_part_of_the_address():
    tagged = method.enrol(None, {"address": "alice+x@example.net"})

    assert tagged.identity == "alice+x@example.net"


def test_it_is_a_contact():
    contact = method.contact(ALICE)

    assert (contact.channel, contact.value) == ("email", "Alice@example.net")
    assert contact.masked == "A•••@example.net"


def test_a_mistyped_address_comes_back_to_be_corrected():
    assert method.form_initial(ALICE) == ALICE


@pytest.mark.django_db
@pytest.mark.parametrize("purpose", Purpose)
def test_the_mail_holds_the_code_and_neither_link_nor_name(purpose):
    """EM4, R033: a link in an email never confirms anything."""
    mail = method.compose(prompt(purpose))

    assert mail.to == "Alice@example.net"
    for part in (mail.text, mail.html):
        assert prompt().code in part
        assert "://" not in part.replace("http://www.w3.org", "")
        assert "href" not in part


@pytest.mark.django_db
def test_only_a_callers_code_has_no_reference():
    """C12."""
    assert "B7" in method.compose(prompt()).text
    assert "B7" not in method.compose(prompt(Purpose.CALLER)).text


def test_the_right_code_is_right_and_every_other_is_wrong():
    asked = prompt()

    assert method.check(asked, {"code": asked.code}).right
    assert not method.check(asked, {"code": "000000"}).right
    assert not method.check(asked, {"code": ""}).right
