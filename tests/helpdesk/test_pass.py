"""The temporary access pass on the page of the helpdesk: shown once (HD9, TP1, TP3)."""

from __future__ import annotations

import re

import pytest

from accounts import passes
from accounts.models import HelpdeskAction
from securityinfo.audit import tags
from securityinfo.policy.models import MethodRule
from tests import kinds
from tests.flows.steps import text_of
from tests.helpdesk.steps import action_of, case_of, events, press, sentences, token_on
from tests.helpdesk.test_actions import freeze

pytestmark = pytest.mark.django_db

ONCE = "Read it out or hand it over now. It isn't shown again."
SHOWN = "The pass was shown already. Issue a new one if needed; the old one then stops working."


@pytest.fixture(autouse=True)
def _allowed(db):
    kinds.allow("temporary-pass")


def pass_on(response) -> str:
    found = re.search(r'id="pass"><bdi dir="ltr">([^<]+)<', response.content.decode())
    return found[1] if found else ""


@pytest.mark.parametrize(("purpose", "sets_password"), [("sign-in", False), ("password", True)])
def test_a_pass_is_issued_and_shown(case, dave, methods_of_dave, purpose, sets_password):
    answer = press(case, action_of(dave, "pass"), purpose=purpose)

    assert answer.status_code == 200
    assert ONCE in text_of(answer)
    assert len(pass_on(answer).replace(" ", "").replace("-", "")) == 12
    assert passes.live(dave).sets_password is sets_password
    [event] = events(tags.PASS_ISSUED)
    assert event.facts["case"] == str(case_of(dave).public_id)
    assert pass_on(answer) not in str(event.facts)


def test_it_is_shown_once(case, dave):
    address = action_of(dave, "pass")
    given = {"token": token_on(case.get(address)), "purpose": "sign-in"}
    first = case.post(address, given)

    again = case.post(address, given)

    assert pass_on(first)
    assert SHOWN in text_of(again)
    assert not pass_on(again)
    assert len(events(tags.PASS_ISSUED)) == 1
    assert "no-store" in first["Cache-Control"]


def test_a_new_one_ends_the_old_one(case, dave):
    for _ in range(2):
        press(case, action_of(dave, "pass"), purpose="sign-in")

    assert len(events(tags.PASS_ISSUED)) == 2
    assert len(events(tags.PASS_REVOKED)) == 1


def test_ending_sessions_ends_the_pass(case, dave, methods_of_dave):
    """Whoever has talked an agent into it would be in again at once."""
    press(case, action_of(dave, "pass"), purpose="sign-in")

    page = text_of(case.get(action_of(dave, "end-sessions")))
    press(case, action_of(dave, "end-sessions"))

    assert "This ends 0 sessions and the temporary access pass, and forgets 0 trusted" in page
    assert not passes.is_live(dave)
    assert len(events(tags.PASS_REVOKED)) == 1
    assert all(
        "The temporary access pass of your account no longer works." in told
        for told in sentences(dave).values()
    )


def test_without_a_choice_none_is_issued(case, dave):
    answer = press(case, action_of(dave, "pass"), purpose="")

    assert answer.status_code == 422
    assert "Choose what the pass is for." in text_of(answer)
    assert not passes.is_live(dave)


def test_the_page_refuses_where_nothing_could_be_registered(case, dave):
    MethodRule.objects.exclude(kind="temporary-pass").update(state="off")

    page = case.get(action_of(dave, "pass"))

    assert "Your organization allows no method for Dave Dune to register" in text_of(page)
    assert 'name="token"' not in page.content.decode()


def test_none_is_issued_where_policy_refuses_meanwhile(case, dave):
    token = token_on(case.get(action_of(dave, "pass")))
    MethodRule.objects.exclude(kind="temporary-pass").update(state="off")

    answer = case.post(action_of(dave, "pass"), {"token": token, "purpose": "sign-in"}, follow=True)

    assert "Your organization allows no method" in text_of(answer)
    assert not passes.is_live(dave)
    assert not HelpdeskAction.objects.exists()
    assert [each.reason for each in events(tags.HELPDESK_REFUSED)] == ["no_method"]


def test_a_frozen_account_gets_none_before_the_freeze_is_lifted(case, dave, methods_of_dave):
    freeze(dave)

    page = text_of(case.get(action_of(dave, "pass")))

    assert "The account of Dave Dune is frozen. Lift the freeze first." in page
