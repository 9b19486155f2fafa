"""Lines of a file as people: each cell by itself, then one line against the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from accounts.importing import reading, values
from accounts.importing.columns import Column
from accounts.importing.reading import Line, Problem
from accounts.importing.values import Organization, Wrong


@dataclass(frozen=True, slots=True)
class Wanted:
    """One person as a line of the file has them; columns that the file lacks are absent."""

    line: int
    values: dict[Column, Any]

    @property
    def name(self) -> str:
        return str(self.values[Column.USER_NAME])

    @property
    def folded(self) -> str:
        """The user name as it is compared."""
        return self.name.lower()

    @property
    def address(self) -> str:
        return str(self.values.get(Column.WORK_ADDRESS, ""))

    @property
    def number(self) -> str:
        """The employee number as it is compared."""
        return str(self.values.get(Column.EMPLOYEE_NUMBER, "")).upper()


def people_of(text: str, organization: Organization) -> Iterator[Wanted | Problem]:
    """In the file's order. Raises what reading.lines_of raises."""
    seen = _Seen()
    for line in reading.lines_of(text):
        if isinstance(line, Problem):
            yield line
            continue
        found, problems = _cells(line, organization)
        problems += _together(found, line.number)
        if problems:
            yield from problems
            continue
        wanted = Wanted(line.number, found)
        twice = list(seen.twice(wanted))
        yield from twice
        if not twice:
            yield wanted


def _cells(line: Line, organization: Organization) -> tuple[dict[Column, Any], list[Problem]]:
    found, problems = {}, []
    for column, cell in line.cells.items():
        try:
            found[column] = values.of(column, cell, organization)
        except Wrong as wrong:
            problems.append(Problem(line.number, column, str(wrong)))
    return found, problems


def _together(found: dict[Column, Any], number: int) -> list[Problem]:
    work, private = (found.get(each) for each in (Column.WORK_ADDRESS, Column.PRIVATE_ADDRESS))
    if private and private.lower() == work:
        words = _("This is the work address. A private one is needed here.")
        return [Problem(number, Column.PRIVATE_ADDRESS, words)]
    return []


@dataclass
class _Seen:
    """In which line what nobody shares was first: names and addresses are typed into one field."""

    names: dict[str, int] = field(default_factory=dict)
    addresses: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    def twice(self, wanted: Wanted) -> Iterator[Problem]:
        line = wanted.line
        name, address, number = wanted.folded, wanted.address, wanted.number
        earlier = {
            Column.USER_NAME: self.names.get(name) or self.addresses.get(name),
            Column.WORK_ADDRESS: self.addresses.get(address) or self.names.get(address),
            Column.EMPLOYEE_NUMBER: self.numbers.get(number),
        }
        for column, first in earlier.items():
            if first:
                words = _("This stands in line %(line)d already.")
                yield Problem(line, column, words % {"line": first})
        self.names.setdefault(name, line)
        if address:
            self.addresses.setdefault(address, line)
        if number:
            self.numbers.setdefault(number, line)
