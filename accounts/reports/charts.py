"""Columns over time as a drawing, in whole numbers: the template writes it as SVG.

There is no text inside the columns, so the drawing can be mirrored where one reads from the right;
the same numbers stand in the table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

WIDTH, HEIGHT = 600, 160
GAP = 2


@dataclass(frozen=True)
class Column:
    """One rectangle; `y` counts from the top."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Columns:
    """A number for each beginning of a period."""

    name: str
    title: StrOrPromise
    days: Sequence[date]
    numbers: Sequence[int]

    width = WIDTH
    height = HEIGHT

    @property
    def key(self) -> str:
        """For the page: no dot in an id."""
        return self.name.replace(".", "-")

    @property
    def most(self) -> int:
        return max(self.numbers, default=0)

    @property
    def total(self) -> int:
        return sum(self.numbers)

    @property
    def latest(self) -> int:
        return self.numbers[-1] if self.numbers else 0

    @property
    def first_day(self) -> date:
        return self.days[0]

    @property
    def last_day(self) -> date:
        return self.days[-1]

    @property
    def columns(self) -> list[Column]:
        """Whatever is there at all can be seen."""
        step = WIDTH // max(1, len(self.numbers))
        found = []
        for place, number in enumerate(self.numbers):
            height = max(2, number * HEIGHT // self.most) if number else 0
            found.append(Column(place * step + GAP, HEIGHT - height, step - 2 * GAP, height))
        return found
