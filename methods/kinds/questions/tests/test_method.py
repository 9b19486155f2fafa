"""What only this kind does: which questions are asked, and how the answers are judged."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.template.loader import render_to_string
from django.utils import timezone

from methods.base import Prompt, Purpose, RuleState, Strength
from methods.kinds.questions import catalogue
from methods.kinds.questions.method import method
from methods.kinds.questions.tests.sample import ANSWERS, right
from securityinfo.policy.rules import Settings
from tests.hashers import QuickHasher

CHOSEN = [(name, answer.casefold()) for name, answer in ANSWERS.items()]


@pytest.fixture(scope="module")
def details():
    return method.enrol(None, {"chosen": CHOSEN}).details


def prompt(details, last_counter=-1, **settings):
    return Prompt(
        id=uuid4(),
        nonce=bytes(16),
        generation=0,
        purpose=Purpose.RESET,
        details=details,
        context=method.prepare(details, settings=Settings(**settings), last_counter=last_counter),
        expires_at=timezone.now() + timedelta(minutes=10),
    )


def test_it_serves_a_reset_and_nothing_else():
    """QU1, R036."""
    assert method.purposes == {Purpose.RESET}
    assert method.strength is Strength.NONE
    assert not method.traits.counts
    assert method.initial_state is RuleState.OFF


def test_it_tells_administrators_why_not():
    """QU1; security 2.2 wants the rule named that forbids it."""
    assert str(method.caution).startswith(
        "Answers can often be guessed or found. Prefer another method."
    )
    assert "ASVS 6.4.2" in str(method.caution)


def test_there_are_twelve_questions():
    """QU6."""
    assert len(catalogue.BUILT_IN) == 12


def test_a_set_is_known_by_its_number():
    assert method.summary({"questions": [{}] * 5}) == "5 questions"


def test_two_sets_never_look_the_same(details):
    """R037: each answer is hashed with a salt of its own."""
    again = method.enrol(None, {"chosen": CHOSEN}).details

    assert details["seed"] != again["seed"]
    hashes = [each["answer"] for kept in (details, again) for each in kept["questions"]]
    assert len(set(hashes)) == 10
    assert {identify_hasher(each).algorithm for each in hashes} == {"argon2"}


def test_no_answer_is_kept(details):
    """R037."""
    assert not any(answer in str(details).casefold() for _, answer in CHOSEN)


@pytest.mark.parametrize("number", [3, 4, 5])
def test_as_many_are_asked_as_the_organization_wants(details, number):
    """QU2."""
    asked = prompt(details, questions_to_answer=number).context["asked"]

    assert len(set(asked)) == number


def test_never_more_than_were_registered():
    few = method.enrol(None, {"chosen": CHOSEN[:3]}).details

    assert len(prompt(few, questions_to_answer=5).context["asked"]) == 3


def test_the_same_are_asked_until_a_right_answer(details):
    """QU2, R039."""
    asked = [prompt(details).context["asked"] for _ in range(20)]
    later = {tuple(prompt(details, counter).context["asked"]) for counter in range(20)}

    assert all(each == asked[0] for each in asked)
    assert len(later) > 5


def test_a_new_number_to_answer_keeps_those_already_asked(details):
    three, five = (prompt(details, questions_to_answer=n).context["asked"] for n in (3, 5))

    assert five[:3] == three


def test_people_are_asked_different_ones():
    seeds = [method.enrol(None, {"chosen": CHOSEN[:3]}).details for _ in range(20)]

    assert len({tuple(prompt(each).context["asked"]) for each in seeds}) > 1


def test_a_right_answer_leads_to_other_questions(details):
    assert method.check(prompt(details), right(prompt(details))).counter == 0
    later = prompt(details, 7)
    assert method.check(later, right(later)).counter == 8


@pytest.mark.parametrize(
    "wrong", [("answer_1",), ("answer_2",), ("answer_1", "answer_2", "answer_3")]
)
def test_one_wrong_reads_like_three_wrong_and_takes_as_long(details, monkeypatch, wrong):
    """QU5, R039: the same verdict after the same number of hashes."""
    asked = prompt(details)
    hashed = []
    verify = QuickHasher.verify

    def counting(self, password, encoded):
        hashed.append(encoded)
        return verify(self, password, encoded)

    monkeypatch.setattr(QuickHasher, "verify", counting)

    verdict = method.check(asked, right(asked) | dict.fromkeys(wrong, "nothing of the kind"))

    assert (verdict.right, verdict.counter) == (False, None)
    assert len(hashed) == 3


def test_each_answer_belongs_to_its_question(details):
    asked = prompt(details)
    given = right(asked)

    swapped = given | {"answer_1": given["answer_2"], "answer_2": given["answer_1"]}

    assert not method.check(asked, swapped).right


def test_a_missing_answer_is_a_wrong_one(details):
    asked = prompt(details)

    assert not method.check(asked, {}).right
    assert not method.check(asked, right(asked) | {"answer_3": ""}).right


def test_a_question_switched_off_later_is_still_asked(details):
    """QU7: also one that the organization has deleted."""
    own = method.enrol(None, {"chosen": [("own:Which locker?", "mauve"), *CHOSEN[:2]]}).details
    asked = prompt(own, questions_off=tuple(catalogue.BUILT_IN), own_questions=())

    labels = {str(field.label) for field in method.form_for(asked)}

    assert labels == {
        "Which locker?",
        *(str(catalogue.BUILT_IN[name]) for name, _ in CHOSEN[:2]),
    }


def test_the_page_that_asks_shows_the_questions_and_nothing_of_the_answers(details, rf):
    asked = prompt(details)
    form = method.form_for(asked)
    context = {"form": form, "method": method, "place": {}, "organization": {}}

    html = render_to_string(method.verify_template, context)

    assert all(f"{each.label}</label>" in html for each in form)
    assert html.count("data-hide-answer") == 3
    assert not any(answer in html for _, answer in CHOSEN)
