"""An authenticator app, with the codes that the demo's phone shows."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import steps

LABEL = "Enter the 6-digit code from your app"
QR = "QR code with the key for your authenticator app"


def answer(page, code):
    page.get_by_label(LABEL).fill(code)
    page.get_by_role("button", name="Done").click()


def test_a_newcomer_takes_what_is_recommended(site, page):
    name = site.newcomer()
    steps.sign_in(site, page, name)
    steps.heading(page, "Keep your account secure")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("Method 1 of 2: Authenticator app")
    expect(page.get_by_role("img", name=QR)).to_be_visible()

    answer(page, steps.app_code(site, name, pending=True))

    expect(page.get_by_role("status")).to_have_text("Authenticator app was added.")
    page.get_by_role("button", name="Done").click()
    steps.heading(page, "Security info")
    row = page.get_by_role("list").get_by_role("listitem").filter(has_text="Authenticator app")
    expect(row).to_contain_text("Default")


def test_it_is_added_named_moved_and_deleted(site, page):
    name = steps.newcomer_in(site, page)
    steps.add(page, "Authenticator app")
    page.get_by_text("Can't scan image?").click()
    key = page.locator("#key").inner_text()
    code = steps.app_code(site, name, pending=True)
    answer(page, steps.another(code))
    expect(page.get_by_role("alert")).to_contain_text("Codes change every 30 seconds")
    page.get_by_text("Can't scan image?").click()
    expect(page.locator("#key")).to_have_text(key)

    page.get_by_text("Give it a name").click()
    page.get_by_label("Name", exact=True).fill("Old phone")
    answer(page, steps.app_code(site, name, pending=True))
    expect(page.get_by_role("status")).to_contain_text("Authenticator app, Old phone, was added.")

    page.get_by_role("link", name="Change Authenticator app, Old phone").click()
    steps.confirm_by_app(site, page, name)  # an emailed code is too weak for it
    page.get_by_label("Name", exact=True).fill("Work phone")
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("status")).to_contain_text("Work phone, was renamed.")

    page.get_by_role("link", name="Change Authenticator app, Work phone").click()
    page.get_by_role("link", name="Move to another phone").click()
    expect(page.get_by_text("Your old phone keeps working")).to_be_visible()
    answer(page, steps.app_code(site, name, pending=True))
    expect(page.get_by_role("status")).to_contain_text("Work phone, was changed.")

    steps.add(page, "Authenticator app")
    answer(page, steps.app_code(site, name, pending=True))
    page.get_by_role("link", name="Delete Authenticator app, Work phone").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_contain_text("Also delete the entry in the app.")


def test_on_a_phone_the_link_to_the_app_comes_first(site, new_page):
    page = new_page(width=390)
    steps.sign_in(site, page, site.newcomer())
    page.get_by_role("link", name="Next").click()
    link = page.get_by_role("link", name="Open in your app")

    expect(link).to_be_visible()
    assert link.get_attribute("href").startswith("otpauth://totp/Example%20Org:")
    expect(page.get_by_role("img", name=QR)).to_be_hidden()
    page.get_by_text("Scan this QR code.").locator("visible=true").click()
    expect(page.get_by_role("img", name=QR).locator("visible=true")).to_be_visible()


def test_the_key_is_copied_without_its_spaces(site, new_page):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    steps.sign_in(site, page, site.newcomer())
    page.get_by_role("link", name="Next").click()
    page.get_by_text("Can't scan image?").click()

    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    page.get_by_text("Give it a name").click()
    page.get_by_label("Name", exact=True).clear()
    page.get_by_label("Name", exact=True).press("Control+V")
    key = page.locator("#key").inner_text().replace(" ", "")
    expect(page.get_by_label("Name", exact=True)).to_have_value(key)


@pytest.mark.parametrize("javascript", [False], ids=["without JavaScript"])
def test_a_page_whose_time_is_over_has_a_new_key(site, page):
    name = steps.newcomer_in(site, page)
    steps.add(page, "Authenticator app")
    code = steps.app_code(site, name, pending=True)
    steps.pass_time(site, 31 * 60, "issued_at", "expires_at")

    answer(page, code)

    expect(page.get_by_text("This QR code has expired. Scan the new one.")).to_be_visible()
    answer(page, steps.app_code(site, name, pending=True))
    expect(page.get_by_role("status")).to_contain_text("was added.")
