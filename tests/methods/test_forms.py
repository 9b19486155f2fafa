"""Codes as people type and paste them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.forms import CodeForm
from methods.manage_forms import RenameForm
from tests import stopwatch

EMPTY, FORMAT = "Enter the 6-digit code.", "The code has 6 digits."


def errors(code) -> list[str]:
    form = CodeForm({"code": code})
    return [] if form.is_valid() else list(form.errors["code"])


@pytest.mark.parametrize(
    "typed",
    [
        "123456",
        "123 456",
        " 123456 ",
        "12-34-56",
        "1 2 3 4 5 6",
        "123\u00a0456",
        "123\u2009456",
        "123\u202f456",
        "123\u2013456",
        "123\u2011456",
        "123\t456\n",
        "\u200b123456\u200b",
        "\ufeff123456",
        "\u2068123456\u2069",
        "123\u00ad456",
        "１２３４５６",
        "１２３ ４５６",
    ],
)
def test_a_code_is_accepted_as_people_paste_it(typed):
    """R011, C4."""
    form = CodeForm({"code": typed})

    assert form.is_valid(), form.errors
    assert form.cleaned_data["code"] == "123456"


def test_leading_zeros_stay():
    """R001."""
    form = CodeForm({"code": "073040"})

    assert form.is_valid()
    assert form.cleaned_data["code"] == "073040"


@pytest.mark.parametrize("typed", ["", " ", "   ", "-", "\u200b"])
def test_an_empty_code_is_asked_for(typed):
    assert errors(typed) == [EMPTY]


@pytest.mark.parametrize(
    "typed",
    [
        "12345",
        "1234567",
        "12345a",
        "abcdef",
        "+12345",
        "12.456",
        "١٢٣٤٥٦",
        "１２３４５",
        "123456\x00",
        "\x00\x00\x00\x00\x00\x00",
        "½23456",
        "0x1234",
        "[1,2]",
        json.dumps({"code": "123456"}),
        "1" * 64,
        "1" * 65,
        " " * 65 + "123456",
        "1" * 5_000,
        "ﷺ" * 64,
    ],
)
def test_anything_else_is_refused_in_the_same_words(typed):
    """R011: and at once."""
    with stopwatch.at_most(0.05):
        found = errors(typed)

    assert found == [FORMAT]


@pytest.mark.parametrize("value", [["123456"], {"code": "123456"}, 123456, None, b"123456"])
def test_what_is_no_text_is_no_code(value):
    """R011: lists and JSON."""
    assert errors(value)


@given(st.text(max_size=80))
def test_whatever_is_typed_gives_six_plain_digits_or_an_error(typed):
    form = CodeForm({"code": typed})

    if form.is_valid():
        code = form.cleaned_data["code"]
        assert len(code) == 6
        assert code.isascii()
        assert code.isdigit()


def test_the_field_is_as_phones_want_it():
    html = str(CodeForm()["code"])

    for attribute in (
        'type="text"',
        'inputmode="numeric"',
        'autocomplete="one-time-code"',
        'spellcheck="false"',
        'autocapitalize="off"',
    ):
        assert attribute in html
    assert "maxlength" not in html


def test_a_refused_code_is_not_shown_again():
    form = CodeForm({"code": "12345"})

    assert not form.is_valid()
    assert "12345" not in str(form["code"])


def test_a_name_that_is_dear_to_normalize_is_refused_unread():
    """A heap of accents is sorted in quadratic time: 100 KB of them kept a process for 8 s."""
    heap = "a" + "\u0301" * 25_000 + "\u0327" * 25_000

    with stopwatch.at_most(0.5):
        form = RenameForm({"name": heap}, taken=())
        assert list(form.errors) == ["name"]


def test_a_name_may_be_typed_as_more_code_points_than_it_has_letters():
    form = RenameForm({"name": "o\u0302\u0323" * 40}, taken=())

    assert form.is_valid(), form.errors
    assert form.cleaned_data["name"] == "\u1ed9" * 40
