"""A forgotten password and no method left: the pass that was issued for both (TP3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from accounts import passes, passwords
from accounts.models import Session, TemporaryPass, User
from methods import registry
from methods.models import Registration
from securityinfo.actor import COMMAND_LINE
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from tests import kinds
from tests.accounts.doors import KEEP_SECURE, VERIFY, allow, policy, post_password
from tests.flows.proofs import has, is_said, new_browser, ways
from tests.flows.reset_steps import (
    CHECK,
    CODE,
    DONE,
    NEW,
    PASSWORD_PAGE,
    RESET,
    STALE,
    STOPPED,
    identify,
    set_password,
)
from tests.flows.steps import lands, text_of
from tests.passes import WRONG_PASS, issue, type_in

pytestmark = pytest.mark.django_db

USE = "Use a temporary access pass"
KIND = registry.issued().kind


@pytest.fixture(autouse=True)
def _a_kind_to_register(db):
    kinds.allow("email")


def asked(name="bob"):
    """A browser on the page that asks for the pass."""
    browser = new_browser()
    identify(browser, name)
    assert lands(browser.post(CHECK, {"way": KIND}), CODE)
    return browser


def checked(user, name=None):
    """A browser in which the pass was right."""
    text = issue(user, sets_password=True)
    browser = asked(name or user.username)
    return browser, text, browser.post(CODE, {"code": text})


def age(**duration):
    by = timedelta(**duration)
    for name in ("created_at", "expires_at", "used_at"):
        TemporaryPass.objects.update(**{name: F(name) - by})


def told(user):
    notices = Message.objects.filter(user=user, category="notice")
    return [message.sealed["subject"] for message in notices]


def test_a_pass_is_offered_to_everybody_as_the_first_check(bob):
    """PR3."""
    browser = new_browser()
    identify(browser, "nobody-of-this-name")

    page = browser.get(CHECK)

    assert USE in ways(page)
    assert "Enter the temporary access pass that you got" in text_of(asked("nobody").get(CODE))


def test_the_pass_is_the_only_check_and_opens_the_sign_in_that_follows(bob):
    """TP3: it has lost the methods, and forgotten the password."""
    has(bob, "authenticator")
    browser, text, page = checked(bob)

    done = set_password(browser)
    says = browser.get(DONE)
    again = new_browser()
    post_password(again, "bob", NEW)
    opened = type_in(again, text)

    assert lands(page, PASSWORD_PAGE)
    assert lands(done, DONE)
    assert is_said(says, "Now sign in with your new password and the same temporary access pass.")
    assert lands(opened, KEEP_SECURE)
    assert passwords.matches(User.objects.get(pk=bob.pk), NEW)


def test_it_is_told_to_all_contacts(bob):
    """N6, N13, N5."""
    browser, _text, _page = checked(bob)
    set_password(browser)

    assert {"Your temporary access pass was used", "Your password was reset"} <= set(told(bob))


def test_it_is_recorded(bob):
    checked(bob)

    events = Event.objects.filter(subject=bob.public_id).values_list("tag", "kind", "purpose")
    assert ("reset.check_passed", KIND, "") in events
    assert ("pass.used", "", "reset") in events


def test_one_pass_resets_once(bob):
    browser, text, _page = checked(bob)
    set_password(browser)

    again = asked().post(CODE, {"code": text})

    assert again.status_code == 422
    assert is_said(again, WRONG_PASS)


def test_a_pass_for_signing_in_resets_nothing(bob):
    text = issue(bob)

    page = asked().post(CODE, {"code": text})

    assert page.status_code == 422
    assert TemporaryPass.objects.live().exists()


@pytest.mark.parametrize("name", ["bob", "eve", "nobody"])
def test_every_wrong_answer_reads_the_same(bob, eve, name):
    """R072: whoever it is, and whatever is wrong."""
    text = issue(bob, sets_password=True)
    age(minutes=61)

    page = asked(name).post(CODE, {"code": text})

    assert page.status_code == 422
    assert is_said(page, WRONG_PASS)


def test_the_pass_of_somebody_else_is_wrong(bob, eve):
    text = issue(bob, sets_password=True)

    assert asked("eve").post(CODE, {"code": text}).status_code == 422
    assert asked("bob").post(CODE, {"code": text}).status_code == 302


def test_wrong_passes_are_counted_like_every_answer_of_a_reset(bob):
    """PR9: five in an hour; then a right one isn't looked at."""
    text = issue(bob, sets_password=True)
    browser = asked()
    statuses = [browser.post(CODE, {"code": "AAAA-BBBB-CCCC"}).status_code for _ in range(5)]

    assert statuses == [422] * 5
    assert browser.post(CODE, {"code": text}).status_code == 429


def test_staff_need_no_second_check_after_a_pass(ada):
    """PR6."""
    kinds.allow("authenticator")
    browser, _text, page = checked(ada, "ada")

    assert lands(page, PASSWORD_PAGE)
    assert lands(set_password(browser), DONE)


def test_a_pass_holds_no_channel(bob):
    """PR8: it proved none."""
    has(bob, "authenticator")
    has(bob, "email")
    browser, _text, _page = checked(bob)
    set_password(browser)

    assert not Registration.objects.exclude(held_until=None).exists()
    assert not Event.objects.filter(tag="reset.hold_started").exists()


def revoked(user):
    passes.revoke(user, actor=COMMAND_LINE)


def replaced(user):
    issue(user, sets_password=True)


@pytest.mark.parametrize("end", [revoked, replaced])
def test_a_pass_that_was_ended_takes_its_reset_with_it(bob, end):
    """R058."""
    browser, _text, _page = checked(bob)

    end(bob)
    page = set_password(browser)

    assert lands(page, RESET)
    assert is_said(browser.get(RESET), STALE)
    assert not passwords.matches(User.objects.get(pk=bob.pk), NEW)


def test_a_pass_that_ends_in_this_moment_sets_no_password(bob, monkeypatch):
    """The agent has noticed the stranger, whose last page is on its way."""
    browser, _text, _page = checked(bob)
    encoded = passwords.encoded

    def slowly(password):
        revoked(bob)
        return encoded(password)

    monkeypatch.setattr(passwords, "encoded", slowly)
    set_password(browser)

    assert not passwords.matches(User.objects.get(pk=bob.pk), NEW)


def test_where_policy_forbids_resets_a_pass_does_not_help(bob):
    """PR5: also if it was allowed when the pass was issued."""
    text = issue(bob, sets_password=True)
    policy(reset_for="nobody")
    browser = asked()

    page = browser.post(CODE, {"code": text})

    assert lands(page, STOPPED)


def test_where_passes_are_off_for_resets_they_are_not_offered(bob):
    browser, text = new_browser(), issue(bob, sets_password=True)
    allow(KIND, for_reset=False)
    identify(browser)

    assert USE not in ways(browser.get(CHECK))
    assert browser.post(CHECK, {"way": KIND}).status_code == 422
    assert text


def test_nobody_is_signed_in_by_it(bob):
    """PR11."""
    has(bob, "authenticator")
    browser, _text, _page = checked(bob)
    set_password(browser)

    assert not Session.objects.exclude(user=None).exists()
    assert lands(post_password(new_browser(), "bob", NEW), VERIFY)


def test_who_remembers_the_password_may_use_it_to_sign_in_at_once(bob):
    has(bob, "authenticator")
    text = issue(bob, sets_password=True)
    browser = new_browser()
    post_password(browser, "bob")

    assert lands(type_in(browser, text), KEEP_SECURE)
    assert asked().post(CODE, {"code": text}).status_code == 422
