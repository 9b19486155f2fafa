"""Asking for proof: issue, resend, disown, cancel. Expiry is set here, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from methods import changes, sending
from methods.models import Challenge, Outcome, Registration
from securityinfo import crypto, throttling
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.audit.models import Event
from securityinfo.messaging import service as messaging
from securityinfo.policy.rules import Purpose, Settings


def issue(
    registration: Registration,
    *,
    purpose: Purpose,
    flow: str,
    settings: Settings,
    actor: Actor,
    as_shown: Mapping[str, Any] | None = None,
    also: Mapping[str, Any] | None = None,
) -> Challenge:
    """A new challenge, with its message if the kind sends one. Ends the older one of this purpose.

    Raises what sending.charge does; then nothing was changed. Not inside a transaction: what is
    charged stays charged.
    """
    hits = sending.charge(registration, actor, purpose=purpose)
    try:
        with transaction.atomic():
            changes.lock(registration.user)
            # Of two clicks at once, the second one stops here.
            sending.check_pause(registration, purpose=purpose)
            return start(
                registration,
                purpose=purpose,
                flow=flow,
                settings=settings,
                actor=actor,
                as_shown=as_shown,
                also=also,
            )
    except sending.TooEarly:
        throttling.give_back(*hits)
        raise


@transaction.atomic
def start(
    registration: Registration,
    *,
    purpose: Purpose,
    flow: str,
    settings: Settings,
    actor: Actor,
    as_shown: Mapping[str, Any] | None = None,
    also: Mapping[str, Any] | None = None,
) -> Challenge:
    """`issue` for a caller that has charged the sending and has more to write with it.

    `as_shown`: id, nonce and times, where a page has shown them before anybody looked whose it is.
    `also`: what the message says beside the code; readable, never a secret.
    """
    Challenge.objects.asking(registration, purpose).close(Outcome.REPLACED)
    times = {"expires_at": Now() + timedelta(minutes=settings.code_minutes)}
    challenge = Challenge.objects.create(
        user=registration.user,
        registration=registration,
        purpose=purpose,
        flow=flow,
        destination=registration.fingerprint,
        max_tries=settings.code_tries,
        context=registration.method.prepare(
            registration.details, settings=settings, last_counter=registration.last_counter
        )
        | dict(also or {})
        | {crypto.KEY_ID: crypto.current_key_id()},
        **times | dict(as_shown or {}),
    )
    challenge.refresh_from_db()
    _send(challenge, registration)
    if registration.method.sends:
        record(tags.CHALLENGE_SENT, challenge, registration, actor=actor)
    return challenge


def resend(challenge: Challenge, *, settings: Settings, actor: Actor) -> Challenge:
    """A new code for an open or expired challenge; tries and counters are kept.

    Raises what sending.charge does. One that has ended is returned as it is.
    """
    registration = challenge.registration
    hits = sending.charge(registration, actor, purpose=challenge.purpose)
    with transaction.atomic():
        renewed = Challenge.objects.filter(
            pk=challenge.pk, generation=challenge.generation, outcome=""
        ).update(
            generation=F("generation") + 1,
            keyed="",
            issued_at=Now(),
            expires_at=Now() + timedelta(minutes=settings.code_minutes),
        )
        challenge.refresh_from_db()
        if renewed:
            _send(challenge, registration)
            record(tags.CHALLENGE_RESENT, challenge, registration, actor=actor)
    if not renewed:
        throttling.give_back(*hits)
    return challenge


@transaction.atomic
def disown(challenge: Challenge, *, actor: Actor) -> Event | None:
    """The person who was reached did not ask for this; None if it was over already."""
    if not Challenge.objects.open().filter(pk=challenge.pk).close(Outcome.DISOWNED):
        return None
    return record(tags.CHALLENGE_DISOWNED, challenge, challenge.registration, actor=actor)


def cancel(registration: Registration) -> None:
    """End whatever is open for this registration: its value changes, or nobody wants it."""
    Challenge.objects.for_proof_of(registration).close(Outcome.CANCELED)


def record(
    tag: str,
    challenge: Challenge,
    registration: Registration,
    *,
    actor: Actor,
    result: str = "ok",
    reason: str = "",
    is_alone: bool = False,
) -> Event:
    """The event of this challenge. `registration` is its own, which a refresh would forget."""
    return log.record(
        tag,
        actor=actor,
        subject=registration.user.public_id,
        result=result,
        reason=reason,
        kind=registration.kind,
        masked=registration.summary,
        purpose=challenge.purpose,
        is_alone=is_alone,
    )


def _send(challenge: Challenge, registration: Registration) -> None:
    if registration.method.sends:
        number = registration.method.destination(registration.details)
        messaging.queue_code(
            registration.user,
            channel=registration.method.sends,
            reference=challenge.id,
            generation=challenge.generation,
            destination=registration.channel,
            country=number.region if number else "",
            expires_at=challenge.expires_at,
            masked=registration.summary,
        )
