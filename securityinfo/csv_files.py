"""CSV to download: streamed, and safe to open in a spreadsheet (AD4)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Protocol

from django.http import StreamingHttpResponse

MOST_ROWS = 100_000
# OWASP, CSV injection: what a spreadsheet takes for the beginning of a formula.
FORMULA_SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"  # the wide ones of East Asia, too

Cell = str | int | bool | datetime | None


class Writer(Protocol):
    def writerow(self, row: Iterable[str]) -> str: ...


class _Line:
    """A file that gives back what is written to it: csv writes to nothing else."""

    def write(self, line: str) -> str:
        return line


def response(
    file_name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]], *, note: str = ""
) -> StreamingHttpResponse:
    """UTF-8 with a header row, times in UTC; `note` is the last line where rows were left out.

    `rows` is read while the answer is sent; at most MOST_ROWS of it. `file_name` has no suffix.
    """
    return StreamingHttpResponse(
        lines(header, rows, note=note),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{file_name}.csv"',
            "Cache-Control": "no-store",
        },
    )


def lines(
    header: Sequence[str], rows: Iterable[Sequence[Cell]], *, note: str = ""
) -> Iterator[str]:
    """The file's lines, one by one, each with its end."""
    writer: Writer = csv.writer(_Line())
    yield writer.writerow(header)
    unread = iter(rows)
    for row in islice(unread, MOST_ROWS):
        yield writer.writerow(safe(cell) for cell in row)
    if note and next(unread, None) is not None:
        yield writer.writerow([safe(note)])


def safe(cell: Cell) -> str:
    """As text that no spreadsheet runs: a sign that begins a formula gets a quote before it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).isoformat(timespec="seconds")
    text = str(cell)
    begins_badly = bool(text) and isinstance(cell, str) and _is_unsafe(text[0])
    return f"'{text}" if begins_badly else text


def _is_unsafe(first: str) -> bool:
    return first in FORMULA_SIGNS or not first.isprintable()
