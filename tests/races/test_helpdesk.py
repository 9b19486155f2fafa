"""Agents who press at once: one case for each person, one effect for each form, one decision."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from accounts import duties
from accounts.models import HelpdeskAction, HelpdeskCase, Role
from methods.models import Challenge, Registration
from securityinfo.audit import tags
from securityinfo.audit.models import Event
from securityinfo.duties import Duty
from securityinfo.messaging.models import Message
from securityinfo.policy.models import OrgPolicy
from securityinfo.throttling.models import Counter
from tests import kinds
from tests.helpdesk.steps import (
    DESK,
    RECORDED,
    action_of,
    by_code,
    check_of,
    code_of,
    latest_challenge,
    open_case,
)
from tests.races.crowd import all_at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def copy_of(client: Client) -> Client:
    """The same browser once more: each thread presses in its own."""
    other = Client()
    other.cookies = client.cookies
    return other


@pytest.fixture
def dave(make_person):
    kinds.allow("email")
    person = make_person("dave", full_name="Dave Dune")
    kinds.register(person)
    Registration.objects.update(trusted_from=None)
    for model in (Challenge, Message, Counter):
        model.objects.all().delete()
    return person


def test_of_ten_agents_at_once_one_opens_the_case(make_person, signed_in, dave):
    agents = [signed_in(make_person(f"agent{n}", role=Role.HELPDESK)) for n in range(10)]

    all_at_once(lambda number: agents[number].post(check_of(dave), RECORDED), times=10)

    assert HelpdeskCase.objects.filter(closed_at=None).count() == 1
    assert Event.objects.filter(tag=tags.HELPDESK_CASE_OPENED).count() == 1


def test_of_ten_clicks_on_one_button_one_works(carol, signed_in, dave):
    client = signed_in(carol)
    open_case(client, dave)
    given = {"token": str(uuid4())}

    answers = all_at_once(
        lambda _: copy_of(client).post(action_of(dave, "reregister"), given).status_code, times=10
    )

    assert set(answers) == {302}
    assert HelpdeskAction.objects.count() == 1
    assert Event.objects.filter(tag=tags.HELPDESK_REREGISTRATION_REQUIRED).count() == 1
    assert Message.objects.filter(user=dave, category="notice").count() == 2  # contacts


def test_of_ten_passes_by_one_form_one_is_issued(carol, signed_in, dave):
    kinds.allow("temporary-pass")
    client = signed_in(carol)
    open_case(client, dave)
    given = {"token": str(uuid4()), "purpose": "sign-in"}

    answers = all_at_once(
        lambda _: copy_of(client).post(action_of(dave, "pass"), given).content, times=10
    )

    assert sum(b'id="pass"' in each for each in answers) == 1
    assert Event.objects.filter(tag=tags.PASS_ISSUED).count() == 1


def test_an_agent_never_gets_past_the_limit(carol, signed_in, dave):
    OrgPolicy.objects.update(agent_actions_hour=3)
    client = signed_in(carol)
    open_case(client, dave)

    all_at_once(
        lambda _: copy_of(client).post(action_of(dave, "end-sessions"), {"token": str(uuid4())}),
        times=20,
    )

    assert Event.objects.filter(tag=tags.HELPDESK_SESSIONS_ENDED).count() == 3


def test_of_two_people_who_decide_at_once_one_does(carol, signed_in, make_person, dave):
    """Agreeing and refusing: whichever comes first."""
    OrgPolicy.objects.update(second_approver="removal")
    client = signed_in(carol)
    open_case(client, dave)
    client.post(action_of(dave, "reregister"), {"token": str(uuid4())})
    leads = [make_person(f"lead{n}", role=Role.HELPDESK) for n in range(6)]
    for lead in leads:
        duties.give(lead, [Duty.APPROVE_HELP])
    browsers = [signed_in(lead) for lead in leads]
    address = f"{DESK}waiting/{HelpdeskAction.objects.get().public_id}/"

    def decide(number: int):
        return browsers[number].post(address, {"agree" if number % 2 else "refuse": "yes"})

    all_at_once(decide, times=6)

    decided = Event.objects.filter(
        tag__in=[tags.HELPDESK_SECOND_AGREED, tags.HELPDESK_SECOND_REFUSED]
    )
    agreed = decided.filter(tag=tags.HELPDESK_SECOND_AGREED).exists()
    assert decided.count() == 1
    assert Registration.objects.of(dave).exists() is not agreed


def test_the_right_code_many_times_at_once_opens_one_case(carol, signed_in, dave):
    client = signed_in(carol)
    client.post(check_of(dave), by_code(Registration.objects.get()))
    code = kinds.right(latest_challenge())

    all_at_once(lambda _: copy_of(client).post(code_of(dave), code), times=10)

    assert Event.objects.filter(tag=tags.HELPDESK_CASE_OPENED).count() == 1
    assert Event.objects.filter(tag=tags.HELPDESK_CHECK_PASSED).count() == 1


def test_of_two_hundred_wrong_codes_at_once_five_are_compared(carol, signed_in, dave):
    """HD4: then the check is closed."""
    OrgPolicy.objects.update(code_tries=10, office_networks=["127.0.0.0/8"])
    client = signed_in(carol)
    client.post(check_of(dave), by_code(Registration.objects.get()))
    code = kinds.wrong(latest_challenge())

    all_at_once(lambda _: copy_of(client).post(code_of(dave), code), times=200)

    assert Event.objects.filter(tag=tags.HELPDESK_CHECK_FAILED).count() == 5
