"""The actions: what each does, once, with its event and its notice, and what it leaves alone."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.test import Client

from accounts import disown, passes, waits
from accounts.models import HelpdeskAction, Session, TrustedBrowser, User
from methods.models import Registration
from securityinfo import throttling
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.messaging.models import Message
from securityinfo.policy.models import MethodRule, OrgPolicy
from securityinfo.throttling import limits
from tests import kinds
from tests.cast import PASSWORD
from tests.flows.steps import lands, text_of
from tests.helpdesk.steps import (
    action_of,
    case_of,
    deletion_of,
    events,
    let_case_end,
    not_fresh,
    open_case,
    page_of,
    press,
    sentences,
    token_on,
)

pytestmark = pytest.mark.django_db

DONE = "Done. Dave Dune has been told."
NEED_CASE = ["reregister", "end-sessions", "unlock", "lift-freeze", "pass", "explain"]


def freeze(person: User) -> Registration:
    """As if the owner had pressed "This wasn't me" about the newest method."""
    event = log.of_person(person.public_id).filter(tag=tags.METHOD_REGISTERED).first()
    disown.protect(event, Actor())
    Message.objects.all().delete()
    return Registration.objects.of(person).exclude(suspended_at=None).get()


# --- Deleting one method --------------------------------------------------------------------------


def test_the_page_says_what_is_left(case, methods_of_dave):
    page = text_of(case.get(deletion_of(methods_of_dave["authenticator"])))

    assert "Delete Authenticator app, of Dave Dune?" in page
    assert "Dave Dune will be left with: Text message, ending" in page
    assert "Issue a temporary access pass next" not in page


def test_the_last_method_may_go_and_a_pass_is_asked_for_then(case, dave, methods_of_dave):
    """HD6, HD7: the guard MG6 doesn't hold, and the password alone opens nothing."""
    kinds.allow("temporary-pass")
    for kind in ("sms", "authenticator"):
        press(case, deletion_of(methods_of_dave[kind]))
    page = text_of(case.get(deletion_of(methods_of_dave["email"])))

    done = press(case, deletion_of(methods_of_dave["email"]), pass_next="on")

    dave.refresh_from_db()
    assert "Dave Dune will have no way to sign in." in page
    assert "Issue a temporary access pass next" in page
    assert done.redirect_chain == [(action_of(dave, "pass"), 302)]
    assert passes.is_required(dave)


def test_a_box_that_is_not_ticked_leads_back_to_the_case(case, dave, methods_of_dave):
    for kind in ("sms", "authenticator"):
        press(case, deletion_of(methods_of_dave[kind]))

    done = press(case, deletion_of(methods_of_dave["email"]))

    assert done.redirect_chain == [(page_of(dave), 302)]


def test_a_method_that_is_gone_is_deleted_by_nobody(case, dave, methods_of_dave):
    address = deletion_of(methods_of_dave["sms"])
    token = token_on(case.get(address))
    Registration.objects.filter(pk=methods_of_dave["sms"].pk).delete()

    answer = case.post(address, {"token": token}, follow=True)

    assert "There was nothing to do any more." in text_of(answer)
    assert events(tags.HELPDESK_METHOD_DELETED) == []
    assert not HelpdeskAction.objects.exists()
    assert case.get(address).status_code == 404


def test_the_method_of_somebody_else_is_not_deleted(case, dave, bob, registered):
    other = registered("email", user=bob, form={"address": "bob@example.net"})
    address = f"{page_of(dave)}methods/{other.uuid}/delete/"

    shown = case.get(address)
    case.post(address, {"token": str(uuid4())})

    assert shown.status_code == 404
    assert Registration.objects.filter(pk=other.pk).exists()


def test_deleting_a_method_signs_the_person_out(case, methods_of_dave, signed_in, dave):
    browser = signed_in(dave)

    press(case, deletion_of(methods_of_dave["sms"]))

    assert browser.get("/security-info/").status_code == 302


def test_a_suspended_method_of_a_frozen_account_may_be_deleted(case, dave, methods_of_dave):
    suspended = freeze(dave)

    done = press(case, deletion_of(suspended))

    assert DONE in text_of(done)
    assert not Registration.objects.filter(pk=suspended.pk).exists()


# --- Registering again ----------------------------------------------------------------------------


def test_the_page_says_exactly_what_is_deleted_and_kept(case, dave, methods_of_dave):
    kinds.allow("questions")
    kinds.register(dave, "questions")

    page = text_of(case.get(action_of(dave, "reregister")))

    deleted, _, kept = page.partition("Will be kept")
    for registration in methods_of_dave.values():
        assert registration.label in deleted
        assert registration.summary in deleted
    assert "all sessions trusted browsers" in deleted
    assert "password Security questions, 5 questions work address groups and role" in kept
    assert "Authenticator app" not in kept


def test_everything_that_signs_in_goes_and_the_rest_stays(case, dave, methods_of_dave, signed_in):
    """HD7."""
    kinds.allow("temporary-pass")
    kinds.allow("questions")
    kinds.register(dave, "questions")
    begun = kinds.begin(dave, methods_of_dave["email"].method, {"address": "new@example.net"})
    browser, password = signed_in(dave), dave.password
    TrustedBrowser.objects.create(user=dave, series="s", token="t", bound_to="b")

    done = press(case, action_of(dave, "reregister"))

    dave.refresh_from_db()
    assert DONE in text_of(done)
    assert [each.kind for each in Registration.objects.of(dave)] == ["questions"]
    assert not Registration.objects.filter(pk=begun.registration_id).exists()
    assert browser.get("/security-info/").status_code == 302
    assert not TrustedBrowser.objects.of(dave).exists()
    assert dave.password == password
    assert dave.role == "person"
    assert passes.is_required(dave)
    [event] = events(tags.HELPDESK_REREGISTRATION_REQUIRED)
    assert event.facts["methods"] == 3


def test_registering_again_can_not_be_put_off(case, dave, methods_of_dave):
    """HD7: without grace, where policy asks for no pass."""
    OrgPolicy.objects.update(grace_days=30, grace_skips=5, pass_after_reset=False)

    page = text_of(case.get(action_of(dave, "reregister")))
    press(case, action_of(dave, "reregister"))

    dave.refresh_from_db()
    assert "At the next sign-in Dave Dune sets up new methods." in page
    assert not passes.is_required(dave)
    assert dave.skips_used >= 5


def test_nobody_is_asked_for_a_pass_that_policy_lets_nobody_issue(case, dave, methods_of_dave):
    MethodRule.objects.filter(kind="temporary-pass").update(state="off")

    press(case, action_of(dave, "reregister"))

    dave.refresh_from_db()
    assert not passes.is_required(dave)


def test_the_contacts_as_they_were_are_told_of_each_method(case, dave, methods_of_dave):
    """HD12."""
    press(case, action_of(dave, "reregister"))

    told = sentences(dave)
    assert len(told) == 3
    for said in told.values():
        assert said[-1] == "You set up new methods when you next sign in."
        assert len(said) == 4


def test_a_live_pass_ends_with_the_methods(case, dave, methods_of_dave):
    kinds.allow("temporary-pass")
    press(case, action_of(dave, "pass"), purpose="sign-in")

    press(case, action_of(dave, "reregister"))

    assert not passes.is_live(dave)


# --- Unlocking ------------------------------------------------------------------------------------


def sign_in(person: User, password: str):
    return Client().post("/sign-in/", {"name": person.username, "password": password})


def lock_out(person: User) -> None:
    """Wrong passwords until the person has to wait, and a wrong code in a reset."""
    for _ in range(12):
        sign_in(person, "wrong")
    throttling.hit_all(limits.RESET_ANSWERS_BY_ACCOUNT, f"reset:{person.pk}")


def test_unlocking_ends_the_waits_and_signs_nobody_out(case, dave, signed_in):
    browser = signed_in(dave)
    lock_out(dave)
    before = text_of(case.get(page_of(dave)))

    done = press(case, action_of(dave, "unlock"))

    assert "Has to wait until" in before
    assert DONE in text_of(done)
    assert waits.until(dave) is None
    assert sign_in(dave, PASSWORD).status_code == 302
    assert browser.get("/security-info/").status_code == 200
    assert events(tags.HELPDESK_UNLOCKED)[0].facts["counters"] > 0
    assert "You no longer have to wait after wrong passwords or codes." in str(sentences(dave))


def test_unlocking_touches_nobody_else(case, dave, bob):
    lock_out(dave)
    sign_in(bob, "wrong")
    before = throttling.is_counted(waits.of(bob))

    press(case, action_of(dave, "unlock"))

    assert before
    assert throttling.is_counted(waits.of(bob))


def test_there_is_nothing_to_unlock_where_nobody_was_wrong(case, dave):
    page = text_of(case.get(page_of(dave)))
    done = press(case, action_of(dave, "unlock"))

    assert "Unlock" not in page
    assert "There was nothing to do any more." in text_of(done)
    assert events(tags.HELPDESK_UNLOCKED) == []


# --- Lifting a freeze -----------------------------------------------------------------------------


@pytest.mark.parametrize("ticked", [True, False])
def test_a_freeze_is_lifted_and_what_is_ticked_is_restored(case, dave, methods_of_dave, ticked):
    suspended = freeze(dave)
    page = text_of(case.get(action_of(dave, "lift-freeze")))
    given = {"restore": [str(suspended.uuid)]} if ticked else {}

    done = press(case, action_of(dave, "lift-freeze"), **given)

    dave.refresh_from_db()
    suspended.refresh_from_db()
    assert f"Restore {suspended.label}" in page
    assert DONE in text_of(done)
    assert dave.frozen_at is None
    assert dave.must_change_password
    assert (suspended.suspended_at is None) is ticked
    [event] = events(tags.ACCOUNT_UNFROZEN)
    assert event.facts["case"] == str(case_of(dave).public_id)
    assert all(not each.sealed["link"] for each in Message.objects.filter(user=dave))


def test_there_is_no_freeze_to_lift(case, dave):
    page = text_of(case.get(page_of(dave)))
    done = press(case, action_of(dave, "lift-freeze"))

    assert "Lift freeze" not in page
    assert "There was nothing to do any more." in text_of(done)


# --- Every action ---------------------------------------------------------------------------------


@pytest.mark.parametrize("action", NEED_CASE)
def test_an_action_needs_a_case(agent, dave, action):
    answer = agent.post(action_of(dave, action), {"token": str(uuid4())}, follow=True)

    assert answer.status_code in (200, 405)
    assert not HelpdeskAction.objects.exists()
    if action != "explain":
        assert "The case is closed. Check the caller again." in text_of(answer)


@pytest.mark.parametrize("action", NEED_CASE)
def test_an_action_needs_a_fresh_proof_of_the_agent(case, dave, action):
    """SU6."""
    not_fresh()

    shown = case.get(action_of(dave, action))
    sent = case.post(action_of(dave, action), {"token": str(uuid4())})

    assert shown["Location"].startswith("/confirm/")
    assert sent.status_code == 405 or sent["Location"].startswith("/confirm/")
    assert not HelpdeskAction.objects.exists()


@pytest.mark.parametrize("action", ["reregister", "end-sessions"])
def test_a_button_that_is_pressed_twice_works_once(case, dave, methods_of_dave, action):
    address = action_of(dave, action)
    given = {"token": token_on(case.get(address))}

    first = case.post(address, given)
    second = case.post(address, given, follow=True)

    assert lands(first, page_of(dave))
    assert text_of(second).count(DONE) == 1
    assert HelpdeskAction.objects.count() == 1
    assert Message.objects.filter(user=dave, folds__gt=0).count() == 0


@pytest.mark.parametrize("token", ["", "again", "1" * 40])
def test_a_form_without_its_token_does_nothing(case, dave, token):
    answer = case.post(action_of(dave, "end-sessions"), {"token": token})

    assert answer.status_code == 422
    assert not HelpdeskAction.objects.exists()


def test_a_case_that_has_ended_meanwhile_does_nothing(case, dave):
    address = action_of(dave, "end-sessions")
    given = {"token": token_on(case.get(address))}
    let_case_end(dave)

    answer = case.post(address, given, follow=True)

    assert "The case is closed. Check the caller again." in text_of(answer)
    assert not HelpdeskAction.objects.exists()


def test_only_whoever_checked_the_caller_may_act(case, dave, make_person, signed_in, ada):
    for colleague in (make_person("cleo", role="helpdesk"), ada):
        answer = signed_in(colleague).post(
            action_of(dave, "end-sessions"), {"token": str(uuid4())}, follow=True
        )
        assert "The case is closed. Check the caller again." in text_of(answer)

    assert not HelpdeskAction.objects.exists()


def test_looking_at_a_page_changes_nothing(case, dave, methods_of_dave):
    """R120; that a person was looked at is an event before the check, and only then."""
    pages = [page_of(dave), *(action_of(dave, e) for e in NEED_CASE if e != "explain")]
    before = [list(Session.objects.values("digest")), list(Registration.objects.values())]
    count = len(events(tags.HELPDESK_PERSON_OPENED))

    for page in pages:
        assert case.get(page).status_code == 200

    assert [list(Session.objects.values("digest")), list(Registration.objects.values())] == before
    assert not HelpdeskAction.objects.exists()
    assert len(events(tags.HELPDESK_PERSON_OPENED)) == count


def test_no_page_of_the_helpdesk_shows_a_value(agent, dave, methods_of_dave):
    """R117: masks only, before the check, at the check, in the case and on every action."""
    open_case(agent, dave)
    pages = [page_of(dave), f"{page_of(dave)}check/", *(action_of(dave, e) for e in NEED_CASE)]
    pages += [deletion_of(each) for each in methods_of_dave.values()]
    secrets = [each for one in methods_of_dave.values() for each in kinds.secrets_of(one)]

    for page in pages:
        html = agent.get(page).content.decode()
        assert not [each for each in secrets if each in html], page


def test_the_agent_can_neither_add_nor_change_anything(case, dave, methods_of_dave):
    """HD11: the pages of the case lead to no form for a value, a role or a password."""
    html = case.get(page_of(dave)).content.decode()

    addresses = set(re.findall(r'href="([^"]+)"', html))
    assert not [each for each in addresses if "/change/" in each or "/add/" in each]
    assert "password" not in "".join(re.findall(r'name="([^"]+)"', html))


def test_the_pages_explain_why_things_are_as_they_are(case, dave, methods_of_dave):
    MethodRule.objects.filter(kind="sms").update(for_reset=False)

    page = text_of(case.get(action_of(dave, "explain")))

    assert "No: the organization has switched it off for reset" in page
    assert len(events(tags.POLICY_EXPLAINED)) == 1
