"""Finding who has a number or an address, as an agent of the helpdesk types it."""

from __future__ import annotations

import base64
import os

import pytest

from methods import lookup
from methods.models import Registration
from securityinfo import crypto
from securityinfo.policy.models import OrgPolicy
from tests import kinds

pytestmark = pytest.mark.django_db

NUMBER = {"country": "NL", "number": "06 12345678"}
OFFICE = {"type": "office", "country": "NL", "number": "010 1234567", "extension": "12"}
SPELLINGS = [
    "0612345678",
    "06 12345678",
    "06-12 34 56 78",
    "(06) 1234.5678",
    "+31612345678",
    "+31 (0)6 12345678",
    "0031 6 12345678",
    "31612345678",
    "０６１２３４５６７８",
    " 06 1234\u00a05678 ",
    "\u202a+31612345678\u202c",
]


@pytest.fixture(autouse=True)
def allowed(db):
    for kind in ("sms", "call", "email"):
        kinds.allow(kind)


def found(typed: str) -> set[tuple[str, str]]:
    return {(each.user.username, each.kind) for each in lookup.find(typed)}


@pytest.mark.parametrize("typed", SPELLINGS)
def test_a_number_is_found_in_any_spelling_and_for_any_kind(bob, eve, typed):
    """Text and call to one number have one channel; other people's numbers stay where they are."""
    kinds.register(bob, "sms", NUMBER)
    kinds.register(eve, "call", NUMBER | {"type": "mobile"})
    kinds.register(eve, "sms", {"country": "NL", "number": "06 12345679"})

    assert found(typed) == {("bob", "sms"), ("eve", "call")}


def test_a_national_number_is_tried_in_every_country_that_is_taken(bob):
    kinds.register(bob, "sms", {"country": "GB", "number": "07400 123456"})

    assert found("07400 123456") == {("bob", "sms")}


def test_a_number_of_a_country_that_is_no_longer_taken_is_found_with_its_plus(bob):
    kinds.register(bob, "sms", {"country": "GB", "number": "07400 123456"})
    OrgPolicy.objects.update(allowed_countries=["NL"])

    assert found("+44 7400 123456") == {("bob", "sms")}
    assert found("07400 123456") == set()


@pytest.mark.parametrize("typed", ["010 1234567 ext. 12", "+31 10 123 4567 x12"])
def test_an_office_phone_is_found_with_its_extension(bob, typed):
    kinds.register(bob, "call", OFFICE)

    assert found(typed) == {("bob", "call")}
    assert found("010 1234567") == set()


@pytest.mark.parametrize("typed", ["bob@example.net", " BOB@Example.NET ", "ｂｏｂ＠example.net"])
def test_an_address_is_found_in_any_spelling(bob, eve, typed):
    kinds.register(bob, "email", {"address": "Bob@example.net"})
    kinds.register(eve, "email", {"address": "bob.b@example.net"})

    assert found(typed) == {("bob", "email")}


def test_what_is_not_confirmed_is_not_found(bob):
    """Anybody can type anybody's number; only a proof makes it theirs."""
    kinds.begin(bob, kinds.registry.get("sms"), NUMBER)

    assert found("0612345678") == set()


@pytest.mark.parametrize(
    "typed", ["", " ", "bob", "12345678", "345678", "@example.net", "bob@", "x" * 10_000, "\x00"]
)
def test_a_part_of_a_value_or_nonsense_finds_nobody(bob, typed):
    kinds.register(bob, "sms", NUMBER)
    kinds.register(bob, "email", {"address": "bob@example.net"})

    assert found(typed) == set()


def test_nothing_is_opened_to_find_somebody(bob, monkeypatch):
    """The fingerprint is enough: a damaged value is found like any other."""
    kinds.register(bob, "sms", NUMBER)
    Registration.objects.update(details=crypto.Sealed("damaged"))

    assert found("0612345678") == {("bob", "sms")}


def test_a_number_from_before_a_change_of_keys_is_found(bob, settings):
    kinds.register(bob, "sms", NUMBER)
    new = base64.b64encode(os.urandom(32)).decode()
    settings.ENCRYPTION_KEYS = [f"t2:{new}", *settings.ENCRYPTION_KEYS]

    assert found("0612345678") == {("bob", "sms")}


def test_looking_for_somebody_needs_two_queries(bob, django_assert_num_queries):
    """Whether the policy is still the same, and the methods."""
    kinds.register(bob, "sms", NUMBER)
    found("0612345678")

    with django_assert_num_queries(2):
        found("0612345678")
