"""Judging answers: count the try, compare, consume. Tries and replay are here, nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db import transaction

from methods import answering, challenges, fingerprints, statements, undeliverable
from methods.base import Verdict
from methods.models import Challenge, Keyed, Outcome, Registration
from securityinfo import crypto, throttling
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.durable import durable
from securityinfo.policy.rules import Purpose

WRONG: Any = {"result": "refused", "reason": "wrong"}  # how the event says it


class Result(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"
    EXHAUSTED = "exhausted"
    USED = "used"
    AWAITED = "awaited"  # nothing was keyed into the phone yet; no try was spent
    ENDED = "ended"  # replaced or canceled; or there never was such a challenge here


@dataclass(frozen=True)
class Answer:
    """What became of an answer; the rest counts after a wrong one."""

    result: Result
    tries_left: int = 0
    # Of this account, with this one; a known browser counts for itself.
    wrong_today: int = field(default=0, compare=False)

    def __bool__(self) -> bool:
        return self.result is Result.RIGHT


def judge(
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
    return _compare(
        challenge, given, actor, lambda right: _consume(challenge, registration, right, actor, then)
    )


def key_in(challenge: Challenge, given: Mapping[str, Any], *, actor: Actor) -> Answer:
    """`judge` by the keys of a phone: if it is right, the page that waits may go on.

    Raises throttling.Throttled, and then nothing was compared.
    """
    return _compare(challenge, given, actor, lambda _: _note_right(challenge))


def _compare(
    challenge: Challenge,
    given: Mapping[str, Any],
    actor: Actor,
    consume: Callable[[Verdict], Result],
) -> Answer:
    """Count, compare, consume. What is keyed into a phone is worth one try in each call."""
    registration = challenge.registration
    counted = answering.charge(challenge, actor)
    left = _count(challenge, keyed=registration.method.is_keyed)
    if left is None:
        throttling.give_back(*counted.hits)
        return Answer(_why_ended(challenge))
    verdict = registration.method.check(challenge.prompt(registration.details), given)
    result = consume(verdict) if verdict.right else Result.WRONG
    if result is Result.WRONG:
        _refuse(challenge, registration, actor, left)
        return Answer(Result.WRONG if left else Result.EXHAUSTED, left, counted.today)
    if result is Result.RIGHT:
        throttling.give_back(*counted.hits)
    return Answer(result)


def _count(challenge: Challenge, *, keyed: bool) -> int | None:
    """The try is spent before anything is compared, and stays spent (security: count first).

    How many are left; of tries at once exactly one is the last.
    """
    with durable():
        left = statements.count_try(challenge, keyed=keyed)
    if left is None and _is_named_anew(challenge):
        return _count(challenge, keyed=keyed)
    return left


def _is_named_anew(challenge: Challenge) -> bool:
    """The keys change, and only the fingerprint isn't the one that was read: now it is."""
    if not crypto.has_older_keys():
        return False
    registration = challenge.registration
    stored = Challenge.objects.filter(pk=challenge.pk).values_list("destination", flat=True).first()
    if stored in (None, registration.fingerprint):
        return False
    if not fingerprints.is_same(registration, str(stored)):
        return False
    registration.fingerprint = str(stored)
    return True


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
        return Answer(Result.WRONG, statements.tries_left(challenge) or 0)
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


def _refuse(challenge: Challenge, registration: Registration, actor: Actor, left: int) -> None:
    what = challenge, registration
    if left:  # the try was counted for good, and there is nothing else to write
        challenges.record(tags.CHALLENGE_ANSWERED, *what, actor=actor, is_alone=True, **WRONG)
        return
    with transaction.atomic():
        challenges.record(tags.CHALLENGE_ANSWERED, *what, actor=actor, **WRONG)
        if Challenge.objects.filter(pk=challenge.pk).close(Outcome.EXHAUSTED):
            challenges.record(tags.CHALLENGE_EXHAUSTED, *what, actor=actor)


def _consume(
    challenge: Challenge,
    registration: Registration,
    verdict: Verdict,
    actor: Actor,
    then: Callable[[Challenge], object],
) -> Result:
    """One transaction: challenge, counter, and what it was for. WRONG: the counter was used."""
    is_use = challenge.purpose != Purpose.REGISTER
    # Setting up goes on in savepoints, and an event in there doesn't wait for this one.
    with transaction.atomic(), log.together() if is_use else nullcontext():
        is_consumed, is_noted = statements.consume(
            challenge, registration, verdict.counter, is_use=is_use
        )
        if not is_consumed:
            return _why_ended(challenge)
        if not is_noted:
            transaction.set_rollback(True)
            return Result.WRONG
        challenges.record(tags.CHALLENGE_ANSWERED, challenge, registration, actor=actor)
        undeliverable.proved(registration)
        then(challenge)
    return Result.RIGHT
