"""Builds the message of a challenge when it is sent; records how every delivery ended."""

from __future__ import annotations

import logging
from uuid import UUID

from methods import fingerprints, sending, undeliverable
from methods.models import Challenge, Registration
from methods.phone import NotANumber, PhoneNumber, why_refused
from securityinfo import throttling
from securityinfo.actor import SYSTEM
from securityinfo.audit import log, tags
from securityinfo.messaging import service as messaging
from securityinfo.messaging.content import Outgoing
from securityinfo.messaging.models import Category, Message, Reason, State
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Ruleset, Settings

logger = logging.getLogger(__name__)

# How a delivery ended, as far as that is an event.
_ENDS = {
    (Category.NOTICE, State.SENT): tags.NOTICE_SENT,
    (Category.NOTICE, State.FAILED): tags.NOTICE_FAILED,
    (Category.CODE, State.FAILED): tags.DELIVERY_FAILED,
}


# Given back after it was charged: the provider has not taken it.
_CHARGED = (Reason.DOWN, Reason.MISCONFIGURED)


def deliver(message_id: UUID) -> None:
    """Deliver the code of this delivery row; twice, late or stale does nothing."""
    messaging.deliver(message_id, _compose)


def _compose(message: Message) -> Outgoing:
    """Raises Stale when a newer code, an answer or a change of address has overtaken it."""
    challenge = (
        Challenge.objects.select_related("registration__replaces")
        .filter(pk=message.reference, generation=message.generation, outcome="")
        .first()
    )
    if challenge is None:
        raise messaging.Stale
    registration = challenge.registration
    if not fingerprints.is_same(registration, challenge.destination):
        raise messaging.Stale
    _check_policy(registration)
    try:
        undeliverable.check(registration)
    except undeliverable.Undeliverable as refused:  # since this was queued
        raise messaging.Refused(Reason(refused.reason)) from None
    return registration.method.compose(challenge.prompt(registration.details))


def _check_policy(registration: Registration) -> None:
    """Once more, as it is now: whoever queued this may have seen another one, or forged it."""
    settings, method = policy.current(), registration.method
    if not Ruleset(settings).may_send(method.traits):
        raise messaging.Refused(Reason.MISCONFIGURED)
    if not method.is_acceptable(registration.details, settings):
        raise messaging.Refused(Reason.REFUSED)


def check_notice(message: Message) -> None:
    """A notice is texted only as policy has it by now; the work address hears of it anyway.

    What costs money is charged, from the part of the day's limit that is kept for numbers already
    proved. While the channel is stopped, or the day's limit reached, it waits.
    """
    settings, number = policy.current(), (message.sealed or {})["to"]
    if not settings.text_notices or not _may_be_texted(number, settings):
        raise messaging.Stale
    if not settings.text_switch:
        raise messaging.Held
    if reason := undeliverable.remembered(message.channel, message.destination):
        raise messaging.Refused(Reason(reason))
    if message.reason in _CHARGED:
        return
    try:
        is_charged = sending.charge_notice(number)
    except throttling.Throttled:
        raise messaging.Held from None
    if not is_charged:
        logger.warning("delivery %s is not sent: too many texts. Mail tells the same.", message)
        raise messaging.Stale


def _may_be_texted(to: str, settings: Settings) -> bool:
    try:
        return why_refused(PhoneNumber.parse(to), settings, for_calls=False) is None
    except NotANumber:
        return False


def record_end(message: Message) -> None:
    """Messaging tells of each end in the transaction that makes it so."""
    tag = _ENDS.get((Category(message.category), State(message.state)))
    if tag:
        log.record(
            tag,
            actor=SYSTEM,
            subject=message.user.public_id,
            reason=message.reason,
            channel=message.channel,
        )
