"""The one question of this kind, and its four refusals."""

from __future__ import annotations

import pytest

from methods.kinds.email.forms import EmailForm
from securityinfo.policy.models import OrgPolicy
from securityinfo.policy.rules import Settings

NO_ADDRESS = "Enter an email address, like name@example.com."
OURS = "This can't be your work or school address. Use a private address."

pytestmark = pytest.mark.django_db


@pytest.fixture
def errors(bob):
    def ask(address: str) -> list[str]:
        form = EmailForm({"address": address}, person=bob, settings=Settings())
        return [] if form.is_valid() else list(form.errors["address"])

    return ask


def test_a_private_address_is_taken(errors):
    assert errors("bob@example.net") == []


@pytest.mark.parametrize(
    "typed", ["", "   ", "bob", "bob@", "b@b", "bob@example.net\r\nBcc: e@x.yz"]
)
def test_what_is_no_address_is_told_so(errors, typed):
    assert errors(typed) == [NO_ADDRESS]


@pytest.mark.parametrize(
    "typed",
    [
        "bob@example.org",
        "BOB@EXAMPLE.ORG",
        "eve@example.org",
        "bob+private@example.org",
        "bob@mail.example.org",
        "bob@example.org.",
        "ｂｏｂ＠ｅｘａｍｐｌｅ．ｏｒｇ",
    ],
)
def test_a_work_address_is_refused_in_every_spelling(errors, typed):
    """EM1: also a colleague's, and below the domain; by the domains of all work addresses."""
    assert errors(typed) == [OURS]


def test_domains_that_the_organization_lists_are_refused(errors, bob):
    """EM1: with everything below them."""
    OrgPolicy.objects.update(organization_domains=["corp.example", "bücher.example"])

    assert errors("bob@corp.example") == [OURS]
    assert errors("bob@lab.corp.example") == [OURS]
    assert errors("bob@notcorp.example") == []


@pytest.mark.parametrize("listed", [["bücher.example"], []])
def test_a_domain_in_other_letters_is_refused(errors, eve, listed):
    """As an administrator writes it, as a colleague has it, and as the address is stored."""
    OrgPolicy.objects.update(organization_domains=listed)
    eve.work_address = "eve@bücher.example"
    eve.save()

    assert errors("bob@bücher.example") == [OURS]
    assert errors("bob@xn--bcher-kva.example") == [OURS]


def test_the_own_work_address_is_refused_whatever_is_listed(errors):
    OrgPolicy.objects.update(organization_domains=["corp.example"])

    assert errors("Bob@Example.org") == [OURS]
    assert errors("eve@example.org") == []


def test_the_own_work_address_is_refused_although_it_is_stored_as_it_was_typed(errors, bob):
    OrgPolicy.objects.update(organization_domains=["corp.example"])
    bob.work_address = "bob@bücher.example"
    bob.save()

    assert errors("bob@BÜCHER.example") == [OURS]


def test_the_field_helps_to_type_an_address(bob):
    html = str(EmailForm(person=bob, settings=Settings())["address"])

    assert 'type="email"' in html
    assert 'autocomplete="email"' in html
