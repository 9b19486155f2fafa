"""The second step of signing in: every state and move, then the stories over HTTP."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from accounts.models import Session, User
from methods import registry
from methods.models import Challenge, Registration
from methods.proving import Proving, State
from securityinfo.audit.models import Event
from securityinfo.flows import IDLE_SECONDS, TOTAL_SECONDS, IllegalMove
from tests import kinds
from tests.accounts.doors import (
    HOME,
    KEEP_SECURE,
    SIGN_IN,
    VERIFY,
    is_signed_in,
    policy,
    post_password,
)
from tests.flows.proofs import (
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
    wrong,
)
from tests.flows.steps import STALE, codes_sent, lands, text_of

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
