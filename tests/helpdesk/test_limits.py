"""How much one agent may do (HD10, R104), and what is remembered of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from accounts import tasks
from accounts.models import HelpdeskAction, HelpdeskCase
from securityinfo.audit import tags
from securityinfo.messaging.models import Message
from securityinfo.policy.models import OrgPolicy
from securityinfo.throttling import limits
from tests.flows.steps import text_of
from tests.helpdesk.steps import action_of, events, open_case, page_of, press, token_on

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "policy", [{"agent_actions_hour": 3}, {"agent_actions_day": 3, "agent_actions_hour": 10}]
)
def test_an_agent_acts_as_often_as_policy_allows(case, dave, ada, policy):
    OrgPolicy.objects.update(**policy)
    for _ in range(3):
        press(case, action_of(dave, "end-sessions"))
    Message.objects.all().delete()

    answer = press(case, action_of(dave, "end-sessions"))

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "You've reached the limit for now. Try again at" in text_of(answer)
    assert HelpdeskAction.objects.count() == 3
    assert len(events(tags.HELPDESK_SESSIONS_ENDED)) == 3


def test_administrators_are_told_once_that_a_limit_was_reached(case, dave, carol, ada):
    OrgPolicy.objects.update(agent_actions_hour=1)
    press(case, action_of(dave, "end-sessions"))
    Message.objects.all().delete()

    for _ in range(3):
        press(case, action_of(dave, "end-sessions"))

    [told] = Message.objects.filter(user=ada)
    assert told.sealed["sentences"][0] == "carol has reached the limit of helpdesk actions."
    [event] = events(tags.LIMIT_REACHED)
    assert (event.actor, event.reason) == (carol.public_id, "helpdesk")


def test_who_only_wants_to_look_at_people_is_stopped(
    agent, carol, dave, make_person, ada, monkeypatch
):
    """R104: a case shows methods and events, and its person isn't told of it."""
    monkeypatch.setattr(limits, "CASES_OF_AGENT", (limits.Limit("agent-cases", 3, limits.HOUR),))
    for number in range(3):
        open_case(agent, make_person(f"member{number}"))

    answer = open_case(agent, dave)

    assert answer.status_code == 429
    assert "You've reached the limit for now." in text_of(answer)
    assert not HelpdeskCase.objects.of(dave).exists()
    assert [each.actor for each in events(tags.LIMIT_REACHED)] == [carol.public_id]
    assert Message.objects.filter(user=ada).exists()


def test_another_agent_may_go_on(case, dave, bob, make_person, signed_in):
    OrgPolicy.objects.update(agent_actions_hour=1)
    press(case, action_of(dave, "end-sessions"))
    other = signed_in(make_person("cleo", role="helpdesk"))
    open_case(other, bob)

    assert "Done." in text_of(press(other, action_of(bob, "end-sessions")))


def test_what_was_not_done_is_not_counted(case, dave):
    OrgPolicy.objects.update(agent_actions_hour=1)
    for _ in range(3):
        press(case, action_of(dave, "unlock"))

    assert "Done." in text_of(press(case, action_of(dave, "end-sessions")))


def test_a_second_click_is_not_counted(case, dave):
    OrgPolicy.objects.update(agent_actions_hour=2)
    given = {"token": token_on(case.get(action_of(dave, "end-sessions")))}
    for _ in range(5):
        case.post(action_of(dave, "end-sessions"), given)

    assert "Done." in text_of(press(case, action_of(dave, "end-sessions")))


def test_somebody_helped_lately_is_marked(case, dave, carol):
    press(case, action_of(dave, "end-sessions"))
    case.post(action_of(dave, "close"))
    open_case(case, dave)

    page = text_of(case.get(page_of(dave)))

    assert "This person was helped in the last 7 days already." in page


def test_what_is_done_in_this_case_is_no_repeated_help(case, dave):
    press(case, action_of(dave, "end-sessions"))

    page = text_of(case.get(page_of(dave)))

    assert "This person was helped in the last 7 days already." not in page


def test_somebody_with_wrong_passwords_is_marked(case, dave, client):
    before = text_of(case.get(page_of(dave)))
    client.post("/sign-in/", {"name": "dave", "password": "wrong"})

    page = text_of(case.get(page_of(dave)))

    assert "There were wrong passwords or codes in the last 24 hours." not in before
    assert "There were wrong passwords or codes in the last 24 hours." in page


def test_cases_are_kept_for_thirty_days(case, dave):
    press(case, action_of(dave, "end-sessions"))
    HelpdeskCase.objects.update(begun_at=Now() - timedelta(days=29, hours=23))
    tasks.purge()
    kept = HelpdeskCase.objects.count()
    HelpdeskCase.objects.update(begun_at=Now() - timedelta(days=30, minutes=1))

    tasks.purge()

    assert kept == 1
    assert not HelpdeskCase.objects.exists()
    assert not HelpdeskAction.objects.exists()
