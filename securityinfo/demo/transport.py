"""A transport that delivers to the simulated phone instead of to the world."""

from __future__ import annotations

from uuid import UUID

from securityinfo.demo.models import Channel, DemoMessage
from securityinfo.messaging.content import CallContent, EmailContent, Outgoing, TextContent
from securityinfo.messaging.models import Message
from securityinfo.messaging.transports.base import Misconfigured, Receipt


class DemoTransport:
    """Writes what it is given to the simulated phone, at most once for each delivery."""

    def send(self, outgoing: Outgoing, message_id: UUID) -> Receipt:
        """Raises Misconfigured for what this phone can't receive."""
        message = Message.objects.get(pk=message_id)
        DemoMessage.objects.get_or_create(
            id=message_id, defaults={"user_id": message.user_id, **_received(outgoing)}
        )
        return Receipt()


def _received(outgoing: Outgoing) -> dict[str, str]:
    if isinstance(outgoing, EmailContent):
        return {
            "channel": Channel.EMAIL,
            "to": outgoing.to,
            "subject": outgoing.subject,
            "body": outgoing.text,
        }
    if isinstance(outgoing, TextContent):
        return {"channel": Channel.TEXT, "to": outgoing.to, "body": outgoing.text}
    if isinstance(outgoing, CallContent):
        return {"channel": "call", "to": outgoing.to, "body": outgoing.script.ask}
    raise Misconfigured(f"The demo phone can't receive {type(outgoing).__name__}.")
