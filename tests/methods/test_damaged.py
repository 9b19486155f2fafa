"""A sealed value that doesn't open any more harms its own method and nothing else."""

from __future__ import annotations

import logging

import pytest
from django.urls import reverse

from methods import contacts, deletion
from methods.models import Registration
from methods.standing import Standing
from securityinfo.crypto import Sealed
from securityinfo.policy import service as policy
from securityinfo.policy.models import OrgPolicy
from securityinfo.policy.rules import Purpose, Reason
from tests import kinds

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(bob, email) -> Registration:
    OrgPolicy.objects.update(methods_to_register=1)
    return kinds.register(bob, form={"address": "rob@example.net"})


@pytest.fixture
def damaged(bob, other) -> Registration:
    """The address of this one was sealed for another row."""
    registration = kinds.register(bob, form={"address": "bob@example.net"})
    box = Registration.objects.get(pk=other.pk).__dict__["details"]
    Registration.objects.filter(pk=registration.pk).update(details=box)
    return Registration.objects.get(pk=registration.pk)


def standing_of(user) -> Standing:
    return Standing.of(user, policy.current_for(user))


def test_the_list_says_which_method_cannot_be_read(bob, damaged, signed_in):
    page = signed_in(bob).get(reverse("methods:list"))

    words = page.content.decode()
    assert page.status_code == 200
    assert "This method can&#x27;t be read any more." in words
    assert "rob@example.net" in words  # in full: just signed in
    assert f"{damaged.uuid}/delete/" in words
    assert f"{damaged.uuid}/change/" not in words


def test_it_is_not_usable_and_the_others_are(bob, damaged, other):
    standing = standing_of(bob)

    assert standing.usable == (other,)
    assert not standing.may_use(standing.registrations[1], Purpose.SIGN_IN)
    assert standing.may_change(standing.registrations[1]).reason is Reason.DAMAGED


def test_it_can_be_deleted(bob, damaged, other, signed_in):
    client = signed_in(bob)

    page = client.post(reverse("methods:delete", args=[damaged.uuid]), follow=True)

    assert page.status_code == 200
    assert list(Registration.objects.of(bob)) == [other]


def test_a_visit_to_its_change_page_explains(bob, damaged, signed_in):
    page = signed_in(bob).get(reverse("methods:change", args=[damaged.uuid]), follow=True)

    assert page.status_code == 200
    assert "This method can&#x27;t be read any more. Delete it" in page.content.decode()


def test_the_other_contacts_are_still_told(bob, damaged):
    told = {each.value for each in contacts.contacts_of(bob)}

    assert told == {bob.work_address, "rob@example.net"}


def test_another_method_can_still_be_added_and_deleted(bob, damaged, other):
    added = kinds.register(bob, form={"address": "ann@example.net"})

    deletion.delete(other, ruleset=policy.current_for(bob), actor=kinds.actor_for(bob))

    assert set(Registration.objects.of(bob)) == {damaged, added}


def test_its_kind_can_still_be_added_where_numbers_have_places(bob, registered):
    """The office phone's place, say, is looked for among the person's other numbers."""
    kinds.allow("call")
    number = kinds.register(bob, "call")
    Registration.objects.filter(pk=number.pk).update(details=Sealed("aes1.k.AAAA"))

    standing = standing_of(bob)

    assert [each.is_damaged for each in standing.registrations] == [True]
    other = {"type": "office", "country": "GB", "number": "0121 234 5678"}
    assert kinds.register(bob, "call", form=other).confirmed


def test_the_log_says_which_row_it_is(bob, damaged, caplog):
    with caplog.at_level(logging.CRITICAL):
        assert standing_of(bob).usable

    assert str(damaged.uuid) in caplog.text


def test_the_administration_shows_the_others(bob, damaged, ada, signed_in):
    page = signed_in(ada).get(reverse("admin:methods_registration_changelist"))

    assert page.status_code == 200
    assert "r•••@example.net" in page.content.decode()


def test_a_set_up_whose_value_cannot_be_read_begins_again(bob, email, signed_in):
    client = signed_in(bob)
    client.post(reverse("methods:set-up", args=["email"]), {"address": "bob@example.net"})
    Registration.objects.of(bob).update(details=Sealed("aes1.k.AAAA"))

    page = client.get(reverse("methods:verify", args=["email"]), follow=True)

    assert page.redirect_chain[-1][0] == reverse("methods:set-up", args=["email"])
    assert page.status_code == 200
