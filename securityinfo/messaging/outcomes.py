"""Tells whoever wants to record it how a delivery ended, inside the transaction that ended it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from securityinfo.messaging.models import Category, Message, State

log = logging.getLogger(__name__)

Listener = Callable[[Message], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Call `listener` with each message that came to its end; registered when apps are ready."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(message: Message) -> None:
    """`message` carries its final state and reason; what a listener raises undoes the end."""
    if message.state == State.FAILED and message.category == Category.NOTICE:
        log.critical("ALERT %s: dead letter (%s)", message, message.reason or "never delivered")
    for listener in _listeners:
        listener(message)
