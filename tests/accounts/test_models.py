"""People and how they are found by what is typed."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction

from accounts.models import Role, User
from securityinfo.duties import Duty

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "typed", ["bob", "BOB", "  bob ", "bob@example.org", "Bob@Example.ORG", "\tbob\n"]
)
def test_a_person_is_found_by_user_name_or_work_address(bob, typed):
    """AC4."""
    assert User.objects.named(typed) == bob


@pytest.mark.parametrize(
    "typed",
    ["", "bo", "bob@example.net", "b\u043eb", "b\u1d0fb", "bob\x00", "bob\u200b", "x" * 5000, "%"],
)
def test_look_alikes_and_oddities_find_nobody(bob, typed):
    assert User.objects.named(typed) is None


def test_a_work_address_with_a_dotless_i_is_not_its_twin(make_person):
    """R032: the case mapping of another script never reaches this account."""
    make_person("mike", work_address="mike@example.org")

    assert User.objects.named("m\u0131ke@example.org") is None
    assert User.objects.named("M\u0130KE") is None


def test_finding_a_person_takes_one_query(bob, django_assert_num_queries):
    with django_assert_num_queries(1):
        User.objects.named("bob")


def test_user_names_differ_in_more_than_case(bob):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username="BOB", work_address="another@example.org")


def test_a_work_address_is_stored_in_lower_case(bob):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username="rob", work_address="Rob@example.org")

    assert User.objects.create_user("ann", "Ann@Example.org").work_address == "ann@example.org"


def test_nobodys_user_name_is_somebody_elses_work_address(bob):
    with pytest.raises(ValidationError, match="already has this user name"):
        User.objects.create_user("bob@example.org", "other@example.org")

    User.objects.create_user("sam@example.org", "samuel@example.org")
    with pytest.raises(ValidationError, match="already has this work address"):
        User.objects.create_user("other", "sam@example.org")


@pytest.mark.parametrize("name", ["", "b ob", "bøb", "b" * 151, "bob\n", "<bob>"])
def test_user_names_are_plain(name):
    with pytest.raises(ValidationError):
        User.objects.create_user(name, "someone@example.org")


def test_createsuperuser_makes_an_administrator(monkeypatch):
    """AC6."""
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "long enough for anybody")

    call_command(
        "createsuperuser", interactive=False, username="root", work_address="root@example.org"
    )

    root = User.objects.get()
    assert root.role == Role.ADMINISTRATOR
    assert root.may(Duty.EDIT_POLICY)
    assert root.check_password("long enough for anybody")


@pytest.mark.parametrize(
    ("role", "may"), [(Role.PERSON, False), (Role.HELPDESK, False), (Role.ADMINISTRATOR, True)]
)
def test_djangos_own_flags_open_nothing(make_person, role, may):
    person = make_person("sam", role=role, is_superuser=True)

    assert person.has_perm("accounts.manage_people") is may
    assert person.has_module_perms("accounts") is may
    assert person.is_staff is may
    assert not person.has_perm("accounts.change_user")


def test_an_inactive_administrator_may_nothing(ada):
    ada.is_active = False

    assert not ada.has_perm("accounts.manage_people")
