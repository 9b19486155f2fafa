"""What the tests of messaging share: queued messages, and transports that fail on request."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from securityinfo.actor import Actor, Origin
from securityinfo.messaging import letterhead, outcomes, service, tasks
from securityinfo.messaging.content import EmailContent
from securityinfo.messaging.letterhead import Letterhead
from securityinfo.messaging.models import Message
from securityinfo.messaging.transports.memory import MemoryTransport

EXAMPLE = Letterhead(
    organization_name="Example Org",
    helpdesk_text="the IT desk",
    helpdesk_phone="020 123 4567",
    default_language="en",
    time_zone="Europe/Amsterdam",
)


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(letterhead, "_providers", [lambda: EXAMPLE])
    monkeypatch.setattr(outcomes, "_listeners", [])
    monkeypatch.setattr(tasks, "_broker_failed_at", -tasks.REST)
    MemoryTransport.clear()
    yield
    MemoryTransport.clear()


@pytest.fixture
def queue_code(bob: User) -> Callable[..., Message]:
    """`queue_code(channel="text", minutes=2)`: a code for bob, as the database has it."""

    def queue(*, channel: str = "email", minutes: float = 10, generation: int = 0) -> Message:
        message = service.queue_code(
            bob,
            channel=channel,
            reference=uuid.uuid4(),
            generation=generation,
            expires_at=timezone.now() + timedelta(minutes=minutes),
        )
        message.refresh_from_db()
        return message

    return queue


@pytest.fixture
def queue_notice(bob: User) -> Callable[[], Message]:
    def queue() -> Message:
        message = service.queue_notice(
            bob,
            channel="email",
            reference=uuid.uuid4(),
            sealed={
                "to": "bob@example.org",
                "subject": "Something happened",
                "sentences": ["Something happened."],
                "at": timezone.now().isoformat(),
                "by": "you",
                "browser": "Firefox on Windows",
                "network": "192.0.2.10",
            },
        )
        message.refresh_from_db()
        return message

    return queue


@pytest.fixture
def bob_at_home(bob: User) -> Actor:
    return Actor(
        person=bob.public_id,
        role=bob.role,
        origin=Origin("request-1", "192.0.2.10", "Firefox on Windows"),
    )


def an_email(_message: Message | None = None) -> EmailContent:
    """A composer that always makes the same."""
    return EmailContent(
        to="bob@example.net", subject="Hello", text="Hello Bob\n", html="<p>Hello Bob</p>"
    )


def age(message: Message, **changes: timedelta) -> None:
    """Move times of a row: `age(message, lease_until=-timedelta(seconds=1))`, from now on."""
    Message.objects.filter(pk=message.pk).update(
        **{name: Now() + by for name, by in changes.items()}
    )
