"""How much one agent may do, and who hears when it is too much (HD10, R104)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from django.db import transaction

from accounts import duties
from accounts.models import User
from methods import contacts
from securityinfo import throttling
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.duties import Duty
from securityinfo.messaging import helpdesk_notices
from securityinfo.policy import service as policy
from securityinfo.throttling import limits


def charge(agent: User, actor: Actor) -> Sequence[throttling.Hit]:
    """Counts one action. Raises throttling.Throttled; administrators have been told then."""
    settings = policy.current()
    allowed = limits.actions_of_agent(settings.agent_actions_hour, settings.agent_actions_day)
    return _charge(agent, actor, allowed)


def charge_case(agent: User, actor: Actor) -> Sequence[throttling.Hit]:
    """Counts one check of a caller, as `charge`."""
    return _charge(agent, actor, limits.CASES_OF_AGENT)


def _charge(agent: User, actor: Actor, allowed: Sequence[limits.Limit]) -> Sequence[throttling.Hit]:
    try:
        return throttling.hit_all(allowed, str(agent.pk))
    except throttling.Throttled:
        _alarm(agent, actor)
        raise


def _alarm(agent: User, actor: Actor) -> None:
    """Once an hour; an agent who goes on pressing floods neither mailboxes nor the log."""
    with suppress(throttling.Throttled):
        throttling.hit(limits.AGENT_ALARMS, str(agent.pk))
        _tell(agent, actor)


@transaction.atomic
def _tell(agent: User, actor: Actor) -> None:
    log.record(tags.LIMIT_REACHED, actor=actor, result="refused", reason="helpdesk")
    others = duties.holders(Duty.MANAGE_PEOPLE).exclude(pk=agent.pk)
    for administrator in others:
        helpdesk_notices.limit_reached(
            administrator,
            contacts=[contacts.work_contact(administrator)],
            whose=agent.get_username(),
            actor=actor,
        )
