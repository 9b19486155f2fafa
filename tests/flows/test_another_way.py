"""Another way than the one that was asked for, and what becomes of ways that may not be used."""

from __future__ import annotations

import math

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from methods import deletion, registry
from methods.models import Challenge, Registration
from securityinfo.audit.models import Event
from securityinfo.messaging import breaker
from securityinfo.policy import service as policies
from tests import kinds
from tests.accounts.doors import (
    HOME,
    KEEP_SECURE,
    SIGN_IN,
    VERIFY,
    allow,
    is_signed_in,
    policy,
)
from tests.flows.proofs import (
    CHOOSE,
    NO_WAY_IN,
    NOT_WORKING,
    ONLY_METHOD,
    OTHER,
    RESEND,
    STATUS,
    choose,
    each_kind,
    has,
    is_default,
    is_said,
    newest,
    proving,
    right,
    ways,
    wrong,
)
from tests.flows.steps import GONE, STALE, codes_sent, lands

pytestmark = pytest.mark.django_db


# --- Another way ----------------------------------------------------------------------------------


@pytest.fixture
def everything(bob) -> dict[str, Registration]:
    """One of each kind that signs in; text messages are asked for first."""
    found = {
        "call": has(bob, "call", {"type": "mobile", "country": "NL", "number": "06 87654321"}),
        "email": has(bob, "email"),
        "sms": has(bob, "sms"),
        "authenticator": has(bob, "authenticator"),
    }
    is_default(found["sms"])
    return found


def test_the_default_is_asked_first_even_if_another_is_stronger(bob, everything):
    """SI4."""
    page = proving(bob).get(VERIFY)

    assert is_said(page, "Check your phone")
    assert is_said(page, "We sent a text message with a 6-digit code to the number ending 78.")
    assert newest().registration == everything["sms"]


def test_other_ways_are_listed_masked_the_most_secure_first(bob, everything):
    """SI5: all but the one that was asked for."""
    browser = proving(bob)

    page = browser.get(OTHER)

    assert ways(page) == [
        "Use the code from your authenticator app",
        "Call the number ending 21",
        "Email a code to b•••@example.net",
    ]
    assert "12345678" not in page.content.decode()
    assert "87654321" not in page.content.decode()
    assert "bob@example.net" not in page.content.decode()
    assert is_said(page, "None of these work")


def test_looking_at_other_ways_sends_nothing_and_changes_nothing(bob, everything):
    browser = proving(bob)
    asked = newest()

    for _ in range(3):
        browser.get(OTHER)

    assert codes_sent() == 1
    assert newest().pk == asked.pk
    assert lands(browser.post(VERIFY, right()), HOME)


@each_kind
def test_choosing_sends_once_and_the_answer_to_it_signs_in(bob, everything, kind):
    browser = proving(bob)
    if kind == "sms":  # the way back: it is offered once another one was chosen
        choose(browser, everything["email"])
        kinds.pass_time(seconds=31)
    before = codes_sent()

    chosen = choose(browser, everything[kind])
    again = choose(browser, everything[kind])

    assert lands(chosen, VERIFY)
    assert again.status_code == 422  # it is what is asked for by now
    assert codes_sent() - before == bool(registry.get(kind).sends)
    assert newest().registration == everything[kind]
    assert lands(browser.post(VERIFY, right()), HOME)
    assert Event.objects.get(tag="sign_in.completed").kind == kind


def test_the_answer_to_the_first_way_is_no_answer_to_the_second(bob, everything):
    """SI6."""
    browser = proving(bob)
    given = right()
    choose(browser, everything["email"])

    assert browser.post(VERIFY, given).status_code == 422
    assert not is_signed_in(browser)


def test_one_must_choose_something(bob, everything):
    page = proving(bob).post(OTHER, {})

    assert page.status_code == 422
    assert is_said(page, CHOOSE)


def test_two_apps_are_told_apart_by_their_names(bob):
    has(bob, "authenticator", name="Old phone")
    has(bob, "authenticator", name="New phone")
    has(bob, "email")
    browser = proving(bob)

    page = browser.get(VERIFY)

    assert is_said(page, "Old phone")
    assert "Use the code from your authenticator app: New phone" in ways(browser.get(OTHER))


def test_two_addresses_are_told_apart_by_their_masks(bob):
    has(bob, "email")
    has(bob, "email", {"address": "another@example.com"})
    browser = proving(bob)

    assert ways(browser.get(OTHER)) == ["Email a code to a•••@example.com"]


# --- Something changes in the middle --------------------------------------------------------------


def switch_off(registration: Registration) -> None:
    allow(registration.kind, state="off")


def for_reset_only(registration: Registration) -> None:
    allow(registration.kind, for_sign_in=False)


def suspend(registration: Registration) -> None:
    Registration.objects.filter(pk=registration.pk).update(suspended_at=timezone.now())


def undeliverable(registration: Registration) -> None:
    Registration.objects.filter(pk=registration.pk).update(undeliverable="undeliverable")


@pytest.mark.parametrize("change", [switch_off, for_reset_only, suspend, undeliverable])
def test_what_is_no_longer_allowed_proves_nothing(bob, everything, change):
    """PU3: judged again when the answer is posted."""
    browser = proving(bob)
    given = right()
    change(everything["sms"])

    page = browser.post(VERIFY, given, follow=True)

    assert page.redirect_chain[0] == (OTHER, 302)
    assert is_said(page, GONE)
    assert not is_signed_in(browser)
    assert not any("Text a code" in way for way in ways(page))
    choose(browser, everything["email"])
    assert lands(browser.post(VERIFY, right()), HOME)


def test_a_way_that_is_no_longer_allowed_is_not_chosen(bob, everything):
    """PU3: between looking and choosing."""
    browser = proving(bob)
    browser.get(OTHER)
    allow("email", state="off")

    page = choose(browser, everything["email"])

    assert page.status_code == 422
    assert codes_sent() == 1


def test_a_method_deleted_in_another_session_starts_it_over(bob, everything):
    """SE2: whoever is half signed in meanwhile begins again."""
    browser = proving(bob)
    given = right()
    deletion.delete(
        everything["sms"], ruleset=policies.current_for(bob), actor=kinds.actor_for(bob)
    )

    page = browser.post(VERIFY, given, follow=True)

    assert page.redirect_chain == [(SIGN_IN, 302)]
    assert is_said(page, STALE)
    assert not is_signed_in(browser)


def test_a_method_added_in_another_session_is_offered_here(bob):
    has(bob, "email")
    browser = proving(bob)
    Challenge.objects.filter(purpose="register").delete()
    kinds.allow("authenticator")
    kinds.register(bob, "authenticator")

    assert ways(browser.get(OTHER)) == ["Use the code from your authenticator app"]


def test_deactivated_in_the_middle_nobody_comes_in(bob):
    has(bob, "email")
    browser = proving(bob)
    User.objects.update(is_active=False)

    page = browser.post(VERIFY, right(), follow=True)

    assert page.redirect_chain == [(SIGN_IN, 302)]
    assert not is_signed_in(browser)


# --- Calls ----------------------------------------------------------------------------------------


@pytest.fixture
def called(bob) -> Client:
    has(bob, "call")
    return proving(bob)


def test_a_call_shows_the_number_to_key_in_and_no_field(called):
    """CA4."""
    page = called.get(VERIFY)

    number = newest().prompt({}).number
    assert is_said(page, "Answer your phone")
    assert is_said(page, "We're calling the number ending 78. Key in this number, then #:")
    assert is_said(page, number)
    assert is_said(page, "Didn't start this? Key in 0# and we'll stop it.")
    assert is_said(page, "Call again")
    assert 'name="code"' not in page.content.decode()
    assert "data-goes-on" in page.content.decode()


def test_going_on_before_the_number_was_keyed_costs_nothing(called):
    page = called.post(VERIFY)

    assert page.status_code == 422
    assert is_said(
        page, "We haven't received the number yet. Answer the call, or choose another way."
    )
    assert newest().tries == 0


def test_a_wrong_number_is_told_and_another_call_has_another_number(called):
    first = newest().prompt({}).number
    page = called.post(VERIFY, wrong())
    kinds.pass_time(seconds=31)
    called.post(RESEND)

    assert page.status_code == 422
    assert is_said(page, "That wasn't the number on this page.")
    assert newest().tries == 1
    assert newest().prompt({}).number != first
    assert lands(called.post(VERIFY, right()), HOME)


def test_whoever_did_not_ask_for_the_call_stops_it(called, bob):
    """CA5: and this phone is called no more."""
    kinds.sample_of(registry.get("call")).key_in(newest().prompt({}), "0")

    page = called.post(VERIFY)
    kinds.pass_time(minutes=10)
    again = called.post(RESEND, follow=True)

    assert page.status_code == 422
    assert is_said(page, "That call is over. Ask for a new one.")
    assert is_said(again, "No more calls can be made to this number until")
    assert codes_sent() == 1
    assert not is_signed_in(called)


def test_the_status_says_that_the_number_was_keyed(called):
    before = called.get(STATUS).content.decode()
    right()
    after = called.get(STATUS).content.decode()

    assert "data-answered" not in before
    assert "data-answered" in after


# --- A channel is switched off --------------------------------------------------------------------


def test_a_default_that_does_not_work_is_passed_over_with_the_reason(bob, everything):
    """SI4, DE7: the strongest that works; the default is not forgotten."""
    policy(text_switch=False)

    browser = proving(bob)
    page = browser.get(VERIFY)

    assert is_said(page, "Text messages aren't working right now, so we chose another way.")
    assert newest().registration == everything["authenticator"]
    assert lands(browser.post(VERIFY, right()), HOME)
    assert Registration.objects.get(is_default=True) == everything["sms"]


def test_a_provider_that_fails_is_passed_over_like_a_channel_that_is_stopped(
    bob, everything, monkeypatch
):
    """F04: what the breaker says holds for the page at once."""
    monkeypatch.setattr(breaker, "_latest", (math.inf, frozenset({"text"})))

    browser = proving(bob)
    page = browser.get(VERIFY)
    cards = browser.get(OTHER).context["cards"]

    assert is_said(page, "Text messages aren't working right now, so we chose another way.")
    assert newest().registration == everything["authenticator"]
    assert str(cards[-1]["mark"]) == NOT_WORKING


def test_what_was_asked_before_its_provider_failed_is_not_called_another_way(
    bob, everything, monkeypatch
):
    """The code may still come; nobody has chosen another method for this person."""
    browser = proving(bob)
    browser.get(VERIFY)
    monkeypatch.setattr(breaker, "_latest", (math.inf, frozenset({"text"})))

    page = browser.get(VERIFY)

    assert newest().registration == everything["sms"]
    assert not is_said(page, "so we chose another way.")


def test_what_does_not_work_comes_last_and_is_marked(bob, everything):
    policy(text_switch=False)

    page = proving(bob).get(OTHER)

    cards = page.context["cards"]
    assert [str(card["mark"]) for card in cards] == ["", "", NOT_WORKING]
    assert cards[-1]["label"] == "Text a code to the number ending 78"
    assert is_said(page, NOT_WORKING)


def test_choosing_what_does_not_work_sends_nothing_and_says_so(bob, everything):
    policy(text_switch=False)

    page = choose(proving(bob), everything["sms"])

    assert page.status_code == 422
    assert is_said(page, "Text messages aren't working right now. Choose another way.")
    assert codes_sent() == 0


def test_switched_off_in_the_middle_nothing_is_sent_again(bob, everything):
    browser = proving(bob)
    kinds.pass_time(seconds=31)
    policy(text_switch=False)

    page = browser.post(RESEND, follow=True)

    assert is_said(page, "Text messages aren't working right now. Choose another way.")
    assert codes_sent() == 1
    assert lands(browser.post(VERIFY, right()), HOME)  # what has arrived still counts


def test_the_only_method_stopped_leaves_a_list_of_one_that_says_so(bob):
    registration = has(bob, "email")
    policy(email_switch=False)

    browser = proving(bob)
    page = browser.get(VERIFY)
    chosen = choose(browser, registration)
    policy(email_switch=True)
    later = choose(browser, registration)

    assert page.status_code == 200
    assert [str(card["mark"]) for card in page.context["cards"]] == [NOT_WORKING]
    assert is_said(page, "None of these work")
    assert chosen.status_code == 422
    assert lands(later, VERIFY)
    assert lands(browser.post(VERIFY, right()), HOME)


# --- None that may be used (RR11) -----------------------------------------------------------------


def test_a_method_that_is_no_longer_allowed_proves_once_more_then_another_is_set_up(bob):
    """RR11: never by the password alone, and without delay."""
    has(bob, "email")
    kinds.allow("authenticator")
    allow("email", state="off")
    browser = proving(bob)

    answered = browser.post(VERIFY, right())
    start = browser.get(KEEP_SECURE)
    page = browser.get("/keep-secure/authenticator/")
    Challenge.objects.filter(purpose="sign_in").delete()
    browser.post("/keep-secure/authenticator/verify/", right(purpose="register"))
    done = browser.post("/keep-secure/summary/")

    assert lands(answered, KEEP_SECURE)
    assert start.status_code == 200
    assert is_said(start, "Your organization no longer allows the method you used.")
    assert page.status_code in (200, 302)
    assert lands(done, HOME)
    assert is_signed_in(browser)


def test_before_that_proof_registration_is_closed(bob):
    has(bob, "email")
    allow("email", state="off")
    browser = proving(bob)

    for page in (KEEP_SECURE, "/keep-secure/authenticator/", "/keep-secure/skip/"):
        assert browser.post(page)["Location"] in (SIGN_IN, VERIFY)
    assert not is_signed_in(browser)


def test_staff_after_a_promotion_are_asked_for_what_they_had_then_for_something_stronger(bob):
    """K10, RR11."""
    has(bob, "email")
    kinds.allow("authenticator")
    User.objects.update(role=Role.HELPDESK)
    browser = proving(bob)

    response = browser.post(VERIFY, right())

    assert lands(response, KEEP_SECURE)
    assert not is_signed_in(browser)


def test_staff_cannot_choose_what_is_too_weak_for_them(bob):
    """K10: the strong one is asked for, the address isn't offered."""
    email = has(bob, "email")
    has(bob, "authenticator")
    User.objects.update(role=Role.ADMINISTRATOR)
    browser = proving(bob)

    page = browser.get(VERIFY)
    chosen = choose(browser, email)

    assert newest().registration.kind == "authenticator"
    assert is_said(page, ONLY_METHOD)
    assert chosen.status_code == 422
    assert codes_sent() == 0


@pytest.mark.parametrize("state", [suspend, undeliverable])
def test_where_nothing_may_be_asked_the_helpdesk_is_named(bob, state):
    policy(helpdesk_phone="+31 20 555 0100")
    state(has(bob, "sms"))

    browser = proving(bob)
    page = browser.get(VERIFY)

    assert page.status_code == 200
    assert is_said(page, NO_WAY_IN)
    assert "+31 20 555 0100" in page.content.decode()
    assert lands(browser.post(KEEP_SECURE), SIGN_IN)
    assert codes_sent() == 0
    assert not is_signed_in(browser)


def test_a_suspended_method_is_not_the_last_resort(bob):
    """RR11: only policy's "not allowed" lets a method prove once more."""
    suspend(has(bob, "sms"))
    email = has(bob, "email")
    allow("sms", state="off")
    allow("email", state="off")

    proving(bob)

    assert newest().registration == email
