"""A lost phone in a real browser: a temporary access pass lets its owner in, for a new app."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import steps

NEW = "seven otters juggle lanterns"
WRONG = "That pass isn't right or has expired."


@pytest.fixture
def person(site, new_page):
    """Somebody whose one method is email, and who is signed out."""
    name = steps.newcomer_in(site, new_page())
    steps.allow_another_code(site, name)
    return name


def issued(site, name, *options):
    """As the operator reads it from the screen of the server."""
    said = site.manage("emergency_pass", name, *options)
    return re.search(r"shown only now: ([A-Z0-9-]+)", said)[1]


def type_in(page, text):
    page.get_by_label("Temporary access pass").fill(text)
    page.get_by_role("button", name="Verify").click()


def set_up_app(site, page, name):
    steps.heading(page, "Keep your account secure")
    page.get_by_role("link", name="Next").click()
    page.get_by_label("Enter the 6-digit code").fill(steps.app_code(site, name, pending=True))
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("status")).to_have_text("Authenticator app was added.")
    page.get_by_role("button", name="Done").click()
    steps.heading(page, "Security info")


def test_a_pass_lets_in_to_set_up_a_new_method(site, page, person):
    text = issued(site, person)
    steps.give_password(page, person)
    steps.heading(page, "Check your email")
    page.get_by_role("link", name="I have a temporary access pass").click()
    steps.heading(page, "Enter your temporary access pass")
    expect(page.get_by_label("Temporary access pass")).to_be_focused()
    type_in(page, "AAAA-BBBB-CCCC")
    expect(page.get_by_role("alert")).to_contain_text(WRONG)
    expect(page.get_by_label("Temporary access pass")).to_have_value("")
    type_in(page, text.lower())

    steps.heading(page, "Keep your account secure")
    page.goto("/security-info/")
    steps.heading(page, "Keep your account secure")
    set_up_app(site, page, person)
    row = page.get_by_role("listitem").filter(has_text="Authenticator app").first
    expect(row).to_contain_text("New")


def test_a_pass_for_a_new_password_is_good_for_both(site, page, javascript, person):
    text = issued(site, person, "--new-password")
    page.goto("/sign-in/")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("User name or work email").fill(person)
    page.get_by_role("button", name="Next").click()
    page.get_by_role("radio", name="Use a temporary access pass").check()
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Temporary access pass").fill(text)
    page.get_by_role("button", name="Next").click()
    page.get_by_label("New password", exact=True).fill(NEW)
    if not javascript:
        page.get_by_label("New password again").fill(NEW)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("the same temporary access pass. It works once more")).to_be_visible()
    page.get_by_role("main").get_by_role("button", name="Sign in").click()

    steps.give_password(page, person, NEW)
    page.get_by_role("link", name="I have a temporary access pass").click()
    type_in(page, text)
    set_up_app(site, page, person)
