"""A transport that delivers to the simulated phone instead of to the world."""

from __future__ import annotations

from uuid import UUID

from securityinfo.demo.models import Channel, DemoMessage
from securityinfo.messaging.content import EmailContent, Outgoing
from securityinfo.messaging.models import Message
from securityinfo.messaging.transports.base import Misconfigured, Receipt


class DemoTransport:
    """Writes mail to the simulated mailbox, at most once for each delivery.

    Texts and calls reach the phone by its gateway.
    """

    def send(self, outgoing: Outgoing, message_id: UUID) -> Receipt:
        """Raises Misconfigured for what a mailbox can't receive."""
        message = Message.objects.get(pk=message_id)
        DemoMessage.objects.get_or_create(
            id=message_id, defaults={"user_id": message.user_id, **_received(outgoing)}
        )
        return Receipt()

    def try_out(self) -> None:
        """The mailbox is a table: it is there."""


def _received(outgoing: Outgoing) -> dict[str, str]:
    if isinstance(outgoing, EmailContent):
        return {
            "channel": Channel.EMAIL,
            "to": outgoing.to,
            "subject": outgoing.subject,
            "body": outgoing.text,
        }
    raise Misconfigured(f"The demo mailbox can't receive {type(outgoing).__name__}.")
