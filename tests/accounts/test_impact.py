"""PO5: what another policy would do to everybody, counted by the rules that the pages go by."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone

from accounts import impact
from accounts.models import User
from methods import registry
from methods.models import Registration
from methods.standing import Standing
from securityinfo.policy import service
from securityinfo.policy.draft import Draft
from securityinfo.policy.effects import Effect, Impact
from securityinfo.policy.models import OrgPolicy
from securityinfo.policy.rules import Purpose
from tests import kinds

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _all_kinds(db):
    for kind in ("authenticator", "sms", "call", "email"):
        kinds.allow(kind)


def effects_of(**values) -> dict[str, set[Effect]]:
    """Who is hit by these changes, and how; `email__state="off"` for one of a rule."""
    draft = Draft.current()
    before = draft.policy()
    draft.change({name.replace("__", "."): value for name, value in values.items()})
    draft.check()
    found = impact.affected(before, draft.policy())
    return {person.user_name: set(person.effects) for person in found}


def has_row(person: User, kind: str = "email") -> None:
    """A method that no limit of sending knows of."""
    Registration.objects.create(
        user=person, kind=kind, details={}, channel=f"{person.pk}", confirmed=True
    )


def test_whoever_has_nothing_else_is_left_without_a_method(bob, eve, registered):
    registered("email")
    registered("email", user=eve)
    registered("authenticator", user=eve)

    found = effects_of(email__state="off")

    assert Effect.NO_SIGN_IN in found["bob"]
    assert Effect.NO_SIGN_IN not in found["eve"]
    assert Effect.LOSES_METHOD in found["eve"]


def test_a_kind_that_nobody_uses_hits_nobody(bob, registered):
    registered("email")
    registered("authenticator")

    assert effects_of(sms__state="off", call__state="off") == {}


def test_fewer_than_required(bob, registered):
    registered("email")
    registered("authenticator")

    found = effects_of(email__state="off")

    assert found["bob"] == {
        Effect.LOSES_METHOD,
        Effect.NO_RESET,
        Effect.TOO_FEW,
        Effect.OTHER_DEFAULT,
        Effect.ASKED,
    }


def test_more_are_asked_for_when_more_are_required(bob, registered):
    registered("email")
    registered("authenticator")

    assert effects_of(methods_to_register=3)["bob"] == {Effect.TOO_FEW, Effect.ASKED}


def test_text_and_call_to_one_number_are_one_method(bob, registered):
    """PR7."""
    registered("sms")
    registered("call")
    OrgPolicy.objects.update(methods_to_register=1, methods_to_reset=1)

    assert Effect.TOO_FEW not in effects_of(call__state="off").get("bob", set())
    assert effects_of(methods_to_register=2)["bob"] == {Effect.TOO_FEW, Effect.ASKED}


def test_the_default_is_asked_for_no_more(bob, registered):
    first = registered("email")
    registered("authenticator")
    assert Registration.objects.get(pk=first.pk).is_default

    found = effects_of(email__for_sign_in=False)

    assert found["bob"] == {Effect.OTHER_DEFAULT, Effect.LOSES_METHOD}


def test_who_may_reset(bob, eve, registered):
    group = Group.objects.create(name="Sales")
    eve.groups.add(group)
    for person in (bob, eve):
        registered("email", user=person)
        registered("authenticator", user=person)

    found = effects_of(reset_for="groups", reset_groups=["Sales"])

    assert found == {"bob": {Effect.NO_RESET}}


def test_an_excluded_group_loses_it_and_the_others_do_not(bob, eve, registered):
    bob.groups.add(Group.objects.create(name="Contractors"))
    for person in (bob, eve):
        registered("email", user=person)

    found = effects_of(email__exclude_groups=["Contractors"])

    assert set(found) == {"bob"}


def test_staff_keep_their_stronger_rules(carol, registered):
    """K10, PO8: they don't have email before, so they don't lose it."""
    registered("authenticator", user=carol)
    has_row(carol)

    assert effects_of(email__state="off") == {}
    assert Effect.NO_SIGN_IN in effects_of(authenticator__state="off")["carol"]


def test_the_deactivated_and_the_unfinished_do_not_count(bob, eve, registered):
    registered("email")
    User.objects.filter(pk=bob.pk).update(is_active=False)
    kinds.begin(eve, registry.get("email"))

    assert effects_of(email__state="off") == {}


def test_what_could_not_be_used_before_is_not_lost(bob, registered):
    method = registered("email")
    Registration.objects.filter(pk=method.pk).update(suspended_at=timezone.now())

    assert effects_of(email__state="off") == {}


def test_what_is_new_counts_as_if_it_were_old(bob, registered):
    registered("email")
    method = registered("authenticator")
    Registration.objects.filter(pk=method.pk).update(trusted_from=timezone.now())

    assert Effect.NO_RESET in effects_of(email__state="off")["bob"]


def test_people_are_asked_once_registration_is_required(bob, eve, registered):
    OrgPolicy.objects.update(registration_required=False)
    registered("email", user=eve)
    registered("authenticator", user=eve)

    assert effects_of(registration_required=True) == {"bob": {Effect.ASKED}}


def test_a_change_for_the_better_hits_nobody(bob, registered):
    registered("email")

    assert effects_of(methods_to_register=1, methods_to_reset=1, code_minutes=9) == {}


def test_the_first_are_named_and_all_are_counted(make_person):
    people = [make_person(f"person{number:03}") for number in range(60)]
    for person in people:
        has_row(person)
    draft = Draft.current()
    before = draft.policy()
    draft.change({"email.state": "off"})

    found = Impact.of(impact.affected(before, draft.policy()))

    assert found.counts[Effect.NO_SIGN_IN] == found.affected == 60
    assert [each.user_name for each in found.people] == [f"person{n:03}" for n in range(50)]


def test_it_is_one_query_however_many_people(make_person, django_assert_num_queries):
    for number in range(20):
        has_row(make_person(f"person{number:03}"))
    draft = Draft.current()
    before = draft.policy()
    draft.change({"email.state": "off"})
    after = draft.policy()

    around = 2 + (connection.vendor == "postgresql")  # a savepoint, and room to work in
    with django_assert_num_queries(around + 1):
        assert len(list(impact.affected(before, after))) == 20


def test_it_agrees_with_what_the_pages_say(bob, registered):
    """The same rules, asked of the same methods."""
    for kind in ("authenticator", "sms", "call", "email"):
        registered(kind)
    real = Standing.of(bob, service.current_for(bob))
    rows = [row for row in impact._people() if row[0] == "bob"]

    found = impact.outcome_of(tuple(impact._registrations(rows[0][4])), service.current_for(bob))

    assert len(found.for_sign_in) == len(real.for_sign_in)
    assert len(found.for_reset) == len(real.able_to(Purpose.RESET))
    assert found.has_enough == (real.channels >= 2)
    assert found.is_asked == bool(real.needed)
