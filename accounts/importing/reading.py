"""A file of people as text and lines: its encoding, its signs, its size; not what it says."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from django.utils.translation import gettext as _

from accounts.importing import columns
from accounts.importing.columns import Column, WrongHeader
from securityinfo.csv_files import FORMULA_SIGNS

MOST_BYTES = 64 * 1024 * 1024  # 100,000 lines with every column full are about 40 MB
MOST_LINES = 100_000
MOST_PROBLEMS = 1_000  # whoever has more of them has one, a thousand times
LONGEST_CELL = 1_000  # no column takes more than 254 characters; groups are several

_DELIMITERS = ",;\t"
_NOT_UTF_8 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ARCHIVE = b"PK\x03\x04"  # a workbook is one, too


class Unreadable(Exception):
    """Nothing of the file can be used; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in one line that has to be corrected first."""

    line: int
    column: str  # empty: the line as a whole
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """The cells of one line, as they stand there; `number` is that of an editor."""

    number: int
    cells: dict[Column, str]


def text_of(data: bytes, *, most: int = MOST_BYTES) -> str:
    """Raises Unreadable."""
    if len(data) > most:
        text = _("The file is larger than %(size)d MB.")
        raise Unreadable(text % {"size": most // 1024 // 1024})
    if data.startswith(_ARCHIVE):
        raise Unreadable(
            _("This is a workbook or an archive, not a CSV file. Save it as CSV UTF-8.")
        )
    if data.startswith(_NOT_UTF_8) or b"\0" in data:
        raise Unreadable(_("The file isn't in UTF-8. Save it as CSV UTF-8."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        words = _("Line %(line)d isn't in UTF-8. Save the file as CSV UTF-8.")
        raise Unreadable(words % {"line": line}) from None
    if not text.strip():
        raise Unreadable(_("The file is empty."))
    return text


def lines_of(text: str) -> Iterator[Line | Problem]:
    """Line by line. Raises Unreadable, and WrongHeader for the first one."""
    rows = _rows(text)
    first = next(rows, None)
    while first is not None and not isinstance(first, Problem) and not any(first[1]):
        first = next(rows, None)
    if first is None or isinstance(first, Problem):
        raise Unreadable(_("The first line has to name the columns."))
    named = columns.of_header(first[1])
    count = 0
    for row in rows:
        if isinstance(row, Problem):
            yield row
            continue
        number, cells = row
        if not any(cells):
            continue
        count += 1
        if count > MOST_LINES:
            text_ = _("The file has more than %(count)d lines. Split it.")
            raise Unreadable(text_ % {"count": MOST_LINES})
        yield _line(number, named, cells)


def _rows(text: str) -> Iterator[tuple[int, list[str]] | Problem]:
    delimiter = _delimiter_of(text)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            words = _("This line can't be read: a quotation mark is missing, or is one too many.")
            yield Problem(number, "", words)
            return  # what follows would be read wrongly
        if not (number == 1 and cells and cells[0].lower().startswith("sep=")):  # Excel's own
            yield number, [cell.strip() for cell in cells]
        number = reader.line_num + 1


def _delimiter_of(text: str) -> str:
    """The one that the first line has most of: Excel writes semicolons in half of Europe."""
    first = text.lstrip().partition("\n")[0]
    if first.lower().startswith("sep=") and first[4:5] in _DELIMITERS:
        return first[4]
    return max(_DELIMITERS, key=first.count)


def _line(number: int, named: list[Column], cells: list[str]) -> Line | Problem:
    if len(cells) > len(named) and not any(cells[len(named) :]):
        cells = cells[: len(named)]  # empty cells at the end, as spreadsheets leave them
    if len(cells) != len(named):
        words = _("This line has %(cells)d cells, and the first line names %(columns)d columns.")
        counts = {"cells": len(cells), "columns": len(named)}
        return Problem(number, "", words % counts)
    for column, cell in zip(named, cells, strict=True):
        if len(cell) > LONGEST_CELL:
            return Problem(number, column, _("This is too long."))
    plain = {column: _without_guard(cell) for column, cell in zip(named, cells, strict=True)}
    return Line(number, plain)


def _without_guard(cell: str) -> str:
    """Our own files put a quote before what a spreadsheet would run."""
    guarded = len(cell) > 1 and cell[0] == "'" and cell[1] in FORMULA_SIGNS
    return cell[1:] if guarded else cell


__all__ = ["Line", "Problem", "Unreadable", "WrongHeader", "lines_of", "text_of"]
