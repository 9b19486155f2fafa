"""A forgotten password in a real browser: two checks, a new password, and signing in with it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import steps

NEW = "seven otters juggle lanterns"
TITLE = "Get back into your account"
NEUTRAL = "That code isn't right, or it has expired."
one_is_enough = pytest.mark.parametrize("javascript", [False], ids=["without JavaScript"])


@pytest.fixture
def person(site, new_page):
    """Somebody who has email and an authenticator app, and is signed out."""
    page = new_page()
    name = steps.newcomer_in(site, page)
    steps.add(page, "Authenticator app")
    steps.heading(page, "Authenticator app")
    page.get_by_label("Enter the 6-digit code").fill(steps.app_code(site, name, pending=True))
    page.get_by_role("button", name="Done").click()
    steps.heading(page, "Security info")
    steps.allow_another_code(site, name)
    return name


def begin(page, name):
    page.goto("/sign-in/")
    page.get_by_role("link", name="Forgot your password?").click()
    steps.heading(page, TITLE)
    page.get_by_label("User name or work email").fill(name)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("To protect you, we don't show which ones those are.")).to_be_visible()


def choose(page, way):
    page.get_by_role("radio", name=re.compile(way)).check()
    page.get_by_role("button", name="Next").click()


def answer(page, code):
    page.get_by_label("Enter code").fill(code)
    page.get_by_role("button", name="Next").click()


def test_two_checks_and_a_new_password(site, page, javascript, person):
    begin(page, person)
    choose(page, "Email me a code")
    reference = re.search(r"ref (\w\d)", page.get_by_text("If you have set up email").inner_text())
    code = steps.code(site, person, number=2, to=f"{person}@example.net")
    assert f"ref {reference[1]}" in site.messages(person, f"{person}@example.net")[0]["body"]
    answer(page, steps.another(code))
    expect(page.get_by_role("alert")).to_contain_text(NEUTRAL)
    answer(page, code)

    expect(page.get_by_role("heading", name="One more check.")).to_be_visible()
    choose(page, "authenticator app")
    answer(page, steps.app_code(site, person))

    expect(page.get_by_role("heading", name="Choose a new password")).to_be_visible()
    expect(page.get_by_label("New password again")).to_have_count(0 if javascript else 1)
    page.get_by_label("New password", exact=True).fill("too short")
    if not javascript:
        page.get_by_label("New password again").fill("too short")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("alert")).to_contain_text("Use at least 15 characters.")
    page.get_by_label("New password", exact=True).fill(NEW)
    if not javascript:
        page.get_by_label("New password again").fill(NEW)
    page.get_by_role("button", name="Next").click()

    expect(page.get_by_text("Your password has been reset.")).to_be_visible()
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("status")).to_contain_text("Sign in with the new one.")
    steps.give_password(page, person, NEW)
    steps.heading(page, "Check your email")


def test_whoever_is_not_there_sees_the_same(site, page):
    begin(page, "nobody.at.all")
    choose(page, "Email me a code")
    expect(page.get_by_text("If you have set up email, we've sent a code")).to_be_visible()
    expect(page.get_by_role("button", name="Send a new code")).to_be_disabled()
    answer(page, "123456")

    expect(page.get_by_role("alert")).to_contain_text(NEUTRAL)
    expect(page.get_by_label("Enter code")).to_have_value("")
    page.get_by_role("link", name="Choose another way", exact=True).click()
    choose(page, "authenticator app")
    for _ in range(4):
        answer(page, "123456")
    answer(page, "123456")
    steps.heading(page, "Too many tries")
    expect(page.get_by_text("Nothing on your account has changed.")).to_be_visible()


@one_is_enough
def test_a_person_with_one_method_is_sent_to_the_helpdesk(site, page, new_page):
    name = steps.newcomer_in(site, new_page())
    steps.allow_another_code(site, name)
    begin(page, name)
    choose(page, "Email me a code")
    answer(page, steps.code(site, name, number=2))

    expect(page.get_by_role("heading", name="You can't reset your password here")).to_be_visible()
    expect(page.get_by_text("You need a second way to confirm it's you")).to_be_visible()
    expect(page.get_by_text("Nothing has changed. Contact")).to_be_visible()


@one_is_enough
def test_back_and_reload_change_nothing(site, page, person):
    begin(page, person)
    choose(page, "authenticator app")
    expect(page.get_by_label("Enter code")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("To protect you")).to_be_visible()
    page.reload()
    choose(page, "authenticator app")
    answer(page, steps.app_code(site, person))
    expect(page.get_by_role("heading", name="One more check.")).to_be_visible()
    page.go_back()
    page.reload()

    expect(page.get_by_role("heading", name="One more check.")).to_be_visible()
    steps.age_flows(site, page, 601)
    page.reload()
    expect(page.get_by_text("This took too long, so we started over.")).to_be_visible()
    expect(page.get_by_label("User name or work email")).to_be_visible()
