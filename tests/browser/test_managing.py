"""What a person does with methods afterwards."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import steps

one_is_enough = pytest.mark.parametrize("javascript", [False], ids=["without JavaScript"])


@pytest.fixture
def member(site, page):
    """Somebody signed in who has one address: the user name, and the page."""
    name = steps.newcomer_in(site, page)
    steps.pass_time(site, 3600, "issued_at")
    return name, page


def row(page, value):
    return page.get_by_role("list").get_by_role("listitem").filter(has_text=value)


def add(site, name, page, address):
    steps.add(page, "Email")
    page.get_by_label("Email address").fill(address)
    page.get_by_role("button", name="Next").click()
    steps.answer(page, steps.code(site, name, to=address))
    expect(page.get_by_role("status")).to_contain_text("was added. We told you at your other")


def test_a_method_is_changed(site, member):
    name, page = member
    page.get_by_role("link", name="Change Email").click()
    expect(page.get_by_text(f"Now: {name}@example.net. It keeps working")).to_be_visible()
    new = f"changed.{name}@example.net"

    steps.ask_for_code(page, new)
    steps.answer(page, steps.code(site, name, to=new))

    expect(page.get_by_role("status")).to_contain_text("was changed. We told you at your contacts")
    expect(row(page, new)).to_contain_text("Default")
    expect(page.get_by_text(f"{name}@example.net", exact=True)).to_be_hidden()
    steps.processes.wait_until(
        lambda: any("changed" in each["subject"] for each in site.messages(name)),
        20,
        "for the notice",
    )


def test_another_method_becomes_the_default_and_is_deleted(site, member):
    name, page = member
    second = f"second.{name}@example.net"
    add(site, name, page, second)
    page.get_by_role("link", name="Change the default sign-in method").click()
    expect(page.get_by_role("radio").first).to_be_checked()

    page.get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("status")).to_contain_text("default sign-in method")
    expect(row(page, second)).to_contain_text("Default")

    row(page, second).get_by_role("link", name="Delete").click()
    expect(page.get_by_text("You need at least 2 methods.")).to_be_visible()
    expect(page.get_by_role("button", name="Delete")).to_be_hidden()
    page.get_by_role("link", name="Cancel").click()
    steps.heading(page, "Security info")


@one_is_enough
def test_a_method_that_is_not_needed_is_deleted(site, member):
    name, page = member
    with site.database() as rows:
        rows.execute(
            "UPDATE methods_registration SET suspended_at = '2026-01-01 00:00:00' WHERE user_id ="
            " (SELECT id FROM accounts_user WHERE username = ?)",
            [name],
        )
    page.reload()
    expect(row(page, f"{name}@example.net")).to_contain_text("Suspended")

    page.get_by_role("link", name="Delete Email").click()
    page.get_by_role("button", name="Delete").click()

    expect(page.get_by_role("status")).to_contain_text("was deleted. We told you at your contacts")
    expect(page.get_by_text("No methods yet.")).to_be_visible()


def test_who_was_proved_long_ago_sees_masks_alone(site, member):
    name, page = member
    steps.lose_freshness(site, page)

    page.reload()

    expect(page.get_by_text("n•••@example.net").first).to_be_visible()
    expect(page.get_by_text(f"{name}@example.net")).to_be_hidden()


@one_is_enough
def test_a_canceled_registration_leaves_nothing_behind(site, member):
    name, page = member
    steps.add(page, "Email")
    steps.ask_for_code(page, f"canceled.{name}@example.net")
    page.get_by_role("link", name="Back").click()

    page.get_by_role("button", name="Cancel").click()

    steps.heading(page, "Security info")
    expect(page.get_by_text("canceled.")).to_be_hidden()


def test_bob_sees_what_happened_and_signs_out(site, page):
    steps.sign_in(site, page, "bob")
    expect(row(page, "bob.okafor@example.net")).to_be_visible()

    page.get_by_role("link", name="Recent activity").first.click()
    steps.heading(page, "Recent activity")
    expect(page.get_by_role("heading", name="Signed in", level=3).first).to_be_visible()
    page.get_by_role("button", name="Sign out").click()

    expect(page.get_by_text("You're signed out.")).to_be_visible()
    page.goto("/security-info/activity/")
    steps.heading(page, "Sign in")
    steps.sign_in(site, page, "bob")
    steps.heading(page, "Security info")
