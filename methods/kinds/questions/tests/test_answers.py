"""An answer has one spelling, a length, and must not be guessed from what everybody sees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.kinds.questions import answers
from methods.kinds.questions.answers import is_fit, is_guessable, normalized

NAMES = ("bob", "Bob Baker", "bob@example.org")
PET = ("What was the name of your first pet?", "Hoe heette uw eerste huisdier?")


@pytest.mark.parametrize(
    "typed",
    [
        "Straße 12",
        "STRASSE 12",
        " straße  12 ",
        "straße\u00a012",
        "ｓｔｒａßｅ　１２",
        "stra\u00dfe\t12",
        "stra\u200b\u00dfe 12",
        "STRA\u1e9eE 12",
    ],
)
def test_case_width_and_spaces_make_no_other_answer(typed):
    """QU4, R037."""
    assert normalized(typed) == "strasse 12"


def test_composed_and_decomposed_letters_are_the_same():
    assert normalized("Andre\u0301") == normalized("andr\u00e9")


@given(st.text(max_size=60))
def test_a_normalized_answer_stays_as_it_is(typed):
    assert normalized(normalized(typed)) == normalized(typed)


@pytest.mark.parametrize(
    ("typed", "fit"),
    [
        ("ab", False),
        ("abc", True),
        ("  ab  ", False),
        ("a  b", True),
        ("\u200b\u200ba\u200b", False),
        ("x" * 40, True),
        ("x" * 41, False),
        ("東京都", True),
        ("東京", False),
        ("\u1112\u1161\u11ab" * 40, True),  # 40 syllables, typed as 120 letters
        ("ß" * 40, True),  # casefolded they are 80
        ("\x00" * 6, False),
    ],
)
def test_three_to_forty_characters_of_any_script(typed, fit):
    """QU3, R038."""
    assert is_fit(typed) is fit


@pytest.mark.parametrize(
    "typed",
    [
        "pet",
        "FIRST PET",
        "your first",
        "huisdier",  # in the other language
        "my first rabbit",  # holds a word of the question
        "bob",
        "Bob Baker",
        "baker",
        "old baker",
        "bobby bob's",
        "example",
        "bob@example.org",
        "password",
        "P\uff41ssword",
        "i  don't know",
        "aaaaaaa",
        "Rex",
    ],
)
def test_what_everybody_could_guess_is_refused(typed):
    """QU3, R038."""
    assert is_guessable(normalized(typed), questions=PET, names=NAMES)


@pytest.mark.parametrize(
    "typed", ["Sir Barksalot", "Barkington 3", "Petra", "東京都", "De Regenboog"]
)
def test_an_answer_of_ones_own_is_taken(typed):
    assert not is_guessable(normalized(typed), questions=PET, names=NAMES)


def test_the_list_of_common_answers_is_not_empty_and_normalized():
    assert len(answers.common()) > 150
    assert all(each == normalized(each) for each in answers.common())
