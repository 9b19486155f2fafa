"""Setting up a method over HTTP: the stories."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Session
from methods.models import Challenge, Registration
from securityinfo import times
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.policy.models import OrgPolicy
from tests import kinds
from tests.accounts.doors import post_sign_in
from tests.flows.steps import (
    ACTIVITY,
    ADD,
    ADDED,
    BAKER,
    BOB,
    DEFAULT,
    EXHAUSTED,
    EXPIRED,
    GONE,
    LIST,
    MOST,
    RESEND,
    STALE,
    START,
    VERIFY,
    WRONG,
    codes_sent,
    lands,
    newest,
    right,
    stale_session,
    text_of,
    wrong,
)

pytestmark = pytest.mark.django_db


# --- The story ------------------------------------------------------------------------------------


def test_adding_an_address(email_alone, browser, bob):
    assert lands(browser.get(ADD), START)  # with one possibility it goes straight there
    start = text_of(browser.get(START))
    assert "Use an address that you can open without your work password." in start
    assert "It can't be your work or school address." in start
    assert "Email address" in start

    sent = browser.post(START, BOB)
    page = text_of(browser.get(VERIFY))
    assert lands(sent, VERIFY)
    assert "with a 6-digit code to bob@example.net." in page
    assert "Verify your email" in page
    assert f"ref {newest().reference}" in page
    assert "Sending your code…" in page
    assert "Don't see the email?" in page
    assert "Check that bob@example.net is right. Look in your Junk or Spam folder." in page
    assert "It can take a few minutes." in page
    assert "Use a different address" in page
    assert "Send a new code" in page
    assert "Never share this code. Nobody from Your organization will ask for it." in page
    assert "I want to set up a different method" not in page

    after = browser.post(VERIFY, right(), follow=True)
    assert after.redirect_chain == [(LIST, 302)]
    assert ADDED in text_of(after)
    assert Registration.objects.of(bob).get().is_default


def test_a_wrong_code_is_told_with_the_tries_that_are_left(browser):
    """C5: from three left on; the code field comes back empty."""
    browser.post(START, BOB)

    pages = [browser.post(VERIFY, wrong()) for _ in range(4)]

    texts = [text_of(page) for page in pages]
    assert [page.status_code for page in pages] == [422] * 4
    assert WRONG in texts[0]
    assert "left" not in texts[0]
    assert f"{WRONG} You have 3 tries left." in texts[1]
    assert f"{WRONG} You have 2 tries left." in texts[2]
    assert f"{WRONG} You have 1 try left." in texts[3]
    assert "There is a problem" in texts[0]
    assert wrong()["code"] not in pages[0].content.decode()


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", "Enter the 6-digit code."),
        ("12345", "The code has 6 digits."),
        ("abcdef", "The code has 6 digits."),
        ("1" * 5_000, "The code has 6 digits."),
        ("\x00", "The code has 6 digits."),
    ],
)
def test_what_is_no_code_costs_no_try(browser, typed, error):
    """R011."""
    browser.post(START, BOB)

    page = browser.post(VERIFY, {"code": typed})

    assert page.status_code == 422
    assert error in text_of(page)
    assert newest().tries == 0


def test_a_code_is_taken_as_it_is_pasted(browser, bob):
    browser.post(START, BOB)
    code = right()["code"]

    browser.post(VERIFY, {"code": f" {code[:3]} {code[3:]} "})

    assert Registration.objects.of(bob).confirmed().exists()


def test_after_too_many_codes_a_new_one_helps(browser, bob):
    browser.post(START, BOB)
    Challenge.objects.update(tries=4)
    last = browser.post(VERIFY, wrong())
    with_the_right_one = browser.post(VERIFY, right())
    early = browser.post(RESEND, follow=True)
    kinds.pass_time(seconds=31)
    later = browser.post(RESEND, follow=True)

    assert EXHAUSTED in text_of(last)
    assert EXHAUSTED in text_of(with_the_right_one)
    assert "Wait until" in text_of(early)
    assert later.redirect_chain == [(VERIFY, 302)]
    assert lands(browser.post(VERIFY, right()), LIST)
    assert codes_sent() == 2


def test_after_too_many_codes_a_wait_is_told_before_a_new_one_is_asked_for(browser):
    """The tries of a code are those of the account's window: a new code would not be looked at."""
    browser.post(START, BOB)
    for _ in range(5):
        last = browser.post(VERIFY, wrong())
    again = browser.get(VERIFY)
    refused = browser.post(VERIFY, right())

    until = re.search(r"Wait until (\d\d:\d\d), then", text_of(refused))[1]
    for page in (last, again):
        assert EXHAUSTED in text_of(page)
        assert f"You can try again, with any method, from {until}." in text_of(page)


def test_after_too_many_codes_there_is_no_field_that_nothing_can_be_done_with(browser):
    browser.post(START, BOB)
    Challenge.objects.update(tries=4)
    last = browser.post(VERIFY, wrong())
    again = browser.get(VERIFY)

    for page in (last, again):
        words = page.content.decode()
        assert text_of(page).count(EXHAUSTED) == 1
        assert 'name="code"' not in words
        assert ">Done<" not in words
        assert "Send a new code" in words
        assert f'href="{START}"' in words
    kinds.pass_time(seconds=31)
    assert 'name="code"' in browser.post(RESEND, follow=True).content.decode()


def test_an_expired_code_is_told_so_and_a_new_one_helps(browser):
    browser.post(START, BOB)
    kinds.pass_time(minutes=11)
    old = right()
    late = browser.post(VERIFY, old)

    browser.post(RESEND)

    assert late.status_code == 422
    assert EXPIRED in text_of(late)
    assert WRONG in text_of(browser.post(VERIFY, old))
    assert lands(browser.post(VERIFY, right()), LIST)


def test_who_asks_for_a_new_code_too_early_is_told_when(browser):
    browser.post(START, BOB)
    ready = times.clock(newest().issued_at + timedelta(seconds=30), seconds=True)

    page = browser.post(RESEND, follow=True)

    assert f"Wait until {ready}, then ask for a new code." in text_of(page)
    assert f"You can ask again at {ready}" in text_of(page)
    assert codes_sent() == 1


def test_who_has_had_too_many_codes_is_told_until_when(browser):
    """C10."""
    for number in range(12):
        page = browser.post(START, {"address": f"b{number}@example.net"})
        if page.status_code == 422:
            break

    assert page.status_code == 422
    assert "No more codes can be sent to this address until" in text_of(page)
    assert "Choose another way." in text_of(page)
    assert codes_sent() == 5


def test_a_mistyped_address_is_corrected(browser, bob):
    """EM3: the form comes back as it was filled in; the code goes to the new address."""
    browser.post(START, {"address": "bbo@example.net"})
    mistyped = right()

    again = browser.get(START)
    browser.post(START, BOB)

    assert 'value="bbo@example.net"' in again.content.decode()
    assert "bob@example.net" in text_of(browser.get(VERIFY))
    assert browser.post(VERIFY, mistyped).status_code == 422
    assert lands(browser.post(VERIFY, right()), LIST)
    assert Registration.objects.of(bob).confirmed().get().details == BOB


def test_canceling_leaves_nothing_behind(browser, bob):
    """K2: also of an address that was corrected on the way."""
    browser.post(START, {"address": "bbo@example.net"})
    browser.post(START, BOB)

    response = browser.post(START, {"cancel": "cancel"})

    assert lands(response, LIST)
    assert not Registration.objects.exists()
    assert not Challenge.objects.exists()
    assert lands(browser.get(VERIFY), START)
    assert "bob@example.net" not in browser.get(START).content.decode()


def test_canceling_goes_even_when_the_kind_was_switched_off(browser):
    browser.post(START, BOB)
    kinds.allow("email", state="off")

    page = browser.post(START, {"cancel": "cancel"}, follow=True)

    assert page.redirect_chain == [(LIST, 302)]
    assert GONE not in text_of(page)
    assert not Registration.objects.exists()


def test_the_same_form_in_a_second_tab_sends_nothing_more(browser):
    """C11: a double click, a second tab."""
    first = browser.post(START, BOB)
    second = browser.post(START, {"address": "BOB@example.net"})

    assert lands(first, VERIFY)
    assert lands(second, VERIFY)
    assert codes_sent() == 1
    assert Registration.objects.count() == 1
    assert lands(browser.post(VERIFY, right()), LIST)


def test_reloading_the_page_of_the_code_sends_nothing(browser):
    """C11."""
    browser.post(START, BOB)

    for _ in range(3):
        browser.get(VERIFY)

    assert codes_sent() == 1


def test_sending_the_code_twice_adds_once(browser, bob):
    """R131, F14: twenty times the same form, one effect; each answer is the first one's."""
    browser.post(START, BOB)
    code = right()

    answers = [browser.post(VERIFY, code) for _ in range(20)]

    assert all(lands(each, LIST) for each in answers)
    assert Registration.objects.of(bob).count() == 1
    assert Event.objects.filter(tag="method.registered").count() == 1
    assert Message.objects.filter(category="notice").count() == 2


def test_the_back_button_after_the_end_leads_to_the_list(browser):
    browser.post(START, BOB)
    browser.post(VERIFY, right())

    assert lands(browser.get(VERIFY), LIST)
    assert "bob@example.net" not in browser.get(START).content.decode()


def test_a_flow_that_took_too_long_starts_over(browser):
    """C13."""
    browser.post(START, BOB)

    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1), tick=False):
        stale = browser.post(VERIFY, right(), follow=True)
        once_more = browser.get(START)

    assert stale.redirect_chain == [(START, 302)]
    assert STALE in text_of(stale)
    assert STALE not in text_of(once_more)
    assert not Registration.objects.filter(confirmed=True).exists()


def test_who_sends_the_form_of_a_flow_that_is_over_just_begins_anew(browser):
    """Nothing is lost then, so nothing is said."""
    browser.post(START, BOB)

    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1), tick=False):
        page = browser.post(START, BAKER, follow=True)

    assert page.redirect_chain == [(VERIFY, 302)]
    assert STALE not in text_of(page)


def test_a_kind_that_is_switched_off_in_the_middle(browser):
    browser.post(START, BOB)
    code = right()
    kinds.allow("email", state="off")

    for response in (
        browser.post(VERIFY, code, follow=True),
        browser.post(RESEND, follow=True),
        browser.get(START, follow=True),
        browser.post(START, BOB, follow=True),
    ):
        assert response.redirect_chain == [(LIST, 302)]
        assert GONE in text_of(response)
    assert not Registration.objects.filter(confirmed=True).exists()


def test_a_channel_that_is_stopped_says_so(browser):
    OrgPolicy.objects.update(email_switch=False)

    page = browser.get(START, follow=True)

    assert page.redirect_chain == [(LIST, 302)]
    assert "Email isn't working right now. Choose another way." in text_of(page)


def test_at_the_maximum_nothing_is_added(email_alone, browser, bob):
    """K4."""
    kinds.allow("email", maximum=1)
    kinds.register(bob, form=BOB)

    chooser = browser.get(ADD)
    posted = browser.post(START, BAKER, follow=True)

    assert "You already have everything your organization allows." in text_of(chooser)
    assert (
        "Don't see the method you want? Your organization may not allow it. "
        "Choose another method or contact your IT helpdesk." in text_of(chooser)
    )
    assert posted.redirect_chain == [(LIST, 302)]
    assert MOST in text_of(posted)


def test_at_the_maximum_what_was_begun_before_is_not_finished(browser, bob):
    browser.post(START, BAKER)
    code = right()
    kinds.register(bob, form=BOB, flow="f9")
    kinds.allow("email", maximum=1)

    page = browser.post(VERIFY, code, follow=True)

    assert MOST in text_of(page)
    assert Registration.objects.of(bob).confirmed().count() == 1


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", "Enter an email address, like name@example.com."),
        ("bob", "Enter an email address, like name@example.com."),
        (
            "bob@example.org",
            "This can't be your work or school address. Use a private address.",
        ),
    ],
)
def test_an_address_that_can_not_be_used_is_told_so_and_stays(browser, typed, error):
    page = browser.post(START, {"address": typed})

    assert page.status_code == 422
    assert error in text_of(page)
    assert f'value="{typed}"' in page.content.decode() or not typed
    assert codes_sent() == 0


def test_an_address_that_is_there_is_told_so(browser, bob):
    kinds.register(bob, form=BOB)
    kinds.pass_time(minutes=3)

    page = browser.post(START, {"address": "BOB@example.net"})

    assert page.status_code == 422
    assert "You've already added this address." in text_of(page)


def test_an_address_that_somebody_else_has_is_not_given_away(browser, eve):
    """K3: the same answer as for any other."""
    kinds.register(eve, form=BOB)
    kinds.pass_time(minutes=3)

    assert lands(browser.post(START, BOB), VERIFY)


def test_a_kind_that_does_not_exist_is_no_page(browser):
    assert browser.get("/security-info/add/pigeon/").status_code == 404
    assert browser.post("/security-info/add/pigeon/verify/").status_code == 404


# --- Two kinds ------------------------------------------------------------------------------------


def test_with_two_kinds_there_is_a_choice(email_alone, browser, token_kind):
    chooser = text_of(browser.get(ADD))

    assert "Which method would you like to set up?" in chooser
    assert chooser.index("A thing that counts.") < chooser.index("We email you a code.")
    assert "Recommended" not in chooser
    assert lands(browser.post(ADD, {"kind": "email"}), START)
    assert "I want to set up a different method" in text_of(browser.get(START))


def test_a_recommended_kind_comes_first_and_is_marked(browser, token_kind):
    kinds.allow("email", state="recommended")

    chooser = text_of(browser.get(ADD))

    assert chooser.index("We email you a code.") < chooser.index("A thing that counts.")
    assert "Recommended" in chooser


@pytest.mark.parametrize(
    ("form", "error"),
    [({}, "Choose a method."), ({"kind": "pigeon"}, GONE), ({"kind": ""}, "Choose a method.")],
)
def test_without_a_choice_nothing_follows(browser, token_kind, form, error):
    page = browser.post(ADD, form)

    assert page.status_code == 422
    assert error in text_of(page)


def test_a_kind_that_is_out_of_order_comes_last_and_says_so(browser, token_kind):
    kinds.allow("email", state="recommended")
    OrgPolicy.objects.update(email_switch=False)

    chooser = text_of(browser.get(ADD))

    assert chooser.index("A thing that counts.") < chooser.index("We email you a code.")
    assert "Not working right now" in chooser


# --- Other people, other browsers -----------------------------------------------------------------


def test_other_peoples_methods_are_no_pages(browser, eve):
    hers = kinds.register(eve)

    for name in ("change", "change-verify", "delete"):
        address = reverse(f"methods:{name}", args=[hers.uuid])
        assert browser.get(address).status_code == 404
        assert browser.post(address, BAKER).status_code == 404
    assert browser.post(reverse("methods:change-resend", args=[hers.uuid])).status_code == 404
    assert browser.get(reverse("methods:change-status", args=[hers.uuid])).status_code == 404
    assert Registration.objects.of(eve).get() == hers


def test_a_code_works_in_the_browser_that_asked_for_it_alone(browser, bob, signed_in):
    """R003, C2, K2: the same person, the right code, another browser."""
    browser.post(START, BOB)
    other = signed_in(bob)

    assert lands(other.post(VERIFY, right()), START)
    other.post(START, BAKER)
    mine = Challenge.objects.exclude(registration__fingerprint=newest().destination).get()
    stolen = other.post(VERIFY, kinds.right(mine))

    assert stolen.status_code == 422
    assert not Registration.objects.filter(confirmed=True).exists()


def test_a_code_answers_for_its_person_and_page_alone(browser, bob, eve, signed_in):
    """R003: person × page; all refused but one, and no session is changed."""
    old = kinds.register(bob, form=BAKER)
    hers = kinds.register(eve, form={"address": "eve@example.net"})
    kinds.pass_time(minutes=3)
    browser.post(START, BOB)
    code, challenge = right(), newest()
    eves = signed_in(eve)
    pages = {
        (browser, reverse("methods:change-verify", args=[old.uuid])),
        (browser, "/keep-secure/email/verify/"),
        (eves, VERIFY),
        (eves, reverse("methods:change-verify", args=[old.uuid])),
        (eves, reverse("methods:change-verify", args=[hers.uuid])),
        (Client(), VERIFY),
    }
    users = list(Session.objects.order_by("pk").values_list("user", flat=True))

    answers = [client.post(address, code).status_code for client, address in pages]

    assert set(answers) <= {302, 404}
    assert kinds.reload(challenge).tries == 0
    assert Registration.objects.confirmed().count() == 2
    assert (
        list(Session.objects.order_by("pk").values_list("user", flat=True))[: len(users)] == users
    )
    assert lands(browser.post(VERIFY, code), LIST)


def test_what_one_person_has_begun_another_one_in_the_same_browser_can_not_end(client, bob, eve):
    """R003: the session goes on before anybody is signed in; the challenge names its person."""
    verify = "/keep-secure/email/verify/"
    post_sign_in(client, "bob")
    client.post("/keep-secure/email/", BOB)
    begun = {key: value for key, value in client.session.items() if key.startswith("flow:set-up")}
    post_sign_in(client, "eve")
    session = client.session
    session.update(begun)  # as if nothing had cleared it on the way
    session.save()

    answers = [client.get(verify), client.post(verify, right())]

    assert begun
    assert all(lands(each, "/keep-secure/email/") for each in answers)
    assert newest().tries == 0
    assert not Registration.objects.confirmed().exists()


@pytest.mark.parametrize("address", [LIST, ADD, START, VERIFY, DEFAULT, ACTIVITY])
def test_who_is_not_signed_in_is_asked_to(db, address):
    response = Client().get(address)

    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")


def test_after_ten_minutes_a_change_asks_for_a_proof_first(browser, bob):
    """R081 as far as it is built: URL × a proof that is eleven minutes old."""
    registration = kinds.register(bob)
    pages = [ADD, START, VERIFY, DEFAULT, "/security-info/show-in-full/"]
    pages += [
        reverse(f"methods:{name}", args=[registration.uuid])
        for name in ("change", "change-verify", "delete")
    ]
    posts = [*pages[:4], *pages[5:], RESEND]
    posts += [reverse("methods:change-resend", args=[registration.uuid])]
    stale_session()

    asked = [browser.get(page) for page in pages] + [browser.post(page) for page in posts]

    assert all(each.status_code == 302 for each in asked)
    assert all(each["Location"].startswith("/confirm/?next=") for each in asked)
    assert Registration.objects.of(bob).exists()


# --- Too many tries -------------------------------------------------------------------------------


def test_who_has_tried_too_often_waits(browser, make_person, bob):
    """C7, C9: one network address, many accounts; then the right code is not looked at."""
    for number in range(20):
        person = make_person(f"p{number}")
        challenge = kinds.begin(person, kinds.registry.get("email"), {"address": f"p{number}@x.nl"})
        actor = kinds.actor_for(person, kinds.Origin(address="127.0.0.1"))
        try:
            kinds.confirm(challenge, kinds.wrong(challenge), actor=actor)
        except kinds.challenges.throttling.Throttled:
            break
    browser.post(START, BOB)

    page = browser.post(VERIFY, right())

    assert page.status_code == 429
    assert 0 < int(page["Retry-After"]) <= 300
    assert f'href="{VERIFY}"' in page.content.decode()  # the way back
    assert "Too many tries" in text_of(page)
    assert "Wait until" in text_of(page)
    assert "Nothing on your account has changed." in text_of(page)
    assert newest().tries == 0


def test_the_page_of_a_wait_says_not_which_limit_was_reached(browser, bob):
    """C9: the account's limit gives the same page."""
    browser.post(START, BOB)
    for _ in range(12):
        Challenge.objects.update(tries=0, closed_at=None, outcome="")
        page = browser.post(VERIFY, wrong())
        if page.status_code == 429:
            break

    assert page.status_code == 429
    assert "Too many tries" in text_of(page)
    assert "account" not in text_of(page).replace("Nothing on your account has changed.", "")
