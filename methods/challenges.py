"""Asking for proof: issue, resend, answer, cancel. Expiry and tries are here, nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from methods import answering, changes, sending
from methods.models import Challenge, Outcome, Registration
from securityinfo import throttling
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.messaging import service as messaging
from securityinfo.policy.rules import Purpose, Settings

if TYPE_CHECKING:
    from methods.base import Verdict


class Result(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"
    EXHAUSTED = "exhausted"
    USED = "used"
    ENDED = "ended"  # replaced or canceled; or there never was such a challenge here


@dataclass(frozen=True)
class Answer:
    """What became of an answer; `tries_left` counts after a wrong one."""

    result: Result
    tries_left: int = 0

    def __bool__(self) -> bool:
        return self.result is Result.RIGHT


def issue(
    registration: Registration,
    *,
    purpose: Purpose,
    flow: str,
    settings: Settings,
    actor: Actor,
) -> Challenge:
    """A new challenge, with its message if the kind sends one. Ends the older one of this purpose.

    Raises sending.TooEarly and throttling.Throttled; then nothing was changed. Not inside a
    transaction: what is charged stays charged.
    """
    hits = sending.charge(registration, actor)
    try:
        with transaction.atomic():
            changes.lock(registration.user)
            sending.check_pause(registration)  # of two clicks at once, the second one stops here
            return start(registration, purpose=purpose, flow=flow, settings=settings, actor=actor)
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
) -> Challenge:
    """`issue` for a caller that has charged the sending and has more to write with it."""
    Challenge.objects.asking(registration, purpose).close(Outcome.REPLACED)
    challenge = Challenge.objects.create(
        user=registration.user,
        registration=registration,
        purpose=purpose,
        flow=flow,
        destination=registration.fingerprint,
        max_tries=settings.code_tries,
        context=registration.method.prepare(
            registration.details, settings=settings, last_counter=registration.last_counter
        ),
        expires_at=Now() + timedelta(minutes=settings.code_minutes),
    )
    challenge.refresh_from_db()
    _send(challenge, registration)
    if registration.method.sends:
        _record(tags.CHALLENGE_SENT, challenge, registration, actor=actor)
    return challenge


def resend(challenge: Challenge, *, settings: Settings, actor: Actor) -> Challenge:
    """A new code for an open or expired challenge; tries and counters are kept.

    Raises sending.TooEarly and throttling.Throttled. One that has ended is returned as it is.
    """
    registration = challenge.registration
    hits = sending.charge(registration, actor)
    with transaction.atomic():
        renewed = Challenge.objects.filter(
            pk=challenge.pk, generation=challenge.generation, closed_at=None
        ).update(
            generation=F("generation") + 1,
            issued_at=Now(),
            expires_at=Now() + timedelta(minutes=settings.code_minutes),
        )
        challenge.refresh_from_db()
        if renewed:
            _send(challenge, registration)
            _record(tags.CHALLENGE_RESENT, challenge, registration, actor=actor)
    if not renewed:
        throttling.give_back(*hits)
    return challenge


def answer(
    challenge: Challenge,
    given: Mapping[str, Any],
    *,
    purpose: Purpose,
    flow: str,
    actor: Actor,
    then: Callable[[Challenge], object],
) -> Answer:
    """Count the try, compare, and if it is right consume the challenge together with `then`.

    `given` is the cleaned data of the kind's answer form. Raises throttling.Throttled, and then
    nothing was compared. Whatever `then` raises undoes the success but not the counted try.
    """
    if challenge.purpose != purpose or challenge.flow != flow:
        return Answer(Result.ENDED)
    hits = answering.charge(challenge, actor)
    if not _count(challenge):
        throttling.give_back(*hits)
        return Answer(_why_ended(challenge))
    registration = challenge.registration
    verdict = registration.method.check(challenge.prompt(registration.details), given)
    result = Result.WRONG
    if verdict.right:
        result = _consume(challenge, registration, verdict, actor, then)
    if result is Result.WRONG:
        return _refuse(challenge, registration, actor)
    if result is Result.RIGHT:
        throttling.give_back(*hits)
    return Answer(result)


def cancel(registration: Registration) -> None:
    """End whatever is open for this registration: its value changes, or nobody wants it."""
    Challenge.objects.for_proof_of(registration).close(Outcome.CANCELED)


def _send(challenge: Challenge, registration: Registration) -> None:
    if registration.method.sends:
        messaging.queue_code(
            registration.user,
            channel=registration.method.sends,
            reference=challenge.id,
            generation=challenge.generation,
            expires_at=challenge.expires_at,
        )


def _count(challenge: Challenge) -> bool:
    """The try is spent before anything is compared, and stays spent (security: count first)."""
    with transaction.atomic(durable=True):
        counted = (
            Challenge.objects.open()
            .filter(
                pk=challenge.pk,
                generation=challenge.generation,
                destination=challenge.registration.fingerprint,
                tries__lt=F("max_tries"),
            )
            .update(tries=F("tries") + 1)
        )
    return counted == 1


def _why_ended(challenge: Challenge) -> Result:
    found = Challenge.objects.filter(pk=challenge.pk).first()
    if found is None:
        return Result.ENDED
    if found.outcome == Outcome.VERIFIED:
        return Result.USED
    if found.outcome == Outcome.EXHAUSTED or found.tries >= found.max_tries:
        return Result.EXHAUSTED
    return Result.ENDED if found.closed_at else Result.EXPIRED


def _refuse(challenge: Challenge, registration: Registration, actor: Actor) -> Answer:
    tries = Challenge.objects.filter(pk=challenge.pk).values_list("tries", flat=True).first()
    if tries is None:
        return Answer(Result.ENDED)
    left = max(challenge.max_tries - tries, 0)
    with transaction.atomic():
        _record(
            tags.CHALLENGE_ANSWERED,
            challenge,
            registration,
            actor=actor,
            result="refused",
            reason="wrong",
        )
        if not left and Challenge.objects.filter(pk=challenge.pk).close(Outcome.EXHAUSTED):
            _record(tags.CHALLENGE_EXHAUSTED, challenge, registration, actor=actor)
    return Answer(Result.WRONG if left else Result.EXHAUSTED, left)


def _consume(
    challenge: Challenge,
    registration: Registration,
    verdict: Verdict,
    actor: Actor,
    then: Callable[[Challenge], object],
) -> Result:
    """One transaction: challenge, counter, and what it was for. WRONG: the counter was used."""
    with transaction.atomic():
        changes.lock(registration.user)  # first, as every change does: no two wait for each other
        closed = (
            Challenge.objects.open()
            .filter(pk=challenge.pk, generation=challenge.generation)
            .close(Outcome.VERIFIED)
        )
        if closed != 1:
            return _why_ended(challenge)
        if verdict.counter is not None and not _raise_counter(registration, verdict.counter):
            transaction.set_rollback(True)
            return Result.WRONG
        _record(tags.CHALLENGE_ANSWERED, challenge, registration, actor=actor)
        then(challenge)
    return Result.RIGHT


def _raise_counter(registration: Registration, counter: int) -> bool:
    older = Registration.objects.filter(pk=registration.pk, last_counter__lt=counter)
    if older.update(last_counter=counter) != 1:
        return False
    registration.last_counter = counter
    return True


def _record(
    tag: str,
    challenge: Challenge,
    registration: Registration,
    *,
    actor: Actor,
    result: str = "ok",
    reason: str = "",
) -> None:
    log.record(
        tag,
        actor=actor,
        subject=registration.user.public_id,
        result=result,
        reason=reason,
        kind=registration.kind,
        masked=registration.summary,
        purpose=challenge.purpose,
    )
