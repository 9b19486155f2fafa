"""Messages for the simulated phone, and a Chromium to look at it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect, sync_playwright

from securityinfo.demo.models import DemoMessage
from tests.servers import programs

SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture
def arrived(bob):
    """`arrived(eve, subject="…", body="…", age=5)`: a message of five minutes ago."""

    def arrive(user=bob, *, body="Example Org\n\nUse this code:\n\n073040\n", subject="", age=0):
        return DemoMessage.objects.create(
            id=uuid.uuid4(),
            user=user,
            channel="email",
            to="somebody@example.net",
            subject=subject or "Your code",
            body=body,
            sent_at=timezone.now() - timedelta(minutes=age),
        )

    return arrive


@pytest.fixture
def chromium(live_server, monkeypatch):
    """A browser that knows the address of the live server; anything on its console is an error."""
    # Playwright's own event loop runs in this thread, and none of ours does.
    expect.set_options(timeout=15_000)  # the page reloads every 3 seconds, on a busy machine
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=programs.find(*programs.BROWSERS), args=SWITCHES
        )
        yield browser
        browser.close()


@pytest.fixture
def look(chromium, live_server):
    """`look("/demo/phone/", java_script_enabled=False)` opens the page in a window of its own."""
    complaints = []

    def open_page(address, **options):
        page = chromium.new_context(base_url=live_server.url, **options).new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        return page

    yield open_page

    assert complaints == []
