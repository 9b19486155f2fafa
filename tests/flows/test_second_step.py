"""The second step of signing in: every state and move, then the stories over HTTP."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from accounts.models import Role, Session, User
from methods import deletion, registry
from methods.models import Challenge, Registration
from methods.proving import Proving, State
from securityinfo.audit.models import Event
from securityinfo.flows import IDLE_SECONDS, TOTAL_SECONDS, IllegalMove
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
    post_password,
)
from tests.flows.proofs import (
    CHOOSE,
    NO_WAY_IN,
    NOT_WORKING,
    ONLY_METHOD,
    OTHER,
    RESEND,
    STATUS,
    TOO_MANY,
    choose,
    each_kind,
    each_sending_kind,
    each_typed_kind,
    forget_limits,
    has,
    is_default,
    is_said,
    mistake,
    new_browser,
    newest,
    older,
    proving,
    right,
    ways,
    wrong,
)
from tests.flows.steps import GONE, STALE, codes_sent, lands, text_of

pytestmark = pytest.mark.django_db


# --- States and moves -----------------------------------------------------------------------------


@pytest.mark.parametrize("start", State)
@pytest.mark.parametrize("end", State)
def test_a_proof_makes_the_moves_of_its_table_only(start, end):
    flow = Proving(state=start)
    allowed = {
        (State.CHOOSING, State.ASKING),
        (State.ASKING, State.ASKING),  # sent again, or another way
        (State.ASKING, State.PROVED),
    }

    if (start, end) in allowed:
        flow.move(end)
        assert flow.state == end
    else:
        with pytest.raises(IllegalMove):
            flow.move(end)


def nobody(bob) -> Client:
    return new_browser()


def asking(bob) -> Client:
    browser = proving(bob)
    kinds.pass_time(seconds=31)
    return browser


def exhausted(bob) -> Client:
    browser = asking(bob)
    Challenge.objects.update(tries=4)
    browser.post(VERIFY, wrong())
    forget_limits()
    return browser


def code_expired(bob) -> Client:
    browser = asking(bob)
    Challenge.objects.update(expires_at=Now())
    return browser


def not_sent(bob) -> Client:
    """Somebody else with the password has just asked for a code."""
    proving(bob)
    return proving(bob)


def out_of_order(bob) -> Client:
    """Nothing can be sent at all."""
    policy(email_switch=False, text_switch=False)
    return proving(bob)


def done(bob) -> Client:
    browser = asking(bob)
    browser.post(VERIFY, right())
    return browser


STATES = {
    "nobody": nobody,
    "asking": asking,
    "exhausted": exhausted,
    "code expired": code_expired,
    "not sent": not_sent,
    "out of order": out_of_order,
    "done": done,
}


def right_or_any() -> dict:
    return right() if Challenge.objects.exists() else {"code": "123456"}


def wrong_or_any() -> dict:
    return wrong() if Challenge.objects.exists() else {"code": "123456"}


def choose_the_other(browser):
    return choose(browser, Registration.objects.get(kind="email"))


MOVES = {
    "open sign-in": lambda browser: browser.get(SIGN_IN),
    "open": lambda browser: browser.get(VERIFY),
    "right": lambda browser: browser.post(VERIFY, right_or_any()),
    "wrong": lambda browser: browser.post(VERIFY, wrong_or_any()),
    "nothing": lambda browser: browser.post(VERIFY, {}),
    "resend": lambda browser: browser.post(RESEND),
    "status": lambda browser: browser.get(STATUS),
    "open another way": lambda browser: browser.get(OTHER),
    "choose nothing": lambda browser: browser.post(OTHER, {}),
    "choose": choose_the_other,
    "cancel": lambda browser: browser.post("/sign-out/", {"cancel": "cancel"}),
}
# What follows: an answer, or where it leads; then whether somebody is signed in afterwards.
ROWS = {
    "nobody": {
        "open sign-in": 200,
        "status": SIGN_IN,
    }
    | dict.fromkeys(set(MOVES) - {"open sign-in", "status"}, SIGN_IN),
    "asking": {
        "open sign-in": VERIFY,
        "open": 200,
        "right": HOME,
        "wrong": 422,
        "nothing": 422,
        "resend": VERIFY,
        "status": 200,
        "open another way": 200,
        "choose nothing": 422,
        "choose": VERIFY,
        "cancel": SIGN_IN,
    },
}
ROWS["exhausted"] = ROWS["asking"] | {"right": 422}
ROWS["code expired"] = ROWS["asking"] | {"right": 422}
# The page has a button to send a code, and no field: whatever is posted leads back to it.
ROWS["not sent"] = ROWS["asking"] | {"right": VERIFY, "wrong": VERIFY, "status": 404}
ROWS["out of order"] = ROWS["asking"] | {
    "right": 422,  # the list of ways, of which none was chosen
    "status": 404,
    "choose": 422,
}
ROWS["done"] = dict.fromkeys(MOVES, SIGN_IN) | {"open sign-in": HOME}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("move", MOVES)
def test_every_move_in_every_state(bob, state, move):
    has(bob, "email")
    is_default(has(bob, "sms"))
    browser = STATES[state](bob)
    before = is_signed_in(browser)

    response = MOVES[move](browser)

    assert (response.get("Location") or response.status_code) == ROWS[state][move]
    is_in = (state, move) == ("asking", "right") or (before and move != "cancel")
    assert is_signed_in(browser) == is_in
    assert Session.objects.of(bob).count() == is_in


# --- Every kind -----------------------------------------------------------------------------------


@each_kind
def test_the_password_asks_for_the_method_and_sends_once(bob, kind):
    """SI4, C11: looking, reloading and checking the status send nothing more."""
    registration = has(bob, kind)
    sends = bool(registration.method.sends)

    browser = proving(bob)
    pages = [browser.get(VERIFY) for _ in range(3)]
    browser.get(STATUS)
    browser.get(SIGN_IN)

    assert codes_sent() == sends
    assert all(page.status_code == 200 for page in pages)
    assert str(registration.method.prove_heading) in text_of(pages[0])
    assert ("Send a new code" in text_of(pages[0])) == (sends and not registration.method.is_keyed)
    assert not is_signed_in(browser)


@each_kind
def test_the_right_answer_signs_in_and_follows_next(bob, kind):
    """SI8."""
    registration = has(bob, kind)
    browser = new_browser()
    post_password(browser, "bob", to="/security-info/activity/?page=2")

    response = browser.post(VERIFY, right())

    assert lands(response, "/security-info/activity/?page=2")
    assert is_signed_in(browser)
    assert Event.objects.get(tag="sign_in.completed").kind == kind
    registration.refresh_from_db()
    assert timezone.now() - registration.last_used_at < timezone.timedelta(minutes=1)


@each_typed_kind
def test_wrong_answers_are_told_with_the_tries_left_and_the_right_one_still_works(bob, kind):
    """C5: from three left on."""
    has(bob, kind)
    browser = proving(bob)

    texts = [text_of(browser.post(VERIFY, wrong())) for _ in range(4)]
    signed_in_by_now = is_signed_in(browser)
    response = browser.post(VERIFY, right())

    said = str(registry.get(kind).wrong_answer)
    assert all(said in text for text in texts)
    assert "left" not in texts[0]
    assert [
        f"{said} You have {left}" in text
        for left, text in zip(
            ("3 tries left.", "2 tries left.", "1 try left."), texts[1:], strict=True
        )
    ] == [True] * 3
    assert not signed_in_by_now
    assert lands(response, HOME)


@each_typed_kind
@pytest.mark.parametrize(
    ("typed", "error"),
    [({}, "Enter the 6-digit code."), ({"code": "12 34"}, "The code has 6 digits.")],
    ids=["nothing", "too short"],
)
def test_what_is_no_answer_costs_no_try(bob, kind, typed, error):
    has(bob, kind)
    browser = proving(bob)

    page = browser.post(VERIFY, typed)

    assert page.status_code == 422
    assert is_said(page, error)
    assert newest().tries == 0


@each_kind
def test_after_too_many_wrong_answers_one_starts_again_or_chooses_another_way(bob, kind):
    """C3: no answer helps any more; the limit of the account has to end first (C6)."""
    has(bob, kind)
    browser = proving(bob)
    for _ in range(5):
        last = mistake(browser)
    old = newest()
    forget_limits()

    page = browser.get(VERIFY)
    kinds.pass_time(minutes=3)
    again = browser.post(RESEND)
    response = browser.post(VERIFY, right())

    assert last.status_code == 422
    assert is_said(last, str(registry.get(kind).exhausted))
    assert is_said(page, str(registry.get(kind).exhausted))
    assert 'name="code"' not in page.content.decode()
    assert lands(again, VERIFY)
    assert newest().pk != old.pk
    assert lands(response, HOME)


@each_kind
def test_while_the_account_waits_nothing_is_judged(bob, kind):
    """C6, C9: five wrong ones; then also another method waits, and a right answer with it."""
    has(bob, kind)
    browser = proving(bob)
    for _ in range(5):
        mistake(browser)
    kinds.pass_time(minutes=2)
    browser.post(RESEND)

    answer = browser.post(VERIFY, right())

    assert newest().tries == 0
    assert not is_signed_in(browser)
    if not registry.get(kind).is_keyed:  # there the phone hears it
        assert answer.status_code == 429
        assert is_said(answer, TOO_MANY)
        assert int(answer["Retry-After"]) > 0


@each_sending_kind
def test_a_new_code_ends_the_old_one_and_keeps_the_tries(bob, kind):
    """C2, C3, C12: its page has another reference."""
    has(bob, kind)
    browser = proving(bob)
    browser.post(VERIFY, wrong())
    first = newest()
    old = {"code": first.prompt({}).code}
    kinds.pass_time(seconds=31)

    again = browser.post(RESEND)

    renewed = newest()
    assert lands(again, VERIFY)
    assert codes_sent() == 2
    assert (renewed.pk, renewed.generation, renewed.tries) == (first.pk, 1, 1)
    assert renewed.reference != first.reference
    if not registry.get(kind).is_keyed:
        assert is_said(browser.get(VERIFY), f"ref {renewed.reference}")
        assert browser.post(VERIFY, old).status_code == 422
    assert lands(browser.post(VERIFY, right()), HOME)


@each_sending_kind
def test_asking_too_early_sends_nothing_and_says_until_when(bob, kind):
    """C10: thirty seconds after the first code."""
    has(bob, kind)
    browser = proving(bob)

    page = browser.post(RESEND, follow=True)

    assert is_said(page, "then ask for a new code.")
    assert codes_sent() == 1
    assert newest().generation == 0


@each_sending_kind
def test_the_limit_of_sending_says_until_when(bob, kind):
    """C10: five in half an hour."""
    has(bob, kind)
    browser = proving(bob)
    for _ in range(4):
        kinds.pass_time(minutes=2)
        browser.post(RESEND)
    kinds.pass_time(minutes=2)

    page = browser.post(RESEND, follow=True)

    said = str(registry.get(kind).send_limit).partition("{")[0]
    assert codes_sent() == 5
    assert is_said(page, said)
    assert is_said(page, "Choose another way.")


@each_sending_kind
def test_an_expired_code_is_said_to_be_expired_and_a_new_one_works(bob, kind):
    """C1."""
    has(bob, kind)
    browser = proving(bob)
    given = right()
    Challenge.objects.update(expires_at=Now())

    page = browser.post(VERIFY, given)
    kinds.pass_time(seconds=31)
    browser.post(RESEND)

    assert page.status_code == 422
    assert is_said(page, str(registry.get(kind).expired))
    assert lands(browser.post(VERIFY, right()), HOME)


def test_a_code_of_an_app_knows_no_time_but_its_own(bob):
    """Nothing was sent that could expire: who stays on the page is not sent back to begin anew."""
    has(bob, "authenticator")
    browser = proving(bob)
    Challenge.objects.update(expires_at=Now())

    assert lands(browser.post(VERIFY, right()), HOME)


@each_typed_kind
def test_sent_twice_the_answer_signs_in_once(bob, kind):
    """C11, F14: the second click follows the first one."""
    has(bob, kind)
    browser = proving(bob)
    given = right()

    first = browser.post(VERIFY, given)
    second = browser.post(VERIFY, given, follow=True)

    assert lands(first, HOME)
    assert second.redirect_chain[-1][0] == HOME
    assert Event.objects.filter(tag="sign_in.completed").count() == 1
    assert Session.objects.of(bob).count() == 1


@each_kind
def test_with_one_method_the_helpdesk_is_named_instead_of_another_way(bob, kind):
    """SI5."""
    policy(helpdesk_phone="+31 20 555 0100")
    has(bob, kind)

    page = proving(bob).get(VERIFY)

    assert is_said(page, ONLY_METHOD)
    assert "+31 20 555 0100" in page.content.decode()
    assert OTHER not in page.content.decode()


@each_sending_kind
def test_an_answer_is_no_answer_in_another_browser(bob, kind):
    """C2, SI6: there nothing was asked for yet."""
    has(bob, kind)
    proving(bob)
    other = proving(bob)

    response = other.post(VERIFY, right())

    assert lands(response, VERIFY)
    assert not is_signed_in(other)


# --- Two browsers, two tabs, two clicks -----------------------------------------------------------


def test_a_second_tab_leads_to_the_same_page(bob):
    has(bob, "email")
    browser = proving(bob)

    for address in (SIGN_IN, "/", HOME, KEEP_SECURE):
        assert browser.get(address, follow=True).redirect_chain[-1][0] == VERIFY
    assert codes_sent() == 1
    assert lands(browser.post(VERIFY, right()), HOME)


def twins() -> tuple[Client, Client]:
    """One browser whose form is sent twice: each answer brings a session of its own."""
    browser, twin = new_browser(), new_browser()
    browser.get(SIGN_IN)
    name = settings.CSRF_COOKIE_NAME
    twin.cookies[name] = browser.cookies[name].value
    return browser, twin


@each_kind
def test_a_second_click_on_the_form_of_the_password_sends_nothing_more(bob, kind):
    """C11: the same form in the same browser, before the first answer has come; either goes on."""
    has(bob, kind)
    browser, twin = twins()

    post_password(browser, "bob")
    post_password(twin, "bob")

    assert codes_sent() == bool(registry.get(kind).sends)
    assert twin.get(VERIFY).status_code == 200
    assert lands(browser.post(VERIFY, right()), HOME)


@each_kind
def test_whichever_answer_comes_last_its_cookie_goes_on(bob, kind):
    has(bob, kind)
    browser, twin = twins()
    post_password(browser, "bob")
    post_password(twin, "bob")

    assert lands(twin.post(VERIFY, right()), HOME)


def test_signing_in_elsewhere_does_not_stop_an_app_here(bob):
    """A second browser, or a stranger who knows the password: the code of the app still works."""
    has(bob, "authenticator")
    browser = proving(bob)
    proving(bob)

    assert lands(browser.post(VERIFY, right()), HOME)


def test_in_another_browser_one_waits_for_a_code_of_ones_own(bob):
    has(bob, "email")
    proving(bob)
    browser = new_browser()

    page = post_password(browser, "bob", follow=False)
    shown = browser.get(page["Location"])
    kinds.pass_time(seconds=61)
    browser.post(RESEND)

    assert is_said(shown, "then ask for a new code.")
    assert 'name="code"' not in shown.content.decode()
    assert codes_sent() == 2
    assert lands(browser.post(VERIFY, right()), HOME)


def test_going_back_to_the_password_and_on_again_keeps_the_code(bob):
    """The back button shows the form again; opening its address leads on."""
    has(bob, "email")
    browser = proving(bob)

    assert lands(browser.get(SIGN_IN), VERIFY)
    assert browser.get(VERIFY).status_code == 200
    assert codes_sent() == 1


def test_canceling_forgets_the_password(bob):
    has(bob, "email")
    browser = proving(bob)
    given = right()

    response = browser.post("/sign-out/", {"cancel": "cancel"}, follow=True)

    assert response.redirect_chain == [(SIGN_IN, 302)]
    assert "signed out" not in text_of(response)
    assert lands(browser.post(VERIFY, given), SIGN_IN)
    assert not is_signed_in(browser)


def test_another_person_on_the_same_browser_finds_nothing_of_the_first(bob, eve):
    has(bob, "email")
    has(eve, "email", {"address": "eve@example.net"})
    browser = proving(bob)
    given = right(user=bob)

    post_password(browser, "eve")
    page = browser.get(VERIFY)

    assert is_said(page, "e•••@example.net")
    assert browser.post(VERIFY, given).status_code == 422
    assert not Session.objects.exclude(user=None).exists()


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


# --- The time is over -----------------------------------------------------------------------------

ADDRESSES = {
    "verify": lambda browser: browser.get(VERIFY, follow=True),
    "answer": lambda browser: browser.post(VERIFY, right(), follow=True),
    "resend": lambda browser: browser.post(RESEND, follow=True),
    "another way": lambda browser: browser.get(OTHER, follow=True),
    "sign-in": lambda browser: browser.get(SIGN_IN, follow=True),
}


@pytest.mark.parametrize("move", ADDRESSES)
def test_after_ten_idle_minutes_it_starts_over_and_says_so(bob, move):
    """C13."""
    has(bob, "email")
    browser = proving(bob)
    older(browser, IDLE_SECONDS)

    page = ADDRESSES[move](browser)

    assert page.context["request"].path == SIGN_IN
    assert is_said(page, STALE)
    assert 'name="password"' in page.content.decode()
    assert not is_signed_in(browser)


def test_after_thirty_minutes_it_starts_over_whatever_was_done(bob):
    has(bob, "email")
    browser = proving(bob)
    older(browser, TOTAL_SECONDS, name="started")

    page = browser.post(VERIFY, right(), follow=True)

    assert page.redirect_chain == [(SIGN_IN, 302)]
    assert is_said(page, STALE)
    assert not is_signed_in(browser)


def test_a_new_code_and_another_way_let_the_idle_time_begin_again(bob, clock):
    """C13: ten minutes after the latest step or code."""
    has(bob, "authenticator")
    is_default(has(bob, "email"))
    browser = proving(bob)
    clock.advance(minutes=9)
    kinds.pass_time(minutes=9)
    browser.post(RESEND)
    clock.advance(minutes=9)
    shown = browser.get(VERIFY)
    choose(browser, Registration.objects.get(kind="authenticator"))
    clock.advance(minutes=9)

    assert shown.status_code == 200
    assert lands(browser.post(VERIFY, right()), HOME)


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


# --- What comes after it (RR12) -------------------------------------------------------------------


def test_a_new_password_comes_after_the_second_step_and_registration_after_that(bob):
    """RR12."""
    has(bob, "email")
    kinds.allow("authenticator")
    User.objects.update(
        must_change_password=True, short_since=timezone.now() - timezone.timedelta(days=15)
    )
    browser = proving(bob)

    early = browser.get("/sign-in/new-password/")
    proved = browser.post(VERIFY, right())
    new = {"new_password": "seven green bottles", "new_password_again": "seven green bottles"}
    chosen = browser.post("/sign-in/new-password/", new)

    assert early.status_code == 302
    assert early["Location"] == SIGN_IN
    assert lands(proved, "/sign-in/new-password/")
    assert lands(chosen, KEEP_SECURE)
    assert not is_signed_in(browser)


def test_registration_that_is_due_waits_for_the_second_step(bob):
    """RR2 (b)."""
    has(bob, "email")
    kinds.allow("authenticator")
    User.objects.update(short_since=timezone.now() - timezone.timedelta(days=15))
    browser = proving(bob)

    assert lands(browser.get(KEEP_SECURE), SIGN_IN)
    assert lands(browser.post(VERIFY, right()), KEEP_SECURE)
    assert browser.get(KEEP_SECURE).status_code == 200


def test_nothing_but_the_second_step_is_recorded_before_it(bob):
    has(bob, "email")
    before = set(Event.objects.values_list("pk", flat=True))

    proving(bob)

    found = Event.objects.exclude(pk__in=before).order_by("pk").values_list("tag", flat=True)
    assert list(found) == ["sign_in.password_accepted", "challenge.sent"]
    bob.refresh_from_db()
    assert bob.last_sign_in_at is None
