"""What became of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"
    EXHAUSTED = "exhausted"
    USED = "used"
    AWAITED = "awaited"  # nothing was keyed into the phone yet; no try was spent
    ENDED = "ended"  # replaced or canceled; or there never was such a challenge here


@dataclass(frozen=True)
class Answer:
    """What became of an answer; `tries_left` counts after a wrong one."""

    result: Result
    tries_left: int = 0

    def __bool__(self) -> bool:
        return self.result is Result.RIGHT
