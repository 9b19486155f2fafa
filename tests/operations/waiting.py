"""Messages that wait for a worker."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from securityinfo.messaging.models import Category, Message


def code_that_waits(person: User, **changes: object) -> Message:
    """Due for two minutes, and taken by nobody."""
    message = Message.objects.create(
        user=person,
        job="methods.deliver",
        category=Category.CODE,
        channel="email",
        reference=uuid.uuid4(),
        language="en",
        expires_at=timezone.now() + timedelta(minutes=10),
    )
    due = Now() - timedelta(minutes=2)
    Message.objects.filter(pk=message.pk).update(**{"next_try_at": due} | changes)
    return message


def of_a_server() -> int:
    """Queries that a database in a file is spared: for its clock, and in a transaction for room."""
    return 5 if connection.vendor == "postgresql" else 0
