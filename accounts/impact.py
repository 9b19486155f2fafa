"""What another policy would do to everybody: one query, then the rules that the pages go by.

The database gives a short text for what each person has; many people share one. The rules are asked
once for each text. What opens only with the keys, and what passes by itself, is left out: damaged
methods count as whole, new and held ones as settled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts import reset_policy
from accounts.models import Role, User
from methods import headcount, registry
from methods.models import Registration
from methods.standing import Standing
from securityinfo import clock
from securityinfo.policy.effects import Affected, Effect
from securityinfo.policy.rules import Purpose, Ruleset
from securityinfo.policy.service import Policy

# "sms*,call authenticator": what proves the same number stands together, the default with *, what
# is suspended or can't be reached with !.
PEOPLE = """
    SELECT person.username, person.full_name,
        person.role <> 'person' OR person.duty_rank > 0,
        COALESCE(member.joined, ''), COALESCE(held.methods, '')
    FROM accounts_user AS person
    LEFT JOIN (
        SELECT user_id, STRING_AGG(proofs, ' ') AS methods
        FROM (
            SELECT user_id, STRING_AGG(
                kind
                || CASE WHEN suspended_at IS NOT NULL OR undeliverable <> '' THEN '!' ELSE '' END
                || CASE WHEN is_default THEN '*' ELSE '' END,
                ','
            ) AS proofs
            FROM methods_registration
            WHERE confirmed
            GROUP BY user_id, channel
        ) AS channels
        GROUP BY user_id
    ) AS held ON held.user_id = person.id
    LEFT JOIN (
        SELECT user_id, STRING_AGG(CAST(group_id AS VARCHAR(20)), ',') AS joined
        FROM accounts_user_groups
        GROUP BY user_id
    ) AS member ON member.user_id = person.id
    WHERE person.is_active
    ORDER BY person.username
"""
NOT_USABLE, DEFAULT = "!", "*"


@dataclass(frozen=True)
class Outcome:
    """Where a person stands under one policy."""

    for_sign_in: frozenset[int]  # keys of methods
    for_reset: frozenset[int]
    can_reset: bool
    has_enough: bool
    is_asked: bool  # to register
    asked_first: int | None


def affected(before: Policy, after: Policy) -> Iterator[Affected]:
    """Everybody for whom something changes, by user name."""
    known: dict[tuple[bool, str, str], frozenset[Effect]] = {}
    for user_name, full_name, privileged, joined, methods in _people():
        alike = (bool(privileged), joined, methods)
        effects = known.get(alike)
        if effects is None:
            effects = known[alike] = _effects(before, after, *alike)
        if effects:
            yield Affected(user_name, full_name, effects)


def _people() -> Iterator[tuple[Any, ...]]:
    """Piece by piece, so that no more than one is in memory."""
    sql = (
        PEOPLE
        if connection.vendor == "postgresql"
        else PEOPLE.replace("STRING_AGG", "GROUP_CONCAT")
    )
    with headcount.roomy(), connection.chunked_cursor() as cursor:
        cursor.execute(sql)
        while piece := cursor.fetchmany(2_000):
            yield from piece


def _effects(
    before: Policy, after: Policy, privileged: bool, joined: str, methods: str
) -> frozenset[Effect]:
    groups = frozenset(int(each) for each in joined.split(",") if each)
    registrations = tuple(
        sorted(_registrations(methods), key=lambda each: (each.method.position, each.pk))
    )
    old, new = (
        outcome_of(registrations, policy.ruleset(groups, privileged=privileged))
        for policy in (before, after)
    )
    return frozenset(_between(old, new))


def _between(old: Outcome, new: Outcome) -> Iterator[Effect]:
    if old.for_sign_in and not new.for_sign_in:
        yield Effect.NO_SIGN_IN
    if old.can_reset and not new.can_reset:
        yield Effect.NO_RESET
    if old.for_sign_in - new.for_sign_in or old.for_reset - new.for_reset:
        yield Effect.LOSES_METHOD
    if old.has_enough and not new.has_enough:
        yield Effect.TOO_FEW
    if new.for_sign_in and old.asked_first is not None and old.asked_first != new.asked_first:
        yield Effect.OTHER_DEFAULT
    if new.is_asked and not old.is_asked:
        yield Effect.ASKED


def outcome_of(registrations: tuple[Registration, ...], ruleset: Ruleset) -> Outcome:
    role = Role.HELPDESK if ruleset.privileged else Role.PERSON
    standing = Standing(User(role=role, created_at=clock.now()), ruleset, registrations)
    first, needed = standing.asked_first, standing.needed
    return Outcome(
        for_sign_in=frozenset(each.pk for each in standing.for_sign_in),
        for_reset=frozenset(each.pk for each in standing.able_to(Purpose.RESET)),
        can_reset=can_reset(standing),
        has_enough=standing.channels >= ruleset.channels_needed(standing.reachable),
        is_asked=bool(needed),
        asked_first=first.pk if first else None,
    )


def can_reset(standing: Standing) -> bool:
    """Whether a reset of the password would come to its end.

    More than "capable of reset" in the reports (RE1), which counts methods: here one check may be
    too weak beside a stronger method.
    """
    return bool(standing.ruleset.may_reset()) and any(
        reset_policy.is_way_through(first, standing) for first in standing.able_to(Purpose.RESET)
    )


def _registrations(methods: str) -> Iterator[Registration]:
    """Methods with nothing but what the rules ask for; never stored."""
    keys = iter(range(1, len(methods) + 1))
    for channel, proofs in enumerate(methods.split()):
        for proof in proofs.split(","):
            kind = proof.rstrip(NOT_USABLE + DEFAULT)
            if not registry.has(kind):
                continue
            row = Registration(
                pk=next(keys),
                kind=kind,
                channel=str(channel),
                is_default=DEFAULT in proof,
                suspended_at=clock.now() if NOT_USABLE in proof else None,
            )
            row.is_damaged = False
            yield row
