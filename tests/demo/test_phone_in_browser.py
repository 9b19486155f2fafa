"""The simulated phone as a person sees it, with and without JavaScript."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = "/demo/phone/"


def test_a_message_appears_by_itself(arrived, look):
    phone = look(PHONE)
    expect(phone.get_by_text("Nothing yet.")).to_be_visible()

    arrived(subject="Your Example Org verification code")

    expect(phone.get_by_role("heading", name="verification code")).to_be_visible()
    expect(phone.locator(".demo-digits")).to_have_text("073040")
    expect(phone.get_by_text("Nothing yet.")).to_be_hidden()
    expect(phone.get_by_role("status")).to_have_text("A new message arrived.")


def test_a_new_message_leaves_what_is_open_and_focused_as_it_is(arrived, look):
    arrived(subject="First", age=1)
    phone = look(PHONE)
    summary = phone.get_by_text("Whole message")
    summary.focus()
    summary.press("Enter")

    arrived(subject="Second")

    expect(phone.get_by_role("heading", level=3)).to_have_text(["Second", "First"])
    first = phone.get_by_role("listitem").filter(has_text="First")
    expect(first.locator("details")).to_have_attribute("open", "")
    expect(first.locator("summary")).to_be_focused()


def test_the_code_can_be_copied(arrived, look):
    arrived()
    phone = look(PHONE, permissions=["clipboard-write"])

    phone.get_by_role("button", name="Copy").click()

    expect(phone.get_by_role("button", name="Copied")).to_be_visible()
    elsewhere = phone.context.new_page()
    elsewhere.set_content("<input aria-label='Code'>")
    elsewhere.get_by_label("Code").press("Control+V")
    expect(elsewhere.get_by_label("Code")).to_have_value("073040")


def test_without_javascript_there_is_a_link_to_refresh(arrived, look):
    phone = look(PHONE, java_script_enabled=False)
    arrived()

    phone.get_by_role("link", name="Refresh").click()

    expect(phone.locator(".demo-digits")).to_have_text("073040")
    expect(phone.get_by_text("Updates by itself")).to_be_hidden()
    expect(phone.get_by_role("button", name="Copy")).to_be_hidden()


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_phone_is_accessible_and_never_wider_than_the_screen(
    arrived, bob, settings, look, color_scheme, width
):
    settings.DEMO = True
    arrived()
    arrived(subject="A method was added", body=f"Example Org\n\n{'long' * 60}@example.net\n")
    phone = look(PHONE, color_scheme=color_scheme, viewport={"width": width, "height": 800})

    found = Axe().run(phone).response["violations"]

    assert found == []
    assert phone.evaluate("document.documentElement.scrollWidth") <= width
