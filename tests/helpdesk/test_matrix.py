"""Who may open which page for whom: every role, every page, every target; also by address (HD1)."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.test import Client

from accounts import duties
from accounts.models import HelpdeskCase, Role
from securityinfo.audit.models import Event
from securityinfo.duties import Duty
from tests import kinds
from tests.helpdesk.steps import DESK, RECORDED, action_of, check_of, page_of

pytestmark = pytest.mark.django_db

ROLES = (Role.PERSON, Role.HELPDESK, Role.ADMINISTRATOR)
ACTIONS = ("reregister", "end-sessions", "unlock", "lift-freeze", "pass", "explain")
PAGES = ("", "check/", "check/code/", *(f"{each}/" for each in ACTIONS))
POSTED_ONLY = ("close/", "check/code/resend/")
# Who may help whom; nobody else.
HELPED = {
    (Role.HELPDESK, Role.PERSON),
    (Role.ADMINISTRATOR, Role.PERSON),
    (Role.ADMINISTRATOR, Role.HELPDESK),
}


@pytest.fixture
def people(make_person):
    """One who acts and one who is helped, of each role."""
    kinds.allow("authenticator")
    kinds.allow("email")
    return {
        (side, role): make_person(f"{side}-{role}", role=role)
        for side in ("acts", "helped")
        for role in ROLES
    }


def statuses(client: Client, base: str, method: UUID | None = None) -> dict[str, int]:
    found = {page: client.get(f"{base}{page}").status_code for page in PAGES}
    found |= {f"post {page}": client.post(f"{base}{page}", RECORDED).status_code for page in PAGES}
    found |= {page: client.post(f"{base}{page}").status_code for page in POSTED_ONLY}
    deletion = f"{base}methods/{method or uuid4()}/delete/"
    found["deletion"] = client.get(deletion).status_code
    found["post deletion"] = client.post(deletion, {"token": str(uuid4())}).status_code
    return found


@pytest.mark.parametrize("target", ROLES)
@pytest.mark.parametrize("role", ROLES)
def test_a_page_opens_only_for_a_higher_role(people, signed_in, role, target):
    actor, helped = people["acts", role], people["helped", target]
    client = signed_in(actor)

    found = statuses(client, page_of(helped))

    if (role, target) in HELPED:
        assert found[""] == 200
        assert found["check/"] == 200
        assert HelpdeskCase.objects.of(helped).count() == 1
    else:
        assert set(found.values()) - {405} == {404}
        assert not HelpdeskCase.objects.exists()
        assert not Event.objects.filter(tag__startswith="helpdesk.").exists()


@pytest.mark.parametrize("action", ["reregister", "end-sessions", "unlock", "pass"])
@pytest.mark.parametrize("target", ROLES)
@pytest.mark.parametrize("role", ROLES)
def test_an_action_works_only_on_a_lower_role(people, signed_in, role, target, action):
    """Also where a case was opened while the role was another one."""
    actor, helped = people["acts", role], people["helped", target]
    client = signed_in(actor)
    client.post(check_of(helped), RECORDED)

    answer = client.post(action_of(helped, action), {"token": str(uuid4()), "purpose": "sign-in"})

    assert (answer.status_code != 404) is ((role, target) in HELPED)
    done = Event.objects.filter(tag__in=["helpdesk.sessions_ended", "pass.issued"])
    is_done = (role, target) in HELPED and target == Role.PERSON
    assert done.exists() is (is_done and action in ("end-sessions", "pass"))


@pytest.mark.parametrize("role", [Role.HELPDESK, Role.ADMINISTRATOR])
def test_nobody_helps_themselves(people, signed_in, role):
    actor = people["acts", role]

    found = statuses(signed_in(actor), page_of(actor))

    assert set(found.values()) - {405} == {404}


@pytest.mark.parametrize("duty", [Duty.EDIT_POLICY, Duty.READ_AND_AUDIT])
def test_an_agent_does_not_help_whoever_has_a_duty(people, signed_in, duty):
    agent, helped = people["acts", Role.HELPDESK], people["helped", Role.PERSON]
    duties.give(helped, [duty])

    found = statuses(signed_in(agent), page_of(helped))

    assert set(found.values()) - {405} == {404}


@pytest.mark.parametrize("role", ROLES)
def test_the_desk_is_there_for_agents_alone(people, signed_in, role):
    answer = signed_in(people["acts", role]).get(DESK)

    assert answer.status_code == (404 if role == Role.PERSON else 200)


def test_a_person_with_a_duty_is_no_agent(people, signed_in):
    person = people["acts", Role.PERSON]
    duties.give(person, [Duty.READ_AND_AUDIT])

    assert signed_in(person).get(DESK).status_code == 404


def test_a_visitor_signs_in_first(bob):
    answer = Client().get(page_of(bob))

    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")


def test_a_promotion_ends_what_an_agent_may_do(people, signed_in):
    """The case is open; the person becomes an agent meanwhile."""
    agent, helped = people["acts", Role.HELPDESK], people["helped", Role.PERSON]
    client = signed_in(agent)
    client.post(check_of(helped), RECORDED)
    helped.role = Role.HELPDESK
    helped.save()

    answer = client.post(action_of(helped, "end-sessions"), {"token": str(uuid4())})

    assert answer.status_code == 404
    assert not Event.objects.filter(tag="helpdesk.sessions_ended").exists()
