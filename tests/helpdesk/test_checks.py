"""Checking who is calling: by a code, a call, or a check that is recorded (HD3, HD4, R101)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import HelpdeskCase, User
from methods import calls
from methods.models import Challenge, Registration
from securityinfo.audit import tags
from securityinfo.messaging.models import Message
from securityinfo.policy.models import OrgPolicy
from securityinfo.throttling.models import Counter
from tests import kinds
from tests.flows.steps import lands, text_of
from tests.helpdesk.steps import (
    RECORDED,
    action_of,
    by_code,
    case_of,
    check_of,
    code_of,
    events,
    latest_challenge,
    let_case_end,
    not_fresh,
    page_of,
)

pytestmark = pytest.mark.django_db


def ask(agent, registration, **given):
    return agent.post(check_of(registration.user), by_code(registration, **given))


@pytest.mark.parametrize("kind", ["authenticator", "sms", "email"])
def test_the_right_code_opens_the_case(agent, dave, methods_of_dave, kind):
    ask(agent, methods_of_dave[kind])

    answer = agent.post(code_of(dave), kinds.right(latest_challenge()))

    assert lands(answer, page_of(dave))
    assert case_of(dave).is_checked
    [passed] = events(tags.HELPDESK_CHECK_PASSED)
    assert (passed.kind, passed.masked) == (kind, methods_of_dave[kind].summary)
    assert len(events(tags.HELPDESK_CASE_OPENED)) == 1


@pytest.mark.parametrize("kind", ["authenticator", "sms", "email"])
def test_a_wrong_code_opens_nothing_and_is_recorded(agent, dave, methods_of_dave, kind):
    ask(agent, methods_of_dave[kind])

    answer = agent.post(code_of(dave), kinds.wrong(latest_challenge()))

    assert answer.status_code == 422
    assert "That code isn't right." in text_of(answer)
    assert not case_of(dave).is_checked
    [failed] = events(tags.HELPDESK_CHECK_FAILED)
    assert failed.result == "refused"


def test_the_caller_keys_in_the_number_that_the_agent_reads_out(agent, dave):
    kinds.allow("call")
    registration = kinds.register(dave, "call")
    Challenge.objects.all().delete()
    Message.objects.all().delete()
    ask(agent, registration)
    challenge = latest_challenge()
    number = challenge.prompt(registration.details).number

    page = agent.get(code_of(dave))
    too_early = agent.post(code_of(dave))
    calls.keys_pressed(Message.objects.get(reference=challenge.pk), number)
    keyed = agent.post(code_of(dave))

    assert f"Tell the caller to key in {number}, then #." in text_of(page)
    assert too_early.status_code == 422
    assert lands(keyed, page_of(dave))
    assert case_of(dave).is_checked


def test_five_wrong_codes_close_the_code_check_for_an_hour(agent, dave, methods_of_dave):
    ask(agent, methods_of_dave["email"])
    for _ in range(5):
        agent.post(code_of(dave), kinds.wrong(latest_challenge()))

    page = text_of(agent.get(check_of(dave)))
    asked = ask(agent, methods_of_dave["sms"])

    assert "The code check is closed for this person until" in page
    assert "Check another way." in page
    assert "Send a code" not in page
    assert asked.status_code == 422
    assert lands(agent.post(check_of(dave), RECORDED), page_of(dave))
    assert case_of(dave).is_checked


def test_the_sixth_answer_is_not_compared(agent, dave, methods_of_dave):
    OrgPolicy.objects.update(code_tries=10)
    ask(agent, methods_of_dave["email"])
    for _ in range(5):
        agent.post(code_of(dave), kinds.wrong(latest_challenge()))

    answer = agent.post(code_of(dave), kinds.right(latest_challenge()))

    assert "The code check is closed for this person until" in text_of(answer)
    assert not case_of(dave).is_checked


def test_after_the_hour_codes_are_asked_for_again(agent, dave, methods_of_dave):
    ask(agent, methods_of_dave["email"])
    for _ in range(5):
        agent.post(code_of(dave), kinds.wrong(latest_challenge()))
    Counter.objects.filter(hold_until__gt=0).update(hold_until=1)

    assert "Send a code" in text_of(agent.get(check_of(dave)))


def test_callers_codes_and_sign_in_have_counters_of_their_own(agent, dave, methods_of_dave):
    ask(agent, methods_of_dave["email"])
    for _ in range(5):
        agent.post(code_of(dave), kinds.wrong(latest_challenge()))

    challenge = kinds.ask(methods_of_dave["authenticator"], purpose="sign_in")

    assert kinds.confirm(challenge)


@pytest.mark.parametrize(
    "state",
    [
        {"trusted_from": timezone.now() + timedelta(hours=1)},
        {"held_until": timezone.now() + timedelta(hours=1)},
        {"suspended_at": timezone.now()},
        {"undeliverable": "opted_out"},
    ],
    ids=["new", "held", "suspended", "undeliverable"],
)
def test_what_is_not_fully_trusted_checks_nobody(agent, methods_of_dave, state):
    registration = methods_of_dave["sms"]
    Registration.objects.filter(pk=registration.pk).update(**state)

    page = text_of(agent.get(check_of(registration.user)))
    answer = ask(agent, registration)

    assert "Text message" not in page
    assert answer.status_code == 422
    assert "Choose how you checked the caller." in text_of(answer)


def test_the_method_of_somebody_else_checks_nobody(agent, dave, bob, methods_of_dave, registered):
    other = registered("email", user=bob, form={"address": "bob@example.net"})

    answer = agent.post(check_of(dave), by_code(other))

    assert answer.status_code == 422


@pytest.mark.parametrize("how", ["call-back", "in-person", "manager"])
def test_a_check_is_recorded_and_opens_the_case(agent, carol, dave, how):
    answer = agent.post(check_of(dave), RECORDED | {"how": how, "manager": "Mia Moss"})

    assert lands(answer, page_of(dave))
    [event] = events(tags.HELPDESK_CHECK_RECORDED)
    assert (event.actor, event.subject) == (carol.public_id, dave.public_id)
    assert event.facts["check"] == how
    assert event.facts["manager"] == ("Mia Moss" if how == "manager" else "")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"reason": ""}, "Give a reason of at least 3 characters."),
        ({"reason": " a "}, "Give a reason of at least 3 characters."),
        ({"how": ""}, "Choose how you checked the caller."),
        ({"how": "knows the birthday"}, "Choose how you checked the caller."),
        ({"did_it": ""}, "Tick the box when you have done it."),
        ({"how": "manager", "manager": " "}, "Enter the manager's name."),
    ],
)
def test_without_a_check_or_a_reason_there_is_no_case(agent, dave, given, error):
    answer = agent.post(check_of(dave), RECORDED | given)

    assert answer.status_code == 422
    assert error in text_of(answer)
    assert not HelpdeskCase.objects.exists()


@pytest.mark.parametrize("how", ["call-back", "in-person", "manager", "code"])
def test_a_check_that_the_organization_does_not_take_is_refused(agent, dave, methods_of_dave, how):
    others = [e for e in ("code", "call-back", "in-person", "manager") if e != how]
    OrgPolicy.objects.update(caller_checks=others)
    given = RECORDED | {"how": how, "manager": "Mia Moss"}
    if how == "code":
        given = by_code(methods_of_dave["email"])

    answer = agent.post(check_of(dave), given)

    assert answer.status_code == 422
    assert not HelpdeskCase.objects.exists()


def test_a_check_asks_for_a_fresh_proof_of_the_agent(agent, dave):
    not_fresh()

    answer = agent.get(check_of(dave))

    assert answer["Location"].startswith("/confirm/")


def test_the_message_carries_the_words_of_the_agent(agent, dave, methods_of_dave):
    ask(agent, methods_of_dave["sms"])

    challenge = latest_challenge()
    text = challenge.registration.method.compose(challenge.prompt(challenge.registration.details))

    words = case_of(dave).words
    assert f"Words: {words}." in text.text
    assert words in text_of(agent.get(code_of(dave)))


def test_one_person_has_one_case_at_a_time(agent, dave, make_person, signed_in, methods_of_dave):
    other = signed_in(make_person("cleo", full_name="Cleo Cole", role="helpdesk"))
    agent.post(check_of(dave), RECORDED)

    answer = other.post(check_of(dave), RECORDED, follow=True)

    assert "Carol Clark is helping this person until" in text_of(answer)
    assert "Case open" not in text_of(answer)
    assert HelpdeskCase.objects.count() == 1
    assert [each.reason for each in events(tags.HELPDESK_REFUSED)] == ["taken"]


def test_a_colleague_takes_over_once_the_time_is_over(agent, dave, make_person, signed_in):
    other = signed_in(make_person("cleo", role="helpdesk"))
    agent.post(check_of(dave), RECORDED)
    let_case_end(dave)

    answer = other.post(check_of(dave), RECORDED, follow=True)

    assert "Case open until" in text_of(answer)
    assert "Check the caller first." in text_of(agent.get(page_of(dave)))


def test_a_case_lasts_as_long_as_policy_has_it(agent, dave):
    OrgPolicy.objects.update(case_minutes=5)
    agent.post(check_of(dave), RECORDED)
    lasts = case_of(dave).ends_at - case_of(dave).opened_at
    let_case_end(dave)

    answer = agent.get(action_of(dave, "end-sessions"), follow=True)

    assert lasts == timedelta(minutes=5)
    assert "The case is closed. Check the caller again." in text_of(answer)


def test_the_right_code_after_its_time_opens_nothing(agent, dave, methods_of_dave):
    ask(agent, methods_of_dave["email"])
    code = kinds.right(latest_challenge())
    let_case_end(dave)
    Challenge.objects.update(expires_at=Now())

    answer = agent.post(code_of(dave), code)

    assert lands(answer, page_of(dave))
    assert not case_of(dave).is_checked


def test_a_code_sent_twice_opens_one_case(agent, dave, methods_of_dave):
    ask(agent, methods_of_dave["email"])
    code = kinds.right(latest_challenge())

    answers = [agent.post(code_of(dave), code) for _ in range(2)]

    assert all(lands(each, page_of(dave)) for each in answers)
    assert len(events(tags.HELPDESK_CASE_OPENED)) == 1


def test_a_code_of_another_agents_check_is_none_here(agent, dave, methods_of_dave, ada, signed_in):
    """C2: what was sent for one check answers no other."""
    ask(agent, methods_of_dave["email"])
    code = kinds.right(latest_challenge())
    let_case_end(dave)
    Challenge.objects.update(issued_at=Now() - timedelta(minutes=5))
    other = signed_in(ada)
    ask(other, methods_of_dave["email"])

    answer = other.post(code_of(dave), code)

    assert answer.status_code == 422
    assert not case_of(dave).is_checked


def test_a_code_may_be_sent_again(agent, dave, methods_of_dave):
    ask(agent, methods_of_dave["email"])
    too_early = agent.post(f"{code_of(dave)}resend/", follow=True)
    Challenge.objects.update(issued_at=Now() - timedelta(minutes=5))
    agent.post(f"{code_of(dave)}resend/")
    answer = agent.post(code_of(dave), kinds.right(latest_challenge()))

    assert "Wait until" in text_of(too_early)
    assert Challenge.objects.filter(purpose="caller").count() == 2
    assert lands(answer, page_of(dave))


def test_the_status_of_the_message_is_shown(agent, dave, methods_of_dave):
    ask(agent, methods_of_dave["email"])

    assert agent.get(f"{code_of(dave)}status/").status_code == 200


def test_a_deactivated_account_is_not_helped(agent, dave):
    User.objects.filter(pk=dave.pk).update(is_active=False)

    page = text_of(agent.get(page_of(dave)))
    agent.post(check_of(dave), RECORDED)

    assert "This account is deactivated." in page
    assert not HelpdeskCase.objects.exists()


def test_numbers_and_addresses_in_a_reason_are_not_kept_in_the_log(agent, dave):
    agent.post(check_of(dave), RECORDED | {"reason": "call me at +31 6 12345678, d@example.net"})

    [event] = events(tags.HELPDESK_CASE_OPENED)
    assert event.facts["why"] == "call me at •••, •••"
