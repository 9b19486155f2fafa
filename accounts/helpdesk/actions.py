"""What an agent may do in an open case: once for each form, within limits, with what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models.functions import Greatest, Now

from accounts import passes
from accounts.helpdesk import cases, limits, passing, people, protecting, removing, second
from accounts.helpdesk.doing import CarryOut, Doing
from accounts.helpdesk.models import Action, HelpdeskAction, HelpdeskCase, State
from accounts.models import User
from methods import changes
from securityinfo import clock, throttling
from securityinfo.actor import Actor
from securityinfo.audit import tags

CARRY_OUT: Mapping[str, CarryOut] = {
    Action.DELETE: removing.delete_method,
    Action.REREGISTER: removing.reregister,
    Action.END_SESSIONS: protecting.end_sessions,
    Action.UNLOCK: protecting.unlock,
    Action.LIFT_FREEZE: protecting.lift_freeze,
    Action.PASS: passing.issue,
}


# How long whoever asked has for a pass once a second person has agreed.
TO_ISSUE_IT = timedelta(minutes=10)


class Outcome(StrEnum):
    DONE = "done"
    AGAIN = "again"  # this form was sent before: it was done once, then
    WAITING = "waiting"  # for a second person
    NOTHING = "nothing"  # to do any more
    CLOSED = "closed"  # the case is over, or this agent may not help this person any more


@dataclass(frozen=True)
class Performed:
    outcome: Outcome
    came_of_it: object = None  # a pass, to be shown once


def perform(
    case: HelpdeskCase, name: Action, details: Mapping[str, Any], *, token: str, actor: Actor
) -> Performed:
    """Check, write, record, notify. `token`: of the form, another one each time it is shown.

    Raises throttling.Throttled and passes.NotIssued, and then nothing was done.
    """
    if HelpdeskAction.objects.filter(case=case, token=token).exists():
        return Performed(Outcome.AGAIN)
    hits = limits.charge(case.agent, actor)
    counts = False
    try:
        performed = _perform(case, name, details, token, actor)
        counts = performed.outcome in (Outcome.DONE, Outcome.WAITING)
    except passes.NotIssued as refusal:
        cases.refused(case.person, actor, refusal.why)
        raise
    finally:
        if not counts:
            throttling.give_back(*hits)
    return performed


@transaction.atomic
def _perform(
    case: HelpdeskCase, name: Action, details: Mapping[str, Any], token: str, actor: Actor
) -> Performed:
    person = changes.lock(case.person)
    found = HelpdeskCase.objects.open().filter(pk=case.pk).select_related("agent").first()
    if found is None or not people.may_help(found.agent, person):
        return Performed(Outcome.CLOSED)
    if HelpdeskAction.objects.filter(case=case, token=token).exists():
        return Performed(Outcome.AGAIN)  # the other click of two was faster
    doing = Doing.of(found, person, actor)
    agreed = second.agreed_to(found, name)
    if agreed is None and second.is_needed(found, person, name, details):
        _ask(doing, name, details, token)
        return Performed(Outcome.WAITING)
    action = agreed or HelpdeskAction(case=found, name=name, details=dict(details))
    came_of_it = CARRY_OUT[name](doing, action.details)
    if not came_of_it:
        return Performed(Outcome.NOTHING)
    action.token, action.state, action.done_at = token, State.DONE, clock.now()
    action.save()
    return Performed(Outcome.DONE, came_of_it)


def _ask(doing: Doing, name: Action, details: Mapping[str, Any], token: str) -> None:
    asked = HelpdeskAction.objects.create(
        case=doing.case, name=name, token=token, details=dict(details), state=State.WAITING
    )
    doing.record(tags.HELPDESK_SECOND_ASKED, action=name, asked=asked.public_id)


@transaction.atomic
def decide(asked: HelpdeskAction, decider: User, *, agrees: bool, actor: Actor) -> Outcome:
    """By a second person: whoever agrees carries it out; a pass whoever asked for it (HD10).

    CLOSED: decided already, too late, or not theirs to decide. NOTHING: agreed, and done meanwhile.
    """
    person = changes.lock(asked.case.person)
    decider = User.objects.get(pk=decider.pk)
    waiting = HelpdeskAction.objects.waiting().select_related("case__agent")
    found = waiting.filter(pk=asked.pk).first()
    if found is None or not second.may_decide(decider, found.case, person):
        return Outcome.CLOSED
    doing = Doing.of(found.case, person, actor)
    tag = tags.HELPDESK_SECOND_AGREED if agrees else tags.HELPDESK_SECOND_REFUSED
    doing.record(tag, action=found.name, asked=found.public_id)
    found.decided_by, found.decided_at = decider, clock.now()
    found.state = State.REFUSED if not agrees else State.AGREED
    done: object = True
    if agrees and found.name == Action.PASS:
        HelpdeskCase.objects.filter(pk=found.case.pk).update(
            ends_at=Greatest("ends_at", Now() + TO_ISSUE_IT)
        )
    elif agrees:
        done = CARRY_OUT[found.name](doing, found.details)
        found.state, found.done_at = State.DONE, clock.now()
    found.save()
    return Outcome.DONE if done else Outcome.NOTHING
