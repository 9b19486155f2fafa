"""The second step of signing in: a code from the app, another way, and whatever gets between."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.servers.demo import PASSWORD

one_is_enough = pytest.mark.parametrize("javascript", [False], ids=["without JavaScript"])
STALE = "This took too long, so we started over. Nothing was changed."
TEXT = "Text a code to the number ending 78"
CALL = "Call the number ending 78"
EMAIL = "Email a code to b•••@example.net"


@pytest.fixture
def asked(site, page):
    """Bob's password was right; he is asked for the code of his app."""
    steps.allow_another_code(site, "bob")
    steps.give_password(page, "bob")
    steps.heading(page, "Open your authenticator app")
    return page


@pytest.fixture
def has_call(site, new_page):
    """Bob is called, too, at the number that gets his texts."""
    page = new_page()
    steps.sign_in(site, page, "bob")
    steps.heading(page, "Security info")
    if page.get_by_role("heading", name="Phone call").count() == 0:
        steps.add(page, "Call me")
        page.get_by_label("Mobile phone").check()
        page.get_by_label("Use the number ending 78").check()  # proved already, for texts
        page.get_by_role("button", name="Next").click()
        expect(page.get_by_text("Phone call, ending 78, was added.")).to_be_visible()


def another_way(page: Page, way: str) -> None:
    page.get_by_role("link", name="Sign in another way").click()
    steps.heading(page, "Sign in another way")
    page.get_by_role("radio", name=way, exact=True).check()
    page.get_by_role("button", name="Next").click()


def check_status(page: Page, until: str) -> None:
    """By itself, or as often as the link is pressed."""

    def is_said() -> bool:
        check = page.get_by_role("link", name="Check status")
        if check.is_visible():
            check.click()
        return until in page.locator(".delivery-text").inner_text()

    steps.processes.wait_until(is_said, 60, f"for {until!r}")


# --- With the app ---------------------------------------------------------------------------------


def test_bob_signs_in_with_his_password_and_a_code_of_his_app(site, asked):
    expect(asked.get_by_text("Enter the code shown for Example Org (bob).")).to_be_visible()
    expect(asked.get_by_label("Enter code")).to_be_focused()
    code = steps.app_code(site, "bob")

    steps.prove(asked, steps.another(code))
    expect(asked.get_by_role("alert")).to_contain_text("Codes change every 30 seconds")
    expect(asked.get_by_label("Enter code")).to_have_value("")
    steps.prove(asked, steps.app_code(site, "bob"))

    steps.heading(asked, "Security info")


def test_a_right_password_alone_opens_nothing(asked):
    for address in ("/", "/security-info/", "/security-info/add/", "/admin/"):
        asked.goto(address)
        steps.heading(asked, "Open your authenticator app")


def test_whoever_cancels_is_where_they_began(asked):
    asked.get_by_role("button", name="Cancel").click()

    steps.heading(asked, "Sign in")
    asked.goto("/sign-in/verify/")
    steps.heading(asked, "Sign in")


def test_the_page_that_was_asked_for_comes_after_the_code(site, page):
    steps.allow_another_code(site, "bob")
    page.goto("/security-info/activity/")
    page.get_by_label("User name or work email").fill("bob")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()

    steps.prove(page, steps.app_code(site, "bob"))

    steps.heading(page, "Recent activity")


# --- Another way ----------------------------------------------------------------------------------


def test_with_the_app_in_the_other_coat_a_text_does(site, asked, javascript):
    number = len(steps.codes(site, "bob")) + 1
    another_way(asked, TEXT)
    steps.heading(asked, "Check your phone")
    expect(asked.get_by_text("with a 6-digit code to the number ending 78.")).to_be_visible()
    expect(asked.get_by_label("Enter code")).to_be_focused()
    code = steps.code(site, "bob", number=number)
    check_status(asked, "Delivered")
    expect(asked.get_by_role("link", name="Check status")).to_be_hidden()

    steps.prove(asked, steps.another(code))
    expect(asked.get_by_role("alert")).to_contain_text("That code isn't right.")
    send = asked.get_by_role("button", name="Send a new code")
    expect(send).to_be_disabled()
    expect(asked.get_by_text("You can ask again at")).to_be_visible()
    steps.allow_another_code(site, "bob")
    asked.goto("/sign-in/verify/")
    send.click()
    new = steps.code(site, "bob", number=number + 1)
    steps.prove(asked, code)
    expect(asked.get_by_role("alert")).to_contain_text("That code isn't right.")
    steps.prove(asked, new)

    steps.heading(asked, "Security info")


def test_a_call_is_answered_and_the_page_goes_on(site, has_call, asked, javascript):
    another_way(asked, CALL)
    steps.heading(asked, "Answer your phone")
    expect(asked.get_by_text("Key in this number, then #:")).to_be_visible()
    asked.get_by_role("button", name="Next").click()
    expect(asked.get_by_role("alert")).to_contain_text("We haven't received the number yet.")

    steps.answer_call(site, asked, "bob")
    if not javascript:
        asked.get_by_role("button", name="Next").click()

    steps.heading(asked, "Security info")


def test_an_email_is_the_way_that_is_left(site, asked):
    number = len(steps.codes(site, "bob")) + 1
    another_way(asked, TEXT)
    steps.code(site, "bob", number=number)

    another_way(asked, EMAIL)
    steps.heading(asked, "Check your email")
    steps.prove(asked, steps.code(site, "bob", number=number + 1))

    steps.heading(asked, "Security info")


@one_is_enough
def test_whoever_chooses_nothing_or_goes_back_has_lost_nothing(asked):
    asked.get_by_role("link", name="Sign in another way").click()
    expect(asked.get_by_role("radio", name="Use the code from your authenticator")).to_have_count(0)
    asked.get_by_text("None of these work").click()
    expect(asked.get_by_text("They will check that it's you")).to_be_visible()

    asked.get_by_role("link", name="Back").click()

    steps.heading(asked, "Open your authenticator app")


# --- What goes wrong ------------------------------------------------------------------------------


@one_is_enough
def test_after_five_wrong_codes_any_method_waits(site, asked):
    code = steps.app_code(site, "bob")
    for _ in range(5):
        steps.prove(asked, steps.another(code))
        expect(asked.get_by_role("alert")).to_be_visible()
    expect(asked.get_by_role("alert")).to_contain_text("Too many wrong codes.")
    expect(asked.get_by_text("You can try again, with any method, from")).to_be_visible()
    expect(asked.get_by_label("Enter code")).to_have_count(0)

    number = len(steps.codes(site, "bob")) + 1
    another_way(asked, EMAIL)
    code = steps.code(site, "bob", number=number)
    steps.prove(asked, code)
    steps.heading(asked, "Too many tries")
    steps.forget_limits(site)  # the minutes are over
    asked.goto("/sign-in/verify/")
    steps.prove(asked, code)

    steps.heading(asked, "Security info")


@one_is_enough
def test_a_page_that_was_open_too_long_starts_over(site, asked):
    steps.age_flows(site, asked, 11 * 60)

    steps.prove(asked, steps.app_code(site, "bob"))

    steps.heading(asked, "Sign in")
    expect(asked.get_by_text(STALE)).to_be_visible()
    steps.sign_in(site, asked, "bob")
    steps.heading(asked, "Security info")


def test_two_tabs_are_one_sign_in(site, asked):
    other = asked.context.new_page()
    other.goto("/sign-in/")
    steps.heading(other, "Open your authenticator app")
    code = steps.app_code(site, "bob")

    steps.prove(other, code)
    steps.heading(other, "Security info")
    steps.prove(asked, code)
    steps.heading(asked, "This page was open too long.")  # its form is of before the sign-in
    asked.get_by_role("link", name="Start again").click()

    steps.heading(asked, "Security info")


def test_back_leads_to_the_code_and_then_on(site, asked):
    asked.go_back()
    steps.heading(asked, "Open your authenticator app")
    steps.prove(asked, steps.app_code(site, "bob"))
    steps.heading(asked, "Security info")

    asked.go_back()

    steps.heading(asked, "Security info")


def test_a_double_click_signs_in_once(site, asked):
    asked.get_by_label("Enter code").fill(steps.app_code(site, "bob"))

    asked.get_by_role("button", name="Verify").dblclick()

    steps.heading(asked, "Security info")


# --- On a phone -----------------------------------------------------------------------------------

PHONE = {"width": 390, "height": 844}
BAR = "document.querySelector('.demo-bar').remove()"
SIZES = """() => [...document.querySelectorAll("main *")]
  .filter((each) => each.checkVisibility() && (each.matches("input") || each.textContent.trim()))
  .filter((each) => !each.matches("h1"))
  .map((each) => parseFloat(getComputedStyle(each).fontSize))"""
FILLED = """() => [...document.querySelectorAll("main button, main a, main .mark")]
  .filter((each) => each.checkVisibility())
  .filter((each) => getComputedStyle(each).backgroundColor !== "rgba(0, 0, 0, 0)")
  .map((each) => each.textContent.trim())"""


@pytest.mark.parametrize("way", ["", TEXT, EMAIL])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_for_the_code_fits_a_phone_and_shows_its_field_first(site, new_page, way, scheme):
    page = new_page(width=390, scheme=scheme, has_touch=True, is_mobile=True)
    page.set_viewport_size(PHONE)
    steps.allow_another_code(site, "bob")
    steps.give_password(page, "bob")
    if way:
        another_way(page, way)
    field = page.get_by_label("Enter code")
    expect(field).to_be_visible()

    page.evaluate(BAR)  # outside of the demo there is none

    assert page.evaluate("document.documentElement.scrollHeight") <= PHONE["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    size = float(field.evaluate("each => parseFloat(getComputedStyle(each).fontSize)"))
    assert size >= max(page.evaluate(SIZES))
    assert page.evaluate(FILLED) == ["Verify"]
