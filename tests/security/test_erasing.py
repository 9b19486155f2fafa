"""R112: a person is deleted for good, and what happened stays as it was written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection

from accounts import erasing
from accounts.models import Session, User
from methods.models import KnownContacts, Registration
from securityinfo.actor import COMMAND_LINE
from securityinfo.audit.models import Event
from securityinfo.policy.models import OrgPolicy
from tests import kinds

pytestmark = pytest.mark.django_db

SECRETS = ("zebedee", "zacharias", "zulu@example.org", "private@example.net", "612345678", "z-4711")


@pytest.fixture
def person(make_person, ada, signed_in) -> User:
    """With something in every table that a person leaves traces in."""
    OrgPolicy.objects.update(home_country="NL", allowed_countries=["NL"])
    person = make_person(
        "zebedee",
        full_name="Zacharias Z",
        work_address="zulu@example.org",
        employee_number="Z-4711",
    )
    kinds.allow("email")
    kinds.allow("sms")
    kinds.register(person, "email", {"address": "private@example.net"})
    kinds.register(person, "sms", {"country": "NL", "number": "0612345678"})
    phone = {"number": "+31612345678", "extension": ""}
    KnownContacts.objects.create(user=person, details={"mobile": phone})
    signed_in(person).get("/security-info/")
    admin = signed_in(ada)
    page = f"/admin/accounts/user/{person.pk}/change/"
    admin.post(page, fields_of(person, department="Sales", is_active="on"))
    admin.post(page, fields_of(person, department="Sales"))
    return User.objects.get(pk=person.pk)


def fields_of(person: User, **changes: str) -> dict[str, str]:
    names = ("username", "full_name", "work_address", "employee_number", "role", "language")
    return {name: getattr(person, name) for name in names} | {"time_zone": ""} | changes


def cells() -> Iterator[tuple[str, str]]:
    """Everything that is stored, table by table."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                yield from ((table, str(cell).casefold()) for cell in row)


def test_no_name_number_or_address_is_left_and_the_chain_holds(person):
    assert not person.is_active
    events = list(Event.objects.order_by("pk").values())
    assert any(secret in cell for _table, cell in cells() for secret in SECRETS)

    assert erasing.erase(person, actor=COMMAND_LINE)

    left = {(table, secret) for table, cell in cells() for secret in SECRETS if secret in cell}
    assert left == set()
    assert list(Event.objects.order_by("pk").values())[: len(events)] == events
    assert Event.objects.filter(subject=person.public_id).count() > 3
    call_command("verify_audit")


def test_whoever_is_active_is_not_erased(bob):
    with pytest.raises(erasing.StillActive):
        erasing.erase(bob, actor=COMMAND_LINE)

    assert User.objects.filter(pk=bob.pk).exists()


def test_twice_is_once(bob):
    User.objects.update(is_active=False)

    assert erasing.erase(bob, actor=COMMAND_LINE)
    assert not erasing.erase(bob, actor=COMMAND_LINE)

    assert Event.objects.filter(tag="data.erased").count() == 1


# --- In the administration ------------------------------------------------------------------------


@pytest.fixture
def page(person) -> str:
    return f"/admin/accounts/user/{person.pk}/delete/"


def test_the_page_lists_what_goes_and_what_stays(page, ada, signed_in):
    shown = signed_in(ada).get(page).content.decode()

    assert "p•••@example.net" in shown
    assert "ending 78" in shown
    assert "events, without a name" in shown
    assert "private@example.net" not in shown


def test_a_person_is_deleted_and_somebody_knows_by_whom(page, person, ada, signed_in):
    admin = signed_in(ada)

    response = admin.post(page, {"post": "yes"}, follow=True)

    assert "The person was deleted for good." in response.content.decode()
    assert not User.objects.filter(pk=person.pk).exists()
    assert not Registration.objects.exists()
    event = Event.objects.get(tag="data.erased")
    assert (event.actor, event.subject) == (ada.public_id, person.public_id)
    assert event.facts == {"kinds": ["email", "sms"]}


def test_it_needs_a_fresh_proof(page, person, ada, signed_in):
    """Pages 4.2."""
    admin = signed_in(ada)
    Session.objects.update(fresh_at=None)

    for response in (admin.get(page), admin.post(page, {"post": "yes"})):
        assert response["Location"].startswith("/confirm/?next=")
    assert User.objects.filter(pk=person.pk).exists()
