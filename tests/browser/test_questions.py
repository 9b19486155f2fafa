"""Security questions: chosen, refused, hidden, changed and deleted."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from methods.kinds.questions.tests.sample import ANSWERS, OTHERS
from tests.browser import steps

GUESSABLE = "Answer 2 is too easy to guess. Don't use words of the question or your name."
with_javascript = pytest.mark.parametrize("javascript", [True], ids=["with JavaScript"])


@pytest.fixture
def member(site, page):
    """Somebody signed in who has one address."""
    return steps.newcomer_in(site, page)


def fill(page: Page, answers: dict[str, str]) -> None:
    for number, (question, answer) in enumerate(answers.items(), start=1):
        page.get_by_label(f"Question {number}", exact=True).select_option(question)
        page.get_by_label(f"Answer {number}", exact=True).fill(answer)


def row(page: Page):
    return page.get_by_role("list").get_by_role("listitem").filter(has_text="Security questions")


def test_questions_are_registered_changed_and_deleted(site, member, page):
    steps.add(page, "Security questions")
    steps.heading(page, "Security questions")
    expect(page.get_by_text("Only used, together with another check")).to_be_visible()

    fill(page, ANSWERS | {"first-street": "street"})
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("alert")).to_contain_text(GUESSABLE)
    expect(page.get_by_label("Question 2", exact=True)).to_have_value("first-street")
    expect(page.get_by_label("Answer 1", exact=True)).to_have_value("")
    fill(page, ANSWERS)
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("status")).to_contain_text("Security questions, 5 questions, was added")
    expect(row(page)).to_contain_text("5 questions")
    expect(row(page)).to_contain_text("For password reset")

    row(page).get_by_role("link", name="Change").click()
    steps.heading(page, "Change security questions")
    fill(page, OTHERS)
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("status")).to_contain_text("was changed")

    row(page).get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_contain_text("was deleted")
    expect(row(page)).to_be_hidden()
    steps.processes.wait_until(
        lambda: len([m for m in site.messages(member) if "security info" in m["subject"]]) > 2,
        20,
        "for the notices",
    )
    told = str(site.messages(member))
    assert not any(answer in told for answer in (*ANSWERS.values(), *OTHERS.values()))


@with_javascript
def test_an_answer_is_hidden_from_who_looks_on(member, page, axe):
    page.goto("/security-info/add/questions/")
    answer = page.get_by_label("Answer 2", exact=True)
    answer.fill("Quince Lane")

    page.get_by_role("button", name="Hide Answer 2").click()
    expect(answer).to_have_css("-webkit-text-security", "disc")
    expect(page.get_by_label("Answer 1", exact=True)).not_to_have_css(
        "-webkit-text-security", "disc"
    )
    axe(page)

    page.get_by_role("button", name="Show Answer 2").click()
    expect(answer).to_have_css("-webkit-text-security", "none")
    expect(answer).to_have_value("Quince Lane")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_and_its_problems_are_well_made(site, new_page, axe, scheme, width):
    page = new_page(scheme=scheme, width=width)
    steps.sign_in(site, page, "bob")
    steps.heading(page, "Security info")
    page.goto("/security-info/add/questions/")
    axe(page)

    page.get_by_role("button", name="Done").click()

    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("Select a question for question 1.")
    axe(page)
    wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wider <= 0


@pytest.mark.parametrize("javascript", [False], ids=["without JavaScript"])
def test_without_javascript_there_is_no_hide_button(member, page):
    page.goto("/security-info/add/questions/")

    expect(page.get_by_label("Answer 1", exact=True)).to_have_attribute("type", "text")
    expect(page.get_by_role("button", name="Hide")).to_have_count(0)
