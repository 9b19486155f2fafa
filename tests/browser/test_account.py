"""Passwords and sessions, as a person meets them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.db.models import F
from django.test import Client
from playwright.sync_api import expect

from accounts.models import Session
from securityinfo.policy.models import OrgPolicy
from tests.browser import steps
from tests.servers.demo import PASSWORD

NEW = "seven otters juggle lanterns"


def choose(page, password, *, twice):
    """Types a new password; twice where it can't be shown."""
    page.get_by_label("New password", exact=True).fill(password)
    again = page.get_by_label("New password again")
    if twice:
        again.fill(password)
    else:
        expect(again).to_have_count(0)


def sign_in_again(site, page, name, password):
    page.context.clear_cookies()
    steps.sign_in(site, page, name, password)


def test_a_password_is_changed_and_the_other_browser_is_out(site, page, new_page, javascript):
    name = steps.newcomer_in(site, page)
    page.get_by_role("link", name="Change password").click()
    steps.heading(page, "Password")
    expect(page.get_by_text("At least 15 characters.")).to_be_visible()
    page.get_by_label("Current password", exact=True).fill("mistyped")
    choose(page, NEW, twice=not javascript)

    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("alert")).to_contain_text("That isn't your current password.")
    page.get_by_label("Current password", exact=True).fill(PASSWORD)
    choose(page, "password123456789", twice=not javascript)
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("alert")).to_contain_text("This password is too common.")
    page.get_by_label("Current password", exact=True).fill(PASSWORD)
    choose(page, NEW, twice=not javascript)
    page.get_by_role("button", name="Done").click()

    steps.heading(page, "Security info")
    expect(page.get_by_role("status")).to_have_text(
        "Your password was changed. Other sessions were ended."
    )
    expect(page.get_by_text("Changed today")).to_be_visible()
    steps.processes.wait_until(
        lambda: any(each["subject"] == "Your password was changed" for each in site.messages(name)),
        20,
        "for the notice",
    )
    other = new_page(javascript=javascript)
    steps.give_password(other, name)
    expect(other.get_by_role("alert")).to_contain_text("Check your user name and password")


def test_a_new_password_can_be_shown(site, new_page):
    page = new_page()
    steps.newcomer_in(site, page)
    page.goto("/security-info/password/")
    field = page.get_by_label("New password", exact=True)
    field.fill(NEW)

    page.get_by_role("button", name="Show New password").click()

    expect(field).to_have_attribute("type", "text")
    expect(field).to_have_value(NEW)


def test_a_start_password_is_replaced_before_anything_else(site, page, javascript):
    name = site.newcomer()
    with site.database() as rows:
        rows.execute("UPDATE accounts_user SET must_change_password = 1 WHERE username = ?", [name])
    steps.sign_in(site, page, name)
    steps.heading(page, "New password")
    expect(page.get_by_label("New password", exact=True)).to_be_focused()
    choose(page, PASSWORD, twice=not javascript)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("alert")).to_contain_text("This is your current password.")

    choose(page, NEW, twice=not javascript)
    page.get_by_role("button", name="Next").click()

    steps.heading(page, "Keep your account secure")
    steps.choose_email(page)
    steps.register(site, page, name, f"{name}@example.net")
    page.get_by_role("button", name="Done").click()
    steps.heading(page, "Security info")


def test_everybody_is_signed_out_everywhere(site, page):
    steps.newcomer_in(site, page)
    page.get_by_role("link", name="Lost your device? Sign out everywhere").click()
    steps.heading(page, "Sign out everywhere")
    expect(page.get_by_text("This ends 1 session, this browser included.")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("listitem")).to_contain_text("This browser")

    page.get_by_role("main").get_by_role("button", name="Sign out everywhere").click()

    steps.heading(page, "Sign in")
    expect(page.get_by_role("status")).to_have_text("You're signed out everywhere.")


# --- With a server in this process, for what takes a while ----------------------------------------


@pytest.fixture
def bobs(bob, in_process):
    """`bobs(**options)`: a page in which bob is signed in."""

    def make(**options):
        window = in_process(**options)
        client = Client()
        client.force_login(bob)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        window.context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": f"{window.home}/"}]
        )
        return window.open()

    return make


@pytest.mark.django_db(transaction=True)
def test_two_minutes_before_the_end_the_page_offers_to_stay(bobs):
    """SE1: what was typed stays, and the session goes on."""
    OrgPolicy.objects.update(session_idle_minutes=5)
    page = bobs()
    page.clock.install()
    page.goto("/security-info/password/")
    page.get_by_label("Current password", exact=True).fill("half typed")
    box = page.get_by_role("button", name="Stay signed in")
    page.clock.fast_forward("02:50")
    expect(box).to_be_hidden()

    page.clock.fast_forward("00:20")
    expect(box).to_be_visible()
    Session.objects.update(last_used_at=F("last_used_at") - timedelta(minutes=4))
    before = Session.objects.get().last_used_at
    box.click()

    expect(box).to_be_hidden()
    assert Session.objects.get().last_used_at - before > timedelta(minutes=3)
    expect(page.get_by_label("Current password", exact=True)).to_have_value("half typed")
    page.clock.fast_forward("03:10")
    expect(box).to_be_visible()


@pytest.mark.django_db(transaction=True)
def test_whoever_answers_too_late_is_told_why_they_are_out(bobs):
    page = bobs()
    page.clock.install()
    page.goto("/security-info/")
    page.clock.fast_forward("59:00")
    Session.objects.update(last_used_at=F("last_used_at") - timedelta(hours=2))

    page.get_by_role("button", name="Stay signed in").click()

    steps.heading(page, "Sign in")
    expect(page.get_by_text("You were signed out because you were away.")).to_be_visible()


@pytest.mark.django_db(transaction=True)
def test_without_scripts_the_time_stands_in_the_footer_of_pages_with_a_form(bobs):
    """SE1."""
    page = bobs(java_script_enabled=False)
    page.goto("/security-info/password/")
    told = page.get_by_role("contentinfo").get_by_text("If you do nothing, you'll be signed out at")
    expect(told).to_be_visible()
    expect(page.get_by_role("button", name="Stay signed in")).to_be_hidden()

    page.goto("/security-info/")
    expect(told).to_have_count(0)


@pytest.mark.django_db(transaction=True)
def test_one_session_is_ended_from_another_browser(bobs):
    """R070."""
    here, there = bobs(), bobs(java_script_enabled=False)
    there.goto("/security-info/")
    here.goto("/security-info/sign-out-everywhere/")

    here.get_by_role("button", name="Sign out Unknown browser").last.click()

    expect(here.get_by_text("That session has ended.")).to_be_visible()
    there.reload()
    steps.heading(there, "Sign in")
