"""Lifting a freeze in the administration."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts import disown
from accounts.models import Role
from methods.models import Registration
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from tests import kinds
from tests.accounts.test_admin import PEOPLE, page_of

pytestmark = pytest.mark.django_db

ADDRESSES = ("bob@example.net", "bobby@example.net")


@pytest.fixture
def admin(ada, signed_in) -> Client:
    return signed_in(ada)


@pytest.fixture
def suspended(bob, registered) -> list[Registration]:
    """Two of bob's methods, both disowned: his account is frozen."""
    kinds.allow("email")
    found = [registered(form={"address": each}) for each in ADDRESSES]
    for event in Event.objects.filter(tag=tags.METHOD_REGISTERED):
        disown.protect(event, Actor())
    Message.objects.all().delete()
    bob.refresh_from_db()
    return found


def chosen(*people, **form) -> dict:
    return {"action": "lift_freeze", "_selected_action": [each.pk for each in people]} | form


def states() -> list[bool]:
    found = Registration.objects.order_by("pk").values_list("suspended_at", flat=True)
    return [each is not None for each in found]


def test_it_asks_first_and_shows_masked_what_may_be_restored(admin, bob, suspended):
    page = admin.post(PEOPLE, chosen(bob)).content.decode()

    bob.refresh_from_db()
    assert bob.frozen_at is not None
    assert page.count('name="restore"') == 2
    assert "Restore Email b•••@example.net" in page
    assert not any(address in page for address in ADDRESSES)


def test_what_is_ticked_works_again_and_the_rest_stays_suspended(admin, ada, bob, suspended):
    form = chosen(bob, confirmed="yes", restore=[str(suspended[0].uuid)])

    answer = admin.post(PEOPLE, form, follow=True)

    bob.refresh_from_db()
    assert "The freeze of 1 person was lifted." in answer.content.decode()
    assert bob.frozen_at is None
    assert bob.must_change_password
    assert states() == [False, True]
    lifted = Event.objects.get(tag=tags.ACCOUNT_UNFROZEN)
    assert (lifted.actor, lifted.subject) == (ada.public_id, bob.public_id)
    assert Event.objects.get(tag=tags.METHOD_RESTORED).masked == "b•••@example.net"


def test_every_contact_is_told_without_a_link_to_freeze_again(admin, bob, suspended):
    """N12."""
    admin.post(PEOPLE, chosen(bob, confirmed="yes", restore=[str(suspended[0].uuid)]))

    messages = list(Message.objects.filter(user=bob, category="notice"))
    assert {each.sealed["to"] for each in messages} == {"bob@example.org", *ADDRESSES}
    for each in messages:
        assert each.sealed["subject"] == "The helpdesk changed your account"
        assert each.sealed["sentences"] == [
            "Your account is no longer frozen.",
            "Email, b•••@example.net works again.",
        ]
        assert each.sealed["by"] == "an administrator"
        assert not each.sealed["link"]


def test_the_method_of_another_person_is_not_restored_with_it(admin, bob, eve, suspended):
    other = Registration.objects.create(
        user=eve, kind="email", confirmed=True, details={}, suspended_at=bob.frozen_at
    )

    admin.post(PEOPLE, chosen(bob, confirmed="yes", restore=[str(other.uuid)]))

    other.refresh_from_db()
    assert other.suspended_at is not None


def test_there_is_nothing_to_confirm_where_nobody_is_frozen(admin, bob):
    answer = admin.post(PEOPLE, chosen(bob), follow=True)

    assert answer.redirect_chain
    assert "None of the chosen people is frozen" in answer.content.decode()


def test_nobody_lifts_their_own_freeze(admin, ada):
    disown.protect(Event.objects.filter(subject=ada.public_id).first() or _event(ada), Actor())
    again = Client()
    again.force_login(ada)

    again.post(PEOPLE, chosen(ada, confirmed="yes"))

    ada.refresh_from_db()
    assert ada.frozen_at is not None


def _event(person) -> Event:
    return log.record(
        tags.SIGN_IN_COMPLETED, actor=kinds.actor_for(person), subject=person.public_id
    )


def test_lifting_twice_tells_once(admin, bob, suspended):
    for _ in range(2):
        admin.post(PEOPLE, chosen(bob, confirmed="yes"))

    assert Event.objects.filter(tag=tags.ACCOUNT_UNFROZEN).count() == 1


def test_whoever_is_not_frozen_is_left_alone(admin, eve):
    admin.post(PEOPLE, chosen(eve, confirmed="yes"))

    assert not Message.objects.filter(user=eve).exists()


@pytest.mark.parametrize("role", [Role.PERSON, Role.HELPDESK])
def test_for_everybody_else_there_is_no_such_page(make_person, signed_in, bob, suspended, role):
    client = signed_in(make_person("sam", role=role))

    answer = client.post(PEOPLE, chosen(bob, confirmed="yes"), follow=True)

    bob.refresh_from_db()
    assert answer.status_code == 404
    assert bob.frozen_at is not None


def test_frozen_people_are_found_and_their_page_says_since_when(admin, bob, eve, suspended):
    listed = admin.get(PEOPLE, {"frozen": "yes"}).content.decode()
    others = admin.get(PEOPLE, {"frozen": "no"}).content.decode()

    assert ("bob@example.org" in listed, "eve@example.org" in listed) == (True, False)
    assert ("bob@example.org" in others, "eve@example.org" in others) == (False, True)
    assert "Frozen:" in admin.get(page_of(bob)).content.decode()
