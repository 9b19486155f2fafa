"""What does not depend on a page's content: phones, forced colors, paper, and who is asked."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import measure, steps

FILES = (".csv", ".jsonl")
GONE = 410  # a link of a notice that another test has used


@pytest.mark.parametrize("size", [(390, 844), (360, 740)], ids=["390x844", "360x740"])
def test_the_page_for_the_code_fits_one_screen_of_a_phone(site, new_page, size):
    name = site.newcomer()
    page = new_page(width=size[0], has_touch=True, is_mobile=True)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    steps.sign_in(site, page, name)
    steps.choose_email(page)

    steps.ask_for_code(page, f"{name}@example.net")

    assert page.evaluate("scrollY") == 0
    expect(page.get_by_label("Verify your email")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Done")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", [measure.SMALL_PHONE, measure.DESK])
def test_the_pages_of_the_demo_fit_every_screen(site, new_page, width):
    """Here the demo's bar is on the pages; the states of all pages are in test_gallery.py."""
    page = new_page(width=width)
    complaints = measure.too_wide(page)
    for address in ("/sign-in/", "/demo/phone/"):
        page.goto(address)
        complaints += measure.too_wide(page)
    steps.sign_in(site, page, "bob")
    steps.heading(page, "Security info")

    assert complaints + measure.too_wide(page) == []


def test_forced_colors_keep_every_shape(new_page):
    page = new_page(forced_colors="active")
    page.goto("/sign-in/")
    field = page.get_by_label("User name or work email")
    main = page.get_by_role("main").get_by_role("button", name="Sign in")

    expect(field).not_to_have_css("border-top-width", "0px")
    expect(main).to_have_css("border-top-width", "1px")
    field.focus()
    assert "3px" in field.evaluate("each => getComputedStyle(each).outline")


def test_paper_is_black_on_white_without_navigation(site, new_page):
    page = new_page(scheme="dark")
    steps.sign_in(site, page, "bob")
    steps.heading(page, "Security info")

    page.emulate_media(media="print")

    expect(page.locator("html")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(page.locator("html")).to_have_css("color", "rgb(27, 31, 36)")
    expect(page.get_by_role("navigation")).to_be_hidden()
    expect(page.get_by_role("contentinfo")).to_be_hidden()
    expect(page.get_by_role("link", name="Delete Email")).to_be_hidden()
    expect(page.get_by_text("bob.okafor@example.net")).to_be_visible()


@pytest.mark.parametrize("name", ["", "bob", "admin"])
def test_every_link_works_and_nobody_else_is_asked(site, new_page, name):
    """Pages 2; `new_page` complains of the console, of the content policy and of other hosts."""
    page = new_page()
    if name:
        steps.sign_in(site, page, name)
        steps.heading(page, "Security info")
    waiting, seen, failed = ["/", "/demo/phone/"], set(), []
    while waiting:
        address = waiting.pop()
        if _kind_of(address) in seen:
            continue
        seen.add(_kind_of(address))
        if address.endswith(FILES):
            answer = page.request.get(address)
            assert "attachment" in answer.headers["content-disposition"], address
            continue
        answer = page.goto(address)
        if answer.status >= 400 and answer.status != GONE:
            failed.append(f"{address}: {answer.status}")
        links = page.eval_on_selector_all(
            "a[href]",
            "all => all.filter(each => each.origin === location.origin).map(each => each.pathname)",
        )
        waiting += sorted(set(links))

    assert failed == []
    assert "/demo/phone/" in seen
    assert not name or "/security-info/activity/" in seen


def _kind_of(address: str) -> str:
    """One page of each kind is enough: "/security-info/*/change/"."""
    return re.sub(r"/[0-9a-f]{8}-[0-9a-f-]{27}/|/\d+/|/\d+\.[\w.-]+/", "/*/", address)
