"""People in the administration."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import passwords
from accounts.models import Role, Session, User
from methods.models import Registration
from securityinfo.admin_site import BoundedPaginator
from securityinfo.audit.models import Event
from tests.accounts.doors import has_method, is_signed_in

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/accounts/user/"
ADD = "/admin/accounts/user/add/"
NEW = {
    "username": "newcomer",
    "full_name": "Nora New",
    "work_address": "Nora@Example.org",
    "department": "Sales",
    "role": "person",
    "language": "nl",
    "time_zone": "Europe/Amsterdam",
    "is_active": "on",
}


@pytest.fixture
def admin(ada, signed_in) -> Client:
    return signed_in(ada)


def page_of(person: User) -> str:
    return f"{PEOPLE}{person.pk}/change/"


def fields_of(person: User, **changes: str) -> dict[str, str]:
    names = ("username", "full_name", "work_address", "department", "role", "language")
    known = {name: getattr(person, name) for name in names}
    return known | {"time_zone": person.time_zone, "is_active": "on"} | changes


@pytest.mark.parametrize("role", [Role.PERSON, Role.HELPDESK])
def test_only_administrators_see_people(make_person, signed_in, role):
    client = signed_in(make_person("sam", role=role, is_superuser=True))

    assert client.get(PEOPLE).status_code in (302, 403, 404)


def test_a_start_password_is_shown_once_and_works(admin):
    """AC2."""
    response = admin.post(ADD, NEW)

    password = re.search(r"[a-z2-9]{5}(-[a-z2-9]{5}){3}", response.content.decode())[0]
    person = User.objects.get(username="newcomer")
    assert passwords.matches(person, password)
    assert person.must_change_password
    assert person.work_address == "nora@example.org"
    assert "no-store" in response["Cache-Control"]
    assert password not in admin.get(PEOPLE).content.decode()
    assert password not in admin.get(page_of(person)).content.decode()
    assert not any(password in session.data for session in Session.objects.all())
    again = admin.post(ADD, NEW)
    assert "Somebody already has this user name." in again.content.decode()


def test_the_hash_of_a_password_is_on_no_page(admin, bob):
    """AC7, R107."""
    page = admin.get(page_of(bob)).content.decode()

    assert "argon2" not in page
    assert "password" not in page.lower().replace("password reset", "")


def test_methods_are_shown_masked(admin, bob):
    """K5, R117."""
    has_method(bob, "private@example.net")

    page = admin.get(page_of(bob)).content.decode()

    assert "p•••@example.net" in page
    assert "private@example.net" not in page


def test_a_method_that_its_kind_says_all_of_stands_alone(admin, bob):
    has_method(bob)
    Registration.objects.create(
        user=bob, kind="authenticator", confirmed=True, name="Authenticator app", fingerprint="app"
    )

    page = admin.get(page_of(bob)).content.decode()

    assert "Authenticator app" in page
    assert "Authenticator app " not in page


def test_a_page_of_a_person_leads_to_what_happened_with_them(admin, bob):
    page = admin.get(page_of(bob)).content.decode()

    assert f'href="/admin/audit/event/?person={bob.username}"' in page
    assert admin.get(f"/admin/audit/event/?person={bob.username}").status_code == 200


def test_a_change_is_recorded_with_who_did_it(admin, ada, bob):
    response = admin.post(page_of(bob), fields_of(bob, department="Marketing"))

    assert response.status_code == 302, response.context["adminform"].form.errors
    event = Event.objects.get(tag="account.updated")
    assert (event.actor, event.subject) == (ada.public_id, bob.public_id)
    assert event.facts == {"fields": ["department"]}


def test_a_change_of_role_signs_the_person_out(admin, bob, signed_in):
    client = signed_in(bob)

    admin.post(page_of(bob), fields_of(bob, role="helpdesk"))

    bob.refresh_from_db()
    assert bob.role == Role.HELPDESK
    assert not is_signed_in(client)


def test_chosen_people_are_deactivated_but_never_oneself(admin, ada, bob, eve):
    form = {"action": "deactivate", "_selected_action": [ada.pk, bob.pk, eve.pk]}

    admin.post(PEOPLE, form)

    assert list(User.objects.filter(is_active=True)) == [ada]
    assert Event.objects.filter(tag="account.deactivated").count() == 2


def test_nobody_takes_away_their_own_rights(admin, ada):
    fields = fields_of(ada, role="person")
    del fields["is_active"]

    admin.post(page_of(ada), fields)

    ada.refresh_from_db()
    assert (ada.role, ada.is_active) == (Role.ADMINISTRATOR, True)


def test_people_are_not_deleted_before_they_are_deactivated(admin, bob):
    response = admin.post(f"{PEOPLE}{bob.pk}/delete/", {"post": "yes"}, follow=True)
    assert "Deactivate this person first." in response.content.decode()
    admin.post(PEOPLE, {"action": "delete_selected", "_selected_action": [bob.pk], "post": "yes"})

    assert User.objects.filter(pk=bob.pk).exists()


def test_changing_people_needs_a_fresh_sign_in(admin, bob):
    """SU6."""
    Session.objects.update(fresh_at=None)

    response = admin.post(page_of(bob), fields_of(bob, role="administrator"))

    assert response["Location"].startswith("/confirm/?next=")
    bob.refresh_from_db()
    assert bob.role == Role.PERSON


@pytest.mark.parametrize("searched", ["bo", "BOB@ex", "Bob Ba"])
def test_people_are_searched_by_the_beginning(admin, bob, eve, searched):
    page = admin.get(PEOPLE, {"q": searched}).content.decode()

    assert "bob@example.org" in page
    assert "eve@example.org" not in page


def test_a_method_whose_kind_is_gone_is_shown_by_its_kind(admin, bob):
    Registration.objects.create(user=bob, kind="gone", confirmed=True, details={})

    page = admin.get(page_of(bob))

    assert page.status_code == 200
    assert "gone" in page.content.decode()


def test_the_list_never_counts_everybody(admin, bob):
    """100,000 people: no COUNT without a bound, and a fixed number of queries."""

    def queries() -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            assert admin.get(PEOPLE).status_code == 200
        return [query["sql"] for query in captured]

    queries()  # reads the policy, which is kept
    few = queries()
    User.objects.bulk_create(
        User(username=f"p{n}", work_address=f"p{n}@example.org") for n in range(200)
    )
    many = queries()

    counts = [sql for sql in many if "COUNT(" in sql and "accounts_user" in sql]
    assert counts
    assert all(f"LIMIT {BoundedPaginator.MOST}" in sql for sql in counts)
    assert len(few) == len(many)


def test_a_list_is_called_by_what_it_lists_and_writes_times_as_all_pages(admin, bob):
    User.objects.filter(pk=bob.pk).update(
        last_sign_in_at=datetime(2026, 11, 22, 14, 35, tzinfo=UTC)
    )

    page = admin.get(PEOPLE).content.decode()

    assert "<h1>People</h1>" in page
    assert "22 Nov 2026, 14:35" in page
