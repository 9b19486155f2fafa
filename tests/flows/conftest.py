"""A browser for the flows, and a second kind."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import kinds
from tests.methods import token


@pytest.fixture
def browser(bob, signed_in) -> Client:
    kinds.allow("email")
    return signed_in(bob)


@pytest.fixture
def token_kind(monkeypatch, db):
    return token.install(monkeypatch)
