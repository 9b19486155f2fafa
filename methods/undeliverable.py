"""Numbers that a provider has refused for good: remembered, not tried again, told to their owners.

Only numbers: a mail server also refuses an address for good because of its own mistakes, and would
take everybody's away. What is remembered is the keyed fingerprint of the number.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from methods.models import Registration, RegistrationQuerySet
from securityinfo import clock
from securityinfo.actor import SYSTEM
from securityinfo.audit import log, tags
from securityinfo.messaging.content import Channel
from securityinfo.messaging.models import DEAD, Message, Reason, State
from securityinfo.throttling import limits

PHONES = (Channel.TEXT, Channel.CALL)
_FOR: dict[str, timedelta] = {
    Reason.UNDELIVERABLE: limits.DEAD_FOR,
    Reason.OPTED_OUT: limits.OPTED_OUT_FOR,
}


class Undeliverable(Exception):
    """The provider has refused this number; `reason` says how, and nothing was sent."""

    def __init__(self, channel: str, reason: str) -> None:
        super().__init__(reason)
        self.channel = channel
        self.reason = reason


def check(registration: Registration) -> None:
    """Raises Undeliverable. Only an owner who proves the number again may have it tried."""
    channel, old = registration.method.sends, registration.replaces
    if registration.undeliverable:
        raise Undeliverable(channel, registration.undeliverable)
    if old and old.undeliverable and old.channel == registration.channel:
        return
    reason = remembered(channel, registration.channel)
    if reason:
        raise Undeliverable(channel, reason)


def remembered(channel: str, destination: str) -> str:
    """Why this destination is not worth trying, whoever asks; empty if nothing is known of it."""
    if channel not in PHONES:
        return ""
    last = Message.objects.judged(channel, destination).first()
    if last is None or last.state != State.FAILED or last.finished_at is None:
        return ""
    return last.reason if clock.now() - last.finished_at < _FOR[last.reason] else ""


def note(message: Message) -> None:
    """Messaging tells of each end: a refusal for good marks every method there, a success none."""
    if not message.destination or message.channel not in PHONES:
        return
    if message.state == State.FAILED and message.reason in DEAD:
        _mark(message)
    elif message.state == State.DELIVERED:
        _delivered(message)


def proved(registration: Registration) -> None:
    """A right answer shows that the number can be reached, for everybody who has it."""
    if registration.method.sends not in PHONES:
        return
    _clear(Registration.objects.reached_by(registration.method.sends, registration.channel))
    registration.undeliverable, registration.undeliverable_at = "", None


def _mark(message: Message) -> None:
    """Unless a later message got through: a report of an older one says nothing new."""
    if message.sent_at and _went_through_since(message):
        return
    there = Registration.objects.reached_by(message.channel, message.destination)
    for registration in there.confirmed().select_related("user"):
        unmarked = Registration.objects.filter(
            pk=registration.pk, channel=message.destination, undeliverable=""
        )
        if unmarked.update(undeliverable=message.reason, undeliverable_at=Now()):
            log.record(
                tags.METHOD_UNDELIVERABLE,
                actor=SYSTEM,
                subject=registration.user.public_id,
                reason=message.reason,
                kind=registration.kind,
                masked=registration.summary,
            )


def _went_through_since(message: Message) -> bool:
    """Whether the provider has taken, and not refused, something that was sent there later."""
    judged = Message.objects.judged(message.channel, message.destination)
    return judged.filter(sent_at__gt=message.sent_at).exclude(state=State.FAILED).exists()


def _delivered(message: Message) -> None:
    sent_at = Message.objects.filter(pk=message.pk).values("sent_at")
    there = Registration.objects.reached_by(message.channel, message.destination)
    _clear(there.filter(undeliverable_at__lt=sent_at[:1]))


def _clear(registrations: RegistrationQuerySet) -> None:
    marked = registrations.exclude(undeliverable="")
    marked.update(undeliverable="", undeliverable_at=None)
