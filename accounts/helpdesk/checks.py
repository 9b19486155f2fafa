"""The check of a caller by a registered method: asked, answered, and what becomes of the case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.helpdesk import cases
from accounts.helpdesk.models import HelpdeskCase
from accounts.models import User
from methods import caller_check
from methods.answers import Answer, Result
from methods.models import Challenge, Outcome, Registration
from methods.standing import Standing
from securityinfo.actor import Actor
from securityinfo.audit import tags
from securityinfo.policy import service as policy


def ways(person: User) -> dict[str, Registration]:
    """What can check this caller now, by public id."""
    standing = Standing.of(person, policy.current_for(person))
    return {str(each.uuid): each for each in caller_check.ways(standing)}


def method_of(case: HelpdeskCase) -> Registration | None:
    """As long as it may still check."""
    return ways(case.person).get(str(case.method))


def ask(case: HelpdeskCase, registration: Registration, *, actor: Actor) -> None:
    """Sends what the method sends, once more if it is asked for again.

    Raises what sending.charge does.
    """
    challenge = caller_check.ask(
        registration,
        flow=_flow(case),
        words=case.words,
        settings=policy.current(),
        actor=actor,
    )
    HelpdeskCase.objects.filter(pk=case.pk).update(
        challenge=challenge.pk, ends_at=challenge.expires_at
    )
    User.objects.filter(pk=case.person_id).update(caller_words_until=challenge.expires_at)


def challenge_of(case: HelpdeskCase, registration: Registration) -> Challenge | None:
    return caller_check.challenge_of(case.challenge, registration) if case.challenge else None


def answer(
    case: HelpdeskCase, challenge: Challenge, given: Mapping[str, Any], *, actor: Actor
) -> Answer:
    """If it is right, the case is open. Raises throttling.Throttled and cases.NotHelped."""
    found = caller_check.answer(
        challenge,
        given,
        flow=_flow(case),
        actor=actor,
        then=lambda _: cases.opened(case, settings=policy.current(), actor=actor),
    )
    if found.result in (Result.WRONG, Result.EXHAUSTED):
        with transaction.atomic():
            cases.record(
                tags.HELPDESK_CHECK_FAILED, case, case.person, actor, result="refused", why="wrong"
            )
    return found


def is_over(challenge: Challenge) -> bool:
    """Nothing can answer it any more; another one may be asked for."""
    return challenge.outcome in (Outcome.EXHAUSTED, Outcome.DISOWNED, Outcome.CANCELED)


def _flow(case: HelpdeskCase) -> str:
    return f"caller:{case.public_id}"
