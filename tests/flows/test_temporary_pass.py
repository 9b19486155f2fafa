"""Signing in with a temporary access pass: from the password to a method of one's own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from accounts import passes
from accounts.models import Session, TemporaryPass, User
from methods.models import Registration
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.policy.models import OrgPolicy
from tests import kinds
from tests.accounts.doors import (
    HOME,
    KEEP_SECURE,
    SIGN_IN,
    SUMMARY,
    VERIFY,
    allow,
    is_signed_in,
    policy,
    post_password,
    set_up_email,
)
from tests.flows.proofs import OTHER, has, is_said, mistake, new_browser, newest, proving, ways
from tests.flows.steps import lands, text_of
from tests.passes import PASS, WRONG_PASS, issue, let_in, type_in

pytestmark = pytest.mark.django_db

USE = "Use a temporary access pass"
I_HAVE = "I have a temporary access pass"
CHOOSE = "/keep-secure/choose/"


def set_up_app(client, address="/keep-secure/authenticator/"):
    client.get(address)
    return client.post(address, kinds.right(newest(purpose="register")))


def age(**duration):
    by = timedelta(**duration)
    for name in ("created_at", "expires_at", "used_at"):
        TemporaryPass.objects.update(**{name: F(name) - by})


def told(user):
    notices = Message.objects.filter(user=user, category="notice")
    return [message.sealed["subject"] for message in notices]


# --- What is offered ------------------------------------------------------------------------------


def test_a_live_pass_is_offered_beside_the_methods(bob):
    has(bob, "authenticator")
    issue(bob)
    browser = proving(bob)

    page, choice = browser.get(VERIFY), browser.get(OTHER)

    assert is_said(page, I_HAVE)
    assert ways(choice)[-1] == USE
    assert lands(browser.post(OTHER, {"way": choice.context["cards"][-1]["value"]}), PASS)


def test_without_a_pass_none_is_offered(bob):
    has(bob, "authenticator")
    has(bob, "email")
    browser = proving(bob)

    assert not is_said(browser.get(VERIFY), I_HAVE)
    assert USE not in ways(browser.get(OTHER))


def test_where_nothing_else_works_the_page_names_the_helpdesk_and_takes_a_pass(bob):
    """RR11."""
    method = has(bob, "authenticator")
    Registration.objects.filter(pk=method.pk).update(suspended_at="2026-01-01T00:00Z")
    browser = proving(bob)

    page = browser.get(VERIFY)

    assert is_said(
        page,
        "You can't sign in with your methods right now. "
        "Contact your IT helpdesk for a temporary access pass.",
    )
    assert is_said(page, I_HAVE)
    assert browser.get(PASS).status_code == 200


def test_the_page_says_where_the_pass_comes_from(bob):
    has(bob, "authenticator")
    issue(bob)

    text = text_of(proving(bob).get(PASS))

    assert "Enter your temporary access pass You got it from the helpdesk." in text


def test_policy_may_have_no_passes(bob):
    has(bob, "authenticator")
    text = issue(bob)
    browser = proving(bob)
    allow("temporary-pass", state="off")

    assert not is_said(browser.get(VERIFY), I_HAVE)
    assert lands(type_in(browser, text), VERIFY)
    assert TemporaryPass.objects.live().exists()


def test_before_the_password_there_is_no_page_for_a_pass(bob):
    text = issue_with_email(bob)
    browser = new_browser()

    assert lands(browser.get(PASS), SIGN_IN)
    assert lands(type_in(browser, text), SIGN_IN)


def issue_with_email(user):
    kinds.allow("email")
    return issue(user)


# --- What is typed --------------------------------------------------------------------------------


def test_a_pass_may_be_typed_in_any_way(bob):
    has(bob, "authenticator")
    text = issue(bob)

    page = type_in(proving(bob), text.lower().replace("-", " "))

    assert lands(page, KEEP_SECURE)


def test_a_wrong_pass_says_so_in_one_text(bob):
    has(bob, "authenticator")
    text = issue(bob)
    browser = proving(bob)

    wrong = type_in(browser, "AAAA-BBBB-CCCC")
    age(minutes=61)
    expired = type_in(browser, text)

    for page in (wrong, expired):
        assert page.status_code == 422
        assert is_said(page, WRONG_PASS)


@pytest.mark.parametrize("typed", ["", "123456", "A" * 13, "A" * 5000, "\x00" * 12, "é" * 12])
def test_what_can_be_no_pass_is_refused_unread(bob, typed):
    """R011."""
    has(bob, "authenticator")
    issue(bob)

    page = type_in(proving(bob), typed)

    assert page.status_code == 422
    assert not Event.objects.filter(tag="pass.used").exists()


def test_after_five_wrong_ones_everything_waits(bob):
    """C6: the methods too, for it is one account."""
    has(bob, "authenticator")
    text = issue(bob)
    browser = proving(bob)
    for _ in range(5):
        type_in(browser, "AAAA-BBBB-CCCC")

    page = type_in(browser, text)

    assert page.status_code == 429
    assert page["Retry-After"]
    assert browser.post(VERIFY, {"code": "000000"}).status_code == 429


def test_the_third_wrong_one_is_told_to_the_owner(bob):
    """N9: whoever guesses knows the password."""
    has(bob, "authenticator")
    issue(bob)
    browser = proving(bob)
    mistake(browser)

    for _ in range(2):
        type_in(browser, "AAAA-BBBB-CCCC")

    assert "Somebody may know your password" in told(bob)


# --- What it opens --------------------------------------------------------------------------------


def test_a_person_without_methods_registers_and_is_signed_in(bob):
    """TP2, SE4: the limited session becomes a normal one when registration is finished."""
    kinds.allow("email")
    policy(methods_to_register=1)
    passes.require(bob)
    browser = let_in(bob)
    before = is_signed_in(browser)

    set_up_email(browser)
    done = browser.post(SUMMARY)

    assert not before
    assert lands(done, HOME)
    assert is_signed_in(browser)
    assert not TemporaryPass.objects.open().exists()
    assert "Your temporary access pass was used" in told(bob)


def test_what_is_registered_as_the_first_is_trusted_at_once(bob):
    """K9."""
    kinds.allow("email")
    policy(methods_to_register=1)
    browser = let_in_without_methods(bob)

    set_up_email(browser)

    assert not Registration.objects.of(bob).get().is_new()


def let_in_without_methods(user):
    passes.require(user)
    return let_in(user)


def test_beside_older_methods_a_new_one_waits(bob):
    """K9, R059: it removes none of them in its first hours."""
    has(bob, "authenticator")
    kinds.allow("email")
    browser = let_in(bob)

    set_up_email(browser)

    assert Registration.objects.get(kind="email").is_new()
    assert lands(browser.post(SUMMARY), HOME)


def test_a_method_must_be_set_up_though_there_are_others(bob):
    """R057: the pass alone opens no session."""
    has(bob, "authenticator")
    has(bob, "email")
    browser = let_in(bob)

    assert lands(browser.get(SUMMARY), KEEP_SECURE)
    assert lands(browser.post(SUMMARY), KEEP_SECURE)
    assert lands(browser.post("/keep-secure/skip/"), KEEP_SECURE)
    assert not is_signed_in(browser)


def test_there_is_no_grace_after_a_pass(bob):
    """HD7."""
    kinds.allow("email")
    policy(grace_days=10, grace_skips=10)
    browser = let_in_without_methods(bob)

    assert not is_said(browser.get(KEEP_SECURE), "Skip for now")
    assert lands(browser.post("/keep-secure/skip/"), KEEP_SECURE)
    assert not Session.objects.exclude(user=None).exists()


def test_only_what_signs_in_is_set_up_first(bob):
    kinds.allow("authenticator", for_sign_in=False)
    kinds.allow("email")
    browser = let_in_without_methods(bob)

    assert lands(browser.get("/keep-secure/authenticator/"), KEEP_SECURE)
    assert browser.get("/keep-secure/email/").status_code == 200


def test_the_lost_number_may_be_replaced(bob):
    """R057: where there is room for one of the kind, the new one takes its place."""
    old = has(bob, "email", {"address": "lost@example.net"})
    kinds.allow("email", maximum=1)
    browser = let_in(bob)
    address = f"/keep-secure/{old.uuid}/"

    choice = browser.get(CHOOSE)
    page = browser.get(address)
    browser.post(address, {"address": "new@example.net"})
    code = kinds.right(newest(purpose="register"))
    changed = browser.post(f"{address}verify/", code, follow=True)
    done = browser.post(SUMMARY)

    method = Registration.objects.of(bob).get()
    assert ways(choice)[-1] == "Replace Email, l•••@example.net"
    assert "lost@example.net" not in page.content.decode()
    assert is_said(changed, "Email was changed.")
    assert (method.pk, method.details["address"]) == (old.pk, "new@example.net")
    assert lands(done, HOME)
    assert is_signed_in(browser)


def test_a_lost_app_may_be_moved_to_another_phone(bob):
    old = has(bob, "authenticator")
    browser = let_in(bob)

    changed = set_up_app(browser, f"/keep-secure/{old.uuid}/")

    assert lands(changed, SUMMARY)
    assert Registration.objects.of(bob).get().pk == old.pk
    assert lands(browser.post(SUMMARY), HOME)


def test_nobody_elses_method_is_replaced(bob, eve):
    has(bob, "authenticator")
    hers = has(eve, "email")
    browser = let_in(bob)

    assert browser.get(f"/keep-secure/{hers.uuid}/").status_code == 404


def test_what_was_disowned_waits_for_the_helpdesk(bob):
    method = has(bob, "email")
    has(bob, "authenticator")
    Registration.objects.filter(pk=method.pk).update(suspended_at="2026-01-01T00:00Z")
    browser = let_in(bob)

    assert lands(browser.get(f"/keep-secure/{method.uuid}/"), KEEP_SECURE)


def test_a_new_password_that_is_due_comes_first(bob):
    """RR12."""
    has(bob, "authenticator")
    User.objects.update(must_change_password=True)
    text = issue(bob)
    browser = proving(bob)

    due = type_in(browser, text)
    new = {"new_password": "seven green bottles", "new_password_again": "seven green bottles"}
    after = browser.post("/sign-in/new-password/", new)

    assert lands(due, "/sign-in/new-password/")
    assert lands(after, KEEP_SECURE)
    assert not is_signed_in(browser)


def test_signing_out_ends_what_the_pass_has_opened(bob):
    has(bob, "authenticator")
    browser = let_in(bob)

    assert lands(browser.post("/sign-out/"), SIGN_IN)
    assert lands(browser.get(KEEP_SECURE), SIGN_IN)


# --- Re-registration (HD7) ------------------------------------------------------------------------


def test_whoever_has_to_register_again_is_asked_for_the_pass_at_once(bob):
    kinds.allow("email")
    passes.require(bob)
    issue(bob)

    assert lands(post_password(new_browser(), "bob"), PASS)


def test_without_a_pass_the_page_says_whom_to_ask(bob):
    kinds.allow("email")
    policy(helpdesk_text="the service desk", helpdesk_phone="020 123 4567")
    passes.require(bob)
    browser = new_browser()

    lands_at = post_password(browser, "bob")
    page = browser.get(VERIFY)

    assert lands(lands_at, VERIFY)
    assert "You need a temporary access pass" in text_of(page)
    assert "Contact the service desk" in text_of(page)
    assert "020 123 4567" in text_of(page)
    assert is_said(page, I_HAVE)
    assert browser.get(PASS).status_code == 200


def test_where_policy_asks_for_no_pass_registration_follows_without_grace(bob):
    kinds.allow("email")
    policy(pass_after_reset=False, grace_days=10, grace_skips=10, registration_required=False)
    passes.require(bob)
    browser = new_browser()

    assert lands(post_password(browser, "bob"), KEEP_SECURE)
    assert not is_said(browser.get(KEEP_SECURE), "Skip for now")


def test_once_there_is_a_method_it_is_asked_for_and_no_pass(bob):
    """Whoever closed the browser before the end starts over, with the method."""
    kinds.allow("email")
    browser = let_in_without_methods(bob)
    set_up_email(browser)

    again = new_browser()
    page = post_password(again, "bob")

    assert lands(page, VERIFY)
    assert not is_said(again.get(VERIFY), "You need a temporary access pass")


def test_a_trusted_browser_is_no_pass(bob):
    kinds.allow("email")
    OrgPolicy.objects.update(trusted_browser_days=30)
    passes.require(bob)

    assert lands(post_password(new_browser(), "bob"), VERIFY)
