"""Is this still right? What a person does when it is asked."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser import steps

LONG_AGO = "2020-01-01 00:00:00"


def long_ago(site, name):
    with site.database() as rows:
        rows.execute(
            "UPDATE accounts_user SET reviewed_at = ? WHERE username = ?", [LONG_AGO, name]
        )


def sign_in_again(site, page, name):
    page.get_by_role("button", name="Sign out").click()
    steps.sign_in(site, page, name)


def test_it_is_put_off_and_then_answered_after_a_change(site, page):
    name = steps.newcomer_in(site, page)
    steps.pass_time(site, 3600, "issued_at")
    long_ago(site, name)
    sign_in_again(site, page, name)
    steps.heading(page, "Is this still right?")
    expect(page.get_by_text(f"{name}@example.net")).to_be_visible()

    page.get_by_role("button", name="Ask me later (3 times left)").click()

    steps.heading(page, "Security info")
    sign_in_again(site, page, name)
    steps.heading(page, "Is this still right?")
    page.get_by_role("link", name="Change Email").click()
    new = f"changed.{name}@example.net"
    steps.ask_for_code(page, new)
    steps.answer(page, steps.code(site, name, to=new))
    steps.heading(page, "Is this still right?")
    expect(page.get_by_role("status")).to_contain_text("was changed")
    page.get_by_role("button", name="Looks good").click()
    steps.heading(page, "Security info")
    sign_in_again(site, page, name)
    steps.heading(page, "Security info")
