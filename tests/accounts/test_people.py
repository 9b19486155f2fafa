"""Creating and changing accounts: effect, event and notice together."""

from __future__ import annotations

import pytest

from accounts import passwords, people
from accounts.models import Role, User
from securityinfo.actor import Actor
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from tests.accounts.doors import has_method, is_signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def by_ada(ada) -> Actor:
    return Actor(person=ada.public_id, role=ada.role)


def tags() -> list[str]:
    return list(Event.objects.order_by("id").values_list("tag", flat=True))


def told(user: User) -> set[str]:
    """Addresses to which a notice is on its way."""
    return {message.sealed["to"] for message in Message.objects.filter(user=user)}


def test_a_new_account_has_a_start_password_that_must_be_replaced(by_ada):
    """AC2."""
    person = User(username="new", work_address="new@example.org")

    password = people.create(person, actor=by_ada)

    stored = User.objects.get(username="new")
    assert passwords.matches(stored, password)
    assert stored.must_change_password
    event = Event.objects.get()
    assert (event.tag, event.actor, event.subject) == (
        "account.created",
        by_ada.person,
        stored.public_id,
    )
    assert password not in str(event.__dict__)


def test_a_new_work_address_is_told_at_the_old_and_the_new_one(bob, by_ada):
    """AC3, N16."""
    has_method(bob, "private@example.net")
    bob.work_address = "robert@example.org"

    people.update(bob, changed=["work_address"], actor=by_ada)

    assert told(bob) == {"bob@example.org", "robert@example.org", "private@example.net"}
    assert tags() == ["account.updated"]
    assert Event.objects.get().facts == {"fields": ["work_address"]}


def test_a_new_role_is_told_recorded_and_ends_all_sessions(bob, by_ada, signed_in):
    client = signed_in(bob)
    bob.role = Role.HELPDESK

    people.update(bob, changed=["role"], actor=by_ada)

    assert tags() == ["account.role_changed"]
    assert Event.objects.get().facts == {"old": "person", "new": "helpdesk"}
    assert told(bob) == {"bob@example.org"}
    assert not is_signed_in(client)


def test_deactivating_is_told_recorded_and_ends_all_sessions(bob, by_ada, signed_in):
    """AC5."""
    client = signed_in(bob)

    people.deactivate(bob, actor=by_ada)
    people.deactivate(bob, actor=by_ada)

    assert tags() == ["account.deactivated"]
    assert told(bob) == {"bob@example.org"}
    assert not is_signed_in(client)


def test_activating_again_opens_no_old_session(bob, by_ada, signed_in):
    client = signed_in(bob)
    people.deactivate(bob, actor=by_ada)
    bob.is_active = True

    people.update(bob, changed=["is_active"], actor=by_ada)

    assert tags() == ["account.deactivated", "account.updated"]
    assert not is_signed_in(client)


def test_a_small_change_tells_nobody_and_ends_nothing(bob, by_ada, signed_in):
    client = signed_in(bob)
    bob.department = "Marketing"

    people.update(bob, changed=["department"], actor=by_ada)

    assert tags() == ["account.updated"]
    assert not Message.objects.exists()
    assert is_signed_in(client)


def test_a_change_writes_back_nothing_that_changed_meanwhile(bob):
    """An administrator's form, opened before bob chose another password, must not undo that."""
    form = User.objects.get(pk=bob.pk)
    bob.set_password("another password altogether")
    bob.skips_used = 2
    bob.save()

    form.department = "Marketing"
    people.update(form, changed=["department", "groups"], actor=Actor())

    bob.refresh_from_db()
    assert bob.department == "Marketing"
    assert passwords.matches(bob, "another password altogether")
    assert bob.skips_used == 2
