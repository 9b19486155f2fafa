"""A demo that really runs, and a real browser in front of it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import steps
from tests.servers import browser as browsers
from tests.servers import processes
from tests.servers.demo import Demo

# A code travels through a broker and a worker before it is on the phone.
expect.set_options(timeout=30_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(os.path.dirname(__file__)):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.servers)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo as `make demo` starts it: `site.url`, `site.newcomer()`, `site.phone()`."""
    with Demo(tmp_path_factory.mktemp("site")) as demo:
        yield demo


@pytest.fixture(autouse=True)
def unlimited(request: pytest.FixtureRequest) -> None:
    """All tests come from one address: what one of them has used up, the next one gets back."""
    if "site" in request.fixturenames:
        steps.forget_limits(request.getfixturevalue("site"))


@pytest.fixture
def new_page(site: Demo, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`new_page(javascript=False, scheme="dark", width=360)`: a browser of its own each time.

    In the end nothing may have been fetched from elsewhere, and the console must be silent.
    """
    windows: list[browsers.Window] = []

    def make(
        *, javascript: bool = True, scheme: str = "light", width: int = 1280, **options: object
    ) -> Page:
        context = chromium.new_context(
            base_url=site.url,
            java_script_enabled=javascript,
            color_scheme=scheme,
            viewport={"width": width, "height": 900},
            locale=options.pop("locale", "en-GB"),
            reduced_motion="reduce",
            **options,
        )
        windows.append(browsers.Window(context, site.url))
        windows[-1].watch()
        return windows[-1].open()

    yield make

    complaints = [complaint for window in windows for complaint in window.complaints]
    for window in windows:
        window.context.close()
    assert complaints == []


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def javascript(request: pytest.FixtureRequest) -> bool:
    """Where one of the two is enough: `@pytest.mark.parametrize("javascript", [True])`."""
    return request.param


@pytest.fixture
def page(javascript: bool, new_page: Callable[..., Page]) -> Page:
    """Every journey works with and without JavaScript."""
    return new_page(javascript=javascript)


@pytest.fixture
def in_process(chromium: Browser, live_server: Any) -> Iterator[Callable[..., browsers.Window]]:
    """`in_process(color_scheme="dark")`: a window onto a server in this process.

    Without workers, but the test can arrange rows and settings for pages that are hard to reach.
    """
    windows: list[browsers.Window] = []

    def make(**options: Any) -> browsers.Window:
        context = chromium.new_context(base_url=live_server.url, reduced_motion="reduce", **options)
        windows.append(browsers.Window(context, live_server.url))
        windows[-1].watch()
        return windows[-1]

    yield make

    for window in windows:
        window.context.close()
    # The server's threads share our connection only as long as the test lasts.
    processes.wait_until(lambda: not _serving_threads(), 60, "for the live server")


def _serving_threads() -> list[str]:
    return [each.name for each in threading.enumerate() if "process_request" in each.name]


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """`axe(page)`: finds nothing, or says what. Needs JavaScript."""

    def check(page: Page) -> None:
        assert browsers.axe(page) == []

    return check
