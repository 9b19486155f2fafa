"""The second person: for what it takes one, and who that may be (HD10, R103)."""

from __future__ import annotations

from accounts.helpdesk import people
from accounts.helpdesk.models import Action, HelpdeskAction, HelpdeskCase
from accounts.models import Role, User
from accounts.ranks import RANKS
from securityinfo.duties import Duty
from securityinfo.policy import service as policy

REPEATED_WITHIN = 7  # days


def is_needed(case: HelpdeskCase, person: User, name: str) -> bool:
    """For staff always; for others as policy has it."""
    if person.is_privileged:
        return True
    asks = policy.current().second_approver
    if asks == "removal" and name == Action.REREGISTER:
        return True
    return asks != "nobody" and was_helped(person, before=case)


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
