"""Which browser somebody uses, as a person knows it: "Firefox on Windows"."""

from __future__ import annotations

import re
from functools import lru_cache

from django.utils.translation import gettext as _

# Edge, Opera and Samsung Internet say "Chrome" too, and Chrome says "Safari": the order matters.
_BROWSERS = (
    ("Edge", re.compile(r"\bEdg(?:e|A|iOS)?/")),
    ("Opera", re.compile(r"\b(?:OPR|OPiOS|Opera)/")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/")),
    ("Chrome", re.compile(r"\b(?:Chrome|CriOS|Chromium|HeadlessChrome)/")),
    ("Safari", re.compile(r"\bVersion/\S+ (?:Mobile/\S+ )?Safari/")),
)
_SYSTEMS = (
    ("iPhone", re.compile(r"\biPhone\b")),
    ("iPad", re.compile(r"\biPad\b")),
    ("Android", re.compile(r"\bAndroid\b")),
    ("ChromeOS", re.compile(r"\bCrOS\b")),
    ("Windows", re.compile(r"\bWindows\b")),
    ("Mac", re.compile(r"\bMacintosh\b")),
    ("Linux", re.compile(r"\bLinux\b")),
)
# Longer ones are no browser's, and searching them is work that a stranger orders.
_LONGEST_USER_AGENT = 512


def in_words(user_agent: str) -> str:
    """Browser and system without versions, in English; to be kept.

    Empty if neither is known. A browser can claim anything: this is a hint to its owner, no proof.
    """
    return _in_words(user_agent[:_LONGEST_USER_AGENT])


def translated(words: str) -> str:
    """What `in_words` gave, in the reader's language."""
    name, on, system = words.partition(" on ")
    if not on:
        return words
    # Translators: as in "Firefox on Windows"
    return _("%(browser)s on %(system)s") % {"browser": name, "system": system}


@lru_cache(maxsize=256)
def _in_words(user_agent: str) -> str:
    found = (
        next((name for name, pattern in names if pattern.search(user_agent)), "")
        for names in (_BROWSERS, _SYSTEMS)
    )
    return " on ".join(filter(None, found))
