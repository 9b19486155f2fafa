"""The one Chromium of a test process: Playwright can't be started twice in a thread."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    from tests.servers import browser as browsers  # only who looks at pages waits for it

    with browsers.chromium() as browser:
        # Playwright leaves an event loop in this thread: Django would refuse all later database
        # tests of this process.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "on"
        yield browser
