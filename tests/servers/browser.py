"""Chromium as a person has it, with eyes on what it complains about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    sync_playwright,
)

from tests.servers import programs

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
# The rules of axe about what is seen and not what is said; the rest is the same in all colors.
SEEN = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
# Said of every answer that is not 2xx: a refused form is an answer like any other.
HARMLESS = "Failed to load resource: the server responded with a status of"


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=programs.find(*programs.BROWSERS), args=ARGUMENTS
        )
        yield browser
        browser.close()


@dataclass
class Window:
    """One browser profile: cookies, language and colors of its own."""

    context: BrowserContext
    home: str
    complaints: list[str] = field(default_factory=list)

    def open(self) -> Page:
        page = self.context.new_page()
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def watch(self) -> None:
        """Nothing is fetched from anywhere else; a try is noted, and no name leads there.

        Requests are looked at, not held: on a busy machine a held one fails now and then.
        """
        self.context.on("request", self._only_from_home)
        self.context.set_default_timeout(30_000)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(HARMLESS):
            self.complaints.append(f"{message.text} ({message.page and message.page.url})")

    def _only_from_home(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https") and address.netloc != urlsplit(self.home).netloc:
            self.complaints.append(f"fetched from elsewhere: {request.url}")


def axe(page: Page, **options: Any) -> list[str]:
    """What axe finds on this page, one line for each."""
    # What passes is only counted: its long list would take most of the time. Style sheets are not
    # loaded once more: axe would put them into the page, which the content policy forbids.
    options = {"resultTypes": ["violations"], "preload": False} | options
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{each['id']} ({each['impact']}): {each['help']}: {node['html']}"
        for each in found
        for node in each["nodes"]
    ]
