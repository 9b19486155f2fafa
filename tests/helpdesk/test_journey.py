"""Dave has lost his phone: found, checked, helped; over HTTP as an agent sees it."""

from __future__ import annotations

import pytest

from accounts.models import Session
from methods.models import Registration
from securityinfo.audit import tags
from tests import kinds
from tests.flows.steps import lands, text_of
from tests.helpdesk.steps import (
    DESK,
    action_of,
    by_code,
    case_of,
    check_of,
    code_of,
    deletion_of,
    events,
    latest_challenge,
    page_of,
    press,
    search,
    sentences,
)

pytestmark = pytest.mark.django_db


def test_a_person_is_found_checked_by_a_code_and_helped(agent, carol, dave, methods_of_dave):
    found = search(agent, "dave d")
    before = agent.get(page_of(dave))
    form = agent.get(check_of(dave))
    sent = agent.post(check_of(dave), by_code(methods_of_dave["email"]))
    asked = agent.get(code_of(dave))
    passed = agent.post(code_of(dave), kinds.right(latest_challenge()), follow=True)
    deleted = press(agent, deletion_of(methods_of_dave["authenticator"]))

    assert "Dave Dune" in text_of(found)
    assert "Check the caller first." in text_of(before)
    assert "Authenticator app, Email, Text message" in text_of(before)
    assert "•" not in text_of(before)
    assert f"Send a code: Email, {methods_of_dave['email'].summary}" in text_of(form)
    assert lands(sent, code_of(dave))
    assert "Ask the caller to read out the code." in text_of(asked)
    assert "The caller sees the same two words." in text_of(asked)
    assert passed.redirect_chain == [(page_of(dave), 302)]
    assert "Case open until" in text_of(passed)
    assert "Done. Dave Dune has been told." in text_of(deleted)
    kinds_left = Registration.objects.of(dave).values_list("kind", flat=True)
    assert sorted(kinds_left) == ["email", "sms"]
    [event] = events(tags.HELPDESK_METHOD_DELETED)
    assert (event.actor, event.subject) == (carol.public_id, dave.public_id)
    assert event.facts["case"] == str(case_of(dave).public_id)


def test_every_contact_is_told_what_the_helpdesk_did(case, dave, methods_of_dave):
    press(case, deletion_of(methods_of_dave["email"]))

    told = sentences(dave)
    mask = methods_of_dave["email"].summary
    assert f"Email, {mask} was deleted from your security info." in told["dave@example.org"]
    assert len(told) == 3


def test_ending_sessions_signs_the_person_out(case, dave, signed_in):
    browser = signed_in(dave)

    done = press(case, action_of(dave, "end-sessions"))

    assert "Done. Dave Dune has been told." in text_of(done)
    assert browser.get("/security-info/").status_code == 302
    assert not Session.objects.of(dave).exists()
    assert events(tags.HELPDESK_SESSIONS_ENDED)[0].facts["sessions"] == 1


def test_a_recorded_check_opens_the_case_at_once(case, dave, carol):
    page = text_of(case.get(page_of(dave)))

    assert "Case open until" in page
    assert "Lost the phone" in page
    assert [each.facts["check"] for each in events(tags.HELPDESK_CHECK_RECORDED)] == ["call-back"]
    [opened] = events(tags.HELPDESK_CASE_OPENED)
    assert opened.facts["why"] == "Lost the phone"
    assert opened.facts["ticket"] == "T-1"


def test_the_caller_sees_the_words_of_the_agent(case, dave, signed_in):
    words = case_of(dave).words

    page = text_of(signed_in(dave).get("/security-info/"))

    assert f"The agent sees the same two words: {words}." in page
    assert words in text_of(case.get(page_of(dave)))


def test_closing_the_case_ends_it(case, dave, signed_in):
    answer = case.post(action_of(dave, "close"))

    assert lands(answer, DESK)
    assert "Check the caller first." in text_of(case.get(page_of(dave)))
    assert len(events(tags.HELPDESK_CASE_CLOSED)) == 1
    assert "agent sees" not in text_of(signed_in(dave).get("/security-info/"))
