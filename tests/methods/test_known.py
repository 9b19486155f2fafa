"""What is known beforehand is filled in where a method is set up, and proves nothing (K1)."""

from __future__ import annotations

import pytest

from accounts.models import User
from methods import known
from methods.models import KnownContacts, Registration
from securityinfo.messaging.models import Message
from securityinfo.policy.models import OrgPolicy
from tests import kinds
from tests.flows.steps import newest, text_of

pytestmark = pytest.mark.django_db

DETAILS = {
    "mobile": {"number": "+31612345678", "extension": ""},
    "office": {"number": "+31206241111", "extension": "12"},
    "private": "bob@example.net",
}
HINT = "Your organization has filled this in. Check it: it counts once you have confirmed it."


@pytest.fixture
def browser(bob, signed_in):
    OrgPolicy.objects.update(home_country="NL", allowed_countries=["NL"])
    for kind in ("email", "sms", "call"):
        kinds.allow(kind)
    KnownContacts.objects.create(user=bob, details=DETAILS)
    return signed_in(bob)


def initial_of(response) -> dict:
    assert HINT in text_of(response)
    return dict(response.context["form"].initial)


def page(kind: str) -> str:
    return f"/security-info/add/{kind}/"


def test_forms_are_filled_in(browser):
    assert initial_of(browser.get(page("email"))) == {"address": "bob@example.net"}
    assert initial_of(browser.get(page("sms"))) == {"country": "NL", "number": "06 12345678"}
    assert initial_of(browser.get(page("call"))) == {
        "type": "mobile",
        "extension": "",
        "country": "NL",
        "number": "06 12345678",
    }


def test_what_is_registered_already_is_not_suggested_again(browser, bob):
    kinds.register(bob, "email", {"address": "BOB@example.net"})
    kinds.register(
        bob, "call", {"type": "mobile", "country": "NL", "number": "0612345678", "extension": ""}
    )

    assert HINT not in text_of(browser.get(page("email")))
    assert initial_of(browser.get(page("call")))["extension"] == "12"


def test_it_counts_once_it_was_confirmed(browser, bob):
    assert not Registration.objects.of(bob).exists()
    browser.post(page("email"), {"address": "bob@example.net"})
    assert not Registration.objects.of(bob).confirmed().exists()

    browser.post(f"{page('email')}verify/", kinds.right(newest()))

    assert Registration.objects.of(bob).confirmed().get().summary == "b•••@example.net"


def test_it_is_no_contact(bob, browser):
    """NO1: nothing is told to what nobody has proved."""
    kinds.register(bob, "email", {"address": "other@example.net"})

    told = {each.sealed["to"] for each in Message.objects.filter(category="notice")}
    assert told == {"bob@example.org", "other@example.net"}


def test_other_people_see_nothing_of_it(browser, eve, signed_in):
    assert HINT not in text_of(signed_in(eve).get(page("email")))


def test_what_was_damaged_is_as_if_it_were_not_there(browser, bob):
    row = KnownContacts.objects.get()
    KnownContacts.objects.all().delete()
    other = KnownContacts(user=bob)
    other.__dict__["details"] = row.__dict__["details"]
    KnownContacts.objects.bulk_create([other])

    assert known.of(User.objects.get(pk=bob.pk)) == {}


def test_masks_are_all_that_others_see():
    """K5."""
    assert [(str(label), mask) for label, mask in known.masks(DETAILS)] == [
        ("Mobile phone", "ending 78"),
        ("Office phone", "ending 11"),
        ("Private address", "b•••@example.net"),
    ]
