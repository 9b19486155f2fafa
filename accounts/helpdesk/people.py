"""Whom an agent may help, and how a person is found."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts import names
from accounts.models import User
from methods import lookup
from securityinfo.actor import Actor
from securityinfo.audit import log, tags

SHORTEST = 2  # characters: one letter finds everybody
LONGEST = 254  # a work address
MOST = 20


def may_help(agent: User, person: User) -> bool:
    """HD1: people of a strictly lower rank, so never oneself."""
    return agent.is_active and agent.may_help(person)


def named(agent: User, public_id: UUID) -> User | None:
    """None for somebody whom this agent may not help, as for nobody."""
    person = User.objects.filter(public_id=public_id).first()
    return person if person and may_help(agent, person) else None


def search(typed: str, *, agent: User, actor: Actor) -> list[User]:
    """HD2: by the beginning of a name, by employee number, or by a whole number or address.

    What was typed is recorded nowhere: it may be somebody's number.
    """
    found = _found(typed.strip()[:LONGEST], User.objects.helped_by(agent))
    with transaction.atomic():
        log.record(
            tags.HELPDESK_SEARCHED, actor=actor, found=[str(each.public_id) for each in found]
        )
    return found


def listed(agent: User, public_ids: list[str]) -> list[User]:
    """Those found before, as they are now."""
    people = User.objects.helped_by(agent).filter(public_id__in=public_ids[:MOST])
    return sorted(people, key=lambda each: public_ids.index(str(each.public_id)))


def _found(typed: str, helped: QuerySet[User]) -> list[User]:
    """Whoever is meant exactly comes first, however many begin like it."""
    named = User.objects.named(typed)
    numbered = User.objects.filter(employee_number__iexact=typed).exclude(employee_number="")
    # The most that could own one number, twice: not all of them may be helped.
    reached = lookup.find(typed)[: 2 * MOST].values_list("user_id", flat=True)
    keys = [*([named.pk] if named else []), *numbered.values_list("pk", flat=True)[:MOST], *reached]
    exact = {each.pk: each for each in helped.filter(pk__in=keys)}
    begun = {each.pk: each for each in _begins(typed, helped) if each.pk not in exact}
    return [*sorted(exact.values(), key=_by_name), *sorted(begun.values(), key=_by_name)][:MOST]


def _begins(typed: str, helped: QuerySet[User]) -> list[User]:
    """One query for each column: each is answered by its own index."""
    found: list[User] = []
    for column in names.COLUMNS:
        begins = helped.filter(names.beginning_with(typed, [column]))
        found += begins.order_by()[:MOST]
    return found


def _by_name(person: User) -> tuple[str, str]:
    return person.get_full_name().casefold(), person.username
