"""What an agent may do in an open case: once for each form, within limits, with what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from accounts.helpdesk import limits, people, protecting, removing, second
from accounts.helpdesk.doing import CarryOut, Doing
from accounts.helpdesk.models import Action, HelpdeskAction, HelpdeskCase, State
from accounts.models import User
from methods import changes
from securityinfo import throttling
from securityinfo.actor import Actor
from securityinfo.audit import tags

CARRY_OUT: Mapping[str, CarryOut] = {
    Action.DELETE: removing.delete_method,
    Action.REREGISTER: removing.reregister,
    Action.END_SESSIONS: protecting.end_sessions,
    Action.UNLOCK: protecting.unlock,
    Action.LIFT_FREEZE: protecting.lift_freeze,
}


class Outcome(StrEnum):
    DONE = "done"
    AGAIN = "again"  # this form was sent before: it was done once, then
    WAITING = "waiting"  # for a second person
    NOTHING = "nothing"  # to do any more
    CLOSED = "closed"  # the case is over, or this agent may not help this person any more


def perform(
    case: HelpdeskCase, name: Action, details: Mapping[str, Any], *, token: str, actor: Actor
) -> Outcome:
    """Check, write, record, notify. `token`: of the form, another one each time it is shown.

    Raises throttling.Throttled, and then nothing was done.
    """
    if HelpdeskAction.objects.filter(case=case, token=token).exists():
        return Outcome.AGAIN
    hits = limits.charge(case.agent, actor)
    outcome = _perform(case, name, details, token, actor)
    if outcome not in (Outcome.DONE, Outcome.WAITING):
        throttling.give_back(*hits)
    return outcome


@transaction.atomic
def _perform(
    case: HelpdeskCase, name: Action, details: Mapping[str, Any], token: str, actor: Actor
) -> Outcome:
    person = changes.lock(case.person)
    found = HelpdeskCase.objects.open().filter(pk=case.pk).select_related("agent").first()
    if found is None or not people.may_help(found.agent, person):
        return Outcome.CLOSED
    if HelpdeskAction.objects.filter(case=case, token=token).exists():
        return Outcome.AGAIN  # the other click of two was faster
    row = {"case": found, "name": name, "token": token, "details": dict(details)}
    if second.is_needed(found, person, name):
        asked = HelpdeskAction.objects.create(**row, state=State.WAITING)
        Doing.of(found, person, actor).record(
            tags.HELPDESK_SECOND_ASKED, action=name, asked=asked.public_id
        )
        return Outcome.WAITING
    HelpdeskAction.objects.create(**row, state=State.DONE, done_at=Now())
    if not CARRY_OUT[name](Doing.of(found, person, actor), details):
        transaction.set_rollback(True)
        return Outcome.NOTHING
    return Outcome.DONE


@transaction.atomic
def decide(asked: HelpdeskAction, decider: User, *, agrees: bool, actor: Actor) -> Outcome:
    """By a second person: whoever agrees carries it out (HD10).

    CLOSED: decided already, too late, or not theirs to decide. NOTHING: agreed, and done meanwhile.
    """
    person = changes.lock(asked.case.person)
    decider = User.objects.get(pk=decider.pk)
    found = HelpdeskAction.objects.waiting().filter(pk=asked.pk).first()
    if found is None or not second.may_decide(decider, found.case, person):
        return Outcome.CLOSED
    doing = Doing.of(found.case, person, actor)
    tag = tags.HELPDESK_SECOND_AGREED if agrees else tags.HELPDESK_SECOND_REFUSED
    doing.record(tag, action=found.name, asked=found.public_id)
    state = State.DONE if agrees else State.REFUSED
    HelpdeskAction.objects.filter(pk=found.pk).update(
        state=state, decided_by=decider, decided_at=Now(), done_at=Now() if agrees else None
    )
    if not agrees:
        return Outcome.DONE
    done = CARRY_OUT[found.name](doing, found.details)
    return Outcome.DONE if done else Outcome.NOTHING
