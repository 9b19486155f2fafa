"""An administrator changes the policy: what it does, the change itself, and the way back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import steps


@pytest.fixture(autouse=True)
def policy(site):
    """The tests may change it: afterwards email is allowed again."""
    yield
    steps.allow_email(site)


@pytest.fixture
def administration(site, page):
    steps.sign_in(site, page, "admin")
    page.get_by_role("link", name="Administration").click()
    return page


def open_policy(page) -> None:
    page.get_by_role("link", name="Policy", exact=True).click()
    expect(page.get_by_role("button", name="Preview")).to_be_visible()


def test_a_method_is_switched_off_after_a_look_and_the_earlier_version_comes_back(
    site, administration, new_page
):
    page = administration
    open_policy(page)
    page.get_by_label("Email: State").select_option("Off")
    page.get_by_role("button", name="Preview").click()

    expect(page.get_by_role("row", name="Email: state Allowed Off")).to_be_visible()
    effects = page.locator(".effects")
    expect(effects).to_contain_text("lose a method that they use")
    expect(page.locator(".affected")).to_contain_text("(bob): a method stops working")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download all (CSV)").click()
    assert "\nbob,Bob Okafor," in downloading.value.path().read_text()

    page.get_by_role("link", name="Back").click()
    expect(page.get_by_label("Email: State")).to_have_value("off")
    steps.save_policy(page)
    bob = new_page()
    steps.sign_in(site, bob, "bob")
    expect(bob.get_by_role("listitem").filter(has_text="bob.okafor")).to_contain_text("Not allowed")

    page.get_by_role("link", name="Versions").click()
    expect(page.get_by_role("row").filter(has_text="Email: state")).to_be_visible()
    earlier = page.get_by_role("row").filter(has_text="What was there before")
    earlier.get_by_role("link").first.click()
    page.get_by_role("button", name="Go back to this version").click()
    expect(page.get_by_role("row", name="Email: state Off Allowed")).to_be_visible()
    # Newcomers of other tests may be asked for another method now.
    expect(page.get_by_role("main")).not_to_contain_text("lose a method")
    page.get_by_role("button", name="Save policy").click()
    expect(page.get_by_text("The policy was saved.")).to_be_visible()
    bob.reload()
    row = bob.get_by_role("listitem").filter(has_text="bob.okafor")
    expect(row).not_to_contain_text("Not allowed")


@pytest.mark.parametrize("javascript", [True])
def test_what_weakens_is_ticked_before_it_is_looked_at(administration):
    page = administration
    open_policy(page)
    page.get_by_text("Password reset", exact=True).click()
    page.get_by_label("Methods needed to reset").fill("1")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Whoever holds a person's only method")).to_be_visible()

    page.get_by_label("I understand").check()
    page.get_by_role("button", name="Preview").click()

    expect(page.get_by_role("row", name="Methods needed to reset 2 1")).to_be_visible()


def test_a_persons_page_leads_to_why_something_is_not_offered(administration):
    page = administration
    page.get_by_role("rowheader", name="People", exact=True).get_by_role("link").click()
    page.get_by_role("link", name="bob", exact=True).click()
    page.get_by_role("link", name="Explain for this person").click()

    row = page.get_by_role("row", name="Email")
    expect(row).to_contain_text("Yes")
    expect(page.get_by_text("Asked to register at sign-in: no, has 3 of 2.")).to_be_visible()
    page.get_by_label("User name or work address").fill("carol")
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_role("row", name="Email")).to_contain_text(
        "No: staff need a stronger method"
    )
