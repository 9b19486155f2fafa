"""Hands the keys pressed in a call to whoever knows what they should be."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from securityinfo.messaging.models import Message


class Keyed(StrEnum):
    """What the keys meant, and so what is said next."""

    RIGHT = "right"
    WRONG = "wrong"
    SILENCE = "silence"
    REPORTED = "reported"  # "I did not ask for this call"
    OVER = "over"  # nobody waits for this call any more


Handler = Callable[[Message, str], Keyed]
_handlers: list[Handler] = []


def on_keys(handler: Handler) -> None:
    """Let `handler` judge from now on; called once, when the apps are ready."""
    _handlers[:] = [handler]


def keys_pressed(message: Message, digits: str) -> Keyed:
    """`digits` are those before the #: empty for silence, "0" for a report, "#" for a bare #."""
    return _handlers[0](message, digits) if _handlers else Keyed.OVER
