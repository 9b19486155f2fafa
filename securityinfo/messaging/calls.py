"""What keys pressed during a call mean; whoever asked the question judges, once for each call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from securityinfo.messaging.content import CallContent, CallScript, Outgoing
from securityinfo.messaging.models import Message, MessageQuerySet, Progress, State

REPORT = "0"  # keyed before #: "this wasn't me"
SILENCE = ""
TRIAL = "messaging.send_trial"  # the job of a test: nobody has asked a question, any key is right
BARE = "#"  # nothing before #; of use where the policy asks for no number

# Somebody may answer at the last moment; whether the challenge still lives is its own matter.
GRACE = timedelta(minutes=2)
# A call of which the provider speaks was placed, whatever we have learned of that so far.
PLACED = (State.PENDING, State.CLAIMED, State.CALLING, State.SENT, State.DELIVERED, State.UNKNOWN)
# `completed` may overtake the keys of somebody who hangs up at once.
MAY_KEY = (Progress.NONE, Progress.RINGING, Progress.ANSWERED, Progress.ENDED)


class Keyed(StrEnum):
    """What the keys of a call meant; also the name of the sentence that answers them."""

    RIGHT = "right"
    WRONG = "wrong"
    SILENCE = "silence"
    REPORTED = "reported"
    OVER = "over"


class Closed(Exception):
    """Nothing is asked in this call any more: too late, answered before, or never placed."""


Handler = Callable[[Message, str], Keyed]
Question = Callable[[Message], bool]

_handlers: list[Handler] = []
_questions: list[Question] = []


def on_keys(handler: Handler) -> None:
    """Let `handler` judge the keys of every call; there is one, registered when apps are ready.

    It gets the message and the digits before `#`: "" is silence, "0" a report, "#" nothing but `#`.
    It is called once for each call, outside of any transaction.
    """
    _handlers[:] = [handler]


def on_answer(is_wanted: Question) -> None:
    """Ask `is_wanted` when a call was answered; if it isn't, the call says so and ends."""
    _questions[:] = [is_wanted]


def is_wanted(message: Message) -> bool:
    return message.job == TRIAL or all(question(message) for question in _questions)


def keys_pressed(message: Message, digits: str) -> Keyed:
    """Judge the keys of a call: the first ones only. Raises Closed for any others."""
    _take_the_try(message)
    keyed = Keyed.OVER
    try:
        for handler in _handlers if message.job != TRIAL else [_trial]:
            keyed = handler(message, digits)
    finally:  # a try is spent, whatever went wrong with it
        Message.objects.filter(pk=message.pk, progress=Progress.KEYED).update(progress=keyed.value)
    return keyed


def _trial(message: Message, digits: str) -> Keyed:
    return Keyed.RIGHT if digits else Keyed.SILENCE


def before_pound(keys: str) -> str:
    """What a handler gets of keys that # did not end by itself: "0#" is "0", "#" alone is "#"."""
    digits, pound, _rest = keys.partition("#")
    return digits or (BARE if pound else SILENCE)


def script_of(message: Message) -> CallScript:
    """What this call says. Raises Closed if it may no longer ask."""
    may_ask = _open(message).exists()
    if not may_ask or not message.script:
        raise Closed
    return CallScript(**message.script)


def script_for(outgoing: Outgoing) -> dict[str, Any] | None:
    """What the row keeps of a call until it is over."""
    return asdict(outgoing.script) if isinstance(outgoing, CallContent) else None


@transaction.atomic(durable=True)
def _take_the_try(message: Message) -> None:
    """Committed before anything is compared: two requests never share the one try."""
    if not _open(message).update(progress=Progress.KEYED):
        raise Closed


def _open(message: Message) -> MessageQuerySet:
    return Message.objects.filter(
        pk=message.pk, state__in=PLACED, progress__in=MAY_KEY, expires_at__gt=Now() - GRACE
    )
