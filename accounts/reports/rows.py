"""A number as a row of a table: its words, how much of the whole it is, and its list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PERMILLE = 1000  # the width of a whole bar


@dataclass(frozen=True)
class Row:
    """One number; `link` leads to the people whom it counts."""

    label: StrOrPromise
    number: int
    whole: int
    link: str = ""

    @property
    def width(self) -> int:
        """Of the bar, in thousandths; whoever is there at all can be seen."""
        if not self.number or not self.whole:
            return 0
        return max(4, min(PERMILLE, self.number * PERMILLE // self.whole))

    @property
    def percent(self) -> int:
        """Rounded down: 100 means everybody."""
        return self.number * 100 // self.whole if self.whole else 0
