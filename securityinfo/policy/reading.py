"""The settings in words, for whoever reads the policy and doesn't change it."""

from __future__ import annotations

from typing import NamedTuple

from securityinfo.policy import changes, differences
from securityinfo.policy.layout import FIELDSETS


class Setting(NamedTuple):
    label: str
    value: str


class Section(NamedTuple):
    title: str
    settings: list[Setting]


def sections() -> list[Section]:
    """As the page of whoever edits them has them."""
    state = changes.snapshot()
    found = []
    for title, names in FIELDSETS:
        known = [name for name in names if name in state]
        settings = [Setting(*differences.in_words(name, state[name])) for name in known]
        if settings:
            found.append(Section(str(title), settings))
    return found
