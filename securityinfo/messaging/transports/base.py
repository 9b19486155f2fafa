"""What every transport promises, whatever provider is behind it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from securityinfo.messaging.content import Channel, Outgoing

# A worker hangs on a provider for no longer than this, all operations together (R127).
SECONDS_PER_DELIVERY = 8.0


class DeliveryProblem(Exception):
    """What went wrong, in a word or two that hold neither an address nor a code."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class Undeliverable(DeliveryProblem):
    """The address or number was refused for good."""


class OptedOut(Undeliverable):
    """The owner of the number has told the provider to take no texts from us."""


class TransportDown(DeliveryProblem):
    """The provider certainly did not take it: safe to try again."""


class Busy(TransportDown):
    """It works, and asks for patience: with us, or with this message."""


class Misconfigured(DeliveryProblem):
    """Our side of the connection is wrong: only the operator can help."""


class OutcomeUnknown(DeliveryProblem):
    """The provider may have taken it."""


class Expired(DeliveryProblem):
    """Too late to be of use."""


@dataclass(frozen=True)
class Receipt:
    """What a provider says when it takes a message."""

    provider_id: str = ""


class Transport(Protocol):
    """Stateless: one instance serves every message of the process."""

    def send(self, outgoing: Outgoing, message_id: UUID) -> Receipt:
        """Hand over one message, in SECONDS_PER_DELIVERY at most.

        `message_id` is the id of the delivery row: the same for each repeat. Raises the
        exceptions of this module and no others.
        """
        ...

    def try_out(self) -> None:
        """Connect and sign in as `send` would, in the same time, and send nothing.

        Raises Misconfigured, TransportDown or OutcomeUnknown.
        """
        ...


def for_channel(channel: str) -> Transport:
    """The transport of a channel. Raises Misconfigured if there is none."""
    dotted_path = _transport_of(channel)
    if not dotted_path:
        raise Misconfigured("no provider")
    return _instance(dotted_path)


def has_provider(channel: str) -> bool:
    """Whether anything can be sent by this channel at all."""
    return bool(_transport_of(channel))


def _transport_of(channel: str) -> str:
    by_mail = channel == Channel.EMAIL
    return settings.EMAIL_TRANSPORT if by_mail else settings.TELEPHONY_TRANSPORT


@cache
def _instance(dotted_path: str) -> Transport:
    transport: Transport = import_string(dotted_path)()
    return transport
