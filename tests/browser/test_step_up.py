""" "Confirm it's you": asked for before a change, and then what was begun goes on."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.servers.demo import PASSWORD

one_is_enough = pytest.mark.parametrize("javascript", [False], ids=["without JavaScript"])
TOO_WEAK = "To change this, confirm with your authenticator app or something stronger."
TEXT = "Text a code to the number ending 78"


@pytest.fixture
def away(site, page):
    """Bob is signed in, and was proved long ago."""
    steps.sign_in(site, page, "bob")
    steps.heading(page, "Security info")
    steps.lose_freshness(site, page)
    page.reload()
    return page


@pytest.fixture
def member(site, page):
    """Somebody with one address, who was proved long ago: the user name."""
    name = steps.newcomer_in(site, page)
    steps.allow_another_code(site, name)
    steps.lose_freshness(site, page)
    page.reload()
    return name


def row(page, value):
    return page.get_by_role("list").get_by_role("listitem").filter(has_text=value)


def ask_to_delete(page, method):
    row(page, method).get_by_role("link", name="Delete").click()
    steps.heading(page, "Confirm it's you")


def test_bob_confirms_with_his_app_and_goes_on_deleting(site, away):
    expect(away.get_by_text("b•••@example.net")).to_be_visible()
    ask_to_delete(away, "Email")
    expect(away.get_by_text("Before you delete Email, b•••@example.net.")).to_be_visible()
    expect(away.get_by_label("Enter code")).to_be_focused()
    steps.allow_another_code(site, "bob")
    code = steps.app_code(site, "bob")

    steps.prove(away, steps.another(code))
    expect(away.get_by_role("alert")).to_contain_text("That code isn't right.")
    steps.prove(away, steps.app_code(site, "bob"))

    steps.heading(away, "Delete Email, b•••@example.net?")
    away.get_by_role("link", name="Cancel").click()
    expect(away.get_by_text("bob.okafor@example.net")).to_be_visible()  # shown in full again
    away.get_by_role("link", name="Delete Text message").click()
    steps.heading(away, "Delete Text message, ending 78?")


def test_another_way_is_chosen_to_confirm(site, away):
    ask_to_delete(away, "Text message")
    away.get_by_role("link", name="Confirm another way").click()
    steps.heading(away, "Confirm it's you")
    expect(away.get_by_text("Before you delete Text message, ending 78.")).to_be_visible()
    expect(away.get_by_text(TOO_WEAK.replace("authenticator app", "text message"))).to_be_visible()
    expect(away.get_by_role("radio", name="Email a code")).to_have_count(0)
    away.get_by_role("button", name="Next").click()
    expect(away.get_by_role("alert")).to_contain_text("Choose how you want to confirm.")
    number = len(steps.codes(site, "bob")) + 1

    away.get_by_role("radio", name=TEXT).check()
    away.get_by_role("button", name="Next").click()
    steps.prove(away, steps.code(site, "bob", number=number))

    steps.heading(away, "Delete Text message, ending 78?")


@one_is_enough
def test_nothing_weaker_may_delete_the_app(away):
    ask_to_delete(away, "Authenticator app")

    expect(away.get_by_text(TOO_WEAK)).to_be_visible()
    expect(away.get_by_label("Enter code")).to_be_visible()
    expect(away.get_by_role("link", name="Confirm another way")).to_have_count(0)


def test_with_nothing_but_an_address_the_password_is_asked_for_too(site, page, member):
    page.get_by_role("link", name="Add method").click()
    steps.heading(page, "Confirm it's you")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()
    code = steps.code(site, member, number=2)

    page.get_by_label("Password", exact=True).fill("not the password")
    steps.prove(page, code)
    expect(page.get_by_role("alert")).to_contain_text("That isn't your current password.")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    steps.prove(page, steps.another(code))
    expect(page.get_by_role("alert")).to_contain_text("That code isn't right.")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    steps.prove(page, code)

    steps.heading(page, "Add method")
    page.get_by_role("link", name="Cancel").click()
    expect(row(page, f"{member}@example.net")).to_be_visible()


@one_is_enough
def test_whoever_cancels_is_back_and_nothing_was_changed(away):
    ask_to_delete(away, "Email")

    away.get_by_role("link", name="Cancel").click()

    steps.heading(away, "Security info")
    expect(row(away, "Email")).to_be_visible()


def test_back_after_confirming_leads_on(site, away):
    ask_to_delete(away, "Email")
    steps.confirm_by_app(site, away, "bob")
    steps.heading(away, "Delete Email, b•••@example.net?")

    away.go_back()

    steps.heading(away, "Delete Email, b•••@example.net?")


@one_is_enough
def test_confirming_in_one_tab_is_enough_for_the_other(site, away):
    other = away.context.new_page()
    other.goto("/security-info/")
    ask_to_delete(away, "Email")
    ask_to_delete(other, "Text message")
    steps.confirm_by_app(site, other, "bob")
    steps.heading(other, "Delete Text message, ending 78?")

    steps.prove(away, "123456")
    steps.heading(away, "This page was open too long.")  # its form is of before that proof
    away.get_by_role("link", name="Start again").click()
    row(away, "Email").get_by_role("link", name="Delete").click()

    steps.heading(away, "Delete Email, b•••@example.net?")


@one_is_enough
def test_a_page_to_confirm_that_was_open_too_long_is_only_asked_again(site, away):
    ask_to_delete(away, "Email")
    steps.age_flows(site, away, 11 * 60)

    steps.confirm_by_app(site, away, "bob")

    steps.heading(away, "Delete Email, b•••@example.net?")
