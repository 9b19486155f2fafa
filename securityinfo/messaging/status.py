"""What the page says of a code that is on its way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _

from securityinfo import clock, times
from securityinfo.messaging.content import Channel
from securityinfo.messaging.models import WAITING, Message, Progress, Reason, State

PATIENCE = timedelta(seconds=10)  # a worker that is up needs a second or two


class DeliveryState(StrEnum):
    """What a person is told; coarser than the states of the outbox."""

    SENDING = "sending"
    DELAYED = "delayed"
    SENT = "sent"
    DELIVERED = "delivered"
    UNCLEAR = "unclear"
    REFUSED = "refused"
    OPTED_OUT = "opted_out"
    NOT_WORKING = "not_working"
    EXPIRED = "expired"
    RINGING = "ringing"
    ANSWERED = "answered"
    NOT_ANSWERED = "not_answered"
    BUSY = "busy"
    HUNG_UP = "hung_up"
    NOTHING_KEYED = "nothing_keyed"
    WRONG_NUMBER = "wrong_number"
    CONFIRMED = "confirmed"
    REPORTED = "reported"
    OVER = "over"


FAILURES = frozenset(
    {
        DeliveryState.REFUSED,
        DeliveryState.OPTED_OUT,
        DeliveryState.NOT_WORKING,
        DeliveryState.EXPIRED,
        DeliveryState.NOT_ANSWERED,
        DeliveryState.BUSY,
        DeliveryState.HUNG_UP,
        DeliveryState.NOTHING_KEYED,
        DeliveryState.WRONG_NUMBER,
        DeliveryState.REPORTED,
        DeliveryState.OVER,
    }
)
MORE_TO_COME = frozenset(
    {
        DeliveryState.SENDING,
        DeliveryState.DELAYED,
        DeliveryState.RINGING,
        DeliveryState.ANSWERED,
        # Keys of somebody who hung up at once may still be on their way.
        DeliveryState.HUNG_UP,
    }
)

_OF_CALLS = {
    Progress.RINGING: DeliveryState.RINGING,
    Progress.ANSWERED: DeliveryState.ANSWERED,
    Progress.KEYED: DeliveryState.ANSWERED,
    Progress.NO_ANSWER: DeliveryState.NOT_ANSWERED,
    Progress.CANCELED: DeliveryState.NOT_ANSWERED,
    Progress.BUSY: DeliveryState.BUSY,
    Progress.ENDED: DeliveryState.HUNG_UP,
    Progress.SILENCE: DeliveryState.NOTHING_KEYED,
    Progress.WRONG: DeliveryState.WRONG_NUMBER,
    Progress.RIGHT: DeliveryState.CONFIRMED,
    Progress.REPORTED: DeliveryState.REPORTED,
    Progress.OVER: DeliveryState.OVER,
}


@dataclass(frozen=True)
class DeliveryStatus:
    """One delivery as the person sees it; `at` is when it was sent."""

    state: DeliveryState
    channel: str = Channel.EMAIL
    at: datetime | None = None

    @property
    def is_failure(self) -> bool:
        return self.state in FAILURES

    @property
    def is_final(self) -> bool:
        """Whether asking again can tell nothing new."""
        if self.state in (DeliveryState.SENT, DeliveryState.UNCLEAR):
            return self.channel == Channel.EMAIL
        return self.state not in MORE_TO_COME

    @property
    def text(self) -> str:
        """The sentence, in the active language and time zone."""
        match self.state:
            case DeliveryState.SENDING:
                return _("Calling you…") if self._is_call else _("Sending your code…")
            case DeliveryState.DELAYED:
                return self._delayed
            case DeliveryState.EXPIRED:
                return self._expired
            case DeliveryState.OPTED_OUT:
                return _(
                    "This number has blocked our text messages. "
                    "Reply START to our last message, or choose another way."
                )
            case DeliveryState.REFUSED:
                return self._refused
            case DeliveryState.NOT_WORKING:
                return self._not_working
            case _ if self.state in _OF_CALLS.values():
                return self._call
        return self._sent

    @property
    def _is_call(self) -> bool:
        return self.channel == Channel.CALL

    @property
    def _delayed(self) -> str:
        if self._is_call:
            return _("Calling you… It is delayed. Wait, or choose another way.")
        return _("Sending your code… It is delayed. Wait, or choose another way.")

    @property
    def _expired(self) -> str:
        if self._is_call:
            return _("It became too late for this call. Ask for a new one.")
        return _("This code expired before it could be sent. Ask for a new one.")

    @property
    def _call(self) -> str:
        return {
            DeliveryState.RINGING: _("Ringing…"),
            DeliveryState.ANSWERED: _("Answered. Key in the number, then #."),
            DeliveryState.NOT_ANSWERED: _("Nobody answered."),
            DeliveryState.BUSY: _("The line was busy."),
            DeliveryState.HUNG_UP: _("The call ended before the number was keyed in."),
            DeliveryState.NOTHING_KEYED: _("The call was answered, but no number was keyed in."),
            DeliveryState.WRONG_NUMBER: _("That wasn't the number on this page."),
            DeliveryState.CONFIRMED: _("Thank you. We received the number."),
            DeliveryState.REPORTED: _("Somebody answered and told us that they didn't ask for it."),
            DeliveryState.OVER: _("This call is no longer needed."),
        }[self.state]

    @property
    def _sent(self) -> str:
        time = {"time": times.clock(self.at) if self.at else ""}
        if self.state is DeliveryState.DELIVERED:
            return _("Delivered at %(time)s.") % time
        if self.state is DeliveryState.UNCLEAR and self._is_call:
            return _("If your phone doesn't ring within a minute, ask for a new call.")
        if self.state is DeliveryState.UNCLEAR:
            return (
                _("Sent at %(time)s. If nothing arrives within a minute, ask for a new code.")
                % time
            )
        return _("Sent at %(time)s. It can take a minute.") % time

    @property
    def _refused(self) -> str:
        if self.channel == Channel.EMAIL:
            return _("This could not be delivered. Check the address, or choose another way.")
        return _("This could not be delivered. Check the number, or choose another way.")

    @property
    def _not_working(self) -> str:
        if self.channel == Channel.EMAIL:
            return _("Email isn't working right now. Choose another way.")
        if self._is_call:
            return _("Phone calls aren't working right now. Choose another way.")
        return _("Text messages aren't working right now. Choose another way.")


def of_dead(channel: str, reason: str) -> DeliveryStatus:
    """What is said where nothing is sent, because a provider has refused this number for good."""
    opted_out = reason == Reason.OPTED_OUT and channel == Channel.TEXT
    return DeliveryStatus(
        DeliveryState.OPTED_OUT if opted_out else DeliveryState.REFUSED, channel=channel
    )


def of(message: Message) -> DeliveryStatus:
    return DeliveryStatus(_state_of(message), channel=message.channel, at=message.sent_at)


def _state_of(message: Message) -> DeliveryState:
    if message.progress and message.state not in (State.FAILED, State.EXPIRED):
        return _OF_CALLS[Progress(message.progress)]
    if message.state == State.SENT and message.channel == Channel.CALL:
        return DeliveryState.RINGING  # the provider is about to
    if message.state in WAITING:
        return DeliveryState.DELAYED if _is_delayed(message) else DeliveryState.SENDING
    if message.state == State.FAILED:
        return {
            Reason.UNDELIVERABLE.value: DeliveryState.REFUSED,
            Reason.UNREACHED.value: DeliveryState.REFUSED,
            Reason.REFUSED.value: DeliveryState.REFUSED,
            Reason.OPTED_OUT.value: DeliveryState.OPTED_OUT,
        }.get(message.reason, DeliveryState.NOT_WORKING)
    return {
        State.SENT: DeliveryState.SENT,
        State.DELIVERED: DeliveryState.DELIVERED,
        State.UNKNOWN: DeliveryState.UNCLEAR,
    }.get(State(message.state), DeliveryState.EXPIRED)


def _is_delayed(message: Message) -> bool:
    """Nobody could be told of it, or nobody has come for it for a while."""
    never_published = message.published_at is None and not message.tries
    return never_published or clock.now() - message.created_at > PATIENCE
