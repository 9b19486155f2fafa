"""What a provider of texts and calls can do: send a text, place a call, say what became of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from securityinfo.messaging.content import CallContent, Outgoing, TextContent
from securityinfo.messaging.reports import Report
from securityinfo.messaging.transports import base

RING_FOR = 30  # seconds; then nobody answered


class Telephony(ABC):
    """A transport of texts and calls; the second one is as long as its provider's protocol."""

    def send(self, outgoing: Outgoing, message_id: UUID) -> base.Receipt:
        """See base.Transport."""
        if isinstance(outgoing, TextContent):
            return self.send_text(outgoing, message_id)
        if isinstance(outgoing, CallContent):
            return self.place_call(outgoing, message_id)
        raise base.Misconfigured("neither a text nor a call")

    @abstractmethod
    def send_text(self, text: TextContent, message_id: UUID) -> base.Receipt:
        """Hand over a text. Raises the exceptions of transports.base."""

    @abstractmethod
    def place_call(self, call: CallContent, message_id: UUID) -> base.Receipt:
        """Ask for a call; what it says is fetched when it is answered."""

    @abstractmethod
    def try_out(self) -> None:
        """See base.Transport. Nothing that the provider charges for."""

    @abstractmethod
    def parse_status(self, fields: Mapping[str, str]) -> Report:
        """What the provider reports, in our words."""


def address_of(name: str, message_id: UUID) -> str:
    """Where a provider reports: below the public address, with the id of the delivery row."""
    path = reverse(f"webhooks:{name}", kwargs={"message_id": message_id})
    return urljoin(settings.PUBLIC_URL, path)
