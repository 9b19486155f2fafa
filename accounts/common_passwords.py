"""Common passwords: Django's offline list, and what people make of its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from django.contrib.auth.password_validation import CommonPasswordValidator

SHORTEST_WORD = 4  # "abc" is on the list, too, and stands inside many a good password

# What people type in the order of an alphabet or a keyboard, from any key on.
_ROWS = (
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
)
_LOOKALIKES = [
    str.maketrans("0345789@$!+", "oeastbgasit") | str.maketrans("1", one) for one in "il"
]
_TAIL = re.compile(r"[\W\d_]+\Z")
_HEAD = re.compile(r"\A[\W\d_]+")
_SIGNS = re.compile(r"[\W_]+")


def is_common(password: str) -> bool:
    """Whether it is a listed word, a row of keys, or one of them with the usual disguises.

    Those are: digits and signs around it, the same again and again, signs that look like letters.
    """
    return any(_is_easy(core) for core in _cores(password.casefold()))


def as_letters(word: str) -> Iterator[str]:
    """The word, and what it says if signs stand for the letters they look like."""
    yield word
    for lookalikes in _LOOKALIKES:
        yield word.translate(lookalikes)


def _cores(word: str) -> Iterator[str]:
    """The word, and what is left of it without repetition, tail, head and signs."""
    seen: set[str] = set()
    open_ends = [word]
    while open_ends:
        word = open_ends.pop()
        if word and word not in seen:
            seen.add(word)
            yield word
            open_ends += [_repeated(word), *(each.sub("", word) for each in (_TAIL, _HEAD, _SIGNS))]


def _is_easy(core: str) -> bool:
    if len(core) < SHORTEST_WORD:
        return False
    unit = _repeated(core)
    if len(unit) < SHORTEST_WORD and (unit.isascii() or unit.isalnum()):
        return True
    return _is_row(core) or any(each in _listed() for each in as_letters(core))


def _repeated(word: str) -> str:
    """What the word consists of, at least twice; its end may be cut off. Else the word."""
    for length in range(1, len(word) // 2 + 1):
        if word[length:] == word[:-length]:
            return word[:length]
    return word


def _is_row(word: str) -> bool:
    for row in _ROWS:
        around = row * (len(word) // len(row) + 2)
        if word in around or word in around[::-1]:
            return True
    return False


@cache
def _listed() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)
