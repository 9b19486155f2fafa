"""Where a person is told what happened."""

from __future__ import annotations

import pytest
from django.utils import timezone

from methods import contacts
from methods.models import Registration
from tests import kinds
from tests.methods import token

pytestmark = pytest.mark.django_db

BAKER = {"address": "bob.baker@example.net"}


def values(user, *further) -> list[str]:
    return [contact.value for contact in contacts.contacts_of(user, *further)]


def test_the_work_address_is_always_told(bob):
    assert values(bob) == ["bob@example.org"]


def test_confirmed_addresses_are_told_and_those_under_way_are_not(bob, email):
    """R030."""
    kinds.register(bob)
    kinds.begin(bob, email, BAKER)

    assert values(bob) == ["bob@example.org", "bob@example.net"]


@pytest.mark.parametrize("state", ["suspended", "not allowed"])
def test_what_can_no_longer_be_used_is_still_told(bob, email, state):
    """K10: "stay contacts"; who took over an account can't keep its owner from hearing of it."""
    kinds.register(bob)
    if state == "suspended":
        Registration.objects.update(suspended_at=timezone.now())
        bob.frozen_at = timezone.now()
    else:
        kinds.allow("email", state="off")

    assert values(bob) == ["bob@example.org", "bob@example.net"]


def test_each_address_is_told_once(bob, email):
    registration = kinds.register(bob)

    assert values(bob, registration) == ["bob@example.org", "bob@example.net"]


def test_what_is_about_to_change_is_told_too(bob, email):
    challenge = kinds.begin(bob, email, BAKER)

    assert values(bob, challenge.registration) == ["bob@example.org", "bob.baker@example.net"]


def test_a_kind_that_is_no_contact_adds_none(bob, token_kind):
    token.register(bob)

    assert values(bob) == ["bob@example.org"]


def test_other_people_are_told_nothing(bob, eve, email):
    kinds.register(bob)

    assert values(eve) == ["eve@example.org"]


def test_contacts_show_themselves_masked(bob, email):
    """K5."""
    kinds.register(bob)

    assert [contact.masked for contact in contacts.contacts_of(bob)] == [
        "b•••@example.org",
        "b•••@example.net",
    ]
