""" "This wasn't me": from the link in a notice to an account in which nothing can be changed."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser import steps

LINK = re.compile(r"http\S+/not-me/\S+")


def link_in_the_newest_notice(site, name):
    """As its owner finds it in the mailbox."""

    def links():
        bodies = [each["body"] for each in site.messages(name)]
        return [found[0] for found in map(LINK.search, bodies) if found]

    steps.processes.wait_until(links, 60, f"for a notice to {name}")
    return urlsplit(links()[0]).path


def test_an_owner_protects_the_account_from_a_mailbox(site, page, new_page, javascript):
    name = steps.newcomer_in(site, page)
    owner = new_page(javascript=javascript)
    owner.goto(link_in_the_newest_notice(site, name))
    steps.heading(owner, "This wasn't me")
    expect(owner.get_by_text("everybody is signed out of your account")).to_be_visible()

    owner.get_by_role("button", name="Protect my account").click()

    expect(owner.get_by_text("Your account is protected.")).to_be_visible()
    page.goto("/security-info/")
    steps.heading(page, "Sign in")  # whoever it was is out
    owner.go_back()
    owner.reload()
    expect(owner.get_by_text("This link no longer works.")).to_be_visible()


def test_whoever_it_was_after_all_goes_on(site, page):
    name = steps.newcomer_in(site, page)
    page.goto(link_in_the_newest_notice(site, name))

    page.get_by_role("link", name="It was me").click()

    steps.heading(page, "Recent activity")
    page.goto("/security-info/")
    expect(page.get_by_role("link", name="Add method")).to_be_visible()
