"""The second person: for what it takes one, and who that may be (HD10, R103)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from accounts.helpdesk import people
from accounts.helpdesk.models import Action, HelpdeskAction, HelpdeskCase
from accounts.models import Role, User
from accounts.ranks import RANKS
from methods import removal
from methods.standing import Standing
from securityinfo.duties import Duty
from securityinfo.policy import service as policy

REPEATED_WITHIN = 7  # days


def is_needed(case: HelpdeskCase, person: User, name: str, details: Mapping[str, Any]) -> bool:
    """For staff always; for others as policy has it."""
    if person.is_privileged:
        return True
    asks = policy.current().second_approver
    if asks == "removal" and _removes_all(person, name, details):
        return True
    return asks != "nobody" and was_helped(person, before=case)


def agreed_to(case: HelpdeskCase, name: str) -> HelpdeskAction | None:
    """What whoever asked has still to do: to issue a pass, as it was agreed to."""
    agreed = HelpdeskAction.objects.agreed().filter(case=case, name=name)
    return agreed.order_by("decided_at").first()


def _removes_all(person: User, name: str, details: Mapping[str, Any]) -> bool:
    """All methods that sign the person in, at once or with the last one that works."""
    if name == Action.REREGISTER:
        return True
    if name != Action.DELETE:
        return False
    left = [each for each in removal.for_sign_in(person) if str(each.uuid) != details["method"]]
    if not any(each.confirmed for each in left):
        return True
    standing = Standing.of(person, policy.current_for(person))
    found = standing.named(UUID(details["method"]))
    if found is None or not standing.for_sign_in:
        return False
    return not standing.without(found).for_sign_in


def was_helped(person: User, *, before: HelpdeskCase | None = None) -> bool:
    """In the last days, in another case than this."""
    helped = HelpdeskAction.objects.of(person).done().within(REPEATED_WITHIN)
    return (helped.exclude(case=before) if before else helped).exists()


def may_decide(decider: User, case: HelpdeskCase, person: User) -> bool:
    """Neither who asked nor who is helped, and of no lower role than whoever asked."""
    if decider.pk == case.agent_id or not decider.may(Duty.APPROVE_HELP):
        return False
    may_help = people.may_help(decider, person) and people.may_help(case.agent, person)
    return may_help and RANKS[Role(decider.role)] >= RANKS[Role(case.agent.role)]


def to_decide(decider: User) -> list[HelpdeskAction]:
    """What waits for this agent or administrator, the oldest first."""
    waiting = HelpdeskAction.objects.waiting().select_related("case__person", "case__agent")
    return [
        each
        for each in waiting.order_by("asked_at")[:100]
        if may_decide(decider, each.case, each.case.person)
    ]
