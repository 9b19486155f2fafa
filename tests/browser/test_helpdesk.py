"""Somebody is stuck, and an agent helps: checked by a code, deleted, let in again."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser import steps


def code_read_out(site, name: str) -> str:
    """What the caller reads in the mailbox: the newest message, by now."""
    return steps.code(site, name, number=2)


def test_an_agent_helps_a_caller_back_in(site, page, new_page, javascript):
    name = steps.newcomer_in(site, page)
    caller, agent = page, new_page(javascript=javascript)
    steps.sign_in(site, agent, "carol")
    agent.get_by_role("link", name="Helpdesk", exact=True).click()
    agent.get_by_label("User name, work email or name").fill(name)
    agent.get_by_role("button", name="Search").click()
    found = agent.get_by_role("listitem").filter(has_text=name)
    found.get_by_role("link", name="Help Alice Martin").first.click()
    expect(agent.get_by_text("Check the caller first.")).to_be_visible()

    agent.get_by_role("link", name="Check the caller").click()
    agent.get_by_label("Reason").fill("Lost the phone")
    steps.allow_another_code(site, name)
    agent.get_by_role("radio", name="Send a code: Email").check()
    agent.get_by_role("button", name="Next").click()
    words = agent.locator(".caller-words .secret").inner_text().strip()
    caller.goto("/security-info/")
    expect(caller.get_by_text(f"The agent sees the same two words: {words}.")).to_be_visible()
    code_in_mail = code_read_out(site, name)
    assert words in site.messages(name)[0]["body"]
    agent.get_by_label("Code", exact=True).fill(code_in_mail)
    agent.get_by_role("button", name="Verify").click()
    expect(agent.get_by_text("Case open until")).to_be_visible()

    agent.get_by_role("link", name="Require re-registration").click()
    expect(agent.get_by_role("heading", name="Will be kept")).to_be_visible()
    agent.get_by_role("button", name="Require re-registration").dblclick()
    expect(agent.get_by_text("has been told.")).to_have_count(1)
    caller.goto("/security-info/")
    steps.heading(caller, "Sign in")  # the session is over

    agent.get_by_role("link", name="Temporary access pass").click()
    agent.get_by_role("radio", name="For signing in").check()
    agent.get_by_role("button", name="Issue pass").click()
    text = agent.locator("#pass").inner_text().strip()
    agent.get_by_role("link", name="Done").click()
    agent.get_by_role("button", name="Close case").click()
    expect(agent.get_by_text("The case is closed.")).to_be_visible()

    steps.give_password(caller, name)
    caller.get_by_label("Temporary access pass").fill(text)
    caller.get_by_role("main").get_by_role("button").first.click()
    steps.heading(caller, "Keep your account secure")


def test_a_person_finds_no_helpdesk(site, page):
    steps.newcomer_in(site, page)

    expect(page.get_by_role("link", name="Helpdesk", exact=True)).to_have_count(0)
    page.goto("/helpdesk/")
    expect(page.get_by_text("There is no such page.")).to_be_visible()
