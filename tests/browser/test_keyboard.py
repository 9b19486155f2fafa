"""The whole registration without a pointer, and a focus that can be seen wherever it is."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.servers.demo import PASSWORD

MOST_STOPS = 40


def tab_to(page: Page, name: str) -> None:
    """Presses Tab until the control with this name has the focus; it must be seen at each stop."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() == 0:
            continue
        outline = focused.evaluate("each => getComputedStyle(each).outline")
        in_card = focused.evaluate("each => each.matches('.radio-card input')")
        assert in_card or ("solid 3px" in outline), f"{focused.inner_text()}: {outline}"
        said = focused.evaluate(
            "each => each.labels?.[0]?.textContent || each.ariaLabel || each.textContent"
        )
        if said.strip() == name:
            return
    raise AssertionError(f"{name!r} is not reached by Tab")


def press(page: Page, name: str, key: str) -> None:
    tab_to(page, name)
    with page.expect_navigation():
        page.keyboard.press(key)


def test_registering_needs_nothing_but_a_keyboard(site, new_page):
    page = new_page()
    name = site.newcomer()
    page.goto("/sign-in/")
    tab_to(page, "User name or work email")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")

    press(page, "I want to set up a different method", "Enter")
    choose(page, "Email")
    press(page, "Next", "Enter")
    tab_to(page, "Email address")
    page.keyboard.type(f"{name}@example.net")
    press(page, "Next", "Space")
    expect(page.get_by_label("Verify your email")).to_be_focused()  # by itself
    page.keyboard.type("000000")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    press_link_to_field(page)
    page.keyboard.type(steps.code(site, name))
    press(page, "Done", "Space")
    press(page, "Done", "Enter")

    steps.heading(page, "Security info")


def choose(page: Page, name: str) -> None:
    """The arrows move between the choices, whichever is chosen before."""
    for _ in range(20):
        if page.get_by_role("radio", name=name, exact=True).is_checked():
            return
        on_a_choice = page.evaluate("document.activeElement.type === 'radio'")
        page.keyboard.press("ArrowDown" if on_a_choice else "Tab")
    raise AssertionError(f"{name!r} is not reached with the arrows")


def press_link_to_field(page: Page) -> None:
    """From the list of problems to the field it speaks of."""
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Verify your email")).to_be_focused()


def test_signing_in_and_confirming_need_nothing_but_a_keyboard(site, new_page):
    page = new_page()
    steps.allow_another_code(site, "bob")
    steps.give_password(page, "bob")
    number = len(steps.codes(site, "bob")) + 1
    press(page, "Sign in another way", "Enter")
    choose(page, "Text a code to the number ending 78")
    press(page, "Next", "Space")
    expect(page.get_by_label("Enter code")).to_be_focused()  # by itself
    page.keyboard.type(steps.code(site, "bob", number=number))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    steps.heading(page, "Security info")
    steps.lose_freshness(site, page)

    press(page, "Add method", "Enter")
    steps.heading(page, "Confirm it's you")
    expect(page.get_by_label("Enter code")).to_be_focused()
    page.keyboard.type(steps.app_code(site, "bob"))
    press(page, "Verify", "Space")

    steps.heading(page, "Add method")


def test_the_first_stop_leads_past_the_header(site, new_page):
    page = new_page()
    steps.sign_in(site, page, "bob")
    steps.heading(page, "Security info")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    page.keyboard.press("Enter")

    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Change the default sign-in method")).to_be_focused()
