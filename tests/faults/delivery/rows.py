"""Delivery rows as these tests see and move them."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from securityinfo.messaging import service
from securityinfo.messaging.models import Message
from securityinfo.messaging.status import DeliveryState


def row(message: Message) -> Message:
    """As it is now."""
    return Message.objects.get(pk=message.pk)


def told(message: Message) -> DeliveryState:
    """What the person is told of it."""
    return service.status_of(message.reference, message.generation).state


def end_the_lease(message: Message) -> None:
    """What otherwise takes half a minute."""
    assert row(message).lease_until is not None
    Message.objects.filter(pk=message.pk).update(lease_until=Now() - timedelta(seconds=1))
