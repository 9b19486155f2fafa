"""A second person: for staff always, for others as policy has it (HD10, R103)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client

from accounts import duties, passes
from accounts.models import HelpdeskAction, HelpdeskCase, Role, User
from methods.models import Registration
from securityinfo.audit import tags
from securityinfo.duties import Duty
from securityinfo.policy.models import OrgPolicy
from tests import kinds
from tests.flows.steps import text_of
from tests.helpdesk.steps import (
    DESK,
    action_of,
    deletion_of,
    events,
    not_fresh,
    open_case,
    page_of,
    press,
    sentences,
)

pytestmark = pytest.mark.django_db

WAITS = "A second person has to agree within one hour."
DECIDED = "This has been decided, or its hour is over."


@pytest.fixture
def asking(case) -> Client:
    """Carol's case for dave, where policy wants a second person when all methods go."""
    OrgPolicy.objects.update(second_approver="removal")
    return case


@pytest.fixture
def lead(make_person) -> User:
    """An agent who approves what agents ask for."""
    person = make_person("lena", full_name="Lena Lowe", role=Role.HELPDESK)
    duties.give(person, [Duty.APPROVE_HELP])
    return person


def asked() -> HelpdeskAction:
    return HelpdeskAction.objects.latest("pk")


def decision() -> str:
    return f"{DESK}waiting/{asked().public_id}/"


def agree(client: Client, **given):
    return client.post(decision(), {"agree": "yes"} | given, follow=True)


def has_methods(person: User) -> bool:
    return Registration.objects.of(person).exists()


def test_nothing_happens_before_a_second_person_agrees(asking, dave):
    answer = press(asking, action_of(dave, "reregister"))

    assert WAITS in text_of(answer)
    assert has_methods(dave)
    assert sentences(dave) == {}
    assert len(events(tags.HELPDESK_SECOND_ASKED)) == 1
    assert events(tags.HELPDESK_REREGISTRATION_REQUIRED) == []


def test_agreeing_carries_it_out_at_once(asking, dave, carol, lead, signed_in):
    press(asking, action_of(dave, "reregister"))
    second = signed_in(lead)

    listed = text_of(second.get(DESK))
    page = text_of(second.get(decision()))
    done = agree(second)

    assert "Require re-registration: Dave Dune" in listed
    assert "Asked by Carol Clark" in listed
    assert "Lost the phone" in page
    assert "Call-back to the number in the directory" in page
    assert "Done. Dave Dune has been told." in text_of(done)
    assert not has_methods(dave)
    [event] = events(tags.HELPDESK_REREGISTRATION_REQUIRED)
    assert event.actor == lead.public_id
    assert event.facts["asked_by"] == str(carol.public_id)
    assert events(tags.HELPDESK_SECOND_AGREED)[0].actor == lead.public_id


def test_an_administrator_may_be_the_second_person(asking, dave, ada, signed_in):
    press(asking, action_of(dave, "reregister"))

    agree(signed_in(ada))

    assert not has_methods(dave)


def test_refusing_does_nothing(asking, dave, lead, signed_in):
    press(asking, action_of(dave, "reregister"))

    answer = signed_in(lead).post(decision(), {"refuse": "yes"}, follow=True)

    assert "You refused it. Nothing was done." in text_of(answer)
    assert has_methods(dave)
    assert len(events(tags.HELPDESK_SECOND_REFUSED)) == 1
    assert "Refused: Lena Lowe" in text_of(asking.get(page_of(dave)))


@pytest.mark.parametrize("who", ["asker", "subject", "agent without the duty", "person"])
def test_nobody_else_agrees(asking, dave, carol, lead, make_person, signed_in, who):
    """Self, subject, lower role: refused, and there is no such page."""
    press(asking, action_of(dave, "reregister"))
    people = {
        "asker": lambda: carol,
        "subject": lambda: dave,
        "agent without the duty": lambda: make_person("nina", role=Role.HELPDESK),
        "person": lambda: make_person("pete"),
    }
    duties.give(carol, [Duty.APPROVE_HELP])
    client = signed_in(people[who]())

    shown, sent = client.get(decision()), agree(client)

    assert shown.status_code == 404
    assert sent.status_code == 404 or DECIDED in text_of(sent)
    assert has_methods(dave)


def test_a_lower_role_than_the_askers_does_not_agree(dave, methods_of_dave, ada, lead, signed_in):
    OrgPolicy.objects.update(second_approver="removal")
    administrator = signed_in(ada)
    open_case(administrator, dave)
    press(administrator, action_of(dave, "reregister"))
    client = signed_in(lead)

    shown = client.get(decision())
    agree(client)

    assert shown.status_code == 404
    assert has_methods(dave)


def test_it_is_too_late_after_an_hour(asking, dave, lead, signed_in):
    press(asking, action_of(dave, "reregister"))
    HelpdeskAction.objects.update(asked_at=Now() - timedelta(minutes=60, seconds=1))

    answer = agree(signed_in(lead))

    assert DECIDED in text_of(answer)
    assert has_methods(dave)


def test_it_is_decided_once(asking, dave, lead, ada, signed_in):
    press(asking, action_of(dave, "reregister"))
    agree(signed_in(lead))

    answer = agree(signed_in(ada))

    assert DECIDED in text_of(answer)
    assert len(events(tags.HELPDESK_REREGISTRATION_REQUIRED)) == 1


def test_what_was_asked_ends_when_the_agent_closes_the_case(asking, dave, lead, signed_in):
    press(asking, action_of(dave, "reregister"))
    asking.post(action_of(dave, "close"))

    answer = agree(signed_in(lead))

    assert DECIDED in text_of(answer)
    assert has_methods(dave)


def test_the_minutes_of_the_case_may_be_over(asking, dave, lead, signed_in):
    """The hour of the second person is longer than a case."""
    press(asking, action_of(dave, "reregister"))
    HelpdeskCase.objects.update(ends_at=Now() - timedelta(minutes=1))

    agree(signed_in(lead))

    assert not has_methods(dave)


def test_a_person_who_was_promoted_meanwhile_is_not_helped(asking, dave, lead, signed_in):
    press(asking, action_of(dave, "reregister"))
    User.objects.filter(pk=dave.pk).update(role=Role.HELPDESK)

    agree(signed_in(lead))

    assert has_methods(dave)


def test_agreeing_needs_a_fresh_proof(asking, dave, lead, signed_in):
    press(asking, action_of(dave, "reregister"))
    client = signed_in(lead)
    not_fresh()

    answer = client.post(decision(), {"agree": "yes"})

    assert answer["Location"].startswith("/confirm/")
    assert has_methods(dave)


@pytest.mark.parametrize(
    ("setting", "waits"), [("nobody", False), ("repeated", False), ("removal", True)]
)
def test_policy_decides_for_removing_everything(case, dave, setting, waits):
    OrgPolicy.objects.update(second_approver=setting)

    press(case, action_of(dave, "reregister"))

    assert has_methods(dave) is waits


@pytest.mark.parametrize(
    ("setting", "waits"), [("nobody", False), ("repeated", True), ("removal", True)]
)
def test_policy_decides_for_repeated_help(case, dave, setting, waits):
    press(case, action_of(dave, "end-sessions"))
    case.post(action_of(dave, "close"))
    open_case(case, dave)
    OrgPolicy.objects.update(second_approver=setting)

    answer = press(case, action_of(dave, "end-sessions"))

    assert (WAITS in text_of(answer)) is waits


def test_the_last_method_is_everything(asking, dave, methods_of_dave):
    for kind in ("sms", "authenticator"):
        press(asking, deletion_of(methods_of_dave[kind]))

    answer = press(asking, deletion_of(methods_of_dave["email"]))

    assert WAITS in text_of(answer)
    assert has_methods(dave)


@pytest.mark.parametrize("other", [{"suspended_at": Now()}, {"undeliverable": "undeliverable"}])
def test_the_last_method_that_works_is_everything(asking, dave, methods_of_dave, other):
    """What nobody can sign in with keeps no account: the next thing would be a pass."""
    methods_of_dave["email"].delete()
    Registration.objects.filter(pk=methods_of_dave["sms"].pk).update(**other)

    answer = press(asking, deletion_of(methods_of_dave["authenticator"]))

    assert WAITS in text_of(answer)
    assert Registration.objects.filter(pk=methods_of_dave["authenticator"].pk).exists()


def test_for_an_agent_it_always_takes_two(ada, carol, make_person, signed_in):
    """Another administrator agrees; what policy says of others doesn't matter."""
    administrator = signed_in(ada)
    browser = signed_in(carol)
    open_case(administrator, carol)
    answer = press(administrator, action_of(carol, "end-sessions"))
    waiting = browser.get("/security-info/").status_code

    agree(signed_in(make_person("abe", role=Role.ADMINISTRATOR)))

    assert WAITS in text_of(answer)
    assert waiting == 200
    assert browser.get("/security-info/").status_code == 302


def test_a_pass_is_issued_by_whoever_asked_once_a_second_person_agrees(
    case, dave, lead, signed_in, methods_of_dave
):
    kinds.allow("temporary-pass")
    press(case, action_of(dave, "end-sessions"))
    case.post(action_of(dave, "close"))
    OrgPolicy.objects.update(second_approver="repeated")
    open_case(case, dave)
    asked_for = press(case, action_of(dave, "pass"), purpose="password")
    HelpdeskCase.objects.update(ends_at=Now() + timedelta(seconds=30))

    agreed = agree(signed_in(lead))
    page = text_of(case.get(action_of(dave, "pass")))
    issued = press(case, action_of(dave, "pass"))

    assert WAITS in text_of(asked_for)
    assert "For a new password and signing in" in text_of(agreed) or "Done." in text_of(agreed)
    assert "A second person has agreed. You can issue the pass now." in page
    assert "It isn't shown again." in text_of(issued)
    assert passes.live(dave).sets_password
    assert HelpdeskCase.objects.latest("pk").ends_at > HelpdeskCase.objects.latest("pk").opened_at
    assert not HelpdeskAction.objects.filter(state="agreed").exists()
