"""What was promised, what was seen, and whether it was kept."""

from __future__ import annotations

from dataclasses import dataclass


class NotTried(Exception):
    """What has to be there before did not come."""


@dataclass(frozen=True)
class Outcome:
    """One row of the table."""

    name: str  # "L1"
    load: str
    promise: str
    seen: str
    kept: bool
    cores: str = ""  # who computed how much meanwhile

    def __str__(self) -> str:
        verdict = "kept" if self.kept else "MISSED"
        lines = (f"{self.name}  {verdict:<7} {self.load}", f"wanted: {self.promise}")
        return "\n            ".join([*lines, f"seen:   {self.seen}", f"cores:  {self.cores}"])


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"
