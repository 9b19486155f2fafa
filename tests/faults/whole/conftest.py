"""Whole installations: marked as what they are, slow and on real servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.installation import Installation, installed


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as installation:
        yield installation
