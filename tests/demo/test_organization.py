"""The demo organization is made once, quickly, and through the services that everybody uses."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import check_password
from django.utils import translation

from accounts import hashers
from accounts.models import Role, User
from accounts.required import Asked
from methods.models import NEVER_COUNTED, Registration
from methods.standing import Standing
from securityinfo.audit import log, tags
from securityinfo.demo import organization
from securityinfo.demo.models import DemoMessage
from securityinfo.messaging.models import Message
from securityinfo.policy import service as policies
from securityinfo.policy.models import MethodRule, OrgPolicy

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return {user.username: user for user in organization.seed()}


def kinds_of(user: User) -> list[str]:
    return [each.kind for each in Registration.objects.of(user).confirmed()]


def test_the_people_are_those_of_the_documentation(people):
    assert list(people) == ["alice", "bob", "carol", "dave", "admin"]
    assert people["carol"].role == Role.HELPDESK
    assert people["admin"].role == Role.ADMINISTRATOR
    assert people["admin"].is_staff
    assert people["dave"].language == "nl"
    assert {user.work_address for user in people.values()} == {
        f"{name}@example.org" for name in people
    }


def test_all_of_them_have_the_documented_password(people):
    encoded = {user.password for user in people.values()}

    assert all(check_password("demo-only-password", each) for each in encoded)


def test_one_password_is_hashed_however_many_people_there_are(monkeypatch):
    hashed = []
    encode = hashers.CappedArgon2Hasher.encode

    def counting(self, password, salt):
        hashed.append(salt)
        return encode(self, password, salt)

    monkeypatch.setattr(hashers.CappedArgon2Hasher, "encode", counting)

    organization.seed()

    assert len(hashed) == 1


def test_what_dave_registered_has_words_of_his_language(people):
    masked = [event.masked for event in log.of_person(people["dave"].public_id)]

    assert "eindigend op 78" in masked
    assert "ending 78" not in masked


def test_alice_has_registered_nothing(people):
    assert kinds_of(people["alice"]) == []


@pytest.mark.parametrize("name", ["bob", "dave"])
def test_bob_and_dave_have_a_number_for_texts_and_a_private_address(people, name):
    found = Registration.objects.confirmed().of(people[name])
    text, email = found.get(kind="sms"), found.get(kind="email")

    assert text.method.destination(text.details).region in ("US", "NL")
    assert email.details["address"].endswith("@example.net")


@pytest.mark.parametrize("name", ["bob", "carol", "dave", "admin"])
def test_all_but_the_newcomer_have_an_authenticator_app_as_default(people, name):
    registration = Registration.objects.get(user=people[name], is_default=True)

    assert registration.kind == "authenticator"
    with translation.override(people[name].language or "en"):
        assert registration.name == str(registration.method.label)


@pytest.mark.parametrize("name", ["bob", "carol", "dave", "admin"])
def test_what_they_have_was_added_some_time_ago_and_is_fully_trusted(people, name):
    for registration in Registration.objects.of(people[name]):
        assert registration.created_at < registration.last_used_at
        assert not registration.is_new()


@pytest.mark.parametrize("name", ["bob", "carol", "dave", "admin"])
def test_nobody_who_has_a_method_is_kept_from_signing_in(people, name):
    """Staff have the app that they must have; what is still missing can wait."""
    asked = Asked.of(people[name], policies.current_for(people[name]))

    assert asked.may_finish
    assert asked.standing.for_sign_in


def test_the_first_code_that_a_phone_shows_can_be_used(people):
    """Although this half minute's code has registered the app."""
    assert set(Registration.objects.values_list("last_counter", flat=True)) == {NEVER_COUNTED}


def test_their_registration_is_in_the_log_as_everybody_s(people):
    recorded = [event.tag for event in log.of_person(people["bob"].public_id)]

    assert tags.METHOD_REGISTERED in recorded
    assert tags.ACCOUNT_CREATED in recorded


def test_nothing_waits_to_be_sent_at_the_start(people):
    assert not Message.objects.exists()
    assert not DemoMessage.objects.exists()


def test_the_policy_names_the_organization_and_its_helpdesk(people):
    rules = policies.current()

    assert rules.organization_name == "Example Org"
    assert rules.organization_domains == ("example.org",)
    assert rules.helpdesk.phone
    assert rules.helpdesk.email


def test_somebody_who_has_an_address_may_add_another(people):
    bob = people["bob"]

    standing = Standing.of(bob, policies.current_for(bob))

    assert "email" in [method.kind for method in standing.addable]


def test_security_questions_are_allowed_here(people):
    """R036: in the demo organization; for members, never for staff."""
    offered = {
        name: {method.kind for method in Standing.of(user, policies.current_for(user)).addable}
        for name, user in people.items()
    }

    assert {name for name, kinds in offered.items() if "questions" in kinds} == {
        "alice",
        "bob",
        "dave",
    }


def test_a_second_run_changes_nothing(people):
    people["bob"].set_password("another one")
    people["bob"].save()
    OrgPolicy.objects.update(organization_name="Renamed")
    MethodRule.objects.update(state="off")
    before = list(User.objects.values())

    assert organization.seed() == []

    assert list(User.objects.values()) == before
    assert OrgPolicy.objects.get().organization_name == "Renamed"
    assert not MethodRule.objects.exclude(state="off").exists()


def test_an_organization_of_somebody_else_is_left_alone(make_person):
    make_person("zoe")

    assert organization.seed() == []

    assert [user.username for user in User.objects.all()] == ["zoe"]
