"""Builds the message of a challenge at the moment it is sent; a code that is over is not sent."""

from __future__ import annotations

from uuid import UUID

from methods.models import Challenge
from securityinfo.messaging import service as messaging
from securityinfo.messaging.content import Outgoing
from securityinfo.messaging.models import Message


def deliver(message_id: UUID) -> None:
    """Deliver the code of this delivery row; twice, late or stale does nothing."""
    messaging.deliver(message_id, _compose)


def _compose(message: Message) -> Outgoing:
    """Raises Stale when a newer code, an answer or a change of address has overtaken it."""
    challenge = (
        Challenge.objects.select_related("registration")
        .filter(pk=message.reference, generation=message.generation, closed_at=None)
        .first()
    )
    if challenge is None:
        raise messaging.Stale
    registration = challenge.registration
    if challenge.destination != registration.fingerprint:
        raise messaging.Stale
    return registration.method.compose(challenge.prompt(registration.details))
