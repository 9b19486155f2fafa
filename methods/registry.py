"""The catalogue of kinds: every folder in `methods/kinds/`, found by itself."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from django.conf import settings
from django.utils import translation

from methods.base import Method
from securityinfo import discovery


class UnknownKind(Exception):
    """No folder has this name; an old address, or somebody guessing."""


@cache
def _catalogue() -> dict[str, Method]:
    methods: list[Method] = [import_module(f"{app}.method").method for app in discovery.kind_apps()]
    return {method.kind: method for method in sorted(methods, key=lambda each: each.position)}


def all_methods() -> tuple[Method, ...]:
    """Every kind, in the order in which lists show them."""
    return tuple(_catalogue().values())


def strongest_first() -> tuple[Method, ...]:
    """Every kind, in the order in which pages offer them."""
    return tuple(sorted(all_methods(), key=lambda method: -method.strength))


def issued() -> Method | None:
    """The kind that the helpdesk hands out; None if its folder is gone."""
    return next((method for method in all_methods() if method.traits.is_issued), None)


def get(kind: str) -> Method:
    """Raises UnknownKind."""
    try:
        return _catalogue()[kind]
    except KeyError:
        raise UnknownKind(kind) from None


def has(kind: str) -> bool:
    """Whether the folder is there; registrations outlive it."""
    return kind in _catalogue()


@cache
def labels_of(kind: str) -> frozenset[str]:
    """The label in every language: what was set up in one is read in another."""
    labels = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            labels.add(str(get(kind).label))
    return frozenset(labels)
