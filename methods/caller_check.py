"""Checking who is calling: a code or a call to a method that the person has registered (HD3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from methods import answering, answers, challenges
from methods.answers import Answer
from methods.models import Challenge, Registration
from methods.standing import Standing, strongest_first
from securityinfo import throttling
from securityinfo.actor import Actor
from securityinfo.policy.rules import Purpose, Settings

if TYPE_CHECKING:
    from accounts.models import User


def ways(standing: Standing) -> tuple[Registration, ...]:
    """What can check this caller, strongest first.

    Nothing new and nothing held: it may be a stranger's who is calling to get the rest.
    """
    return strongest_first(
        each
        for each in standing.usable
        if Purpose.CALLER in each.method.purposes and not each.is_new() and not each.is_held()
    )


def ask(
    registration: Registration, *, flow: str, words: str, settings: Settings, actor: Actor
) -> Challenge:
    """`words` stand in the message too. Raises what sending.charge does."""
    return challenges.issue(
        registration,
        purpose=Purpose.CALLER,
        flow=flow,
        settings=settings,
        actor=actor,
        also={"words": words},
    )


def challenge_of(pk: UUID, registration: Registration) -> Challenge | None:
    """With its person and method as they were read together."""
    found = Challenge.objects.filter(pk=pk, registration=registration).first()
    if found is not None:
        found.registration, found.user = registration, registration.user
    return found


def answer(
    challenge: Challenge,
    given: Mapping[str, Any],
    *,
    flow: str,
    actor: Actor,
    then: Callable[[Challenge], object],
) -> Answer:
    """Raises throttling.Throttled, and then nothing was compared."""
    return answers.judge(
        challenge, given, purpose=Purpose.CALLER, flow=flow, actor=actor, then=then
    )


def closed_until(user: User) -> datetime | None:
    """After too many wrong codes of one person; None while codes may be asked for."""
    return throttling.free_at(tries_of(user))


def tries_of(user: User) -> list[throttling.Try]:
    """The counters of this check: of what is typed, and of what is keyed into a phone."""
    by_phone = answering.by_account(Purpose.CALLER, f"{user.pk}:phone")
    return [*answering.by_account(Purpose.CALLER, str(user.pk)), *by_phone]
