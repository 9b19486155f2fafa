"""What an answer has to be: its one spelling, its length, and how easily it is guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

SHORTEST, LONGEST = 3, 40
LONGEST_TYPED = 256  # more is refused unread; 40 characters may be typed as many more code points
NAMING = 4  # letters: words of the question or a name that are shorter say nothing

_WORD = re.compile(r"\w+")
_COMMON = Path(__file__).with_name("common.txt")


def spelled(typed: str) -> str:
    """Full width is width, runs of spaces are one, what can't be seen is not there."""
    plain = unicodedata.normalize("NFKC", typed)
    seen = (each for each in plain if each.isspace() or unicodedata.category(each)[0] != "C")
    return " ".join("".join(seen).split())


def normalized(typed: str) -> str:
    """As it is compared: also without regard to case."""
    return spelled(unicodedata.normalize("NFKC", typed).casefold())


def is_fit(typed: str) -> bool:
    """3 to 40 characters, as the person would count them."""
    return SHORTEST <= len(spelled(typed)) <= LONGEST


def is_guessable(answer: str, *, questions: Iterable[str], names: Iterable[str]) -> bool:
    """Whether a normalized answer says what the question or the name says already (R038).

    `names`: user name, full name, work address.
    """
    questions = [normalized(each) for each in questions]
    names = [normalized(each) for each in names if each]
    if answer in common() or len(set(answer)) == 1:
        return True
    if any(answer in text for text in (*questions, *names)):
        return True
    if any(name in answer for name in names if len(name) >= SHORTEST):
        return True
    return bool(_words(answer) & _words(*questions, *names))


@cache
def common() -> frozenset[str]:
    """What many people answer, whatever was asked."""
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(normalized(line) for line in lines)


def _words(*texts: str) -> set[str]:
    return {word for text in texts for word in _WORD.findall(text) if len(word) >= NAMING}
