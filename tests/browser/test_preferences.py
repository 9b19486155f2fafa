"""What a person chooses for a browser, and the buttons that JavaScript adds."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser import steps
from tests.servers.demo import PASSWORD

BACKGROUND = "getComputedStyle(document.documentElement).backgroundColor"
LIGHT, DARK = "rgb(245, 246, 248)", "rgb(19, 22, 26)"


def test_the_pages_speak_dutch_and_english_again(page):
    page.goto("/sign-in/")

    page.get_by_role("button", name="Nederlands").click()
    steps.heading(page, "Aanmelden")
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    page.goto("/sign-in/")
    steps.heading(page, "Aanmelden")
    page.get_by_role("button", name="English").click()

    steps.heading(page, "Sign in")


def test_a_chosen_theme_stays(site, page):
    page.goto("/sign-in/")
    page.get_by_role("button", name="Dark").click()
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-current", "true")

    steps.sign_in(site, page, "bob")
    steps.heading(page, "Security info")

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("html")).to_have_css("background-color", DARK)
    page.get_by_role("button", name="System").click()
    expect(page.locator("html")).to_have_css("background-color", LIGHT)


def test_the_system_decides_until_somebody_chooses(new_page):
    page = new_page(scheme="dark")

    page.goto("/sign-in/")

    assert page.evaluate(BACKGROUND) == DARK


def test_a_password_can_be_shown_and_is_hidden_when_sent(new_page):
    page = new_page()
    page.goto("/sign-in/")
    field = page.get_by_label("Password", exact=True)
    field.fill(PASSWORD)

    page.get_by_role("button", name="Show Password").click()
    expect(field).to_have_attribute("type", "text")
    page.get_by_role("button", name="Hide Password").click()

    expect(field).to_have_attribute("type", "password")
    expect(field).to_have_value(PASSWORD)


def test_without_javascript_there_is_no_button_that_does_nothing(new_page):
    page = new_page(javascript=False)
    page.goto("/sign-in/")

    expect(page.get_by_role("button", name="Show")).to_have_count(0)


def test_a_code_appears_on_the_demo_phone_and_is_copied_from_it(site, new_page):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    phone = page.context.new_page()
    name = site.newcomer()
    phone.goto(f"/demo/phone/?person={name}")
    expect(phone.get_by_text(f"Nothing for {name} yet.")).to_be_visible()

    steps.sign_in(site, page, name)
    steps.choose_email(page)
    steps.ask_for_code(page, f"{name}@example.net")
    copy = phone.get_by_role("button", name="Copy")
    expect(copy).to_be_visible()  # by itself
    copy.click()
    expect(phone.get_by_role("button", name="Copied")).to_be_visible()
    page.get_by_label("Verify your email").press("Control+V")
    page.get_by_role("button", name="Done").click()

    expect(page.get_by_role("status")).to_have_text("Email was added.")
