"""Delivers one message: claim, compose, commit `calling`, hand over, write down what came of it."""

from __future__ import annotations

import logging
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import Error as DatabaseError
from django.db import connection
from django.utils import timezone, translation

from securityinfo.messaging import breaker, calls, letterhead, outbox
from securityinfo.messaging.content import Outgoing
from securityinfo.messaging.failpoints import reach
from securityinfo.messaging.models import Category, Message, Reason, State
from securityinfo.messaging.transports import base

log = logging.getLogger(__name__)

Compose = Callable[[Message], Outgoing]


class Stale(Exception):
    """Raised by a composer: the code or the notice is no longer wanted."""


class Expired(Exception):
    """Raised by a composer: what it was for is over."""


class Held(Exception):
    """Raised by the composer of a notice: not now; it is tried again for as long as it lives."""


class Refused(Exception):
    """Raised by a composer: nothing may be sent there any more; `reason` is what the page says."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def deliver(message_id: UUID, compose: Compose) -> None:
    """Deliver the message if it is due; twice, late or for a message that is gone does nothing.

    `compose` makes the content, in the person's language and time zone; it may raise Stale,
    Expired, Held or Refused.
    """
    message = outbox.claim(message_id)
    if message is None:
        return
    reach("delivery.after_claim")
    if not breaker.lets_through(message.channel):
        # What it waited for before tells whether it was charged already (methods/courier.py).
        outbox.give_back(message, reason=message.reason or Reason.HELD)
        return
    outgoing = _composed(message, compose)
    if outgoing is None:
        return
    if not outbox.begin_call(message, script=calls.script_for(outgoing)):
        return
    reach("delivery.after_calling")
    _hand_over(message, outgoing)


def _composed(message: Message, compose: Compose) -> Outgoing | None:
    try:
        with as_read_by(message):
            return compose(message)
    except Stale:
        outbox.finish(message, State.STALE)
    except Expired:
        outbox.finish(message, State.EXPIRED)
    except Held:
        outbox.give_back(message, reason=Reason.HELD)
    except Refused as refusal:
        outbox.finish(message, State.FAILED, reason=refusal.reason)
    except DatabaseError:
        raise  # the lease ends, and somebody else tries again
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one, the others go on
        log.error("delivery %s could not be made: %s", message, _origin_of(error))
        outbox.give_back(message, reason=Reason.ERROR, is_fault=True)
    return None


def _hand_over(message: Message, outgoing: Outgoing) -> None:
    problem: base.DeliveryProblem | None = None
    try:
        receipt = base.for_channel(message.channel).send(outgoing, message.pk)
    except base.DeliveryProblem as known:
        problem = known
        _came_to_nothing(message, problem)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - a transport's own mistake must not stop the queue
        log.error("delivery %s broke its transport: %s", message, _origin_of(error))
        _broken(message)
        return
    else:
        reach("delivery.after_send")
        _finish(message, State.SENT, provider_id=receipt.provider_id)
    breaker.note(message.channel, problem)


def _came_to_nothing(message: Message, problem: base.DeliveryProblem) -> None:
    match problem:
        case base.OptedOut():
            _finish(message, State.FAILED, reason=Reason.OPTED_OUT)
        case base.Undeliverable():
            _finish(message, State.FAILED, reason=Reason.UNDELIVERABLE)
        case base.Expired():
            _finish(message, State.EXPIRED)
        case base.TransportDown():
            log.warning("delivery %s: %s is down: %s", message, message.channel, problem.reason)
            outbox.give_back(message, reason=Reason.DOWN)
        case base.Misconfigured():
            text = "ALERT %s: %s is misconfigured: %s"
            log.critical(text, message, message.channel, problem.reason)
            _misconfigured(message)
        case _:
            log.warning("delivery %s: outcome unknown: %s", message, problem.reason)
            _unclear(message)


def _misconfigured(message: Message) -> None:
    """A code ends, so that the page can say so; a notice waits for the operator."""
    if message.category == Category.CODE:
        _finish(message, State.FAILED, reason=Reason.MISCONFIGURED)
    else:
        outbox.give_back(message, reason=Reason.MISCONFIGURED)


def _unclear(message: Message) -> None:
    """Mail is repeated with the same Message-ID, a code a few times; what costs money never is."""
    is_code = message.category == Category.CODE
    if message.is_paid or (is_code and message.faults + 1 >= outbox.MAX_FAULTS):
        _finish(message, State.UNKNOWN, reason=Reason.UNKNOWN)
    else:
        outbox.give_back(message, reason=Reason.UNKNOWN, is_fault=is_code)


def _broken(message: Message) -> None:
    """The transport made a mistake of its own: who knows how far it came."""
    if message.is_paid:
        _finish(message, State.UNKNOWN, reason=Reason.ERROR)
    else:
        outbox.give_back(message, reason=Reason.ERROR, is_fault=True)


def _finish(
    message: Message, state: State, *, reason: str = Reason.NONE, provider_id: str = ""
) -> None:
    """Write the end down, on a fresh connection if the old one was cut while we were sending."""
    try:
        outbox.finish(message, state, reason=reason, provider_id=provider_id)
    except DatabaseError:
        if connection.in_atomic_block:
            raise
        connection.close()
        outbox.finish(message, state, reason=reason, provider_id=provider_id)


@contextmanager
def as_read_by(message: Message) -> Iterator[None]:
    """The language and the time zone in which the person reads the message."""
    zone = zone_of(message.user.time_zone)
    with translation.override(message.language), timezone.override(zone):
        yield


def zone_of(name: str) -> zoneinfo.ZoneInfo:
    """The zone of this name, else the organization's, else the installation's."""
    for candidate in (name, letterhead.current().time_zone):
        try:
            return zoneinfo.ZoneInfo(candidate)
        except (ValueError, zoneinfo.ZoneInfoNotFoundError, OSError):
            continue
    return timezone.get_default_timezone()


def _origin_of(error: Exception) -> str:
    """Type and place. Never the text: it may quote an address or a code (R125)."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {place}"
