"""What the tests of methods share: room for several addresses, and a second kind."""

from __future__ import annotations

import pytest

from tests import kinds
from tests.methods import token


@pytest.fixture
def email(db):
    """The kind, allowed as often as it can be."""
    kinds.allow("email")
    return kinds.registry.get("email")


@pytest.fixture
def token_kind(db, monkeypatch):
    """A second, stronger kind that sends nothing."""
    return token.install(monkeypatch)
