"""A case from its check to its end: begun, opened, closed; one at a time for each person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from accounts.helpdesk import limits, people, words
from accounts.helpdesk.models import CODE, HelpdeskAction, HelpdeskCase, State
from accounts.models import User
from methods import changes
from methods.models import Registration
from securityinfo import throttling
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.policy.rules import Settings

# What may be somebody's number or address: the log keeps none, whatever an agent types (R112).
_PRIVATE = re.compile(r"\S+@\S+|\+?\d[\d\s()./-]{3,}\d")


class Taken(Exception):
    """Somebody else is helping this person; `case` tells who, and until when."""

    def __init__(self, case: HelpdeskCase) -> None:
        super().__init__(case)
        self.case = case


class NotHelped(Exception):
    """This agent may not help this person, or no longer."""


@dataclass(frozen=True)
class Check:
    """How the caller is checked, and why there is a case."""

    name: str  # of the policy's `caller_checks`
    reason: str
    ticket: str = ""
    manager: str = ""
    method: Registration | None = None


def current(agent: User, person: User) -> HelpdeskCase | None:
    """The one that this agent leads: being checked or open; None if its time is over."""
    return HelpdeskCase.objects.of(person).led_by(agent).current().first()


def open_of(agent: User) -> list[HelpdeskCase]:
    return list(
        HelpdeskCase.objects.led_by(agent).current().select_related("person").order_by("ends_at")
    )


def begin(person: User, check: Check, *, agent: User, settings: Settings, actor: Actor) -> int:
    """Opens the case at once if the check was done and is recorded now; its id.

    Raises Taken and NotHelped, which is recorded, and throttling.Throttled.
    """
    hits = limits.charge_case(agent, actor)
    try:
        return _begin(person, check, agent=agent, settings=settings, actor=actor)
    except (Taken, NotHelped) as refusal:
        throttling.give_back(*hits)
        refused(person, actor, "taken" if isinstance(refusal, Taken) else "not_helped")
        raise


@transaction.atomic
def refused(person: User, actor: Actor, why: str) -> None:
    """Outside of what was refused, which has been undone."""
    log.record(
        tags.HELPDESK_REFUSED, actor=actor, subject=person.public_id, result="refused", reason=why
    )


@transaction.atomic
def _begin(person: User, check: Check, *, agent: User, settings: Settings, actor: Actor) -> int:
    person = changes.lock(person)
    if not people.may_help(agent, person) or not person.is_active:
        raise NotHelped
    for other in HelpdeskCase.objects.of(person).current().exclude(agent=agent):
        raise Taken(other)
    end(person, actor=actor)
    case = HelpdeskCase.objects.create(
        agent=agent,
        person=person,
        reason=check.reason,
        ticket=check.ticket,
        check_name=check.name,
        manager=check.manager,
        kind=check.method.kind if check.method else "",
        masked=check.method.summary if check.method else "",
        method=check.method.uuid if check.method else None,
        words=words.two(),
        ends_at=Now() + timedelta(minutes=settings.code_minutes),
    )
    _show_words(person, case, settings.code_minutes)
    if check.name != CODE:
        record(tags.HELPDESK_CHECK_RECORDED, case, person, actor, manager=check.manager)
        _open(case, person, settings, actor)
    return case.pk


def opened(case: HelpdeskCase, *, settings: Settings, actor: Actor) -> None:
    """The code was right. In the transaction of the answer, which is undone if this raises.

    Raises NotHelped.
    """
    person = changes.lock(case.person)
    is_checking = HelpdeskCase.objects.checking().filter(pk=case.pk).exists()
    if not (is_checking and people.may_help(case.agent, person)):
        raise NotHelped
    record(tags.HELPDESK_CHECK_PASSED, case, person, actor)
    _open(case, person, settings, actor)


@transaction.atomic
def close(case: HelpdeskCase, *, actor: Actor) -> None:
    """By its agent; nothing if it is closed already."""
    person = changes.lock(case.person)
    if HelpdeskCase.objects.not_closed().filter(pk=case.pk).exists():
        _close(case, person, actor)


def end(person: User, *, actor: Actor) -> None:
    """Whoever led it: the caller has to be checked again. In a transaction that holds the row."""
    for case in HelpdeskCase.objects.of(person).not_closed():
        _close(case, person, actor)


def purge() -> int:
    return HelpdeskCase.objects.over().delete()[0]


def record(
    tag: str, case: HelpdeskCase, person: User, actor: Actor, *, result: str = "ok", **facts: Any
) -> None:
    """An event of this case, which every event of it names."""
    log.record(
        tag,
        actor=actor,
        subject=person.public_id,
        result=result,
        kind=case.kind,
        masked=case.masked,
        purpose="caller",
        case=case.public_id,
        check=case.check_name,
        **facts,
    )


def without_private(text: str) -> str:
    """A reason for the log, which is kept for years: without numbers and addresses."""
    return _PRIVATE.sub("•••", text)


def _open(case: HelpdeskCase, person: User, settings: Settings, actor: Actor) -> None:
    HelpdeskCase.objects.filter(pk=case.pk).update(
        opened_at=Now(), ends_at=Now() + timedelta(minutes=settings.case_minutes)
    )
    _show_words(person, case, settings.case_minutes)
    why = without_private(case.reason)
    record(tags.HELPDESK_CASE_OPENED, case, person, actor, why=why, ticket=case.ticket)


def _close(case: HelpdeskCase, person: User, actor: Actor) -> None:
    unfinished = HelpdeskAction.objects.filter(case=case, state__in=[State.WAITING, State.AGREED])
    unfinished.update(state=State.CANCELED)
    HelpdeskCase.objects.filter(pk=case.pk).update(closed_at=Now())
    User.objects.filter(pk=person.pk).update(caller_words="", caller_words_until=None)
    if case.is_checked:
        record(tags.HELPDESK_CASE_CLOSED, case, person, actor)


def _show_words(person: User, case: HelpdeskCase, minutes: int) -> None:
    User.objects.filter(pk=person.pk).update(
        caller_words=case.words, caller_words_until=Now() + timedelta(minutes=minutes)
    )
