"""Choosing questions and answers: the refusals, each in its own words; answering them."""

from __future__ import annotations

import pytest
from django.utils import translation

from methods.kinds.questions import catalogue
from methods.kinds.questions.forms import AnswersForm, QuestionsForm
from methods.kinds.questions.tests.sample import ANSWERS, FORM, filled_in
from securityinfo.policy.rules import Settings
from tests import stopwatch

pytestmark = pytest.mark.django_db

GUESSABLE = "Answer 2 is too easy to guess. Don't use words of the question or your name."
LENGTH = "Answer 2 must have 3 to 40 characters."


@pytest.fixture
def form(bob):
    def fill(data=None, **settings):
        return QuestionsForm(data, person=bob, settings=Settings(**settings))

    return fill


@pytest.fixture
def errors(form):
    def ask(data, **settings):
        return {name: list(texts) for name, texts in form(data, **settings).errors.items()}

    return ask


def test_different_questions_and_answers_are_taken(form):
    filled = form(FORM)

    assert filled.is_valid(), filled.errors
    assert filled.cleaned_data["chosen"][0] == ("first-pet", "sir barksalot")


@pytest.mark.parametrize("number", [3, 4, 5])
def test_as_many_pairs_as_the_organization_asks_for(form, number):
    """QU2."""
    empty = form(questions_to_register=number)
    full = form(FORM, questions_to_register=number)

    assert [each.label for each, _ in empty.pairs()] == [
        f"Question {n}" for n in range(1, number + 1)
    ]
    assert full.is_valid()
    assert len(full.cleaned_data["chosen"]) == number


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"question_2": ""}, {"question_2": ["Select a question for question 2."]}),
        ({"question_2": "no-such"}, {"question_2": ["Select a question for question 2."]}),
        ({"question_2": "own:Mine?"}, {"question_2": ["Select a question for question 2."]}),
        (
            {"question_2": "first-pet"},
            {"question_2": ["Choose a different question for question 2."]},
        ),
        ({"answer_2": ""}, {"answer_2": [LENGTH]}),
        ({"answer_2": " ab "}, {"answer_2": [LENGTH]}),
        ({"answer_2": "x" * 41}, {"answer_2": [LENGTH]}),
        ({"answer_2": "x" * 100_000}, {"answer_2": [LENGTH]}),
        ({"answer_2": "\x00\x00\x00"}, {"answer_2": [LENGTH]}),
        ({"answer_2": "street"}, {"answer_2": [GUESSABLE]}),
        ({"answer_2": "Baker"}, {"answer_2": [GUESSABLE]}),
        ({"answer_2": "12345"}, {"answer_2": [GUESSABLE]}),
        (
            {"answer_3": "SIR  barksalot"},
            {"answer_3": ["Answers 1 and 3 are the same. Use different answers."]},
        ),
    ],
)
def test_each_refusal_has_its_words(errors, changes, expected):
    """QU2, QU3, R038."""
    assert errors(FORM | changes) == expected


def test_words_of_the_question_are_refused_in_every_language(errors):
    """R038: who reads the page in English doesn't answer with the Dutch question either."""
    for language in ("en", "nl"):
        with translation.override(language):
            longest = max(catalogue.text_of({"name": "first-street"}).split(), key=len)

        assert errors(FORM | {"answer_2": longest}) == {"answer_2": [GUESSABLE]}


def test_after_a_mistake_answers_are_typed_anew_and_questions_stay(form):
    refused = form(FORM | {"answer_2": "ab"})
    html = "".join(f"{question}{answer}" for question, answer in refused.pairs())

    assert not refused.is_valid()
    assert '<option value="first-pet" selected>' in html
    assert not any(answer in html for answer in ANSWERS.values())


def test_the_fields_are_shown_as_typed_and_not_remembered(form):
    html = "".join(str(answer) for _, answer in form().pairs())

    assert html.count('autocomplete="off"') == 5
    assert html.count('type="text"') == 5


def test_a_question_that_was_switched_off_is_not_offered(form, errors):
    """QU6."""
    assert "first-pet" not in str(form(questions_off=("first-pet",))["question_1"])
    assert errors(FORM, questions_off=("first-pet",)) == {
        "question_1": ["Select a question for question 1."]
    }


def test_the_organizations_own_questions_are_offered(form):
    """QU6."""
    own = "Which color has <your> locker?"
    filled = form(filled_in({f"own:{own}": "Mauve 7"} | ANSWERS), own_questions=(own,))

    assert filled.is_valid(), filled.errors
    assert "&lt;your&gt; locker?" in str(filled["question_1"])


def test_a_policy_that_leaves_too_few_keeps_nobody_out(form):
    """PO4: a damaged row."""
    off = tuple(ANSWERS) + ("first-school", "first-car", "first-employer")

    assert form(FORM, questions_off=off).is_valid()


def test_answers_are_asked_for_on_one_page():
    form = AnswersForm(questions=["Where?", "Who?"])

    assert [field.label for field in form] == ["Where?", "Who?"]
    assert "autofocus" in str(form["answer_1"])


def test_answers_come_as_they_are_compared_and_are_never_shown_again():
    form = AnswersForm({"answer_1": " QUINCE  Lane "}, questions=["Where?"])

    assert form.is_valid()
    assert form.cleaned_data == {"answer_1": "quince lane"}
    assert "QUINCE" not in str(form["answer_1"])


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("", "Enter your answer."),
        ("x" * 5_000, "Those answers aren't right. Check all of them and try again."),
        (["a list"], "Enter your answer."),
    ],
)
def test_what_can_be_no_answer_costs_nothing(typed, text):
    """R011: refused unread, within 50 ms."""
    form = AnswersForm({"answer_1": typed}, questions=["Where?"])

    with stopwatch.at_most(0.05):
        errors = form.errors

    assert list(errors["answer_1"]) == [text]
