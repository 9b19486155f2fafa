"""R101-R103, AC7: administrators and agents who want more than they were given."""

from __future__ import annotations

import pytest
from django.db.models.functions import Now

from accounts import duties
from accounts.models import HelpdeskCase, Role, User
from securityinfo import disown_links
from securityinfo.audit import tags
from securityinfo.duties import Duty
from tests.helpdesk.conftest import agent, case, dave, methods_of_dave  # noqa: F401 - fixtures
from tests.helpdesk.steps import action_of, events, press

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/accounts/user/"


# A form's, of somebody who doesn't open the page first.
TOKEN = "8f14e45f-ceea-467f-9f1c-0a6c1f5a1d11"


@pytest.fixture
def abe(make_person) -> User:
    """Manages people, and doesn't edit the policy."""
    person = make_person("abe", role=Role.ADMINISTRATOR)
    duties.give(person, [])
    return person


@pytest.fixture
def nora(make_person) -> User:
    """From a file, and a policy editor before she has ever signed in."""
    person = make_person("nora", password="!never", must_change_password=True)
    duties.give(person, [Duty.EDIT_POLICY])
    return person


def give_start_password(client, person: User) -> str:
    chosen = {"action": "give_start_passwords", "_selected_action": [person.pk]}
    return client.post(PEOPLE, chosen, follow=True).content.decode()


def test_nobody_signs_in_as_a_policy_editor_by_handing_out_a_start_password(abe, nora, signed_in):
    """Whoever sees it first would register the first method."""
    page = give_start_password(signed_in(abe), nora)

    nora.refresh_from_db()
    assert nora.password == "!never"
    assert "Only a policy editor gives a start password to a policy editor." in page


def test_a_policy_editor_hands_one_to_another(ada, nora, signed_in):
    give_start_password(signed_in(ada), nora)

    nora.refresh_from_db()
    assert nora.has_usable_password()


@pytest.mark.parametrize(("has_signed_in", "may"), [(None, False), (Now(), True)])
def test_nobody_edits_the_policy_whose_start_password_others_know(
    ada, bob, signed_in, has_signed_in, may
):
    """Whoever made the account would sign in first, and had the duty then."""
    User.objects.filter(pk=bob.pk).update(must_change_password=True, last_sign_in_at=has_signed_in)
    form = {name: getattr(bob, name) for name in ("username", "work_address", "role", "language")}

    signed_in(ada).post(
        f"{PEOPLE}{bob.pk}/change/", form | {"is_active": "on", "duties": [Duty.EDIT_POLICY.value]}
    )

    assert User.objects.get(pk=bob.pk).may(Duty.EDIT_POLICY) is may


def test_a_duty_that_was_taken_away_meanwhile_does_not_come_back(
    abe, ada, bob, signed_in, monkeypatch
):
    """Two pages of one person, sent at once: by somebody who may take the duty, and who may not."""
    duties.give(bob, [Duty.EDIT_POLICY])
    check = duties.keep_somebody

    def take_it_away(person: User, **wanted) -> None:
        check(person, **wanted)
        duties.give(User.objects.get(pk=bob.pk), [])

    monkeypatch.setattr(duties, "keep_somebody", take_it_away)
    form = {name: getattr(bob, name) for name in ("username", "work_address", "role", "language")}
    signed_in(abe).post(f"{PEOPLE}{bob.pk}/change/", form | {"full_name": "B", "is_active": "on"})

    bob = User.objects.get(pk=bob.pk)
    assert bob.full_name == "B"
    assert not bob.may(Duty.EDIT_POLICY)


def test_a_case_ends_when_its_person_says_that_it_was_a_stranger(case, dave):  # noqa: F811 - a fixture
    """The agent would lift the freeze in the same breath, on the word of the same caller."""
    press(case, action_of(dave, "end-sessions"))
    told = events(tags.HELPDESK_SESSIONS_ENDED)[0]

    case.post(disown_links.page_for(told.pk))
    case.post(action_of(dave, "lift-freeze"), {"token": TOKEN})

    dave.refresh_from_db()
    assert dave.frozen_at
    assert not HelpdeskCase.objects.not_closed().exists()
    assert len(events(tags.HELPDESK_CASE_CLOSED)) == 1
