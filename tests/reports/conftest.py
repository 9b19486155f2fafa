"""An administrator who reads, and the kind that people in these tests have."""

from __future__ import annotations

import pytest
from django.test import Client

from methods import registry
from methods.base import Method
from tests import kinds


@pytest.fixture
def admin(ada, signed_in) -> Client:
    return signed_in(ada)


@pytest.fixture
def email(db) -> Method:
    """Email, allowed."""
    kinds.allow("email")
    return registry.get("email")
