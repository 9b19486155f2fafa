"""From the first sign-in to "Security info", and an administrator who takes the method away."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import steps

GONE = "Your organization no longer allows this method. Choose another one."


@pytest.fixture
def policy(site):
    """The test may change it: afterwards email is allowed again."""
    yield
    steps.allow_email(site)


def test_a_newcomer_is_led_to_her_security_info(site, page):
    steps.start_over(site, "alice")
    page.goto("/")
    steps.sign_in(site, page, "alice")
    steps.heading(page, "Keep your account secure")
    expect(page.get_by_text("Your organization needs you to set up ways")).to_be_visible()

    steps.choose_email(page)
    steps.ask_for_code(page, "alice.martin@example.net")
    expect(page.get_by_text("with a 6-digit code to alice.martin@example.net.")).to_be_visible()
    reference = page.locator(".delivery-reference").inner_text()[-3:-1]
    code = steps.code(site, "alice", to="alice.martin@example.net")
    body = site.messages("alice")[0]["body"]
    steps.answer(page, code)

    expect(page.get_by_role("status")).to_have_text("Email was added.")
    expect(page.get_by_text("Email: a•••@example.net")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    steps.heading(page, "Security info")
    row = page.get_by_role("listitem").filter(has_text="alice.martin@example.net")
    expect(row).to_contain_text("Default")
    expect(row).to_contain_text("For sign-in and password reset")
    assert f"ref {reference}" in body
    # The work address hears of it; the new address has no reason to be told.
    steps.processes.wait_until(lambda: site.messages("alice", "alice@example.org"))


def test_email_unticked_by_an_administrator_is_gone_for_everybody(
    site, javascript, page, new_page, policy
):
    name = site.newcomer()
    newcomer, bob = (new_page(javascript=javascript) for _ in range(2))
    steps.sign_in(site, newcomer, name)
    steps.choose_email(newcomer)
    steps.ask_for_code(newcomer, f"{name}@example.net")
    code = steps.code(site, name)
    steps.sign_in(site, bob, "bob")
    steps.add(bob, "Email")
    expect(bob.get_by_label("Email address")).to_be_visible()

    steps.sign_in(site, page, "admin")
    page.get_by_role("link", name="Administration").click()
    page.get_by_role("link", name="Policy", exact=True).click()
    page.get_by_label("Email: State").select_option("Off")
    steps.save_policy(page)

    steps.answer(newcomer, code)
    expect(newcomer.get_by_text(GONE)).to_be_visible()
    steps.heading(newcomer, "Keep your account secure")
    expect(newcomer.get_by_role("listitem").filter(has_text="Email")).to_have_count(0)
    bob.get_by_label("Email address").fill("bob.second@example.net")
    bob.get_by_role("button", name="Next").click()
    expect(bob.get_by_text(GONE)).to_be_visible()
    steps.heading(bob, "Security info")
    expect(bob.get_by_role("listitem").filter(has_text="bob.okafor")).to_contain_text("Not allowed")
    bob.get_by_role("link", name="Add method").click()
    expect(bob.get_by_label("Email", exact=True)).to_have_count(0)
    assert site.messages("bob", "bob.second@example.net") == []
