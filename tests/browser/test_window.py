"""The browser itself: that it sees what a person would, and complains when it should."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.servers import browser as browsers


def test_a_page_opens_with_and_without_javascript(page):
    page.goto("/sign-in/")

    expect(page.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_at_the_door(new_page, axe, scheme):
    page = new_page(scheme=scheme)
    page.goto("/sign-in/")

    axe(page)


def test_axe_does_find_what_is_wrong(new_page):
    page = new_page()
    page.goto("/sign-in/")
    page.evaluate("document.documentElement.removeAttribute('lang')")

    assert any("html-has-lang" in line for line in browsers.axe(page))


def test_what_is_fetched_from_elsewhere_is_noticed(site, chromium):
    window = browsers.Window(chromium.new_context(), site.url)
    window.watch()
    page = window.open()
    page.goto(f"{site.url}/sign-in/")

    page.evaluate("fetch('http://127.0.0.1:9/').catch(() => {})")
    page.wait_for_load_state("networkidle")

    assert window.complaints
    window.context.close()


def test_a_violation_of_the_content_policy_is_noticed(site, chromium):
    window = browsers.Window(chromium.new_context(), site.url)
    window.watch()
    page = window.open()
    page.goto(f"{site.url}/sign-in/")

    with page.expect_console_message():
        page.evaluate("document.body.innerHTML = '<p style=color:red>'")

    assert "Content Security Policy" in window.complaints[0]
    window.context.close()
