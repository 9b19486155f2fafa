"""Asking for proof: issue, resend, answer, cancel. Expiry and tries are here, nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from methods import answering, changes, sending, undeliverable
from methods.answers import Answer, Result
from methods.base import Verdict
from methods.models import Challenge, Keyed, Outcome, Registration
from securityinfo import throttling
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.messaging import service as messaging
from securityinfo.policy.rules import Purpose, Settings

WRONG = {"result": "refused", "reason": "wrong"}  # how the event says it

__all__ = ["Answer", "Result", "answer", "cancel", "disown", "issue", "key_in", "resend", "start"]


def issue(
    registration: Registration,
    *,
    purpose: Purpose,
    flow: str,
    settings: Settings,
    actor: Actor,
) -> Challenge:
    """A new challenge, with its message if the kind sends one. Ends the older one of this purpose.

    Raises what sending.charge does; then nothing was changed. Not inside a transaction: what is
    charged stays charged.
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

    Raises what sending.charge does. One that has ended is returned as it is.
    """
    registration = challenge.registration
    hits = sending.charge(registration, actor)
    with transaction.atomic():
        renewed = Challenge.objects.filter(
            pk=challenge.pk, generation=challenge.generation, closed_at=None
        ).update(
            generation=F("generation") + 1,
            keyed="",
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
    registration = challenge.registration
    if registration.method.is_keyed:
        return _go_on(challenge, registration, actor, then)
    return _judge(
        challenge, given, actor, lambda right: _consume(challenge, registration, right, actor, then)
    )


def key_in(challenge: Challenge, given: Mapping[str, Any], *, actor: Actor) -> Answer:
    """`answer` by the keys of a phone: if it is right, the page that waits may go on.

    Raises throttling.Throttled, and then nothing was compared.
    """
    return _judge(challenge, given, actor, lambda _: _note_right(challenge))


@transaction.atomic
def disown(challenge: Challenge, *, actor: Actor) -> bool:
    """The person who was reached did not ask for this; False if it was over already."""
    if not Challenge.objects.open().filter(pk=challenge.pk).close(Outcome.DISOWNED):
        return False
    _record(tags.CHALLENGE_DISOWNED, challenge, challenge.registration, actor=actor)
    return True


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
            destination=registration.channel,
            expires_at=challenge.expires_at,
        )


def _judge(
    challenge: Challenge,
    given: Mapping[str, Any],
    actor: Actor,
    consume: Callable[[Verdict], Result],
) -> Answer:
    """Count, compare, consume. What is keyed into a phone is worth one try in each call."""
    registration = challenge.registration
    hits = answering.charge(challenge, actor)
    if not _count(challenge, keyed=registration.method.is_keyed):
        throttling.give_back(*hits)
        return Answer(_why_ended(challenge))
    verdict = registration.method.check(challenge.prompt(registration.details), given)
    result = consume(verdict) if verdict.right else Result.WRONG
    if result is Result.WRONG:
        return _refuse(challenge, registration, actor)
    if result is Result.RIGHT:
        throttling.give_back(*hits)
    return Answer(result)


def _count(challenge: Challenge, *, keyed: bool) -> bool:
    """The try is spent before anything is compared, and stays spent (security: count first)."""
    spent: dict[str, Any] = {"tries": F("tries") + 1}
    if keyed:
        spent["keyed"] = Keyed.WRONG
    with transaction.atomic(durable=True):
        counted = (
            Challenge.objects.as_read(challenge)
            .filter(
                destination=challenge.registration.fingerprint, tries__lt=F("max_tries"), keyed=""
            )
            .update(**spent)
        )
    return counted == 1


def _note_right(challenge: Challenge) -> Result:
    noted = Challenge.objects.as_read(challenge).update(keyed=Keyed.RIGHT)
    return Result.RIGHT if noted else _why_ended(challenge)


def _go_on(
    challenge: Challenge,
    registration: Registration,
    actor: Actor,
    then: Callable[[Challenge], object],
) -> Answer:
    """The page asks whether the phone has answered: nothing is compared, so no try is spent."""
    keyed = Challenge.objects.as_read(challenge).values_list("keyed", flat=True).first()
    if keyed is None:
        return Answer(_why_ended(challenge))
    if keyed == Keyed.RIGHT:
        return Answer(_consume(challenge, registration, Verdict(right=True), actor, then))
    if keyed == Keyed.WRONG:
        return Answer(Result.WRONG, _tries_left(challenge) or 0)
    return Answer(Result.AWAITED)


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
    left = _tries_left(challenge)
    if left is None:
        return Answer(Result.ENDED)
    with transaction.atomic():
        _record(tags.CHALLENGE_ANSWERED, challenge, registration, actor=actor, **WRONG)
        if not left and Challenge.objects.filter(pk=challenge.pk).close(Outcome.EXHAUSTED):
            _record(tags.CHALLENGE_EXHAUSTED, challenge, registration, actor=actor)
    return Answer(Result.WRONG if left else Result.EXHAUSTED, left)


def _tries_left(challenge: Challenge) -> int | None:
    """None if the challenge is gone."""
    tries = Challenge.objects.filter(pk=challenge.pk).values_list("tries", flat=True).first()
    return None if tries is None else max(challenge.max_tries - tries, 0)


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
        if Challenge.objects.as_read(challenge).close(Outcome.VERIFIED) != 1:
            return _why_ended(challenge)
        if verdict.counter is not None and not _raise_counter(registration, verdict.counter):
            transaction.set_rollback(True)
            return Result.WRONG
        _record(tags.CHALLENGE_ANSWERED, challenge, registration, actor=actor)
        undeliverable.proved(registration)
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
