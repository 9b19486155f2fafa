"""A language in which every text stands in brackets and is longer, and a reader that finds gaps."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

OPEN, CLOSE = "⟦", "⟧"
WORD_OF_12 = "~" * 12
LONGER = 0.4  # German and Finnish need about that much more room than English

# Here stands data, in no language: codes, addresses, times, what is quoted from a machine.
DATA_ELEMENTS = {"bdi", "time", "code", "textarea"}
SILENT_ELEMENTS = {"script", "style", "template"}
EMPTY_ELEMENTS = {"br", "hr", "img", "input", "link", "meta", "wbr", "path", "rect", "circle"}
TEXT_ATTRIBUTES = {"alt", "aria-label", "aria-description", "placeholder", "title"}
SEPARATORS = " \n–›·:"
WORD = re.compile(r"[^\W\d_]{2,}")
# Addresses, dates and identifiers: "a•••@example.net", "22 nov 2026", a UUID.
VALUES = re.compile(r"\S+@\S+|https?://\S+|\b\d{1,2} \w+ \d{4}\b|\b[0-9a-f-]{16,}\b")
# An attribute for scripts that reads like a text, not like an identifier or an address.
SENTENCE = re.compile(r"\A[A-Z][^\W\d_]+|[^\W\d_]+ [^\W\d_]+")


def bracketed(text: str) -> str:
    body = text.strip()
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    more = " ".join(WORD_OF_12 for _ in range(round(len(body) * LONGER / len(WORD_OF_12))))
    return f"{before}{OPEN}{body}{more}{CLOSE}{after}"


def write_catalog(sources: Catalog, locale: Path, language: str) -> None:
    """Compile a catalog for `language` below the folder `locale`."""
    catalog = Catalog(locale=language)
    for message in sources:
        if message.id and isinstance(message.id, str):
            catalog.add(message.id, bracketed(message.id), context=message.context)
        elif message.id:
            pair = tuple(bracketed(form) for form in message.id)
            catalog.add(message.id, pair, context=message.context)
    folder = locale / language / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalog)


class _Reader(HTMLParser):
    def __init__(self, data: Iterable[str], recorded: Container[str] = ()) -> None:
        super().__init__()
        self.recorded = recorded
        # The longest first: a first name is part of a full name.
        names = sorted(filter(None, data), key=len, reverse=True)
        self.data = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")
        self.elements: list[str] = []
        self.depth = 0
        self.forgotten: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in EMPTY_ELEMENTS:
            self.elements.append(tag)
        values = dict(attrs)
        for name, value in values.items():
            reads_as_text = name.startswith("data-") and SENTENCE.search(value or "")
            if name in TEXT_ATTRIBUTES or reads_as_text:
                self.judge(value or "", within=0)
        if tag == "input" and values.get("type") in ("submit", "button", "reset"):
            self.judge(values.get("value") or "", within=0)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY_ELEMENTS:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.elements:
            while self.elements.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if SILENT_ELEMENTS.intersection(self.elements):
            return
        is_data = bool(DATA_ELEMENTS.intersection(self.elements))
        self.depth = self.judge(data, within=self.depth, is_data=is_data)

    def judge(self, text: str, *, within: int, is_data: bool = False) -> int:
        """Note words outside brackets; returns how many brackets are open at the end."""
        outside = []
        for part in re.split(f"([{OPEN}{CLOSE}])", text):
            within += {OPEN: 1, CLOSE: -1}.get(part, 0)
            if within == 0 and part != CLOSE:
                outside.append(part)
        rest = self.data.sub(" ", VALUES.sub(" ", " ".join(outside)))
        is_data = is_data or rest.strip(SEPARATORS) in self.recorded
        if WORD.search(rest) and not is_data:
            self.forgotten.append(" ".join(rest.split()))
        return within


def forgotten_texts(html: str, data: Iterable[str], recorded: Container[str] = ()) -> list[str]:
    """Visible words outside brackets.

    `data` are names and values that have no language, wherever they stand; `recorded` are words of
    the program that may stand alone, as the log has them.
    """
    reader = _Reader(data, recorded)
    reader.feed(html)
    reader.close()
    return reader.forgotten


def forgotten_words(text: str, data: Iterable[str]) -> list[str]:
    """The same for a message in plain text."""
    reader = _Reader(data)
    reader.judge(text, within=0)
    return reader.forgotten
