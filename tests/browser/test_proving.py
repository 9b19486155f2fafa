"""Proving an address: what goes wrong, what is done again, and what is done twice."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.servers import processes

one_is_enough = pytest.mark.parametrize("javascript", [False], ids=["without JavaScript"])
STALE = "This took too long, so we started over. Nothing was changed."


@pytest.fixture
def name(site):
    return site.newcomer()


@pytest.fixture
def address(name):
    return f"{name}@example.net"


@pytest.fixture
def proving(site, page, name, address):
    """At the page that asks for the code."""
    steps.sign_in(site, page, name)
    steps.choose_email(page)
    steps.ask_for_code(page, address)
    return page


def test_a_wrong_code_is_said_and_the_right_one_still_works(site, proving, name):
    code = steps.code(site, name)
    for _ in range(2):
        steps.answer(proving, steps.another(code))
        expect(proving.get_by_role("alert")).to_contain_text("That code isn't right.")

    expect(proving.get_by_role("alert")).to_contain_text("You have 3 tries left.")
    expect(proving).to_have_title("Error: Keep your account secure – Example Org")
    expect(proving.get_by_label("Verify your email")).to_have_value("")
    expect(proving.get_by_label("Verify your email")).to_have_attribute("aria-invalid", "true")
    steps.answer(proving, f"{code[:3]} {code[3:]}")
    expect(proving.get_by_role("status")).to_have_text("Email was added.")


@one_is_enough
def test_after_five_wrong_codes_there_is_no_field_left(site, proving, name):
    code = steps.code(site, name)
    for _ in range(5):
        steps.answer(proving, steps.another(code))
        expect(proving.get_by_role("alert")).to_be_visible()
        steps.forget_limits(site)

    expect(proving.get_by_role("alert")).to_contain_text("Too many wrong codes.")
    expect(proving.get_by_label("Verify your email")).to_have_count(0)
    expect(proving.get_by_role("button", name="Send a new code")).to_be_visible()


def test_a_new_code_ends_the_old_one(site, proving, name):
    old = steps.code(site, name)
    proving.get_by_text("Don't see the email?").click()
    send = proving.get_by_role("button", name="Send a new code")
    expect(send).to_be_disabled()
    expect(proving.get_by_text("You can ask again at")).to_be_visible()
    steps.pass_time(site, 60, "issued_at")

    proving.reload()
    proving.get_by_text("Don't see the email?").click()
    send.click()

    new = steps.code(site, name, number=2)
    steps.answer(proving, old)
    expect(proving.get_by_role("alert")).to_contain_text("That code isn't right.")
    steps.answer(proving, new)
    expect(proving.get_by_role("status")).to_have_text("Email was added.")


def test_the_button_for_a_new_code_opens_by_itself(site, new_page, name):
    page = new_page()
    steps.sign_in(site, page, name)
    steps.choose_email(page)
    steps.ask_for_code(page, f"{name}@example.net")
    steps.pass_time(site, 24, "issued_at")
    page.reload()
    page.get_by_text("Don't see the email?").click()

    expect(page.get_by_role("button", name="Send a new code")).to_be_enabled()
    expect(page.get_by_text("You can ask again at")).to_be_hidden()


@one_is_enough
def test_an_expired_code_is_said_to_be_expired(site, proving, name):
    code = steps.code(site, name)
    steps.pass_time(site, 11 * 60, "issued_at", "expires_at")

    steps.answer(proving, code)

    expect(proving.get_by_role("alert")).to_contain_text("That code has expired.")


@one_is_enough
def test_a_mistyped_address_can_be_mended(site, proving, name, address):
    steps.code(site, name)
    proving.get_by_text("Don't see the email?").click()
    proving.get_by_role("link", name="Use a different address").click()
    expect(proving.get_by_label("Email address")).to_have_value(address)

    steps.ask_for_code(proving, f"right.{address}")

    steps.answer(proving, steps.code(site, name, to=f"right.{address}"))
    expect(proving.get_by_role("status")).to_have_text("Email was added.")


def test_the_page_learns_that_the_code_was_sent(site, page, name, address, javascript):
    steps.sign_in(site, page, name)
    steps.choose_email(page)
    steps.ask_for_code(page, address)
    steps.code(site, name)
    status = page.locator(".delivery-text")

    if not javascript:

        def has_been_sent() -> bool:
            check = page.get_by_role("link", name="Check status")
            if check.is_visible():
                check.click()
            return "Sent at" in status.inner_text()

        processes.wait_until(has_been_sent, 60, "for the status")

    expect(status).to_contain_text("Sent at")
    expect(page.get_by_role("link", name="Check status")).to_be_hidden()


def test_a_double_click_sends_one_code_and_adds_one_method(site, page, name, address):
    steps.sign_in(site, page, name)
    steps.choose_email(page)
    page.get_by_label("Email address").fill(address)
    page.get_by_role("button", name="Next").dblclick()
    field = page.get_by_label("Verify your email")
    expect(field).to_be_visible()

    field.fill(steps.code(site, name))
    page.get_by_role("button", name="Done").dblclick()

    expect(page.get_by_text("Email: n•••@example.net")).to_have_count(1)
    assert len(steps.codes(site, name)) == 1


@one_is_enough
def test_two_tabs_are_one_registration(site, proving, name, address):
    other = proving.context.new_page()
    other.goto("/keep-secure/email/")
    steps.ask_for_code(other, address)
    code = steps.code(site, name)

    steps.answer(other, code)
    expect(other.get_by_text("Email: n•••@example.net")).to_be_visible()
    steps.answer(proving, code)

    expect(proving.get_by_text("Email: n•••@example.net")).to_be_visible()
    assert len(steps.codes(site, name)) == 1


def test_back_after_done_leads_on(site, proving, name):
    steps.answer(proving, steps.code(site, name))
    expect(proving.get_by_text("Email: n•••@example.net")).to_be_visible()

    proving.go_back()
    expect(proving.get_by_text("Email: n•••@example.net")).to_be_visible()
    proving.get_by_role("button", name="Done").click()
    steps.heading(proving, "Security info")
    proving.go_back()

    steps.heading(proving, "Security info")


@one_is_enough
def test_what_took_too_long_starts_over(site, proving, name):
    code = steps.code(site, name)
    steps.age_flows(site, proving, 11 * 60)

    steps.answer(proving, code)

    steps.heading(proving, "Sign in")
    expect(proving.get_by_text(STALE)).to_be_visible()
    steps.sign_in(site, proving, name)
    steps.heading(proving, "Keep your account secure")


@one_is_enough
def test_the_wizard_can_be_left_and_taken_up_again(site, proving, name):
    proving.get_by_role("button", name="Sign out").click()
    expect(proving.get_by_text("You're signed out.")).to_be_visible()

    steps.sign_in(site, proving, name)

    steps.heading(proving, "Keep your account secure")
    expect(proving.get_by_role("link", name="Next")).to_be_visible()
