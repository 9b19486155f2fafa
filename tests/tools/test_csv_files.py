"""What is downloaded as CSV can be opened in a spreadsheet without running anything (AD4)."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta, timezone
from io import StringIO

import pytest

from securityinfo import csv_files


def read(lines):
    return list(csv.reader(StringIO("".join(lines))))


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\uff1d", "\uff20", "\t", "\r", "\x00"])
def test_a_cell_that_begins_a_formula_is_made_text(first):
    assert csv_files.safe(f"{first}HYPERLINK(1)").startswith("'")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("Dave", "Dave"),
        ("", ""),
        (None, ""),
        (-3, "-3"),
        (True, "yes"),
        (False, "no"),
        (
            datetime(2026, 11, 22, 15, 30, tzinfo=timezone(timedelta(hours=1))),
            "2026-11-22T14:30:00+00:00",
        ),
    ],
)
def test_other_cells_say_what_they_are(cell, text):
    assert csv_files.safe(cell) == text


def test_quotes_and_line_ends_stay_in_their_cell():
    lines = csv_files.lines(["name", "note"], [['Da"ve', "one\ntwo, three"]])

    assert read(lines) == [["name", "note"], ['Da"ve', "one\ntwo, three"]]


def test_rows_above_the_most_are_left_out_with_a_note(monkeypatch):
    monkeypatch.setattr(csv_files, "MOST_ROWS", 2)

    written = read(csv_files.lines(["n"], ([n] for n in range(3)), note="There is more."))

    assert written == [["n"], ["0"], ["1"], ["There is more."]]


def test_no_note_where_nothing_was_left_out(monkeypatch):
    monkeypatch.setattr(csv_files, "MOST_ROWS", 3)

    written = read(csv_files.lines(["n"], ([n] for n in range(3)), note="There is more."))

    assert written == [["n"], ["0"], ["1"], ["2"]]


def test_the_answer_is_a_file_that_nobody_keeps():
    answer = csv_files.response("people", ["at"], [[datetime(2026, 11, 22, tzinfo=UTC)]])

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="people.csv"'
    assert answer["Cache-Control"] == "no-store"
    assert b"".join(answer).decode() == "at\r\n2026-11-22T00:00:00+00:00\r\n"
