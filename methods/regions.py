"""What countries and regions are called, for every one that has telephone numbers of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

_NAMES = Path(__file__).with_name("regions.json")


def name_of(region: str) -> str:
    """In the active language, else in English; the two letters of one that nobody knows."""
    names = _names().get(region, {})
    language = (get_language() or "en").partition("-")[0]
    return names.get(language) or names.get("en") or region


@cache
def _names() -> dict[str, dict[str, str]]:
    names: dict[str, dict[str, str]] = json.loads(_NAMES.read_text(encoding="utf-8"))
    return names


def by_name(known: Iterable[str]) -> list[str]:
    """In the order in which a list shows them."""
    return sorted(known, key=name_of)
