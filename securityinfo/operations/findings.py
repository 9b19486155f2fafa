"""What a check has found out: how it stands, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One line for the operator: no secret, no address of a person."""

    level: Level
    about: str
    text: str


Findings = Iterator[Finding]


def ok(about: str, text: str) -> Finding:
    return Finding(Level.OK, about, text)


def warning(about: str, text: str) -> Finding:
    return Finding(Level.WARNING, about, text)


def wrong(about: str, text: str) -> Finding:
    return Finding(Level.WRONG, about, text)
