"""Notices that wait: as many as a test or a benchmark wants, sealed as in life."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from securityinfo import crypto
from securityinfo.messaging import outbox, tasks
from securityinfo.messaging.content import Channel
from securityinfo.messaging.models import Category, Message
from tests.bench import copying

AGE = timedelta(minutes=30)  # since when they are due


def fill(count: int, *, in_broker: bool) -> None:
    """Add `count` notices by mail, due for AGE, for the people there are. PostgreSQL only.

    `in_broker`: workers have been told of each. Otherwise the sweeper is yet to tell them, as
    after an outage.
    """
    people = list(User.objects.order_by("pk")[:1000])
    rows = list(itertools.islice(_notices(people, is_published=in_broker), count))
    copying.insert(Message, rows)
    if in_broker:
        for row in rows:
            assert tasks.publish(row.job, row.pk), "the broker is away"


def _notices(people: list[User], *, is_published: bool) -> Iterator[Message]:
    now = timezone.now()
    for user in itertools.cycle(people):
        row = Message(
            user=user,
            job=tasks.SEND_NOTICE,
            category=Category.NOTICE,
            channel=Channel.EMAIL,
            reference=uuid.uuid4(),
            language="en",
            created_at=now - AGE,
            next_try_at=now - AGE,
            published_at=now if is_published else None,
            expires_at=now - AGE + outbox.NOTICE_LIFE,
        )
        row.sealed = crypto.seal_for(row, "sealed", _facts(user)).text
        yield row


def _facts(user: User) -> dict[str, str | list[str]]:
    """As telling.py seals them."""
    return {
        "to": user.work_address,
        "subject": "A method was added to your account",
        "sentences": ["A method was added to your account."],
        "at": "2026-11-22T13:35:00+00:00",
        "by": "you",
        "browser": "",
        "network": "",
    }
