"""Messages for the simulated phone, and a window to look at it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from securityinfo.demo.models import DemoMessage


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
def look(chromium, live_server):
    """`look("/demo/phone/", java_script_enabled=False)` opens the page in a window of its own."""
    expect.set_options(timeout=30_000)  # the page reloads every 3 seconds, on a busy machine
    complaints, contexts = [], []

    def open_page(address, **options):
        contexts.append(chromium.new_context(base_url=live_server.url, **options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        return page

    yield open_page

    for context in contexts:
        context.close()
    assert complaints == []
