"""Fixtures for the tests of texts and translations."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Catalog

from tests.i18n import extraction


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Every text that the program can show."""
    return extraction.extract(tmp_path_factory.mktemp("sources"))


@pytest.fixture(scope="session")
def dutch() -> Catalog:
    return extraction.load(extraction.DUTCH)
